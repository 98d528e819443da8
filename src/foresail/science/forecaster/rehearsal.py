"""Rehearsal: how the forecaster fares on what it has not seen. Figures from fitted rows flatter.

Two kinds. `Replay` forecasts the last weeks with a model fitted before them: the verdicts' thresholds
come from it, so they bear the drift of a few weeks. `Holdout` forecasts every past row with a model
that had seen all deals but that one and its like: the swing and the calibration come from it, since
they belong to the model of today, and an earlier one moves differently.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from foresail.science.features import compute_features
from foresail.science.forecaster.horizon import HorizonModels, reconcile
from foresail.science.forecaster.outcome import OutcomeModel, labelled
from foresail.science.forecaster.training import Training
from foresail.science.forecaster.trees import Matrix, Vector
from foresail.science.landmarks import Rows, add_days, midnights, open_rows, states
from foresail.science.log import DealLog, Outcome
from foresail.science.parallel import side_by_side
from foresail.science.time import DAY, Instants, to_datetime

SHARE = 3
"""A replay takes the last third of the past, but at least two and at most four horizons."""
LEAST_CLOSED = 60
RECENT_HORIZONS = 3
RECENT_SHARE = 0.5
ENOUGH_PAIRS = 1000
"""The swing is learnt from pairs of the last half of the past, and of three horizons at least, where
there are enough: pace drifts, but a few weeks alone would take their season for the rule."""
FOLDS = 5
PRIOR_DEALS = 50.0
"""How many deals' worth of evidence the calibration starts from, that nothing is to be mended."""


@dataclass(frozen=True, eq=False)
class Replay:
    """Forecasts of an earlier model at landmarks since: `chances` (n, 3), `deal` (n,), and the `state` (n,) that came."""

    deal: npt.NDArray[np.int32]
    chances: Matrix
    state: npt.NDArray[np.int8]

    @classmethod
    def hold(cls, log: DealLog, *, as_of: int, every: int, horizon: int, seed: int) -> Replay | None:
        """Fit on the past of an earlier day and forecast since; None where the past is too short for it."""
        past = log.as_of(as_of - 1)
        span = (as_of - past.first) / DAY
        back = int(np.clip(span / SHARE, 2 * horizon, 4 * horizon))
        origin = int(add_days(np.array([as_of]), -back, zone=log.zone)[0])
        ended = past.as_of(origin - 1).deals.outcome
        if np.sum(ended != Outcome.OPEN) < LEAST_CLOSED:
            return None
        training = Training.collect(past, as_of=origin, every=every, horizon=horizon)
        if not training.both_outcomes:
            return None
        first, last = (to_datetime(t, zone=log.zone).date() for t in (origin, as_of))
        rows = open_rows(past, landmarks=midnights(start=first, stop=last, every=every, zone=log.zone))
        ahead = add_days(rows.at, horizon, zone=log.zone)
        rows, ahead = rows.take(ahead < as_of), ahead[ahead < as_of]
        values = compute_features(past, rows, vocabulary=training.vocabulary).values
        won_finally = expit(OutcomeModel.fit(training, seed=seed).raw(values))
        direct = HorizonModels.fit(training, horizons=(horizon,), seed=seed, refine=False).predict(values)
        return cls(rows.deal, reconcile(direct, won_finally)[:, 0], states(past, rows, until=ahead))


@dataclass(frozen=True, eq=False)
class Holdout:
    """Log-odds `raw` (n_rows,) of each training row, by a model that had not seen its deal."""

    training: Training
    raw: Vector

    @classmethod
    def hold(cls, training: Training, model: OutcomeModel, *, seed: int) -> Holdout:
        """Fit again on each part of the deals, with open deals labelled by `model`, and forecast the rest."""
        rows, target, weight = labelled(training, expit(model.raw(training.values_now)))
        fold = np.random.default_rng(seed).permutation(len(training.past.deals)) % FOLDS
        fold_of_row = fold[training.rows.deal]

        def held_out(k: int) -> Vector:
            seen = fold_of_row[rows] != k
            again = OutcomeModel.fit_rows(
                training.values[rows[seen]], target[seen], weight[seen], seed=seed, near=model
            )
            return again.raw(training.values[fold_of_row == k])

        raw = np.empty(len(training.rows))
        for k, forecast in enumerate(side_by_side([partial(held_out, k) for k in range(FOLDS)])):
            raw[fold_of_row == k] = forecast
        return cls(training, raw)

    def pairs(
        self, *, horizon: int, calibration: tuple[float, float]
    ) -> tuple[npt.NDArray[np.int64], Vector, Vector]:
        """Return (rows, before, after): p(won finally) at the rows still open `horizon` days later, and then."""
        slope, shift = calibration
        chance = expit(slope * self.raw + shift)
        rows = self.training.rows
        later = look_up(
            rows, chance, deal=rows.deal, at=add_days(rows.at, horizon, zone=self.training.past.zone)
        )
        found = np.flatnonzero(~np.isnan(later))
        until_now = self.training.follow_up()
        recent = found[until_now[found] <= max(RECENT_HORIZONS * horizon, RECENT_SHARE * until_now.max())]
        found = recent if len(recent) >= ENOUGH_PAIRS else found
        return found, chance[found], later[found]

    def calibration(self, model: OutcomeModel) -> tuple[float, float]:
        """Return (slope, shift) of the log-odds that fit best, all rows together counting as their deals.

        Both are pulled towards (1, 0). Open deals count by what `model` says of them on the last day.
        """
        rows, target, weight = labelled(self.training, expit(model.raw(self.training.values_now)))
        deal = self.training.rows.deal
        weight = weight * len(np.unique(deal)) / len(deal)
        x = self.raw[rows]
        slope, shift = 1.0, 0.0
        for _ in range(25):
            p = expit(slope * x + shift)
            gap, curve = weight * (p - target), weight * p * (1 - p)
            gradient = np.array(
                [gap @ x + PRIOR_DEALS / 4 * (slope - 1), gap.sum() + PRIOR_DEALS / 4 * shift]
            )
            hessian = np.array(
                [[curve @ (x * x), curve @ x], [curve @ x, curve.sum()]]
            ) + PRIOR_DEALS / 4 * np.eye(2)
            step = np.linalg.solve(hessian, gradient)
            slope, shift = slope - step[0], shift - step[1]
        return float(slope), float(shift)


def look_up(rows: Rows, values: Vector, *, deal: npt.NDArray[np.int32], at: Instants) -> Vector:
    """Return the value of each (deal, at), NaN where that is no row."""
    landmarks = np.unique(np.concatenate([rows.at, at]))
    width = len(landmarks)
    key = rows.deal.astype(np.int64) * width + np.searchsorted(landmarks, rows.at)
    asked = deal.astype(np.int64) * width + np.searchsorted(landmarks, at)
    where = np.minimum(np.searchsorted(key, asked), len(key) - 1)
    return np.where(key[where] == asked, values[where], np.nan)
