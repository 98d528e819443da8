"""Triggers and suggestions over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
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
    from foresail.advice.models import Mute, Trigger
    from foresail.advice.queries import Grouped, Share, Shown

router = Router(tags=["advice"])

About = Literal["deal", "account"]
TriggerAction = Literal["send_content", "call", "meeting", "task"]
TriggerTopic = Literal["", "product", "price", "implementation", "security", "competitor", "other"]
Whose = Literal["owner", "manager"]
TriggerStatus = Literal["draft", "active", "retired"]
Dismissal = Literal["not_true", "done", "not_now", "not_useful", "other"]
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


class SuggestionReason(Schema):
    """A fact that it rests on, in words, with the entries of the timeline and the topics behind it."""

    code: str
    zh: str
    en: str
    tone: Literal["bad", "warn", "ok", "plain"]
    entries: list[int]
    topics: list[int]


class SuggestionOut(Schema):
    id: int
    trigger: Reference
    trigger_en: str
    about: About
    deal: int | None
    account: int
    action: TriggerAction
    action_zh: str
    action_en: str
    topic_kind: TriggerTopic
    reasons: list[SuggestionReason]
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    how: str
    task: int | None


class SuggestionGroup(Schema):
    """What is suggested for a deal (None: for the account as a whole); `amount` where it may be seen."""

    account: Reference
    deal: Reference | None
    may_change: bool
    amount: Decimal | None
    currency: str | None
    p_won: float | None
    change_7d: float | None
    suggestions: list[SuggestionOut]


class SuggestionMute(Schema):
    """`learned`: nobody asked for it; it came after too many dismissals as not useful."""

    trigger: Reference | None
    trigger_en: str
    deal: Reference | None
    until: datetime | None
    learned: bool


class TodayOut(Schema):
    """`weighted` is what the deals are worth together, times their win chances, in the house currency."""

    groups: list[SuggestionGroup]
    accepted: int
    dismissed: int
    weighted: Decimal
    currency: str
    mutes: list[SuggestionMute]


class TaskOfSuggestion(Schema):
    title: Annotated[str, Field(max_length=300)]
    due_on: date | None = None


class AcceptSuggestion(Schema):
    """With a task for the owner of the deal, where one is wanted."""

    with_task: TaskOfSuggestion | None = None


class DismissSuggestion(Schema):
    reason: Dismissal
    text: Annotated[str, Field(max_length=1_000)] = ""


class DismissedOut(Schema):
    """`quiet`: that was one too many as not useful, so the trigger is quiet for a while; undo takes that back."""

    suggestion: SuggestionOut
    quiet: SuggestionMute | None


class MuteSuggestions(Schema):
    """One of `trigger` and `deal`."""

    trigger: int | None = None
    deal: int | None = None
    muted: bool = True


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


@router.get("/suggestions", response=TodayOut)
def my_suggestions(request: HttpRequest) -> TodayOut:
    """Return what is suggested for one's own deals, or those of the teams one manages; what matters most first."""
    found = queries.today(user=caller(request), at=clock.now())
    return TodayOut(
        groups=[_group(each) for each in found.groups],
        accepted=found.accepted,
        dismissed=found.dismissed,
        weighted=crm.rounded(sum((each.weighted or Decimal(0) for each in found.groups), Decimal(0))),
        currency=crm.house_currency(),
        mutes=[_mute(each) for each in found.mutes],
    )


@router.get("/deals/{deal}/suggestions", response={200: list[SuggestionOut], 404: Problem})
def deal_suggestions(request: HttpRequest, deal: int) -> list[SuggestionOut]:
    """Return what is suggested for a deal, and for its account as a whole."""
    return [_suggestion(each) for each in queries.of_deal(user=caller(request), deal=deal, at=clock.now())]


@router.get("/accounts/{account}/suggestions", response={200: list[SuggestionOut], 404: Problem})
def account_suggestions(request: HttpRequest, account: int) -> list[SuggestionOut]:
    found = queries.of_account(user=caller(request), account=account, at=clock.now())
    return [_suggestion(each) for each in found]


@router.post("/suggestions/{suggestion}/accept", response={200: SuggestionOut, **_REFUSED})
def accept_suggestion(request: HttpRequest, suggestion: int, body: AcceptSuggestion) -> SuggestionOut:
    """Accept what is suggested, with a task where one is wanted."""
    user, task = caller(request), body.with_task
    done = services.accept(
        suggestion=suggestion,
        task=None if task is None else services.TaskWanted(title=task.title, due_on=task.due_on),
        by=user,
        at=clock.now(),
    )
    return _suggestion(queries.shown(user=user, suggestion=done))


@router.post("/suggestions/{suggestion}/dismiss", response={200: DismissedOut, **_REFUSED})
def dismiss_suggestion(request: HttpRequest, suggestion: int, body: DismissSuggestion) -> DismissedOut:
    user = caller(request)
    done, quiet = services.dismiss(
        suggestion=suggestion, reason=body.reason, text=body.text, by=user, at=clock.now()
    )
    return DismissedOut(
        suggestion=_suggestion(queries.shown(user=user, suggestion=done)),
        quiet=None if quiet is None else _mute(quiet),
    )


@router.post("/suggestions/{suggestion}/undo", response={200: SuggestionOut, **_REFUSED})
def undo_suggestion(request: HttpRequest, suggestion: int) -> SuggestionOut:
    """Take back what one made of a suggestion, within a day."""
    user = caller(request)
    done = services.undo(suggestion=suggestion, by=user, at=clock.now())
    return _suggestion(queries.shown(user=user, suggestion=done))


@router.post("/suggestions/mute", response={204: None, 404: Problem, 422: Problem})
def mute_suggestions(request: HttpRequest, body: MuteSuggestions) -> Status[None]:
    """Hear no more of a trigger or a deal, or hear of it again."""
    user = caller(request)
    services.mute(
        trigger=None if body.trigger is None else queries.trigger(key=body.trigger),
        deal=None if body.deal is None else crm.deal(user=user, key=body.deal),
        muted=body.muted,
        by=user,
        at=clock.now(),
    )
    return Status(204, None)


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


def _group(each: Grouped) -> SuggestionGroup:
    deal, amount = each.deal, each.amount
    return SuggestionGroup(
        account=Reference(id=each.account.pk, name=each.account.name),
        deal=None if deal is None else Reference(id=deal.pk, name=deal.name),
        may_change=each.may_change,
        amount=amount.amount if amount else None,
        currency=amount.currency if amount else None,
        p_won=each.p_won,
        change_7d=each.change_7d,
        suggestions=[_suggestion(one) for one in each.suggestions],
    )


def _suggestion(each: Shown) -> SuggestionOut:
    of = each.suggestion
    return SuggestionOut(
        id=of.pk,
        trigger=Reference(id=of.trigger_id, name=of.trigger.zh),
        trigger_en=of.trigger.en,
        about="account" if of.deal_id is None else "deal",
        deal=of.deal_id,
        account=of.account_id,
        action=of.trigger.action,  # type: ignore[arg-type]  # one of them
        action_zh=each.action_zh,
        action_en=each.action_en,
        topic_kind=of.trigger.topic_kind,  # type: ignore[arg-type]
        reasons=[SuggestionReason.model_validate(reason) for reason in each.reasons],
        made_at=of.made_at,
        expires_at=of.expires_at,
        ended_at=of.ended_at,
        how=of.how,
        task=of.task,
    )


def _mute(each: Mute) -> SuggestionMute:
    trigger, deal = each.trigger, each.deal
    return SuggestionMute(
        trigger=None if trigger is None else Reference(id=trigger.pk, name=trigger.zh),
        trigger_en=trigger.en if trigger is not None else "",
        deal=None if deal is None else Reference(id=deal.pk, name=deal.name),
        until=each.until,
        learned=each.learned,
    )
