"""Course: where the deal stands on its way, how long it has stood there, and when something new last happened."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foresail.science.features.registry import Feature
from foresail.science.features.view import Column, Positions, View
from foresail.science.features.vocabulary import Vocabulary
from foresail.science.log import Mask


def family(view: View, vocabulary: Vocabulary) -> Iterator[tuple[Feature, Column]]:
    """Yield stage, time in stage, and the position of the last events, new events and milestones."""
    # One more at the end, which code -1 (no event, no stage) finds.
    place = np.array([*(vocabulary.position.get(kind, np.nan) for kind in view.log.events.kinds), np.nan])

    def position(event: Positions) -> Column:
        return place[view.of_event(view.log.events.kind, event, none=-1)]

    moves = view.stage_moves
    if vocabulary.stages:
        code = {stage: i for i, stage in enumerate(vocabulary.stages)}
        names = np.array([code.get(stage, -1) for stage in view.log.events.stages] + [-1])
        stage = names[view.stage]
        for name, i in code.items():
            yield (
                Feature(
                    f"in_stage:{name}",
                    "stage",
                    f"当前阶段为“{name}”",
                    f"the stage is {name}",
                    "deal_events",
                ),
                (stage == i).astype(np.float64),
            )
        yield (
            Feature(
                "stage_days",
                "momentum",
                "在当前阶段停留的工作日数",
                "working days in the present stage",
                "deal_events",
            ),
            moves.since_last,
        )
        yield (
            Feature("stage_moves", "stage", "阶段变更次数", "number of stage moves", "deal_events"),
            moves.count.astype(np.float64),
        )
    novel = view.where(_first_of_its_kind(view))
    yield (
        Feature(
            "novelty_days",
            "momentum",
            "距上次出现新进展的工作日数",
            "working days since something new happened",
            "deal_events",
        ),
        novel.since_last,
    )
    yield (
        Feature(
            "novelties",
            "stage",
            "出现过的动态种类数",
            "number of different kinds of events",
            "deal_events",
        ),
        novel.count.astype(np.float64),
    )
    yield (
        Feature(
            "novelty_place",
            "stage",
            "最近新进展在流程中的位置",
            "place in the usual course of the last new kind",
            "deal_events",
        ),
        position(novel.nth_last(1)),
    )
    for n in (1, 2, 3):
        yield (
            Feature(
                f"place_{n}",
                "stage",
                f"倒数第 {n} 个动态在流程中的位置",
                f"place in the usual course of event {n} from the last",
                "deal_events",
            ),
            position(view.all.nth_last(n)),
        )
    if vocabulary.milestones:
        milestones = view.of_kinds(vocabulary.milestones)
        for n in (1, 2, 3):
            yield (
                Feature(
                    f"milestone_{n}",
                    "stage",
                    f"倒数第 {n} 个里程碑的位置",
                    f"place in the usual course of milestone {n} from the last",
                    "deal_events",
                ),
                position(milestones.nth_last(n)),
            )
        yield (
            Feature(
                "milestone_days",
                "momentum",
                "距上个里程碑的工作日数",
                "working days since the last milestone",
                "deal_events",
            ),
            milestones.since_last,
        )
        last = milestones.nth_last(1)
        yield (
            Feature(
                "since_milestone",
                "stage",
                "上个里程碑之后的动态数",
                "events since the last milestone",
                "deal_events",
            ),
            np.where(last >= 0, view.all.stop - 1 - last, np.nan),
        )


def _first_of_its_kind(view: View) -> Mask:
    """Return whether each event is the first of its kind in its deal (n_events,)."""
    events = view.log.events
    order, bounds = view.by_kind
    deal = events.deal[order]
    first = np.ones(len(events), dtype=bool)
    first[order[1:]] = deal[1:] != deal[:-1]
    first[order[bounds[:-1][bounds[:-1] < len(order)]]] = True
    return first
