"""Deals open, change, move and end. What has ended stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from foresail.core.events import emit
from foresail.crm.errors import (
    ChangedMeanwhile,
    ContactElsewhere,
    ContactHasLeft,
    DealClosed,
    NumberTaken,
    StageAsks,
    StageElsewhere,
    StageRetired,
)
from foresail.crm.events import DealEnded, DealMoved, DealOpened, OwnersChanged
from foresail.crm.fields import DEAL, fields_of
from foresail.crm.models import Account, Contact, Deal, DealContact, Pipeline, Stage
from foresail.crm.services.adding import fill
from foresail.crm.services.bulk import next_key, number_of
from foresail.crm.services.changing import Edit, amend, change_record, hold, note
from foresail.crm.services.permission import require, require_active
from foresail.crm.services.telling import actor, keep, tell_of_deal
from foresail.crm.services.values import facts_of, reason_of, text_of
from foresail.people.rules import Action
from foresail.people.services import KEEP

if TYPE_CHECKING:
    from foresail.people.models import Team, User


def open_deal(
    *,
    account: Account,
    pipeline: Pipeline,
    owner: User | None = None,
    team: Team | None = None,
    facts: Mapping[str, str] | None = None,
    number: str | None = None,
    by: User | None,
    at: datetime,
    **values: Any,
) -> Deal:
    """Open a deal with `values` by field in the first stage of `pipeline`, for an account that `by` may see.

    Without a `number` it gets one, without a `currency` the pipeline's. To `facts` is added what the account,
    the team and the pipeline say. Raises NotAllowed, OwnerInactive, NumberTaken, and for each value its own.
    """
    with transaction.atomic():
        require(Action.SEE, account, by=by)
        stage = pipeline.stages.filter(retired_at=None).order_by("position")[0]
        deal = Deal(
            account=account,
            pipeline=pipeline,
            stage=stage,
            owner=owner,
            team=team,
            line=pipeline.line,
            opened_at=at,
            facts=_known_facts(account, pipeline, team) | facts_of(facts or {}),
        )
        require(Action.CHANGE, deal, by=by)
        require_active(owner)
        deal.pk, deal.number = _numbered(number)
        values["currency"] = values.get("currency") or pipeline.currency
        fill(DEAL, deal, values, by=by, at=at)
        deal.save(force_insert=True)
        emit(
            DealOpened(
                deal=deal.pk,
                pipeline=deal.pipeline_id,
                owner=deal.owner_id,
                team=deal.team_id,
                account=deal.account_id,
                stage_key=stage.key,
                amount=deal.amount,
                facts=deal.facts,
                actor=actor(by),
                at=at,
            )
        )
        if deal.owner_id is not None:
            hands = ((deal.pk, None, deal.owner_id),)
            emit(OwnersChanged(record_type="deal", changes=hands, actor=actor(by), at=at))
        tell_of_deal(deal.pk)
        told = {
            "number": deal.number,
            "name": deal.name,
            "account": deal.account_id,
            "pipeline": deal.pipeline_id,
            "stage": stage.key,
            "owner": deal.owner_id,
            "team": deal.team_id,
            "amount": deal.amount,
            "currency": deal.currency,
            "expected_close_on": deal.expected_close_on,
        }
        keep("open_deal", deal, told, by=by, at=at)
        return deal


def change_deal(*, deal: Deal, version: int, by: User | None, at: datetime, **values: Any) -> None:
    """Change the fields that are given and not KEEP. Raises ChangedMeanwhile, and what `change_record` does."""
    with transaction.atomic():
        _hold_open(deal, version, by=by)
        edits = {name: Edit(value) for name, value in values.items() if value is not KEEP}
        change_record(record=deal, edits=edits, by=by, at=at)


def assign_deal(*, deal: Deal, owner: User | None, team: Team | None, by: User | None, at: datetime) -> None:
    """Give `deal`, open or not, to `owner` and `team`; without an owner it is in the open pool.

    `by` must be allowed to assign it as it is and as it will be. Raises NotAllowed or OwnerInactive.
    """
    with transaction.atomic():
        hold(deal)
        require(Action.ASSIGN, deal, by=by)
        wanted = {"owner": owner, "team": team}
        if (deal.owner_id, deal.team_id) == tuple(each and each.pk for each in wanted.values()):
            return
        after = Deal(owner=owner, team=team, line=deal.line)
        require(Action.ASSIGN, after, by=by)
        require_active(owner)
        amend(deal, wanted, verb="assign_deal", by=by, at=at)


def move_deal(*, deal: Deal, stage: Stage, version: int, by: User | None, at: datetime) -> None:
    """Put `deal` into another stage of its pipeline, onward or back.

    Raises NotAllowed, DealClosed, ChangedMeanwhile or StageElsewhere.
    """
    with transaction.atomic():
        _hold_open(deal, version, by=by)
        if stage.pipeline_id != deal.pipeline_id:
            raise StageElsewhere(stage=stage.key)
        if stage.pk == deal.stage_id:
            return
        if stage.retired_at is not None:
            raise StageRetired(stage=stage.name_zh, stage_en=stage.name_en)
        _require_filled(deal, stage)
        before, deal.stage = deal.stage, stage
        _save(deal, "stage", by=by, at=at, was={"stage": (before.pk, stage.pk)})
        emit(DealMoved(deal=deal.pk, account=deal.account_id, stage_key=stage.key, actor=actor(by), at=at))
        tell_of_deal(deal.pk)
        keep("move_deal", deal, {"stage": stage.key, "before": before.key}, by=by, at=at)


def close_deal(
    *, deal: Deal, outcome: str, reason: str = "", version: int, by: User | None, at: datetime
) -> None:
    """End `deal` as "won" or "lost", for good. Raises NotAllowed, DealClosed, ChangedMeanwhile or TextTooLong.

    ValueError for another outcome.
    """
    ended = Deal.Status(outcome)
    if ended is Deal.Status.OPEN:
        raise ValueError(f"{outcome} is no outcome.")
    with transaction.atomic():
        _hold_open(deal, version, by=by)
        deal.status, deal.closed_at, deal.close_reason = ended.value, at, reason_of(reason)
        was = {"status": ("open", deal.status)}
        _save(deal, "status", "closed_at", "close_reason", by=by, at=at, was=was)
        emit(
            DealEnded(
                deal=deal.pk,
                account=deal.account_id,
                outcome=deal.status,
                reason=deal.close_reason,
                actor=actor(by),
                at=at,
            )
        )
        tell_of_deal(deal.pk)
        values = {"outcome": deal.status, "stage": deal.stage.key, "amount": deal.amount}
        keep("close_deal", deal, values, by=by, at=at)


def set_deal_contact(
    *, deal: Deal, contact: Contact, role: str | None, by: User | None, at: datetime
) -> None:
    """Say what `contact` is to `deal`; None takes the role away.

    Raises NotAllowed, ContactElsewhere or ContactHasLeft, ValueError for an unknown role.
    """
    wanted = role and DealContact.Role(role).value
    with transaction.atomic():
        hold(deal)
        require(Action.CHANGE, deal, by=by)
        contact.refresh_from_db()
        if contact.account_id != deal.account_id:
            raise ContactElsewhere(contact=contact.name)
        if wanted and contact.left_at is not None:
            raise ContactHasLeft(contact=contact.name)
        known = DealContact.objects.filter(deal=deal, contact=contact).first()
        if (known and known.role) == wanted:
            return
        if wanted:
            DealContact.objects.update_or_create(deal=deal, contact=contact, defaults={"role": wanted})
        elif known:
            known.delete()
        tell_of_deal(deal.pk)
        keep("set_deal_contact", deal, {"contact": contact.pk, "role": wanted}, by=by, at=at)


def _hold_open(deal: Deal, version: int, *, by: User | None) -> None:
    """Hold `deal` for a change. Raises NotAllowed, DealClosed or ChangedMeanwhile."""
    hold(deal)
    require(Action.CHANGE, deal, by=by)
    if deal.status != Deal.Status.OPEN:
        raise DealClosed(deal=deal.name)
    if deal.version != version:
        raise ChangedMeanwhile


def _save(
    deal: Deal, *changed: str, by: User | None, at: datetime, was: Mapping[str, tuple[Any, Any]]
) -> None:
    deal.version += 1
    deal.changed_at = at
    deal.save(update_fields=[*changed, "version", "changed_at"])
    note(deal, was, by=by, at=at)


def _require_filled(deal: Deal, stage: Stage) -> None:
    """Raise StageAsks for what a deal must have to stand in `stage`, and lacks."""
    fields = fields_of(DEAL)
    lacking = [
        fields[key] for key in stage.requires if key in fields and fields[key].value_of(deal) in (None, [])
    ]
    if lacking:
        raise StageAsks(stage, lacking)


def _numbered(number: str | None) -> tuple[int, str]:
    """Return the key and the number of a new deal. Raises NumberTaken for one that was asked for."""
    key = next_key(Deal)
    if number is None:
        while Deal.objects.filter(number=number_of(key)).exists():  # somebody else's numbers look like ours
            key = next_key(Deal)
        return key, number_of(key)
    number = text_of(number, of="number", longest=50)
    if Deal.objects.filter(number=number).exists():
        raise NumberTaken(number=number)
    return key, number


def _known_facts(account: Account, pipeline: Pipeline, team: Team | None) -> dict[str, str]:
    known = {
        "customer": account.name,
        "industry": account.industry,
        "region": account.region,
        "team": team.name if team else "",
        "line": pipeline.line.name,
    }
    return {name: value for name, value in known.items() if value}
