"""The year of a Chinese sales organisation: when deals move and when people write.

Deals do not move by the day but by **steps**, whose number differs from day to day: none on weekends
and holidays, few around Spring Festival, more at the end of a month, most at the end of a quarter.
This changes how fast everything goes, and nothing else: a chance of winning *within n steps* is the
same in every season, so the hidden truth stays exact (see `chain`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from foresail.science.time import Instants, to_instant

USUAL: Final = 2
"""Steps of an ordinary working day."""

_NEW_YEAR: Final = {
    2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29),
    2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23),
    2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
}  # fmt: skip
"""Month and day of the lunar New Year. Other years simply have no Spring Festival."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """One entry per day from the start, shape (n_days,), beyond the end as far as horizons reach.

    `midnight` is where the day begins; `steps` how often every open deal may move during it; `ours`
    and `theirs` how busy our side and customers are (1 on an ordinary working day); `next_working`
    the index of the first working day after it.
    """

    midnight: Instants
    steps: npt.NDArray[np.int64]
    ours: npt.NDArray[np.float64]
    theirs: npt.NDArray[np.float64]
    working: npt.NDArray[np.bool_]
    next_working: npt.NDArray[np.int64]

    def steps_between(self, first: int, last: int) -> int:
        """Return the number of steps from the midnight of day `first` to that of day `last`."""
        return int(self.steps[first:last].sum())

    def most_steps(self, span: int) -> int:
        """Return the largest number of steps that any `span` days of the calendar hold."""
        total = np.concatenate([[0], np.cumsum(self.steps)])
        return int((total[span:] - total[:-span]).max())


def make_calendar(*, start: date, days: int, zone: ZoneInfo) -> Calendar:
    """Return the calendar of `days` days from `start` with midnights in `zone`.

    Free days follow a rule, not the yearly decree: make-up working days (调休) and the holidays of
    a single day are left out.
    """
    dates = [start + timedelta(days=i) for i in range(days)]
    working = np.array([_working(day) for day in dates])
    steps = np.array([_steps(day) for day in dates], dtype=np.int64)
    later = np.where(working, np.arange(days), days - 1)
    next_working = np.append(np.minimum.accumulate(later[::-1])[::-1][1:], days - 1)
    return Calendar(
        midnight=np.array([to_instant(day, zone=zone) for day in dates], dtype=np.int64),
        steps=steps,
        ours=np.where(working, 0.6 + 0.2 * steps, 0.03),
        theirs=np.where(working, 0.8 + 0.1 * steps, 0.08),
        working=working,
        next_working=next_working,
    )


def _working(day: date) -> bool:
    if day.weekday() >= 5 or -1 <= _from_new_year(day) <= 6:
        return False
    fixed = {(1, 1), (4, 4), (4, 5)} | {(5, i) for i in range(1, 6)} | {(10, i) for i in range(1, 8)}
    return (day.month, day.day) not in fixed


def _steps(day: date) -> int:
    if not _working(day):
        return 0
    if -8 <= _from_new_year(day) <= 13:
        return 1  # before Spring Festival nobody signs, after it nobody is back
    left = _working_days_left(day)
    if day.month % 3 == 0 and left < 5:
        return 4
    return 3 if left < 3 else USUAL


def _working_days_left(day: date) -> int:
    """Working days of this month after `day`."""
    count = 0
    day += timedelta(days=1)
    while day.day != 1:
        count += _working(day)
        day += timedelta(days=1)
    return count


def _from_new_year(day: date) -> int:
    if day.year not in _NEW_YEAR:
        return 366
    return (day - date(day.year, *_NEW_YEAR[day.year])).days
