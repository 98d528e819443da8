"""The other door: how far targets are met, as far as the asking user may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from foresail.crm.queries import Lacking, sees_field, won_by_month, won_without_rate
from foresail.incentives.errors import AmountsHidden
from foresail.incentives.models import Target
from foresail.people.queries import Seat, managed_by, seats
from foresail.people.rules import Action, Scope, scope

if TYPE_CHECKING:
    from foresail.people.models import User

MONTHS: Final = range(1, 13)


@dataclass(frozen=True, kw_only=True)
class Month:
    """`base` and `stretch` are None where no target is set."""

    month: date
    base: Decimal | None
    stretch: Decimal | None
    won: Decimal


@dataclass(frozen=True, kw_only=True)
class Attainment:
    """What one scope is to win and has won, month by month. `above` is the row it belongs to, None for the topmost."""

    kind: str
    scope: int
    name: str
    above: tuple[str, int] | None
    may_set: bool
    months: tuple[Month, ...] = field(default=())


def attainment(*, user: User, year: int) -> list[Attainment]:
    """Return what `user` may see of a year: topmost first, each before those below it. Raises AmountsHidden."""
    if not sees_field(user=user, record_type="deal", field="amount"):
        raise AmountsHidden
    targets = {
        (each.kind, each.scope, each.month.month): each for each in Target.objects.filter(month__year=year)
    }
    won = _won(year)
    setter = scope(user=user, action=Action.CONFIGURE) is Scope.ALL
    managed = managed_by(user=user)

    def row(seat: Seat) -> Attainment:
        own = seat.kind == "person" and seat.key in managed.people and seat.key != user.pk
        return Attainment(
            kind=seat.kind,
            scope=seat.key,
            name=seat.name,
            above=seat.above,
            may_set=setter or own or (seat.kind == "team" and seat.key in managed.teams_below),
            months=tuple(_months(seat, year, targets, won)),
        )

    return [row(seat) for seat in seats(user=user)]


def lacking(*, user: User, year: int, at: datetime) -> list[Lacking]:
    """Return which deals won in a year are in no sum, as far as `user` may see them."""
    return won_without_rate(user=user, year=year, today=at.date())


def _won(year: int) -> dict[tuple[str, int, int], Decimal]:
    """Return what was won: by kind of scope, its key, and the month. Of a team without those below it."""
    sums: dict[tuple[str, int, int], Decimal] = defaultdict(Decimal)
    for owner, team, line, month, amount in won_by_month(year=year):
        for kind, key in (("person", owner), ("team", team), ("line", line), ("all", 0)):
            if key is not None:
                sums[kind, key, month] += amount
    return sums


def _months(
    seat: Seat,
    year: int,
    targets: dict[tuple[str, int, int], Target],
    won: dict[tuple[str, int, int], Decimal],
) -> Iterator[Month]:
    counted = seat.teams if seat.kind == "team" else (seat.key,)
    for month in MONTHS:
        target = targets.get((seat.kind, seat.key, month))
        yield Month(
            month=date(year, month, 1),
            base=target.base if target else None,
            stretch=target.stretch if target else None,
            won=sum((won.get((seat.kind, key, month), Decimal(0)) for key in counted), Decimal(0)),
        )
