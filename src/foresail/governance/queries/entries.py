"""The audit trail as people read it, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.db.models import QuerySet

from foresail.governance.canonical import Json
from foresail.governance.models import AuditRow, PersonKey
from foresail.governance.seal import Damaged, Sealed, unseal

PAGE = 50
LARGEST_PAGE = 500


class Unreadable(Enum):
    """What stands where a personal value cannot be read."""

    ERASED = "erased"
    DAMAGED = "damaged"
    """The key or the sealed values are not what was kept; `verify` says where the chain breaks."""
    WITHHELD = "withheld"
    """Who asks may not see the record that the value is of."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row; `values` holds the open and the personal ones, and an Unreadable for each that cannot be read."""

    sequence: int
    at: datetime
    actor: int | None
    verb: str
    subject: str
    key: str
    person: str | None
    values: Mapping[str, Json | Unreadable]


def trail(*, subject: str, key: str, before: int | None = None, limit: int = PAGE) -> tuple[Entry, ...]:
    """Return what was done to one record: at most `limit` (1 to 500) rows with a sequence below `before`."""
    return _page(AuditRow.objects.filter(subject=subject, key=key), before=before, limit=limit)


def of_actor(*, actor: int | None, before: int | None = None, limit: int = PAGE) -> tuple[Entry, ...]:
    """Return what `actor` did, None being Foresail itself; paged as `trail`."""
    return _page(AuditRow.objects.filter(actor=actor), before=before, limit=limit)


def _page(rows: QuerySet[AuditRow], *, before: int | None, limit: int) -> tuple[Entry, ...]:
    if before is not None:
        rows = rows.filter(sequence__lt=before)
    return entries_of(rows.order_by("-sequence")[: min(max(limit, 1), LARGEST_PAGE)])


def entries_of(rows: QuerySet[AuditRow]) -> tuple[Entry, ...]:
    """Return `rows` with their personal values opened. Two queries."""
    page = list(rows)
    people = {row.person for row in page if row.person is not None and row.personal}
    keys = {known.person: known for known in PersonKey.objects.filter(person__in=people)} if people else {}
    return tuple(
        Entry(
            sequence=row.sequence,
            at=row.at,
            actor=row.actor,
            verb=row.verb,
            subject=row.subject,
            key=row.key,
            person=row.person,
            values={**row.values, **_personal(row, keys.get(row.person or ""))},
        )
        for row in page
    )


def _personal(row: AuditRow, known: PersonKey | None) -> Mapping[str, Json | Unreadable]:
    if not row.personal:
        return {}
    if known is not None and known.key is None:
        return dict.fromkeys(row.personal, Unreadable.ERASED)
    if known is None or known.key is None or row.commitment is None or row.sealed is None:
        return dict.fromkeys(row.personal, Unreadable.DAMAGED)
    sealed = Sealed(commitment=bytes(row.commitment), box=bytes(row.sealed))
    try:
        return unseal(key=bytes(known.key), sealed=sealed, sequence=row.sequence)
    except Damaged:
        return dict.fromkeys(row.personal, Unreadable.DAMAGED)
