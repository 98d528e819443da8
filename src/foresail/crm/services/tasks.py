"""What is to be done for a deal. Who may change the deal may change its tasks; who has a task may finish it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.crm.errors import AssigneeUnseeing
from foresail.crm.events import TaskFinished
from foresail.crm.models import Deal, Task
from foresail.crm.services.permission import require
from foresail.crm.services.telling import actor, keep
from foresail.crm.services.values import changes_of, text_of
from foresail.people.rules import Action, may
from foresail.people.services import KEEP
from foresail.people.services.users import Keep

if TYPE_CHECKING:
    from foresail.people.models import User


def add_task(
    *, deal: Deal, title: str, assignee: User, due_on: date | None = None, by: User | None, at: datetime
) -> Task:
    """Add a task for somebody who may see `deal`. Raises NotAllowed, AssigneeUnseeing or TextInvalid."""
    with transaction.atomic():
        deal.refresh_from_db()
        require(Action.CHANGE, deal, by=by)
        if not may(user=assignee, action=Action.SEE, record=deal).allowed:
            raise AssigneeUnseeing(name=assignee.name)
        title = text_of(title, of="title", longest=300)
        task = Task.objects.create(deal=deal, title=title, due_on=due_on, assignee=assignee, created_at=at)
        _tell("add_task", task, {"deal": deal.pk, "assignee": assignee.pk, "due_on": due_on}, by=by, at=at)
        return task


def change_task(
    *,
    task: Task,
    title: str | Keep = KEEP,
    due_on: date | Keep | None = KEEP,
    by: User | None,
    at: datetime,
) -> None:
    """Change what is given. Raises NotAllowed or TextInvalid."""
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
    """Note that `task` was done at `at`. Twice is once. Raises NotAllowed."""
    with transaction.atomic():
        _hold(task, by=by)
        if task.done_at is not None:
            return
        task.done_at = at
        task.save(update_fields=["done_at"])
        emit(
            TaskFinished(
                task=task.pk,
                deal=task.deal_id,
                account=task.deal.account_id,
                title=task.title,
                actor=actor(by),
                at=at,
            )
        )
        _tell("finish_task", task, {"done_at": at}, by=by, at=at)


def reopen_task(*, task: Task, by: User | None, at: datetime) -> None:
    """Note that `task` is not done after all. Raises NotAllowed."""
    with transaction.atomic():
        _hold(task, by=by)
        if task.done_at is None:
            return
        task.done_at = None
        task.save(update_fields=["done_at"])
        _tell("reopen_task", task, {"done_at": None}, by=by, at=at)


def _hold(task: Task, *, by: User | None) -> None:
    """Hold `task` for a change: by who has it, as long as they see its deal, or by who may change that."""
    task.refresh_from_db(from_queryset=Task.objects.select_for_update(no_key=True))
    own = by is not None and by.pk == task.assignee_id
    require(Action.SEE if own else Action.CHANGE, task.deal, by=by)


def _tell(verb: str, task: Task, values: dict[str, object], *, by: User | None, at: datetime) -> None:
    tell("deal", task.deal_id)
    tell("tasks", task.assignee_id)
    keep(verb, task, values, by=by, at=at)
