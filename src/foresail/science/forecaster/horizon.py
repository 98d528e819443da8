"""What a deal is at a horizon: won, lost or open, 7, 14, 30 and 90 days ahead.

One three-class model per horizon, trained on rows old enough to be known, and on younger ones too:
a deal already closed is known whatever comes, and one still open is labelled by what the models say,
on the last day, of the days that remain (between horizons, cumulative chances run straight).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from foresail.science.forecaster.training import Training
from foresail.science.forecaster.trees import Matrix, Trees, TreeShape, Vector
from foresail.science.log import Outcome
from foresail.science.parallel import side_by_side

HORIZONS = (7, 14, 30, 90)
STATES = 3
SHAPE = TreeShape(rounds=180, leaves=15, least_in_leaf=150, rate=0.03, feature_share=0.25)
LEAST_ROWS = 200
LEAST_CLOSED = 20
"""Known rows and closed deals among them that a horizon needs for a model of its own."""
LEAST_WEIGHT = 0.01

Cube = npt.NDArray[np.float64]
"""Chances (n_rows, n_horizons, 3) of open, won, lost."""


@dataclass(frozen=True, eq=False)
class HorizonModels:
    """A model per horizon; None where the past is too short, and closing then goes on at `pace`.

    `pace` is closes per open deal and day over the whole past.
    """

    horizons: tuple[int, ...]
    models: tuple[Trees | None, ...]
    pace: float

    @classmethod
    def fit(
        cls, training: Training, *, horizons: tuple[int, ...], seed: int, refine: bool = True
    ) -> HorizonModels:
        """Fit on known rows, then, if `refine`, again with the young open rows labelled by the first fit."""
        pace = _closing_pace(training)
        refine = refine and len(training.now) > 0
        shape = SHAPE.quick() if refine else SHAPE
        first = cls(
            horizons,
            tuple(side_by_side([partial(_fit_known, training, h, shape=shape, seed=seed) for h in horizons])),
            pace,
        )
        if not refine:
            return first
        today = first.predict(training.values_now)
        refit = partial(_fit_all, training, today=today, horizons=horizons, seed=seed)
        modelled = [h for h, model in zip(horizons, first.models, strict=True) if model]
        fitted = dict(zip(modelled, side_by_side([partial(refit, h) for h in modelled]), strict=True))
        return cls(horizons, tuple(fitted.get(h) for h in horizons), pace)

    def predict(self, values: Matrix) -> Cube:
        """Return (n, n_horizons, 3) chances, monotone over the horizons."""
        chances = np.zeros((len(values), len(self.horizons), STATES))
        before, when = np.column_stack([np.ones(len(values)), np.zeros((len(values), 2))]), 0
        for i, (horizon, model) in enumerate(zip(self.horizons, self.models, strict=True)):
            if model is None:
                closing = before[:, :1] * -np.expm1(-self.pace * (horizon - when))
                split = before[:, 1:] + 0.5 / STATES
                now = before + np.column_stack([-closing, closing * split / split.sum(axis=1, keepdims=True)])
            else:
                now = _after(before, softmax(model.raw(values), axis=1))
            chances[:, i], before, when = now, now, horizon
        return chances


def reconcile(chances: Cube, won_finally: Vector) -> Cube:
    """Return `chances` made to agree with `won_finally` (n,): p_won <= p_won_final <= 1 - p_lost, monotone."""
    agreed = chances.copy()
    agreed[:, :, Outcome.WON] = np.minimum(chances[:, :, Outcome.WON], won_finally[:, None])
    agreed[:, :, Outcome.LOST] = np.minimum(chances[:, :, Outcome.LOST], 1 - won_finally[:, None])
    np.maximum.accumulate(agreed[:, :, 1:], axis=1, out=agreed[:, :, 1:])
    agreed[:, :, Outcome.OPEN] = np.maximum(1 - agreed[:, :, 1:].sum(axis=2), 0.0)
    return agreed


def _after(before: Matrix, direct: Matrix) -> Matrix:
    """Return the chances of `direct` (n, 3) made to follow `before`: what has closed stays closed."""
    closing = np.maximum(direct[:, 1:] - before[:, 1:], 0.0)
    still_open = np.minimum(direct[:, 0], before[:, 0])
    room = before[:, 0] - still_open
    closing *= np.minimum(1.0, room / np.maximum(closing.sum(axis=1), 1e-12))[:, None]
    closed = before[:, 1:] + closing
    return np.column_stack([1 - closed.sum(axis=1), closed])


def _closing_pace(training: Training) -> float:
    """Return closes per open deal and day, from the deals seen at a landmark."""
    deals = training.past.deals
    seen = np.unique(training.rows.deal)
    exposed = np.minimum(deals.closed[seen], training.as_of) - deals.opened[seen]
    return float((deals.outcome[seen] != Outcome.OPEN).sum() / max(exposed.sum() / 86_400e6, 1.0))


def _fit_known(training: Training, horizon: int, *, shape: TreeShape, seed: int) -> Trees | None:
    known = training.follow_up() >= horizon
    state = training.state_at(horizon)
    closed = np.unique(training.rows.deal[known & (state != Outcome.OPEN)])
    if known.sum() < LEAST_ROWS or len(closed) < LEAST_CLOSED:
        return None
    return Trees.fit(training.values[known], state[known], shape=shape, seed=seed, classes=STATES)


def _fit_all(training: Training, horizon: int, *, today: Cube, horizons: tuple[int, ...], seed: int) -> Trees:
    state = training.state_at(horizon)
    known = np.flatnonzero(state >= 0)
    young = np.flatnonzero(state < 0)
    days_left = horizon - training.follow_up()[young]
    label = np.zeros((len(young), STATES))
    where = training.now_of(young)
    for s in range(STATES):
        knots = np.column_stack([np.full(len(today), float(s == 0)), today[:, :, s]])
        label[:, s] = _between((0, *horizons), knots, where, days_left)
    rows = np.concatenate([known, np.repeat(young, STATES)])
    target = np.concatenate([state[known], np.tile(np.arange(STATES), len(young))])
    weight = np.concatenate([np.ones(len(known)), label.ravel()])
    counts = weight > LEAST_WEIGHT
    return Trees.fit(
        training.values[rows[counts]],
        target[counts],
        weight=weight[counts],
        shape=SHAPE,
        seed=seed,
        classes=STATES,
    )


def _between(knots: tuple[int, ...], chances: Matrix, row: npt.NDArray[np.int64], at: Vector) -> Vector:
    """Return `chances` (n, n_knots) of each `row`, interpolated straight between `knots` at days `at`."""
    right = np.clip(np.searchsorted(knots, at), 1, len(knots) - 1)
    low, high = np.take(knots, right - 1), np.take(knots, right)
    share = (at - low) / (high - low)
    between: Vector = (1 - share) * chances[row, right - 1] + share * chances[row, right]
    return between
