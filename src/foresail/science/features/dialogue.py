"""Dialogue: who spoke last, how quickly we answer, how long the customer has been silent.

An event without an actor on our side is taken as the customer's. Logs in which nearly every event
has an actor, or none has, get no such features.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foresail.science.features.registry import Feature
from foresail.science.features.view import Column, Positions, Subset, View
from foresail.science.features.vocabulary import Vocabulary
from foresail.science.log import Events, Mask
from foresail.science.time import days

SLOW_DAYS = 1.0
"""An answer later than this is slow."""


def family(view: View, vocabulary: Vocabulary) -> Iterator[tuple[Feature, Column]]:
    """Yield the customer's silence and our answering times."""
    if not vocabulary.dialogue:
        return
    events = view.log.events
    own = events.actor >= 0
    customer = view.where(~own)
    yield (
        Feature(
            "customer_silence",
            "momentum",
            "客户沉默的工作日数",
            "working days since the customer last did anything",
            "deal_events",
        ),
        customer.since_last,
    )
    for window in (7, 14, 30):
        yield (
            Feature(
                f"customer_{window}d",
                "momentum",
                f"近 {window} 天客户动态数",
                f"customer events in the last {window} days",
                "deal_events",
            ),
            customer.recent(window).astype(np.float64),
        )
    asking = ~own & np.isin(
        events.kind, [i for i, kind in enumerate(events.kinds) if kind in vocabulary.asking]
    )
    answered, answering = _answers(events, asking)
    answers = Subset(view, answering)
    took = np.maximum(days(events.at[answering] - events.at[answered]), 0.0)
    yield (
        Feature(
            "answer_mean",
            "answers",
            "平均回复时长(小时,对数)",
            "log hours until we answer, mean",
            "deal_events",
        ),
        answers.mean(np.log1p(24 * took)),
    )
    yield (
        Feature(
            "answer_last", "answers", "最近一次回复时长(天)", "days until our last answer", "deal_events"
        ),
        answers.last(took),
    )
    slow = Subset(view, answers.index[took > SLOW_DAYS]).count
    yield (
        Feature("answers_slow", "answers", "超过一天才回复的次数", "answers later than a day", "deal_events"),
        slow.astype(np.float64),
    )
    yield (
        Feature(
            "answers_slow_share", "answers", "慢回复占比", "share of answers later than a day", "deal_events"
        ),
        np.where(answers.count > 0, slow / np.maximum(answers.count, 1), np.nan),
    )
    asks = view.where(asking)
    unanswered = asks.nth_last(1) > view.where(own).nth_last(1)
    yield (
        Feature(
            "waiting_for_us",
            "answers",
            "客户等待我方回复的工作日数",
            "working days the customer has waited for us",
            "deal_events",
        ),
        np.where(unanswered, asks.since_last, 0.0),
    )


def _answers(events: Events, asking: Mask) -> tuple[Positions, Positions]:
    """Return where in the log stand the questions (`asking`) that our next event follows, and that event."""
    own = events.actor >= 0
    either = np.flatnonzero(own | asking)
    before, after = either[:-1], either[1:]
    pair = own[after] & ~own[before] & (events.deal[after] == events.deal[before])
    return before[pair], after[pair]
