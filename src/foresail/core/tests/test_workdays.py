"""The working calendar: what the State Council set for 2026, and what holds where nothing was set."""

from datetime import date, timedelta

import pytest

from foresail.core.workdays import FIRST_YEAR, LAST_YEAR, is_day_off, is_weekend


@pytest.mark.parametrize(
    ("first", "days"),
    [
        (date(2026, 1, 1), 3),
        (date(2026, 2, 15), 9),  # Spring Festival, with both weekends
        (date(2026, 10, 1), 7),
    ],
)
def test_a_holiday_is_as_long_as_it_was_set(first: date, days: int) -> None:
    assert [is_day_off(first + timedelta(days=n)) for n in range(-1, days + 1)] == [
        False, *[True] * days, False,
    ]  # fmt: skip


def test_weekends_are_worked_in_exchange() -> None:
    worked = [day for day in every_day(2026) if is_weekend(day) and not is_day_off(day)]
    assert [day.isoformat() for day in worked] == [
        "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
    ]  # fmt: skip


def test_beyond_what_was_set_weekends_are_off_and_nothing_else() -> None:
    assert FIRST_YEAR <= 2010
    assert LAST_YEAR >= 2026
    for year in (FIRST_YEAR - 1, LAST_YEAR + 1, LAST_YEAR + 30):
        assert all(is_day_off(day) == is_weekend(day) for day in every_day(year))


def every_day(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
