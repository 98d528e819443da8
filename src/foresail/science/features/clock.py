"""The working clock: silence over a holiday is no silence.

Which days are worked is not asked but seen: a day on which the whole company and its customers leave
hardly a trace does not count. It is known by the end of that day, so no row looks ahead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foresail.science.log import DealLog
from foresail.science.time import DAY, Instants, to_datetime, to_instant

TRACES = 0.2
"""Below this share of the usual events of a day, it was free."""
USUAL_DAYS = 28
LEAST_EVENTS = 10
"""Where a usual day has fewer events, a day without any means nothing, and every day counts."""


@dataclass(frozen=True, eq=False)
class Clock:
    """Days since `start` (microseconds): whether each was `worked`, and how many before it were (`before`)."""

    start: int
    worked: npt.NDArray[np.float64]
    before: npt.NDArray[np.float64]

    @classmethod
    def of(cls, log: DealLog) -> Clock:
        """Read the clock of a dated log from when its events became known."""
        start = to_instant(to_datetime(log.first, zone=log.zone).date(), zone=log.zone)
        per_day = np.bincount((log.events.known - start) // DAY, minlength=1)
        # After a change to summer time these days begin an hour late, at night, which changes nothing.
        padded = np.concatenate([np.full(USUAL_DAYS - 1, np.nan), per_day])
        trailing = np.lib.stride_tricks.sliding_window_view(padded, USUAL_DAYS)
        usual = np.nanquantile(trailing, 0.75, axis=1)
        worked = ((per_day >= TRACES * usual) | (usual < LEAST_EVENTS)).astype(np.float64)
        return cls(start, worked, np.concatenate([[0.0], np.cumsum(worked)]))

    def days(self, since: Instants, until: Instants) -> npt.NDArray[np.float64]:
        """Return the working days (n,) from each of `since` to each of `until`, whose own day counts in any case."""
        day, last = (since - self.start) // DAY, (until - self.start) // DAY
        return self._time(until, last, last) - self._time(since, day, last)

    def _time(self, instant: Instants, day: Instants, last: Instants) -> npt.NDArray[np.float64]:
        known = len(self.worked)
        counts = (day >= known) | (day == last)
        counts = counts | (self.worked[np.minimum(day, known - 1)] > 0)
        before: npt.NDArray[np.float64] = self.before[np.minimum(day, known)] + np.maximum(day - known, 0)
        into: npt.NDArray[np.float64] = (instant - self.start) / DAY - day
        return before + np.where(counts, into, 0.0)
