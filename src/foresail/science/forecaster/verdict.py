"""Verdicts: won or lost, named only where past weeks say the name would be right often enough.

The threshold of a side is the lowest chance at which the deals at or above it, on past weeks that
the model had not seen, would have been named wrongly at most 1 - target of the time, counting one
more error than there was: (errors + 1) / (named + 1) <= 1 - target. This is the estimate of conformal
selection (Jin & Candès, "Selection by prediction with conformal p-values", JMLR 24, 2023) and of
conformal risk control (Angelopoulos et al., ICLR 2024). It holds while the coming weeks are like the
past ones; rates drift, so the right rate is also watched. A side that cannot hold the target, or
would on fewer than `LEAST_DEALS` deals, stays silent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foresail.science.forecaster.trees import Matrix, Vector
from foresail.science.log import Outcome

LEAST_DEALS = 20
SILENT = 2.0
"""A threshold above every chance."""


@dataclass(frozen=True)
class Thresholds:
    """The least p(won) and p(lost) at the horizon that are named; `SILENT` for never."""

    won: float = SILENT
    lost: float = SILENT

    @classmethod
    def learn(
        cls, chances: Matrix, state: npt.NDArray[np.int8], deal: npt.NDArray[np.int32], *, target: float
    ) -> Thresholds:
        """Learn from past `chances` (n, 3) of open, won, lost, the `state` (n,) that came, and the `deal`s (n,)."""
        return cls(
            *(_threshold(chances[:, s], state == s, deal, target=target) for s in (Outcome.WON, Outcome.LOST))
        )

    def decide(self, chances: Matrix) -> npt.NDArray[np.object_]:
        """Return "won", "lost" or None for each row of `chances` (n, 3)."""
        verdict = np.full(len(chances), None, dtype=object)
        lost = chances[:, Outcome.LOST] >= self.lost
        won = chances[:, Outcome.WON] >= self.won
        verdict[lost & ~(won & (chances[:, Outcome.WON] > chances[:, Outcome.LOST]))] = "lost"
        verdict[won & (verdict != "lost")] = "won"
        return verdict


def _threshold(
    chance: Vector, right: npt.NDArray[np.bool_], deal: npt.NDArray[np.int32], *, target: float
) -> float:
    if not len(chance):
        return SILENT
    order = np.argsort(-chance, kind="stable")
    chance, right, deal = chance[order], right[order], deal[order]
    named = np.arange(1, len(chance) + 1)
    errors = np.cumsum(~right)
    first_seen = np.zeros(len(deal), dtype=bool)
    first_seen[np.unique(deal, return_index=True)[1]] = True
    last_of_tie = np.append(chance[1:] != chance[:-1], True)
    holds = ((errors + 1) / (named + 1) <= 1 - target) & (np.cumsum(first_seen) >= LEAST_DEALS) & last_of_tie
    return float(chance[np.flatnonzero(holds)[-1]]) if holds.any() else SILENT
