"""Kinds: for each kind of event, how often, how lately, and how long it took."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foresail.science.features.registry import Feature
from foresail.science.features.view import Column, View
from foresail.science.features.vocabulary import Vocabulary, minutes_before

LONGEST = 3 * 24 * 60
"""Minutes above which the time before an event is waiting, not work; cut there."""


def family(view: View, vocabulary: Vocabulary) -> Iterator[tuple[Feature, Column]]:
    """Yield, per kind, its count, its count in 7 days, days since the last, and the time it took."""
    for kind in vocabulary.kinds:
        events = view.of_kinds([kind])
        driver = "stage_time" if kind in vocabulary.moves else f"kind:{kind}"

        def feature(name: str, zh: str, en: str, *, kind: str = kind, driver: str = driver) -> Feature:
            return Feature(f"{name}:{kind}", driver, zh, en, "deal_events", kind)

        yield feature("n", f"「{kind}」次数", f"number of {kind}"), events.count.astype(np.float64)
        yield (
            feature("n7", f"近 7 天「{kind}」次数", f"number of {kind} in the last 7 days"),
            events.recent(7).astype(np.float64),
        )
        yield (
            feature("since", f"距最近一次「{kind}」的天数", f"days since the last {kind}"),
            events.since_last,
        )
        if kind in vocabulary.slow:
            took = np.log1p(np.minimum(minutes_before(view.log.events, events.index), LONGEST))
            yield (
                feature("mean_took", f"「{kind}」平均耗时(分钟,对数)", f"log minutes before a {kind}, mean"),
                events.mean(took),
            )
            yield (
                feature(
                    "last_took", f"最近一次「{kind}」耗时(分钟,对数)", f"log minutes before the last {kind}"
                ),
                events.last(took),
            )
