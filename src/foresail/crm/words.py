"""The words under which search finds a record."""

from __future__ import annotations

from typing import Any

from foresail.core.search import keys_of
from foresail.crm.fields import RecordType, type_of


def keys_of_record(record: Any, kind: RecordType | None = None) -> list[int]:
    """Return what a record is found by: its names and numbers, in the ways people type them.

    What only has a record's attributes says by its `kind` which.
    """
    return keys_of(*(text for path in (kind or type_of(record)).words if (text := _at(record, path))))


def _at(record: Any, path: str) -> str:
    for name in path.split("__"):
        record = getattr(record, name)
    return str(record)
