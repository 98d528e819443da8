"""What somebody leaves behind goes to somebody else, all at once, each record told of by itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from foresail.core.changes import Change, record
from foresail.core.outbox import tell
from foresail.crm.errors import SuccessorSame, SuccessorUnseeing
from foresail.crm.fields import ACCOUNT, DEAL, LEAD, fields_of, type_of
from foresail.crm.holding import TASKS_ON, held, on_those_that
from foresail.crm.models import Contact, Task
from foresail.crm.services.changing import amend
from foresail.crm.services.permission import require, require_active
from foresail.crm.services.tasks import emit_assigned
from foresail.crm.services.telling import actor, keep
from foresail.people.rules import Action, may

if TYPE_CHECKING:
    from foresail.people.models import Guarded, User


@dataclass(frozen=True, kw_only=True)
class HandedOver:
    """How many went to the successor; `returned` tasks went to the owners of records that the successor may not see."""

    deals: int
    accounts: int
    leads: int
    tasks: int
    returned: int


def hand_over(*, of: User, to: User, by: User | None, at: datetime) -> HandedOver:
    """Give the open deals, accounts, open leads and open tasks of `of` to `to`, as far as `by` may hand them over.

    Records go to the team of `to`, contacts go with their accounts. Deals that ended stay: who won them, won them.
    A task for a record that `to` may not see goes to the record's owner, and stays where it is if there is none.
    Raises NotAllowed, OwnerInactive, SuccessorSame or SuccessorUnseeing.
    """
    with transaction.atomic():
        of.refresh_from_db()
        to.refresh_from_db()
        if of.pk == to.pk:
            raise SuccessorSame(name=to.name)
        require_active(to)
        # All that will change is held first: who adds a row to the trail must wait for nobody after it.
        mine = held(of=of, by=by)
        deals, accounts, leads = (
            list(found.order_by("pk").select_for_update(no_key=True))
            for found in (mine.deals, mine.accounts, mine.leads)
        )
        _require_taking([*deals, *accounts, *leads], to=to, by=None if mine.freely else by)
        beside = [f"{name}__owner" for name in TASKS_ON]
        tasks = list(mine.tasks.select_related(*beside).order_by("pk").select_for_update(of=("self",)))
        _take_contacts([account.pk for account in accounts], to=to, at=at)
        batch, new = uuid.uuid4(), {"owner": to, "team": to.team}
        for kind, verb, records in (
            (DEAL, "assign_deal", deals),
            (ACCOUNT, "assign_account", accounts),
            (LEAD, "assign_lead", leads),
        ):
            fields = fields_of(kind) if records else {}
            for each in records:
                amend(each, new, fields=fields, verb=verb, batch=batch, by=by, at=at)
        given, returned = _spread(tasks, of=of, to=to)
        for task in (*given, *returned):
            if task.record is not None:
                tell(type_of(task.record).key, task.record.pk)
            emit_assigned(task, by=by, at=at)
            values = {"assignee": task.assignee_id, "before": {"assignee": of.pk}}
            keep("assign_task", task, values, by=by, at=at)
        tell("tasks", of.pk, *{task.assignee_id for task in (*given, *returned)})
        done = HandedOver(
            deals=len(deals),
            accounts=len(accounts),
            leads=len(leads),
            tasks=len(given),
            returned=len(returned),
        )
        record(
            Change(
                actor=actor(by),
                verb="hand_over",
                subject="people.User",
                key=str(of.pk),
                at=at,
                values={"to": to.pk} | asdict(done),
            )
        )
        return done


def _require_taking(records: Iterable[Guarded], *, to: User, by: User | None) -> None:
    """Raise SuccessorUnseeing unless `to` may see what becomes theirs, and NotAllowed unless `by` may assign it there.

    As it will be, records differ in nothing but their line and their kind: one of each is asked about.
    """
    for each in {(type(one), one.line_id): one for one in records}.values():
        as_will_be = type(each)(owner_id=to.pk, team_id=to.team_id, line_id=each.line_id)
        if not may(user=to, action=Action.SEE, record=as_will_be).allowed:
            raise SuccessorUnseeing(name=to.name)
        require(Action.ASSIGN, as_will_be, by=by)


def _take_contacts(accounts: list[int], *, to: User, at: datetime) -> None:
    """Let the contacts of `accounts` follow: whose they are is a copy of whose the account is, and told with it."""
    contacts = Contact.with_deleted.filter(account__in=accounts)
    contacts.update(owner=to.pk, team=to.team_id, version=F("version") + 1, changed_at=at)
    if accounts:
        tell("contacts", 0)


def _spread(tasks: list[Task], *, of: User, to: User) -> tuple[list[Task], list[Task]]:
    """Give each of `tasks` to `to`, or to its record's owner; return the first and the second."""
    mine = Task.objects.filter(pk__in=[task.pk for task in tasks])
    visible = set(mine.filter(on_those_that(to, Action.SEE)).values_list("pk", flat=True))
    given, returned = [], []
    for task in tasks:
        owner = task.record.owner if task.record is not None else None
        if task.pk in visible:
            task.assignee_id = to.pk
            given.append(task)
        elif owner is not None and owner.active and owner.pk != of.pk:
            task.assignee_id = owner.pk
            returned.append(task)
    Task.objects.bulk_update([*given, *returned], ["assignee"])
    return given, returned
