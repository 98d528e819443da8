"""Judging: from forecasts and what came to the figures of the protocol, each with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from foresail.science import metrics
from foresail.science.backtest.protocol import Trial
from foresail.science.forecaster.rehearsal import look_up
from foresail.science.forecaster.swing import LEVELS
from foresail.science.forecaster.trees import Matrix, Vector
from foresail.science.log import DealLog, Outcome
from foresail.science.metrics import DealBootstrap
from foresail.science.time import DAY

Side = Literal["won", "lost"]
SIDES: tuple[tuple[Side, Outcome], ...] = (("won", Outcome.WON), ("lost", Outcome.LOST))
STATES = (*SIDES, ("open", Outcome.OPEN))
ALERT_SHARE = 10
"""One open deal in ten is alerted at each landmark."""

Figures = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Forecasts:
    """What one forecaster said of the rows of a trial: p(won finally) (n,), states (n, 3), verdicts (n,)."""

    won_finally: Vector
    chances: Matrix
    verdict: npt.NDArray[np.object_]


def final_figures(
    won: npt.NDArray[np.bool_], p: Vector, prior: Vector, deal: npt.NDArray[np.int32], *, seed: int
) -> Figures:
    """Return the figures of p(won finally) `p` against `won`, with skill against the baseline `prior`, (n,) each."""
    boot, ranked = DealBootstrap(deal, seed=seed), metrics.Ranked(won, p)
    return {
        "auc": boot.metric(ranked.auc),
        "ap": boot.metric(ranked.average_precision),
        "brier": boot.metric(lambda w: metrics.brier(won, p, weight=w)),
        "brier_skill": boot.metric(
            lambda w: metrics.skill(metrics.brier(won, p, weight=w), metrics.brier(won, prior, weight=w))
        ),
        "ece": boot.metric(metrics.miscalibration(won, p)),
        "log_loss": boot.metric(lambda w: metrics.log_loss(won, p, weight=w)),
        "base_rate": boot.metric(lambda w: metrics.mean(won, weight=w)),
    }


def state_figures(trial: Trial, forecasts: Forecasts, *, seed: int) -> Figures:
    """Return the figures of the states at the horizon, on the rows whose state is known."""
    known = trial.known
    state, chances = trial.state[known], forecasts.chances[known]
    boot = DealBootstrap(trial.scored.deal[known], seed=seed)
    figures: Figures = {
        "log_loss": boot.metric(lambda w: metrics.multiclass_log_loss(state, chances, weight=w)),
        "accuracy": boot.metric(lambda w: metrics.accuracy(state, chances, weight=w)),
    }
    for name, code in STATES:
        is_it, p = state == code, chances[:, code]
        ranked = metrics.Ranked(is_it, p)
        figures[name] = {
            "auc": boot.metric(ranked.auc),
            "ap": boot.metric(ranked.average_precision),
            "brier": boot.metric(lambda w, y=is_it, p=p: metrics.brier(y, p, weight=w)),  # type: ignore[misc]
            "ece": boot.metric(metrics.miscalibration(is_it, p)),
            "base_rate": boot.metric(lambda w, y=is_it: metrics.mean(y, weight=w)),  # type: ignore[misc]
        }
    return figures


def verdict_figures(trial: Trial, forecasts: Forecasts, *, target: float, seed: int) -> Figures:
    """Return coverage and right rate of the verdicts, on the rows whose state is known."""
    known = trial.known
    verdict, state = forecasts.verdict[known], trial.state[known]
    boot = DealBootstrap(trial.scored.deal[known], seed=seed)
    named = {name: verdict == name for name, _ in SIDES}
    right = {name: named[name] & (state == code) for name, code in SIDES}
    any_named, any_right = named["won"] | named["lost"], right["won"] | right["lost"]
    figures: Figures = {
        "target": target,
        "coverage": boot.metric(lambda w: metrics.mean(any_named, weight=w)),
        "right": boot.metric(lambda w: metrics.mean(any_right, among=any_named, weight=w)),
    }
    for name, _ in SIDES:
        figures[name] = {
            "share": boot.metric(lambda w, y=named[name]: metrics.mean(y, weight=w)),  # type: ignore[misc]
            "right": boot.metric(lambda w, y=right[name], m=named[name]: metrics.mean(y, among=m, weight=w)),  # type: ignore[misc]
        }
    return figures


def later_forecast(trial: Trial, won_finally: Vector) -> Vector:
    """Return p(won finally) of each test row as it read at the horizon (n,), NaN where closed by then."""
    later = look_up(trial.scored, won_finally, deal=trial.scored.deal, at=trial.ahead)
    return np.where(trial.known, later, np.nan)


def swing_figures(trial: Trial, won_finally: Vector, swing: Matrix, *, seed: int) -> Figures:
    """Return how the swing (n, 5) held, on deals still open at the horizon, and the drift, on all known rows."""
    later = later_forecast(trial, won_finally)
    again = ~np.isnan(later)
    then, now, bands = later[again], won_finally[again], swing[again]
    boot = DealBootstrap(trial.scored.deal[again], seed=seed)
    stay = np.repeat(now[:, None], len(LEVELS), axis=1)
    settled = trial.known & (again | (trial.state > 0))
    end = np.where(again, later, trial.state == Outcome.WON)[settled]
    start = won_finally[settled]
    drift = DealBootstrap(trial.scored.deal[settled], seed=seed)
    return {
        "band50": boot.metric(
            lambda w: metrics.mean((then >= bands[:, 1]) & (then <= bands[:, 3]), weight=w)
        ),
        "band80": boot.metric(
            lambda w: metrics.mean((then >= bands[:, 0]) & (then <= bands[:, 4]), weight=w)
        ),
        "pinball": boot.metric(lambda w: metrics.pinball(then, bands, levels=LEVELS, weight=w)),
        "pinball_no_change": boot.metric(lambda w: metrics.pinball(then, stay, levels=LEVELS, weight=w)),
        "drift_mean": drift.metric(lambda w: metrics.mean(end - start, weight=w)),
        "drift_slope": drift.metric(lambda w: metrics.slope(start, end - start, weight=w)),
    }


@dataclass(frozen=True, eq=False)
class Alerts:
    """The alerts of a trial: which rows (n,), and per deal lost and seen (m,) the lead in days, NaN if missed."""

    row: npt.NDArray[np.bool_]
    deal: npt.NDArray[np.int32]
    lead: Vector

    @classmethod
    def of(cls, log: DealLog, trial: Trial, risk: Vector) -> Alerts:
        """Alert the tenth of the open deals at each test landmark that is most at risk."""
        rows = trial.scored
        order = np.lexsort((rows.deal, -risk, rows.at))
        at = rows.at[order]
        starts = (
            np.flatnonzero(np.append(True, at[1:] != at[:-1])) if len(at) else np.zeros(0, dtype=np.int64)
        )
        size = np.diff(np.append(starts, len(at)))
        place = np.arange(len(at)) - np.repeat(starts, size)
        alerted = np.zeros(len(at), dtype=bool)
        alerted[order] = place < np.repeat(-(-size // ALERT_SHARE), size)
        alerted &= trial.test
        seen = np.unique(rows.deal[trial.test])
        lost = seen[log.deals.outcome[seen] == Outcome.LOST]
        first = np.full(len(log.deals), np.inf)
        np.minimum.at(first, rows.deal[alerted], rows.at[alerted])
        lead = (log.deals.closed[lost] - first[lost]) / DAY
        return cls(alerted, lost, np.where(np.isfinite(lead), lead, np.nan))

    def figures(self, trial: Trial, *, seed: int) -> Figures:
        """Return precision, recall, lead and base rate."""
        known = trial.known
        alerted, lost = self.row[known], trial.state[known] == Outcome.LOST
        rows = DealBootstrap(trial.scored.deal[known], seed=seed)
        caught = ~np.isnan(self.lead)
        deals, leads = (DealBootstrap(d, seed=seed) for d in (self.deal, self.deal[caught]))
        return {
            "precision": rows.metric(lambda w: metrics.mean(lost, among=alerted, weight=w)),
            "recall": deals.metric(lambda w: metrics.mean(caught, weight=w)),
            "median_lead_days": leads.metric(lambda w: metrics.median(self.lead[caught], weight=w)),
            "base_rate": rows.metric(lambda w: metrics.mean(lost, weight=w)),
        }
