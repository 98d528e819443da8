"""What drivers say is true of the deal: checked against the log itself, on deals that carry the causes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from foresail.science.features import Vocabulary
from foresail.science.forecaster import AddEvent, DealForecaster, Explanation
from foresail.science.log import DealLog
from foresail.science.simulator import Simulation, simulate
from foresail.science.time import DAY, to_instant

AT = date(2025, 4, 15)
ANSWERED = {"price_objection": "price_answered", "budget_frozen": "budget_released"}


@pytest.fixture(scope="module")
def company() -> Simulation:
    return simulate(seed=12, deals=2500)


@pytest.fixture(scope="module")
def log(company: Simulation) -> DealLog:
    return company.log()


@pytest.fixture(scope="module")
def forecaster(log: DealLog, quick_trees: None) -> DealForecaster:  # noqa: ARG001
    return DealForecaster(every=7).fit(log, as_of=AT)


@pytest.fixture(scope="module")
def told(forecaster: DealForecaster, log: DealLog) -> tuple[Explanation, ...]:
    return forecaster.explain(log, at=AT)


@pytest.fixture(scope="module")
def known(log: DealLog) -> pl.DataFrame:
    """deal, kind, days ago, ours, stage: of all events known at AT, oldest first."""
    events, now = log.events, to_instant(AT, zone=log.zone)
    return (
        pl.DataFrame(
            {
                "deal": log.deals.ids[events.deal].tolist(),
                "kind": np.array(events.kinds)[events.kind].tolist(),
                "ago": (now - events.at) / DAY,
                "ours": events.actor >= 0,
                "stage": events.stage,
                "known": events.known,
            }
        )
        .filter(pl.col("known") <= now)
        .sort("known", maintain_order=True)
    )


def test_answers_are_learnt_from_the_log(forecaster: DealForecaster) -> None:
    vocabulary = forecaster.fitted.vocabulary
    assert vocabulary.settles == {answer: raised for raised, answer in ANSWERED.items()}
    assert vocabulary.asking == ("mail_in",)
    assert vocabulary.answering == ("mail_out",)


def test_an_objection_is_open_until_it_is_answered(
    told: tuple[Explanation, ...], known: pl.DataFrame
) -> None:
    seen = {"kind": 0, "settled": 0, "without": 0}
    for why in told:
        mine = known.filter(pl.col("deal") == why.deal)["kind"].to_list()
        for driver in why.drivers:
            said, _, kind = driver.code.partition(":")
            if kind not in ANSWERED:
                continue
            seen[said] += 1
            raised = len(mine) - 1 - mine[::-1].index(kind) if kind in mine else -1
            answered = raised >= 0 and ANSWERED[kind] in mine[raised:]
            assert said == ("without" if raised < 0 else "settled" if answered else "kind")
    assert min(seen["kind"], seen["settled"]) > 0


def test_a_stall_is_long_for_its_stage_and_quiet(
    told: tuple[Explanation, ...], known: pl.DataFrame, log: DealLog, forecaster: DealForecaster
) -> None:
    usual: Vocabulary = forecaster.fitted.vocabulary
    stalled = 0
    for why in told:
        for driver in why.drivers:
            said, _, stage = driver.code.partition(":")
            if said != "stalled":
                continue
            stalled += 1
            mine = known.filter(pl.col("deal") == why.deal)
            moves = mine.filter(pl.col("stage") >= 0)
            entered = moves.row(-1, named=True)
            assert log.events.stages[entered["stage"]] == stage
            days = int(np.floor(entered["ago"])) + 1  # AT is a midnight: the evening before was yesterday
            assert days > usual.usual_days[stage]
            now = to_instant(AT, zone=log.zone)
            recent = mine.filter(~pl.col("ours") & (pl.col("known") > now - 14 * DAY))
            assert len(recent) < usual.usual_events[stage]
            assert driver.log_odds < 0
            assert f"{days} 天" in driver.zh
            assert f"{days} days" in driver.en
    assert stalled > 10


def test_an_amount_that_nobody_entered_is_said_so(
    told: tuple[Explanation, ...], forecaster: DealForecaster, log: DealLog
) -> None:
    without = replace(log, deals=replace(log.deals, amount=np.full(len(log.deals), np.nan)))
    some = [why.deal for why in told[::10]]
    said = {d.zh for why in forecaster.explain(without, at=AT, deals=some) for d in why.drivers}
    assert "金额还没有填" in said
    assert not [each for each in said if "nan" in each]


def test_one_deal_is_explained_as_among_all(
    told: tuple[Explanation, ...], forecaster: DealForecaster, log: DealLog
) -> None:
    for why in told[::40]:
        (alone,) = forecaster.explain(log, at=AT, deals=[why.deal])
        assert alone.p_won_final == pytest.approx(why.p_won_final, abs=1e-12)
        assert [d.zh for d in alone.drivers] == [d.zh for d in why.drivers]


def test_the_stage_is_where_a_deal_starts_from_and_no_reason(told: tuple[Explanation, ...]) -> None:
    assert len({round(why.base, 6) for why in told}) > 5
    assert not any(driver.code == "stage" for why in told for driver in why.drivers)


def test_planted_causes_are_named(told: tuple[Explanation, ...], company: Simulation, log: DealLog) -> None:
    said = {why.deal: {d.code for d in why.drivers[:3] if d.log_odds < 0} for why in told}
    causes = company.truth.causes_at(to_instant(AT, zone=log.zone)).filter("visible")
    seen = {"champion_leaves": "kind:contact_left", "competitor_enters": "kind:competitor_mentioned"}
    for cause, code in seen.items():
        carry = set(causes.filter(pl.col("cause") == cause)["deal"]) & set(said)
        named = [code in said[deal] for deal in carry]
        assert len(named) > 10
        assert np.mean(named) >= 0.75


def test_an_added_event_is_theirs_or_of_who_works_on_the_deal(
    forecaster: DealForecaster, log: DealLog, told: tuple[Explanation, ...]
) -> None:
    deal = told[0].deal
    ours = log.events.actor[(log.deals.ids[log.events.deal] == deal) & (log.events.actor >= 0)]
    colleague = log.events.actors[int(ours[-1])]
    asked = [
        forecaster.what_if(log, at=AT, deal=deal, changes=[AddEvent("meeting", actor=who)]).after
        for who in (None, colleague)
    ]
    assert asked[0] == asked[1]
