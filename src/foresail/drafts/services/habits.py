"""What a company does after something happened in its deals, learned from its own history."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction

from foresail.core.locks import lock
from foresail.crm.queries import deal_keys, pipelines
from foresail.drafts.models import Habit
from foresail.timeline.after import stood_after
from foresail.timeline.kinds import codes_of

if TYPE_CHECKING:
    from foresail.crm.models import Pipeline

AFTER: Final = timedelta(days=7)
LEAST_CASES: Final = 20
LEAST_SHARE: Final = 0.8
"""So many deals, and so large a share of them, must have gone on for a move to be proposed."""
MILESTONES: Final = frozenset({"evaluation_passed"})
"""Signals that tell how far a deal is, beside quotes, meetings and visits."""


def learn_habits(*, at: datetime) -> int:
    """Learn where deals stand a week after something first happened in them, from what is known at `at`.

    For each pipeline and kind of event the furthest stage that at least 80 % of at least 20 deals stood in or had
    passed. Foresail itself does this, at night; return how many habits there are.
    """
    kinds = codes_of({"quote", "meeting", "visit"}, key=True)[0] | MILESTONES
    found = [habit for pipeline in pipelines() for habit in _habits(pipeline, kinds, at)]
    with transaction.atomic():
        lock("drafts habits")
        Habit.objects.all().delete()
        Habit.objects.bulk_create(found)
    return len(found)


def _habits(pipeline: Pipeline, kinds: set[str] | frozenset[str], at: datetime) -> list[Habit]:
    stages = sorted(pipeline.stages.all(), key=lambda stage: stage.position)
    place = {stage.key: number for number, stage in enumerate(stages)}
    stood: dict[str, list[int]] = {}
    rows = stood_after(deals=deal_keys([pipeline.pk]), kinds=kinds, after=AFTER, until=at)
    for kind, stage, count in rows:
        if stage and stage not in place:
            continue
        counts = stood.setdefault(kind, [0] * len(stages))
        counts[place.get(stage, len(stages) - 1)] += count  # who had won had passed every stage
    habits = []
    for kind, counts in sorted(stood.items()):
        cases = sum(counts)
        # From the last stage back: the furthest that enough had reached. The first stage is no move.
        for number in range(len(stages) - 1, 0, -1):
            reached = sum(counts[number:])
            if stages[number].retired_at is None and cases >= LEAST_CASES and reached >= LEAST_SHARE * cases:
                habits.append(
                    Habit(pipeline=pipeline, stage=stages[number], kind=kind, cases=cases, reached=reached, learned_at=at)
                )  # fmt: skip
                break
    return habits
