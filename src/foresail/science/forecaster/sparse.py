"""Few closed deals: rates by stage, pulled towards the rate of all, and wide about it.

The rate of a stage starts from the overall rate and moves away from it only as its own deals come in
(a beta prior worth `PRIOR_DEALS` deals); from 10 closed deals on, the owner's and each attribute's
record moves it further, each pulled in the same way. Below 10 closed deals there are stages only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from foresail.science.features.view import View
from foresail.science.forecaster.horizon import Cube
from foresail.science.forecaster.trees import Vector
from foresail.science.landmarks import Rows
from foresail.science.log import DealLog, Outcome
from foresail.science.time import DAY, NEVER

FEW = 80
VERY_FEW = 10
PRIOR_DEALS = 10.0
SIDE_PRIOR = 20.0


@dataclass(frozen=True)
class SparseModel:
    """Rates that stand in for a model. Log-odds add up: overall + stage + owner + attributes.

    `pace` is closes per open deal and day, for the horizons.
    """

    overall: float
    stages: dict[str, float]
    owners: dict[str, float]
    levels: dict[str, dict[str, float]]
    pace: float

    @classmethod
    def fit(cls, past: DealLog) -> SparseModel:
        """Learn from a log as it stood at the moment of fitting."""
        deals = past.deals
        closed = deals.outcome != Outcome.OPEN
        won = deals.outcome == Outcome.WON
        rate = (won.sum() + 1) / (closed.sum() + 2)
        overall = float(logit(rate))
        ever = np.zeros((len(deals), len(past.events.stages)), dtype=bool)
        moves = past.events.stage >= 0
        ever[past.events.deal[moves], past.events.stage[moves]] = True
        stages = {
            name: _effect(won[closed & ever[:, i]], rate, PRIOR_DEALS)
            for i, name in enumerate(past.events.stages)
        }
        owners: dict[str, float] = {}
        levels: dict[str, dict[str, float]] = {}
        if closed.sum() >= VERY_FEW:
            owners = {
                name: _effect(won[closed & (deals.owner == i)], rate, SIDE_PRIOR)
                for i, name in enumerate(deals.owners)
            }
            for column in deals.attributes.columns:
                values = deals.attributes[column].cast(str).to_numpy()
                levels[column] = {
                    str(value): _effect(won[closed & (values == value)], rate, SIDE_PRIOR)
                    for value in sorted({v for v in values if v is not None})
                }
        days_open = (
            np.minimum(np.where(deals.closed == NEVER, past.end, deals.closed), past.end) - deals.opened
        )
        exposed = days_open.sum() / DAY if past.dated else 1.0
        return cls(overall, stages, owners, levels, float((closed.sum() + 0.5) / max(exposed, 1.0)))

    def raw(self, log: DealLog, rows: Rows) -> Vector:
        """Return the log-odds of winning finally (n_rows,)."""
        total = np.full(len(rows), self.overall)
        effects = np.array([self.stages.get(name, 0.0) for name in log.events.stages] + [0.0])
        total += effects[View(log, rows).stage]
        owners = np.array([self.owners.get(name, 0.0) for name in log.deals.owners] + [0.0])
        total += owners[log.deals.owner[rows.deal]]
        for column in set(self.levels) & set(log.deals.attributes.columns):
            effect = self.levels[column]
            values = log.deals.attributes[column].cast(str).to_list()
            total += np.array([effect.get(str(v), 0.0) for v in values])[rows.deal]
        return total

    def chances(self, raw: Vector, *, horizons: tuple[int, ...]) -> Cube:
        """Return (n_rows, n_horizons, 3): deals close at one pace, and as they will end."""
        closing = -np.expm1(-self.pace * np.array(horizons, dtype=np.float64))[None, :]
        won = expit(raw)[:, None] * closing
        lost = expit(-raw)[:, None] * closing
        return np.stack([1 - won - lost, won, lost], axis=2)


def _effect(won: np.ndarray[tuple[int], np.dtype[np.bool_]], rate: float, prior: float) -> float:
    """Return how far the log-odds of a group lie from everybody's, pulled to them by `prior` deals."""
    return float(logit((won.sum() + prior * rate) / (len(won) + prior)) - logit(rate))
