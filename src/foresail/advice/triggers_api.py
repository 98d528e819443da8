"""Triggers over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.functions import Path
from pydantic import Field

from foresail.advice import queries, services
from foresail.advice.facts import fields_for
from foresail.core import clock
from foresail.core.api import Problem, Reference, Schema
from foresail.core.conditions import (
    ConditionField,
    ConditionInvalid,
    ConditionJson,
    describe,
    field_shape,
    parse,
)
from foresail.crm import queries as crm
from foresail.people.http import caller

if TYPE_CHECKING:
    from foresail.advice.models import Trigger
    from foresail.advice.queries import Share

router = Router(tags=["advice"])

About = Literal["deal", "account"]
TriggerAction = Literal["send_content", "call", "meeting", "task"]
TriggerTopic = Literal["", "product", "price", "implementation", "security", "competitor", "other"]
Whose = Literal["owner", "manager"]
TriggerStatus = Literal["draft", "active", "retired"]
Days = Annotated[int, Field(ge=0, le=365)]


class TriggerShare(Schema):
    """Of the suggestions of the last 90 days; `reasons` counts dismissals. `look_again`: too often not true."""

    made: int
    open: int
    accepted: int
    dismissed: int
    over: int
    reasons: dict[str, int]
    look_again: bool


class TriggerOut(Schema):
    """`says_zh` and `says_en` are the condition as a sentence. `share` is for who shapes triggers."""

    id: int
    zh: str
    en: str
    about: About
    condition: ConditionJson
    says_zh: str
    says_en: str
    action: TriggerAction
    action_zh: str
    action_en: str
    topic_kind: TriggerTopic
    cooldown_days: int
    expiry_days: int
    whose: Whose
    priority: int
    status: TriggerStatus
    shipped: bool
    version: int
    changed_at: datetime
    changed_by: Reference | None
    share: TriggerShare | None


class TriggersOut(Schema):
    may_shape: bool
    items: list[TriggerOut]


class TriggerIn(Schema):
    zh: Annotated[str, Field(max_length=200)]
    en: Annotated[str, Field(max_length=200)]
    about: About = "deal"
    condition: ConditionJson
    action: TriggerAction
    action_zh: Annotated[str, Field(max_length=400)]
    action_en: Annotated[str, Field(max_length=400)]
    topic_kind: TriggerTopic = ""
    cooldown_days: Days = 14
    expiry_days: Days = 14
    whose: Whose = "owner"
    priority: Annotated[int, Field(ge=1, le=5)] = 3
    status: TriggerStatus = "draft"


class TriggerPatch(Schema):
    zh: Annotated[str, Field(max_length=200)] | None = None
    en: Annotated[str, Field(max_length=200)] | None = None
    about: About | None = None
    condition: ConditionJson | None = None
    action: TriggerAction | None = None
    action_zh: Annotated[str, Field(max_length=400)] | None = None
    action_en: Annotated[str, Field(max_length=400)] | None = None
    topic_kind: TriggerTopic | None = None
    cooldown_days: Days | None = None
    expiry_days: Days | None = None
    whose: Whose | None = None
    priority: Annotated[int, Field(ge=1, le=5)] | None = None
    status: TriggerStatus | None = None


class TriggerTry(Schema):
    about: About = "deal"
    condition: ConditionJson
    cooldown_days: Days = 14
    expiry_days: Annotated[int, Field(ge=1, le=365)] = 14


class TrialExample(Schema):
    """A deal (or an account, where `deal` is None) that it would have fired for, the last time on the day `on`."""

    deal: int | None
    account: int
    name: str
    account_name: str
    on: date
    status: Literal["open", "won", "lost"] | None


class TrialOut(Schema):
    """What a trigger would have done in `days` days. `low` and `high`: the 95 % interval of the share that was lost,
    None where too few ended to tell. `usual_…` are of all deals of the same pipelines in that time.
    """

    days: int
    fired: int
    subjects: int
    ended: int
    lost: int
    low: float | None
    high: float | None
    usual_ended: int
    usual_lost: int
    examples: list[TrialExample]


_REFUSED: Any = {403: Problem, 404: Problem, 409: Problem, 422: Problem}


@router.get("/triggers", response=TriggersOut)
def triggers(request: HttpRequest) -> TriggersOut:
    """Return what is watched for. What people made of it is for sales operations."""
    user = caller(request)
    shapes = crm.may_configure(user=user)
    shares = queries.shares(at=clock.now()) if shapes else {}
    fields = {about: fields_for(about) for about in ("deal", "account")}
    return TriggersOut(
        may_shape=shapes,
        items=[
            _trigger(each, fields[each.about], shares.get(each.pk, queries.Share()) if shapes else None)
            for each in queries.triggers()
        ],
    )


@router.get("/triggers/fields", response=list[ConditionField])
def trigger_fields(request: HttpRequest, about: About = "deal") -> list[ConditionField]:
    """Return what the condition of a trigger may ask of."""
    caller(request)
    return [field_shape(field) for field in fields_for(about).values()]


@router.post("/triggers/try", response={200: TrialOut, 403: Problem, 409: Problem, 422: Problem})
def try_trigger(request: HttpRequest, body: TriggerTry) -> TrialOut:
    """Try a condition on the last 90 days, as known on each of them. Nothing is suggested by that."""
    found = queries.try_trigger(
        user=caller(request),
        about=body.about,
        condition=body.condition,
        cooldown_days=body.cooldown_days,
        expiry_days=body.expiry_days,
        at=clock.now(),
    )
    return TrialOut.model_validate(found)


@router.post("/triggers", response={201: TriggerOut, **_REFUSED})
def add_trigger(request: HttpRequest, body: TriggerIn) -> Status[TriggerOut]:
    made = services.add_trigger(values=body.model_dump(), by=caller(request), at=clock.now())
    return Status(201, _trigger(made, fields_for(made.about), queries.Share()))


@router.patch("/triggers/{trigger}", response={200: TriggerOut, **_REFUSED})
def change_trigger(
    request: HttpRequest, body: TriggerPatch, key: int = Path(..., alias="trigger")
) -> TriggerOut:
    values = body.model_dump(exclude_unset=True, exclude_none=True)
    at = clock.now()
    made = services.change_trigger(trigger=queries.trigger(key=key), values=values, by=caller(request), at=at)
    share = queries.shares(at=at).get(made.pk, queries.Share())
    return _trigger(made, fields_for(made.about), share)


def _trigger(each: Trigger, fields: Any, share: Share | None) -> TriggerOut:
    by = each.changed_by
    try:
        condition = parse(each.condition, fields=fields)
        says = describe(condition, language="zh"), describe(condition, language="en")
    except ConditionInvalid as wrong:
        says = wrong.zh, wrong.en
    return TriggerOut(
        **{name: getattr(each, name) for name in TriggerIn.model_fields},
        id=each.pk,
        says_zh=says[0],
        says_en=says[1],
        shipped=each.shipped,
        version=each.version,
        changed_at=each.changed_at,
        changed_by=None if by is None else Reference(id=by.pk, name=by.name),
        share=None if share is None else TriggerShare.model_validate(share),
    )
