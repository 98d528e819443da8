"""Targets over HTTP."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Status

from foresail.core import clock
from foresail.core.api import Problem
from foresail.crm.queries import house_currency
from foresail.crm.schemas import LackingOut
from foresail.incentives import queries, services
from foresail.incentives.schemas import AttainmentOut, AttainmentsOut, TargetsIn
from foresail.people.http import caller

router = Router(tags=["incentives"])


@router.get("/targets", response={200: AttainmentsOut, 403: Problem, 422: Problem})
def targets(request: HttpRequest, year: int) -> AttainmentsOut:
    year = min(max(year, 2000), 2100)
    user = caller(request)
    rows = queries.attainment(user=user, year=year)
    return AttainmentsOut(
        year=year,
        currency=house_currency(),
        rows=[AttainmentOut.of(each) for each in rows],
        lacking=[LackingOut.of(each) for each in queries.lacking(user=user, year=year, at=clock.now())],
    )


@router.put("/targets", response={204: None, 403: Problem, 404: Problem, 422: Problem})
def set_targets(request: HttpRequest, body: TargetsIn) -> Status[None]:
    goals = {
        each.month: None if each.base is None else services.Goal(base=each.base, stretch=each.stretch)
        for each in body.goals
    }
    services.set_targets(kind=body.kind, scope=body.scope, goals=goals, by=caller(request), at=clock.now())
    return Status(204, None)
