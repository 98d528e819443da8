"""The trail as administrators read it: filtered, page by page, with the names of what it speaks of.

Who administers sees every row: who did what to which record, and when. The values of a customer's record they see
only where the one rule lets them see the record: an administrator sees no customer by that alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from foresail.governance.canonical import Json
from foresail.governance.errors import TooMuchToExport
from foresail.governance.kinds import UNGUARDED, called, kind_of
from foresail.governance.models import AuditRow
from foresail.governance.queries.entries import Entry, Unreadable, entries_of
from foresail.people.queries import require_admin

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from foresail.people.models import User

LONGEST_PAGE: Final = 200
LARGEST_EXPORT: Final = 50_000
ITSELF: Final = 0
"""Stands for Foresail itself where a user's key is asked for."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """`actor` is a user's key, or ITSELF; the period holds `since` and not `until`."""

    actor: int | None = None
    subject: str | None = None
    key: str | None = None
    verb: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def plain(self) -> dict[str, Json]:
        """Return what was filtered by, as the trail keeps it."""
        told: dict[str, Json] = {
            "actor": self.actor,
            "subject": self.subject,
            "key": self.key,
            "verb": self.verb,
        }
        times = {"since": self.since, "until": self.until}
        told |= {name: at.isoformat() for name, at in times.items() if at is not None}
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Audited:
    """An entry with the names of who did it, of the record, and of what its values point to, where there are any."""

    entry: Entry
    actor_name: str | None
    name: str | None
    value_names: Mapping[str, str]


def audit(
    *, user: User, by: Filter, before: int | None = None, limit: int = 50
) -> tuple[Sequence[Audited], int | None]:
    """Return a page of the trail, newest first, and where the next begins, None on the last.

    Raises NotAllowed. A page takes as many queries as there are kinds of records on it, and no more for its length.
    """
    require_admin(user=user)
    rows = _found(by)
    if before is not None:
        rows = rows.filter(sequence__lt=before)
    limit = min(max(limit, 1), LONGEST_PAGE)
    page = entries_of(rows.order_by("-sequence")[: limit + 1])
    following = page[limit - 1].sequence if len(page) > limit else None
    return _named(page[:limit], user), following


def audit_whole(*, user: User, by: Filter) -> Sequence[Audited]:
    """Return all that `by` finds, for an export. Raises NotAllowed or TooMuchToExport."""
    require_admin(user=user)
    found = entries_of(_found(by).order_by("-sequence")[: LARGEST_EXPORT + 1])
    if len(found) > LARGEST_EXPORT:
        raise TooMuchToExport(most=f"{LARGEST_EXPORT:,}")
    return _named(found, user)


def _found(by: Filter) -> QuerySet[AuditRow]:
    rows = AuditRow.objects.all()
    if by.actor is not None:
        rows = rows.filter(actor=by.actor or None)
    for name, value in (("subject", by.subject), ("key", by.key), ("verb", by.verb)):
        if value is not None:
            rows = rows.filter(**{name: value.replace("\0", "")})
    if by.since is not None:
        rows = rows.filter(at__gte=by.since)
    if by.until is not None:
        rows = rows.filter(at__lt=by.until)
    return rows


def _named(entries: Sequence[Entry], user: User) -> list[Audited]:
    pointing = called()
    wanted: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        if entry.actor is not None:
            wanted["people.User"].add(entry.actor)
        for subject, key in ((entry.subject, entry.key), *_pointed(entry, pointing)):
            if (number := _number(key)) is not None:
                wanted[subject].add(number)
    names = {
        subject: kind.names(user, keys) if (kind := kind_of(subject)) else {}
        for subject, keys in wanted.items()
    }
    hidden = {
        subject: frozenset(kind.hidden(user))
        for subject in {entry.subject for entry in entries}
        if (kind := kind_of(subject)) and kind.hidden
    }
    return [_seen(entry, names, pointing, hidden.get(entry.subject, frozenset())) for entry in entries]


def _pointed(entry: Entry, pointing: Mapping[str, str]) -> Iterable[tuple[str, object]]:
    for name, value in _flat(entry.values):
        if (subject := pointing.get(name)) is not None:
            yield subject, value


def _flat(values: Mapping[str, Json | Unreadable]) -> Iterable[tuple[str, object]]:
    """Yield the values, and those of `before`: what was there before, by the same names."""
    for name, value in values.items():
        if name == "before" and isinstance(value, dict):
            yield from value.items()
        else:
            yield name, value


def _seen(
    entry: Entry,
    names: Mapping[str, Mapping[int, str]],
    pointing: Mapping[str, str],
    hidden: frozenset[str],
) -> Audited:
    number = _number(entry.key)
    name = None if number is None else names.get(entry.subject, {}).get(number)
    if not _may_read(entry, seen=name is not None):
        entry = replace(entry, values=dict.fromkeys(entry.values, Unreadable.WITHHELD))
    elif entry.key and not hidden.isdisjoint(entry.values):
        # What was there before is of the same fields: where one of them is hidden, so is that.
        kept_back = {*hidden, "before"}
        values = {
            field: Unreadable.WITHHELD if field in kept_back else value
            for field, value in entry.values.items()
        }
        entry = replace(entry, values=values)
    value_names = {
        f"{field}:{key}": names[subject][key]
        for field, value in _flat(entry.values)
        if (subject := pointing.get(field)) and (key := _number(value)) is not None and key in names[subject]
    }
    actor_name = None if entry.actor is None else names["people.User"].get(entry.actor)
    return Audited(entry=entry, actor_name=actor_name, name=name, value_names=value_names)


def _may_read(entry: Entry, *, seen: bool) -> bool:
    """Whether the values of `entry` may be shown. Rows about many records at once hold no record's values."""
    if entry.key == "" or entry.subject in UNGUARDED:
        return True
    kind = kind_of(entry.subject)
    return seen or (kind is not None and not kind.guarded)


def _number(value: object) -> int | None:
    """Return the key that `value` is, as a number; None for what is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 < value < 2**63 else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return None
