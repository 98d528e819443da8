"""`backtest`: fit on the past of a cutoff, forecast the landmarks after it, and say how good that was."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from foresail.science import metrics
from foresail.science.backtest.judge import (
    Alerts,
    Figures,
    Forecasts,
    final_figures,
    state_figures,
    swing_figures,
    verdict_figures,
)
from foresail.science.backtest.protocol import Protocol, Trial
from foresail.science.baselines import Baseline, NaiveBayes, Prior, StageRate
from foresail.science.errors import LogError
from foresail.science.features import compute_features
from foresail.science.forecaster import DealForecaster
from foresail.science.forecaster.core import Scores
from foresail.science.forecaster.verdict import Thresholds
from foresail.science.hindsight import Hindsight, find_hindsight, input_groups
from foresail.science.landmarks import Rows, add_days, open_rows, states
from foresail.science.log import DealLog, Outcome
from foresail.science.metrics import DealBootstrap, Metric
from foresail.science.time import DAY, to_datetime, to_instant

Progress = Callable[[str, float], None]
"""Called with the name of a step and the share of the work done, 0 … 1."""

BASELINES: dict[str, type[Baseline]] = {"prior": Prior, "stage_rate": StageRate, "naive_bayes": NaiveBayes}
FOLDS = 5
RECENT_DAYS = 56
"""Past days from which the baselines' verdicts learn their thresholds."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """What a backtest found. `figures` is the JSON of the protocol; `rows` a line per deal and test landmark.

    The rest is what lies behind, for the report: the forecasts of ours and of each baseline on the
    rows of `trial`. In an undated log `protocol` and `trial` are None, and rows are deals.
    """

    figures: Figures
    rows: pl.DataFrame
    log: DealLog
    protocol: Protocol | None
    trial: Trial | None
    forecaster: DealForecaster | None
    scores: Scores
    baselines: Mapping[str, Forecasts]
    judged: npt.NDArray[np.bool_]
    alerts: Alerts | None
    hindsight: tuple[Hindsight, ...]
    seed: int


def backtest(
    log: DealLog,
    *,
    cutoff: date | None = None,
    until: date | None = None,
    every: int = 2,
    horizon: int = 14,
    seed: int = 0,
    rejected: int = 0,
    duplicates: int = 0,
    read_seconds: float = 0.0,
    progress: Progress | None = None,
) -> Backtest:
    """Backtest the forecaster and the baselines on `log`. `every` and `horizon` are days.

    `rejected` and `duplicates` are what the reader counted. Without dates the split is five-fold with
    identical inputs kept together, and only the final outcome is judged. Raises LogError where the log
    cannot be split as asked.
    """
    say = progress or _say_nothing
    say("check", 0.0)
    hindsight = find_hindsight(log)
    log = log.without_attributes([h.column for h in hindsight])
    data = _data(log, hindsight, rejected=rejected, duplicates=duplicates)
    if not log.dated:
        return _undated(log, data, hindsight, seed=seed, read_seconds=read_seconds, say=say)
    protocol = Protocol.of(log, cutoff=cutoff, until=until, every=every, horizon=horizon)
    trial = Trial.of(log, protocol)
    if not trial.test.any():
        raise LogError(
            "No deal is open at any landmark of the test. Choose other dates, or look at the log's end."
        )
    start = perf_counter()
    say("train", 0.05)
    as_of = to_instant(protocol.cutoff, zone=log.zone)
    forecaster = DealForecaster(horizon=horizon, every=every, seed=seed).fit(log, as_of=as_of)
    trained = perf_counter()
    say("score", 0.6)
    table = None
    if forecaster.fitted.sparse is None:
        table = compute_features(log, trial.scored, vocabulary=forecaster.fitted.vocabulary)
    featured = perf_counter()
    scores = forecaster.score(log, trial.scored, table)
    rows = forecaster.tabulate(log, trial.scored, scores)
    ours = Forecasts(
        scores.won_finally,
        _at_horizon(forecaster, scores),
        np.array(rows["verdict"].to_list(), dtype=object),
    )
    baselines = {
        name: _baseline(kind, log, trial, as_of=as_of, forecaster=forecaster)
        for name, kind in BASELINES.items()
    }
    scored = perf_counter()
    say("judge", 0.7)
    alerts = Alerts.of(log, trial, rows["risk"].to_numpy())
    won = trial.outcome[trial.judged] == Outcome.WON
    deal = trial.scored.deal[trial.judged]
    prior = baselines["prior"]

    def judge(forecasts: Forecasts) -> Figures:
        return {
            "final": final_figures(
                won, forecasts.won_finally[trial.judged], prior.won_finally[trial.judged], deal, seed=seed
            ),
            "state": state_figures(trial, forecasts, seed=seed),
            "verdicts": verdict_figures(trial, forecasts, target=forecaster.target, seed=seed),
        }

    figures: Figures = {
        "data": data,
        "rows": {"train": _train_rows(log, protocol, as_of), "test": int(trial.test.sum())},
    }
    figures |= judge(ours)
    closed_share = DealBootstrap(trial.scored.deal[trial.followed], seed=seed)
    ended = trial.outcome[trial.followed] != Outcome.OPEN
    figures["final"]["closed_share"] = closed_share.metric(lambda w: metrics.mean(ended, weight=w))
    say("judge", 0.8)
    assert scores.swing is not None  # a dated log has one
    figures["swing"] = swing_figures(trial, scores.won_finally, scores.swing, seed=seed)
    figures["alerts"] = alerts.figures(trial, seed=seed)
    known = trial.known
    state_boot = DealBootstrap(trial.scored.deal[known], seed=seed)
    state_skill = state_boot.metric(
        lambda w: metrics.skill(
            metrics.multiclass_log_loss(trial.state[known], ours.chances[known], weight=w),
            metrics.multiclass_log_loss(trial.state[known], prior.chances[known], weight=w),
        )
    )
    figures["skill"] = {
        "final": _above_zero(figures["final"]["brier_skill"]),
        "state": _above_zero(state_skill),
    }
    say("judge", 0.85)
    figures["baselines"] = {name: judge(forecasts) for name, forecasts in baselines.items()}
    figures["seconds"] = {
        "read": read_seconds,
        "features": featured - trained,
        "train": trained - start,
        "score": scored - featured,
    }
    say("done", 1.0)
    return Backtest(
        _plain(figures),
        _rows(rows, log, trial),
        log,
        protocol,
        trial,
        forecaster,
        scores,
        baselines,
        trial.judged,
        alerts,
        hindsight,
        seed,
    )


def _say_nothing(_step: str, _share: float) -> None:
    """Let nobody know: without a progress bar."""


def _undated(
    log: DealLog,
    data: Figures,
    hindsight: tuple[Hindsight, ...],
    *,
    seed: int,
    read_seconds: float,
    say: Progress,
) -> Backtest:
    closed = log.deals.outcome != Outcome.OPEN
    if closed.sum() < FOLDS:
        raise LogError("Fewer than five closed deals: there is nothing to test on.")
    group = input_groups(log)
    fold = _folds(group, log.deals.outcome, seed=seed)
    n = len(log.deals)
    won_finally, raw = np.full(n, np.nan), np.full(n, np.nan)
    simple = {name: np.full(n, np.nan) for name in BASELINES}
    forecaster = None
    seconds = {"train": 0.0, "score": 0.0}
    for k in range(FOLDS):
        say("train", k / FOLDS)
        held = fold == k
        seen, rest = log.select(~held), log.select(held)
        start = perf_counter()
        forecaster = DealForecaster(seed=seed).fit(seen)
        seconds["train"] += perf_counter() - start
        start = perf_counter()
        rest, rows = forecaster.rows(rest, at=None)
        scores = forecaster.score(rest, rows)
        won_finally[held], raw[held] = scores.won_finally, scores.raw
        for name, kind in BASELINES.items():
            simple[name][held] = kind().fit(seen, as_of=0).predict(rest, at=())["p_won_final"].to_numpy()
        seconds["score"] += perf_counter() - start
    say("judge", 0.9)
    won, deal = log.deals.outcome[closed] == Outcome.WON, np.flatnonzero(closed).astype(np.int32)
    final = final_figures(won, won_finally[closed], simple["prior"][closed], deal, seed=seed)
    everybody = DealBootstrap(np.arange(n), seed=seed)
    final["closed_share"] = everybody.metric(lambda w: metrics.mean(closed, weight=w))
    nothing = {"state": None, "verdicts": None}
    figures: Figures = {
        "data": data,
        "rows": {"train": int(closed.sum()), "test": int(closed.sum())},
        "final": final,
        **nothing,
        "swing": None,
        "alerts": None,
        "skill": {"final": _above_zero(final["brier_skill"]), "state": None},
        "baselines": {
            name: {
                "final": final_figures(won, p[closed], simple["prior"][closed], deal, seed=seed),
                **nothing,
            }
            for name, p in simple.items()
        },
        "seconds": {"read": read_seconds, "features": 0.0, **seconds},
    }
    empty = pl.lit(None, dtype=pl.Float64)
    rows_table = pl.DataFrame({"deal": pl.Series(log.deals.ids, dtype=pl.String), "p_won_final": won_finally})
    rows_table = rows_table.select(
        "deal",
        landmark=pl.lit(None, dtype=pl.Datetime("us", "UTC")),
        p_won_final="p_won_final",
        **dict.fromkeys(("p_won", "p_lost", "p_open", "swing_low", "swing_mid", "swing_high"), empty),
        verdict=pl.lit(None, dtype=pl.String),
        risk=1 - pl.col("p_won_final"),
    )
    say("done", 1.0)
    forecasts = {
        name: Forecasts(p, np.zeros((n, 3)), np.full(n, None, dtype=object)) for name, p in simple.items()
    }
    return Backtest(
        _plain(figures),
        rows_table,
        log,
        None,
        None,
        forecaster,
        Scores(raw, won_finally, None, None),
        forecasts,
        closed,
        None,
        hindsight,
        seed,
    )


def _folds(
    group: npt.NDArray[np.int64], outcome: npt.NDArray[np.int8], *, seed: int
) -> npt.NDArray[np.int64]:
    """Return the fold of each deal (n,): a group stays whole, and every fold has its share of each outcome.

    With unlike shares, a fold won more often than the rest would be forecast from too low a rate.
    """
    groups, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    order = np.lexsort((np.random.default_rng(seed).permutation(len(groups)), outcome[first]))
    fold = np.empty(len(groups), dtype=np.int64)
    fold[order] = np.arange(len(groups)) % FOLDS
    return fold[inverse]


def _at_horizon(forecaster: DealForecaster, scores: Scores) -> npt.NDArray[np.float64]:
    assert scores.chances is not None  # a dated log has them
    return scores.chances[:, forecaster.horizons.index(forecaster.horizon)]


def _baseline(
    kind: type[Baseline], log: DealLog, trial: Trial, *, as_of: int, forecaster: DealForecaster
) -> Forecasts:
    """Fit a baseline, with verdicts at thresholds that would have held on the last weeks before `as_of`."""
    model = kind(horizon=forecaster.horizon, every=forecaster.every).fit(log, as_of=as_of)
    past = log.as_of(as_of - 1)
    recent = np.arange(as_of - RECENT_DAYS * DAY, as_of, forecaster.every * DAY, dtype=np.int64)
    rows = open_rows(past, landmarks=recent)
    ahead = add_days(rows.at, forecaster.horizon, zone=log.zone)
    state = states(past, rows, until=ahead)
    known = ahead < as_of
    _, chances = model.chances(past, rows)
    thresholds = Thresholds.learn(chances[known], state[known], rows.deal[known], target=forecaster.target)
    won_finally, chances = model.chances(log, trial.scored)
    return Forecasts(won_finally, chances, thresholds.decide(chances))


def _rows(table: pl.DataFrame, log: DealLog, trial: Trial) -> pl.DataFrame:
    return table.filter(pl.Series(trial.test)).select(
        "deal",
        pl.col("at").dt.convert_time_zone(str(log.zone)).alias("landmark"),
        "p_won_final",
        "p_won",
        "p_lost",
        "p_open",
        "swing_low",
        "swing_mid",
        "swing_high",
        "verdict",
        "risk",
    )


def _train_rows(log: DealLog, protocol: Protocol, as_of: int) -> int:
    """Return how many rows lie at the training landmarks."""
    from foresail.science.landmarks import midnights_before  # noqa: PLC0415

    past = log.as_of(as_of - 1)
    landmarks = midnights_before(start=protocol.cutoff, first=past.first, every=protocol.every, zone=log.zone)
    rows: Rows = open_rows(past, landmarks=landmarks)
    return len(rows)


def _data(log: DealLog, hindsight: tuple[Hindsight, ...], *, rejected: int, duplicates: int) -> Figures:
    outcome = log.deals.outcome
    return {
        "deals": len(log.deals),
        "events": len(log.events),
        "rejected": rejected,
        "open": int((outcome == Outcome.OPEN).sum()),
        "won": int((outcome == Outcome.WON).sum()),
        "lost": int((outcome == Outcome.LOST).sum()),
        "first": to_datetime(log.first, zone=log.zone).isoformat() if log.dated else None,
        "last": to_datetime(log.end, zone=log.zone).isoformat() if log.dated else None,
        "hindsight": [{"column": h.column, "why": {"zh": h.why_zh, "en": h.why_en}} for h in hindsight],
        "duplicates": duplicates,
    }


def _above_zero(metric: Metric) -> bool:
    return bool(metric.low > 0)


def _plain(figures: Any) -> Any:
    """Return `figures` ready for JSON: metrics as dictionaries, NaN as None."""
    if isinstance(figures, Metric):
        return figures.to_dict()
    if isinstance(figures, dict):
        return {key: _plain(value) for key, value in figures.items()}
    if isinstance(figures, float) and math.isnan(figures):
        return None
    return figures
