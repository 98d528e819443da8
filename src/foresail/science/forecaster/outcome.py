"""How a deal ends: p(won finally), from trees and a linear model in equal parts.

Deals still open when the model is fitted are not dropped, which would train on quick closers alone.
Each stands in twice, as won and as lost, weighted by what the model itself says of it on the last
day: the forecast of an earlier day is the expectation of a later one, so that later and better
informed forecast is the label. A few rounds of this settle (self-training on censored rows; the idea
is that of the E-step in mixture models for competing risks, Larson & Dinse, Applied Statistics 34, 1985).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from foresail.science.forecaster.linear import RankLinear
from foresail.science.forecaster.training import Training
from foresail.science.forecaster.trees import Matrix, Trees, TreeShape, Vector
from foresail.science.log import Outcome

SHAPE = TreeShape(rounds=250, leaves=7, least_in_leaf=200, rate=0.04, feature_share=0.4, random_splits=True)
MANY_DEALS = 20_000
LARGE_SHAPE = TreeShape(rounds=250, leaves=31, least_in_leaf=100, rate=0.06, feature_share=0.5)
"""For a log without dates and this many closed deals: each is one row, and tells something of its own."""

RIDGE = 0.02
ROUNDS = 2


@dataclass(frozen=True, eq=False)
class OutcomeModel:
    """Log-odds of winning in the end: the mean of `trees` and `linear`."""

    trees: Trees
    linear: RankLinear

    @classmethod
    def fit(cls, training: Training, *, seed: int) -> OutcomeModel:
        """Fit on closed rows, then again with the open ones weighted by the forecast of the last day."""
        closed = training.closed
        won = (training.outcome[closed] == Outcome.WON).astype(np.float64)
        rounds = ROUNDS if len(won) < len(training.rows) else 0
        shape = SHAPE.quick() if rounds else SHAPE
        model = cls.fit_rows(training.values[closed], won, np.ones(len(won)), seed=seed, shape=shape)
        for left in reversed(range(rounds)):
            rows, target, weight = labelled(training, expit(model.raw(training.values_now)))
            shape = SHAPE.quick() if left else SHAPE
            model = cls.fit_rows(training.values[rows], target, weight, seed=seed, shape=shape, near=model)
        return model

    @classmethod
    def fit_rows(
        cls,
        values: Matrix,
        won: Vector,
        weight: Vector,
        *,
        seed: int,
        shape: TreeShape = SHAPE,
        near: OutcomeModel | None = None,
    ) -> OutcomeModel:
        """Fit to features (n, d), outcomes (n,) in {0, 1} and weights (n,); `near` is a model of much the same."""
        return cls(
            Trees.fit(values, won, weight=weight, shape=shape, seed=seed),
            RankLinear.fit(
                values, won, weight=weight, ridge=RIDGE, near=None if near is None else near.linear
            ),
        )

    def raw(self, values: Matrix) -> Vector:
        """Return the log-odds of winning in the end (n,)."""
        return (self.trees.raw(values) + self.linear.raw(values)) / 2

    def contributions(self, values: Matrix) -> Matrix:
        """Return what each feature adds to the log-odds (n, d + 1); the last column is the base."""
        return (self.trees.contributions(values) + self.linear.contributions(values)) / 2


def labelled(training: Training, today: Vector) -> tuple[npt.NDArray[np.int64], Vector, Vector]:
    """Return (rows, target, weight) of every row: closed ones once, open ones as won and as lost.

    `today` (n_now,) is p(won finally) of the deals open on the last day.
    """
    closed, still_open = np.flatnonzero(training.closed), np.flatnonzero(~training.closed)
    chance = today[training.now_of(still_open)]
    won = (training.outcome[closed] == Outcome.WON).astype(np.float64)
    rows = np.concatenate([closed, still_open, still_open])
    target = np.concatenate([won, np.ones(len(still_open)), np.zeros(len(still_open))])
    weight = np.concatenate([np.ones(len(closed)), chance, 1 - chance])
    return rows, target, weight
