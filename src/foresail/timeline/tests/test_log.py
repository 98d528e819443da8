"""The log that forecasts read: what was known, when it was known."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from polars.testing import assert_frame_equal

from foresail.science.forecaster import DealForecaster
from foresail.science.simulator import Simulation, simulate
from foresail.timeline.queries import deal_log
from foresail.timeline.services import append
from foresail.timeline.tests.conftest import LATER
from foresail.timeline.tests.making import AT, entries_of, entry

pytestmark = pytest.mark.django_db
MOMENTS = (datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 4, 11, 8, 30, tzinfo=UTC))


@pytest.fixture(scope="module")
def company() -> Simulation:
    return simulate(seed=7, deals=300)


@pytest.fixture(scope="module")
def forecaster(company: Simulation) -> DealForecaster:
    return DealForecaster(every=14).fit(company.log(), as_of=date(2025, 2, 1))


@pytest.fixture
def loaded(company: Simulation) -> None:
    append(entries_of(company), at=AT, quiet=True)


def by_deal(forecast: pl.DataFrame) -> pl.DataFrame:
    return forecast.sort("deal").drop("deal")


@pytest.mark.usefixtures("loaded")
def test_the_log_is_that_of_the_simulation(company: Simulation, forecaster: DealForecaster) -> None:
    ours, theirs = deal_log().log(), company.log()
    assert len(ours.deals) == len(theirs.deals)
    assert len(ours.events) == len(theirs.events)
    for at in MOMENTS:
        mine, other = forecaster.predict(ours, at=at), forecaster.predict(theirs, at=at)
        names = {str(n): name for n, name in enumerate(company.deals["deal"].to_list(), start=1)}
        mine = mine.with_columns(pl.col("deal").replace_strict(names))
        assert_frame_equal(by_deal(mine), by_deal(other), abs_tol=1e-9)


@pytest.mark.usefixtures("loaded")
def test_the_log_as_known_then_forecasts_as_the_whole_log_did_then(forecaster: DealForecaster) -> None:
    whole = deal_log().log()
    for at in MOMENTS:
        then = deal_log(known_by=at).log()
        assert_frame_equal(forecaster.predict(then, at=at), forecaster.predict(whole, at=at), abs_tol=1e-9)


@pytest.mark.usefixtures("loaded")
def test_what_is_known_late_changes_only_what_came_after(forecaster: DealForecaster) -> None:
    at = MOMENTS[0]
    before = forecaster.predict(deal_log(known_by=at).log(), at=at)
    later = at + timedelta(days=1)
    deal = int(before["deal"][0])
    ahead = forecaster.predict(deal_log(known_by=later).log(), at=later).filter(deal=str(deal))
    late = [
        entry(f"late:{n}", deal_id=deal, kind="competitor_mentioned", at=at - timedelta(days=n + 1), known_at=at + timedelta(hours=9))
        for n in range(3)
    ]  # fmt: skip
    append(late, at=later)
    assert_frame_equal(forecaster.predict(deal_log(known_by=at).log(), at=at), before, abs_tol=1e-9)
    after = forecaster.predict(deal_log(known_by=later).log(), at=later).filter(deal=str(deal))
    assert after["p_won_final"][0] < ahead["p_won_final"][0] - 1e-3


def test_an_outcome_counts_from_when_we_knew_of_it() -> None:
    opening = {"pipeline": 1, "owner": None, "amount": "5.50", "facts": {"region": "华东"}}
    append(
        [
            entry("o", kind="deal_opened", values=opening),
            entry("w", kind="won", at=AT + timedelta(days=1), known_at=AT + timedelta(days=4)),
        ],
        at=AT,
    )  # fmt: skip
    then = deal_log(known_by=AT + timedelta(days=3)).deals.row(0, named=True)
    assert (then["outcome"], then["amount"], then["region"]) == (None, 5.5, "华东")
    now = deal_log().deals.row(0, named=True)
    assert (now["outcome"], now["closed"]) == ("won", AT + timedelta(days=4))


@pytest.mark.usefixtures("loaded")
def test_a_deal_that_we_came_to_know_of_late_is_there_from_then_on(forecaster: DealForecaster) -> None:
    at = MOMENTS[0]
    opening = {"pipeline": 1, "owner": "u1", "amount": "80000.00", "facts": {"region": "华东"}}
    late = at - timedelta(days=20)
    append(
        [
            entry("late:o", kind="deal_opened", deal_id=9001, at=late, known_at=at + timedelta(days=2), values=opening),
            entry("late:m", deal_id=9001, at=late, known_at=at - timedelta(days=1)),
        ],
        at=AT,
    )  # fmt: skip
    whole = deal_log().log()
    for day, known in ((0, False), (1, False), (2, True), (9, True)):
        moment = at + timedelta(days=day)
        mine = forecaster.predict(deal_log(known_by=moment).log(), at=moment)
        assert_frame_equal(mine, forecaster.predict(whole, at=moment), abs_tol=1e-9)
        assert ("9001" in mine["deal"].to_list()) is known


def test_a_deal_opens_once_whoever_tells_of_it_again() -> None:
    for source, amount in (("crm", "5.00"), ("import", "7.00")):
        values = {"pipeline": 1, "owner": None, "amount": amount, "facts": {"tier": 3, "region": "华东"}}
        append([entry("o", kind="deal_opened", source=source, values=values)], at=AT)
    assert deal_log().deals.select("deal", "amount", "tier", "region").rows() == [("1", 5.0, "3", "华东")]
    assert deal_log(pipelines=[1]).log().deals.ids.tolist() == ["1"]


def test_what_happened_is_read_as_it_was_kept() -> None:
    odd = ("王工", "", None, '"x", y\nz', "\\N", "\\.", "u1")
    at = AT.replace(microsecond=123_457)
    values = {"pipeline": 1, "facts": {}}
    made = [entry("o", kind="deal_opened", values=values)]
    made += [
        entry(str(n), at=at, known_at=at + timedelta(seconds=n), actor_label=who) for n, who in enumerate(odd)
    ]
    append(
        [
            *made,
            entry("s", kind="stage_报价", at=LATER, actor_id=7, actor_label="x", values={"stage": "报价"}),
        ],
        at=AT,
    )
    with CaptureQueriesContext(connection):  # reads the same while queries are noted
        events = deal_log().events.sort("known")
    assert events.select("deal", "at", "known", "kind", "actor", "stage").rows() == [
        *(("1", at, at + timedelta(seconds=n), "mail_in", who, None) for n, who in enumerate(odd)),
        ("1", LATER, LATER, "stage_报价", "u7", "报价"),
    ]


def test_a_log_of_some_deals_or_pipelines_holds_no_others() -> None:
    for deal, pipeline in ((1, 1), (2, 1), (3, 2)):
        opening: dict[str, object] = {"pipeline": pipeline, "owner": None, "amount": None, "facts": {}}
        append(
            [
                entry(f"o{deal}", kind="deal_opened", deal_id=deal, values=opening),
                entry(f"m{deal}", deal_id=deal),
            ],
            at=AT,
        )
    assert deal_log(pipelines=[1]).deals["deal"].to_list() == ["1", "2"]
    assert sorted(deal_log(pipelines=[1]).events["deal"].to_list()) == ["1", "2"]
    assert deal_log(deals=[3]).events["deal"].to_list() == ["3"]
    assert deal_log(pipelines=[9]).log().deals.ids.tolist() == []


def test_a_log_is_read_in_three_queries_at_most(django_assert_max_num_queries: object) -> None:
    append([entry("o", kind="deal_opened", values={"pipeline": 1, "facts": {}})], at=AT)
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        deal_log(pipelines=[1])
    assert connection.queries is not None
