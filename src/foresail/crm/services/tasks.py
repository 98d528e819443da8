"""What is to be done. Who may change a record may change its tasks; who has a task may finish it.

A task for no record is its assignee's own: nobody else sees it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.crm.errors import AssigneeUnseeing, TaskDone, TaskOnlyOwn
from foresail.crm.events import HappenedTo, TaskAssigned, TaskFinished
from foresail.crm.fields import type_of
from foresail.crm.models import Account, Contact, Deal, Lead, Task
from foresail.crm.services.permission import require
from foresail.crm.services.telling import actor, keep
from foresail.crm.services.values import changes_of, text_of
from foresail.people.rules import Action, may
from foresail.people.services import KEEP
from foresail.people.services.users import Keep

if TYPE_CHECKING:
    from foresail.people.models import User


def add_task(
    *,
    title: str,
    assignee: User,
    deal: Deal | None = None,
    account: Account | None = None,
    contact: Contact | None = None,
    lead: Lead | None = None,
    due_on: date | None = None,
    by: User | None,
    at: datetime,
) -> Task:
    """Add a task for somebody who may see the record that it is for; for no record, for oneself.

    Raises NotAllowed, NotFound, AssigneeUnseeing, TaskOnlyOwn or TextInvalid; ValueError for two records.
    """
    given = {"deal": deal, "account": account, "contact": contact, "lead": lead}
    on = {kind: record for kind, record in given.items() if record is not None}
    if len(on) > 1:
        raise ValueError("A task is for one record at most.")
    with transaction.atomic():
        if not on and by is not None and by.pk != assignee.pk:
            raise TaskOnlyOwn
        for record in on.values():
            record.refresh_from_db()
            require(Action.CHANGE, record, by=by)
            if not may(user=assignee, action=Action.SEE, record=record).allowed:
                raise AssigneeUnseeing(
                    name=assignee.name, noun_zh=record.noun_zh, noun_en=record.noun_en
                )  # fmt: skip
        title = text_of(title, of="title", longest=300)
        task = Task.objects.create(title=title, due_on=due_on, assignee=assignee, created_at=at, **on)
        values = {kind: record.pk for kind, record in on.items()}
        emit_assigned(task, by=by, at=at)
        _tell("add_task", task, values | {"assignee": assignee.pk, "due_on": due_on}, by=by, at=at)
        return task


def change_task(
    *,
    task: Task,
    title: str | Keep = KEEP,
    due_on: date | Keep | None = KEEP,
    by: User | None,
    at: datetime,
) -> None:
    """Change what is given. Raises NotAllowed, TaskOnlyOwn or TextInvalid."""
    with transaction.atomic():
        _hold(task, by=by)
        wanted: dict[str, object] = {
            "title": title if title is KEEP else text_of(title, of="title", longest=300),
            "due_on": due_on,
        }
        changed = changes_of(task, wanted)
        if not changed:
            return
        task.save(update_fields=list(changed))
        values = {"changed": sorted(changed)} | {
            name: value for name, value in changed.items() if name == "due_on"
        }
        _tell("change_task", task, values, by=by, at=at)


def finish_task(*, task: Task, by: User | None, at: datetime) -> None:
    """Note that `task` was done at `at`. Twice is once. Raises NotAllowed or TaskOnlyOwn."""
    with transaction.atomic():
        _hold(task, by=by)
        if task.done_at is not None:
            return
        task.done_at = at
        task.save(update_fields=["done_at"])
        if task.deal is not None:
            emit(
                TaskFinished(
                    task=task.pk,
                    deal=task.deal.pk,
                    account=task.deal.account_id,
                    title=task.title,
                    actor=actor(by),
                    at=at,
                )
            )
        elif task.record is not None:
            emit(
                HappenedTo(
                    record_type=type_of(task.record).key,
                    record=task.record.pk,
                    account=task.account_id or (task.contact.account_id if task.contact else None),
                    kind="task_done",
                    mark=str(task.pk),
                    actor=actor(by),
                    at=at,
                )
            )
        _tell("finish_task", task, {"done_at": at}, by=by, at=at)


def reopen_task(*, task: Task, by: User | None, at: datetime) -> None:
    """Note that `task` is not done after all. Raises NotAllowed or TaskOnlyOwn."""
    with transaction.atomic():
        _hold(task, by=by)
        if task.done_at is None:
            return
        task.done_at = None
        task.save(update_fields=["done_at"])
        _tell("reopen_task", task, {"done_at": None}, by=by, at=at)


def drop_task(*, task: Task, by: User | None, at: datetime) -> None:
    """Remove a task that should not have been made. Raises NotAllowed, TaskOnlyOwn or TaskDone."""
    with transaction.atomic():
        _hold(task, by=by)
        if task.done_at is not None:
            raise TaskDone(title=task.title)
        key = task.pk
        task.delete()
        task.pk = key  # which the trail names
        _tell("drop_task", task, {}, by=by, at=at)


def emit_assigned(task: Task, *, by: User | None, at: datetime) -> None:
    """Tell higher rooms whose `task` is now."""
    record = task.record
    emit(
        TaskAssigned(
            task=task.pk,
            record_type=type_of(record).key if record is not None else None,
            record=record.pk if record is not None else None,
            assignee=task.assignee_id,
            actor=actor(by),
            at=at,
        )
    )


def _hold(task: Task, *, by: User | None) -> None:
    """Hold `task` for a change: by who has it, as long as they see its record, or by who may change that."""
    task.refresh_from_db(from_queryset=Task.objects.select_for_update(no_key=True))
    own = by is None or by.pk == task.assignee_id
    if task.record is not None:
        require(Action.SEE if own else Action.CHANGE, task.record, by=by)
    elif not own:
        raise TaskOnlyOwn


def _tell(verb: str, task: Task, values: dict[str, object], *, by: User | None, at: datetime) -> None:
    if task.record is not None:
        tell(type_of(task.record).key, task.record.pk)
    if task.deal is not None:
        tell("deal_tasks", task.deal.pk)  # a page of the deal need not fetch all else before its tasks
    tell("tasks", task.assignee_id)
    keep(verb, task, values, by=by, at=at)
