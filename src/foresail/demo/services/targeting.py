"""The company's targets: what each won a month over the last year, and somewhat more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from foresail.core.clock import ZONE
from foresail.incentives.services import Goal, set_targets
from foresail.people.models import Team, User

GROWTH: Final = Decimal("1.1")
STRETCH: Final = Decimal("1.3")
STEP: Final = Decimal(10_000)
MONTHS: Final = 12

Won = tuple[int, int, int, Decimal]
"""Owner, team and line of a deal that was won, and its amount."""


def set_demo_targets(won: Iterable[Won], *, at: datetime) -> None:
    """Set targets of this and the next year for everybody who won something in the year before `at`."""
    sums: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    above = dict(Team.objects.values_list("pk", "parent_id"))
    for owner, team, line, amount in won:
        sums["person", owner] += amount
        sums["line", line] += amount
        sums["all", 0] += amount
        up: int | None = team
        while up is not None:
            sums["team", up] += amount
            up = above[up]
    year = at.astimezone(ZONE).year
    months = [date(each, month, 1) for each in (year, year + 1) for month in range(1, MONTHS + 1)]
    active = set(User.objects.filter(active=True).values_list("pk", flat=True))
    for (kind, key), total in sums.items():
        if kind == "person" and key not in active:
            continue
        goal = Goal(base=_rounded(total / MONTHS * GROWTH), stretch=_rounded(total / MONTHS * STRETCH))
        set_targets(kind=kind, scope=key, goals=dict.fromkeys(months, goal), by=None, at=at)


def _rounded(amount: Decimal) -> Decimal:
    """Return `amount` in whole 万, as targets are set, and at least one."""
    return max(STEP, (amount / STEP).to_integral_value() * STEP)
