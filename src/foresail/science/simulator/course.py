"""All deals run through the chain, day by day and all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foresail.science.simulator.calendar import Calendar
from foresail.science.simulator.chain import OPEN_STATES, STAY, WON, Floats, Ints, chain, class_of
from foresail.science.simulator.company import Openings, People
from foresail.science.simulator.streams import stream
from foresail.science.time import NEVER, SECOND, Instants


@dataclass(frozen=True, eq=False)
class Moves:
    """Every change of a hidden state, in the order of time per deal. Shapes are (n_moves,)."""

    deal: Ints
    at: Instants
    before: Ints
    after: Ints

    def __len__(self) -> int:
        return len(self.deal)


@dataclass(frozen=True, eq=False)
class Course:
    """What really happened. Arrays per deal have shape (n_deals,).

    `row_deal` and `row_state` hold the open deals at each midnight, that of the end included, ordered by
    day and then by deal; day d has the rows `day_rows[d]` to `day_rows[d + 1]`.
    `closed` is NEVER where still open.
    """

    cls: Ints
    slow: npt.NDArray[np.bool_]
    closed: Instants
    won: npt.NDArray[np.bool_]
    moves: Moves
    day_rows: Ints
    row_deal: npt.NDArray[np.int32]
    row_state: npt.NDArray[np.int16]


def run(*, seed: int, openings: Openings, people: People, calendar: Calendar, days: int) -> Course:
    """Run all deals from their opening to the end of the last of `days` days.

    A deal moves for the first time on the day after it opened. Whether its rep follows up quickly is
    drawn when it opens, from the rep's habit and load at that moment, and stays.
    """
    n = len(openings.opened)
    u_slow = stream(seed, "slow").random(n)
    draws, hours = stream(seed, "moves"), stream(seed, "hours")
    cumulated = np.cumsum(chain().p, axis=2).reshape(-1, STAY)
    to = chain().to
    first = np.searchsorted(openings.day, np.arange(days + 1))
    slow = np.zeros(n, dtype=bool)
    cls = np.zeros(n, dtype=np.int64)
    state = np.zeros(n, dtype=np.int64)
    closed = np.full(n, NEVER, dtype=np.int64)
    live = np.zeros(0, dtype=np.int64)
    rows: list[npt.NDArray[np.int32]] = []
    states: list[npt.NDArray[np.int16]] = []
    moves: list[tuple[Ints, Instants, Ints, Ints]] = []
    for day in range(days):
        rows.append(live.astype(np.int32))
        states.append(state[live].astype(np.int16))
        steps = int(calendar.steps[day])
        for step in range(steps):
            table = cls[live] * OPEN_STATES + state[live]
            u = draws.random(len(live))
            hit = np.flatnonzero(u < cumulated[table, STAY - 1])
            moved = live[hit]
            move = (u[hit, None] >= cumulated[table[hit]]).sum(axis=1)
            before, after = state[moved], to[state[moved], move]
            hour = 9.0 + 9.0 * (step + hours.random(len(hit))) / steps
            at = calendar.midnight[day] + (hour * 3600).astype(np.int64) * SECOND
            moves.append((moved, at, before, after))
            state[moved] = after
            over = after >= OPEN_STATES
            closed[moved[over]] = at[over]
            live = live[state[live] < OPEN_STATES]
        new = np.arange(first[day], first[day + 1])
        slow[new] = u_slow[new] < _chance_of_slow(people, openings.rep, live, new)
        cls[new] = class_of(
            quality=openings.quality[new],
            slow=slow[new].astype(np.int64),
            line=openings.line[new],
            large=openings.large[new],
        )
        live = np.concatenate([live, new])
    rows.append(live.astype(np.int32))
    states.append(state[live].astype(np.int16))
    deal, at, before, after = (np.concatenate(part) for part in zip(*moves, strict=True))
    order = np.argsort(deal, kind="stable")
    return Course(
        cls=cls,
        slow=slow,
        closed=closed,
        won=state == WON,
        moves=Moves(deal[order], at[order], before[order], after[order]),
        day_rows=np.concatenate([[0], np.cumsum([len(part) for part in rows])]).astype(np.int64),
        row_deal=np.concatenate(rows),
        row_state=np.concatenate(states),
    )


def _chance_of_slow(people: People, rep: Ints, live: Ints, new: Ints) -> Floats:
    load = np.bincount(rep[live], minlength=len(people.reps))
    relative = np.log((load + 2.0) / (load.mean() + 2.0))
    chance: Floats = 1.0 / (1.0 + np.exp(-people.slowness - 0.9 * relative))
    return chance[rep[new]]
