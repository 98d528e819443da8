"""The sums of the forecast page, computed deal by deal in Python: slow, and easy to see that it is right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from math import exp, sqrt
from statistics import median
from typing import Any

from foresail.core.clock import ZONE
from foresail.crm.models import Deal
from foresail.crm.queries import visible_deals
from foresail.forecast.models import Outlook, Score
from foresail.forecast.periods import Period, ahead
from foresail.forecast.queries.changes import _why
from foresail.forecast.queries.totals import cents
from foresail.people.models import User
from foresail.people.queries import teams_below
from foresail.science.metrics import Z80

DAY = timedelta(days=1)
FORTNIGHT = 14 * DAY


def seen_by(user: User) -> list[Deal]:
    return list(visible_deals(user=user).select_related("account", "owner"))


def of_scope(deals: Iterable[Deal], kind: str, key: int) -> list[Deal]:
    teams = set(teams_below(team=key)) if kind == "team" else set()
    return [
        d
        for d in deals
        if kind == "all" or (kind == "line" and d.line_id == key) or (kind == "team" and d.team_id in teams)
    ]


def won_by(outlook: Outlook, days: float) -> float:
    """Return p(won within `days`): straight lines between the horizons, then towards p(won finally)."""
    known = [(0.0, 0.0), (7.0, outlook.p_won_7), (14.0, outlook.p_won_14), (30.0, outlook.p_won_30)]
    known.append((90.0, outlook.p_won_90))
    if days <= 0:
        return 0.0
    if days >= 90:
        return outlook.p_won_final - (outlook.p_won_final - outlook.p_won_90) * exp(-(days - 90) / 90)
    for (first, before), (last, after) in pairwise(known):
        if first <= days < last:
            return before + (days - first) / (last - first) * (after - before)
    raise AssertionError


def totals(deals: Iterable[Deal], *, at: datetime) -> list[dict[str, Any]]:
    """Return a period's figures, as the wire has them, of `deals`."""
    deals = list(deals)
    outlooks = Outlook.objects.in_bulk([deal.pk for deal in deals if deal.status == "open"])
    return [_total(period, deals, outlooks, at) for period in ahead(at)]


def _total(
    period: Period, deals: list[Deal], outlooks: Mapping[int, Outlook], at: datetime
) -> dict[str, Any]:
    mean = variance = 0.0
    won = best = Decimal(0)
    number = 0
    for deal in deals:
        amount = deal.amount or Decimal(0)
        if deal.status == "won" and deal.closed_at and period.start <= deal.closed_at < period.end:
            won += amount
        outlook = outlooks.get(deal.pk)
        if outlook is None:
            continue
        chance = won_by(outlook, (period.end - at) / DAY) - won_by(outlook, (period.start - at) / DAY)
        chance = min(max(chance, 0.0), 1.0)
        mean += chance * float(amount)
        variance += chance * (1 - chance) * float(amount) ** 2
        first, stop = (moment.astimezone(ZONE).date() for moment in (period.start, period.end))
        if outlook.close_mid is not None and first <= outlook.close_mid < stop:
            best += amount
            number += 1
    spread = Z80 * sqrt(variance)
    return {
        "period": period.name,
        "won": won,
        "expected": {
            "mean": won + cents(mean),
            "low": won + cents(max(0.0, mean - spread)),
            "high": won + cents(mean + spread),
        },
        "best": won + best,
        "deals": number,
    }


def changes(
    deals: Iterable[Deal], *, days: int, at: datetime
) -> tuple[dict[str, tuple[Decimal, int]], list[Any]]:
    """Return amount and number of each step, and (deal, before, after, effect, zh) of the ten that moved most."""
    since = at - days * DAY
    steps: dict[str, list[float]] = defaultdict(list)
    moved: list[tuple[float, int, float | None, float, str]] = []
    for deal in deals:
        then = (
            Score.objects.filter(deal=deal, at__lte=since, at__gt=since - 60 * DAY)
            .order_by("-at", "-pk")
            .first()
            if deal.closed_at is None or deal.closed_at > since
            else None
        )
        now = Outlook.objects.filter(deal=deal).select_related("score").first()
        amount = float(deal.amount or 0)
        was = then.p_won_final * float(then.amount or 0) if then else None
        worth = now.p_won_final * amount if now else None
        if was is not None:
            steps["before"].append(was)
        if worth is not None:
            steps["now"].append(worth)
        if then and now and was is not None:
            of_amount = then.p_won_final * amount - was
            of_chance = now.p_won_final * amount - was - of_amount
            if of_amount:
                steps["amount"].append(of_amount)
            steps["up" if of_chance >= 0 else "down"].append(of_chance)
            if of_chance:
                why = _why(then.reasons, now.score.reasons)["zh"]
                moved.append((of_chance, deal.pk, then.p_won_final, now.p_won_final, why))
        elif was is not None:
            steps["won" if deal.status == "won" else "lost"].append(-was)
        elif now and worth is not None:
            steps["new"].append(worth)
            moved.append((worth, deal.pk, None, now.p_won_final, "新商机"))
    moved.sort(key=lambda each: (-abs(each[0]), each[1]))
    names = ("before", "new", "won", "lost", "up", "down", "amount", "now")
    return {name: (cents(sum(steps[name])), len(steps[name])) for name in names}, [
        (deal, before, after, cents(effect), zh) for effect, deal, before, after, zh in moved[:10]
    ]


def looks(deals: Iterable[Deal], *, at: datetime) -> list[tuple[Deal, Score]]:
    """Return the nightly looks of the last 120 days."""
    by_key = {deal.pk: deal for deal in deals}
    found = Score.objects.filter(deal__in=by_key, nightly=True, at__gt=at - 120 * DAY)
    return [(by_key[score.deal_id], score) for score in found]


def calibration(deals: Iterable[Deal], *, at: datetime) -> dict[int, list[tuple[float, bool]]]:
    """Return by tenth what was said of winning within 14 days, and whether it came."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for deal, score in looks(deals, at=at):
        if score.at <= at - FORTNIGHT:
            ended = deal.closed_at is not None and deal.closed_at <= score.at + FORTNIGHT
            bins[min(int(score.p_won * 10), 9)].append((score.p_won, ended and deal.status == "won"))
    return bins


def alerts(deals: Iterable[Deal], *, at: datetime) -> tuple[Any, ...]:
    """Return how many alerts are due, precision, recall and median lead, and the deals shown that have ended."""
    found = looks(deals, at=at)
    due = [(d, s) for d, s in found if s.alerted and s.at <= at - FORTNIGHT]
    right = [d for d, s in due if d.status == "lost" and d.closed_at and d.closed_at <= s.at + FORTNIGHT]
    firsts: dict[int, list[datetime]] = {}
    closed: dict[int, datetime] = {}
    for deal, score in found:
        if deal.status == "lost" and deal.closed_at:
            closed[deal.pk] = deal.closed_at
            firsts.setdefault(deal.pk, []).extend([score.at] if score.alerted else [])
    leads = [(closed[deal] - min(ats)) / DAY for deal, ats in firsts.items() if ats]
    ended = {d.pk: d for d, s in found if s.alerted and d.closed_at and d.closed_at > at - 28 * DAY}
    order = sorted(ended.values(), key=lambda deal: (deal.closed_at, deal.pk), reverse=True)
    return (
        len(due),
        len(right) / len(due) if due else None,
        len(leads) / len(firsts) if firsts else None,
        median(leads) if leads else None,
        [deal.pk for deal in order],
    )
