"""How forecasts fared: calibration, verdicts, alerts, and the models that made them."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import numpy as np
from django.db.models import Count, F, Max, Min, Q

from foresail.core.api import Reference
from foresail.core.errors import NotFound
from foresail.crm.queries import open_deals, visible_deals
from foresail.forecast.logs import pipelines_of
from foresail.forecast.models import ForecastModel, Outlook, Score, Verdict
from foresail.forecast.periods import ZONE
from foresail.forecast.schemas import (
    AlertRow,
    AlertsOut,
    CalibrationBin,
    CalibrationOut,
    ModelCardOut,
    ModelOut,
    VerdictRow,
    VerdictsOut,
)

if TYPE_CHECKING:
    from foresail.crm.models import Deal
    from foresail.people.models import User

Side = Literal["won", "lost"]
Outcome = Literal["open", "won", "lost"]
State = Outcome | None
HORIZON: Final = timedelta(days=14)
JUDGED: Final = timedelta(days=120)
"""Looks older than this tell of another market, and another model."""
SHOWN_ENDED: Final = timedelta(days=28)
"""How long an alert is shown after its deal ended."""
BINS: Final = 10
FEWEST: Final = 5
"""Looks that a bin of the calibration needs to be shown."""
MOST_ROWS: Final = 200
TARGET: Final = 0.89
Z95: Final = 1.959963984540054


def calibration(*, user: User, at: datetime) -> CalibrationOut:
    """Hold what was said of winning within 14 days against what came, over the nightly looks that are due."""
    rows = np.array(
        [
            (p, closed is not None and status == "won" and closed <= when + HORIZON, when.timestamp())
            for p, status, closed, when in Score.objects.filter(
                deal__in=visible_deals(user=user).order_by(),
                nightly=True,
                at__lte=at - HORIZON,
                at__gt=at - JUDGED,
            ).values_list("p_won", "deal__status", "deal__closed_at", "at")
        ],
        dtype=np.float64,
    ).reshape(-1, 3)
    if not len(rows):
        return CalibrationOut(bins=[], n=0, brier=None, since=None, until=None)
    said, happened = rows[:, 0], rows[:, 1]
    place = np.minimum((said * BINS).astype(int), BINS - 1)
    bins = []
    for one in range(BINS):
        mine = place == one
        n = int(mine.sum())
        if n >= FEWEST:
            low, high = wilson(float(happened[mine].mean()), n)
            bins.append(
                CalibrationBin(
                    said=said[mine].mean(), happened=happened[mine].mean(), low=low, high=high, n=n
                )
            )
    days = [datetime.fromtimestamp(edge, tz=ZONE).date() for edge in (rows[:, 2].min(), rows[:, 2].max())]
    brier = float(np.mean((said - happened) ** 2))
    return CalibrationOut(bins=bins, n=len(rows), brier=brier, since=days[0], until=days[1])


def verdicts(*, user: User, judged: bool) -> VerdictsOut:
    """Return the verdicts that were judged, or those that wait for their day, and how often they are right."""
    deals = visible_deals(user=user).order_by()
    mine = Verdict.objects.filter(deal__in=deals)
    counts = mine.aggregate(
        due=Count("pk", filter=Q(right__isnull=False)), right=Count("pk", filter=Q(right=True))
    )
    outlooks = Outlook.objects.filter(deal__in=deals).aggregate(
        n=Count("pk"), said=Count("pk", filter=Q(verdict__isnull=False))
    )
    shown = mine.filter(right__isnull=not judged).select_related("deal__account", "deal__owner")
    shown = shown.order_by("-due_at", "-pk") if judged else shown.order_by("due_at", "pk")
    return VerdictsOut(
        due=counts["due"],
        right=counts["right"],
        open_deals=outlooks["n"],
        with_verdict=outlooks["said"],
        target=TARGET,
        rows=[
            VerdictRow(
                deal=one.deal_id,
                name=one.deal.name,
                account=one.deal.account.name,
                owner=one.deal.owner.name if one.deal.owner else None,
                amount=one.deal.amount,
                side=cast("Side", one.side),
                said_at=one.said_at,
                due_at=one.due_at,
                state=cast("State", one.state),
                right=one.right,
            )
            for one in shown[:MOST_ROWS]
        ],
    )


def alerts(*, user: User, at: datetime) -> AlertsOut:
    """Return the deals alerted now, then those alerted once that ended in the last weeks, and how alerts fared.

    Precision: of deals alerted on a night whose 14 days are over, those lost by then. Recall: of lost deals that
    were looked at while open, those ever alerted. Lead: from the first alert to the loss.
    """
    deals = visible_deals(user=user).order_by()
    looks = Score.objects.filter(deal__in=deals, nightly=True, at__gt=at - JUDGED)
    due = looks.filter(alerted=True, at__lte=at - HORIZON).aggregate(
        n=Count("pk"),
        lost=Count("pk", filter=Q(deal__status="lost", deal__closed_at__lte=F("at") + HORIZON)),
    )
    lost = list(
        looks.filter(deal__status="lost")
        .values("deal")
        .annotate(first=Min("at", filter=Q(alerted=True)), closed=Max("deal__closed_at"))
        .values_list("first", "closed")
    )
    leads = [(closed - first) / timedelta(days=1) for first, closed in lost if first]
    current = list(
        Outlook.objects.filter(deal__in=deals, alerted=True)
        .select_related("deal__account", "deal__owner", "score")
        .order_by("-risk", "deal")[:MOST_ROWS]
    )
    ended = list(
        looks.filter(alerted=True, deal__closed_at__gt=at - SHOWN_ENDED)
        .select_related("deal__account", "deal__owner")
        .order_by("deal", "-at")
        .distinct("deal")
    )
    ended.sort(key=lambda score: (score.deal.closed_at, score.deal_id), reverse=True)
    shown = [(one.score, one.deal) for one in current] + [(one, one.deal) for one in ended[:MOST_ROWS]]
    firsts = dict(
        Score.objects.filter(deal__in=[deal.pk for _, deal in shown], alerted=True)
        .values("deal")
        .annotate(first=Min("at"))
        .values_list("deal", "first")
    )
    return AlertsOut(
        precision=due["lost"] / due["n"] if due["n"] else None,
        recall=len(leads) / len(lost) if lost else None,
        lead_days=median(leads) if leads else None,
        judged=due["n"],
        rows=[_alert(score, deal, firsts[deal.pk]) for score, deal in shown],
    )


def models() -> list[ModelOut]:
    """Return all versions, newest first. Figures of models are nobody's secret."""
    found = ForecastModel.objects.select_related("pool").order_by("pool", "-version")
    return [ModelOut(**_model(one)) for one in found]


def is_learned(pool: int) -> bool:
    """Whether a model serves `pool` and every open deal in it has its forecast."""
    if not ForecastModel.objects.filter(pool=pool, status=ForecastModel.Status.SERVING).exists():
        return False
    told = set(Outlook.objects.filter(pool=pool).values_list("deal", flat=True))
    return all(deal.id in told for deal in open_deals(pipelines_of(pool)))


def model(key: int) -> ModelCardOut:
    """Return a version with its card. Raises NotFound."""
    found = ForecastModel.objects.select_related("pool").filter(pk=key).first()
    if found is None:
        raise NotFound
    return ModelCardOut(**_model(found), card=found.card)


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `n` (Wilson, J. Am. Stat. Assoc. 22, 1927)."""
    z = Z95**2 / n
    centre, half = (share + z / 2) / (1 + z), Z95 / (1 + z) * (share * (1 - share) / n + z / (4 * n)) ** 0.5
    return max(0.0, centre - half), min(1.0, centre + half)


def _alert(score: Score, deal: Deal, first: datetime) -> AlertRow:
    against = [driver for driver in score.reasons.get("drivers", ()) if driver["log_odds"] < 0]
    why = min(
        against,
        key=lambda driver: driver["log_odds"],
        default={"zh": "多项因素合计", "en": "several together"},
    )
    return AlertRow(
        deal=deal.pk,
        name=deal.name,
        account=deal.account.name,
        owner=deal.owner.name if deal.owner else None,
        amount=deal.amount,
        risk=score.risk,
        first_at=first,
        state=cast("Outcome", deal.status),
        lead_days=(deal.closed_at - first).days if deal.closed_at else None,
        zh=why["zh"],
        en=why["en"],
    )


def _model(one: ForecastModel) -> dict[str, Any]:
    return {
        "id": one.pk,
        "pool": Reference(id=one.pool_id, name=one.pool.name),
        "version": one.version,
        "status": one.status,
        "fitted_as_of": one.fitted_as_of,
        "created_at": one.created_at,
        "figures": one.figures,
    }
