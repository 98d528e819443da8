"""Rows to learn from: the open deals of the past at its landmarks, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from foresail.science.features import Feature, Vocabulary, compute_features
from foresail.science.forecaster.trees import Matrix, Vector
from foresail.science.landmarks import Rows, midnights_before, open_rows
from foresail.science.log import DealLog, Outcome
from foresail.science.time import DAY, NEVER, to_datetime

ENOUGH_ROWS = 30_000
"""Above this many rows some are left out: those of one deal on neighbouring days tell much the same."""
MOST_ROWS = 120_000
"""Above this many, once a deal is looked at no more than once a horizon, some deals are left out."""


@dataclass(frozen=True, eq=False)
class Training:
    """What a model learns from: `past`, the log as it stood just before `as_of`, seen at landmarks.

    `rows` are the open deals at each landmark before `as_of`; `now` those open at `as_of` itself.
    `values` (n_rows, d) and `values_now` (n_now, d) are their features.
    """

    past: DealLog
    as_of: int
    vocabulary: Vocabulary
    features: tuple[Feature, ...]
    rows: Rows
    values: Matrix
    now: Rows
    values_now: Matrix

    @classmethod
    def collect(cls, log: DealLog, *, as_of: int, every: int, horizon: int) -> Training:
        """Gather the rows at the landmarks that step back from `as_of`, `every` days apart."""
        past = log.as_of(as_of - 1)
        vocabulary = Vocabulary.learn(past)
        start: date = to_datetime(as_of, zone=log.zone).date()
        landmarks = midnights_before(start=start, first=past.first, every=every, zone=log.zone)
        rows = _thin(past, open_rows(past, landmarks=landmarks), cycle=horizon // every)
        now = open_rows(past, landmarks=np.array([as_of], dtype=np.int64))
        table = compute_features(past, rows, vocabulary=vocabulary)
        table_now = compute_features(past, now, vocabulary=vocabulary)
        return cls(past, as_of, vocabulary, table.features, rows, table.values, now, table_now.values)

    @cached_property
    def outcome(self) -> npt.NDArray[np.int8]:
        """How each row's deal ended, by `as_of` (n_rows,)."""
        return self.past.deals.outcome[self.rows.deal]

    @cached_property
    def closed(self) -> npt.NDArray[np.bool_]:
        """Whether each row's deal has ended by `as_of` (n_rows,)."""
        closed: npt.NDArray[np.bool_] = self.outcome != Outcome.OPEN
        return closed

    @property
    def both_outcomes(self) -> bool:
        """Whether deals seen at a landmark have been won, and others lost."""
        return {Outcome.WON, Outcome.LOST} <= set(np.unique(self.outcome).tolist())

    @cached_property
    def _now_of_deal(self) -> npt.NDArray[np.int64]:
        where = np.full(len(self.past.deals), -1, dtype=np.int64)
        where[self.now.deal] = np.arange(len(self.now))
        return where

    def now_of(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return where in `now` the deals of `rows` stand."""
        return self._now_of_deal[self.rows.deal[rows]]

    def follow_up(self) -> Vector:
        """Return how many days each row could be followed (n_rows,)."""
        return (self.as_of - self.rows.at) / DAY

    def state_at(self, horizon: int) -> npt.NDArray[np.int8]:
        """Return each row's state `horizon` days later, -1 where `as_of` comes first and the deal is open."""
        closed = self.past.deals.closed[self.rows.deal]
        by_then = closed <= self.rows.at + horizon * DAY
        state = np.where(by_then, self.outcome, np.int8(Outcome.OPEN))
        unknown = (closed == NEVER) & (self.follow_up() < horizon)
        return np.where(unknown, np.int8(-1), state).astype(np.int8)


def _thin(log: DealLog, rows: Rows, *, cycle: int) -> Rows:
    """Leave out rows above `ENOUGH_ROWS`: of each deal the same landmarks of every `cycle`, from a place of its own.

    So every deal and every landmark stays, and a row that stays has its like one horizon later. Where one of each
    `cycle` is still more than `MOST_ROWS`, deals are left out by lot, always the same.
    """
    if len(rows) <= ENOUGH_ROWS:
        return rows
    digest = [int.from_bytes(blake2b(str(i).encode(), digest_size=4).digest(), "big") for i in log.deals.ids]
    turn, place = np.divmod(np.array(digest)[rows.deal], cycle)
    place = (np.searchsorted(np.unique(rows.at), rows.at) + place) % cycle
    thinned = place < max(1, cycle * ENOUGH_ROWS // len(rows))
    if (left := np.count_nonzero(thinned)) > MOST_ROWS:
        thinned &= turn % left < MOST_ROWS
    return rows.take(thinned)
