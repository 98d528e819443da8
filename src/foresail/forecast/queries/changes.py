"""What changed since a week ago, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal

from django.db.models import QuerySet

from foresail.crm.queries import visible_deals
from foresail.forecast.models import Outlook, Score
from foresail.forecast.queries.totals import cents
from foresail.forecast.schemas import ChangesOut, ChangeStep, MovedDeal
from foresail.people.queries import teams_below

if TYPE_CHECKING:
    from foresail.crm.models import Deal
    from foresail.people.models import User

Step = Literal["new", "won", "lost", "up", "down", "amount"]
STEPS: Final[tuple[Step, ...]] = ("new", "won", "lost", "up", "down", "amount")
SHOWN: Final = 10
_NOTHING: Final = {"zh": "没有单一的主要原因", "en": "no single reason stands out"}


def changes(*, user: User, kind: str, scope: int, days: int, at: datetime) -> ChangesOut:
    """Return how the expected value (p(won finally) × amount) of a scope went from `days` ago to now, in steps.

    A deal counts once: as new, won, lost, up or down. Won deals leave it with what was expected of them.
    """
    since = at - timedelta(days=min(max(days, 1), 90))
    deals = _within(visible_deals(user=user), kind, scope).order_by()
    then = {
        row["deal_id"]: row
        for row in Score.objects.filter(deal__in=deals, at__lte=since, at__gt=since - timedelta(days=60))
        .exclude(deal__closed_at__lte=since)
        .order_by("deal", "-at", "-pk")
        .distinct("deal")
        .values("deal_id", "p_won_final", "amount", "reasons", "deal__status", "deal__name", "deal__account__name", "deal__owner__name")
    }  # fmt: skip
    now = {
        row["deal_id"]: row
        for row in Outlook.objects.filter(deal__in=deals).values(
            "deal_id", "p_won_final", "deal__amount", "score__reasons", "deal__name", "deal__account__name", "deal__owner__name"
        )
    }  # fmt: skip
    steps: dict[Step, list[float]] = {code: [] for code in STEPS}
    moved: list[tuple[float, MovedDeal]] = []
    for deal, row in then.items():
        before = _worth(row["p_won_final"], row["amount"])
        if deal not in now:
            steps["won" if row["deal__status"] == "won" else "lost"].append(-before)
            continue
        present = now[deal]
        amount_effect = _worth(row["p_won_final"], present["deal__amount"]) - before
        chance_effect = _worth(present["p_won_final"], present["deal__amount"]) - before - amount_effect
        if amount_effect:
            steps["amount"].append(amount_effect)
        steps["up" if chance_effect >= 0 else "down"].append(chance_effect)
        if chance_effect:
            why = _why(row["reasons"], present["score__reasons"])
            moved.append((abs(chance_effect), _moved(deal, present, row["p_won_final"], chance_effect, why)))
    for deal in now.keys() - then.keys():
        effect = _worth(now[deal]["p_won_final"], now[deal]["deal__amount"])
        steps["new"].append(effect)
        why = {"zh": "新商机", "en": "new deal"}
        moved.append((effect, _moved(deal, now[deal], None, effect, why)))
    first = sum(_worth(row["p_won_final"], row["amount"]) for row in then.values())
    last = sum(_worth(row["p_won_final"], row["deal__amount"]) for row in now.values())
    moved.sort(key=lambda each: -each[0])
    return ChangesOut(
        since=since,
        steps=[
            ChangeStep(code="before", amount=cents(first), deals=len(then)),
            *(
                ChangeStep(code=code, amount=cents(sum(effects)), deals=len(effects))
                for code, effects in steps.items()
            ),
            ChangeStep(code="now", amount=cents(last), deals=len(now)),
        ],
        moved=[each for _, each in moved[:SHOWN]],
    )


def _within(deals: QuerySet[Deal], kind: str, scope: int) -> QuerySet[Deal]:
    if kind == "line":
        return deals.filter(line=scope)
    if kind == "team":
        return deals.filter(team__in=teams_below(team=scope))
    return deals


def _worth(p: float, amount: Decimal | None) -> float:
    return p * float(amount or 0)


def _why(before: Mapping[str, Any], after: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the driver that moved most between two looks, as the later one says it where it can."""
    old = {driver["code"]: driver for driver in before.get("drivers", ())}
    new = {driver["code"]: driver for driver in after.get("drivers", ())}
    effects = {
        code: new.get(code, {}).get("log_odds", 0.0) - old.get(code, {}).get("log_odds", 0.0)
        for code in new or old
    }
    if not effects:
        return _NOTHING
    code = max(effects, key=lambda each: (abs(effects[each]), each))
    return (
        new[code]
        if code in new
        else {"zh": f"不再有：{old[code]['zh']}", "en": f"no longer: {old[code]['en']}"}
    )


def _moved(
    deal: int, row: Mapping[str, Any], before: float | None, effect: float, why: Mapping[str, str]
) -> MovedDeal:
    return MovedDeal(
        deal=deal,
        name=row["deal__name"],
        account=row["deal__account__name"],
        owner=row["deal__owner__name"],
        amount=row["deal__amount"],
        before=before,
        after=row["p_won_final"],
        effect=cents(effect),
        zh=why["zh"],
        en=why["en"],
    )
