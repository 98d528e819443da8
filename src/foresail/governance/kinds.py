"""The kinds of records that the trail speaks of: what they are called, and who may read what was written of them.

A room registers its own in its app's `ready`, so that the trail can name a deal without knowing what one is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from foresail.people.models import BusinessLine, Team
from foresail.people.queries import names_of

if TYPE_CHECKING:
    from foresail.people.models import User

Names = Callable[["User", Collection[int]], Mapping[int, str]]
"""Whoever asks and keys → the names of those records that they may see, in one query."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`called` are the names of values, in rows of any kind, that hold a key of this one.

    Of a `guarded` kind the values are shown to who may see the record, and to nobody else; those by the names that
    `hidden` gives, not even to them.
    """

    subject: str
    names: Names
    called: tuple[str, ...] = ()
    guarded: bool = True
    hidden: Callable[[User], Collection[str]] | None = None


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Make `kinds` known. Called from an app's `ready`; twice is once."""
    for kind in kinds:
        _kinds[kind.subject] = kind


def kind_of(subject: str) -> Kind | None:
    return _kinds.get(subject)


def called() -> Mapping[str, str]:
    """Return which values hold keys: the value's name → the subject of what it points to."""
    return {name: kind.subject for kind in _kinds.values() for name in kind.called}


def _of_users(_: User, keys: Collection[int]) -> Mapping[int, str]:
    return names_of(keys)


def _of_teams(_: User, keys: Collection[int]) -> Mapping[int, str]:
    return dict(Team.objects.filter(pk__in=keys).values_list("pk", "name"))


def _of_lines(_: User, keys: Collection[int]) -> Mapping[int, str]:
    return dict(BusinessLine.objects.filter(pk__in=keys).values_list("pk", "name"))


OF_PEOPLE = (
    Kind(
        subject="people.User",
        names=_of_users,
        called=("owner", "manager", "assignee", "to", "user"),
        guarded=False,
    ),
    Kind(subject="people.Team", names=_of_teams, called=("team", "parent"), guarded=False),
    Kind(subject="people.BusinessLine", names=_of_lines, called=("line",), guarded=False),
)
"""People is below this room and cannot register by itself."""

UNGUARDED = frozenset({"governance.PersonKey", "governance.AuditRow", "core.Job"})
"""What is about Foresail itself, and has no name."""
