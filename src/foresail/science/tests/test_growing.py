"""A growing log forecasts what the whole log does, of the deals that it knows in full."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from foresail.science.errors import LogError
from foresail.science.forecaster import DealForecaster
from foresail.science.forecaster.explain import AddEvent, Change, MoveStage, SetAmount
from foresail.science.growing import GrowingLog
from foresail.science.log import DealLog
from foresail.science.simulator import simulate
from foresail.science.time import to_datetime, to_instant

ZONE = ZoneInfo("Asia/Shanghai")
AS_OF, READ = date(2025, 3, 1), datetime(2025, 4, 1, tzinfo=ZONE)
Tables = tuple[pl.DataFrame, pl.DataFrame]


@pytest.fixture(scope="module")
def tables() -> Tables:
    made = simulate(seed=3, deals=160)
    return made.deals.rename({"result": "outcome"}), made.events.rename(
        {"case_id": "deal", "recorded_at": "known"}
    )


@pytest.fixture(scope="module")
def forecaster(tables: Tables, quick_trees: None) -> DealForecaster:  # noqa: ARG001  fits with quick trees
    return DealForecaster(seed=0).fit(built(tables), as_of=AS_OF)


def built(tables: Tables) -> DealLog:
    deals, events = tables
    return DealLog.build(deals=deals, events=events)


def known_by(tables: Tables, at: datetime) -> Tables:
    deals, events = tables
    ended = pl.col("closed") <= at
    return deals.filter(pl.col("opened") <= at).with_columns(
        pl.when(ended).then(pl.col(name)).alias(name) for name in ("closed", "outcome")
    ), events.filter(pl.col("known") <= at)


def of_deals(tables: Tables, ids: list[str]) -> Tables:
    deals, events = (table.filter(pl.col("deal").is_in(ids)) for table in tables)
    return deals, events


@pytest.fixture(scope="module")
def read(tables: Tables) -> GrowingLog:
    log = built(known_by(tables, READ))
    return GrowingLog.of(log, since=to_instant(READ, zone=log.zone))


def assert_same(
    forecaster: DealForecaster, growing: GrowingLog, whole: DealLog, *, at: datetime, deals: list[str]
) -> None:
    """See that both give the same features, forecasts and reasons, to the last digit."""
    mine, theirs = (forecaster.look(log, at=at, deals=deals).table for log in (growing, whole))
    assert mine is not None
    assert theirs is not None
    assert len(theirs.values) > 2
    np.testing.assert_array_equal(mine.values, theirs.values)
    told, expected = (forecaster.predict_with_reasons(log, at=at, deals=deals) for log in (growing, whole))
    assert told[0].equals(expected[0])
    assert told[1] == expected[1]


@pytest.mark.parametrize("days", [0, 3, 20])
def test_what_a_growing_log_says_of_a_touched_deal_the_whole_log_says(
    tables: Tables, forecaster: DealForecaster, read: GrowingLog, days: int
) -> None:
    """Day by day, those deals of which something became known are given to it, and no others."""
    growing, before, asked = read, READ, list[str]()
    for now in (READ + timedelta(days=n) for n in range(days + 1)):
        of_now = known_by(tables, now)
        new = of_now[1].filter(pl.col("known") > before)["deal"].unique().to_list()
        fresh = [*new, *of_now[0].filter(pl.col("opened") > before)["deal"], *growing.near.deals.ids[::4]]
        growing, before = growing.with_deals(built(of_deals(of_now, fresh))), now
        asked = sorted({*asked, *fresh})
    whole = built(known_by(tables, before))
    assert_same(forecaster, growing, whole, at=before, deals=asked)


@pytest.mark.parametrize("ended", [9, 12, None])
def test_of_others_it_keeps_the_last_move_or_who_of_us_worked_on_them_last(ended: int | None) -> None:
    day = [READ + timedelta(days=n) for n in range(13)]
    deals = pl.DataFrame(
        {"deal": ["a"], "opened": [day[0]], "closed": [ended and day[ended]], "outcome": [ended and "won"]},
        schema_overrides={"closed": pl.Datetime("us", "Asia/Shanghai"), "outcome": pl.String},
    )
    happened = [(1, "Li", "quote"), (2, "Li", "offer"), (5, "Wu", None), (6, None, None), (7, "Li", "offer"), (8, "Wu", None)]  # fmt: skip
    events = pl.DataFrame(
        [("a", day[n], "mail", actor, stage) for n, actor, stage in happened],
        schema=["deal", "at", "kind", "actor", "stage"],
        orient="row",
    )
    log = built((deals, events))
    for since, kept in ((10, {8} if ended == 9 else {2, 8} if ended else {2}), (4, {2, 5, 6, 7, 8})):
        near = GrowingLog.of(log, since=to_instant(day[since], zone=log.zone)).near
        assert {day.index(to_datetime(known, zone=ZONE)) for known in near.events.known} == kept


def test_most_of_what_happened_is_set_aside(tables: Tables, read: GrowingLog) -> None:
    whole = built(known_by(tables, READ))
    assert len(read.near.events) <= len(whole.deals)
    assert len(read.near.events) + len(read.far) == len(whole.events)
    assert read.near.end == whole.end


def test_each_event_counts_once_for_the_clock(tables: Tables, read: GrowingLog) -> None:
    growing, whole = read, built(known_by(tables, READ))
    for asked in whole.deals.ids[:40].reshape(4, 10):
        for _ in range(2):
            growing = growing.with_deals(built(of_deals(known_by(tables, READ), asked.tolist())))
            assert growing.aside is not None
            assert growing.aside.count.sum() + len(growing.near.events) == len(whole.events)


def test_a_growing_log_supposes_what_the_whole_log_does(
    tables: Tables, forecaster: DealForecaster, read: GrowingLog
) -> None:
    log = built(known_by(tables, READ))
    still_open = forecaster.predict(log, at=READ)["deal"].to_list()[:2]
    growing = read.with_deals(built(of_deals(known_by(tables, READ), still_open)))
    kinds = ["mail_in", "mail_out", "competitor_mentioned", "stage_quote", "lost"]
    changes: list[list[Change]] = [[AddEvent(kind)] for kind in kinds]
    changes += [[MoveStage(stage), SetAmount(9e6)] for stage in log.events.stages[:2]]
    moved = 0
    for deal in still_open:
        for tried in changes:
            found = forecaster.what_if(growing, at=READ, deal=deal, changes=tried)
            assert found == forecaster.what_if(log, at=READ, deal=deal, changes=tried)
            moved += found.before != found.after
    assert moved > len(changes)


@pytest.mark.parametrize(
    ("change", "stage"), [(AddEvent("mail_in"), None), (MoveStage("negotiation"), "negotiation")]
)
def test_what_is_supposed_is_forecast_as_if_it_had_happened(
    tables: Tables, forecaster: DealForecaster, change: Change, stage: str | None
) -> None:
    deals, events = known_by(tables, READ)
    deal = forecaster.predict(built((deals, events)), at=READ)["deal"][0]
    kind = "mail_in" if stage is None else f"stage_{stage}"
    happened = {"deal": deal, "at": READ, "known": READ, "kind": kind, "stage": stage}
    row = pl.DataFrame([happened], schema={name: events.schema[name] for name in happened})
    after = built((deals, pl.concat([events, row], how="diagonal")))
    found = forecaster.what_if(built((deals, events)), at=READ, deal=deal, changes=[change])
    assert found.after == forecaster.predict(after, at=READ, deals=[deal])["p_won_final"][0] != found.before


def test_it_says_nothing_of_deals_that_it_does_not_know_in_full_or_of_earlier_days(
    tables: Tables, forecaster: DealForecaster, read: GrowingLog
) -> None:
    mine, other = read.near.deals.ids[np.flatnonzero(read.near.deals.outcome == 0)[:2]]
    growing = read.with_deals(built(of_deals(known_by(tables, READ), [mine])))
    assert len(forecaster.predict_with_reasons(growing, at=READ, deals=[mine, "nobody's"])[0]) == 1
    for deals, at in (([other], READ), (None, READ), ([mine], READ - timedelta(days=9))):
        with pytest.raises(LogError, match="in full"):
            forecaster.predict_with_reasons(growing, at=at, deals=deals)
