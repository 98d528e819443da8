"""Kinds: for each kind of event, how often, how lately, how long it took, and whether it was answered."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foresail.science.features.registry import Feature
from foresail.science.features.view import Column, View
from foresail.science.features.vocabulary import Vocabulary, minutes_before

LONGEST = 3 * 24 * 60
"""Minutes above which the time before an event is waiting, not work; cut there."""


def family(view: View, vocabulary: Vocabulary) -> Iterator[tuple[Feature, Column]]:
    """Yield, per kind, its count, its count in 7 days, working days since the last (also without an answer), and the time it took."""
    settled_by = vocabulary.settled_by
    for kind in vocabulary.kinds:
        events = view.of_kinds([kind])
        driver = _driver(kind, vocabulary)
        often = "stage" if kind in vocabulary.moves else driver

        def feature(name: str, driver: str, zh: str, en: str, *, kind: str = kind) -> Feature:
            return Feature(f"{name}:{kind}", driver, zh, en, "deal_events", kind)

        yield feature("n", often, f"“{kind}”次数", f"number of {kind}"), events.count.astype(np.float64)
        yield (
            feature("n7", driver, f"近 7 天“{kind}”次数", f"number of {kind} in the last 7 days"),
            events.recent(7).astype(np.float64),
        )
        yield (
            feature("since", driver, f"距最近一次“{kind}”的工作日数", f"working days since the last {kind}"),
            events.since_last,
        )
        if kind in vocabulary.slow:
            took = np.log1p(np.minimum(minutes_before(view.log.events, events.index), LONGEST))
            yield (
                feature(
                    "mean_took",
                    driver,
                    f"“{kind}”平均耗时(分钟,对数)",
                    f"log minutes before a {kind}, mean",
                ),
                events.mean(took),
            )
            yield (
                feature(
                    "last_took",
                    driver,
                    f"最近一次“{kind}”耗时(分钟,对数)",
                    f"log minutes before the last {kind}",
                ),
                events.last(took),
            )
        if kind in settled_by:
            settled = settled_by[kind]
            # Nothing of the one since the last of the other: it lies later, or there is none.
            since = view.of_kinds([settled]).nth_last(1) < events.nth_last(1)
            yield (
                feature(
                    "open",
                    driver,
                    f"“{kind}”之后尚无“{settled}”的工作日数",
                    f"working days since a {kind} without a {settled}",
                ),
                np.where(since, events.since_last, np.nan),
            )


def _driver(kind: str, vocabulary: Vocabulary) -> str:
    """Return what a seller would call it: how the deal moves, how we answer, or the kind (of the question) itself."""
    if kind in vocabulary.moves:
        return "momentum"
    if kind in vocabulary.answering:
        return "answers"
    return f"kind:{vocabulary.settles.get(kind, kind)}"
