"""What the past knew: the kinds, stages and attributes that features are made of, fixed when a model is fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from foresail.science.features.view import Column, Positions, by_kind
from foresail.science.log import Codes, DealLog, Events
from foresail.science.time import DAY

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
    answer within a day. `dialogue`: customers' own events can be told
    from ours. `seasons`: the log is long enough to tell season and market from drift.
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
    amount: bool
    actors: bool
    owners: bool
    dialogue: bool
    seasons: bool

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
        return cls(
            kinds=tuple(events.kinds[i] for i in kept),
            slow=tuple(
                events.kinds[i] for i in kept if np.median(minutes_before(events, of_kind[i])) > MIN_MINUTES
            ),
            position=_positions(log),
            milestones=tuple(events.kinds[i] for i in kept if len(of_kind[i]) <= ABOUT_ONCE * deals_with[i]),
            stages=events.stages,
            moves=tuple(events.kinds[i] for i in np.unique(events.kind[events.stage >= 0])),
            numbers=tuple(c for c in attributes.columns if attributes[c].dtype == pl.Float64),
            categories=tuple(c for c in attributes.columns if attributes[c].dtype == pl.String),
            levels=_levels(log),
            asking=_asking(events),
            amount=not bool(np.isnan(log.deals.amount).all()),
            actors=bool(own.any()),
            owners=bool(log.deals.owners),
            dialogue=bool(own.any() and (~own).mean() > MIN_CUSTOMER_SHARE),
            seasons=log.dated and log.end - log.first >= SEASON_DAYS * DAY,
        )


MIN_MINUTES = 0.05
ABOUT_ONCE = 1.6
MIN_CUSTOMER_SHARE = 0.02
SEASON_DAYS = 180
MAX_LEVELS = 20
MIN_LEVEL_SHARE = 0.01


def minutes_before(events: Events, index: Positions) -> Column:
    """Return the minutes between each event at `index` and the one before it in its deal; 0 for the first."""
    before = np.maximum(index - 1, 0)
    same = events.deal[index] == events.deal[before]
    return np.where(same, (events.known[index] - events.known[before]) / 60e6, 0.0)


def _distinct(ordered: Codes) -> int:
    return int(np.count_nonzero(np.diff(ordered, prepend=-1)))


def _asking(events: Events) -> tuple[str, ...]:
    """Return the kinds without an actor after which something of ours mostly comes next, within a day."""
    own = events.actor >= 0
    question = np.flatnonzero(~own[:-1])
    prompt = events.at[question + 1] - events.at[question] <= DAY
    answered = own[question + 1] & (events.deal[question + 1] == events.deal[question]) & prompt
    asked = np.bincount(events.kind[question], minlength=len(events.kinds))
    mostly = np.bincount(events.kind[question[answered]], minlength=len(events.kinds)) > asked / 2
    return tuple(events.kinds[i] for i in np.flatnonzero(mostly))


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
