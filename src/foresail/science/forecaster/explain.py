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
from foresail.science.growing import GrowingLog
from foresail.science.habits import Habits
from foresail.science.log import DealLog

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


def what_if(
    forecaster: Core, log: DealLog | GrowingLog, *, at: Moment, deal: str, changes: Sequence[Change]
) -> WhatIf:
    """Return p(won finally) of `deal` at `at` as it is, and with `changes` made. Raises LogError for an unknown one."""
    if isinstance(log, DealLog):
        instant = instant_of(at, log)
        known = log.as_of(instant)
        log = GrowingLog.of(known, since=instant).with_deals(known.select(known.deals.ids == deal))
    else:
        instant = instant_of(at, log.near)
    before = _chance(forecaster, log, instant, deal)
    changed = log.near.select(log.near.deals.ids == deal).as_of(instant)
    for change in changes:
        changed = _apply(changed, log.habits, change, instant=instant)
    return WhatIf(deal, tuple(changes), before, _chance(forecaster, log.with_deals(changed), instant, deal))


def _chance(forecaster: Core, log: GrowingLog, at: int, deal: str) -> float:
    look = forecaster.look(log, at=at, deals=[deal])
    if not len(look.rows):
        raise LogError(f"Deal {deal} is not open at that time, or not in the log.")
    return float(forecaster.score(look.log, look.rows, look.table).won_finally[0])


def _apply(alone: DealLog, habits: Habits, change: Change, *, instant: int) -> DealLog:
    """Return the log of one deal with the change made."""
    if isinstance(change, SetAmount):
        return replace(alone, deals=replace(alone.deals, amount=np.array([float(change.amount)])))
    events = alone.events
    stage: str | None
    actor: str | None
    if isinstance(change, MoveStage):
        if change.stage not in habits.mover:
            raise LogError(
                f"There is no stage {change.stage!r} in this log. It has: {', '.join(sorted(habits.mover))}."
            )
        kind, stage, actor = habits.mover[change.stage], change.stage, None
    else:
        kind = change.kind
        if kind not in events.kinds:
            raise LogError(f"There is no event {kind!r} in this log. It has: {', '.join(events.kinds)}.")
        stage, actor = habits.stage.get(kind), change.actor
        if actor is not None and actor not in events.actors:
            raise LogError(f"There is no person {actor!r} in this log.")
        if actor is None and (usual := habits.actor.get(kind)):
            ours = events.actor[events.actor >= 0]
            actor = events.actors[ours[-1]] if len(ours) else usual
    n = len(events)
    return replace(
        alone,
        events=replace(
            events,
            deal=np.zeros(n + 1, dtype=np.int32),
            at=np.append(events.at, instant),
            known=np.append(events.known, instant),
            kind=np.append(events.kind, np.int32(events.kinds.index(kind))),
            actor=np.append(events.actor, _code(events.actors, actor)),
            stage=np.append(events.stage, _code(events.stages, stage)),
        ),
    )


def _code(names: tuple[str, ...], name: str | None) -> np.int32:
    return np.int32(-1 if name is None else names.index(name))
