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
        Feature(
            "idle",
            "momentum",
            "距最近一次动态的工作日数",
            "working days since anything happened",
            "deal_events",
        ),
        events.since_last,
    )
    yield (
        Feature("events", "momentum", "动态总数", "number of events so far", "deal_events"),
        events.count.astype(np.float64),
    )
    for window in WINDOWS:
        yield (
            Feature(
                f"events_{window}d",
                "momentum",
                f"近 {window} 天动态数",
                f"events in the last {window} days",
                "deal_events",
            ),
            events.recent(window).astype(np.float64),
        )
    since = [view.days_since(events.nth_last(n)) for n in (1, 2, 3)]
    yield (
        Feature(
            "gap_1",
            "momentum",
            "最近两次动态间隔的工作日数",
            "working days between the last two events",
            "deal_events",
        ),
        since[1] - since[0],
    )
    yield (
        Feature(
            "gap_2",
            "momentum",
            "再前一次间隔的工作日数",
            "working days between the two events before",
            "deal_events",
        ),
        since[2] - since[1],
    )
