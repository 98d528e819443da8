"""Sharing of records over HTTP: the same for each kind of record that has an owner."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.functions import Path

from foresail.core import clock
from foresail.core.api import Problem, Schema
from foresail.crm import queries, services
from foresail.crm.fields import RecordType, record_types
from foresail.crm.models import Record
from foresail.crm.schemas import Right, ShareOut
from foresail.people.http import caller
from foresail.people.queries import recipient, recipients
from foresail.people.rules import Action, may

router = Router(tags=["records"])


class SharesOut(Schema):
    items: list[ShareOut]
    may_share: bool


class ShareIn(Schema):
    """With `user` or with `team`. Whoever has it already has it as said here from now on."""

    user: int | None = None
    team: int | None = None
    right: Right = "see"
    below: bool = False
    ends_on: date | None = None
    reason: str = ""


class RecipientOut(Schema):
    """`of` is the team of a person, the line of a team."""

    id: int
    name: str
    of: str


class RecipientsOut(Schema):
    people: list[RecipientOut]
    teams: list[RecipientOut]


@router.get("/shares/recipients", response=RecipientsOut)
def share_recipients(request: HttpRequest, q: str = "") -> RecipientsOut:
    """Whom the caller can share records with: twenty people and twenty teams at most, by a part of their names."""
    found = recipients(user=caller(request), q=q)
    return RecipientsOut(
        people=[
            RecipientOut(id=each.pk, name=each.name, of=each.team.name if each.team else "")
            for each in found.people
        ],
        teams=[RecipientOut(id=each.pk, name=each.name, of=each.line.name) for each in found.teams],
    )


@router.delete("/shares/{share}", response={204: None, 403: Problem, 404: Problem})
def end_share(request: HttpRequest, share: int) -> Status[None]:
    user = caller(request)
    found, record = queries.share(user=user, key=share)
    services.end_share(share=found, record=record, by=user, at=clock.now())
    return Status(204, None)


def mount(kind: RecordType) -> None:
    """Add the routes of one kind of record."""
    base = f"/records/{kind.key}/{{{kind.key}}}/shares"

    @router.get(base, response={200: SharesOut, 404: Problem}, operation_id=f"records_shares_of_{kind.key}")
    def shares(request: HttpRequest, key: int = Path(..., alias=kind.key)) -> SharesOut:
        user = caller(request)
        found = queries.record(kind, user=user, key=key)
        return SharesOut(
            items=[ShareOut.of_share(each) for each in queries.shares(user=user, record=found)],
            may_share=may(user=user, action=Action.SHARE, record=found).allowed,
        )

    @router.post(
        base,
        response={200: SharesOut, 400: Problem, 403: Problem, 404: Problem, 409: Problem},
        operation_id=f"records_share_{kind.key}",
    )
    def share(request: HttpRequest, body: ShareIn, key: int = Path(..., alias=kind.key)) -> SharesOut:
        user = caller(request)
        found = queries.record(kind, user=user, key=key)
        to_user, to_team = recipient(user=body.user, team=body.team)
        services.share_record(
            record=found, user=to_user, team=to_team, right=body.right, below=body.below,
            ends_on=body.ends_on, reason=body.reason, by=user, at=clock.now(),
        )  # fmt: skip
        return shares(request, key)


for _kind in record_types():
    if issubclass(_kind.model, Record):
        mount(_kind)
