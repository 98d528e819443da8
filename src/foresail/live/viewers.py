"""Who may watch what: for each kind of record, which of some keys a user may see. All else is refused."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from foresail.core.errors import NotFound
from foresail.core.outbox import Record
from foresail.crm import queries as crm
from foresail.people.models import User
from foresail.people.rules import Action, Scope, scope

Viewer = Callable[[User, Collection[int]], Collection[int]]


def visible(*, user: User, records: Collection[Record]) -> set[Record]:
    """Return those of `records` that `user` may watch now."""
    by_kind: dict[str, list[int]] = {}
    for kind, key in records:
        by_kind.setdefault(kind, []).append(key)
    return {
        (kind, key)
        for kind, keys in by_kind.items()
        if kind in viewers
        for key in set(viewers[kind](user, keys)).intersection(keys)
    }


def _deals(user: User, keys: Collection[int]) -> Collection[int]:
    return crm.visible_deals(user=user).filter(pk__in=keys).values_list("pk", flat=True)


def _accounts(user: User, keys: Collection[int]) -> Collection[int]:
    return [key for key in keys if _sees_account(user, key)]


def _sees_account(user: User, key: int) -> bool:
    try:
        crm.account(user=user, key=key)
    except NotFound:
        return False
    return True


def _everybody(_: User, __: Collection[int]) -> Collection[int]:
    return (0,)


def _own(user: User, _: Collection[int]) -> Collection[int]:
    return (user.pk,)


def _admins(user: User, _: Collection[int]) -> Collection[int]:
    return (0,) if scope(user=user, action=Action.ADMINISTER) is Scope.ALL else ()


viewers: Final[dict[str, Viewer]] = {
    "deal": _deals,
    "account": _accounts,
    "deals": _everybody,
    "forecast": _everybody,
    "tasks": _own,
    "jobs": _admins,
}
