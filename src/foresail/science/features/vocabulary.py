"""What the past knew: the kinds, stages and attributes that features are made of, fixed when a model is fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from foresail.science.features.view import Column, Positions, by_kind, stage_moves
from foresail.science.log import Codes, DealLog, Events, Mask
from foresail.science.time import DAY, NEVER, days

MAX_KINDS = 60
MIN_DEALS = 5
MIN_SHARE = 0.005


@dataclass(frozen=True)
class Vocabulary:
    """Names known to a model. Later names count in totals only.

    `kinds` have features of their own; `slow` are those of them that take time, so that the time an
    event took means something. `position` is where in a deal's course each kind lies on average,
    0 (first) to 1 (last). `milestones` are kinds that happen about once, `moves` those that move the stage.
    `levels` are the common (attribute, value) pairs. `asking` are customers' events that we mostly
    answer within a day, `answering` our events that are mostly such answers. `dialogue`: customers' own events can be told
    from ours. `settles`: kinds that nearly always answer another one, and which (a released budget, a
    frozen one). `usual_days` and `usual_events`: per stage, the days within which half of all deals
    leave it, and the events of 14 days in it (of customers, where they can be told). `seasons`: the log is long enough to tell season and market from drift.
    """

    kinds: tuple[str, ...]
    slow: tuple[str, ...]
    position: dict[str, float]
    milestones: tuple[str, ...]
    stages: tuple[str, ...]
    moves: tuple[str, ...]
    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    levels: tuple[tuple[str, str], ...]
    asking: tuple[str, ...]
    answering: tuple[str, ...]
    settles: dict[str, str]
    usual_days: dict[str, float]
    usual_events: dict[str, float]
    amount: bool
    actors: bool
    owners: bool
    dialogue: bool
    seasons: bool

    @property
    def settled_by(self) -> dict[str, str]:
        """`settles` the other way round: the kind that is answered → its answer."""
        return {raised: settled for settled, raised in self.settles.items()}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Vocabulary:
        """Make a vocabulary again from its `asdict`, as JSON keeps it."""
        lists = {
            k: tuple(tuple(x) if isinstance(x, list) else x for x in v)
            for k, v in stored.items()
            if isinstance(v, list)
        }
        return cls(**(stored | lists))

    @classmethod
    def learn(cls, log: DealLog) -> Vocabulary:
        """Learn the names from a log as it stood at the moment of fitting."""
        events = log.events
        order, bounds = by_kind(events)
        of_kind = np.split(order, bounds[1:-1]) if events.kinds else []
        deals_with = np.array([_distinct(events.deal[i]) for i in of_kind], dtype=np.int64)
        enough = deals_with >= max(MIN_DEALS, MIN_SHARE * len(log.deals))
        common = np.argsort(-deals_with, kind="stable")[:MAX_KINDS]
        kept = [i for i in sorted(common) if enough[i]]
        attributes = log.deals.attributes
        own = events.actor >= 0
        dialogue = bool(own.any() and (~own).mean() > MIN_CUSTOMER_SHARE)
        moves = tuple(events.kinds[i] for i in np.unique(events.kind[events.stage >= 0]))
        asking, answering = _asking(events) if dialogue else ((), ())
        usual_days, usual_events = _usual(log, counted=~own if dialogue else np.ones_like(own))
        return cls(
            kinds=tuple(events.kinds[i] for i in kept),
            slow=tuple(
                events.kinds[i] for i in kept if np.median(minutes_before(events, of_kind[i])) > MIN_MINUTES
            ),
            position=_positions(log),
            milestones=tuple(events.kinds[i] for i in kept if len(of_kind[i]) <= ABOUT_ONCE * deals_with[i]),
            stages=events.stages,
            moves=moves,
            numbers=tuple(c for c in attributes.columns if attributes[c].dtype == pl.Float64),
            categories=tuple(c for c in attributes.columns if attributes[c].dtype == pl.String),
            levels=_levels(log),
            asking=asking,
            answering=answering,
            settles=_settles(log, [(i, of_kind[i]) for i in kept if events.kinds[i] not in moves]),
            usual_days=usual_days,
            usual_events=usual_events,
            amount=not bool(np.isnan(log.deals.amount).all()),
            actors=bool(own.any()),
            owners=bool(log.deals.owners),
            dialogue=dialogue,
            seasons=log.dated and log.end - log.first >= SEASON_DAYS * DAY,
        )


MIN_MINUTES = 0.05
ABOUT_ONCE = 1.6
MIN_CUSTOMER_SHARE = 0.02
SEASON_DAYS = 180
ANSWERED_SHARE = 0.8
ANSWER_LIFT = 3.0
MAX_DEALS_COMPARED = 20_000
USUAL_SHARE = 0.5
MAX_LEVELS = 20
MIN_LEVEL_SHARE = 0.01


def minutes_before(events: Events, index: Positions) -> Column:
    """Return the minutes between each event at `index` and the one before it in its deal; 0 for the first."""
    before = np.maximum(index - 1, 0)
    same = events.deal[index] == events.deal[before]
    return np.where(same, (events.known[index] - events.known[before]) / 60e6, 0.0)


def _distinct(ordered: Codes) -> int:
    return int(np.count_nonzero(np.diff(ordered, prepend=-1)))


def _asking(events: Events) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the kinds without an actor after which something of ours mostly comes next, within a day;
    and those of ours that mostly come next after one of them.
    """
    own = events.actor >= 0
    question = np.flatnonzero(~own[:-1])
    prompt = events.at[question + 1] - events.at[question] <= DAY
    followed = own[question + 1] & (events.deal[question + 1] == events.deal[question])
    kinds = len(events.kinds)
    asked = np.bincount(events.kind[question], minlength=kinds)
    asking = np.bincount(events.kind[question[followed & prompt]], minlength=kinds) > asked / 2
    answers = question[followed & asking[events.kind[question]]] + 1
    ours = np.bincount(events.kind[own], minlength=kinds)
    answering = np.bincount(events.kind[answers], minlength=kinds) > ours / 2
    return tuple(tuple(events.kinds[i] for i in np.flatnonzero(chosen)) for chosen in (asking, answering))  # type: ignore[return-value]


def _settles(log: DealLog, of_kind: Sequence[tuple[int, Positions]]) -> dict[str, str]:
    """Return the kinds that hardly ever come without another one before, rare by itself: kind → that other one."""
    events, n_deals = log.events, len(log.deals)
    first = np.full((n_deals, len(of_kind)), len(events), dtype=np.int64)
    for column, (_, positions) in enumerate(of_kind):
        deals, where = np.unique(events.deal[positions], return_index=True)
        first[deals, column] = positions[where]
    has = first < len(events)
    share = has.sum(axis=0) / max(n_deals, 1)
    settles: dict[str, str] = {}
    for column in np.argsort(-share, kind="stable").tolist():
        answer = events.kinds[of_kind[column][0]]
        if answer in settles.values():
            continue
        with_it = np.flatnonzero(has[:, column])
        with_it = with_it[:: len(with_it) // MAX_DEALS_COMPARED + 1]
        before = (first[with_it] < first[with_it, column, None]).mean(axis=0)
        asked = (before >= ANSWERED_SHARE) & (before >= ANSWER_LIFT * share)
        asked &= [events.kinds[kind] not in {*settles, *settles.values()} for kind, _ in of_kind]
        if asked.any():
            rarest = int(np.argmin(np.where(asked, share, np.inf)))
            settles[answer] = events.kinds[of_kind[rarest][0]]
    return settles


def _usual(log: DealLog, *, counted: Mask) -> tuple[dict[str, float], dict[str, float]]:
    """Return, per stage, in how many days most deals leave it, and how many `counted` events 14 days in it bring."""
    events = log.events
    entry = stage_moves(events)
    if not len(entry):
        return {}, {}
    deal, since = events.deal[entry], events.known[entry]
    moved_on = np.append(deal[1:] == deal[:-1], False)
    left = np.where(moved_on, np.append(since[1:], NEVER), log.deals.closed[deal])
    spent = days(np.minimum(left, log.end) - since)
    total = np.concatenate([[0], np.cumsum(counted)])
    until = np.where(moved_on, np.append(entry[1:], 0), np.searchsorted(events.deal, deal, side="right"))
    during = total[until] - total[entry]
    usual_days: dict[str, float] = {}
    usual_events: dict[str, float] = {}
    for code, stage in enumerate(events.stages):
        here = events.stage[entry] == code
        ended = here & (left != NEVER)
        if ended.sum() >= MIN_DEALS:
            usual_days[stage] = float(np.quantile(spent[ended], USUAL_SHARE))
            usual_events[stage] = float(14 * during[here].sum() / max(spent[here].sum(), 1.0))
    return usual_days, usual_events


def _levels(log: DealLog) -> tuple[tuple[str, str], ...]:
    levels: list[tuple[str, str]] = []
    for name in log.deals.attributes.columns:
        if log.deals.attributes[name].dtype != pl.String:
            continue
        counts = (
            log.deals.attributes[name]
            .drop_nulls()
            .value_counts()
            .sort(["count", name], descending=[True, False])
        )
        common = counts.filter(pl.col("count") >= max(MIN_DEALS, MIN_LEVEL_SHARE * len(log.deals)))
        levels += [(name, value) for value in common[name].head(MAX_LEVELS)]
    return tuple(levels)


def _positions(log: DealLog) -> dict[str, float]:
    events = log.events
    if not len(events):
        return {}
    per_deal = np.bincount(events.deal, minlength=len(log.deals))
    start = np.concatenate([[0], np.cumsum(per_deal)[:-1]])
    length = per_deal[events.deal]
    place = (np.arange(len(events)) - start[events.deal]) / np.maximum(length - 1, 1)
    long = length > 3
    total = np.bincount(events.kind[long], weights=place[long], minlength=len(events.kinds))
    number = np.bincount(events.kind[long], minlength=len(events.kinds))
    mean = np.where(number > 0, total / np.maximum(number, 1), 0.5)
    return dict(zip(events.kinds, mean.tolist(), strict=True))
