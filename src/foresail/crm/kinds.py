"""What the audit trail may be told of crm's records: their names, as far as who asks may see them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from foresail.crm.models import Account, Contact, Deal, Pipeline, Task
from foresail.governance.kinds import Kind
from foresail.people.rules import Action, limited

if TYPE_CHECKING:
    from foresail.people.models import User


def _deals(user: User, keys: Collection[int]) -> Mapping[int, str]:
    return dict(
        limited(Deal.objects.filter(pk__in=keys), user=user, action=Action.SEE).values_list("pk", "name")
    )


def _accounts(user: User, keys: Collection[int]) -> Mapping[int, str]:
    found = limited(Account.objects.filter(pk__in=keys), user=user, action=Action.SEE)
    return dict(found.values_list("pk", "name"))


def _contacts(user: User, keys: Collection[int]) -> Mapping[int, str]:
    found = limited(Contact.objects.filter(pk__in=keys), user=user, action=Action.SEE)
    return dict(found.values_list("pk", "name"))


def _tasks(user: User, keys: Collection[int]) -> Mapping[int, str]:
    seen = limited(Deal.objects.all(), user=user, action=Action.SEE)
    return dict(Task.objects.filter(pk__in=keys, deal__in=seen).values_list("pk", "title"))


def _pipelines(_: User, keys: Collection[int]) -> Mapping[int, str]:
    return dict(Pipeline.objects.filter(pk__in=keys).values_list("pk", "name"))


OURS = (
    Kind(subject="crm.Deal", names=_deals, called=("deal",)),
    Kind(subject="crm.Account", names=_accounts, called=("account",)),
    Kind(subject="crm.Contact", names=_contacts, called=("contact",)),
    Kind(subject="crm.Task", names=_tasks),
    Kind(subject="crm.Pipeline", names=_pipelines, called=("pipeline",), guarded=False),
)
