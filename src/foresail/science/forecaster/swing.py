"""Swing: where p(won finally) itself will stand at the horizon, if the deal is still open then.

Quantile trees learn the change of the log-odds from past pairs of forecasts, a horizon apart, made by
a model that had seen neither. The bands are then widened or narrowed to hold their share on deals left
out of the fit (conformalised quantile regression: Romano, Patterson & Candès, NeurIPS 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from foresail.science.forecaster.trees import Matrix, Trees, TreeShape, Vector
from foresail.science.parallel import side_by_side

LEVELS = (0.10, 0.25, 0.50, 0.75, 0.90)
SHAPE = TreeShape(rounds=80, leaves=7, least_in_leaf=60, rate=0.06, feature_share=0.8)
LEAST_PAIRS = 200
FOLDS = 2
INPUTS = 16
EDGE = 1e-4


@dataclass(frozen=True, eq=False)
class SwingModel:
    """One quantile model per level of `LEVELS`, and what each is shifted by, in log-odds.

    They look at the log-odds and at `inputs`, the features that matter most to the outcome. Without
    enough past pairs there are no `models`, and `shifts` are the quantiles of a plain wide swing.
    """

    inputs: tuple[int, ...]
    models: tuple[Trees, ...]
    shifts: tuple[float, ...]

    @classmethod
    def fit(
        cls,
        values: Matrix,
        before: Vector,
        after: Vector,
        deal: npt.NDArray[np.int32],
        *,
        inputs: tuple[int, ...],
        seed: int,
    ) -> SwingModel:
        """Fit on pairs: features `values` (n, d), p(won finally) `before` and `after` (n,), their `deal`s (n,)."""
        if len(before) < LEAST_PAIRS:
            return cls.wide()
        change = _log_odds(after) - _log_odds(before)
        looks_at = _looks_at(values, before, inputs)
        fold = np.random.default_rng(seed).permutation(int(deal.max()) + 1)[deal] % FOLDS

        def shift(level: float) -> float:
            miss = np.empty(len(change))
            for k in range(FOLDS):
                seen = fold != k
                learnt = Trees.fit(looks_at[seen], change[seen], shape=SHAPE, seed=seed, quantile=level)
                miss[~seen] = change[~seen] - learnt.raw(looks_at[~seen])
            return float(np.quantile(miss, level))

        def model(level: float) -> Trees:
            return Trees.fit(looks_at, change, shape=SHAPE, seed=seed, quantile=level)

        shifts = side_by_side([partial(shift, level) for level in LEVELS])
        models = side_by_side([partial(model, level) for level in LEVELS])
        return cls(inputs, tuple(models), tuple(shifts))

    @classmethod
    def wide(cls) -> SwingModel:
        """Return the swing that says little: for few deals."""
        return cls((), (), (-1.2, -0.5, 0.0, 0.5, 1.2))

    def predict(self, values: Matrix, won_finally: Vector) -> Matrix:
        """Return p(won finally) at the horizon (n, 5), at LEVELS, ascending."""
        if self.models:
            looks_at = _looks_at(values, won_finally, self.inputs)
            change = np.column_stack(
                [m.raw(looks_at) + s for m, s in zip(self.models, self.shifts, strict=True)]
            )
        else:
            change = np.broadcast_to(np.array(self.shifts), (len(won_finally), len(LEVELS)))
        swung: Matrix = expit(_log_odds(won_finally)[:, None] + np.sort(change, axis=1))
        return swung


def most_telling(importance: Vector) -> tuple[int, ...]:
    """Return which features the swing looks at: the `INPUTS` of greatest `importance` (d,)."""
    return tuple(sorted(np.argsort(-importance, kind="stable")[:INPUTS].tolist()))


def _looks_at(values: Matrix, won_finally: Vector, inputs: tuple[int, ...]) -> Matrix:
    return np.column_stack([_log_odds(won_finally), values[:, list(inputs)]])


def _log_odds(p: Vector) -> Vector:
    log_odds: Vector = logit(np.clip(p, EDGE, 1 - EDGE))
    return log_odds
