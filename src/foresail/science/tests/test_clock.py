"""The working clock: free days are seen, not asked for, and no row looks ahead."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from foresail.science.features.clock import Clock
from foresail.science.log import DealLog
from foresail.science.simulator import simulate
from foresail.science.time import DAY, to_datetime, to_instant

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2025, 3, 3, tzinfo=ZONE)


def company(per_day: list[int]) -> DealLog:
    """A log of one deal with so many events on each day from MONDAY on, all at noon."""
    noon = [
        (MONDAY + timedelta(days=day, hours=12, seconds=i)).astimezone(UTC)
        for day, n in enumerate(per_day)
        for i in range(n)
    ]
    kinds: dict[str, Any] = {"deal": pl.String, "at": pl.Datetime("us", "UTC"), "kind": pl.String}
    opened = pl.Series([MONDAY.astimezone(UTC)], dtype=pl.Datetime("us", "UTC"))
    return DealLog.build(
        deals=pl.DataFrame({"deal": ["a"], "opened": opened}),
        events=pl.DataFrame([{"deal": "a", "at": at, "kind": "call"} for at in noon], schema=kinds),
        zone=ZONE,
    )


def days(clock: Clock, since: float, until: float) -> float:
    start = to_instant(MONDAY, zone=ZONE)
    ends = [np.array([start + int(day * DAY)]) for day in (since, until)]
    return float(clock.days(*ends)[0])


def read(per_day: list[int], until: int | None = None) -> Clock:
    """Read the clock on the midnight after those days, or on that of day `until`."""
    day = len(per_day) if until is None else until
    return Clock.of(company(per_day), until=to_instant(MONDAY, zone=ZONE) + day * DAY)


WEEKS = [40, 40, 40, 40, 40, 1, 0] * 5


def test_weekends_and_holidays_do_not_count() -> None:
    clock = read([*WEEKS, 0, 0, 0, 40, 40, 1, 0])
    assert days(clock, 28, 35) == 5
    assert days(clock, 32.5, 35) == 0.5  # from Friday noon to Monday
    assert days(clock, 35, 42) == 2  # three days of holiday
    assert days(clock, 33.5, 33.75) == 0.25  # one's own day counts, even a Saturday


def test_every_day_counts_where_little_happens() -> None:
    clock = read([4, 0, 0, 3, 0, 5] * 6)
    assert days(clock, 3, 33.5) == 30.5
    assert days(read([], 20), 1, 11) == 10


def test_days_without_any_event_at_the_end_are_free_for_some_weeks() -> None:
    clock = read(WEEKS, 100)
    assert days(clock, 33, 35) == 0
    assert days(clock, 35, 49) == 0
    assert days(clock, 63, 99) == 36


def test_no_day_depends_on_a_later_one() -> None:
    whole = [*WEEKS, *[200] * 10, *[0] * 5, *[7] * 20]
    full = read(whole).worked
    for cut in range(1, len(whole)):
        assert read(whole[:cut]).worked[:cut].tolist() == full[:cut].tolist()


@pytest.mark.parametrize("monday", [date(2025, 2, 10), date(2025, 7, 14)])
def test_weekends_are_as_long_in_summer_as_in_winter(monday: date) -> None:
    zone = ZoneInfo("Europe/Berlin")
    noons = [datetime(2024, 11, 4, 12, tzinfo=zone) + timedelta(days=i) for i in range(300)]
    at = [noon.astimezone(UTC) for noon in noons if noon.weekday() < 5 for _ in range(20)]
    log = DealLog.build(
        deals=pl.DataFrame({"deal": ["a"]}),
        events=pl.DataFrame({"deal": ["a"] * len(at), "at": at, "kind": ["call"] * len(at)}),
        zone=zone,
    )
    until = to_instant(monday, zone=zone)
    friday = to_instant(datetime.combine(monday - timedelta(days=3), time(17), tzinfo=zone), zone=zone)
    worked = Clock.of(log, until=until).days(np.array([friday]), np.array([until]))
    assert worked[0] == pytest.approx(7 / 24)


@pytest.mark.parametrize("holiday", [date(2024, 10, 1), date(2025, 1, 29), date(2025, 5, 1)])
def test_the_holidays_of_a_simulated_company_are_seen(holiday: date) -> None:
    log = simulate(seed=4, deals=3000).log()
    clock = Clock.of(log, until=log.end)
    first = to_datetime(int(clock.midnights[0]), zone=ZONE).date()
    free = {first + timedelta(days=i) for i, worked in enumerate(clock.worked) if not worked}
    assert holiday in free
    weekdays = [day for day in free if day.weekday() < 5]
    assert 20 < len(weekdays) < 40  # some thirty in these eighteen months
