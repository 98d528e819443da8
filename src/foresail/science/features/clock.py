"""The working clock: silence over a holiday is no silence.

Which days are worked is not asked but seen: a day on which the whole company and its customers leave
hardly a trace does not count. It is known by the end of that day, so no row looks ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from foresail.science.log import DealLog
from foresail.science.time import DAY, Instants, days, to_datetime, to_instant

TRACES = 0.2
"""Below this share of the usual events of a day, it was free."""
LOOK_BACK = 28
USUAL = 0.75
"""What is usual: as many events as on all but the busiest quarter of so many days."""
LEAST_EVENTS = 10
"""Where a usual day has fewer events, a day without any means nothing, and every day counts."""


@dataclass(frozen=True, eq=False)
class Clock:
    """Local days, each from one of `midnights` (microseconds) to the next: whether it was `worked`, and how many
    worked ones were `before` it.
    """

    midnights: Instants
    worked: npt.NDArray[np.bool_]
    before: npt.NDArray[np.int64]

    @classmethod
    def of(cls, log: DealLog, *, until: int) -> Clock:
        """Read the clock of a dated log, to the day of `until`, from when its events became known."""
        first = to_datetime(log.first, zone=log.zone).date()
        latest = max(until, int(log.events.known.max(initial=until)))
        n_days = (to_datetime(latest, zone=log.zone).date() - first).days + 1
        midnights = np.array(
            [to_instant(first + timedelta(days=i), zone=log.zone) for i in range(n_days + 1)], dtype=np.int64
        )
        per_day = np.bincount(_day(log.events.known, midnights), minlength=n_days)
        padded = np.concatenate([np.full(LOOK_BACK - 1, np.nan), per_day])
        usual = np.nanquantile(sliding_window_view(padded, LOOK_BACK), USUAL, axis=1)
        worked = (per_day >= TRACES * usual) | (usual < LEAST_EVENTS)
        return cls(midnights, worked, np.concatenate([[0], np.cumsum(worked)]))

    def days(self, since: Instants, until: Instants) -> npt.NDArray[np.float64]:
        """Return the working days (n,) from each of `since` to each of `until`, whose own day counts in any case."""
        last = _day(until, self.midnights)
        return days(self._worked_by(until, last) - self._worked_by(since, last))

    def _worked_by(self, instant: Instants, last: Instants) -> Instants:
        """Return the microseconds worked until each `instant` (n,), seen from the day `last` (n,)."""
        day = _day(instant, self.midnights)
        into = np.minimum(instant - self.midnights[day], DAY)
        return self.before[day] * DAY + np.where((day == last) | self.worked[day], into, 0)


def _day(instant: Instants, midnights: Instants) -> Instants:
    """Return which day each `instant` (n,) lies in. A change of summer time moves a midnight by less than a day."""
    last = len(midnights) - 2
    day: Instants = np.clip((instant - midnights[0]) // DAY, 0, last)
    day += (instant >= midnights[day + 1]) & (day < last)
    day -= instant < midnights[day]
    return day
