"""Explanations: why a deal's chance is what it is, and what it would be if a fact were another.

The drivers, the smaller ones together, and one line for calibration add up to the log-odds shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from foresail.science.errors import LogError
from foresail.science.forecaster.core import Core, Look, Moment, Scores, instant_of
from foresail.science.forecaster.drivers import Driver, Groups, Storyteller
from foresail.science.forecaster.trees import Matrix, Vector
from foresail.science.log import DealLog, Events

SHOWN = 5
"""Drivers told of one by one."""


@dataclass(frozen=True)
class Explanation:
    """Why `deal` stands at `p_won_final` at the instant `at` (microseconds; None in an undated log).

    `base` (where deals that have come as far stand) + the drivers' log-odds + `rest` (all `others`, smaller) +
    `calibration` (what keeps the chance displayable) = logit(p_won_final). With few deals the parts are those of the rates in use.
    """

    deal: str
    at: int | None
    p_won_final: float
    base: float
    drivers: tuple[Driver, ...]
    rest: float
    others: int
    calibration: float


@dataclass(frozen=True)
class AddEvent:
    """A change: an event of this kind happens at the instant asked about.

    By `actor`; if none is given, by the customer where the kind is theirs, else by who last worked on the deal.
    """

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
    look = forecaster.look(log, at=at, deals=deals)
    missing = sorted(set(deals or ()) - set(look.log.deals.ids[look.rows.deal]))
    if missing:
        raise LogError(f"Deal {missing[0]} is not open at that time, or not in the log.")
    return explained(forecaster, look, forecaster.score(look.log, look.rows, look.table))


def explained(forecaster: Core, look: Look, scores: Scores) -> tuple[Explanation, ...]:
    """Explain the `scores` of a look, in the order of its rows."""
    fitted, log, rows, table = forecaster.fitted, look.log, look.rows, look.table
    if fitted.outcome is None or table is None:
        raw, others = scores.raw, 0
        base = np.full(len(rows), fitted.sparse.overall if fitted.sparse else 0.0)
        told: list[tuple[Driver, ...]] = [() for _ in range(len(rows))]
    else:
        slope, shift = fitted.calibration
        # The calibration is a straight line, so every part of the sum can bear its share of it.
        raw = slope * scores.raw + shift
        contributions = slope * fitted.outcome.contributions(table.values)
        groups = Groups.of(table.features)
        sums = groups.sum(contributions)
        # Everybody knows what stage a deal is in: reasons are what sets it apart from others there.
        apart = [g for g, name in enumerate(groups.names) if name != "stage"]
        base = contributions[:, -1] + shift + sums.sum(axis=1) - sums[:, apart].sum(axis=1)
        teller = Storyteller(log, table, look.view, fitted.vocabulary)
        told = _told(teller, [groups.names[g] for g in apart], sums[:, apart], raw)
        others = max(len(apart) - SHOWN, 0)
    rest = raw - base - np.array([sum(d.log_odds for d in drivers) for drivers in told])
    shown = logit(scores.won_finally)
    return tuple(
        Explanation(
            deal=str(log.deals.ids[rows.deal[i]]),
            at=int(rows.at[i]) if log.dated else None,
            p_won_final=float(scores.won_finally[i]),
            base=float(base[i]),
            drivers=told[i],
            rest=float(rest[i]),
            others=others,
            calibration=float(shown[i] - raw[i]),
        )
        for i in range(len(rows))
    )


def _told(teller: Storyteller, names: Sequence[str], sums: Matrix, raw: Vector) -> list[tuple[Driver, ...]]:
    """Return the SHOWN largest drivers of each row, of `sums` (n, n_drivers) by the driver's name."""
    told = []
    for row, order in enumerate(np.argsort(-np.abs(sums), axis=1, kind="stable")[:, :SHOWN]):
        drivers = []
        for g in order:
            adds = float(sums[row, g])
            code, zh, en, events = teller.tell(names[g], row, adds)
            points = float(expit(raw[row]) - expit(raw[row] - adds))
            drivers.append(Driver(code, zh, en, adds, points, events))
        told.append(tuple(drivers))
    return told


def what_if(forecaster: Core, log: DealLog, *, at: Moment, deal: str, changes: Sequence[Change]) -> WhatIf:
    """Return p(won finally) of `deal` at `at` as it is, and with `changes` made. Raises LogError for an unknown one."""
    instant = instant_of(at, log)
    before = _chance(forecaster, log, instant, deal)
    changed = log.as_of(instant)
    for change in changes:
        changed = _apply(changed, deal, change, instant=instant)
    return WhatIf(deal, tuple(changes), before, _chance(forecaster, changed, instant, deal))


def _chance(forecaster: Core, log: DealLog, at: int, deal: str) -> float:
    forecast = forecaster.predict(log, at=at, deals=[deal])
    if not len(forecast):
        raise LogError(f"Deal {deal} is not open at that time, or not in the log.")
    return float(forecast["p_won_final"][0])


def _who(events: Events, kind: int, deal: int) -> int:
    by = events.actor[events.kind == kind]
    ours = events.actor[(events.deal == deal) & (events.actor >= 0)]
    if not len(by) or np.mean(by < 0) > 0.5:
        return -1
    return int(ours[-1] if len(ours) else np.bincount(by[by >= 0]).argmax())


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
            actor = _who(events, kind, number)
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
