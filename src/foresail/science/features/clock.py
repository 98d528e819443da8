"""The working clock: silence over a holiday is no silence.

Which days are worked is not asked but seen: a day on which the whole company and its customers leave
hardly a trace does not count. It is known by the end of that day, so no row looks ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

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
class Daily:
    """How many events became known on each local day: `count` (n_days,), between `midnights` (n_days + 1,)."""

    midnights: Instants
    count: npt.NDArray[np.int64]

    @classmethod
    def of(cls, known: Instants, *, first: int, until: int, zone: ZoneInfo) -> Daily:
        """Count events `known` (n,) between `first` and `until`, from the day of the one to that of the other."""
        start = to_datetime(first, zone=zone).date()
        n_days = (to_datetime(until, zone=zone).date() - start).days + 1
        midnights = np.array(
            [to_instant(start + timedelta(days=i), zone=zone) for i in range(n_days + 1)], dtype=np.int64
        )
        return cls(midnights, np.bincount(_day(known, midnights), minlength=n_days))

    def without(self, known: Instants) -> Daily:
        """Return what is left when those `known` (n,), which were counted, are not."""
        gone = np.bincount(_day(known, self.midnights), minlength=len(self.count))
        return Daily(self.midnights, self.count - gone)


@dataclass(frozen=True, eq=False)
class Clock:
    """Local days, each from one of `midnights` (microseconds) to the next: whether it was `worked`, and how many
    worked ones were `before` it.
    """

    midnights: Instants
    worked: npt.NDArray[np.bool_]
    before: npt.NDArray[np.int64]

    @classmethod
    def of(cls, log: DealLog, *, until: int, aside: Daily | None = None) -> Clock:
        """Read the clock of a dated log, to the day of `until`, from when its events became known.

        Those that were counted `aside` count as well.
        """
        first, latest = log.first, max(until, int(log.events.known.max(initial=until)))
        if aside is not None:
            first, latest = min(first, int(aside.midnights[0])), max(latest, int(aside.midnights[-2]))
        daily = Daily.of(log.events.known, first=first, until=latest, zone=log.zone)
        per_day = daily.count
        if aside is not None:
            begin = int(np.searchsorted(daily.midnights, aside.midnights[0]))
            per_day[begin : begin + len(aside.count)] += aside.count
        padded = np.concatenate([np.full(LOOK_BACK - 1, np.nan), per_day])
        windows = sliding_window_view(padded, LOOK_BACK)
        # Only the first reach back before the log. `nanquantile` takes one window at a time.
        usual = np.concatenate(
            [
                np.nanquantile(windows[: LOOK_BACK - 1], USUAL, axis=1),
                np.quantile(windows[LOOK_BACK - 1 :], USUAL, axis=1),
            ]
        )
        worked = (per_day >= TRACES * usual) | (usual < LEAST_EVENTS)
        return cls(daily.midnights, worked, np.concatenate([[0], np.cumsum(worked)]))

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
