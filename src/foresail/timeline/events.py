"""What timeline tells higher rooms, inside the transaction of the append; and how crm's events become entries."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from foresail.core.events import listen
from foresail.crm import events as crm
from foresail.timeline.services import NewEntry, append
from foresail.timeline.told import Appended

__all__ = ["Appended", "listen_to_crm"]

OWN: Final = "own_record"


def listen_to_crm() -> None:
    """Put what crm tells onto the timeline. Called from the app's `ready`."""
    listen(crm.DealOpened, _opened)
    listen(crm.DealMoved, _moved)
    listen(crm.DealEnded, _ended)
    listen(crm.DealAmended, _amended)
    listen(crm.TaskFinished, _task_finished)
    listen(crm.ContactLeft, _contact_left)


def _opened(event: crm.DealOpened) -> None:
    opening = {
        "pipeline": event.pipeline,
        "amount": None if event.amount is None else str(event.amount),
        "owner": None if event.owner is None else f"u{event.owner}",
        "facts": dict(event.facts),
    }
    _keep(event, event.deal, "deal_opened", opening)
    _keep(event, event.deal, f"stage_{event.stage_key}", {"stage": event.stage_key})


def _moved(event: crm.DealMoved) -> None:
    _keep(event, event.deal, f"stage_{event.stage_key}", {"stage": event.stage_key})


def _ended(event: crm.DealEnded) -> None:
    _keep(event, event.deal, event.outcome)


def _amended(event: crm.DealAmended) -> None:
    _keep(event, event.deal, "deal_amended", {"changed": list(event.changed)})


def _task_finished(event: crm.TaskFinished) -> None:
    _keep(event, event.deal, "task_done", {"task": event.task})


def _contact_left(event: crm.ContactLeft) -> None:
    for deal in event.deals:
        _keep(event, deal, "contact_left", {"contact": event.contact})


def _keep(event: Any, deal: int, kind: str, values: dict[str, Any] | None = None) -> None:
    at: datetime = event.at
    entry = NewEntry(
        known_at=at,
        at=at,
        kind=kind,
        deal_id=deal,
        account_id=event.account,
        actor_id=event.actor,
        subject=f"crm.Deal:{deal}",
        source="crm",
        source_id=f"{kind}:{deal}:{at.isoformat()}:{(values or {}).get('task', '')}",
        basis=OWN,
        values=values,
    )
    append([entry], at=at)
