"""Deals, accounts, contacts, tasks and search over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Status

from foresail.core import clock
from foresail.core.api import Problem, Schema
from foresail.crm import queries, services
from foresail.crm.fields import DEAL, LEAD
from foresail.crm.schemas import (
    AccountOut,
    AccountsPage,
    AssignDeal,
    ChangeDeal,
    ChangeTask,
    ContactOut,
    ContactsPage,
    DealContactOut,
    DealFilter,
    DealOut,
    DealPeople,
    DealRow,
    DealsPage,
    EndDeal,
    ExplainedOut,
    Found,
    FoundLead,
    FoundProduct,
    HandedOverOut,
    HandOver,
    HoldingsOut,
    MoveDeal,
    NewDealIn,
    NewTask,
    PipelineOut,
    SetRole,
    StageOut,
    TaskOut,
    reference,
)
from foresail.crm.sight import Sight
from foresail.people.http import caller
from foresail.people.rules import Action, live_shares_of, may

if TYPE_CHECKING:
    from foresail.crm.models import Deal
    from foresail.people.models import User

router = Router(tags=["crm"])


@router.get("/pipelines", response=list[PipelineOut])
def pipelines(request: HttpRequest) -> list[PipelineOut]:  # noqa: ARG001
    return [PipelineOut.of(pipeline) for pipeline in queries.pipelines()]


@router.get("/deals", response={200: DealsPage, 400: Problem})
def deals(request: HttpRequest, filters: Query[DealFilter]) -> DealsPage:
    user = caller(request)
    page, sight = queries.deals(user=user, **filters.model_dump()), Sight.of(user)
    return DealsPage(items=[DealRow.of(deal, sight) for deal in page.items], next=page.next, total=page.total)


@router.post("/deals", response={201: DealOut, 400: Problem, 403: Problem})
def open_deal(request: HttpRequest, body: NewDealIn) -> Status[DealOut]:
    user = caller(request)
    owner = user if body.owner is None else queries.colleague(user=user, key=body.owner)
    deal = services.open_deal(
        name=body.name,
        account=queries.account(user=user, key=body.account),
        pipeline=queries.pipeline(key=body.pipeline),
        owner=owner,
        team=owner.team,
        amount=body.amount,
        expected_close_on=body.expected_close_on,
        facts=body.facts,
        by=user,
        at=clock.now(),
    )
    return Status(201, _shown(deal, user))


@router.get("/deals/{deal}", response={200: DealOut, 404: Problem})
def deal(request: HttpRequest, deal: int) -> DealOut:
    user = caller(request)
    return _shown(queries.deal(user=user, key=deal), user)


@router.patch("/deals/{deal}", response={200: DealOut, 403: Problem, 404: Problem, 409: Problem})
def change_deal(request: HttpRequest, deal: int, body: ChangeDeal) -> DealOut:
    user = caller(request)
    found = queries.deal(user=user, key=deal)
    services.change_deal(deal=found, version=body.version, **_sent(body, "version"), by=user, at=clock.now())
    return _shown(found, user)


@router.post("/deals/{deal}/move", response={200: DealOut, 403: Problem, 404: Problem, 409: Problem})
def move_deal(request: HttpRequest, deal: int, body: MoveDeal) -> DealOut:
    user = caller(request)
    found, stage = queries.deal(user=user, key=deal), queries.stage(key=body.stage)
    services.move_deal(deal=found, stage=stage, version=body.version, by=user, at=clock.now())
    return _shown(found, user)


@router.post("/deals/{deal}/end", response={200: DealOut, 403: Problem, 404: Problem, 409: Problem})
def end_deal(request: HttpRequest, deal: int, body: EndDeal) -> DealOut:
    user = caller(request)
    found = queries.deal(user=user, key=deal)
    services.close_deal(
        deal=found, outcome=body.outcome, reason=body.reason, version=body.version, by=user, at=clock.now()
    )
    return _shown(found, user)


@router.post("/deals/{deal}/assign", response={200: DealOut, 403: Problem, 404: Problem})
def assign_deal(request: HttpRequest, deal: int, body: AssignDeal) -> DealOut:
    """Give the deal to somebody; without a team, to their own."""
    user = caller(request)
    found = queries.deal(user=user, key=deal)
    owner = None if body.owner is None else queries.colleague(user=user, key=body.owner)
    own_team = owner.team if owner else None
    team = own_team if body.team is None else queries.team(user=user, key=body.team)
    services.assign_deal(deal=found, owner=owner, team=team, by=user, at=clock.now())
    return _shown(found, user)


@router.get("/deals/{deal}/people", response={200: DealPeople, 404: Problem})
def deal_people(request: HttpRequest, deal: int) -> DealPeople:
    user = caller(request)
    return _people(queries.deal(user=user, key=deal), user)


@router.put("/deals/{deal}/people/{contact}", response={200: DealPeople, 403: Problem, 404: Problem})
def set_deal_contact(request: HttpRequest, deal: int, contact: int, body: SetRole) -> DealPeople:
    user = caller(request)
    found = queries.deal(user=user, key=deal)
    person = queries.contact_of(deal=found, key=contact)
    services.set_deal_contact(deal=found, contact=person, role=body.role, by=user, at=clock.now())
    return _people(found, user)


@router.get("/deals/{deal}/tasks", response={200: list[TaskOut], 404: Problem})
def deal_tasks(request: HttpRequest, deal: int) -> list[TaskOut]:
    found = queries.deal(user=caller(request), key=deal)
    return [TaskOut.of(task) for task in queries.tasks_of(record=found)]


@router.get("/tasks", response=list[TaskOut])
def my_tasks(request: HttpRequest, done: bool = False) -> list[TaskOut]:
    return [TaskOut.of(task) for task in queries.tasks(user=caller(request), done=done)]


@router.post("/tasks", response={201: TaskOut, 400: Problem, 403: Problem, 404: Problem})
def add_task(request: HttpRequest, body: NewTask) -> Status[TaskOut]:
    user = caller(request)
    task = services.add_task(
        deal=None if body.deal is None else queries.deal(user=user, key=body.deal),
        title=body.title,
        due_on=body.due_on,
        assignee=user if body.assignee is None else queries.colleague(user=user, key=body.assignee),
        by=user,
        at=clock.now(),
    )
    return Status(201, TaskOut.of(task))


@router.patch("/tasks/{task}", response={200: TaskOut, 403: Problem, 404: Problem})
def change_task(request: HttpRequest, task: int, body: ChangeTask) -> TaskOut:
    user, at = caller(request), clock.now()
    found = queries.task(user=user, key=task)
    services.change_task(task=found, **_sent(body, "done"), by=user, at=at)
    if body.done is not None:
        (services.finish_task if body.done else services.reopen_task)(task=found, by=user, at=at)
    return TaskOut.of(found)


@router.get("/accounts", response=AccountsPage)
def accounts(
    request: HttpRequest, q: str | None = None, after: str | None = None, limit: int = 50
) -> AccountsPage:
    user = caller(request)
    page, sight = queries.accounts(user=user, q=q, after=after, limit=limit), Sight.of(user)
    return AccountsPage(items=[AccountOut.of(account, sight) for account in page.items], next=page.next)


@router.get("/accounts/{account}", response={200: AccountOut, 404: Problem})
def account(request: HttpRequest, account: int) -> AccountOut:
    user = caller(request)
    return AccountOut.of(queries.account(user=user, key=account), Sight.of(user))


@router.get("/contacts", response=ContactsPage)
def contacts(
    request: HttpRequest,
    q: str | None = None,
    account: int | None = None,
    after: str | None = None,
    limit: int = 50,
) -> ContactsPage:
    user = caller(request)
    page = queries.contacts(user=user, q=q, account=account, after=after, limit=limit)
    sight = Sight.of(user)
    return ContactsPage(items=[ContactOut.of(contact, sight) for contact in page.items], next=page.next)


@router.get("/search", response=Found)
def search(request: HttpRequest, q: str, limit: int = 6) -> Found:
    user = caller(request)
    found, sight = queries.search(user=user, q=q, limit=limit), Sight.of(user)
    return Found(
        accounts=[reference(account) for account in found.accounts],
        contacts=[ContactOut.of(contact, sight) for contact in found.contacts],
        deals=[DealRow.of(deal, sight) for deal in found.deals],
        leads=[
            FoundLead(
                id=lead.pk,
                name=lead.name,
                company=sight.value(LEAD, "company", lead) or "",
                status=lead.status,  # type: ignore[arg-type]
            )
            for lead in found.leads
        ],
        products=[
            FoundProduct(id=product.pk, name=product.name, code=product.code, active=product.active)
            for product in found.products
        ],
    )


@router.get("/people/{person}/holdings", response={200: HoldingsOut, 403: Problem, 404: Problem})
def holdings(request: HttpRequest, person: int) -> HoldingsOut:
    """How much somebody would leave behind, as far as who asks may hand it over."""
    user = caller(request)
    found = queries.holdings(of=queries.colleague(user=user, key=person), user=user)
    return HoldingsOut(**asdict(found))


@router.post(
    "/people/{person}/hand-over", response={200: HandedOverOut, 400: Problem, 403: Problem, 404: Problem}
)
def hand_over(request: HttpRequest, person: int, body: HandOver) -> HandedOverOut:
    """Give the open deals, the accounts, the open leads and the open tasks of somebody to somebody else."""
    user = caller(request)
    done = services.hand_over(
        of=queries.colleague(user=user, key=person),
        to=queries.colleague(user=user, key=body.to),
        by=user,
        at=clock.now(),
    )
    return HandedOverOut(**asdict(done))


@router.get("/permissions", response={200: ExplainedOut, 403: Problem, 404: Problem})
def explain(request: HttpRequest, about: int, kind: Literal["deal", "account"], record: str) -> ExplainedOut:
    """Why somebody may see and do what to one record, in sentences. `record` is a deal's number, or a key."""
    user = caller(request)
    person = queries.colleague(user=user, key=about)
    return ExplainedOut.of(queries.explain(about=person, kind=kind, record=record, user=user))


def _shown(deal: Deal, user: User) -> DealOut:
    why, sight = queries.why(user=user, deal=deal), Sight.of(user)
    return DealOut.of(
        deal,
        sight,
        facts=deal.facts,
        close_reason=sight.value(DEAL, "close_reason", deal) or "",
        stage_path=[StageOut.of(stage) for stage in deal.pipeline.stages.order_by("position")],
        may_change=may(user=user, action=Action.CHANGE, record=deal).allowed,
        may_assign=may(user=user, action=Action.ASSIGN, record=deal).allowed,
        may_share=may(user=user, action=Action.SHARE, record=deal).allowed,
        shares=live_shares_of(deal).count(),
        why_zh=why.because_zh,
        why_en=why.because_en,
    )


def _people(deal: Deal, user: User) -> DealPeople:
    people, sight = queries.people_of(deal=deal), Sight.of(user)
    return DealPeople(
        contacts=[DealContactOut.of(each, sight) for each in people], missing=queries.missing_roles(people)
    )


def _sent(body: Schema, *besides: str) -> dict[str, Any]:
    """Return the fields of `body` that were sent. What must have a text, and was sent as null, is left as it is."""
    sent = body.model_dump(exclude_unset=True, exclude=set(besides))
    return {name: value for name, value in sent.items() if value is not None or name not in {"name", "title"}}
