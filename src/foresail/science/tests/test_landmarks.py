"""Landmarks lie at local midnight, in order, also where a day has 23 or 25 hours."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from foresail.science.landmarks import add_days, midnights, midnights_before, open_rows
from foresail.science.log import DealLog
from foresail.science.time import DAY, Instants, to_datetime, to_instant

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = DAY // 24
CHANGES = {"spring": (date(2024, 3, 31), 23), "autumn": (date(2024, 10, 27), 25)}
"""The day on which the clocks change, and its hours."""

each_change = pytest.mark.parametrize(("changed", "hours"), CHANGES.values(), ids=CHANGES)


def local(instants: Instants) -> list[datetime]:
    return [to_datetime(int(t), zone=BERLIN).replace(tzinfo=None) for t in instants]


def days_from(first: date, *, every: int, count: int) -> list[datetime]:
    return [datetime(first.year, first.month, first.day) + timedelta(days=every * i) for i in range(count)]  # noqa: DTZ001  # on the wall


@each_change
def test_they_stay_at_midnight_when_the_clocks_change(changed: date, hours: int) -> None:
    start, stop = changed - timedelta(days=3), changed + timedelta(days=4)
    found = midnights(start=start, stop=stop, every=1, zone=BERLIN)
    assert local(found) == days_from(start, every=1, count=7)
    assert [(b - a) // HOUR for a, b in pairwise(found.tolist())] == [24, 24, 24, hours, 24, 24]


@pytest.mark.parametrize("changed", [changed for changed, _ in CHANGES.values()], ids=CHANGES)
@pytest.mark.parametrize("every", [1, 2, 3, 7])
def test_they_step_back_over_a_change_as_they_step_forward(changed: date, every: int) -> None:
    start = changed + timedelta(days=every)
    first = to_instant(start - timedelta(days=3 * every), zone=BERLIN)
    found = midnights_before(start=start, first=first, every=every, zone=BERLIN)
    assert local(found) == days_from(start - timedelta(days=3 * every), every=every, count=3)
    assert found[0] == first
    # One that began a moment later leaves the first midnight out.
    assert midnights_before(start=start, first=first + 1, every=every, zone=BERLIN).tolist() == list(
        found[1:]
    )


@each_change
def test_a_horizon_ends_at_midnight_after_a_change(changed: date, hours: int) -> None:
    start = changed - timedelta(days=13)
    at = midnights(start=start, stop=changed + timedelta(days=2), every=1, zone=BERLIN)
    later = add_days(at, 14, zone=BERLIN)
    assert local(later) == days_from(start + timedelta(days=14), every=1, count=15)
    # Only a span that holds the whole day of the change is longer or shorter.
    assert ((later - at) // HOUR).tolist() == [14 * 24 + hours - 24] * 14 + [14 * 24]
    assert add_days(at[::-1], 14, zone=BERLIN).tolist() == later[::-1].tolist()


@each_change
def test_a_deal_is_seen_once_a_day_over_a_change(changed: date, hours: int) -> None:
    opened = datetime(changed.year, changed.month, changed.day, tzinfo=BERLIN)
    closed = opened + timedelta(days=1)  # the next midnight on the wall
    deals = pl.DataFrame({"deal": ["a"], "opened": [opened], "closed": [closed], "outcome": ["won"]})
    log = DealLog.build(deals=deals, zone=BERLIN)
    assert log.deals.closed[0] - log.deals.opened[0] == hours * HOUR
    landmarks = midnights(
        start=changed - timedelta(days=2), stop=changed + timedelta(days=3), every=1, zone=BERLIN
    )
    assert local(open_rows(log, landmarks=landmarks).at) == days_from(changed, every=1, count=1)
