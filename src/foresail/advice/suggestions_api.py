"""Suggestions over HTTP: one's own, the team's, and what people make of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from foresail.advice import queries, services
from foresail.advice.triggers_api import About, TriggerAction, TriggerTopic
from foresail.core import clock
from foresail.core.api import Problem, Reference, Schema
from foresail.crm import queries as crm
from foresail.people.http import caller

if TYPE_CHECKING:
    from foresail.advice.models import Mute
    from foresail.advice.queries import Grouped, Shown

router = Router(tags=["advice"])

Dismissal = Literal["not_true", "done", "not_now", "not_useful", "other"]


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


class SellerSuggestions(Schema):
    """What is suggested to somebody that one leads: theirs to decide."""

    seller: Reference
    groups: list[SuggestionGroup]


class TodayOut(Schema):
    """`weighted` is what the deals are worth together, times their win chances, in the house currency.

    `team` is what stands for whom one leads, by seller; it is not in `groups`.
    """

    groups: list[SuggestionGroup]
    team: list[SellerSuggestions]
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


@router.get("/suggestions", response=TodayOut)
def my_suggestions(request: HttpRequest) -> TodayOut:
    """Return what is suggested for one's own deals, or those of the teams one manages, and what stands for whom one leads."""
    found = queries.today(user=caller(request), at=clock.now())
    return TodayOut(
        groups=[_group(each) for each in found.groups],
        team=[
            SellerSuggestions(
                seller=Reference(id=each.seller.pk, name=each.seller.name),
                groups=[_group(one) for one in each.groups],
            )
            for each in found.team
        ],
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
