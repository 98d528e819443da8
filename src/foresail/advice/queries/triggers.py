"""Triggers, and what people made of what they suggested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count

from foresail.advice.models import Suggestion, Trigger
from foresail.core.errors import NotFound

LATELY: Final = timedelta(days=90)
LEAST_UNTRUE: Final = 3
"""From so many dismissals as not true on, and a fifth of what was decided, somebody should look at the trigger."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """Of the suggestions of a trigger in the last 90 days: how many there were, are open, and came to which end.

    `over` counts those that ended by themselves; `reasons` the dismissals by reason.
    """

    made: int = 0
    open: int = 0
    accepted: int = 0
    dismissed: int = 0
    over: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def look_again(self) -> bool:
        """Whether so many found it not true that its condition should be looked at."""
        untrue = self.reasons.get("not_true", 0)
        return untrue >= LEAST_UNTRUE and untrue * 5 >= self.accepted + self.dismissed


def triggers() -> list[Trigger]:
    """Return all triggers, what matters most first. Anybody may see what is watched for."""
    found = Trigger.objects.select_related("changed_by")
    return sorted(found, key=lambda each: (each.status == "retired", -each.priority, each.pk))


def trigger(*, key: int) -> Trigger:
    """Return one. Raises NotFound."""
    found = Trigger.objects.select_related("changed_by").filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def shares(*, at: datetime) -> dict[int, Share]:
    """Return what became of the suggestions of each trigger that made any. One query."""
    rows = (
        Suggestion.objects.filter(made_at__gt=at - LATELY).order_by().values_list("trigger", "how", "reason")
    )
    counts: dict[int, dict[str, int]] = {}
    reasons: dict[int, dict[str, int]] = {}
    for trigger, how, reason, count in rows.annotate(n=Count("pk")):
        of = counts.setdefault(trigger, {})
        of[how] = of.get(how, 0) + count
        if reason:
            reasons.setdefault(trigger, {})[reason] = count
    return {
        key: Share(
            made=sum(of.values()),
            open=of.get("", 0),
            accepted=of.get("accepted", 0),
            dismissed=of.get("dismissed", 0),
            over=sum(count for how, count in of.items() if how not in {"", "accepted", "dismissed"}),
            reasons=reasons.get(key, {}),
        )
        for key, of in counts.items()
    }
