"""Pipelines, with their stages."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction

from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.crm.currencies import house_currency
from foresail.crm.errors import (
    LastStage,
    PipelineTaken,
    StageElsewhere,
    StageInUse,
    StageInvalid,
    StageRetired,
    StagesInvalid,
)
from foresail.crm.events import DealMoved, ManyTold
from foresail.crm.fields import DEAL, fields_of
from foresail.crm.models import Deal, Pipeline, Stage
from foresail.crm.services.changing import amend_many
from foresail.crm.services.permission import require_configuring
from foresail.crm.services.telling import actor, keep, tell_of_deal
from foresail.crm.services.values import currency_of, text_of
from foresail.people.services import KEEP
from foresail.people.services.users import Keep

if TYPE_CHECKING:
    from foresail.people.models import BusinessLine, User


LONGEST_STAY: Final = 3_650
AT_ONCE: Final = 2_000


@dataclass(frozen=True)
class StageSpec:
    """A stage to be made: `key` names it in logs and models, `usual_days` is how long deals usually stay."""

    key: str
    zh: str
    en: str
    usual_days: int | None = None


def add_pipeline(
    *,
    name: str,
    line: BusinessLine,
    stages: Sequence[StageSpec],
    currency: str | None = None,
    by: User | None,
    at: datetime,
) -> Pipeline:
    """Add a pipeline with its stages, in order; in the house currency unless said. For sales operations.

    Raises NotAllowed, PipelineTaken, StagesInvalid, TextInvalid or CurrencyInvalid.
    """
    with transaction.atomic():
        require_configuring(by=by)
        name = text_of(name, of="name", longest=150)
        keys = [text_of(stage.key, of="key", longest=50) for stage in stages]
        if not keys or len(set(keys)) < len(keys):
            raise StagesInvalid
        if Pipeline.objects.filter(line=line, name=name).exists():
            raise PipelineTaken(name=name)
        pipeline = Pipeline.objects.create(
            name=name, line=line, currency=currency_of(currency or house_currency())
        )
        Stage.objects.bulk_create(
            Stage(
                pipeline=pipeline,
                key=key,
                name_zh=text_of(stage.zh, of="name", longest=150),
                name_en=text_of(stage.en, of="name", longest=150),
                position=position,
                usual_days=stage.usual_days,
            )
            for position, (key, stage) in enumerate(zip(keys, stages, strict=True), start=1)
        )
        values = {"name": name, "line": line.pk, "currency": pipeline.currency, "stages": keys}
        tell("pipelines", 0)
        keep("add_pipeline", pipeline, values, by=by, at=at)
        return pipeline


def change_pipeline(
    *,
    pipeline: Pipeline,
    name: str | Keep = KEEP,
    currency: str | Keep = KEEP,
    by: User | None,
    at: datetime,
) -> None:
    """Change how a pipeline is called, or the currency of its new deals.

    Raises NotAllowed, PipelineTaken, TextInvalid or CurrencyInvalid.
    """
    with transaction.atomic():
        _hold(pipeline, by=by)
        if not isinstance(name, Keep):
            pipeline.name = text_of(name, of="name", longest=150)
            others = Pipeline.objects.filter(line=pipeline.line_id, name=pipeline.name).exclude(
                pk=pipeline.pk
            )
            if others.exists():
                raise PipelineTaken(name=pipeline.name)
        if not isinstance(currency, Keep):
            pipeline.currency = currency_of(currency)
        pipeline.save(update_fields=["name", "currency"])
        tell("pipelines", 0)
        values = {"name": pipeline.name, "currency": pipeline.currency}
        keep("change_pipeline", pipeline, values, by=by, at=at)


def add_stage(*, pipeline: Pipeline, spec: StageSpec, by: User | None, at: datetime) -> Stage:
    """Add a stage at the end of a pipeline. Raises NotAllowed, StagesInvalid, TextInvalid or StageInvalid."""
    with transaction.atomic():
        _hold(pipeline, by=by)
        stages = list(pipeline.stages.order_by("position"))
        key = text_of(spec.key, of="key", longest=50)
        if key in {each.key for each in stages}:
            raise StagesInvalid
        stage = Stage(
            pipeline=pipeline,
            key=key,
            name_zh=text_of(spec.zh, of="name", longest=150),
            name_en=text_of(spec.en, of="name", longest=150),
            usual_days=_stay(spec.usual_days),
            position=1 + max((each.position for each in stages), default=0),
        )
        stage.save(force_insert=True)
        _told("add_stage", stage, by=by, at=at)
        return stage


def change_stage(
    *,
    stage: Stage,
    name_zh: str | Keep = KEEP,
    name_en: str | Keep = KEEP,
    usual_days: int | Keep | None = KEEP,
    category: str | Keep = KEEP,
    requires: Sequence[str] | Keep = KEEP,
    by: User | None,
    at: datetime,
) -> None:
    """Change how a stage is called, how long deals usually stay, what it counts as, and what it asks for.

    Deals that stand in it already are asked nothing. Raises NotAllowed, TextInvalid or StageInvalid.
    """
    with transaction.atomic():
        _hold(stage.pipeline, by=by)
        stage.refresh_from_db()
        if not isinstance(name_zh, Keep):
            stage.name_zh = text_of(name_zh, of="name", longest=150)
        if not isinstance(name_en, Keep):
            stage.name_en = text_of(name_en, of="name", longest=150)
        if not isinstance(usual_days, Keep):
            stage.usual_days = _stay(usual_days)
        if not isinstance(category, Keep):
            if category not in Stage.Category.values:
                raise StageInvalid(zh="没有这种预测类别。", en="there is no such forecast category.")
            stage.category = category
        if not isinstance(requires, Keep):
            stage.requires = _askable(requires)
        stage.save()
        _told("change_stage", stage, by=by, at=at)


def order_stages(*, pipeline: Pipeline, keys: Sequence[str], by: User | None, at: datetime) -> None:
    """Put the stages of a pipeline in order, those out of use too. Raises NotAllowed, or StagesInvalid unless each is
    named once.
    """
    with transaction.atomic():
        _hold(pipeline, by=by)
        stages = {each.key: each for each in pipeline.stages.all()}
        if sorted(keys) != sorted(stages):
            raise StagesInvalid
        for position, key in enumerate(keys, start=1):
            stages[key].position = position
        Stage.objects.bulk_update(stages.values(), ["position"])
        tell("pipelines", 0)
        keep("order_stages", pipeline, {"stages": list(keys)}, by=by, at=at)


def retire_stage(*, stage: Stage, to: Stage | None = None, by: User | None, at: datetime) -> int:
    """Take a stage out of use; its open deals go to the stage `to`, which asks them nothing. Return how many went.

    Raises NotAllowed, LastStage, StageElsewhere, StageRetired, or StageInUse where deals would stay behind.
    """
    with transaction.atomic():
        _hold(stage.pipeline, by=by)
        stage.refresh_from_db()
        if not Stage.objects.filter(pipeline=stage.pipeline, retired_at=None).exclude(pk=stage.pk).exists():
            raise LastStage
        if to is not None:
            to.refresh_from_db()
            if to.pipeline_id != stage.pipeline_id or to.pk == stage.pk:
                raise StageElsewhere(stage=to.key)
            if to.retired_at is not None:
                raise StageRetired(stage=to.name_zh, stage_en=to.name_en)
        moved = _clear(stage, to, by=by, at=at)
        stage.retired_at = at
        stage.save(update_fields=["retired_at"])
        _told("retire_stage", stage, by=by, at=at, to=to and to.key, moved=moved)
        return moved


def bring_back_stage(*, stage: Stage, by: User | None, at: datetime) -> None:
    """Take a stage into use again. Raises NotAllowed."""
    with transaction.atomic():
        _hold(stage.pipeline, by=by)
        stage.refresh_from_db()
        stage.retired_at = None
        stage.save(update_fields=["retired_at"])
        _told("bring_back_stage", stage, by=by, at=at)


def _hold(pipeline: Pipeline, *, by: User | None) -> None:
    """Let nobody else change the stages of `pipeline` before the commit. Raises NotAllowed."""
    require_configuring(by=by)
    pipeline.refresh_from_db(from_queryset=Pipeline.objects.select_for_update(no_key=True))


def _clear(stage: Stage, to: Stage | None, *, by: User | None, at: datetime) -> int:
    """Move the open deals of `stage`, in few statements for many of them. Raises StageInUse without anywhere to go."""
    held = Deal.objects.select_for_update(no_key=True, of=("self",)).select_related("account", "stage")
    deals = list(held.filter(stage=stage, status=Deal.Status.OPEN).order_by("pk"))
    if not deals:
        return 0
    if to is None:
        raise StageInUse(stage=stage.name_zh, stage_en=stage.name_en, count=len(deals))
    fields, batch = fields_of(DEAL), uuid.uuid4()
    for start in range(0, len(deals), AT_ONCE):
        part = deals[start : start + AT_ONCE]
        amend_many(
            [(deal, {"stage": to}) for deal in part], kind=DEAL, fields=fields, batch=batch, by=by, at=at
        )
        moves = (
            DealMoved(deal=deal.pk, account=deal.account_id, stage_key=to.key, actor=actor(by), at=at)
            for deal in part
        )
        emit(ManyTold(events=tuple(moves), at=at))
        tell_of_deal(*(deal.pk for deal in part))
    return len(deals)


def _told(verb: str, stage: Stage, *, by: User | None, at: datetime, **more: object) -> None:
    tell("pipelines", 0)
    names = ("key", "name_zh", "name_en", "usual_days", "category", "requires")
    values = {name: getattr(stage, name) for name in names} | {"retired": stage.retired_at is not None} | more
    keep(verb, stage.pipeline, values, by=by, at=at)


def _stay(days: int | None) -> int | None:
    if days is not None and not 1 <= days <= LONGEST_STAY:
        raise StageInvalid(
            zh=f"通常停留须为 1 至 {LONGEST_STAY} 天。", en=f"deals stay 1 to {LONGEST_STAY} days."
        )
    return days


def _askable(keys: Sequence[str]) -> list[str]:
    """Return the fields that a stage may ask for: those that are filled one by one. Raises StageInvalid."""
    fields = fields_of(DEAL)
    for key in keys:
        if key not in fields or not fields[key].changeable:
            raise StageInvalid(
                zh=f"字段“{key}”不存在，或不能由人填写。", en=f"there is no field {key} that people fill."
            )
    return list(dict.fromkeys(keys))
