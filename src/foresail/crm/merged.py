"""Into whom records were merged, and who was merged into them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from foresail.crm.fields import CONTACT, RecordType
from foresail.crm.models import Contact

LONGEST_CHAIN: Final = 100
"""So often a record can have been merged into another that was merged."""


def current(kind: RecordType, key: int) -> int:
    """Return under which key a record is found now: that into which it was merged, or its own."""
    return current_of(kind, [key]).get(key, key)


def current_of(kind: RecordType, keys: Collection[int]) -> dict[int, int]:
    """Return under which key each of `keys` is found now, as `current` does for one; those that are gone are left out."""
    into = {key: key for key in keys}
    for _ in range(LONGEST_CHAIN):
        rows: Mapping[int, int | None] = dict(
            kind.model.with_deleted.filter(pk__among=list(set(into.values()))).values_list(
                "pk", "merged_into"
            )
        )
        into = {key: rows[there] or there for key, there in into.items() if there in rows}
        if not any(rows.values()):
            break
    return into


def contacts_like_one(contacts: Collection[int]) -> set[int]:
    """Return all keys of the people that `contacts` are: those too that were merged into the same one, or are it now."""
    found = {*contacts, *current_of(CONTACT, contacts).values()}
    newest = found
    for _ in range(LONGEST_CHAIN):
        merged = Contact.with_deleted.filter(merged_into__among=list(newest)).values_list("pk", flat=True)
        newest = set(merged) - found
        if not newest:
            break
        found |= newest
    return found
