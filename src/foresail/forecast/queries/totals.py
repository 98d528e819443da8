"""What is still to come: by month and quarter, for everybody, each line and each team."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from math import exp, sqrt
from operator import add
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Count, F, FloatField, Q, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Greatest, Least

from foresail.core.api import Reference
from foresail.core.clock import ZONE
from foresail.crm.queries import (
    all_deals,
    converted,
    house_currency,
    in_house,
    lacking,
    rate,
    rounded,
    visible_deals,
)
from foresail.crm.schemas import LackingOut
from foresail.forecast.models import Estimate
from foresail.forecast.periods import Period, ahead
from foresail.forecast.queries.about import as_table, sees_everything
from foresail.forecast.schemas import Amount, EstimateOut, ForecastOut, PeriodTotal, ScopeTotals
from foresail.people.queries import TeamNode, team_tree, teams_below
from foresail.science.metrics import Z80

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from foresail.crm.models import Deal
    from foresail.people.models import User

ScopeKind = Literal["all", "line", "team"]

KNOTS: Final = (0.0, 7.0, 14.0, 30.0, 90.0)
"""Days for which p(won) is known; at the first it is 0."""
KNOT_CHANCES: Final = ("p_won_7", "p_won_14", "p_won_30", "p_won_90", "p_won_final")
BEYOND_DAYS: Final = 90.0
"""After the last knot what is left of p(won) comes with this time constant."""
CENT: Final = Decimal("0.01")
# Materialized: a chance stands in its sums three times, and is worked out once.
_BOOK: Final = """
WITH book (line, team, at, amount, close_mid, worth, lacks, {chances}) AS MATERIALIZED ({query})
SELECT line, team, count(*), max(at), count(*) FILTER (WHERE lacks), {figures} FROM book GROUP BY line, team
"""
_FIGURES: Final = """
sum({chance} * worth), sum({chance} * (1 - {chance}) * worth * worth),
sum(amount) FILTER (WHERE close_mid >= %s AND close_mid < %s),
count(*) FILTER (WHERE close_mid >= %s AND close_mid < %s)
"""


@dataclass
class Sums:
    """What the deals of a line and team amount to in one period; they add up to what any scope amounts to."""

    won: Decimal = Decimal(0)
    mean: float = 0.0
    variance: float = 0.0
    best: Decimal = Decimal(0)
    deals: int = 0

    def add(self, other: Sums) -> None:
        self.won += other.won
        self.mean += other.mean
        self.variance += other.variance
        self.best += other.best
        self.deals += other.deals


Group = tuple[int, int | None]
"""Line and team of a deal."""


def weights(days: float) -> list[float]:
    """Return what p(won within `days`) is made of: how much of each of KNOT_CHANCES.

    Straight lines between the horizons, then towards p(won finally).
    """
    found = [0.0] * len(KNOT_CHANCES)
    if days >= KNOTS[-1]:
        left = exp(-(days - KNOTS[-1]) / BEYOND_DAYS)
        found[-2:] = left, 1 - left
    elif days > 0:
        right = bisect_right(KNOTS, days)
        share = (days - KNOTS[right - 1]) / (KNOTS[right] - KNOTS[right - 1])
        found[right - 1] = share
        if right > 1:
            found[right - 2] = 1 - share
    return found


@dataclass(frozen=True)
class _Scope:
    """One row of the page: who is added up. `teams` are all teams that count, None where teams do not matter."""

    kind: ScopeKind
    id: int
    name: str
    line: int | None
    teams: frozenset[int] | None = None

    def holds(self, group: Group) -> bool:
        line, team = group
        if self.kind == "line":
            return line == self.id
        return self.teams is None or team in self.teams


def totals(*, user: User, at: datetime) -> ForecastOut:
    """Return what was won and is expected in this month and the next two, in this quarter and the next.

    The range holds the sum in 8 of 10 cases if deals are won independently of each other, which the page says:
    their variances add up, and the sum of many is close to normal.
    """
    # What a colleague shared is theirs to answer for, and tells nothing of their team.
    deals = visible_deals(user=user, shared=False).order_by()
    periods = ahead(at)
    groups, looked_at, open_deals, without = _sums(deals, periods, at)
    found = []
    for scope in _scopes(user):
        mine = [sums for group, sums in groups.items() if scope.holds(group)]
        if scope.kind == "all" or mine:
            found.append(
                ScopeTotals(
                    kind=scope.kind, id=scope.id, name=scope.name, line=scope.line,
                    periods=[_total(period, [sums[place] for sums in mine]) for place, period in enumerate(periods)],
                )
            )  # fmt: skip
    shown = {(scope.kind, scope.id) for scope in found}
    estimates = [one for one in _estimates([p.name for p in periods]) if (one.kind, one.scope) in shown]
    if not sees_everything(user):
        estimates = [one for one in estimates if one.kind == "team"]
    return ForecastOut(
        at=looked_at,
        currency=house_currency(),
        periods=[period.name for period in periods],
        totals=found,
        estimates=estimates,
        open_deals=open_deals,
        lacking=_lacking(deals, periods, at) if without else [],
    )


def won_in(period: Period, *, kind: str, scope: int) -> Decimal:
    """Return what was won in `period` by a line, by a team and those below it, or by all, in the house currency."""
    deals = all_deals().filter(status="won", closed_at__gte=period.start, closed_at__lt=period.end)
    if kind == "line":
        deals = deals.filter(line=scope)
    if kind == "team":
        deals = deals.filter(team__in=teams_below(team=scope))
    return rounded(deals.aggregate(total=Sum(in_house()))["total"] or Decimal(0))


def _sums(
    deals: QuerySet[Deal], periods: Sequence[Period], at: datetime
) -> tuple[dict[Group, list[Sums]], datetime | None, int, int]:
    """Return the sums of each period by line and team, when the latest score was made, how many deals have one, and how
    many are in no sum because nobody said what their currency is worth.

    The database adds up: a large company has more open deals than Python should read to show a page.
    """
    groups: dict[Group, list[Sums]] = {}
    looked_at, open_deals, without = None, 0, 0
    for line, team, n, latest, lacks, *figures in _of_open(deals, periods, at):
        groups[line, team] = [
            Sums(mean=mean, variance=variance, best=best or Decimal(0), deals=number)
            for mean, variance, best, number in (
                figures[4 * place : 4 * place + 4] for place in range(len(periods))
            )
        ]
        looked_at = max(filter(None, (looked_at, latest)), default=None)
        open_deals += n
        without += lacks
    won = deals.filter(status="won", closed_at__gte=min(period.start for period in periods))
    columns = {
        f"won_{place}": Sum("in_house", filter=Q(closed_at__gte=period.start, closed_at__lt=period.end))
        for place, period in enumerate(periods)
    }
    wins: QuerySet[Any, Any] = (
        won.annotate(in_house=in_house())
        .values("line_id", "team_id")
        .annotate(lacks=Count("pk", filter=Q(amount__isnull=False, in_house=None)), **columns)
    )
    for row in wins:
        without += row["lacks"]
        sums = groups.setdefault((row["line_id"], row["team_id"]), [Sums() for _ in periods])
        for place, one in enumerate(sums):
            one.won = row[f"won_{place}"] or Decimal(0)
    return groups, looked_at, open_deals, without


def _of_open(deals: QuerySet[Deal], periods: Sequence[Period], at: datetime) -> list[tuple[Any, ...]]:
    """Return (line, team, how many, latest score, how many without a rate), then four figures of each period, of the open deals that have one."""
    book = deals.filter(status="open", outlook__isnull=False).annotate(
        exact=converted(F("amount"), rate(today=at.astimezone(ZONE).date())),
        worth=Coalesce(Cast("exact", FloatField()), 0.0),
        lacks=Case(When(amount__isnull=False, exact=None, then=True), default=False),
        **{f"chance_{place}": _chance(period, at) for place, period in enumerate(periods)},
    )
    names = [f"chance_{place}" for place in range(len(periods))]
    try:
        query, given = as_table(
            book.values_list(
                "line_id", "team_id", "outlook__at", "exact", "outlook__close_mid", "worth", "lacks", *names
            )
        )
    except EmptyResultSet:
        return []
    figures = ", ".join(_FIGURES.format(chance=name) for name in names)
    days = [
        moment.astimezone(ZONE).date()
        for period in periods
        for moment in (period.start, period.end, period.start, period.end)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_BOOK.format(chances=", ".join(names), query=query, figures=figures), [*given, *days])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _chance(period: Period, at: datetime) -> Any:
    """Return p(won within `period`) as the database computes it."""
    day = timedelta(days=1)
    until, before = (weights((moment - at) / day) for moment in (period.end, period.start))
    parts = [
        Value(later - earlier, FloatField()) * F(f"outlook__{name}")
        for name, later, earlier in zip(KNOT_CHANCES, until, before, strict=True)
        if later != earlier
    ]
    chance = reduce(add, parts, Value(0.0, FloatField()))
    return Least(Greatest(chance, 0.0), 1.0, output_field=FloatField())


def _total(period: Period, parts: Iterable[Sums]) -> PeriodTotal:
    sums = Sums()
    for part in parts:
        sums.add(part)
    spread = Z80 * sqrt(sums.variance)
    won = rounded(sums.won)
    return PeriodTotal(
        period=period.name,
        won=won,
        expected=Amount(
            mean=won + cents(sums.mean),
            low=won + cents(max(0.0, sums.mean - spread)),
            high=won + cents(sums.mean + spread),
        ),
        best=rounded(sums.won + sums.best),
        deals=sums.deals,
    )


def cents(value: float) -> Decimal:
    return Decimal(value).quantize(CENT, ROUND_HALF_UP)


def _lacking(deals: QuerySet[Deal], periods: Sequence[Period], at: datetime) -> list[LackingOut]:
    """Return which open deals, and which won in `periods`, no sum holds."""
    told = deals.filter(
        Q(status="open", outlook__isnull=False)
        | Q(status="won", closed_at__gte=min(period.start for period in periods))
    )
    found = lacking(told, today=at.astimezone(ZONE).date())
    return [LackingOut.of(each) for each in found]


def _scopes(user: User) -> Iterator[_Scope]:
    yield _Scope("all", 0, "", None)
    lines: set[int] = set()

    def walk(node: TeamNode) -> Iterator[_Scope]:
        if node.team.line_id not in lines:
            lines.add(node.team.line_id)
            yield _Scope("line", node.team.line_id, node.team.line.name, node.team.line_id)
        yield _Scope("team", node.team.pk, node.team.name, node.team.line_id, frozenset(_keys(node)))
        for below in node.below:
            yield from walk(below)

    for node in team_tree(user=user):
        yield from walk(node)


def _keys(node: TeamNode) -> Iterator[int]:
    yield node.team.pk
    for below in node.below:
        yield from _keys(below)


def _estimates(periods: Sequence[str]) -> list[EstimateOut]:
    latest = (
        Estimate.objects.filter(period__in=periods)
        .order_by("kind", "scope", "period", "-made_at")
        .distinct("kind", "scope", "period")
        .select_related("user")
    )
    return [estimate_out(one) for one in latest]


def estimate_out(one: Estimate) -> EstimateOut:
    return EstimateOut(
        kind=cast("ScopeKind", one.kind),
        scope=one.scope,
        period=one.period,
        amount=one.amount,
        reason=one.reason,
        by=Reference(id=one.user_id, name=one.user.name),
        made_at=one.made_at,
        model=Amount(mean=one.model_mean, low=one.model_low, high=one.model_high),
        actual=one.actual,
    )
