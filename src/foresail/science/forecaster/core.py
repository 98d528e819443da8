"""Fitting a forecaster and forecasting with it. `DealForecaster` is the door; this is the room behind it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit

from foresail.science.errors import LogError, ModelError
from foresail.science.features import Feature, FeatureTable, Vocabulary, compute_features, features_of
from foresail.science.features.view import View
from foresail.science.forecaster.horizon import HORIZONS, Cube, HorizonModels, reconcile
from foresail.science.forecaster.outcome import LARGE_SHAPE, MANY_DEALS, SHAPE, OutcomeModel
from foresail.science.forecaster.rehearsal import Holdout, Replay
from foresail.science.forecaster.sparse import FEW, VERY_FEW, SparseModel
from foresail.science.forecaster.swing import SwingModel, most_telling
from foresail.science.forecaster.training import Training
from foresail.science.forecaster.trees import Vector
from foresail.science.forecaster.verdict import Thresholds
from foresail.science.growing import GrowingLog
from foresail.science.hindsight import Hindsight, find_hindsight
from foresail.science.landmarks import Rows, open_rows, undated_rows
from foresail.science.log import DealLog, Outcome, places_of
from foresail.science.time import DAY, Instants, to_datetime, to_instant

Moment = date | datetime | int
"""A day (its midnight in the log's zone), an instant, or an instant in microseconds since 1970 UTC."""

Tier = Literal["full", "hierarchical", "stage_rates"]

SURE = 1e-4
"""No chance is displayed as nearer to 0 or 1 than this."""


@dataclass(frozen=True)
class Past:
    """What a model was fitted on: counts, and the first day (ISO; None in an undated log)."""

    deals: int
    events: int
    won: int
    lost: int
    open: int
    first: str | None

    @classmethod
    def of(cls, log: DealLog) -> Past:
        """Count a log."""
        number = np.bincount(log.deals.outcome, minlength=3)
        return cls(
            deals=len(log.deals),
            events=len(log.events),
            won=int(number[Outcome.WON]),
            lost=int(number[Outcome.LOST]),
            open=int(number[Outcome.OPEN]),
            first=to_datetime(log.first, zone=log.zone).date().isoformat() if log.dated else None,
        )

    @property
    def closed(self) -> int:
        """How many deals had ended."""
        return self.won + self.lost


@dataclass(frozen=True, eq=False)
class Fitted:
    """All that fitting learns. With few deals `sparse` stands in for the models, which are then None."""

    tier: Tier
    as_of: int
    dated: bool
    past: Past
    vocabulary: Vocabulary
    features: tuple[Feature, ...]
    outcome: OutcomeModel | None
    horizons: HorizonModels | None
    sparse: SparseModel | None
    calibration: tuple[float, float]
    thresholds: Thresholds
    swing: SwingModel
    hindsight: tuple[Hindsight, ...]


@dataclass(frozen=True, eq=False)
class Look:
    """Rows of a log at some instants, the `view` that they have of it, and their features (None where none count).

    `log` has the deals looked at, and no others where only some were asked for.
    """

    log: DealLog
    rows: Rows
    view: View
    table: FeatureTable | None


class Core:
    """What fits and forecasts; see `DealForecaster`."""

    def __init__(self, *, horizon: int = 14, every: int = 2, seed: int = 0, target: float = 0.89) -> None:
        if horizon % every:
            raise ValueError(f"every ({every} days) must divide the horizon ({horizon} days).")
        self.horizon = horizon
        self.every = every
        self.seed = seed
        self.target = target
        self._fitted: Fitted | None = None

    @property
    def fitted(self) -> Fitted:
        """What was learnt. Raises ModelError before `fit`."""
        if self._fitted is None:
            raise ModelError("The forecaster has not been fitted yet. Call fit(log, as_of=...) first.")
        return self._fitted

    def restore(self, fitted: Fitted) -> None:
        """Take what was learnt earlier, as `storage.load` reads it."""
        self._fitted = fitted

    @property
    def horizons(self) -> tuple[int, ...]:
        """The horizons forecast, in days, ascending."""
        return tuple(sorted({*HORIZONS, self.horizon}))

    def fit(self, log: DealLog, *, as_of: Moment | None = None) -> Self:
        """Learn from what `log` knew before `as_of`; deals open then are censored there.

        An undated log is learnt from whole, and `as_of` is not used. Raises LogError where there is
        no deal to learn from.
        """
        if not log.dated:
            self._fitted = self._fit_undated(log)
            return self
        if as_of is None:
            raise LogError("Say as of which day to fit: fit(log, as_of=date(...)).")
        instant = instant_of(as_of, log)
        past = log.as_of(instant - 1)
        if not len(past.deals):
            raise LogError("There is no deal before the cutoff. Choose a later one.")
        hindsight = find_hindsight(past)
        log = log.without_attributes([h.column for h in hindsight])
        past = past.without_attributes([h.column for h in hindsight])
        ended = past.deals.outcome[past.deals.outcome != Outcome.OPEN]
        training = None
        if len(ended) >= FEW and len(np.unique(ended)) == 2:  # won and lost
            training = Training.collect(log, as_of=instant, every=self.every, horizon=self.horizon)
            training = training if training.both_outcomes else None
        base = Fitted(
            tier="stage_rates" if len(ended) < VERY_FEW else "hierarchical",
            as_of=instant,
            dated=True,
            past=Past.of(past),
            vocabulary=Vocabulary.learn(past),
            features=(),
            outcome=None,
            horizons=None,
            sparse=SparseModel.fit(past),
            calibration=(1.0, 0.0),
            thresholds=Thresholds(),
            swing=SwingModel.wide(),
            hindsight=hindsight,
        )
        self._fitted = base if training is None else self._fit_full(log, training, base)
        return self

    def _fit_full(self, log: DealLog, training: Training, base: Fitted) -> Fitted:
        fit_horizons = partial(HorizonModels.fit, training, horizons=self.horizons, seed=self.seed)
        replay_past = partial(
            Replay.hold, log, as_of=base.as_of, every=self.every, horizon=self.horizon, seed=self.seed
        )
        with ThreadPoolExecutor(max_workers=2) as pool:
            learning_horizons, replaying = pool.submit(fit_horizons), pool.submit(replay_past)
            outcome = OutcomeModel.fit(training, seed=self.seed)
            holdout = Holdout.hold(training, outcome, seed=self.seed)
            calibration = holdout.calibration(outcome)
            horizons, replay = learning_horizons.result(), replaying.result()
        rows, before, after = holdout.pairs(horizon=self.horizon, calibration=calibration)
        return replace(
            base,
            tier="full",
            vocabulary=training.vocabulary,
            features=training.features,
            outcome=outcome,
            horizons=horizons,
            sparse=None,
            calibration=calibration,
            thresholds=Thresholds()
            if replay is None
            else Thresholds.learn(replay.chances, replay.state, replay.deal, target=self.target),
            swing=SwingModel.fit(
                training.values[rows],
                before,
                after,
                training.rows.deal[rows],
                inputs=most_telling(outcome.trees.importance()),
                seed=self.seed,
            ),
        )

    def _fit_undated(self, log: DealLog) -> Fitted:
        hindsight = find_hindsight(log)
        log = log.without_attributes([h.column for h in hindsight])
        vocabulary = Vocabulary.learn(log)
        closed = np.flatnonzero(log.deals.outcome != Outcome.OPEN)
        won = (log.deals.outcome[closed] == Outcome.WON).astype(np.float64)
        table = compute_features(log, undated_rows(log), vocabulary=vocabulary)
        full = len(closed) >= FEW and len(np.unique(won)) == 2 and bool(table.features)
        return Fitted(
            tier="full" if full else "stage_rates" if len(closed) < VERY_FEW else "hierarchical",
            as_of=0,
            dated=False,
            past=Past.of(log),
            vocabulary=vocabulary,
            features=table.features if full else (),
            outcome=OutcomeModel.fit_rows(
                table.values[closed],
                won,
                np.ones(len(closed)),
                seed=self.seed,
                shape=LARGE_SHAPE if len(closed) >= MANY_DEALS else SHAPE,
            )
            if full
            else None,
            horizons=None,
            sparse=None if full else SparseModel.fit(log),
            calibration=(1.0, 0.0),
            thresholds=Thresholds(),
            swing=SwingModel.wide(),
            hindsight=hindsight,
        )

    def predict(
        self,
        log: DealLog,
        *,
        at: Moment | Sequence[Moment] | None = None,
        deals: Collection[str] | None = None,
    ) -> pl.DataFrame:
        """Forecast every deal open at each of the instants `at`, from what `log` knew then; of `deals` alone if given.

        Returns a table ordered by (deal, at): `p_won_final`; `p_won`, `p_lost`, `p_open` at the horizon
        and at each of `horizons` (`p_won_7`, …); `close_early`, `close_mid`, `close_late` (dates by
        which the deal has closed with a chance of 25, 50 and 75 %); the swing `swing_low`,
        `swing_low50`, `swing_mid`, `swing_high50`, `swing_high` (10, 25, 50, 75, 90 %); `verdict`
        ("won", "lost" or null); `risk` (p(lost) at the horizon); `tier`. In an undated log there is
        one row per deal, and only `p_won_final` is known.
        """
        look = self.look(log, at=at, deals=deals)
        return self.tabulate(look.log, look.rows, self.score(look.log, look.rows, look.table))

    def look(
        self,
        log: DealLog | GrowingLog,
        *,
        at: Moment | Sequence[Moment] | None,
        deals: Collection[str] | None = None,
    ) -> Look:
        """Look at all deals open at the instants `at`, or at `deals` among them.

        Raises LogError where a growing log does not know `deals` in full, or no more what was known at `at`.
        """
        near, clock = (log.near, log.clock) if isinstance(log, GrowingLog) else (log, None)
        known, everyone = self.rows(near, at=at)
        whole = asked = View(known, everyone, clock(deals, everyone.at) if clock else None)
        wanted = None
        if deals is not None:
            wanted = np.isin(everyone.deal, places_of(known.deals.ids, deals))
            asked = whole.only(wanted)
        table = None
        if self.fitted.sparse is None:
            table = self._checked(features_of(whole, asked, self.fitted.vocabulary, wanted))
        return Look(asked.log, asked.rows, asked, table)

    def rows(self, log: DealLog, *, at: Moment | Sequence[Moment] | None) -> tuple[DealLog, Rows]:
        """Return `log` without the columns left out when fitting, and its rows at the instants `at`."""
        fitted = self.fitted
        if fitted.dated != log.dated:
            raise LogError(
                "The model was fitted on a log with dates and this one has none, or the other way round."
            )
        dropped = {h.column for h in fitted.hindsight} & set(log.deals.attributes.columns)
        log = log.without_attributes(sorted(dropped))
        if not log.dated:
            return log, undated_rows(log)
        if at is None:
            raise LogError("Say for which day to forecast: predict(log, at=date(...)).")
        moments = [at] if isinstance(at, (date, int)) else list(at)
        landmarks = np.unique(np.array([instant_of(m, log) for m in moments], dtype=np.int64))
        return log, open_rows(log, landmarks=landmarks)

    def table(self, log: DealLog, rows: Rows) -> FeatureTable:
        """Return the features of `rows` as the model knows them. Raises ModelError if they do not fit it."""
        return self._checked(compute_features(log, rows, vocabulary=self.fitted.vocabulary))

    def _checked(self, table: FeatureTable) -> FeatureTable:
        if table.features != self.fitted.features:
            raise ModelError(
                "The model was made by another version of Foresail, or for another log. Train it again."
            )
        return table

    def score(self, log: DealLog, rows: Rows, table: FeatureTable | None = None) -> Scores:
        """Return the chances of `rows`, of a log and rows from `rows()`."""
        fitted = self.fitted
        direct: Cube | None
        if fitted.sparse is not None:
            raw = fitted.sparse.raw(log, rows)
            direct = fitted.sparse.chances(raw, horizons=self.horizons)
            values = np.zeros((len(rows), 0))
        else:
            assert fitted.outcome is not None  # a model that is not sparse has one
            values = (table or self.table(log, rows)).values
            raw = fitted.outcome.raw(values)
            direct = fitted.horizons.predict(values) if fitted.horizons else None
        slope, shift = fitted.calibration
        won_finally = np.clip(expit(slope * raw + shift), SURE, 1 - SURE)
        if direct is None or not fitted.dated:
            return Scores(raw, won_finally, None, None)
        return Scores(
            raw, won_finally, reconcile(direct, won_finally), fitted.swing.predict(values, won_finally)
        )

    def tabulate(self, log: DealLog, rows: Rows, scores: Scores) -> pl.DataFrame:
        """Return `scores` of `rows` as the table that `predict` documents."""
        n, fitted = len(rows), self.fitted
        columns: dict[str, pl.Series] = {
            "deal": pl.Series(log.deals.ids[rows.deal], dtype=pl.String),
            "at": pl.Series(rows.at if log.dated else [None] * n, dtype=pl.Int64).cast(
                pl.Datetime("us", "UTC")
            ),
            "p_won_final": pl.Series(scores.won_finally, dtype=pl.Float64),
        }
        nothing = pl.Series([None] * n, dtype=pl.Float64)
        names = [("", self.horizon), *((f"_{h}", h) for h in self.horizons)]
        for suffix, horizon in names:
            for name, state in (("p_won", Outcome.WON), ("p_lost", Outcome.LOST), ("p_open", Outcome.OPEN)):
                columns[name + suffix] = (
                    nothing
                    if scores.chances is None
                    else pl.Series(scores.chances[:, self.horizons.index(horizon), state])
                )
        closing = None if scores.chances is None else self._closing_days(scores.chances[:, :, Outcome.OPEN])
        for i, name in enumerate(("close_early", "close_mid", "close_late")):
            columns[name] = (
                pl.Series([None] * n, dtype=pl.Date)
                if closing is None
                else _dates(rows.at + (closing[:, i] * DAY).astype(np.int64), zone=str(log.zone))
            )
        for i, name in enumerate(("swing_low", "swing_low50", "swing_mid", "swing_high50", "swing_high")):
            columns[name] = nothing if scores.swing is None else pl.Series(scores.swing[:, i])
        if scores.chances is None:
            columns["verdict"] = pl.Series([None] * n, dtype=pl.String)
            columns["risk"] = pl.Series(1 - scores.won_finally)
        else:
            at_horizon = scores.chances[:, self.horizons.index(self.horizon)]
            columns["verdict"] = pl.Series(fitted.thresholds.decide(at_horizon).tolist(), dtype=pl.String)
            columns["risk"] = pl.Series(at_horizon[:, Outcome.LOST])
        columns["tier"] = pl.Series([fitted.tier] * n, dtype=pl.String)
        return pl.DataFrame(columns)

    def _closing_days(self, still_open: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the days (n, 3) by which a deal has closed with a chance of 25, 50 and 75 %."""
        fitted = self.fitted
        pace = (fitted.horizons or fitted.sparse).pace  # type: ignore[union-attr]  # one of them is there
        knots = np.array([0, *self.horizons], dtype=np.float64)
        open_at = np.column_stack([np.ones(len(still_open)), still_open])
        days = np.empty((len(still_open), 3))
        for i, closed in enumerate((0.25, 0.50, 0.75)):
            reached = open_at <= 1 - closed
            right = np.where(reached.any(axis=1), reached.argmax(axis=1), len(knots) - 1)
            high, low = open_at[np.arange(len(right)), right - 1], open_at[np.arange(len(right)), right]
            share = np.clip((high - (1 - closed)) / np.maximum(high - low, 1e-9), 0.0, 1.0)
            inside = knots[right - 1] + share * (knots[right] - knots[right - 1])
            beyond = knots[-1] + np.log(np.maximum(open_at[:, -1], 1e-9) / (1 - closed)) / max(pace, 1e-4)
            days[:, i] = np.where(reached.any(axis=1), inside, np.minimum(beyond, MOST_DAYS))
        return days


MOST_DAYS = 1825.0
"""No expected close lies further off than this, in days."""


@dataclass(frozen=True, eq=False)
class Scores:
    """Chances of rows: `raw` log-odds (n,) before calibration, p(won finally) (n,), states (n, h, 3), swing (n, 5).

    `chances` and `swing` are None in an undated log.
    """

    raw: Vector
    won_finally: Vector
    chances: Cube | None
    swing: npt.NDArray[np.float64] | None


def instant_of(moment: Moment, log: DealLog) -> int:
    """Return `moment` in microseconds; days and naive times are in the log's zone."""
    return moment if isinstance(moment, int) else to_instant(moment, zone=log.zone)


def _dates(instants: Instants, *, zone: str) -> pl.Series:
    return pl.Series(instants).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(zone).dt.date()
