"""What is still to come: by month and quarter, for everybody, each line and each team."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final, Literal, cast

import numpy as np
import numpy.typing as npt
from django.db.models import Max, Sum

from foresail.core.api import Reference
from foresail.crm.queries import all_deals, visible_deals
from foresail.forecast.models import Estimate, Outlook
from foresail.forecast.periods import ZONE, Period, ahead
from foresail.forecast.schemas import Amount, EstimateOut, ForecastOut, PeriodTotal, ScopeTotals
from foresail.people.queries import TeamNode, team_tree, teams_below

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from foresail.crm.models import Deal
    from foresail.people.models import User

Floats = npt.NDArray[np.float64]
ScopeKind = Literal["all", "line", "team"]

KNOTS: Final = np.array([0.0, 7.0, 14.0, 30.0, 90.0])
BEYOND_DAYS: Final = 90.0
"""After the last knot what is left of p(won) comes with this time constant."""
Z80: Final = 1.2815515655446004
"""Half the width of a normal distribution's middle 80 %, in standard deviations."""
CENT: Final = Decimal("0.01")


@dataclass(frozen=True, eq=False)
class Book:
    """The open deals that somebody may see, (n,) each; `won` (n, 5) is p(won) at KNOTS, `final` at last."""

    amount: Floats
    line: npt.NDArray[np.int64]
    team: npt.NDArray[np.int64]
    won: Floats
    final: Floats
    close: npt.NDArray[np.int64]

    @classmethod
    def of(cls, deals: QuerySet[Deal]) -> Book:
        columns = (
            *("deal__amount", "deal__line_id", "deal__team_id"),
            *("p_won_7", "p_won_14", "p_won_30", "p_won_90", "p_won_final", "close_mid"),
        )
        open_deals = deals.filter(status="open").order_by()
        rows = list(Outlook.objects.filter(deal__in=open_deals).order_by().values_list(*columns))
        values = np.array([[float(row[0] or 0), *row[3:8]] for row in rows], dtype=np.float64).reshape(-1, 6)
        zero = np.zeros((len(rows), 1))
        return cls(
            amount=values[:, 0],
            line=np.array([row[1] for row in rows], dtype=np.int64),
            team=np.array([row[2] or 0 for row in rows], dtype=np.int64),
            won=np.hstack([zero, values[:, 1:5]]),
            final=values[:, 5],
            close=np.array([(row[8] or date.max).toordinal() for row in rows], dtype=np.int64),
        )

    def won_by(self, days: float) -> Floats:
        """Return p(won within `days`) (n,): straight lines between the horizons, then towards p(won finally)."""
        if days <= 0:
            return np.zeros(len(self.amount))
        if days >= KNOTS[-1]:
            left = np.exp(-(days - KNOTS[-1]) / BEYOND_DAYS)
            late: Floats = self.final - (self.final - self.won[:, -1]) * left
            return late
        right = int(np.searchsorted(KNOTS, days, side="right"))
        share = (days - KNOTS[right - 1]) / (KNOTS[right] - KNOTS[right - 1])
        between: Floats = self.won[:, right - 1] + share * (self.won[:, right] - self.won[:, right - 1])
        return between


@dataclass(frozen=True)
class _Scope:
    """One row of the page: who is added up. `teams` are all teams that count, None where teams do not matter."""

    kind: ScopeKind
    id: int
    name: str
    line: int | None
    teams: frozenset[int] | None = None

    def holds(self, line: npt.NDArray[np.int64], team: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        if self.kind == "line":
            return np.equal(line, self.id)
        if self.teams is not None:
            return np.isin(team, list(self.teams))
        return np.ones(len(line), dtype=bool)


def totals(*, user: User, at: datetime) -> ForecastOut:
    """Return what was won and is expected in this month and the next two, in this quarter and the next.

    The range holds the sum in 8 of 10 cases if deals are won independently of each other, which the page says:
    their variances add up, and the sum of many is close to normal.
    """
    deals = visible_deals(user=user)
    periods = ahead(at)
    book = Book.of(deals)
    closed = _closed(deals, periods)
    found = []
    for scope in _scopes(user):
        mine = scope.holds(book.line, book.team)
        won_mine = scope.holds(closed.line, closed.team)
        if scope.kind == "all" or mine.any() or won_mine.any():
            found.append(
                ScopeTotals(
                    kind=scope.kind, id=scope.id, name=scope.name, line=scope.line,
                    periods=[_total(period, at, book, mine, closed, won_mine) for period in periods],
                )
            )  # fmt: skip
    shown = {(scope.kind, scope.id) for scope in found}
    estimates = [one for one in _estimates([p.name for p in periods]) if (one.kind, one.scope) in shown]
    if not _sees_everything(deals):
        estimates = [one for one in estimates if one.kind == "team"]
    return ForecastOut(
        at=Outlook.objects.filter(deal__in=deals).aggregate(Max("score__at"))["score__at__max"],
        currency="CNY",
        periods=[period.name for period in periods],
        totals=found,
        estimates=estimates,
        open_deals=len(book.amount),
    )


def won_in(period: Period, *, kind: str, scope: int) -> Decimal:
    """Return what was won in `period` by a line, by a team and those below it, or by all."""
    deals = all_deals().filter(status="won", closed_at__gte=period.start, closed_at__lt=period.end)
    if kind == "line":
        deals = deals.filter(line=scope)
    if kind == "team":
        deals = deals.filter(team__in=teams_below(team=scope))
    return deals.aggregate(Sum("amount"))["amount__sum"] or Decimal(0)


@dataclass(frozen=True, eq=False)
class _Closed:
    """Deals won since the first period began, (n,) each."""

    amount: list[Decimal]
    line: npt.NDArray[np.int64]
    team: npt.NDArray[np.int64]
    at: list[datetime]


def _closed(deals: QuerySet[Deal], periods: Sequence[Period]) -> _Closed:
    since = min(period.start for period in periods)
    won = deals.filter(status="won", closed_at__gte=since).order_by()
    rows = list(won.values_list("amount", "line_id", "team_id", "closed_at"))
    return _Closed(
        [row[0] or Decimal(0) for row in rows],
        np.array([row[1] for row in rows], dtype=np.int64),
        np.array([row[2] or 0 for row in rows], dtype=np.int64),
        [row[3] for row in rows if row[3]],
    )


def _total(
    period: Period,
    at: datetime,
    book: Book,
    mine: npt.NDArray[np.bool_],
    closed: _Closed,
    won: npt.NDArray[np.bool_],
) -> PeriodTotal:
    day = timedelta(days=1)
    chance = book.won_by((period.end - at) / day) - book.won_by((period.start - at) / day)
    chance, amount = np.clip(chance[mine], 0.0, 1.0), book.amount[mine]
    done = sum(
        (closed.amount[i] for i in np.flatnonzero(won) if period.start <= closed.at[i] < period.end),
        Decimal(0),
    )
    mean = float(chance @ amount)
    spread = Z80 * float(np.sqrt((chance * (1 - chance)) @ amount**2))
    first, stop = (moment.astimezone(ZONE).date().toordinal() for moment in (period.start, period.end))
    closing = (book.close[mine] >= first) & (book.close[mine] < stop)
    return PeriodTotal(
        period=period.name,
        won=done,
        expected=Amount(
            mean=done + cents(mean),
            low=done + cents(max(0.0, mean - spread)),
            high=done + cents(mean + spread),
        ),
        best=done + cents(float(amount[closing].sum())),
        deals=int(closing.sum()),
    )


def cents(value: float) -> Decimal:
    return Decimal(value).quantize(CENT, ROUND_HALF_UP)


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


def _sees_everything(deals: QuerySet[Deal]) -> bool:
    return not deals.query.where


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
