"""Explanations: why a deal's chance is what it is, and what it would be if a fact were another.

The drivers, the smaller ones together, and one line for calibration add up to the log-odds shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.special import expit, logit

from foresail.science.errors import LogError
from foresail.science.features.view import View
from foresail.science.forecaster.core import Core, Moment, instant_of
from foresail.science.forecaster.drivers import Driver, Groups, Storyteller
from foresail.science.log import DealLog

SHOWN = 5
"""Drivers told of one by one."""


@dataclass(frozen=True)
class Explanation:
    """Why `deal` stands at `p_won_final` at the instant `at` (microseconds; None in an undated log).

    `base` (where deals that have come as far stand) + the drivers' log-odds + `rest` (all smaller drivers) +
    `calibration` (what keeps the chance displayable) = logit(p_won_final). With few deals the parts are those of the rates in use.
    """

    deal: str
    at: int | None
    p_won_final: float
    base: float
    drivers: tuple[Driver, ...]
    rest: float
    calibration: float


@dataclass(frozen=True)
class AddEvent:
    """A change: an event of this kind happens at the instant asked about, by `actor` if one is given."""

    kind: str
    actor: str | None = None


@dataclass(frozen=True)
class MoveStage:
    """A change: the deal moves to this stage at the instant asked about."""

    stage: str


@dataclass(frozen=True)
class SetAmount:
    """A change: the amount becomes this, in the log's own unit."""

    amount: float


Change = AddEvent | MoveStage | SetAmount


@dataclass(frozen=True)
class WhatIf:
    """What the forecast would read with a changed fact. An association in past deals, not a promise."""

    deal: str
    changes: tuple[Change, ...]
    before: float
    after: float


def explain(
    forecaster: Core, log: DealLog, *, at: Moment | None = None, deals: Sequence[str] | None = None
) -> tuple[Explanation, ...]:
    """Explain the forecast of `deals` (all open ones if None) at the instant `at`, in the order of their ids.

    Raises LogError for a deal that is not open then.
    """
    fitted = forecaster.fitted
    log, rows = forecaster.rows(log, at=at)
    if deals is not None:
        wanted = np.isin(log.deals.ids[rows.deal].astype(str), np.array(list(deals), dtype=str))
        rows = rows.take(wanted)
        missing = sorted(set(deals) - set(log.deals.ids[rows.deal]))
        if missing:
            raise LogError(f"Deal {missing[0]} is not open at that time, or not in the log.")
    told: list[tuple[Driver, ...]]
    if fitted.outcome is None:
        scores = forecaster.score(log, rows)
        raw = scores.raw
        base = np.full(len(rows), fitted.sparse.overall if fitted.sparse else 0.0)
        told = [() for _ in range(len(rows))]
        rest = raw - base
    else:
        table = forecaster.table(log, rows)
        scores = forecaster.score(log, rows, table)
        raw = scores.raw
        slope, shift = fitted.calibration
        # The calibration is a straight line, so every part of the sum can bear its share of it.
        raw = slope * raw + shift
        contributions = slope * fitted.outcome.contributions(table.values)
        groups = Groups.of(table.features)
        sums = groups.sum(contributions)
        # Everybody knows what stage a deal is in: reasons are what sets it apart from others there.
        place = [g for g, name in enumerate(groups.names) if name == "stage"]
        base = contributions[:, -1] + shift + sums[:, place].sum(axis=1)
        sums[:, place] = 0.0
        teller = Storyteller(log, table, View(log, rows), fitted.vocabulary)
        order = np.argsort(-np.abs(sums), axis=1, kind="stable")[:, :SHOWN]
        told = []
        for row in range(len(rows)):
            drivers = []
            for g in order[row]:
                adds = float(sums[row, g])
                code, zh, en, events = teller.tell(groups.names[g], row, adds)
                points = float(expit(raw[row]) - expit(raw[row] - adds))
                drivers.append(Driver(code, zh, en, adds, points, events))
            told.append(tuple(drivers))
        rest = raw - base - np.array([sum(d.log_odds for d in t) for t in told])
    shown = logit(scores.won_finally)
    return tuple(
        Explanation(
            deal=str(log.deals.ids[rows.deal[i]]),
            at=int(rows.at[i]) if log.dated else None,
            p_won_final=float(scores.won_finally[i]),
            base=float(base[i]),
            drivers=told[i],
            rest=float(rest[i]),
            calibration=float(shown[i] - raw[i]),
        )
        for i in range(len(rows))
    )


def what_if(forecaster: Core, log: DealLog, *, at: Moment, deal: str, changes: Sequence[Change]) -> WhatIf:
    """Return p(won finally) of `deal` at `at` as it is, and with `changes` made. Raises LogError for an unknown one."""
    instant = instant_of(at, log)
    before = _chance(forecaster, log, instant, deal)
    changed = log.as_of(instant)
    for change in changes:
        changed = _apply(changed, deal, change, instant=instant)
    return WhatIf(deal, tuple(changes), before, _chance(forecaster, changed, instant, deal))


def _chance(forecaster: Core, log: DealLog, at: int, deal: str) -> float:
    forecast = forecaster.predict(log, at=at).filter(pl.col("deal") == deal)
    if not len(forecast):
        raise LogError(f"Deal {deal} is not open at that time, or not in the log.")
    return float(forecast["p_won_final"][0])


def _apply(log: DealLog, deal: str, change: Change, *, instant: int) -> DealLog:
    number = int(np.flatnonzero(log.deals.ids == deal)[0])
    if isinstance(change, SetAmount):
        amount = log.deals.amount.copy()
        amount[number] = change.amount
        return replace(log, deals=replace(log.deals, amount=amount))
    events = log.events
    if isinstance(change, MoveStage):
        if change.stage not in events.stages:
            raise LogError(
                f"There is no stage {change.stage!r} in this log. It has: {', '.join(events.stages)}."
            )
        stage = events.stages.index(change.stage)
        moves = events.kind[events.stage == stage]
        kind, actor = int(np.bincount(moves).argmax()), -1
    else:
        if change.kind not in events.kinds:
            raise LogError(
                f"There is no event {change.kind!r} in this log. It has: {', '.join(events.kinds)}."
            )
        kind = events.kinds.index(change.kind)
        moved = events.stage[events.kind == kind]
        stage = int(moved[0]) if len(moved) and (moved == moved[0]).all() else -1
        if change.actor is None:
            actors = events.actor[events.kind == kind]
            actor = int(actors[-1]) if len(actors) else -1
        elif change.actor in events.actors:
            actor = events.actors.index(change.actor)
        else:
            raise LogError(f"There is no person {change.actor!r} in this log.")
    place = int(np.searchsorted(events.deal, number, side="right"))
    return replace(
        log,
        events=replace(
            events,
            deal=np.insert(events.deal, place, number),
            at=np.insert(events.at, place, instant),
            known=np.insert(events.known, place, instant),
            kind=np.insert(events.kind, place, kind),
            actor=np.insert(events.actor, place, actor),
            stage=np.insert(events.stage, place, stage),
        ),
    )
