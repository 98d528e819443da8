"""What somebody holds, and who decides to whom it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Q

from foresail.crm.errors import NotAllowed
from foresail.crm.models import Account, Contact, Deal, Lead, Record, Task
from foresail.people.rules import Action, Scope, limited, standing

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from foresail.people.models import User

TASKS_ON: Final[Mapping[str, type[Record]]] = {
    "deal": Deal,
    "account": Account,
    "contact": Contact,
    "lead": Lead,
}
"""What a task may be for."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """The open deals, the accounts and the open leads that somebody owns, and the tasks they have still to do.

    `freely`: to whom they go is not asked about either.
    """

    deals: QuerySet[Deal]
    accounts: QuerySet[Account]
    leads: QuerySet[Lead]
    tasks: QuerySet[Task]
    freely: bool


@dataclass(frozen=True, kw_only=True)
class Holdings:
    """How many there are; `ended` deals stay with who won or lost them."""

    deals: int
    ended: int
    accounts: int
    leads: int
    tasks: int


def holdings(*, of: User, user: User | None) -> Holdings:
    """Count what `of` holds, as far as `user` may hand it over; an admin may count all. Raises NotAllowed."""
    deals, accounts, leads, tasks = _theirs(of)
    if user is not None and standing(user=user).scope(Action.ADMINISTER) is not Scope.ALL:
        _require_assigning(user)
        deals = limited(deals, user=user, action=Action.ASSIGN)
        accounts = limited(accounts, user=user, action=Action.ASSIGN)
        leads = limited(leads, user=user, action=Action.ASSIGN)
        tasks = tasks.filter(on_those_that(user, Action.ASSIGN))
    still_open = deals.filter(status=Deal.Status.OPEN).count()
    return Holdings(
        deals=still_open,
        ended=deals.count() - still_open,
        accounts=accounts.count(),
        leads=leads.count(),
        tasks=tasks.count(),
    )


def held(*, of: User, by: User | None) -> Held:
    """Return what of all that `of` holds `by` may hand over. Raises NotAllowed where that can be nothing.

    What one may assign one may hand over. An administrator may do so for who has left: they see no customer by that,
    and who is to go on with the work cannot wait until somebody else looks.
    """
    deals, accounts, leads, tasks = _theirs(of)
    deals = deals.filter(status=Deal.Status.OPEN)
    freely = by is None or (not of.active and standing(user=by).scope(Action.ADMINISTER) is Scope.ALL)
    if by is not None and not freely:
        _require_assigning(by)
        tasks = tasks.filter(on_those_that(by, Action.ASSIGN))
        deals = limited(deals, user=by, action=Action.ASSIGN)
        accounts = limited(accounts, user=by, action=Action.ASSIGN)
        leads = limited(leads, user=by, action=Action.ASSIGN)
    return Held(deals=deals, accounts=accounts, leads=leads, tasks=tasks, freely=freely)


def _theirs(of: User) -> tuple[QuerySet[Deal], QuerySet[Account], QuerySet[Lead], QuerySet[Task]]:
    return (
        Deal.objects.filter(owner=of.pk),
        Account.objects.filter(owner=of.pk),
        Lead.objects.filter(owner=of.pk, status__in=(Lead.Status.NEW, Lead.Status.WORKING)),
        # What lies in the bin needs nobody, and what is for no record at all is nobody else's business.
        Task.objects.filter(assignee=of.pk, done_at=None)
        .filter(**{f"{name}__deleted_at": None for name in TASKS_ON})
        .exclude(**dict.fromkeys(TASKS_ON)),
    )


def on_those_that(user: User, action: Action) -> Q:
    """Return the condition that a task is for a record to which `user` may do `action`."""
    found = Q()
    for name, model in TASKS_ON.items():
        found |= Q(**{f"{name}__in": limited(model.objects.all(), user=user, action=action)})
    return found


def _require_assigning(user: User) -> None:
    if standing(user=user).scope(Action.ASSIGN) is Scope.NONE:
        raise NotAllowed(
            zh="只有销售经理、销售运营可以转交在职人员的业务；离职人员的业务，系统管理员也可以转交。",
            en="Only managers and sales operations hand over what somebody holds; "
            "of who has left, administrators too.",
        )
