"""One's own API keys, and everybody's for an administrator. A key cannot come here: only a session can."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Router, Status

from foresail.core import clock
from foresail.core.api import Problem, Reference, Schema
from foresail.core.errors import NotFound
from foresail.people import queries, services
from foresail.people.areas import AREAS
from foresail.people.http import caller
from foresail.people.models import ApiKey

router = Router(tags=["people"])


class AreaOut(Schema):
    """What a key can be for. `writable`: whether a key may change anything there."""

    area: str
    zh: str
    en: str
    writable: bool


class KeyOut(Schema):
    """`prefix` is how its token begins; `areas`: area → read|write; `address` is where it was last used from."""

    id: int
    name: str
    prefix: str
    areas: dict[str, Literal["read", "write"]]
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None
    address: str | None


class KeyOfUser(KeyOut):
    user: Reference


class KeysOut(Schema):
    """Keys that hold, newest first, and what a new one can be for."""

    keys: list[KeyOut]
    areas: list[AreaOut]


class NewKey(Schema):
    """`areas`: area → read|write; to write holds to read. `days` is how long it is valid, at most 366."""

    name: str
    areas: dict[str, Literal["read", "write"]]
    days: int


class KeyMade(Schema):
    """`token` is told now and never again."""

    key: KeyOut
    token: str


@router.get("/me/keys", response=KeysOut)
def my_keys(request: HttpRequest) -> KeysOut:
    user = caller(request)
    kept = queries.keys(of=user, user=user, at=clock.now())
    areas = [
        AreaOut(area=name, zh=area.zh, en=area.en, writable=area.writable) for name, area in AREAS.items()
    ]
    return KeysOut(keys=[_key(each) for each in kept], areas=areas)


@router.post("/me/keys", response={201: KeyMade, 400: Problem})
def create_key(request: HttpRequest, body: NewKey) -> Status[KeyMade]:
    key, token = services.create_key(
        name=body.name, areas=dict(body.areas), days=body.days, by=caller(request), at=clock.now()
    )
    return Status(201, KeyMade(key=_key(key), token=token))


@router.delete("/me/keys/{key}", response={204: None, 404: Problem})
def revoke_my_key(request: HttpRequest, key: int) -> Status[None]:
    user, at = caller(request), clock.now()
    return _revoke(queries.keys(of=user, user=user, at=at).filter(pk=key).first(), request, at)


@router.get("/admin/keys", response={200: list[KeyOfUser], 403: Problem})
def all_keys(request: HttpRequest) -> list[KeyOfUser]:
    kept = queries.keys(of=None, user=caller(request), at=clock.now())
    return [
        KeyOfUser(**_key(each).model_dump(), user=Reference(id=each.user.pk, name=each.user.name))
        for each in kept
    ]


@router.delete("/admin/keys/{key}", response={204: None, 403: Problem, 404: Problem})
def revoke_key(request: HttpRequest, key: int) -> Status[None]:
    at = clock.now()
    return _revoke(queries.keys(of=None, user=caller(request), at=at).filter(pk=key).first(), request, at)


def _revoke(key: ApiKey | None, request: HttpRequest, at: datetime) -> Status[None]:
    if key is None:
        raise NotFound
    services.revoke_key(key=key, by=caller(request), at=at)
    return Status(204, None)


def _key(key: ApiKey) -> KeyOut:
    return KeyOut(
        id=key.pk,
        name=key.name,
        prefix=key.prefix,
        areas=key.areas,
        created_at=key.created_at,
        expires_at=key.expires_at,
        seen_at=key.seen_at,
        address=key.address,
    )
