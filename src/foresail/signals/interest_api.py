"""What accounts are interested in, over HTTP: the map, one account, why; topics, and what evidence counts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, cast

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from ninja.params.functions import Path
from pydantic import Field
from pydantic_core import to_json

from foresail.core import clock
from foresail.core.api import Problem, Reference, Schema
from foresail.core.conditions import ConditionField, ConditionJson, field_shape
from foresail.people.http import caller
from foresail.science.interest import Rise
from foresail.signals import queries, services
from foresail.signals.kinds import KINDS
from foresail.signals.models import Topic
from foresail.signals.topics import FIELDS, Page
from foresail.signals.weighing import weights

router = Router(tags=["interest"])

TopicKind = Literal["product", "price", "implementation", "security", "competitor", "other"]
TopicStatus = Literal["draft", "active", "retired"]
TieReason = Literal["signed", "link", "form", "staff", "domain", "company"]


class RiseOut(Schema):
    """Evidence of the last seven days, that of a usual week of the twelve before, and how they compare."""

    week: float
    usual: float
    ratio: float
    surging: bool


class TopicOut(Schema):
    id: int
    kind: TopicKind
    zh: str
    en: str
    rule: ConditionJson
    status: TopicStatus
    changed_at: datetime
    changed_by: Reference | None


class HeatRowOut(Schema):
    """`cells` are 0 to 100, in the order of the columns."""

    account: Reference
    strength: float
    rise: RiseOut
    cells: list[int]


class HeatMapOut(Schema):
    """Columns are `days` or `topics`. On days before `since` nothing might be collected."""

    days: list[date]
    topics: list[int]
    since: date | None
    rows: list[HeatRowOut]
    total: int


class TopicInterestOut(Schema):
    """`topic` 0 is what is about none."""

    topic: int
    strength: float
    rise: RiseOut


class AccountInterestOut(Schema):
    strength: float
    rise: RiseOut
    topics: list[TopicInterestOut]


class PageOut(Schema):
    url: str
    title: str
    file: str
    query: str


class ContributionOut(Schema):
    """`part` is how many points of the strength this signal makes."""

    signal: int
    topics: list[int]
    kind: str
    at: datetime
    known_at: datetime
    page: PageOut
    seconds: float | None
    source: str
    basis: str
    until: datetime
    reason: TieReason
    confidence: float
    contact: Reference | None
    consented_at: datetime | None
    part: float


class ExplanationOut(Schema):
    """The parts of `events`, and `others_part` of `others` more, add up to `strength`."""

    strength: float
    events: list[ContributionOut]
    others: int
    others_part: float


class TopicIn(Schema):
    kind: TopicKind
    zh: Annotated[str, Field(max_length=200)]
    en: Annotated[str, Field(max_length=200)]
    rule: ConditionJson
    status: TopicStatus = "draft"


class TopicPatch(Schema):
    kind: TopicKind | None = None
    zh: Annotated[str, Field(max_length=200)] | None = None
    en: Annotated[str, Field(max_length=200)] | None = None
    rule: ConditionJson | None = None
    status: TopicStatus | None = None


class TopicRule(Schema):
    rule: ConditionJson


class PageReadOut(Schema):
    page: PageOut
    signals: int


class TopicTrial(Schema):
    """What a rule would have found in the last 90 days."""

    signals: int
    visitors: int
    accounts: int
    pages: list[PageReadOut]


class TopicSuggestion(Schema):
    zh: str
    rule: ConditionJson
    signals: int
    pages: list[PageReadOut]


class KindWeightOut(Schema):
    """`shipped` is what counts where nothing was learned or set; `learned` from how deals ended."""

    kind: str
    zh: str
    en: str
    weight: float
    half_life: float
    shipped: float
    shipped_half_life: float
    learned: LearnedWeight | None
    edited_by: Reference | None
    changed_at: datetime | None


class LearnedWeight(Schema):
    """Of deals with such evidence and without: how many ended, how many of them were won."""

    weight: float
    with_ended: float
    with_won: float
    without_ended: float
    without_won: float


class KindWeightIn(Schema):
    weight: float
    half_life: float


@router.get("/interest/map", response={200: HeatMapOut, 422: Problem})
def interest_map(
    request: HttpRequest,
    by: Literal["day", "topic"] = "day",
    days: int = 28,
    q: str | None = None,
    mine: bool = False,
) -> HttpResponse:
    """Return which accounts show interest, those that rose most first."""
    user, now = caller(request), clock.now()
    if by == "day":
        found = queries.heat_by_day(user=user, at=now, days=days, q=q, mine=mine)
        columns = {"days": found.columns, "topics": ()}
    else:
        topics = [topic.pk for topic in queries.topics(active=True)]
        found = queries.heat_by_topic(user=user, at=now, topics=topics, q=q, mine=mine)
        columns = {"days": (), "topics": topics}
    # A HeatMapOut in the making: thousands of rows, each checked by itself, would take longer than all the rest.
    told = {
        **columns,
        "since": queries.collected_since(),
        "rows": [
            {
                "account": {"id": account, "name": name}, "strength": strength,
                "rise": {"week": week, "usual": usual, "ratio": ratio, "surging": surging},
                "cells": cells,
            }
            for account, name, strength, (week, usual, ratio, surging), cells in found.rows
        ],
        "total": found.total,
    }  # fmt: skip
    return HttpResponse(to_json(told), content_type="application/json; charset=utf-8")


@router.get("/interest/map/refused", response={200: list[int], 422: Problem})
def interest_map_refused(request: HttpRequest, q: str | None = None, mine: bool = False) -> list[int]:
    """Return the accounts of the map that do not want to be followed: some of their contacts said so, and none agrees."""
    return sorted(queries.refused_accounts(user=caller(request), at=clock.now(), q=q, mine=mine))


@router.get("/accounts/{account}/interest", response={200: AccountInterestOut, 404: Problem})
def account_interest(request: HttpRequest, account: int) -> AccountInterestOut:
    found = queries.interest_of(user=caller(request), account=account, at=clock.now())
    return AccountInterestOut(
        strength=found.strength,
        rise=_rise(found.rise),
        topics=[
            TopicInterestOut(topic=each.topic, strength=each.strength, rise=_rise(each.rise))
            for each in found.topics
        ],
    )


@router.get("/accounts/{account}/interest/why", response={200: ExplanationOut, 404: Problem, 422: Problem})
def why_interest(
    request: HttpRequest, account: int, topic: int | None = None, day: date | None = None
) -> ExplanationOut:
    """Return the signals behind a strength, and how much of it each makes; with `day`, behind that day's."""
    found = queries.explain_interest(
        user=caller(request), account=account, at=clock.now(), topic=topic, day=day
    )
    return ExplanationOut(
        strength=found.strength,
        events=[_contribution(each) for each in found.events],
        others=found.others,
        others_part=found.others_part,
    )


@router.get("/topics", response=list[TopicOut])
def topics(request: HttpRequest) -> list[TopicOut]:
    caller(request)
    return [_topic(each) for each in queries.topics()]


@router.get("/topics/fields", response=list[ConditionField])
def topic_fields(request: HttpRequest) -> list[ConditionField]:
    """Return what the rule of a topic may ask of."""
    caller(request)
    return [field_shape(field) for field in FIELDS.values()]


@router.get("/topics/suggestions", response={200: list[TopicSuggestion], 403: Problem})
def topic_suggestions(request: HttpRequest) -> list[TopicSuggestion]:
    """Return what is read often and no topic knows yet."""
    found = queries.suggest_topics(user=caller(request), at=clock.now())
    return [
        TopicSuggestion(zh=each.zh, rule=dict(each.rule), signals=each.signals, pages=_pages(each.pages))
        for each in found
    ]


@router.post("/topics/try", response={200: TopicTrial, 403: Problem, 422: Problem})
def try_topic(request: HttpRequest, body: TopicRule) -> TopicTrial:
    """Try a rule on the last 90 days. Nothing counts by that."""
    found = queries.try_topic(user=caller(request), rule=body.rule, at=clock.now())
    return TopicTrial(
        signals=found.signals, visitors=found.visitors, accounts=found.accounts, pages=_pages(found.pages)
    )


@router.post("/topics", response={201: TopicOut, 403: Problem, 409: Problem, 422: Problem})
def add_topic(request: HttpRequest, body: TopicIn) -> Status[TopicOut]:
    made = services.add_topic(
        kind=body.kind,
        zh=body.zh,
        en=body.en,
        rule=body.rule,
        status=body.status,
        by=caller(request),
        at=clock.now(),
    )
    return Status(201, _topic(made))


@router.patch(
    "/topics/{topic}", response={200: TopicOut, 403: Problem, 404: Problem, 409: Problem, 422: Problem}
)
def change_topic(request: HttpRequest, body: TopicPatch, key: int = Path(..., alias="topic")) -> TopicOut:
    values = body.model_dump(exclude_unset=True, exclude_none=True)
    found = queries.topic(key=key)
    return _topic(services.change_topic(topic=found, values=values, by=caller(request), at=clock.now()))


@router.get("/kind-weights", response=list[KindWeightOut])
def kind_weights(request: HttpRequest) -> list[KindWeightOut]:
    """Return what each kind of evidence counts. Anybody may see how strengths come about."""
    caller(request)
    return _weights()


@router.put(
    "/kind-weights/{kind}", response={200: list[KindWeightOut], 403: Problem, 404: Problem, 422: Problem}
)
def set_kind_weight(request: HttpRequest, kind: str, body: KindWeightIn) -> list[KindWeightOut]:
    services.set_weight(
        kind=kind, weight=body.weight, half_life=body.half_life, by=caller(request), at=clock.now()
    )
    return _weights()


@router.delete("/kind-weights/{kind}", response={200: list[KindWeightOut], 403: Problem, 404: Problem})
def reset_kind_weight(request: HttpRequest, kind: str) -> list[KindWeightOut]:
    """Let a kind count what was learned, or as shipped."""
    services.reset_weight(kind=kind, by=caller(request), at=clock.now())
    return _weights()


def _weights() -> list[KindWeightOut]:
    now, kept = weights(), queries.kept_weights()
    found = []
    for key, kind in KINDS.items():
        row = kept.get(key)
        by = row.edited_by if row else None
        found.append(
            KindWeightOut(
                kind=key, zh=kind.zh, en=kind.en, weight=now[key].weight, half_life=now[key].half_life,
                shipped=kind.weight, shipped_half_life=kind.half_life,
                learned=LearnedWeight(**row.learned) if row and row.learned else None,
                edited_by=Reference(id=by.pk, name=by.name) if by else None, changed_at=row.changed_at if row else None,
            )
        )  # fmt: skip
    return found


def _rise(rise: Rise) -> RiseOut:
    return RiseOut(week=rise.week, usual=rise.usual, ratio=rise.ratio, surging=rise.surging)


def _page(page: Page) -> PageOut:
    return PageOut(url=page.url, title=page.title, file=page.file, query=page.query)


def _pages(pages: Any) -> list[PageReadOut]:
    return [PageReadOut(page=_page(each.page), signals=each.signals) for each in pages]


def _topic(topic: Topic) -> TopicOut:
    by = topic.changed_by
    return TopicOut(
        id=topic.pk, kind=cast("TopicKind", topic.kind), zh=topic.zh, en=topic.en, rule=topic.rule, status=cast("TopicStatus", topic.status),
        changed_at=topic.changed_at, changed_by=Reference(id=by.pk, name=by.name) if by else None,
    )  # fmt: skip


def _contribution(each: queries.Contribution) -> ContributionOut:
    contact = Reference(id=each.contact, name=each.contact_name or "") if each.contact else None
    return ContributionOut(
        signal=each.signal, topics=list(each.topics), kind=each.kind, at=each.at, known_at=each.known_at,
        page=_page(each.page), seconds=each.seconds, source=each.source, basis=each.basis, until=each.until,
        reason=cast("TieReason", each.reason), confidence=each.confidence, contact=contact, consented_at=each.consented_at, part=each.part,
    )  # fmt: skip
