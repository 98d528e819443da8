"""Wire shapes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from foresail.core.api import Schema
from foresail.crm.schemas import LackingOut
from foresail.incentives.queries import Attainment

Kind = Literal["person", "team", "line", "all"]


class TargetMonth(Schema):
    """`won` is exact, to the last digit of the rates: whoever adds months up rounds the sum."""

    month: date
    base: Decimal | None
    stretch: Decimal | None
    won: Decimal


class AttainmentOut(Schema):
    """`above` names the row it belongs to, as kind:key."""

    kind: Kind
    scope: int
    name: str
    above: str | None
    may_set: bool
    months: list[TargetMonth]

    @classmethod
    def of(cls, each: Attainment) -> AttainmentOut:
        return cls(
            kind=each.kind,  # type: ignore[arg-type]  # one of the four
            scope=each.scope,
            name=each.name,
            above=":".join(map(str, each.above)) if each.above else None,
            may_set=each.may_set,
            months=[
                TargetMonth(month=m.month, base=m.base, stretch=m.stretch, won=m.won) for m in each.months
            ],
        )


class AttainmentsOut(Schema):
    """Amounts are in `currency`, each at the rate of the day on which it was won."""

    year: int
    currency: str
    rows: list[AttainmentOut]
    lacking: list[LackingOut]


class GoalIn(Schema):
    """Without a base there is no target in that month any more."""

    month: date
    base: Decimal | None
    stretch: Decimal | None = None


class TargetsIn(Schema):
    kind: Kind
    scope: int = 0
    goals: list[GoalIn]
