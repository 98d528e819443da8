"""From a backtest to what its report shows: curves, comparisons, and five deals explained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from foresail.science import metrics
from foresail.science.backtest.backtest import FOLDS, Backtest
from foresail.science.backtest.judge import SIDES, later_forecast
from foresail.science.backtest.protocol import Trial
from foresail.science.errors import LogError
from foresail.science.features.view import View
from foresail.science.forecaster import names
from foresail.science.forecaster.drivers import Groups
from foresail.science.forecaster.explain import AddEvent, Change, Explanation, MoveStage
from foresail.science.forecaster.forecaster import DealForecaster
from foresail.science.forecaster.swing import LEVELS
from foresail.science.forecaster.trees import Matrix, Vector
from foresail.science.landmarks import Rows
from foresail.science.log import Outcome
from foresail.science.metrics import DealBootstrap, Statistic, equal_mass_bins
from foresail.science.report import data as shown
from foresail.science.time import NEVER, to_datetime

CURVE_POINTS = 40
SWING_BINS = 5
DRIVERS = 12
DEALS = 5
SAMPLE = 3000
"""Rows of which the drivers' shares are taken."""

NAMES = {
    "age": ("商机年龄", "age of the deal"),
    "stage": ("所处阶段与进展", "stage and progress"),
    "momentum": ("推进势头", "momentum"),
    "answers": ("我方回复速度", "how quickly we answer"),
    "people": ("经手人", "people working on it"),
    "owner": ("负责人", "the owner"),
    "queue": ("同阶段排队", "the queue in the stage"),
    "market": ("整体行情", "the whole pipeline lately"),
    "calendar": ("月末季末节奏", "calendar"),
    "amount": ("金额", "amount"),
    "opening": ("开启时间", "when it opened"),
}


def report_data(
    result: Backtest,
    *,
    log_name: str,
    mapping_name: str,
    version: str,
    rejects: Sequence[shown.Reject] = (),
) -> shown.ReportData:
    """Return what the report of `result` shows. `rejects` are the rows the reader set aside, by reason."""
    fitted = result.forecaster.fitted if result.forecaster else None
    common: dict[str, Any] = {
        "figures": result.figures,
        "log_name": log_name,
        "mapping_name": mapping_name,
        "version": version,
        "tier": fitted.tier if fitted else "full",
        "closed_train": fitted.past.closed if fitted else None,
        "rejects": tuple(rejects),
    }
    trial, protocol = result.trial, result.protocol
    if trial is None or protocol is None or result.forecaster is None:
        undated = shown.Protocol(
            cutoff=None,
            until=None,
            first=None,
            last=None,
            every_days=2,
            horizon_days=14,
            zone=str(result.log.zone),
            folds=FOLDS,
        )
        won = result.log.deals.outcome[result.judged] == Outcome.WON
        final = _calibration("final", won, result.scores.won_finally[result.judged])
        return shown.ReportData(**common, protocol=undated, calibration=(final,))
    zone = result.log.zone
    known = trial.known
    assert result.scores.chances is not None  # a dated log has them
    chances = result.scores.chances[:, result.forecaster.horizons.index(result.forecaster.horizon)]
    won = trial.outcome[trial.judged] == Outcome.WON
    return shown.ReportData(
        **common,
        protocol=shown.Protocol(
            cutoff=protocol.cutoff,
            until=protocol.until,
            first=to_datetime(result.log.first, zone=zone).date(),
            last=to_datetime(result.log.end, zone=zone).date(),
            every_days=protocol.every,
            horizon_days=protocol.horizon,
            zone=str(zone),
        ),
        calibration=(
            _calibration("final", won, result.scores.won_finally[trial.judged]),
            *(_calibration(name, trial.state[known] == code, chances[known, code]) for name, code in SIDES),
        ),
        verdict_curves=tuple(
            _verdict_curve(name, chances[known, code], trial.state[known] == code, result)
            for name, code in SIDES
        ),
        lead=_lead(result),
        swing=_swing(result, trial),
        landmarks=_landmarks(result, trial),
        drivers=_drivers(result, trial),
        comparisons=_comparisons(result, trial, chances),
        deals=_deals(result, trial),
    )


def _calibration(
    target: Literal["final", "won", "lost"], came: npt.NDArray[np.bool_], p: Vector
) -> shown.Calibration:
    bins = []
    place = equal_mass_bins(p)
    for b in np.unique(place):
        here = place == b
        n, hits = int(here.sum()), int(came[here].sum())
        low, high = metrics.wilson(hits, n, z=1.96)
        bins.append(
            shown.CalibrationBin(predicted=float(p[here].mean()), observed=hits / n, low=low, high=high, n=n)
        )
    return shown.Calibration(target=target, bins=tuple(bins))


def _verdict_curve(
    side: Literal["won", "lost"], chance: Vector, right: npt.NDArray[np.bool_], result: Backtest
) -> shown.VerdictCurve:
    order = np.argsort(-chance, kind="stable")
    named = np.arange(1, len(order) + 1)
    rate = np.cumsum(right[order]) / named
    least = max(len(order) // 100, 1)
    steps = np.unique(np.linspace(least, len(order), CURVE_POINTS).astype(np.int64)).tolist()
    points = tuple((k / len(order), float(rate[k - 1])) for k in steps if k <= len(order))
    figure = (result.figures["verdicts"] or {}).get(side, {})
    share, held = (figure.get(key, {}).get("value") for key in ("share", "right"))
    chosen = (share, held) if share and held is not None else None
    silent = (
        None
        if chosen
        else shown.Text(
            zh="过去几周里没有一个门槛能稳定达到目标判对率。",
            en="no threshold would have held the target on past weeks.",
        )
    )
    return shown.VerdictCurve(side=side, points=points, chosen=chosen, silent=silent)


def _lead(result: Backtest) -> shown.LeadTimes | None:
    if result.alerts is None:
        return None
    lead = result.alerts.lead
    caught = ~np.isnan(lead)
    return shown.LeadTimes(days=tuple(lead[caught].tolist()), missed=int((~caught).sum()))


def _swing(result: Backtest, trial: Trial) -> tuple[shown.SwingBin, ...]:
    later = later_forecast(trial, result.scores.won_finally)
    again = np.flatnonzero(~np.isnan(later))
    if not len(again) or result.scores.swing is None:
        return ()
    now, bands, then = result.scores.won_finally[again], result.scores.swing[again], later[again]
    place = equal_mass_bins(now, bins=SWING_BINS)
    return tuple(
        shown.SwingBin(
            now=float(now[here].mean()),
            predicted=_bands(bands[here].mean(axis=0)),
            realised=_bands(np.quantile(then[here], LEVELS)),
            n=int(here.sum()),
        )
        for here in (place == b for b in np.unique(place))
    )


def _bands(quantiles: Vector) -> shown.Bands:
    low80, low50, median, high50, high80 = (float(q) for q in quantiles)
    return shown.Bands(low80=low80, low50=low50, median=median, high50=high50, high80=high80)


def _landmarks(result: Backtest, trial: Trial) -> tuple[shown.LandmarkPoint, ...]:
    points = []
    p = result.scores.won_finally
    for at in np.unique(trial.scored.at[trial.test]):
        here = trial.test & (trial.scored.at == at)
        judged = here & trial.judged
        won = trial.outcome[judged] == Outcome.WON
        auc, brier = float(metrics.auc(won, p[judged])), float(metrics.brier(won, p[judged]))
        points.append(
            shown.LandmarkPoint(
                on=to_datetime(int(at), zone=result.log.zone).date(),
                open=int(here.sum()),
                auc=None if np.isnan(auc) else auc,
                brier=None if np.isnan(brier) else brier,
            )
        )
    return tuple(points)


def _test_table(result: Backtest, trial: Trial) -> tuple[Rows, Matrix, Groups] | None:
    """Return a sample of the test's rows, what each driver adds to them, and the drivers."""
    forecaster = result.forecaster
    if forecaster is None or forecaster.fitted.outcome is None:
        return None
    where = np.flatnonzero(trial.test)
    keep = np.zeros(len(trial.test), dtype=bool)
    keep[where[:: max(1, len(where) // SAMPLE)]] = True
    hindsight = {h.column for h in forecaster.fitted.hindsight}
    log = result.log.without_attributes(sorted(hindsight & set(result.log.deals.attributes.columns)))
    table = forecaster.table(log, trial.scored).take(keep)
    groups = Groups.of(table.features)
    return trial.scored.take(keep), groups.sum(forecaster.fitted.outcome.contributions(table.values)), groups


def _drivers(result: Backtest, trial: Trial) -> tuple[shown.GlobalDriver, ...]:
    found = _test_table(result, trial)
    if found is None:
        return ()
    _, sums, groups = found
    size = np.abs(sums).mean(axis=0)
    down, up = np.minimum(sums, 0).sum(axis=0), np.maximum(sums, 0).sum(axis=0)
    drivers = []
    for g in np.argsort(-size, kind="stable")[:DRIVERS]:
        zh, en = _driver_name(groups.names[g])
        total = up[g] - down[g]
        tilt = (up[g] + down[g]) / total if total > 0 else 0.0
        drivers.append(
            shown.GlobalDriver(
                name=shown.Text(zh=zh, en=en[:1].upper() + en[1:]),
                share=float(size[g] / size.sum()),
                direction="up" if tilt > TILT else "down" if tilt < -TILT else "both",
            )
        )
    return tuple(drivers)


TILT = 0.5
"""From this share of one sign a driver is said to push mostly that way."""


def _driver_name(driver: str) -> tuple[str, str]:
    topic, _, name = driver.partition(":")
    if topic == "kind":
        return f"「{names.zh(name)}」的次数与时间", f"{names.en(name)}: how often and when"
    return NAMES.get(topic, (name or topic, name or topic))


def _comparisons(result: Backtest, trial: Trial, chances: Matrix) -> tuple[shown.Comparison, ...]:
    final = DealBootstrap(trial.scored.deal[trial.judged], seed=result.seed)
    state = DealBootstrap(trial.scored.deal[trial.known], seed=result.seed)
    won = trial.outcome[trial.judged] == Outcome.WON
    came, p = trial.state[trial.known], result.scores.won_finally[trial.judged]
    found = []
    for name, forecasts in result.baselines.items():
        other = forecasts.won_finally[trial.judged]
        theirs, ours = forecasts.chances[trial.known], chances[trial.known]
        gains = {path: final.paired(*_better_first(path, won, p, other)) for path in FINAL_METRICS}
        gains["state.log_loss"] = state.paired(_state_loss(came, theirs), _state_loss(came, ours))
        for metric, gain in gains.items():
            if not np.isnan([gain.value, gain.low, gain.high]).any():
                value = shown.Metric(value=gain.value, low=gain.low, high=gain.high, n=gain.n)
                found.append(shown.Comparison(baseline=name, metric=metric, gain=value))
    return tuple(found)


FINAL_METRICS = {
    "final.auc": (metrics.auc, 1),
    "final.ap": (metrics.average_precision, 1),
    "final.brier": (metrics.brier, -1),
    "final.log_loss": (metrics.log_loss, -1),
}
"""How each is computed, and whether more (1) or less (-1) of it is better."""


def _better_first(
    path: str, won: npt.NDArray[np.bool_], ours: Vector, theirs: Vector
) -> tuple[Statistic, Statistic]:
    """Return two statistics, of ours and of theirs, in the order that makes a positive difference ours."""
    statistic, sign = FINAL_METRICS[path]

    def mine(weight: Matrix) -> Vector:
        return statistic(won, ours, weight=weight)

    def other(weight: Matrix) -> Vector:
        return statistic(won, theirs, weight=weight)

    return (mine, other) if sign > 0 else (other, mine)


def _state_loss(came: npt.NDArray[np.int8], chances: Matrix) -> Statistic:
    return lambda weight: metrics.multiclass_log_loss(came, chances, weight=weight)


def _deals(result: Backtest, trial: Trial) -> tuple[shown.ExplainedDeal, ...]:
    """Explain five deals of the first test landmark: from the likeliest to be won to the least likely."""
    forecaster = result.forecaster
    assert forecaster is not None  # a dated log has one
    first = int(trial.scored.at[trial.test].min())
    here = np.flatnonzero(trial.test & (trial.scored.at == first))
    order = here[np.argsort(-result.scores.won_finally[here], kind="stable")]
    chosen = order[np.unique(np.linspace(0, len(order) - 1, DEALS).astype(int))]
    ids = [str(result.log.deals.ids[trial.scored.deal[i]]) for i in chosen]
    told = {e.deal: e for e in forecaster.explain(result.log, at=first, deals=ids)}
    forecast = {row["deal"]: row for row in forecaster.predict(result.log, at=first).iter_rows(named=True)}
    return tuple(
        _explained(
            result, forecaster, told[deal], forecast[deal], at=first, deal_number=int(trial.scored.deal[i])
        )
        for deal, i in zip(ids, chosen, strict=True)
    )


def _explained(
    result: Backtest,
    forecaster: DealForecaster,
    why: Explanation,
    row: dict[str, Any],
    *,
    at: int,
    deal_number: int,
) -> shown.ExplainedDeal:
    zone, deals = result.log.zone, result.log.deals
    p, raw = why.p_won_final, float(logit(why.p_won_final))
    closed, outcome = int(deals.closed[deal_number]), int(deals.outcome[deal_number])

    def part(log_odds: float, *, factors: int | None = None) -> shown.Part:
        points = float(p - expit(raw - log_odds))
        return shown.Part(log_odds=log_odds, points=points, factors=factors)

    return shown.ExplainedDeal(
        id=why.deal,
        landmark=to_datetime(at, zone=zone).date(),
        p_won_final=p,
        state=(row["p_won"], row["p_lost"], row["p_open"]),
        swing=_bands(
            np.array(
                [row[k] for k in ("swing_low", "swing_low50", "swing_mid", "swing_high50", "swing_high")]
            )
        ),
        verdict=row["verdict"],
        base_log_odds=why.base,
        drivers=tuple(
            shown.Driver(
                text=shown.Text(zh=d.zh, en=d.en),
                log_odds=d.log_odds,
                points=d.points,
                events=tuple(
                    shown.EventRef(kind=e.kind, at=to_datetime(e.at, zone=zone).date()) for e in d.events
                ),
            )
            for d in why.drivers
        ),
        rest=part(why.rest, factors=why.others),
        calibration=part(why.calibration),
        what_if=_what_ifs(result, forecaster, why.deal, at=at),
        ended_as="open" if outcome == Outcome.OPEN else "won" if outcome == Outcome.WON else "lost",
        ended_on=None if closed == NEVER else to_datetime(closed, zone=zone).date(),
    )


def _what_ifs(
    result: Backtest, forecaster: DealForecaster, deal: str, *, at: int
) -> tuple[shown.WhatIf, ...]:
    """Ask of a deal: if the stage moved on, and if the commonest thing our side does were done today."""
    log = result.log.as_of(at)
    stage = View(log, Rows(np.flatnonzero(log.deals.ids == deal).astype(np.int32), np.array([at]))).stage[0]
    stages = [s for i, s in enumerate(log.events.stages) if i != stage]
    usual = forecaster.fitted.vocabulary.position
    later = [
        s
        for s in stages
        if usual.get(s, 0.0) > (usual.get(log.events.stages[stage], 0.0) if stage >= 0 else 0.0)
    ]
    ours = log.events.kind[(log.events.actor >= 0) & (log.events.stage < 0)]
    asked: list[tuple[Change, str, str]] = []
    if later:
        to = min(later, key=lambda s: usual.get(s, 0.0))
        asked.append(
            (MoveStage(to), f"今天推进到「{names.zh(to)}」阶段", f"moved to the stage {names.en(to)} today")
        )
    if len(ours):
        kind = log.events.kinds[int(np.bincount(ours).argmax())]
        asked.append(
            (AddEvent(kind), f"今天再有一次「{names.zh(kind)}」", f"one more {names.en(kind)} today")
        )
    found = []
    for change, zh, en in asked:
        try:
            answer = forecaster.what_if(log, at=at, deal=deal, changes=[change])
        except LogError:
            continue
        found.append(shown.WhatIf(change=shown.Text(zh=zh, en=en), p_won_final=answer.after))
    return tuple(found)
