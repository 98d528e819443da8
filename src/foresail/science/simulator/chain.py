"""The hidden course of a deal: a finite absorbing Markov chain whose chances can be computed exactly.

A deal has a **class**, drawn when it opens and never changed (quality, follow-up habit, business line,
size), and a **state** that moves: phase, price objection, frozen budget, competitor and champion gone, or
WON or LOST. At every step at most one thing happens: the deal advances, is lost, or a cause begins or
ends. The chain never ends elsewhere than in WON or LOST, so for every class and state

- the chance of winning at last solves (I - Q) w = r, where Q moves between open states and r holds the
  chance of being won in one step (Kemeny and Snell, *Finite Markov Chains*, 1960, chapter III);
- the chances of being won or lost within n steps are n products of the matrix with the unit vectors
  of WON and LOST.

Both are exact to rounding. The number of steps in a span of days is fixed by the calendar, so the same
holds for days. Drift enters through the classes of new deals, seasons through the number of steps:
neither changes the chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STAGES: Final = ("qualified", "solution", "evaluation", "quote", "negotiation")
PHASE_STAGE: Final = (0, 1, 2, 2, 3, 4)
"""The stage a CRM shows in each phase: a stalled evaluation is still an evaluation."""
EVALUATION, STALLED, QUOTE, NEGOTIATION = 2, 3, 4, 5

QUALITIES: Final = 9
LINES: Final = 3
CLASS_SHAPE: Final = (QUALITIES, 2, LINES, 2)
"""quality, slow follow-up, business line, large deal"""
STATE_SHAPE: Final = (6, 3, 2, 2, 2)
"""phase, price (0 no objection, 1 objection, 2 answered), budget frozen, competitor, champion gone"""
OPEN_STATES: Final = 144
WON, LOST = OPEN_STATES, OPEN_STATES + 1

QUALITY_STEP: Final = 0.5
"""Distance between two levels of quality."""
STAY: Final = 7
"""The move that is none. Moves: 0 forward, 1 lost, 2 stall or its end, 3 champion leaves, 4 competitor
enters, 5 budget freezes or thaws, 6 price objection or its answer."""

_SPEED: Final = 0.57
"""Scale of all rates: how long deals last, and nothing else."""
_FORWARD: Final = (0.120, 0.108, 0.090, 0.008, 0.108, 0.094)
_LOST: Final = (0.0110, 0.0072, 0.0052, 0.0250, 0.0065, 0.0092)
_STALL: Final = (0.0, 0.0, 0.030, 0.013, 0.0, 0.0)
_CHAMPION, _COMPETITOR, _BUDGET, _THAW = 0.0034, 0.0042, 0.0030, 0.006
_PRICE: Final = (0.0, 0.0, 0.0, 0.0, 0.028, 0.034)
_ANSWER: Final = 0.036


@dataclass(frozen=True, eq=False)
class Chain:
    """`p` (n_classes, OPEN_STATES, 7): the chance of each move at one step; `to` (OPEN_STATES, 7): where
    it leads. What is missing to one is the chance to stay.
    """

    p: Floats
    to: Ints


def class_of(*, quality: Ints, slow: Ints, line: Ints, large: Ints) -> Ints:
    """Return class numbers, shape as the arguments."""
    return np.ravel_multi_index((quality, slow, line, large), CLASS_SHAPE).astype(np.int64)


def flags_of(state: npt.NDArray[np.integer]) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Return phase, price, frozen, competitor and champion gone of open states, shape as `state`."""
    phase, price, frozen, competitor, gone = np.unravel_index(state, STATE_SHAPE)
    return phase, price, frozen, competitor, gone


@cache
def chain() -> Chain:
    """Return the chain that every simulated deal runs through."""
    classes = np.ix_(*(np.arange(n) for n in (*CLASS_SHAPE, *STATE_SHAPE)))
    quality, slow, line, large, phase, price, frozen, competitor, gone = classes
    eta = (quality - QUALITIES // 2) * QUALITY_STEP
    pace = np.array([1.12, 1.0, 0.78])[line] * np.array([1.06, 0.86])[large]
    objects = price == 1
    # What helps speeds a deal up and keeps it from being lost; what hurts does both the other way round.
    up = np.exp(0.31 * eta) * 0.68**slow * 0.22**frozen * 0.42**competitor * 0.38**gone * 0.20**objects
    down = np.exp(-0.60 * eta) * 2.2**slow * 1.9**frozen * 2.3**competitor * 2.4**gone * 4.4**objects
    zero = np.zeros((1,) * len(classes))
    rates = [
        np.array(_FORWARD)[phase] * up * pace,
        np.array(_LOST)[phase] * down * pace,
        np.array(_STALL)[phase] * np.where(phase == EVALUATION, np.exp(-0.1 * eta), 1.0),
        np.where(gone == 0, _CHAMPION, zero),
        np.where(competitor == 0, _COMPETITOR, zero),
        np.where(frozen == 0, _BUDGET, _THAW),
        np.where(price == 0, np.array(_PRICE)[phase], np.where(objects, _ANSWER, zero)),
    ]
    shape = (*CLASS_SHAPE, *STATE_SHAPE)
    rate = _SPEED * np.stack([np.broadcast_to(rate, shape) for rate in rates], axis=-1)
    any_move = rate.sum(axis=-1, keepdims=True)
    p = rate / any_move * -np.expm1(-any_move)  # competing risks over one step: never above one
    return Chain(p.reshape(-1, OPEN_STATES, STAY), _targets())


def _targets() -> Ints:
    phase, price, frozen, competitor, gone = flags_of(np.arange(OPEN_STATES))
    stalls = np.select([phase == EVALUATION, phase == STALLED], [STALLED, EVALUATION], phase)
    onward = np.array([1, 2, QUOTE, QUOTE, NEGOTIATION, NEGOTIATION])[phase]

    def state(*flags: Ints) -> Ints:
        return np.ravel_multi_index(flags, STATE_SHAPE).astype(np.int64)

    targets = [
        np.where(phase == NEGOTIATION, WON, state(onward, price, frozen, competitor, gone)),
        np.full(OPEN_STATES, LOST),
        state(stalls, price, frozen, competitor, gone),
        state(phase, price, frozen, competitor, np.ones_like(gone)),
        state(phase, price, frozen, np.ones_like(competitor), gone),
        state(phase, price, 1 - frozen, competitor, gone),
        state(phase, np.minimum(price + 1, 2), frozen, competitor, gone),
    ]
    return np.stack(targets, axis=-1)


@cache
def won_finally() -> Floats:
    """Return the exact chance of winning at last, (n_classes, OPEN_STATES)."""
    moves = chain()
    n_classes = len(moves.p)
    q = np.zeros((n_classes, OPEN_STATES, OPEN_STATES + 2))
    rows = np.arange(OPEN_STATES)
    for move in range(STAY):
        q[:, rows, moves.to[:, move]] += moves.p[:, :, move]
    q[:, rows, rows] += 1.0 - moves.p.sum(axis=2)
    leave = np.eye(OPEN_STATES) - q[:, :, :OPEN_STATES]
    return np.linalg.solve(leave, q[:, :, WON, None])[:, :, 0].astype(np.float64)


@cache
def closed_within(most: int) -> Floats:
    """Return the exact chances of being won [..., 0] and lost [..., 1] within 0 to `most` steps.

    Shape (most + 1, n_classes, OPEN_STATES, 2).
    """
    moves = chain()
    stay = 1.0 - moves.p.sum(axis=2, keepdims=True)
    table = np.zeros((most + 1, len(moves.p), OPEN_STATES + 2, 2))
    table[:, :, WON, 0] = 1.0
    table[:, :, LOST, 1] = 1.0
    for n in range(most):
        table[n + 1, :, :OPEN_STATES] = stay * table[n, :, :OPEN_STATES]
        for move in range(STAY):
            table[n + 1, :, :OPEN_STATES] += moves.p[:, :, move, None] * table[n][:, moves.to[:, move]]
    table.setflags(write=False)  # one table for all callers
    return table[:, :, :OPEN_STATES]
