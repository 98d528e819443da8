"""By how much some kinds of events help a forecast: a second model learns without them, and both are judged alike."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from foresail.science import metrics
from foresail.science.forecaster import DealForecaster
from foresail.science.landmarks import Rows, add_days, midnights, open_rows, states
from foresail.science.log import DealLog, Outcome
from foresail.science.metrics import DealBootstrap, Metric

LEAST_DEALS: Final = 20
"""Fewer judged deals with such events than this tell nothing, whatever their interval."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Loss:
    """Log loss with the events and without, and how much lower it is with them: each between its 2.5 % and 97.5 %."""

    with_them: Metric
    without: Metric
    gain: Metric


@dataclass(frozen=True)
class Ablation:
    """`state` is judged at the horizon, by which models are chosen; `final` is p(won finally), of deals that ended.

    `deals` were judged, `seen` of them had such events by their last look.
    """

    state: Loss
    final: Loss | None
    deals: int
    seen: int

    @property
    def helps(self) -> bool:
        """Whether the interval of the gain at the horizon lies above zero, and enough deals had such events."""
        return self.state.gain.low > 0 and self.seen >= LEAST_DEALS

    def to_dict(self) -> dict[str, Any]:
        """Return what a model card keeps of it."""
        told: dict[str, Any] = {"helps": self.helps, "deals": self.deals, "seen": self.seen}
        for prefix, loss in (("", self.state), ("final_", self.final)):
            if loss is not None:
                told[f"{prefix}log_loss_with"] = loss.with_them.to_dict()
                told[f"{prefix}log_loss_without"] = loss.without.to_dict()
                told[f"{prefix}gain"] = loss.gain.to_dict()
        return told


def ablate(
    forecaster: DealForecaster,
    log: DealLog,
    kinds: Collection[str],
    *,
    as_of: date,
    stop: date,
    every: int = 2,
) -> Ablation | None:
    """Compare `forecaster`, fitted as of `as_of`, with one fitted alike on the log without `kinds`.

    Both forecast every deal open on days from `as_of` before `stop`, `every` days apart, which neither has seen. None
    where nothing is known of those days yet. The interval is over deals, with both models as they are: it does not
    tell how another sample would have trained them. Raises LogError where there is nothing to learn from.
    """
    landmarks = midnights(start=as_of, stop=stop, every=every, zone=log.zone)
    rows = open_rows(log, landmarks=landmarks[landmarks <= log.end])
    state = states(log, rows, until=add_days(rows.at, forecaster.horizon, zone=log.zone))
    known = state >= 0
    if not known.any():
        return None
    bare = log.without_kinds(kinds)
    other = DealForecaster(
        horizon=forecaster.horizon, every=forecaster.every, target=forecaster.target, seed=forecaster.seed
    ).fit(bare, as_of=as_of)
    (mine, mine_final), (theirs, theirs_final) = (
        said(each, of, rows) for each, of in ((forecaster, log), (other, bare))
    )
    boot = DealBootstrap(rows.deal[known], seed=forecaster.seed)
    outcome = log.deals.outcome[rows.deal]
    ended = known & (outcome != Outcome.OPEN)
    final = None
    if ended.any():
        won = outcome[ended] == Outcome.WON
        of_ended = DealBootstrap(rows.deal[ended], seed=forecaster.seed)
        final = _loss(
            of_ended,
            lambda p, w: metrics.log_loss(won, p, weight=w),
            mine_final[ended],
            theirs_final[ended],
        )
    return Ablation(
        state=_loss(
            boot,
            lambda p, w: metrics.multiclass_log_loss(state[known], p, weight=w),
            mine[known],
            theirs[known],
        ),
        final=final,
        deals=len(np.unique(rows.deal[known])),
        seen=_seen(log, kinds, rows.take(known)),
    )


def _loss(boot: DealBootstrap, of: Callable[[Floats, Floats], Floats], mine: Floats, theirs: Floats) -> Loss:
    return Loss(
        boot.metric(lambda w: of(mine, w)),
        boot.metric(lambda w: of(theirs, w)),
        boot.paired(lambda w: of(theirs, w), lambda w: of(mine, w)),
    )


def said(forecaster: DealForecaster, log: DealLog, rows: Rows) -> tuple[Floats, Floats]:
    """Return the chances of each state at the horizon (n, 3) and p(won finally) (n,) of `rows`, all open rows of `log`."""
    known, same = forecaster.rows(log, at=[int(at) for at in np.unique(rows.at)])
    scores = forecaster.score(known, same)
    assert scores.chances is not None  # a log with landmarks has dates
    assert np.array_equal(same.deal, rows.deal)
    return scores.chances[:, forecaster.horizons.index(forecaster.horizon)], scores.won_finally


def _seen(log: DealLog, kinds: Collection[str], rows: Rows) -> int:
    """Return how many deals of `rows` had one of `kinds` by their last row."""
    last = np.full(len(log.deals), -1, dtype=np.int64)
    np.maximum.at(last, rows.deal, rows.at)
    codes = [code for code, kind in enumerate(log.events.kinds) if kind in kinds]
    mine = np.isin(log.events.kind, codes) & (log.events.known <= last[log.events.deal])
    return len(np.unique(log.events.deal[mine]))
