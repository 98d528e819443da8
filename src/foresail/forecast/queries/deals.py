"""The forecast of one deal: where it stands, why, how it came there, and what if."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from django.db.models import Avg, Case, FloatField, OuterRef, QuerySet, Subquery, Value, When

from foresail.core.clock import ZONE
from foresail.crm.queries import deal as find_deal
from foresail.crm.queries import visible_deals
from foresail.forecast.errors import NoModel, NoOutlook, WhatIfInvalid
from foresail.forecast.logs import log_with, read_ahead
from foresail.forecast.models import HORIZONS, Outlook, Score, Touched, Verdict
from foresail.forecast.schemas import (
    Chances,
    DriverOut,
    HistoryOut,
    HistoryPoint,
    OutlookOut,
    OutlookRow,
    Swing,
    WhatIfOption,
    WhatIfOut,
)
from foresail.forecast.serving import usable
from foresail.science.errors import LogError
from foresail.science.forecaster.explain import AddEvent, Change, MoveStage, SetAmount
from foresail.timeline.kinds import kind_of
from foresail.timeline.queries import keys_by_facts

if TYPE_CHECKING:
    from foresail.people.models import User

WEEK: Final = timedelta(days=7)
STEP: Final = 0.05
"""A change of p(won) that is worth naming what happened in between."""
NAMED: Final = 3
OUTCOMES: Final[dict[str, Literal["won", "lost"]]] = {"won": "won", "lost": "lost"}
OLD: Final = timedelta(hours=36)
UNSCORED: Final = timedelta(seconds=5)
NOT_OURS_TO_TRY: Final = ("won", "lost", "deal_opened")


def outlooks(*, user: User, deals: Collection[int], at: datetime) -> list[OutlookRow]:
    """Return the latest forecasts of those `deals` that are open and that `user` may see."""
    mine = visible_deals(user=user).filter(pk__in=deals).order_by()
    return [OutlookRow(**_row(one)) for one in _with_change(Outlook.objects.filter(deal__in=mine), at)]


def outlook(*, user: User, deal: int, at: datetime) -> OutlookOut:
    """Return the latest forecast of a deal, with its reasons. Raises NotFound or NoOutlook."""
    find_deal(user=user, key=deal)
    one = _with_change(Outlook.objects.filter(deal=deal), at).first()
    if one is None:
        raise NoOutlook
    score = one.score
    right = Verdict.objects.filter(model=score.model_id, right__isnull=False).aggregate(
        share=Avg(Case(When(right=True, then=Value(1.0)), default=Value(0.0), output_field=FloatField()))
    )
    return OutlookOut(
        **_row(one),
        model=score.model_id,
        tier=score.tier,
        chances=[
            Chances(days=days, won=won, lost=lost, open=still)
            for days, (won, lost, still) in zip(HORIZONS, score.chances, strict=True)
        ],
        swing=None
        if score.swing is None
        else Swing(**dict(zip(Swing.model_fields, score.swing, strict=True))),
        swing_on=score.at.astimezone(ZONE).date() + timedelta(days=14),
        close_early=score.close_early,
        close_mid=score.close_mid,
        close_late=score.close_late,
        base=score.reasons.get("base", 0.0),
        rest=score.reasons.get("rest", 0.0),
        others=score.reasons.get("others", 0),
        calibration=score.reasons.get("calibration", 0.0),
        drivers=[DriverOut(**driver) for driver in score.reasons.get("drivers", ())],
        verdict_right_rate=right["share"],
        stale=score.at < at - OLD or Touched.objects.filter(deal=deal, at__lt=at - UNSCORED).exists(),
    )


class Look(NamedTuple):
    """What was said of a deal at an instant; `amount` is what it was worth then, in its own currency."""

    deal: int
    at: datetime
    p_won_final: float
    verdict: str | None
    amount: Decimal | None


def looks_at(*, deals: Collection[int], since: datetime, until: datetime) -> list[Look]:
    """Return what was said of `deals` from `since` to `until`, in order of time: a plain read for higher rooms."""
    found = Score.objects.filter(deal__among=list(deals), at__gte=since, at__lte=until)
    return [Look(*row) for row in found.order_by("at", "pk").values_list(*Look._fields)]


def history(*, user: User, deal: int) -> HistoryOut:
    """Return how p(won) of a deal went, and what happened before each step that is worth naming."""
    found = find_deal(user=user, key=deal)
    scores = list(
        Score.objects.filter(deal=deal).order_by("at", "pk").values_list("at", "p_won_final", "replayed")
    )
    happened = keys_by_facts(deal=deal)
    points: list[HistoryPoint] = []
    for place, (at, p, replayed) in enumerate(scores):
        moved: list[int] = []
        if place and abs(p - scores[place - 1][1]) >= STEP:
            between = [row for row in happened if scores[place - 1][0] < row[3] <= at]
            between.sort(key=lambda row: (not kind_of(row[1]).key, -row[3].timestamp()))
            moved = [row[0] for row in between[:NAMED]]
        points.append(HistoryPoint(at=at, p_won_final=p, replayed=replayed, entries=moved))
    return HistoryOut(points=points, outcome=OUTCOMES.get(found.status))


def what_if_options(*, user: User, deal: int, at: datetime) -> list[WhatIfOption]:
    """Return the kinds of events that can be tried on a deal: those that its model knows."""
    pool = _pool(user, deal)
    read_ahead(pool, at=at)
    found = usable(pool)
    kinds = found[1].fitted.vocabulary.kinds if found else ()
    tried = [k for k in kinds if k not in NOT_OURS_TO_TRY and not k.startswith("stage_")]
    return [WhatIfOption(kind=k, zh=kind_of(k).zh, en=kind_of(k).en) for k in tried]


def what_if(
    *,
    user: User,
    deal: int,
    add_kinds: Sequence[str],
    move_to_stage: str | None,
    amount: Decimal | None,
    at: datetime,
) -> WhatIfOut:
    """Return p(won) of a deal as it is, and with these facts changed. Raises NotFound, NoOutlook or WhatIfInvalid."""
    pool = _pool(user, deal)
    found = usable(pool)
    if found is None:
        raise NoModel
    changes: list[Change] = [AddEvent(kind=kind) for kind in add_kinds]
    if move_to_stage is not None:
        changes.append(MoveStage(stage=move_to_stage))
    if amount is not None:
        changes.append(SetAmount(amount=float(amount)))
    log, _ = log_with(pool, [deal], at=at)
    try:
        tried = found[1].what_if(log, at=at, deal=str(deal), changes=changes)
    except LogError as error:
        raise WhatIfInvalid(why=str(error)) from error
    return WhatIfOut(before=tried.before, after=tried.after)


def _pool(user: User, deal: int) -> int:
    find_deal(user=user, key=deal)
    pool = Outlook.objects.filter(deal=deal).values_list("pool_id", flat=True).first()
    if pool is None:
        raise NoOutlook
    return pool


def _with_change(found: QuerySet[Outlook], at: datetime) -> QuerySet[Outlook]:
    before = Score.objects.filter(deal=OuterRef("deal"), at__lte=at - WEEK).order_by("-at", "-pk")
    return (
        found.select_related("score")
        .annotate(before=Subquery(before.values("p_won_final")[:1]))
        .order_by("deal")
    )


def _row(one: Outlook) -> dict[str, Any]:
    score, before = one.score, getattr(one, "before", None)
    return {
        "deal": one.deal_id,
        "at": score.at,
        "p_won_final": score.p_won_final,
        "change_7d": None if before is None else score.p_won_final - before,
        "p_won": score.p_won,
        "p_lost": score.p_lost,
        "p_open": score.p_open,
        "verdict": score.verdict,
        "risk": score.risk,
        "alerted": one.alerted,
    }
