"""Talks over HTTP."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Status

from foresail.conversations import queries, services
from foresail.conversations.schemas import NewCommunication
from foresail.core import clock
from foresail.core.api import Problem
from foresail.crm import queries as crm
from foresail.people.http import caller
from foresail.timeline.schemas import EntryRow

router = Router(tags=["conversations"])


@router.post(
    "/deals/{deal}/communications", response={201: EntryRow, 400: Problem, 403: Problem, 404: Problem}
)
def record_communication(request: HttpRequest, deal: int, body: NewCommunication) -> Status[EntryRow]:
    user = caller(request)
    found = crm.deal(user=user, key=deal)
    kept = services.record_communication(
        deal=found,
        channel=body.channel,
        direction=body.direction,
        title=body.title,
        text=body.text,
        contact=None if body.contact is None else crm.contact_of(deal=found, key=body.contact),
        happened_at=body.at,
        by=user,
        at=clock.now(),
    )
    return Status(201, queries.entry_of(communication=kept, user=user))
