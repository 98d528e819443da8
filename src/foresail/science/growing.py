"""`GrowingLog`: a log kept for forecasting a few of its open deals again and again, while it grows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from foresail.science.errors import LogError
from foresail.science.features.clock import Clock, Daily
from foresail.science.features.view import Positions, stage_moves
from foresail.science.habits import Habits
from foresail.science.log import DealLog, Events, Mask, places_of, take_events
from foresail.science.time import NEVER, Instants


@dataclass(frozen=True, eq=False)
class GrowingLog:
    """A log in which only those deals are known in full that were given to `with_deals`.

    Looked at from `since` on, `near` gives them the forecast of the whole log, in a fraction of the time: of
    another deal they see where it stands in the queue, or how it ended and who of us last worked on it. What else
    happened in such deals is counted by the day, `aside`, for the clock. `far` says when each of those events became
    known, ordered by the deals `ids`, of which number i has those from `first[i]` up to `first[i + 1]`.
    """

    since: int
    near: DealLog
    habits: Habits
    aside: Daily | None
    ids: npt.NDArray[np.object_]
    first: Positions
    far: Instants
    full: frozenset[str] = frozenset()

    @classmethod
    def of(cls, log: DealLog, *, since: int) -> GrowingLog:
        """Set aside what no look at `since` or later asks of deals that are not its own."""
        near = _seen_by_others(log, since=since)
        left = ~near
        known = log.events.known[left]
        deal = log.events.deal[left]
        aside = None
        if len(known):
            aside = Daily.of(known, first=int(known.min()), until=int(known.max()), zone=log.zone)
        return cls(
            since=since,
            near=replace(log, events=take_events(log.events, near)),
            habits=Habits.of(log.events),
            aside=aside,
            ids=log.deals.ids,
            first=np.searchsorted(deal, np.arange(len(log.deals) + 1, dtype=np.int32)),
            far=known,
        )

    def with_deals(self, fresh: DealLog) -> GrowingLog:
        """Return the log with the deals of `fresh`, known in full there, in the place of those of the same ids."""
        known, aside = frozenset(fresh.deals.ids), self.aside
        if aside is not None:
            for number in places_of(self.ids, known - self.full):
                aside = aside.without(self.far[self.first[number] : self.first[number + 1]])
        return replace(
            self,
            near=self.near.with_deals(fresh),
            habits=self.habits.or_else(Habits.of(fresh.events)),
            aside=aside,
            full=self.full | known,
        )

    def clock(self, deals: Collection[str] | None, at: Instants) -> Clock:
        """Return the clock of the whole log for looks `at` (n_rows,) at `deals`.

        Raises LogError where the deals are not known in full, or the looks lie before `since`.
        """
        in_part = deals is None or len(places_of(self.near.deals.ids, {*deals} - self.full))
        if in_part or at.min(initial=self.since) < self.since:
            raise LogError(
                "A growing log forecasts only deals that are known in full, from when it was made."
            )
        return Clock.of(self.near, until=int(at.max(initial=self.since)), aside=self.aside)


def _seen_by_others(log: DealLog, *, since: int) -> Mask:
    """Return which events (n_events,) looks at `since` or later ask of deals that are not their own."""
    events, closed = log.events, log.deals.closed[log.events.deal]
    seen = events.known > since
    moves = stage_moves(events)
    seen[_last_of_deal(events, moves[((closed > since) & ~seen)[moves]])] = True
    seen[_last_of_deal(events, np.flatnonzero((closed != NEVER) & (events.actor >= 0)))] = True
    return seen


def _last_of_deal(events: Events, place: Positions) -> Positions:
    """Return those of `place`, ascending, after which none is of the same deal."""
    deal = events.deal[place]
    last = np.ones(len(place), dtype=bool)
    last[:-1] = deal[1:] != deal[:-1]
    return place[last]
