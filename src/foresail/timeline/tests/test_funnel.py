"""The funnel in SQL is the funnel that one would count by hand."""

from __future__ import annotations

import random
import statistics
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from foresail.core.conditions import ConditionInvalid
from foresail.core.errors import NotFound
from foresail.crm import services as crm
from foresail.crm.models import Deal, Pipeline
from foresail.people import services as people
from foresail.people.roles import Role
from foresail.timeline.funnel import Funnel, Step, funnel
from foresail.timeline.models import Entry
from foresail.timeline.services import append
from foresail.timeline.tests.conftest import LATER, Company
from foresail.timeline.tests.making import AT, entry

KEYS = ("qualified", "solution", "quote", "negotiation")


@pytest.fixture
def pipeline(company: Company) -> Pipeline:
    stages = [crm.StageSpec(key, key, key) for key in KEYS]
    return crm.add_pipeline(name="四步", line=company.pipeline.line, stages=stages, by=None, at=AT)


def sell(company: Company, pipeline: Pipeline, number: int, dice: random.Random) -> Deal:
    """Open a deal and move it about: onward, back, over stages; perhaps to an end."""
    at = AT + timedelta(hours=number)
    deal = crm.open_deal(
        name=f"项目{number}", account=company.account, pipeline=pipeline, owner=company.li, team=company.li.team,
        amount=number * 1000, by=None, at=at,
    )  # fmt: skip
    stages = list(pipeline.stages.order_by("position"))
    for _ in range(dice.randrange(6)):
        at += timedelta(hours=dice.randrange(1, 500))
        crm.move_deal(deal=deal, stage=dice.choice(stages), version=deal.version, by=None, at=at)
    if (outcome := dice.choice(["won", "lost", None])) is not None:
        at += timedelta(hours=dice.randrange(1, 500))
        crm.close_deal(deal=deal, outcome=outcome, version=deal.version, by=None, at=at)
    return deal


def by_hand(pipeline: Pipeline, deals: list[Deal]) -> Funnel:
    """Count the same in plain Python."""
    places = {stage.key: place for place, stage in enumerate(pipeline.stages.order_by("position"))}
    furthest: dict[int, int] = {}
    stays: dict[int, list[float]] = defaultdict(list)
    for deal in deals:
        story: list[tuple[str, datetime]] = [
            (row.kind, row.at)
            for row in Entry.objects.filter(deal=deal.pk).order_by("at", "pk")
            if row.kind in {"won", "lost"} or row.kind.startswith("stage_")
        ]
        been: dict[int, timedelta] = defaultdict(timedelta)
        still: set[int] = set()
        for (kind, at), following in pairwise([*story, None]):  # type: ignore[misc]
            place = places.get(kind.removeprefix("stage_"))
            if place is None:
                continue
            if following is None:
                still.add(place)
            else:
                been[place] += following[1] - at
        for place, stayed in been.items():
            if place not in still:
                stays[place].append(stayed.total_seconds() / 86_400)
        furthest[deal.pk] = max([*been, *still, places[deal.stage.key]])
        if deal.status == "won":
            furthest[deal.pk] = len(places)

    def count(place: int, *, beyond: bool = False, status: str | None = None) -> int:
        return sum(
            (furthest[deal.pk] > place if beyond else furthest[deal.pk] >= place)
            if status is None
            else furthest[deal.pk] == place and deal.status == status
            for deal in deals
        )

    steps = [
        Step(
            stage=stage.pk,
            reached=count(place),
            went_on=count(place, beyond=True),
            here=count(place, status="open"),
            lost=count(place, status="lost"),
            left=len(stays[place]),
            median_days=statistics.median(stays[place]) if stays[place] else None,
        )
        for place, stage in enumerate(pipeline.stages.order_by("position"))
    ]
    ended = [deal.status for deal in deals]
    return Funnel(
        steps=steps,
        deals=len(deals),
        open=ended.count("open"),
        won=ended.count("won"),
        lost=ended.count("lost"),
    )


def same(found: Funnel, expected: Funnel) -> None:
    """Days may differ in the last digits: SQL adds up numbers of another kind."""
    for one, other in zip(found.steps, expected.steps, strict=True):
        assert one.median_days == pytest.approx(other.median_days, rel=1e-9)
        assert one == Step(**{**vars(other), "median_days": one.median_days})
    assert (found.deals, found.open, found.won, found.lost) == (
        expected.deals,
        expected.open,
        expected.won,
        expected.lost,
    )


@pytest.mark.parametrize("seed", range(4))
def test_it_is_what_one_counts_by_hand(company: Company, pipeline: Pipeline, seed: int) -> None:
    dice = random.Random(seed)
    deals = [sell(company, pipeline, number, dice) for number in range(40)]
    found = funnel(user=company.li, pipeline=pipeline.pk, now=LATER)
    same(found, by_hand(pipeline, deals))
    assert sum(step.left for step in found.steps) > 20
    small: dict[str, Any] = {"all": [{"field": "amount", "op": "lt", "value": "20000"}]}
    same(
        funnel(user=company.li, pipeline=pipeline.pk, now=LATER, where=small),
        by_hand(pipeline, [deal for deal in deals if (deal.amount or 0) < 20_000]),
    )
    assert funnel(user=company.li, pipeline=pipeline.pk, now=LATER, q="项目7").deals == 1


def test_a_deal_whose_history_nobody_told_stands_where_it_stands(
    company: Company, pipeline: Pipeline
) -> None:
    deal = sell(company, pipeline, 1, random.Random(3))
    Deal.objects.filter(pk=deal.pk).update(
        stage=pipeline.stages.get(key="quote"), status="open", closed_at=None, pipeline=pipeline
    )
    empty = crm.add_pipeline(
        name="空", line=pipeline.line, stages=[crm.StageSpec("a", "甲", "a")], by=None, at=AT
    )
    found = funnel(user=company.li, pipeline=empty.pk, now=LATER)
    assert [(step.reached, step.left, step.median_days) for step in found.steps] == [(0, 0, None)]
    with_history = funnel(user=company.li, pipeline=pipeline.pk, now=LATER)
    assert with_history.steps[2].reached == 1


def test_it_counts_only_what_one_may_see(company: Company) -> None:
    assert funnel(user=company.li, pipeline=company.pipeline.pk, now=LATER).deals == 1
    seen = funnel(user=company.wang, pipeline=company.pipeline.pk, now=LATER)
    assert (seen.deals, [step.reached for step in seen.steps]) == (0, [0, 0])
    with pytest.raises(NotFound):
        funnel(user=company.li, pipeline=0, now=LATER)
    with pytest.raises(ConditionInvalid):
        funnel(user=company.li, pipeline=company.pipeline.pk, now=LATER, where={"field": "x", "op": "is"})


def test_what_is_told_late_counts_when_it_happened(company: Company) -> None:
    """A stage reached on Monday and entered on Friday was reached on Monday."""
    deal = company.deal
    quote = AT + timedelta(days=2)
    append(
        [
            entry(
                "late", kind="stage_quote", deal_id=deal.pk, account_id=deal.account_id, at=quote,
                known_at=quote + timedelta(days=4), values={"stage": "quote"},
            )
        ],
        at=quote + timedelta(days=4),
    )  # fmt: skip
    found = funnel(user=company.li, pipeline=company.pipeline.pk, now=LATER)
    assert [(step.reached, step.median_days) for step in found.steps] == [(1, 2.0), (1, None)]


def test_roles_that_see_nothing_see_no_deals(company: Company) -> None:
    nobody = people.add_user(email="n@example.com", name="N", team=company.li.team, by=None, at=AT)
    people.grant_role(user=nobody, role=Role.ADMIN, by=None, at=AT)
    assert funnel(user=nobody, pipeline=company.pipeline.pk, now=LATER).deals == 0
