"""A linear model on ranks: the steady half of the forecast, which trees on few deals lack.

Every feature is replaced by the normal score of its rank among the training rows, so that outliers
and units do not matter; a missing value scores 0 and is told by a column of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, ndtri

from foresail.science.forecaster.trees import Matrix, Vector

KNOTS = 48
EXTREME = 0.005
"""Ranks are kept this far from 0 and 1."""


@dataclass(frozen=True, eq=False)
class RankScale:
    """Normal scores of ranks. `knots` (d, KNOTS) are quantiles of each feature on the training rows."""

    knots: Matrix

    @classmethod
    def fit(cls, values: Matrix) -> RankScale:
        """Learn the quantiles of `values` (n, d), each as np.quantile has it, but of all columns at once: far sooner."""
        if not len(values):
            return cls(np.zeros((values.shape[1], KNOTS)))
        seen = len(values) - np.isnan(values).sum(axis=0)
        rising, last = np.sort(values, axis=0), np.maximum(seen - 1, 0)  # what is missing comes last
        place = np.linspace(0, 1, KNOTS)[:, None] * last
        below = np.floor(place).astype(np.int64)
        low = np.take_along_axis(rising, below, axis=0)
        high = np.take_along_axis(rising, np.minimum(below + 1, last), axis=0)
        part, step = place - below, high - low
        knots = np.where(part < 0.5, low + step * part, high - step * (1 - part))
        return cls(np.where(seen > 0, knots, 0.0).T)

    def transform(self, values: Matrix) -> Matrix:
        """Return (n, 2 d): the scores, then 1 where the value is missing."""
        n, d = values.shape
        out = np.zeros((n, 2 * d), order="F")
        levels = np.linspace(0, 1, KNOTS)
        for j in range(d):
            missing = np.isnan(values[:, j])
            knots = self.knots[j]
            column = np.where(missing, knots[0], values[:, j])
            rises = np.diff(knots) > 0
            first = np.append(True, rises)
            rank = np.interp(column, knots[first], levels[first])
            if not rises.all():
                # The middle between the lowest and the highest rank of a tied value.
                last = np.append(rises, True)
                rank = (rank + np.interp(column, knots[last], levels[last])) / 2
            out[:, j] = np.where(missing, 0.0, ndtri(np.clip(rank, EXTREME, 1 - EXTREME)))
            out[:, d + j] = missing
        return out


@dataclass(frozen=True, eq=False)
class RankLinear:
    """Ridge logistic regression on rank scores: log-odds = base + scores @ weights."""

    scale: RankScale
    weights: Vector
    base: float
    centre: Vector

    @classmethod
    def fit(
        cls, values: Matrix, target: Vector, *, weight: Vector, ridge: float, near: RankLinear | None = None
    ) -> RankLinear:
        """Fit to `values` (n, d) and `target` (n,) in 0..1 by Newton's method; `ridge` is per unit of weight.

        `target` may be a probability: that of a censored deal. A model `near` this one is where to begin: there is one
        best, and from there it takes half the steps.
        """
        scale = RankScale.fit(values)
        scores = scale.transform(values)
        share = weight / weight.sum()
        centre = share @ scores
        varies = np.flatnonzero(np.ptp(scores, axis=0) > 0) if len(scores) else np.zeros(0, dtype=np.int64)
        design = np.column_stack([np.ones(len(scores)), scores[:, varies] - centre[varies]])
        penalty = np.concatenate([[0.0], np.full(len(varies), ridge)])
        solution = np.zeros(design.shape[1])
        if near is None:
            mean = float(np.clip(share @ target, 1e-4, 1 - 1e-4))
            solution[0] = np.log(mean / (1 - mean))
        else:
            solution[0], solution[1:] = near.base, near.weights[varies]
        for _ in range(MOST_STEPS):
            p = expit(design @ solution)
            gradient = design.T @ (share * (p - target)) + penalty * solution
            hessian = _curvature(design, np.sqrt(share * np.maximum(p * (1 - p), 1e-6)))
            hessian[np.diag_indices_from(hessian)] += penalty
            step = np.linalg.solve(hessian, gradient)
            solution -= step
            if np.abs(step).max() < SMALLEST_STEP:
                break
        weights = np.zeros(scores.shape[1])
        weights[varies] = solution[1:]
        return cls(scale, weights, float(solution[0]), centre)

    def raw(self, values: Matrix) -> Vector:
        """Return log-odds (n,)."""
        return self.base + (self.scale.transform(values) - self.centre) @ self.weights

    def contributions(self, values: Matrix) -> Matrix:
        """Return (n, d + 1): each feature's share of the log-odds (rank and missing together), then the base."""
        parts = (self.scale.transform(values) - self.centre) * self.weights
        d = values.shape[1]
        return np.column_stack([parts[:, :d] + parts[:, d:], np.full(len(values), self.base)])


MOST_STEPS = 25
SMALLEST_STEP = 1e-6
ROWS_AT_ONCE = 1024


def _curvature(design: Matrix, root: Vector) -> Matrix:
    """Return the sum over rows of root² x xᵀ, to seven digits: it says where to step, the gradient where to stop.

    In blocks that fit the processor's cache; of a matrix with itself, numpy computes one side of the diagonal alone.
    """
    total = np.zeros((design.shape[1], design.shape[1]))
    for first in range(0, len(design), ROWS_AT_ONCE):
        block = slice(first, first + ROWS_AT_ONCE)
        half = (design[block] * root[block, None]).astype(np.float32)
        total += half.T @ half
    return total


def arrays(model: RankLinear) -> dict[str, npt.NDArray[np.float64]]:
    """Return the arrays that make up `model`, by name."""
    return {
        "knots": model.scale.knots,
        "weights": model.weights,
        "base": np.array([model.base]),
        "centre": model.centre,
    }


def from_arrays(stored: dict[str, npt.NDArray[np.float64]]) -> RankLinear:
    """Make the model of `arrays()` again."""
    return RankLinear(
        RankScale(stored["knots"]), stored["weights"], float(stored["base"][0]), stored["centre"]
    )
