"""Who may watch what: for each kind of record, which of some keys a user may see. All else is refused."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from foresail.core.outbox import Record
from foresail.crm.queries import record_type, visible_imports, visible_records
from foresail.governance.queries import oversees
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


def _records(kind: str) -> Viewer:
    """Return who may watch records of a kind: those who see them."""

    def seen(user: User, keys: Collection[int]) -> Collection[int]:
        found = visible_records(record_type(kind), user=user).filter(pk__in=keys)
        return list(found.values_list("pk", flat=True))

    return seen


def _everybody(_: User, __: Collection[int]) -> Collection[int]:
    return (0,)


def _own(user: User, _: Collection[int]) -> Collection[int]:
    return (user.pk,)


def _admins(user: User, _: Collection[int]) -> Collection[int]:
    return (0,) if scope(user=user, action=Action.ADMINISTER) is Scope.ALL else ()


def _overseers(user: User, _: Collection[int]) -> Collection[int]:
    return (0,) if oversees(user) else ()


def _imports(user: User, keys: Collection[int]) -> Collection[int]:
    return list(visible_imports(user=user).filter(pk__in=keys).values_list("pk", flat=True))


KINDS: Final = ("account", "contact", "lead", "deal", "product")
viewers: Final[dict[str, Viewer]] = {
    **{kind: _records(kind) for kind in KINDS},
    **{f"{kind}s": _everybody for kind in KINDS},
    "fields": _everybody,
    "pipelines": _everybody,
    "currencies": _everybody,
    "import": _imports,
    "imports": _everybody,
    "views": _everybody,
    "duplicates": _everybody,
    "departures": _everybody,
    "merges": _everybody,
    "pool": _everybody,
    "forecast": _everybody,
    "targets": _everybody,
    "assets": _everybody,
    "tasks": _own,
    "notifications": _own,
    "jobs": _admins,
    "interest": _records("account"),
    "topics": _everybody,
    "triggers": _everybody,
    "suggestions": _own,
    "deal_score": _records("deal"),
    "deal_suggestions": _records("deal"),
    "deal_tasks": _records("deal"),
    "collecting": _overseers,
    "signals": _overseers,
}
