"""Point-in-time look-ups: what an array of (deal, instant) questions could know, without a loop over them.

Events lie sorted by (deal, known), so what a row may know of its deal is one slice of them. All
slices are found together by bisection, exact to the microsecond; those of a selection of the events
follow from them by a binary search for positions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from foresail.science.features.clock import Clock
from foresail.science.landmarks import Rows
from foresail.science.log import Codes, DealLog, Events, Mask, Scalar
from foresail.science.time import DAY, NEVER, Instants, days

Column = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]
Groups = npt.NDArray[np.int64]
"""Codes of groups of deals, -1 for none."""

WINDOWS = (1, 3, 7, 14, 30)
"""Days that recent counts look back."""

UNIT = 2.0**34
"""Sums run over whole UNITths: then they are exact, and no row depends on what lies before it."""


PART = 400_000
"""Events taken at a time: what fits the processor's cache is done in half the time."""


@dataclass(frozen=True, eq=False)
class Selection:
    """The events of a log, and where among them each row's knowledge begins and ends.

    `start` and `stop` (n_rows,) bound the events of the row's deal that were known at the row's instant.
    """

    view: View

    def _before(self, place: Positions) -> Positions:
        """Return how many of the events lie before each `place` in the log."""
        return place

    def _place(self, number: Positions) -> Positions:
        """Return where in the log the events of these numbers lie."""
        return number

    @cached_property
    def start(self) -> Positions:
        return self._before(self.view.begin)

    @cached_property
    def stop(self) -> Positions:
        return self._before(self.view.known_by(0))

    @cached_property
    def count(self) -> Positions:
        """How many of the events are known (n_rows,)."""
        return self.stop - self.start

    def recent(self, window: int) -> Positions:
        """How many of the events became known in the last `window` days (n_rows,)."""
        return self.stop - self._before(self.view.known_by(window))

    def nth_last(self, n: int) -> Positions:
        """The log position of the n-th last known event (n = 1 is the last); -1 where there is none."""
        return np.where(self.count >= n, self._place(self.stop - n), -1)

    @cached_property
    def since_last(self) -> Column:
        """Working days since the last of the events was known (n_rows,); NaN where there is none."""
        return self.view.days_since(self.nth_last(1))

    def mean(self, amounts: Column) -> Column:
        """Return the mean over the known events of `amounts` (m,), one per event; NaN where none is known."""
        total = np.zeros(len(amounts) + 1, dtype=np.int64)
        np.cumsum(np.rint(amounts * UNIT).astype(np.int64), out=total[1:])
        known = (total[self.stop] - total[self.start]) / UNIT
        return np.where(self.count > 0, known / np.maximum(self.count, 1), np.nan)

    def last(self, amounts: Column) -> Column:
        """Return the last known of `amounts` (m,), one per event; NaN where none is known."""
        if not len(amounts):
            return np.full(len(self.count), np.nan)
        return np.where(self.count > 0, amounts[np.maximum(self.stop - 1, 0)], np.nan)


@dataclass(frozen=True, eq=False)
class Subset(Selection):
    """Those events of a log that lie at the positions `index` (m,), ascending."""

    index: Positions

    def _before(self, place: Positions) -> Positions:
        return np.searchsorted(self.index, place)

    def _place(self, number: Positions) -> Positions:
        return self.index[np.maximum(number, 0)] if len(self.index) else number


@dataclass(frozen=True, eq=False)
class View:
    """A log, and the rows that ask about it. `of_company` is the clock where the log is but a part of the company's."""

    log: DealLog
    rows: Rows
    of_company: Clock | None = None

    @cached_property
    def clock(self) -> Clock:
        """What days since something are counted by."""
        return self.of_company or Clock.of(self.log, until=int(self.rows.at.max(initial=self.log.first)))

    @cached_property
    def _first(self) -> Positions:
        """Where each deal's events begin in the log, and after the last deal, where they end."""
        return np.searchsorted(self.log.events.deal, np.arange(len(self.log.deals) + 1, dtype=np.int32))

    @cached_property
    def begin(self) -> Positions:
        """Where the events of each row's deal begin in the log (n_rows,)."""
        return self._first[self.rows.deal]

    def known_by(self, days_ago: int) -> Positions:
        """Return where the events end that each row's deal had `days_ago` days before the row (n_rows,)."""
        if days_ago not in self._known_by:
            self._known_by[days_ago] = self._bisect(self.rows.at - days_ago * DAY)
        return self._known_by[days_ago]

    @cached_property
    def _known_by(self) -> dict[int, Positions]:
        return {}

    def _bisect(self, instant: Instants) -> Positions:
        """Return the position after the last event of each row's deal that is known by `instant` (n_rows,)."""
        place, end = self.begin.copy(), self._first[self.rows.deal + 1]
        longest = int((end - place).max(initial=0))
        for step in 1 << np.arange(longest.bit_length())[::-1]:
            further = np.minimum(place + step, end)
            reached = self.log.events.known[np.maximum(further - 1, 0)] <= instant
            np.copyto(place, further, where=reached & (further > place))
        return place

    def parts(self) -> Iterator[tuple[slice, View]]:
        """Yield views of some deals at a time, of about PART events each, and where their rows lie."""
        cuts = np.searchsorted(self._first, np.arange(PART, len(self.log.events), PART))
        deals = np.unique([0, *cuts, len(self.log.deals)]).astype(np.int32)
        bounds = np.searchsorted(self.rows.deal, deals).tolist()
        for (first, stop), (begin, end) in zip(pairwise(deals.tolist()), pairwise(bounds), strict=True):
            rows = Rows(self.rows.deal[begin:end] - np.int32(first), self.rows.at[begin:end])
            yield slice(begin, end), View(self.log.between(first, stop), rows, self.clock)

    def only(self, wanted: Mask) -> View:
        """Return a view of the rows where the mask `wanted` (n_rows,) is true, on the log of their deals alone."""
        mine = self.rows.take(wanted)
        kept = np.zeros(len(self.log.deals), dtype=bool)
        kept[mine.deal] = True
        number = np.cumsum(kept, dtype=np.int32) - np.int32(1)
        clock = self.clock if self.log.dated else None
        return View(self.log.select(kept), Rows(number[mine.deal], mine.at), clock)

    @cached_property
    def all(self) -> Selection:
        """All events."""
        return Selection(self)

    def where(self, mask: Mask) -> Subset:
        """The events for which `mask` (n_events,) is true."""
        return Subset(self, np.flatnonzero(mask))

    @cached_property
    def stage_moves(self) -> Subset:
        """The events that move their deal to another stage."""
        return Subset(self, stage_moves(self.log.events))

    @cached_property
    def stage(self) -> Codes:
        """The stage of each row's deal (n_rows,): an index into the log's stages, -1 before the first move."""
        return self.of_event(self.log.events.stage, self.stage_moves.nth_last(1), none=-1)

    @cached_property
    def by_kind(self) -> tuple[Positions, Positions]:
        """The order of the log's events by kind; see `by_kind()`."""
        return by_kind(self.log.events)

    def of_kinds(self, names: Sequence[str]) -> Subset:
        """The events of the kinds `names`; names that the log lacks have no events."""
        code = {name: i for i, name in enumerate(self.log.events.kinds)}
        order, bounds = self.by_kind
        parts = [order[bounds[code[n]] : bounds[code[n] + 1]] for n in names if n in code]
        if len(parts) == 1:
            return Subset(self, parts[0])
        return Subset(self, np.sort(np.concatenate([order[:0], *parts])))

    def of_event(self, values: npt.NDArray[Scalar], event: Positions, *, none: float) -> npt.NDArray[Scalar]:
        """Return what `values` (n_events,) has at each `event` (log position), `none` where that is -1."""
        if not len(values):
            return np.full(len(event), none, dtype=values.dtype)
        return np.where(event >= 0, values[np.maximum(event, 0)], values.dtype.type(none))

    def days_since(self, event: Positions) -> Column:
        """Return working days from each event (log position; -1: none, NaN) being known to the row's instant."""
        known = self.of_event(self.log.events.known, event, none=self.log.first)
        return np.where(event >= 0, self.clock.days(known, self.rows.at), np.nan)

    @cached_property
    def age(self) -> Column:
        """Days since each row's deal opened (n_rows,)."""
        return days(self.rows.at - self.log.deals.opened[self.rows.deal])


def stage_moves(events: Events) -> Positions:
    """Return where the events lie that move their deal to another stage than it was in."""
    named = np.flatnonzero(events.stage >= 0)
    stage, deal = events.stage[named], events.deal[named]
    moved = np.ones(len(named), dtype=bool)
    moved[1:] = (stage[1:] != stage[:-1]) | (deal[1:] != deal[:-1])
    return named[moved]


def by_kind(events: Events) -> tuple[Positions, Positions]:
    """Return the positions of `events` ordered by kind, and where each kind begins in them (n_kinds + 1,)."""
    kinds = len(events.kinds)
    # Few kinds fit a small integer, which numpy sorts many times faster.
    order = np.argsort(events.kind.astype(np.min_scalar_type(kinds)), kind="stable")
    return order, np.concatenate([[0], np.cumsum(np.bincount(events.kind, minlength=kinds))])


class ClosedBefore:
    """Closed deals by group, as known at any instant: wins and closes per group before a time.

    `group` (n_deals,) are codes, -1 for none; only deals with a close count.
    """

    def __init__(self, log: DealLog, group: Groups, *, asked: Instants) -> None:
        self._asked = np.unique(asked)
        self._width = len(self._asked) + 1
        member = np.flatnonzero((log.deals.closed != NEVER) & (group >= 0))
        rank = np.searchsorted(self._asked, log.deals.closed[member], side="left")
        key = group[member].astype(np.int64) * self._width + rank
        # Mostly few groups are asked about few instants, and small integers are sorted many times faster.
        order = np.argsort(key.astype(np.min_scalar_type(int(key.max(initial=0)))), kind="stable")
        self._keys = key[order]
        won = (log.deals.outcome[member] == 1)[order]
        self._wins = np.concatenate([[0.0], np.cumsum(won)])

    def rates(self, group: Groups, at: Instants, *, days_back: int | None = None) -> tuple[Column, Column]:
        """Return (wins, closes) of `group` (n,) by `at` (n,); `days_back` must give instants asked about."""
        base = group.astype(np.int64) * self._width
        stop = np.searchsorted(self._keys, base + np.searchsorted(self._asked, at), side="right")
        begin = base - 1 if days_back is None else base + np.searchsorted(self._asked, at - days_back * DAY)
        start = np.searchsorted(self._keys, begin, side="right")
        nowhere = group < 0
        closes = np.where(nowhere, 0, stop - start).astype(np.float64)
        wins = np.where(nowhere, 0.0, self._wins[stop] - self._wins[start])
        return wins, closes
