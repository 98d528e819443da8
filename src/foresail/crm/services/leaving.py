"""What somebody leaves behind goes to somebody else, all at once, each record told of by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from foresail.core.changes import Change, record
from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.crm.errors import SuccessorSame, SuccessorUnseeing
from foresail.crm.events import DealAmended
from foresail.crm.holding import held
from foresail.crm.models import Account, Contact, Deal, Task
from foresail.crm.services.permission import require, require_active
from foresail.crm.services.telling import actor, keep, tell_of_deal
from foresail.people.rules import Action, limited, may

if TYPE_CHECKING:
    from foresail.people.models import Guarded, User


@dataclass(frozen=True, kw_only=True)
class HandedOver:
    """How many went to the successor; `returned` tasks went to the owners of deals that the successor may not see."""

    deals: int
    accounts: int
    tasks: int
    returned: int


def hand_over(*, of: User, to: User, by: User | None, at: datetime) -> HandedOver:
    """Give the open deals, accounts and open tasks of `of` to `to` and their team: as much of it as `by` may hand over.

    Deals that ended stay: who won them, won them. A task in a deal that `to` may not see goes to the deal's owner,
    and stays where it is if there is none. Raises NotAllowed, OwnerInactive, SuccessorSame or SuccessorUnseeing.
    """
    with transaction.atomic():
        of.refresh_from_db()
        to.refresh_from_db()
        if of.pk == to.pk:
            raise SuccessorSame(name=to.name)
        require_active(to)
        mine = held(of=of, by=by)
        deals = list(mine.deals.order_by("pk").select_for_update(no_key=True))
        accounts = list(mine.accounts.order_by("pk").select_for_update(no_key=True))
        _require_taking([*deals, *accounts], to=to, by=None if mine.freely else by)
        tasks = list(mine.tasks.select_related("deal__owner").order_by("pk").select_for_update(of=("self",)))
        before = {each: (each.owner_id, each.team_id) for each in (*deals, *accounts)}
        new = {"owner": to.pk, "team": to.team_id}
        Deal.objects.filter(pk__in=[deal.pk for deal in deals]).update(**new, version=F("version") + 1)
        keys = [account.pk for account in accounts]
        Account.objects.filter(pk__in=keys).update(**new)
        Contact.objects.filter(account__in=keys).update(**new)
        given, returned = _spread(tasks, of=of, to=to)
        for deal in deals:
            emit(
                DealAmended(
                    deal=deal.pk, account=deal.account_id, changed=("owner", "team"), actor=actor(by), at=at
                )
            )
        tell_of_deal(*{*(deal.pk for deal in deals), *(task.deal_id for task in (*given, *returned))})
        tell("account", *keys)
        tell("tasks", of.pk, *{task.assignee_id for task in (*given, *returned)})
        # Last, because the trail locks: one row for each record, so that each has its whole story, and one for all.
        for deal in deals:
            keep("assign_deal", deal, new | {"before": _named(before[deal])}, by=by, at=at)
        for account in accounts:
            keep("assign_account", account, new | {"before": _named(before[account])}, by=by, at=at)
        for task in (*given, *returned):
            values = {"assignee": task.assignee_id, "before": {"assignee": of.pk}}
            keep("assign_task", task, values, by=by, at=at)
        done = HandedOver(deals=len(deals), accounts=len(accounts), tasks=len(given), returned=len(returned))
        record(
            Change(
                actor=actor(by),
                verb="hand_over",
                subject="people.User",
                key=str(of.pk),
                at=at,
                values={
                    "to": to.pk,
                    "deals": done.deals,
                    "accounts": done.accounts,
                    "tasks": done.tasks,
                    "returned": done.returned,
                },
            )
        )
        return done


def _named(before: tuple[int | None, int | None]) -> dict[str, int | None]:
    return {"owner": before[0], "team": before[1]}


def _require_taking(records: Iterable[Guarded], *, to: User, by: User | None) -> None:
    """Raise SuccessorUnseeing unless `to` may see what becomes theirs, and NotAllowed unless `by` may assign it there.

    As it will be, records differ in nothing but their line and their kind: one of each is asked about.
    """
    for each in {(type(one), one.line_id): one for one in records}.values():
        as_will_be = type(each)(owner_id=to.pk, team_id=to.team_id, line_id=each.line_id)
        if not may(user=to, action=Action.SEE, record=as_will_be).allowed:
            raise SuccessorUnseeing(name=to.name)
        require(Action.ASSIGN, as_will_be, by=by)


def _spread(tasks: list[Task], *, of: User, to: User) -> tuple[list[Task], list[Task]]:
    """Give each of `tasks` to `to`, or to its deal's owner; return the first and the second."""
    seen = limited(Deal.objects.filter(pk__in={task.deal_id for task in tasks}), user=to, action=Action.SEE)
    visible = set(seen.values_list("pk", flat=True))
    given, returned = [], []
    for task in tasks:
        owner = task.deal.owner
        if task.deal_id in visible:
            task.assignee_id = to.pk
            given.append(task)
        elif owner is not None and owner.active and owner.pk != of.pk:
            task.assignee_id = owner.pk
            returned.append(task)
    Task.objects.bulk_update([*given, *returned], ["assignee"])
    return given, returned
