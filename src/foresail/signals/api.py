"""Keys for sites and servers, and whether anything comes. Signals themselves come in through `live`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, cast

from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.functions import Path
from pydantic import Field

from foresail.core import clock
from foresail.core.api import Problem, Reference, Schema
from foresail.people.http import caller
from foresail.signals import queries, services

router = Router(tags=["signals"])

KeyKind = Literal["server", "browser"]
SourceName = Annotated[str, Field(max_length=40)]


class IntakeKeyOut(Schema):
    """`shown` is the token itself of a browser's key, the beginning of a server's. `count` is of the last 24 hours."""

    id: int
    kind: KeyKind
    name: str
    shown: str
    sources: list[str]
    origins: list[str]
    per_minute: int
    created_by: Reference
    created_at: datetime
    revoked_at: datetime | None
    count: int
    last_at: datetime | None


class IntakeKeyMade(Schema):
    """`token` is told this once. With `secret` one's server signs who a visitor is: HMAC-SHA256 of visitor, newline, user."""

    id: int
    token: str
    secret: str


class IntakeKeyIn(Schema):
    kind: KeyKind
    name: Annotated[str, Field(max_length=200)]
    sources: Annotated[list[SourceName], Field(max_length=20)]
    origins: Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=50)] = []  # noqa: RUF012
    per_minute: int = 6_000


class LatestSignal(Schema):
    """What was kept, without who it was of."""

    id: int
    at: datetime
    known_at: datetime
    source: str
    kind: str
    fields: list[str]


@router.get("/intake-keys", response={200: list[IntakeKeyOut], 403: Problem})
def intake_keys(request: HttpRequest) -> list[IntakeKeyOut]:
    return [_out(each) for each in queries.intake_keys(user=caller(request), at=clock.now())]


@router.post("/intake-keys", response={201: IntakeKeyMade, 403: Problem, 422: Problem})
def create_intake_key(request: HttpRequest, body: IntakeKeyIn) -> Status[IntakeKeyMade]:
    """Make a key. A browser's stands in every page and holds only there; a server's is secret."""
    key, token = services.create_intake_key(
        kind=body.kind, name=body.name, sources=body.sources, origins=body.origins, per_minute=body.per_minute,
        by=caller(request), at=clock.now(),
    )  # fmt: skip
    return Status(201, IntakeKeyMade(id=key.pk, token=token, secret=key.secret))


@router.delete("/intake-keys/{intake_key}", response={204: None, 403: Problem, 404: Problem})
def revoke_intake_key(request: HttpRequest, key: int = Path(..., alias="intake_key")) -> Status[None]:
    """End a key: nothing more comes in under it, within seconds. What came stays."""
    user = caller(request)
    services.revoke_intake_key(key=queries.intake_key(user=user, key=key), by=user, at=clock.now())
    return Status(204, None)


@router.get(
    "/intake-keys/{intake_key}/latest", response={200: list[LatestSignal], 403: Problem, 404: Problem}
)
def latest_signals(request: HttpRequest, key: int = Path(..., alias="intake_key")) -> list[LatestSignal]:
    """What came under a key in the last day, the last first: whether one's site is seen."""
    user = caller(request)
    found = queries.latest(user=user, key=queries.intake_key(user=user, key=key), at=clock.now())
    return [
        LatestSignal(
            id=each.pk, at=each.at, known_at=each.known_at, source=each.source, kind=each.kind, fields=sorted(each.values),
        )
        for each in found
    ]  # fmt: skip


def _out(received: queries.Received) -> IntakeKeyOut:
    key = received.key
    return IntakeKeyOut(
        id=key.pk, kind=cast("KeyKind", key.kind), name=key.name, shown=key.shown, sources=key.sources, origins=key.origins,
        per_minute=key.per_minute, created_by=Reference(id=key.created_by.pk, name=key.created_by.name),
        created_at=key.created_at, revoked_at=key.revoked_at, count=received.count, last_at=received.last_at,
    )  # fmt: skip
