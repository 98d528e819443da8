"""Boosted trees: LightGBM with everything that makes a run repeatable, saved as text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from foresail.science.openmp import ONE_THREAD, load_lightgbm
from foresail.science.parallel import side_by_side

if TYPE_CHECKING:
    import lightgbm

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]

_COMMON: dict[str, Any] = ONE_THREAD | {
    "deterministic": True,
    "force_row_wise": True,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "feature_pre_filter": False,
}


ROWS_AT_ONCE = 20_000
"""Rows that one thread predicts at a time."""


@dataclass(frozen=True)
class TreeShape:
    """How large and how cautious the trees are; see LightGBM's parameters of the same meaning."""

    rounds: int
    leaves: int
    least_in_leaf: int
    rate: float
    feature_share: float
    row_share: float = 0.7
    random_splits: bool = False

    def quick(self) -> TreeShape:
        """Return a shape for a third of the time: for labels on the way, not for the model that is kept."""
        return replace(self, rounds=self.rounds // 3, rate=self.rate * 3)

    def parameters(self, *, rows: int, seed: int) -> dict[str, Any]:
        """Return LightGBM parameters; a leaf may shrink with small data but not below 5 rows."""
        return _COMMON | {
            "num_leaves": self.leaves,
            "min_data_in_leaf": int(min(self.least_in_leaf, max(5, rows // 20))),
            "learning_rate": self.rate,
            "feature_fraction": self.feature_share,
            "bagging_fraction": self.row_share,
            "extra_trees": self.random_splits,
            "seed": seed,
        }


@dataclass(frozen=True, eq=False)
class Trees:
    """A fitted ensemble. `classes` is 1 for a binary target or a quantile, else the number of classes."""

    booster: lightgbm.Booster
    classes: int

    @classmethod
    def fit(
        cls,
        values: Matrix,
        target: npt.NDArray[Any],
        *,
        shape: TreeShape,
        seed: int,
        weight: Vector | None = None,
        classes: int = 1,
        quantile: float | None = None,
    ) -> Trees:
        """Fit to `values` (n, d) and `target` (n,): 0/1, a class number, or a number if `quantile` is given."""
        lightgbm = load_lightgbm()
        parameters = shape.parameters(rows=len(values), seed=seed)
        if quantile is not None:
            parameters |= {"objective": "quantile", "alpha": quantile}
        elif classes > 1:
            parameters |= {"objective": "multiclass", "num_class": classes}
        else:
            parameters |= {"objective": "binary"}
        data = lightgbm.Dataset(
            values, target, weight=weight, params=ONE_THREAD | {"feature_pre_filter": False}
        )
        return cls(lightgbm.train(parameters, data, shape.rounds), classes)

    def raw(self, values: Matrix) -> Matrix:
        """Return raw scores: (n,) log-odds or quantile, or (n, classes) before softmax."""
        if not len(values):
            return np.zeros((0, self.classes) if self.classes > 1 else 0)
        parts = np.array_split(values, -(-len(values) // ROWS_AT_ONCE))
        scores = side_by_side(
            [partial(self.booster.predict, part, raw_score=True, **ONE_THREAD) for part in parts]
        )
        return np.concatenate([np.asarray(part, dtype=np.float64) for part in scores])

    def contributions(self, values: Matrix) -> Matrix:
        """Return TreeSHAP values (n, d + 1) of a one-class ensemble; the last column is the base.

        Lundberg et al., "From local explanations to global understanding with explainable AI for
        trees", Nature Machine Intelligence 2 (2020).
        """
        if not len(values):  # of which LightGBM knows no width
            return np.zeros((0, values.shape[1] + 1))
        return np.asarray(self.booster.predict(values, pred_contrib=True, **ONE_THREAD), dtype=np.float64)

    def importance(self) -> Vector:
        """Return the total gain of each feature (d,)."""
        return np.asarray(self.booster.feature_importance("gain"), dtype=np.float64)

    def to_text(self) -> str:
        """Return LightGBM's own text format."""
        return self.booster.model_to_string()

    @classmethod
    def from_text(cls, text: str, *, classes: int) -> Trees:
        """Read back `to_text()`. Raises ValueError where the text is none of LightGBM's."""
        lightgbm = load_lightgbm()
        try:
            return cls(lightgbm.Booster(model_str=text), classes)
        except lightgbm.basic.LightGBMError as error:
            raise ValueError(f"no trees can be read: {error}") from error
