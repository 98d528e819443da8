"""The other door: what somebody was told, as far as they may still see what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db.models import DateTimeField, F, QuerySet

from foresail.core.errors import NotFound
from foresail.crm.queries import called, record_type, task_titles, visible_imports
from foresail.crm.queries.paging import Sort, page_of
from foresail.drafts.queries import reports_called
from foresail.notices.models import Mute, Notification, Preference
from foresail.notices.services import preference_of, until
from foresail.people.queries import names_of

if TYPE_CHECKING:
    from foresail.people.models import User

NEWEST: Final = Sort(value=F("at"), field=DateTimeField(), down=True)
IMPORT: Final = "import"
REPORT: Final = "report"
MOST_COUNTED: Final = 100
"""Beyond this many, nobody counts."""

Named = tuple[int, str]
"""Under which key a record is found now, and what it is called."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A notification; `record` and `task` are None where there is none, and where it may no longer be seen."""

    notification: Notification
    record: Named | None
    task: str | None
    actor: str | None


def notifications(
    *, user: User, after: str | None = None, limit: int = 30, summary: int | None = None
) -> tuple[list[Told], str | None]:
    """Return what `user` was told, newest first, and the cursor of what follows: all, or what a summary stands for.

    What is held back until their quiet ends is not among it. A constant number of queries. Raises CursorInvalid.
    """
    own = _told(user)
    found = own.filter(summary=summary) if summary is not None else own.filter(held=False)
    rows, following = page_of(found, sort=NEWEST, after=after, limit=limit)
    names: dict[tuple[str, int], Named] = {}
    for kind in {row.record_type for row in rows if row.record is not None}:
        keys = {row.record for row in rows if row.record_type == kind and row.record is not None}
        names |= {(kind, key): named for key, named in _named(kind, user, keys).items()}
    titles = task_titles(user=user, keys=[row.part for row in rows if row.part is not None])
    actors = names_of({row.actor_id for row in rows if row.actor_id is not None})
    told = [
        Told(
            notification=row,
            record=names.get((row.record_type, row.record)) if row.record is not None else None,
            task=titles.get(row.part) if row.part is not None else None,
            actor=actors.get(row.actor_id) if row.actor_id is not None else None,
        )
        for row in rows
    ]
    return told, following


def notification(*, user: User, key: int) -> Notification:
    """Return one that `user` was told. Raises NotFound."""
    found = _told(user).filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def unread(*, user: User) -> int:
    """Return how many are not read, at most 100. What a summary stands for counts as that one."""
    return Notification.objects.filter(person=user.pk, read_at=None, held=False)[:MOST_COUNTED].count()


def quiet(*, user: User, at: datetime) -> datetime | None:
    """Return until when `user` is not to be disturbed, None where they may be."""
    return until(preference_of(user), at)


def preference(*, user: User) -> Preference:
    return preference_of(user)


def muted(*, user: User) -> list[tuple[str, int, str | None]]:
    """Return what `user` muted, latest first: kind, key and name, None where they may no longer see it."""
    rows = list(
        Mute.objects.filter(person=user.pk).order_by("-muted_at", "-pk").values_list("record_type", "record")
    )
    names = {
        (kind, key): name
        for kind in {kind for kind, _ in rows}
        for key, (_, name) in _named(kind, user, {key for each, key in rows if each == kind}).items()
    }
    return [(kind, key, names.get((kind, key))) for kind, key in rows]


def _told(user: User) -> QuerySet[Notification]:
    return Notification.objects.filter(person=user.pk).exclude(held=True, summary=None)


def _named(kind: str, user: User, keys: Any) -> dict[int, Named]:
    if kind == IMPORT:
        found = visible_imports(user=user).filter(pk__in=keys).values_list("pk", "file_name")
        return {key: (key, name) for key, name in found}
    if kind == REPORT:
        return {key: (key, name) for key, name in reports_called(user=user, keys=keys).items()}
    return called(record_type(kind), user=user, keys=keys)
