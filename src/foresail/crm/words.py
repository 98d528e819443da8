"""The words under which search finds a record."""

from __future__ import annotations

from typing import Any

from foresail.core.search import keys_of
from foresail.crm.fields import RecordType, type_of
from foresail.crm.models import Listed


def keys_of_record(record: Listed) -> list[int]:
    """Return what a record is found by: its names and numbers, in the ways people type them."""
    return keys_of(*texts_of(record, type_of(record)))


def texts_of(record: Any, kind: RecordType) -> list[str]:
    """Return the texts that find a record of a kind, or what has its attributes."""
    return [text for path in kind.words if (text := _at(record, path))]


def _at(record: Any, path: str) -> str:
    for name in path.split("__"):
        record = getattr(record, name)
    return str(record)
