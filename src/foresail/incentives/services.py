"""The door: targets are set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.db import transaction

from foresail.core.changes import Change, record
from foresail.core.errors import NotFound
from foresail.core.outbox import tell
from foresail.incentives.errors import NotYours, TargetInvalid
from foresail.incentives.models import Target
from foresail.people.queries import is_somewhere, managed_by
from foresail.people.rules import Action, Scope, scope

if TYPE_CHECKING:
    from foresail.people.models import User

BELOW: Final = Decimal(10) ** 14


@dataclass(frozen=True, kw_only=True)
class Goal:
    base: Decimal
    stretch: Decimal | None = None


def set_targets(
    *, kind: str, scope: int, goals: Mapping[date, Goal | None], by: User | None, at: datetime
) -> None:
    """Set the targets of a person, team or line, or of all, by the first day of the month; None takes one away.

    Raises NotFound, NotYours or TargetInvalid, and then sets none.
    """
    wanted = Target.Kind(kind)
    scope = 0 if wanted is Target.Kind.ALL else scope
    if wanted is not Target.Kind.ALL and not is_somewhere(kind=wanted.value, key=scope):
        raise NotFound
    if by is not None and not _may_set(wanted, scope, by):
        raise NotYours
    for month, goal in goals.items():
        if month.day != 1 or (goal and not _is_sensible(goal)):
            raise TargetInvalid
    gone = [month for month, goal in goals.items() if goal is None]
    with transaction.atomic():
        Target.objects.filter(kind=wanted, scope=scope, month__in=gone).delete()
        Target.objects.bulk_create(
            [
                Target(
                    kind=wanted, scope=scope, month=month, base=goal.base, stretch=goal.stretch, set_by=by, set_at=at
                )
                for month, goal in goals.items()
                if goal
            ],
            update_conflicts=True,
            unique_fields=["kind", "scope", "month"],
            update_fields=["base", "stretch", "set_by", "set_at"],
        )  # fmt: skip
        tell("targets", 0)
        record(
            Change(
                actor=by.pk if by else None,
                verb="set_targets",
                subject="incentives.Target",
                key=f"{wanted.value}:{scope}",
                at=at,
                values={
                    f"{month:%Y-%m}": goal and {"base": goal.base, "stretch": goal.stretch}
                    for month, goal in goals.items()
                },
            )
        )


def _may_set(kind: Target.Kind, key: int, by: User) -> bool:
    if scope(user=by, action=Action.CONFIGURE) is Scope.ALL:
        return True
    managed = managed_by(user=by)
    match kind:
        case Target.Kind.PERSON:
            return key in managed.people and key != by.pk
        case Target.Kind.TEAM:
            return key in managed.teams_below
        case _:
            return False


def _is_sensible(goal: Goal) -> bool:
    amounts = [goal.base] if goal.stretch is None else [goal.base, goal.stretch]
    fit = all(each.is_finite() and 0 <= each < BELOW and each == round(each, 2) for each in amounts)
    return fit and (goal.stretch is None or goal.stretch >= goal.base)
