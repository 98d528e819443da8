"""Saved views over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, cast

from django.http import HttpRequest
from ninja import Field, Router, Status
from pydantic import ConfigDict

from foresail.core import clock
from foresail.core.api import Problem, Reference, Schema
from foresail.core.conditions import ConditionJson
from foresail.core.errors import NotFound
from foresail.crm import queries, services
from foresail.crm.fields import RecordType, record_types
from foresail.people.http import caller

router = Router(tags=["views"])

Shared = Literal["nobody", "team", "all"]


class ViewSettings(Schema):
    """What is not set is as usual. `columns` and `sort` are keys of fields, `group` one with few values.

    `widths` are those of columns, in pixels.
    """

    model_config = ConfigDict(extra="forbid")
    where: ConditionJson | None = None
    q: str = ""
    sort: str = ""
    columns: list[str] = Field([])
    widths: dict[str, int] = Field({})
    group: str = ""
    layout: Literal["table", "board", "funnel"] | None = None
    density: Literal["compact", "standard"] | None = None
    pipeline: int | None = None


class ViewOut(Schema):
    """A view that is not `usable` asks for fields that the caller does not see, and tells nothing of what it asks."""

    id: int
    record_type: str
    name: str
    owner: Reference
    shared: Shared
    team: Reference | None
    settings: ViewSettings
    usable: bool
    pinned: bool
    may_change: bool
    changed_at: datetime


class NewView(Schema):
    record_type: str
    name: str
    settings: ViewSettings
    shared: Shared = "nobody"


class ChangeView(Schema):
    """Only what is sent is changed."""

    name: str | None = None
    settings: ViewSettings | None = None
    shared: Shared | None = None


class PinView(Schema):
    pinned: bool


@router.get("/views", response={200: list[ViewOut], 404: Problem})
def views(request: HttpRequest, record_type: str | None = None) -> list[ViewOut]:
    kind = None if record_type is None else _kind(record_type)
    return [_out(each) for each in queries.views(user=caller(request), kind=kind)]


@router.post("/views", response={201: ViewOut, 404: Problem, 409: Problem, 422: Problem})
def add_view(request: HttpRequest, body: NewView) -> Status[ViewOut]:
    user = caller(request)
    view = services.add_view(
        kind=_kind(body.record_type), name=body.name, settings=body.settings.model_dump(), shared=body.shared,
        by=user, at=clock.now(),
    )  # fmt: skip
    return Status(201, _out(queries.readable(view, user=user)))


@router.patch(
    "/views/{view}", response={200: ViewOut, 403: Problem, 404: Problem, 409: Problem, 422: Problem}
)
def change_view(request: HttpRequest, view: int, body: ChangeView) -> ViewOut:
    user = caller(request)
    found = queries.view(user=user, key=view)
    services.change_view(
        view=found,
        name=services.KEEP if body.name is None else body.name,
        settings=services.KEEP if body.settings is None else body.settings.model_dump(),
        shared=services.KEEP if body.shared is None else body.shared,
        by=user,
        at=clock.now(),
    )
    return _out(queries.readable(found, user=user))


@router.delete("/views/{view}", response={204: None, 403: Problem, 404: Problem})
def delete_view(request: HttpRequest, view: int) -> Status[None]:
    user = caller(request)
    services.delete_view(view=queries.view(user=user, key=view), by=user, at=clock.now())
    return Status(204, None)


@router.put("/views/{view}/pin", response={200: ViewOut, 404: Problem})
def pin_view(request: HttpRequest, view: int, body: PinView) -> ViewOut:
    user = caller(request)
    found = queries.view(user=user, key=view)
    services.pin_view(view=found, pinned=body.pinned, by=user)
    return _out(queries.readable(found, user=user))


def _kind(key: str) -> RecordType:
    """Return a kind of record by its key. Raises NotFound."""
    for kind in record_types():
        if kind.key == key:
            return kind
    raise NotFound


def _out(one: queries.Readable) -> ViewOut:
    view = one.view
    return ViewOut(
        id=view.pk,
        record_type=view.record_type,
        name=view.name,
        owner=Reference(id=view.owner_id, name=view.owner.name),
        shared=cast("Shared", view.shared),
        team=None if view.team is None else Reference(id=view.team.pk, name=view.team.name),
        settings=ViewSettings(**one.settings),
        usable=one.usable,
        pinned=one.pinned,
        may_change=one.may_change,
        changed_at=view.changed_at,
    )
