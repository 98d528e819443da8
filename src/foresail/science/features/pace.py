"""Pace: how old the deal is, how much happens in it, and how long nothing has."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foresail.science.features.registry import Feature
from foresail.science.features.view import WINDOWS, Column, View
from foresail.science.features.vocabulary import Vocabulary


def family(view: View, _: Vocabulary) -> Iterator[tuple[Feature, Column]]:
    """Yield age, counts by window, silence and the gaps between the last events."""
    events = view.all
    yield Feature("age", "age", "商机已开启天数", "days since the deal opened", "deal_events"), view.age
    yield (
        Feature("idle", "silence", "距最近一次动态的天数", "days since anything happened", "deal_events"),
        events.since_last,
    )
    yield (
        Feature("events", "pace", "动态总数", "number of events so far", "deal_events"),
        events.count.astype(np.float64),
    )
    for window in WINDOWS:
        yield (
            Feature(
                f"events_{window}d",
                "pace",
                f"近 {window} 天动态数",
                f"events in the last {window} days",
                "deal_events",
            ),
            events.recent(window).astype(np.float64),
        )
    since = [view.days_since(events.nth_last(n)) for n in (1, 2, 3)]
    yield (
        Feature("gap_1", "pace", "最近两次动态的间隔天数", "days between the last two events", "deal_events"),
        since[1] - since[0],
    )
    yield (
        Feature("gap_2", "pace", "再前一次间隔天数", "days between the two events before", "deal_events"),
        since[2] - since[1],
    )
