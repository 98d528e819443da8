"""How crm's events become entries."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from foresail.core.events import listen
from foresail.crm import events as crm
from foresail.crm.queries import record_type
from foresail.timeline.models import Entry
from foresail.timeline.services import NewEntry, append

OWN: Final = "own_record"
LOG: Final = "crm.log"
"""The source of what an imported log tells."""


def listen_to_crm() -> None:
    """Put what crm tells onto the timeline. Called from the app's `ready`."""
    listen(crm.DealOpened, _opened)
    listen(crm.DealMoved, _moved)
    listen(crm.DealEnded, _ended)
    listen(crm.DealAmended, _amended)
    listen(crm.TaskFinished, _task_finished)
    listen(crm.ContactLeft, _contact_left)
    listen(crm.HappenedTo, _happened_to)
    listen(crm.ManyTold, _many)
    listen(crm.LogTold, _log)
    listen(crm.RecordsLeave, _leave)


def _opened(event: crm.DealOpened) -> None:
    _keep(event, *_facts_of(event))


def _moved(event: crm.DealMoved) -> None:
    _keep(event, *_facts_of(event))


def _ended(event: crm.DealEnded) -> None:
    _keep(event, *_facts_of(event))


def _amended(event: crm.DealAmended) -> None:
    _keep(event, *_facts_of(event))


def _many(event: crm.ManyTold) -> None:
    """Append what happened to many deals in one go."""
    append([entry for each in event.events for entry in _entries(each, *_facts_of(each))], at=event.at)


def _log(event: crm.LogTold) -> None:
    """Append what a log tells, as of when it was known. The same log again, or a longer one, adds only what is new."""
    append([_told(each) for each in event.events], at=event.at)


def _told(each: crm.Happening) -> NewEntry:
    return NewEntry(
        known_at=each.known_at,
        at=each.at,
        kind=each.kind,
        deal_id=each.deal,
        account_id=each.account,
        actor_id=each.actor,
        actor_label=each.actor_label,
        subject=f"crm.Deal:{each.deal}",
        source=LOG,
        source_id=f"{each.deal}:{each.mark}",
        basis=OWN,
        values=None if each.stage is None else {"stage": each.stage},
    )


def _leave(event: crm.RecordsLeave) -> None:
    """Deals to which something happened since stay: what crm told of them, or their log, does not count."""
    if event.record_type != "deal":
        return
    found = Entry.objects.filter(deal__in=event.records).exclude(source__in=["crm", LOG])
    for deal in set(found.values_list("deal", flat=True)) - {None}:
        assert deal is not None
        event.staying[deal] = ("已有沟通或行为记录", "something happened in it since")


def _facts_of(event: crm.DealOpened | crm.DealMoved | crm.DealEnded | crm.DealAmended) -> list[_Fact]:
    match event:
        case crm.DealOpened():
            return [_Fact("deal_opened", event.deal, _opening(event)), _stage(event.deal, event.stage_key)]
        case crm.DealMoved():
            return [_stage(event.deal, event.stage_key)]
        case crm.DealEnded():
            return [_Fact(event.outcome, event.deal)]
        case crm.DealAmended():
            changed = list(event.changed)
            return [_Fact("deal_amended", event.deal, {"changed": changed}, mark=",".join(changed))]


def _opening(event: crm.DealOpened) -> dict[str, Any]:
    return {
        "pipeline": event.pipeline,
        "amount": None if event.amount is None else str(event.amount),
        "owner": None if event.owner is None else f"u{event.owner}",
        "facts": dict(event.facts),
    }


def _task_finished(event: crm.TaskFinished) -> None:
    _keep(event, _Fact("task_done", event.deal, {"task": event.task}, mark=event.task))


def _contact_left(event: crm.ContactLeft) -> None:
    left = {"contact": event.contact}
    _keep(event, *(_Fact("contact_left", deal, left, mark=event.contact) for deal in event.deals))


def _happened_to(event: crm.HappenedTo) -> None:
    model = record_type(event.record_type).model.__name__
    entry = NewEntry(
        known_at=event.at,
        at=event.at,
        kind=event.kind,
        account_id=event.account,
        actor_id=event.actor,
        subject=f"crm.{model}:{event.record}",
        source="crm",
        source_id=f"{event.kind}:{event.record_type}:{event.record}:{event.at.isoformat()}:{event.mark}",
        basis=OWN,
    )
    append([entry], at=event.at)


class _Fact(NamedTuple):
    """`mark` tells it from others of its kind, deal and instant."""

    kind: str
    deal: int
    values: dict[str, Any] | None = None
    mark: object = ""


def _stage(deal: int, key: str) -> _Fact:
    return _Fact(f"stage_{key}", deal, {"stage": key})


def _keep(event: Any, *facts: _Fact) -> None:
    append(_entries(event, *facts), at=event.at)


def _entries(event: Any, *facts: _Fact) -> list[NewEntry]:
    at: datetime = event.at
    said = at.isoformat()
    return [
        NewEntry(
            known_at=at,
            at=at,
            kind=kind,
            deal_id=deal,
            account_id=event.account,
            actor_id=event.actor,
            subject=f"crm.Deal:{deal}",
            source="crm",
            source_id=f"{kind}:{deal}:{said}:{mark}",
            basis=OWN,
            values=values,
        )
        for kind, deal, values, mark in facts
    ]
