"""How forecasts fared: calibration, verdicts, alerts, and the models that made them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    F,
    FloatField,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
)
from django.db.models.functions import Floor, Least

from foresail.core.api import Reference
from foresail.core.clock import ZONE
from foresail.core.errors import NotFound
from foresail.crm.queries import open_deals, visible_deals
from foresail.forecast.logs import pipelines_of
from foresail.forecast.models import ForecastModel, Outlook, Score, Verdict
from foresail.forecast.queries.about import about
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
from foresail.science.metrics import wilson

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


class Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def calibration(*, user: User, at: datetime) -> CalibrationOut:
    """Hold what was said of winning within 14 days against what came, over the nightly looks that are due."""
    due = about(Score.objects.filter(nightly=True, at__lte=at - HORIZON, at__gt=at - JUDGED), user=user)
    place = Least(Floor(F("p_won") * BINS), BINS - 1.0, output_field=FloatField())
    by_place = due.annotate(place=place).order_by().values("place")
    # Two sums, each of what an index holds: of all looks, and of those whose deal was won in time.
    rows = by_place.annotate(
        n=Count("at"),
        said=Sum("p_won"),
        squares=Sum(F("p_won") * F("p_won")),
        first=Min("at"),
        last=Max("at"),
    ).order_by("place")
    in_time = Q(deal__status="won", deal__closed_at__gt=at - JUDGED, deal__closed_at__lte=F("at") + HORIZON)
    came = {row["place"]: row for row in by_place.filter(in_time).annotate(n=Count("at"), said=Sum("p_won"))}
    bins, n, off = [], 0, 0.0
    days: set[date] = set()
    for row in rows:
        won = came.get(row["place"], {"n": 0, "said": 0.0})
        n += row["n"]
        off += row["squares"] - 2 * won["said"] + won["n"]
        days |= {row[edge].astimezone(ZONE).date() for edge in ("first", "last")}
        if row["n"] >= FEWEST:
            happened = won["n"] / row["n"]
            low, high = wilson(won["n"], row["n"])
            bins.append(
                CalibrationBin(said=row["said"] / row["n"], happened=happened, low=low, high=high, n=row["n"])
            )
    return CalibrationOut(
        bins=bins,
        n=n,
        brier=off / n if n else None,
        since=min(days, default=None),
        until=max(days, default=None),
    )


def verdicts(*, user: User, judged: bool) -> VerdictsOut:
    """Return the verdicts that were judged, or those that wait for their day, and how often they are right."""
    mine = about(Verdict.objects.all(), user=user)
    counts = mine.aggregate(
        due=Count("pk", filter=Q(right__isnull=False)), right=Count("pk", filter=Q(right=True))
    )
    outlooks = about(Outlook.objects.all(), user=user).aggregate(
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
                currency=one.deal.currency,
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
    looks = about(Score.objects.filter(nightly=True, at__gt=at - JUDGED), user=user)
    due = looks.filter(alerted=True, at__lte=at - HORIZON).aggregate(
        n=Count("pk"),
        lost=Count("pk", filter=Q(deal__status="lost", deal__closed_at__lte=F("at") + HORIZON)),
    )
    lost = (
        looks.filter(deal__status="lost", deal__closed_at__gt=at - JUDGED)
        .order_by()
        .values("deal")
        .annotate(first=Min("at", filter=Q(alerted=True)), lead=Max("deal__closed_at") - F("first"))
        .aggregate(n=Count("deal"), alerted=Count("first"), median=Median("lead"))
    )
    current = list(
        about(Outlook.objects.filter(alerted=True), user=user)
        .select_related("deal__account", "deal__owner", "score")
        .order_by("-risk", "deal")[:MOST_ROWS]
    )
    last = Score.objects.filter(deal=OuterRef("pk"), nightly=True, alerted=True, at__gt=at - JUDGED)
    ended = list(
        visible_deals(user=user)
        .filter(~Q(status="open"), closed_at__gt=at - SHOWN_ENDED)
        .annotate(last=Subquery(last.order_by("-at").values("pk")[:1]))
        .filter(last__isnull=False)
        .select_related("account", "owner")
        .order_by("-closed_at", "-pk")[:MOST_ROWS]
    )
    scores = Score.objects.in_bulk([deal.last for deal in ended])
    shown = [(one.score, one.deal) for one in current] + [(scores[deal.last], deal) for deal in ended]
    firsts = dict(
        Score.objects.filter(deal__in=[deal.pk for _, deal in shown], alerted=True)
        .values("deal")
        .annotate(first=Min("at"))
        .values_list("deal", "first")
    )
    return AlertsOut(
        precision=due["lost"] / due["n"] if due["n"] else None,
        recall=lost["alerted"] / lost["n"] if lost["n"] else None,
        lead_days=lost["median"] / timedelta(days=1) if lost["median"] else None,
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
        currency=deal.currency,
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
