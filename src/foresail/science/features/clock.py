"""The working clock: silence over a holiday is no silence.

Which days are worked is not asked but seen: a day on which the whole company and its customers leave
hardly a trace does not count. It is known by the end of that day, so no row looks ahead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from foresail.science.log import DealLog
from foresail.science.time import DAY, Instants, days, to_datetime, to_instant

TRACES = 0.2
"""Below this share of the usual events of a day, it was free."""
USUAL_DAYS = 28
USUAL_SHARE = 0.75
"""What is usual: as many as on all but the busiest quarter of so many days."""
LEAST_EVENTS = 10
"""Where a usual day has fewer events, a day without any means nothing, and every day counts."""


@dataclass(frozen=True, eq=False)
class Clock:
    """Days since `start` (microseconds): whether each was `worked`, and how many before it were (`before`)."""

    start: int
    worked: npt.NDArray[np.bool_]
    before: npt.NDArray[np.int64]

    @classmethod
    def of(cls, log: DealLog, *, until: int) -> Clock:
        """Read the clock of a dated log, to the day of `until`, from when its events became known."""
        start = to_instant(to_datetime(log.first, zone=log.zone).date(), zone=log.zone)
        # After a change to summer time these days begin an hour late, at night, which changes nothing.
        per_day = np.bincount((log.events.known - start) // DAY, minlength=max(until - start, 0) // DAY + 1)
        padded = np.concatenate([np.full(USUAL_DAYS - 1, np.nan), per_day])
        usual = np.nanquantile(sliding_window_view(padded, USUAL_DAYS), USUAL_SHARE, axis=1)
        worked = (per_day >= TRACES * usual) | (usual < LEAST_EVENTS)
        return cls(start, worked, np.concatenate([[0], np.cumsum(worked)]))

    def days(self, since: Instants, until: Instants) -> npt.NDArray[np.float64]:
        """Return the working days (n,) from each of `since` to each of `until`, whose own day counts in any case."""
        last = (until - self.start) // DAY
        return days(self._worked_by(until, last) - self._worked_by(since, last))

    def _worked_by(self, instant: Instants, last: Instants) -> Instants:
        """Return the microseconds worked until each `instant` (n,), seen from the day `last` (n,)."""
        day = (instant - self.start) // DAY
        into = instant - self.start - day * DAY
        return self.before[day] * DAY + np.where((day == last) | self.worked[day], into, 0)
