"""A log in which some deals are known anew is the one that is built from all of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from foresail.science.forecaster import DealForecaster
from foresail.science.log import DealLog
from foresail.science.simulator import simulate

AS_OF, NOW = date(2025, 3, 1), date(2025, 4, 15)


@pytest.fixture(scope="module")
def frames() -> tuple[pl.DataFrame, pl.DataFrame]:
    made = simulate(seed=3, deals=160)
    deals = made.deals.rename({"result": "outcome"})
    return deals, made.events.rename({"case_id": "deal", "recorded_at": "known"})


def build(deals: pl.DataFrame, events: pl.DataFrame) -> DealLog:
    return DealLog.build(deals=deals, events=events)


def named(codes: npt.NDArray[np.int32], names: tuple[str, ...]) -> list[str | None]:
    return [names[code] if code >= 0 else None for code in codes]


def assert_same(one: DealLog, other: DealLog) -> None:
    """See that both say the same; names that nothing bears are not told of."""
    assert one.deals.ids.tolist() == other.deals.ids.tolist()
    for name in ("opened", "closed", "outcome", "amount"):
        np.testing.assert_array_equal(getattr(one.deals, name), getattr(other.deals, name))
    assert named(one.deals.owner, one.deals.owners) == named(other.deals.owner, other.deals.owners)
    assert_frame_equal(one.deals.attributes, other.deals.attributes)
    for name in ("deal", "at", "known"):
        mine, theirs = getattr(one.events, name), getattr(other.events, name)
        np.testing.assert_array_equal(mine, theirs)
        assert mine.dtype == theirs.dtype
    for name in ("kind", "actor", "stage"):
        mine, theirs = ((getattr(e, name), getattr(e, f"{name}s")) for e in (one.events, other.events))
        assert named(*mine) == named(*theirs)
    assert (one.end, one.zone, one.first) == (other.end, other.zone, other.first)


@pytest.mark.parametrize("seed", range(6))
def test_deals_known_anew_stand_where_they_would(frames: tuple[Any, Any], seed: int) -> None:
    deals, events = frames
    rng = np.random.default_rng(seed)
    ids = deals["deal"].to_numpy()
    touched = rng.choice(ids, size=[1, 2, 7, 40, 159, 160][seed], replace=False).tolist()
    unknown = touched[: len(touched) // 2]  # these are not in the log yet
    fewer = events.filter(~pl.col("deal").is_in(touched) | pl.Series(rng.random(len(events)) < 0.6))
    before = build(deals.filter(~pl.col("deal").is_in(unknown)), fewer)
    fresh = build(deals.filter(pl.col("deal").is_in(touched)), events.filter(pl.col("deal").is_in(touched)))
    assert_same(before.with_deals(fresh), build(deals, events))


def test_deals_of_which_no_attribute_is_told_have_none(frames: tuple[Any, Any]) -> None:
    deals, events = frames
    plain = ["deal", "opened", "closed", "outcome", "owner", "amount"]
    mine = pl.col("deal").is_in(deals["deal"][3:6].to_list())
    fresh = build(deals.filter(mine).select(plain), events.filter(mine))
    whole = deals.with_columns(
        pl.when(~mine).then(pl.col(name)).alias(name) for name in deals.columns if name not in plain
    )
    assert_same(build(deals, events).with_deals(fresh), build(whole, events))
    bare = build(deals.filter(~mine).select(plain), events.filter(~mine))
    assert bare.with_deals(build(deals.filter(mine), events.filter(mine))).deals.attributes.height == len(
        deals
    )


def test_of_no_deal_nothing_is_new(frames: tuple[Any, Any]) -> None:
    log = build(*frames)
    assert_same(log.with_deals(log.select(np.zeros(len(log.deals), dtype=bool))), log)


@pytest.mark.usefixtures("quick_trees")
def test_a_deal_is_forecast_alone_as_among_all(frames: tuple[Any, Any]) -> None:
    log = build(*frames)
    forecaster = DealForecaster(seed=0).fit(log, as_of=AS_OF)
    whole = forecaster.predict(log, at=NOW)
    some = whole["deal"].to_list()[3:6]
    assert_frame_equal(
        forecaster.predict(log, at=NOW, deals=some), whole.filter(pl.col("deal").is_in(some)), abs_tol=1e-12
    )
    assert not len(forecaster.predict(log, at=NOW, deals=["nobody's"]))
    table, reasons = forecaster.predict_with_reasons(log, at=NOW, deals=[*some, "nobody's"])
    assert_frame_equal(table, forecaster.predict(log, at=NOW, deals=some))
    assert reasons == forecaster.explain(log, at=NOW, deals=some)
    told = {one.deal: one for one in forecaster.explain(log, at=NOW)}
    for one in forecaster.explain(log, at=NOW, deals=some):
        theirs = told[one.deal]
        assert [d.code for d in one.drivers] == [d.code for d in theirs.drivers]
        assert [d.events for d in one.drivers] == [d.events for d in theirs.drivers]
        assert [d.zh for d in one.drivers] == [d.zh for d in theirs.drivers]
        assert [d.log_odds for d in one.drivers] == pytest.approx(
            [d.log_odds for d in theirs.drivers], abs=1e-12
        )
