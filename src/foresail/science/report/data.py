"""What the report is made of: the backtest's figures, and the curves and cases behind them.

Shares and probabilities are fractions (0.13, never 13). Times are dates in the log's own zone.
Whatever a log cannot tell (a state without dates, say) is None or empty, and the report says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Side = Literal["won", "lost"]
Tier = Literal["full", "hierarchical", "stage_rates"]


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A figure with its 95 % interval and the number of cases it rests on."""

    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """How the backtest was set up. `cutoff` and `until` are None in a log without dates (`folds` then)."""

    cutoff: date | None
    until: date | None
    first: date | None
    last: date | None
    every_days: int
    horizon_days: int
    zone: str
    folds: int | None = None


@dataclass(frozen=True, kw_only=True)
class CalibrationBin:
    """Deals given about the same probability: what was said, what came, its 95 % interval, how many."""

    predicted: float
    observed: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """One reliability curve: of p(won finally), or of p(won) or p(lost) at the horizon."""

    target: Literal["final", "won", "lost"]
    bins: tuple[CalibrationBin, ...]


@dataclass(frozen=True, kw_only=True)
class VerdictCurve:
    """Coverage against right rate of one side, as the threshold moves.

    `points` are (coverage, right); `chosen` is the point used, None where the side stays silent,
    and `silent` then says why.
    """

    side: Side
    points: tuple[tuple[float, float], ...]
    chosen: tuple[float, float] | None
    silent: Text | None = None


@dataclass(frozen=True, kw_only=True)
class LeadTimes:
    """Days from the first alert to the loss, one per lost deal that was alerted; and how many never were."""

    days: tuple[float, ...]
    missed: int


@dataclass(frozen=True, kw_only=True)
class Bands:
    """Five quantiles (10, 25, 50, 75 and 90 %) of p(won finally) at the horizon."""

    low80: float
    low50: float
    median: float
    high50: float
    high80: float


@dataclass(frozen=True, kw_only=True)
class SwingBin:
    """Deals that stood at about the same p(won) now: the swing predicted for them, and what came."""

    now: float
    predicted: Bands
    realised: Bands
    n: int


@dataclass(frozen=True, kw_only=True)
class LandmarkPoint:
    """One test landmark: open deals then, and how well the deals seen there were told apart."""

    on: date
    open: int
    auc: float | None = None
    brier: float | None = None


@dataclass(frozen=True, kw_only=True)
class GlobalDriver:
    """One driver over all test rows: its share of the summed |contribution| and which way it mostly pushes."""

    name: Text
    share: float
    direction: Literal["up", "down", "both"]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How much better the model is than a baseline on the same rows: paired difference, positive is better.

    `baseline` is a key of the figures' baselines; `metric` a dotted path such as "final.auc".
    """

    baseline: str
    metric: str
    gain: Metric


@dataclass(frozen=True, kw_only=True)
class EventRef:
    """An event behind a driver, as the log names it."""

    kind: str
    at: date


@dataclass(frozen=True, kw_only=True)
class Driver:
    """One reason: its contribution in log-odds, and in percentage points as a fraction (0.06 = 6 points)."""

    text: Text
    log_odds: float
    points: float
    events: tuple[EventRef, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the sum without a story of its own; units as in Driver. `factors`: how many it sums up, if known."""

    log_odds: float
    points: float
    factors: int | None = None


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """A changed fact and the p(won finally) that the model would then show."""

    change: Text
    p_won_final: float


@dataclass(frozen=True, kw_only=True)
class ExplainedDeal:
    """One deal as it was seen at a landmark, why, and what became of it.

    `base_log_odds` is where a deal that has come as far starts; it, `drivers`, `rest` (all smaller drivers
    together) and `calibration` add up to the log-odds of `p_won_final`. `state` is p(won), p(lost),
    p(open) at the horizon. `ended_as` is None where the log does not know.
    """

    id: str
    landmark: date | None
    p_won_final: float
    state: tuple[float, float, float] | None
    swing: Bands | None
    verdict: Side | None
    base_log_odds: float
    drivers: tuple[Driver, ...]
    rest: Part | None
    calibration: Part
    what_if: tuple[WhatIf, ...] = ()
    ended_as: Literal["won", "lost", "open"] | None = None
    ended_on: date | None = None

    def verdict_held(self, *, horizon_days: int) -> bool | None:
        """Return whether the verdict came true at the horizon; None without a verdict or a known end.

        A deal that ends as the verdict said, but later, was still open at the horizon: not right.
        """
        if self.verdict is None or self.ended_as is None or self.landmark is None:
            return None
        if self.ended_as != self.verdict:
            return False
        return None if self.ended_on is None else (self.ended_on - self.landmark).days < horizon_days

    @property
    def unexplained(self) -> float:
        """Log-odds that the listed lines leave over: shown as a line of its own if not about zero."""
        p = min(max(self.p_won_final, 1e-12), 1 - 1e-12)
        listed = sum(d.log_odds for d in self.drivers) + self.calibration.log_odds
        listed += self.base_log_odds + (self.rest.log_odds if self.rest else 0.0)
        return math.log(p / (1 - p)) - listed


@dataclass(frozen=True, kw_only=True)
class Reject:
    """Rows that could not be read, by reason, with one line number as an example."""

    reason: Text
    rows: int
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """All that the report shows.

    `figures` is the JSON of the backtest (its keys are the protocol's); any metric or group in it may
    be None. `closed_train` is the number of closed deals the model learned from; it decides `tier`.
    `simulated` says that the log is of a company made up by the simulator.
    """

    figures: Mapping[str, object]
    log_name: str
    mapping_name: str
    version: str
    protocol: Protocol
    tier: Tier = "full"
    closed_train: int | None = None
    calibration: tuple[Calibration, ...] = ()
    verdict_curves: tuple[VerdictCurve, ...] = ()
    lead: LeadTimes | None = None
    swing: tuple[SwingBin, ...] = ()
    landmarks: tuple[LandmarkPoint, ...] = ()
    drivers: tuple[GlobalDriver, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    deals: tuple[ExplainedDeal, ...] = ()
    rejects: tuple[Reject, ...] = ()
    simulated: bool = False

    @property
    def dated(self) -> bool:
        """Whether the log could be cut in time. Where not, deals were split at random."""
        return self.protocol.cutoff is not None
