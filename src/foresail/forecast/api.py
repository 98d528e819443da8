"""Forecasts over HTTP."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest
from ninja import Router

from foresail.core import clock
from foresail.core.api import Problem
from foresail.core.errors import NotFound
from foresail.crm.queries import sees_field
from foresail.forecast import queries, services
from foresail.forecast.errors import AmountsHidden
from foresail.forecast.models import ForecastModel
from foresail.forecast.queries.totals import estimate_out
from foresail.forecast.schemas import (
    AlertsOut,
    CalibrationOut,
    ChangesOut,
    EstimateIn,
    EstimateOut,
    ForecastOut,
    HistoryOut,
    ModelCardOut,
    ModelOut,
    OutlookOut,
    OutlookRow,
    PromoteIn,
    VerdictsOut,
    WhatIfIn,
    WhatIfOption,
    WhatIfOut,
)
from foresail.people.http import caller
from foresail.people.models import User

router = Router(tags=["forecast"])
MOST_IDS = 500


@router.get("/deals/{deal}/forecast", response={200: OutlookOut, 404: Problem})
def deal_forecast(request: HttpRequest, deal: int) -> OutlookOut:
    return queries.outlook(user=caller(request), deal=deal, at=clock.now())


@router.get("/deals/{deal}/forecast/history", response={200: HistoryOut, 404: Problem})
def deal_history(request: HttpRequest, deal: int) -> HistoryOut:
    return queries.history(user=caller(request), deal=deal)


@router.get("/deals/{deal}/what-if", response={200: list[WhatIfOption], 404: Problem, 409: Problem})
def what_if_options(request: HttpRequest, deal: int) -> list[WhatIfOption]:
    return queries.what_if_options(user=caller(request), deal=deal, at=clock.now())


@router.post("/deals/{deal}/what-if", response={200: WhatIfOut, 400: Problem, 404: Problem, 409: Problem})
def what_if(request: HttpRequest, deal: int, body: WhatIfIn) -> WhatIfOut:
    return queries.what_if(user=caller(request), deal=deal, at=clock.now(), **body.model_dump())


@router.get("/forecast/deals", response=list[OutlookRow])
def outlooks(request: HttpRequest, ids: str) -> list[OutlookRow]:
    keys = [int(text) for text in ids.split(",")[:MOST_IDS] if text.isdecimal() and len(text) < 19]
    return queries.outlooks(user=caller(request), deals=keys, at=clock.now())


@router.get("/forecast", response={200: ForecastOut, 403: Problem})
def totals(request: HttpRequest) -> ForecastOut:
    return queries.totals(user=_sees_amounts(request), at=clock.now())


@router.get("/forecast/changes", response={200: ChangesOut, 403: Problem})
def changes(
    request: HttpRequest, kind: Literal["all", "line", "team"] = "all", scope: int = 0, days: int = 7
) -> ChangesOut:
    return queries.changes(user=_sees_amounts(request), kind=kind, scope=scope, days=days, at=clock.now())


@router.get("/forecast/calibration", response=CalibrationOut)
def calibration(request: HttpRequest) -> CalibrationOut:
    return queries.calibration(user=caller(request), at=clock.now())


@router.get("/forecast/verdicts", response=VerdictsOut)
def verdicts(request: HttpRequest, judged: bool = False) -> VerdictsOut:
    user = caller(request)
    found = queries.verdicts(user=user, judged=judged)
    if not sees_field(user=user, record_type="deal", field="amount"):
        found.rows = [each.model_copy(update={"amount": None}) for each in found.rows]
    return found


@router.get("/forecast/alerts", response=AlertsOut)
def alerts(request: HttpRequest) -> AlertsOut:
    user = caller(request)
    found = queries.alerts(user=user, at=clock.now())
    if not sees_field(user=user, record_type="deal", field="amount"):
        found.rows = [each.model_copy(update={"amount": None}) for each in found.rows]
    return found


@router.put("/forecast/estimates", response={200: EstimateOut, 400: Problem, 403: Problem})
def estimate(request: HttpRequest, body: EstimateIn) -> EstimateOut:
    return estimate_out(services.estimate(by=_sees_amounts(request), at=clock.now(), **body.model_dump()))


@router.get("/forecast/models", response=list[ModelOut])
def models(request: HttpRequest) -> list[ModelOut]:  # noqa: ARG001  whoever is signed in may see them
    return queries.models()


@router.get("/forecast/models/{model}", response={200: ModelCardOut, 404: Problem})
def model_card(request: HttpRequest, model: int) -> ModelCardOut:  # noqa: ARG001
    return queries.model(model)


@router.post(
    "/forecast/models/{model}/promote", response={200: ModelOut, 403: Problem, 404: Problem, 409: Problem}
)
def promote(request: HttpRequest, model: int, body: PromoteIn) -> ModelOut:
    found = ForecastModel.objects.filter(pk=model).first()
    if found is None:
        raise NotFound
    services.promote(model=found, reason=body.reason, by=caller(request), at=clock.now())
    return queries.model(model)


def _sees_amounts(request: HttpRequest) -> User:
    """Return who asks. Raises AmountsHidden where their role hides what deals are worth: sums would tell it."""
    user = caller(request)
    if not sees_field(user=user, record_type="deal", field="amount"):
        raise AmountsHidden
    return user
