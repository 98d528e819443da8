"""How good a forecast is: figures, and how sure one may be of them.

Every statistic takes row weights of shape (n,), or (draws, n) for many sets of weights at once, and
returns one number per set: shape (), or (draws,). A bootstrap is then a statistic under other weights,
and 200 draws cost a few operations on matrices instead of 200 sorts. NaN means undefined: no rows,
no weight, or (`auc`, `average_precision`) a class that is missing.

    boot = DealBootstrap(rows.deal, seed=0)
    boot.metric(lambda weight: brier(won, chance, weight=weight)).to_dict()
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]
Labels = npt.NDArray[Any]
"""Truths (n,): bool, 0/1 or the code of a class."""

Statistic = Callable[[Matrix], Vector]
"""A figure as a function of row weights: (draws, n) in, (draws,) out."""

Z80 = 1.2815515655446004
"""So many standard deviations around the middle hold 80 % of a normal distribution."""
Z95 = 1.959963984540054
ECE_BINS = 15
_EDGE = float(np.finfo(np.float64).eps)
"""Logarithms are taken of chances at least this far from 0 and 1, as scikit-learn does."""

_CHUNK = 1_000_000
"""How many row weights are held at once."""


@dataclass(frozen=True)
class Metric:
    """A figure with its 95 % interval, judged on `n` rows. NaN where undefined."""

    value: float
    low: float
    high: float
    n: int

    def to_dict(self) -> dict[str, float | int | None]:
        """Return the four keys for JSON, which has no NaN: None instead."""
        numbers = {"value": self.value, "low": self.low, "high": self.high}
        return {key: None if math.isnan(x) else x for key, x in numbers.items()} | {"n": self.n}


class DealBootstrap:
    """Intervals by resampling deals, since the rows of one deal tell much the same (cluster bootstrap).

    Field & Welsh, "Bootstrapping clustered data", J. R. Stat. Soc. B 69 (2007). The draws depend on
    which deals there are and on `seed`, not on the order of the rows. As every bootstrap, it repeats
    noise: the `ece` of a well calibrated forecast is a little higher in the draws than in the data.
    """

    def __init__(self, deal: npt.NDArray[np.integer[Any]], *, draws: int = 200, seed: int) -> None:
        """Draw `draws` samples of the deals in `deal` (n,), one code per row."""
        deals, self._deal = np.unique(deal, return_inverse=True)
        k, random = len(deals), np.random.default_rng(seed)
        times = [np.bincount(random.integers(k, size=k), minlength=k) for _ in range(draws if k else 0)]
        self._times = np.array(times, dtype=np.int32).reshape(len(times), k)

    def metric(self, statistic: Statistic) -> Metric:
        """Return `statistic` on the rows as they are, between its 2.5 % and 97.5 % quantiles over the draws."""
        n = len(self._deal)
        value = float(statistic(np.ones((1, n)))[0])
        step = max(1, _CHUNK // max(n, 1))
        chunks = [self._times[i : i + step] for i in range(0, len(self._times), step)]
        drawn = [statistic(np.take(times, self._deal, axis=1).astype(np.float64)) for times in chunks]
        draws = np.concatenate([np.empty(0), *drawn])
        draws = draws[~np.isnan(draws)]
        low, high = np.quantile(draws, [0.025, 0.975]) if len(draws) else (math.nan, math.nan)
        return Metric(value, float(low), float(high), n)

    def paired(self, ours: Statistic, theirs: Statistic) -> Metric:
        """Return `ours` less `theirs`, both on the same draws."""
        return self.metric(lambda weight: ours(weight) - theirs(weight))


def mean(
    values: Labels, *, among: npt.NDArray[np.bool_] | None = None, weight: Matrix | None = None
) -> Vector:
    """Return the weighted mean of `values` (n,), or of those where the mask `among` (n,) is true.

    Shares too: coverage is the mean of "named", the right rate that of "right" among "named".
    """
    weight = _weights(len(values), weight)
    if among is None:
        return _ratio(weight @ values.astype(np.float64), weight.sum(axis=-1))
    return mean(values[among], weight=weight[..., among])


def median(values: Vector, *, weight: Matrix | None = None) -> Vector:
    """Return the weighted median of `values` (n,); half-way between two where the weight is split evenly."""
    weight = _weights(len(values), weight)
    if not len(values):
        return np.full(weight.shape[:-1], np.nan)
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[..., order], axis=-1)
    half = below[..., -1:] / 2
    low, high = (values[order][np.argmax(reached, axis=-1)] for reached in (below >= half, below > half))
    return np.where(half[..., 0] > 0, (low + high) / 2, np.nan)


def slope(x: Vector, y: Vector, *, weight: Matrix | None = None) -> Vector:
    """Return the weighted least-squares slope of `y` on `x`, (n,) each; NaN where `x` does not vary."""
    weight = _weights(len(x), weight)
    # Moved towards zero first, so that little is lost in the differences below.
    x, y = (v - v.mean() if len(v) else v for v in (x, y))
    x_mean, y_mean = mean(x, weight=weight), mean(y, weight=weight)
    spread = mean(x * x, weight=weight) - x_mean**2
    together = mean(x * y, weight=weight) - x_mean * y_mean
    return _ratio(together, np.where(spread > _EDGE * (x @ x), spread, 0.0))


class Ranked:
    """Truths `y` (n,) in the order of their predictions `p` (n,), sorted once for any number of weights."""

    def __init__(self, y: Labels, p: Vector) -> None:
        self._order = np.argsort(p, kind="stable")
        ordered = p[self._order]
        self._first_of_tie = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(p)])
        self._true = y[self._order] != 0

    def auc(self, weight: Matrix) -> Vector:
        """Return how often a true row is ranked above a false one; ties count half."""
        yes, no = self._by_prediction(weight)
        below = np.cumsum(no, axis=-1) - no / 2
        return _ratio((yes * below).sum(axis=-1), yes.sum(axis=-1) * no.sum(axis=-1))

    def average_precision(self, weight: Matrix) -> Vector:
        """Return the mean precision over the recalled rows, highest first, without interpolation; NaN if none is true."""
        yes, no = (side[..., ::-1] for side in self._by_prediction(weight))
        found = np.cumsum(yes, axis=-1)
        precision = found / np.maximum(found + np.cumsum(no, axis=-1), np.finfo(np.float64).tiny)
        return _ratio((yes * precision).sum(axis=-1), yes.sum(axis=-1))

    def _by_prediction(self, weight: Matrix) -> tuple[Matrix, Matrix]:
        """Return the weights of true and of false rows at each distinct prediction, ascending: (…, n_distinct) each."""
        ordered = weight[..., self._order]
        total = np.add.reduceat(ordered, self._first_of_tie, axis=-1)
        yes = np.add.reduceat(ordered * self._true, self._first_of_tie, axis=-1)
        return yes, total - yes


def auc(y: Labels, p: Vector, *, weight: Matrix | None = None) -> Vector:
    """Return how often a row with `y` true is ranked above one with `y` false by `p`, (n,) each; ties count half."""
    return Ranked(y, p).auc(_weights(len(p), weight))


def average_precision(y: Labels, p: Vector, *, weight: Matrix | None = None) -> Vector:
    """Return the mean precision over the recalled rows, highest `p` first, without interpolation; NaN if none is true."""
    return Ranked(y, p).average_precision(_weights(len(p), weight))


def brier(y: Labels, p: Vector, *, weight: Matrix | None = None) -> Vector:
    """Return the mean squared distance of `p` from `y` in {0, 1}, (n,) each."""
    return mean((p - y) ** 2, weight=weight)


def log_loss(y: Labels, p: Vector, *, weight: Matrix | None = None) -> Vector:
    """Return the mean of −log of the chance given to what came, `y` in {0, 1} and `p`, (n,) each; in nats."""
    return mean(_surprise(np.where(y, p, 1 - p)), weight=weight)


def multiclass_log_loss(state: Labels, chances: Matrix, *, weight: Matrix | None = None) -> Vector:
    """Return the mean of −log of the chance given to the `state` (n,) that came; `chances` (n, k); in nats."""
    return mean(_surprise(chances[np.arange(len(state)), state]), weight=weight)


def accuracy(state: Labels, chances: Matrix, *, weight: Matrix | None = None) -> Vector:
    """Return how often the likeliest of the `chances` (n, k) was the `state` (n,) that came."""
    return mean(np.argmax(chances, axis=1) == state, weight=weight)


def ece(y: Labels, p: Vector, *, weight: Matrix | None = None, bins: int = ECE_BINS) -> Vector:
    """Return the expected calibration error: over bins of like `p`, the mean of |observed − predicted|.

    The bins are those of `equal_mass_bins`, whatever the weights; each counts by its weight.
    """
    return miscalibration(y, p, bins=bins)(_weights(len(p), weight))


def miscalibration(y: Labels, p: Vector, *, bins: int = ECE_BINS) -> Statistic:
    """Return `ece` of `y` and `p`, (n,) each, as a function of weights: binned once for any number of them."""
    excess = np.zeros((len(p), bins))
    excess[np.arange(len(p)), equal_mass_bins(p, bins=bins)] = y - p
    return lambda weight: _ratio(np.abs(weight @ excess).sum(axis=-1), weight.sum(axis=-1))


def equal_mass_bins(p: Vector, *, bins: int = ECE_BINS) -> npt.NDArray[np.int64]:
    """Return the bin of each prediction (n,), 0 … bins − 1, as equal in rows as ties allow.

    Equal predictions lie in one bin: that of the middle one. A bin may stay empty.
    """
    _, group, count = np.unique(p, return_inverse=True, return_counts=True)
    # Twice the middle rank of each group, so that the arithmetic is exact.
    middle = 2 * np.cumsum(count) - count
    return (middle * bins // (2 * max(len(p), 1)))[group]


def pinball(y: Vector, quantiles: Matrix, *, levels: Sequence[float], weight: Matrix | None = None) -> Vector:
    """Return the pinball loss of the `quantiles` (n, k) at `levels` (k,) of `y` (n,), mean over both."""
    miss = y[:, None] - quantiles
    loss = np.maximum(np.asarray(levels) * miss, (np.asarray(levels) - 1) * miss)
    return mean(loss.mean(axis=1), weight=weight)


def skill(score: Vector, reference: Vector) -> Vector:
    """Return 1 − `score` / `reference`, of losses: 1 is perfect, 0 no better than the reference."""
    return 1 - _ratio(score, reference)


def _weights(n: int, weight: Matrix | None) -> Matrix:
    return np.ones(n) if weight is None else weight


def _ratio(top: Vector, bottom: Vector) -> Vector:
    ratio = np.full(np.shape(bottom), np.nan)
    np.divide(top, bottom, out=ratio, where=np.not_equal(bottom, 0))
    return ratio


def _surprise(chance: Vector) -> Vector:
    surprise: Vector = -np.log(np.clip(chance, _EDGE, 1 - _EDGE))
    return surprise


def wilson(hits: float, of: int, *, z: float = Z95) -> tuple[float, float]:
    """Return the interval of a share, `hits` of at least one, at `z` standard deviations (Wilson, JASA 22, 1927).

    >>> [round(each, 3) for each in wilson(8, 20, z=Z80)]
    [0.272, 0.543]
    """
    middle = (hits + z * z / 2) / (of + z * z)
    half = z * math.sqrt(hits * (of - hits) / of + z * z / 4) / (of + z * z)
    return max(middle - half, 0.0), min(middle + half, 1.0)
