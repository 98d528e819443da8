"""Landmarks: the instants at which we look, the rows they give, and what became of each row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from foresail.science.log import DealLog, Outcome
from foresail.science.time import NEVER, Instants, to_datetime, to_instant


@dataclass(frozen=True, eq=False)
class Rows:
    """Deals seen at landmarks, one entry per pair, ordered by (deal, at). Shapes are (n_rows,)."""

    deal: npt.NDArray[np.int32]
    at: Instants

    def __len__(self) -> int:
        return len(self.deal)

    def take(self, keep: npt.NDArray[np.bool_]) -> Rows:
        """Return the rows where the mask `keep` is true."""
        return Rows(self.deal[keep], self.at[keep])


def midnights(*, start: date, stop: date, every: int, zone: ZoneInfo) -> Instants:
    """Return the midnights of `start`, `start` + `every` days, … before `stop`, in `zone`."""
    count = max(0, -(-(stop - start).days // every))
    return np.array(
        [to_instant(start + timedelta(days=every * i), zone=zone) for i in range(count)], dtype=np.int64
    )


def midnights_before(*, start: date, first: int, every: int, zone: ZoneInfo) -> Instants:
    """Return the midnights that step back from `start` (left out) as long as they lie at or after `first`."""
    back = max(0, (start - to_datetime(first, zone=zone).date()).days // every)
    steps = midnights(start=start - timedelta(days=every * back), stop=start, every=every, zone=zone)
    return steps[steps >= first]


def add_days(instants: Instants, days: int, *, zone: ZoneInfo) -> Instants:
    """Return the midnights `days` calendar days after the midnights `instants`, through clock changes."""
    unique, inverse = np.unique(instants, return_inverse=True)
    moved = [
        to_instant(to_datetime(int(t), zone=zone).date() + timedelta(days=days), zone=zone) for t in unique
    ]
    return np.array(moved, dtype=np.int64)[inverse]


def open_rows(log: DealLog, *, landmarks: Instants) -> Rows:
    """Return every deal at every landmark at which it is open: opened at or before it, closed after it."""
    landmarks = np.sort(landmarks)
    begin = np.searchsorted(landmarks, log.deals.opened, side="left")
    end = np.searchsorted(landmarks, log.deals.closed, side="left")
    count = np.maximum(end - begin, 0)
    deal = np.repeat(np.arange(len(log.deals), dtype=np.int32), count)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return Rows(deal, landmarks[np.repeat(begin, count) + offset])


def undated_rows(log: DealLog) -> Rows:
    """Return one row per deal of a log without dates."""
    return Rows(np.arange(len(log.deals), dtype=np.int32), np.zeros(len(log.deals), dtype=np.int64))


def states(log: DealLog, rows: Rows, *, until: Instants) -> npt.NDArray[np.int8]:
    """Return what each row's deal is at `until` (n_rows,): an `Outcome`, or -1 where the log ends before."""
    closed = log.deals.closed[rows.deal]
    state = np.where(closed <= until, log.deals.outcome[rows.deal], np.int8(Outcome.OPEN))
    return np.where((closed == NEVER) & (until > log.end), np.int8(-1), state).astype(np.int8)
