"""Pipelines, with their stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from foresail.crm.errors import PipelineTaken, StagesInvalid
from foresail.crm.models import Pipeline, Stage
from foresail.crm.services.permission import require_configuring
from foresail.crm.services.telling import keep
from foresail.crm.services.values import currency_of, text_of

if TYPE_CHECKING:
    from foresail.people.models import BusinessLine, User


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
    currency: str = "CNY",
    by: User | None,
    at: datetime,
) -> Pipeline:
    """Add a pipeline with its stages, in order. For sales operations.

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
        pipeline = Pipeline.objects.create(name=name, line=line, currency=currency_of(currency))
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
        values = {"name": name, "line": line.pk, "currency": currency, "stages": keys}
        keep("add_pipeline", pipeline, values, by=by, at=at)
        return pipeline
