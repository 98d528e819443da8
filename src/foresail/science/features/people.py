"""People: who works on the deal, and how they and the owner have fared with others, as known then."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foresail.science.features.registry import Feature
from foresail.science.features.view import ClosedBefore, Column, Groups, Positions, Subset, View
from foresail.science.features.vocabulary import Vocabulary
from foresail.science.landmarks import Rows
from foresail.science.log import DealLog
from foresail.science.time import NEVER, Instants

PRIOR_DEALS = 20.0
"""Closed deals' worth of the general win rate that a person's own record starts from."""


def handovers(view: View, vocabulary: Vocabulary) -> Iterator[tuple[Feature, Column]]:
    """Yield how often another person took over."""
    if not vocabulary.actors:
        return
    events = view.log.events
    ours = np.flatnonzero(events.actor >= 0)
    deal, by = events.deal[ours], events.actor[ours]
    changed = np.ones(len(ours), dtype=bool)
    changed[1:] = (deal[1:] != deal[:-1]) | (by[1:] != by[:-1])
    yield (
        Feature(
            "handovers", "people", "经手人变更次数", "number of times another person took over", "deal_events"
        ),
        Subset(view, ours[changed]).count.astype(np.float64),
    )


def family(view: View, vocabulary: Vocabulary) -> Iterator[tuple[Feature, Column]]:
    """Yield the last actor's and the owner's record and load."""
    log, rows = view.log, view.rows
    if vocabulary.actors:
        closed = np.flatnonzero(log.deals.closed != NEVER).astype(np.int32)
        last_actor = np.full(len(log.deals), -1, dtype=np.int64)
        last_actor[closed] = _last_actor(View(log, Rows(closed, log.deals.closed[closed])))
        yield (
            Feature(
                "actor_record",
                "people",
                "最近经手人的历史赢单率",
                "past win rate of who last worked on it",
                "other_outcomes",
            ),
            record_of(log, last_actor, _last_actor(view), rows),
        )
    if vocabulary.owners:
        owner = log.deals.owner.astype(np.int64)
        yield (
            Feature(
                "owner_record", "owner", "负责人历史赢单率", "the owner's past win rate", "other_outcomes"
            ),
            record_of(log, owner, owner[rows.deal], rows),
        )
        yield (
            Feature(
                "owner_load", "owner", "负责人在手商机数", "the owner's number of open deals", "open_pipeline"
            ),
            _open_now(log, owner, rows),
        )


def _last_actor(view: View) -> Groups:
    """Return who on our side last worked on each row's deal, -1 for nobody."""
    actor = np.full(len(view.rows), -1, dtype=np.int64)
    for place, part in view.parts():
        by = part.log.events.actor
        actor[place] = part.of_event(by, part.where(by >= 0).nth_last(1), none=-1)
    return actor


def record_of(log: DealLog, group: Groups, asked: Groups, rows: Rows) -> Column:
    """Return the log-odds of winning in each row's group as known then, shrunk to everybody's."""
    history = ClosedBefore(log, group, asked=rows.at)
    wins, closes = history.rates(asked, rows.at)
    instants, which = np.unique(rows.at, return_inverse=True)
    everybody = ClosedBefore(log, np.zeros(len(log.deals), dtype=np.int64), asked=instants)
    all_wins, all_closes = everybody.rates(np.zeros(len(instants), dtype=np.int64), instants)
    general = ((all_wins + 1) / (all_closes + 2))[which]
    rate = (wins + PRIOR_DEALS * general) / (closes + PRIOR_DEALS)
    return np.log(rate / (1 - rate)) - np.log(general / (1 - general))


def _open_now(log: DealLog, group: Groups, rows: Rows) -> Column:
    """Return how many deals of the row's group are open at the row's instant."""
    instants = np.unique(rows.at)
    width = len(instants) + 1
    member = group >= 0
    asked = group[rows.deal] * width + np.searchsorted(instants, rows.at)

    def by_then(times: Instants) -> Positions:
        """Count deals of the row's and of earlier groups; the earlier cancel out below."""
        keys = np.sort(group[member] * width + np.searchsorted(instants, times[member]))
        return np.searchsorted(keys, asked, side="right")

    open_now = by_then(log.deals.opened) - by_then(log.deals.closed)
    return np.where(group[rows.deal] >= 0, open_now, np.nan)
