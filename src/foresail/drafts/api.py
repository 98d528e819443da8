"""Proposals, reports and saved time over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from ninja import Router, Status

from foresail.core import clock
from foresail.core.api import Problem, Reference
from foresail.crm import queries as crm
from foresail.drafts import queries, services
from foresail.drafts.schemas import (
    ConfirmIn,
    DealProposals,
    DraftIn,
    DraftOut,
    HandIn,
    ProposalDecision,
    ProposalOut,
    ReportOut,
    ReportRow,
    ReportsOut,
    SavedOut,
    SavedRow,
    SaveReport,
    SavingIn,
    SavingOut,
    TouchOut,
)
from foresail.people.http import caller
from foresail.people.queries import leads, manager_above

if TYPE_CHECKING:
    from foresail.people.models import User

router = Router(tags=["drafts"])


@router.get("/proposals", response=list[ProposalOut])
def my_proposals(request: HttpRequest) -> list[ProposalOut]:
    """What is proposed for one's own open deals, what is due first."""
    return [ProposalOut.of(each) for each in queries.mine(user=caller(request), at=clock.now())]


@router.get("/deals/{deal}/proposals", response={200: DealProposals, 404: Problem})
def deal_proposals(request: HttpRequest, deal: int) -> DealProposals:
    user, at = caller(request), clock.now()
    found = crm.deal(user=user, key=deal)
    touch = queries.last_touch(deal=found.pk, at=at)
    return DealProposals(
        items=[ProposalOut.of(each) for each in queries.of_deal(deal=found, user=user, at=at)],
        last_touch=None if touch is None else TouchOut.of(touch),
    )


@router.post(
    "/deals/{deal}/proposals/{mark}/confirm",
    response={200: ProposalDecision, 400: Problem, 403: Problem, 404: Problem, 409: Problem},
)
def confirm(request: HttpRequest, deal: int, mark: str, body: ConfirmIn) -> ProposalDecision:
    """Do what is proposed, as the person who asks."""
    user = caller(request)
    decision = services.confirm(
        deal=crm.deal(user=user, key=deal),
        mark=mark,
        choice=services.Choice(role=body.role, title=body.title, due_on=body.due_on),
        by=user,
        at=clock.now(),
    )
    return ProposalDecision.of(decision)


@router.post(
    "/deals/{deal}/proposals/{mark}/refuse", response={200: ProposalDecision, 404: Problem, 409: Problem}
)
def refuse(request: HttpRequest, deal: int, mark: str) -> ProposalDecision:
    user = caller(request)
    return ProposalDecision.of(
        services.refuse(deal=crm.deal(user=user, key=deal), mark=mark, by=user, at=clock.now())
    )


@router.post(
    "/decisions/{decision}/take-back", response={204: None, 403: Problem, 404: Problem, 409: Problem}
)
def take_back(request: HttpRequest, decision: int) -> Status[None]:
    """Undo what one decided oneself."""
    user = caller(request)
    services.take_back(decision=queries.decision(user=user, key=decision), by=user, at=clock.now())
    return Status(204, None)


@router.get("/reports", response=ReportsOut)
def reports(request: HttpRequest) -> ReportsOut:
    """One's own, and those that were handed in to one."""
    user = caller(request)
    manager = manager_above(user=user)
    return ReportsOut(
        own=[ReportRow.of(each, user) for each in queries.own(user=user)],
        handed_in=[ReportRow.of(each, user) for each in queries.handed_in(user=user)],
        leads=leads(user=user),
        manager=None if manager is None else Reference(id=manager.pk, name=manager.name),
    )


@router.post("/reports/draft", response={200: DraftOut, 403: Problem, 422: Problem})
def draft_report(request: HttpRequest, body: DraftIn) -> DraftOut:
    """Draft one's report as of now. What was saved of it stays as it is."""
    user = caller(request)
    report, draft, new = services.draft_report(
        span=body.span, begins_on=body.begins_on, team=body.of_team, by=user, at=clock.now()
    )
    return DraftOut(report=ReportOut.whole(report, user), draft=draft.text, new=new)


@router.get("/reports/{report}", response={200: ReportOut, 404: Problem})
def report(request: HttpRequest, report: int) -> ReportOut:
    user = caller(request)
    return ReportOut.whole(queries.report(user=user, key=report), user)


@router.put("/reports/{report}", response={200: ReportOut, 404: Problem, 409: Problem, 422: Problem})
def save_report(request: HttpRequest, report: int, body: SaveReport) -> ReportOut:
    user = caller(request)
    found = queries.own_report(user=user, key=report)
    saved = services.save_report(report=found, text=body.text, version=body.version, by=user, at=clock.now())
    return ReportOut.whole(saved, user)


@router.post("/reports/{report}/hand-in", response={200: ReportOut, 404: Problem, 409: Problem})
def hand_in(request: HttpRequest, report: int, body: HandIn) -> ReportOut:
    """Hand one's report in to one's manager, as it is saved."""
    user = caller(request)
    found = queries.own_report(user=user, key=report)
    handed = services.hand_in(report=found, version=body.version, by=user, at=clock.now())
    return ReportOut.whole(handed, user)


@router.get("/saved", response={200: SavedOut, 403: Problem})
def saved(request: HttpRequest, of_team: bool = False) -> SavedOut:
    """What time was saved; with `of_team`, by those one leads together."""
    user = caller(request)
    rows = queries.saved(user=user, team=of_team, at=clock.now())
    return SavedOut(setting=_setting(user), rows=[SavedRow.of(each) for each in rows], leads=leads(user=user))


@router.put("/saved/setting", response={200: SavingOut, 403: Problem, 422: Problem})
def set_saving(request: HttpRequest, body: SavingIn) -> SavingOut:
    """Say how saved time is counted."""
    user = caller(request)
    services.set_saving(values=body.model_dump(), by=user, at=clock.now())
    return _setting(user)


def _setting(user: User) -> SavingOut:
    how = queries.setting()
    values = {name: getattr(how, name) for name in SavingIn.model_fields}
    return SavingOut(may_change=queries.may_set(user=user), **values)
