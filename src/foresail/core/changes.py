"""Every change of a record, told once by the verb that makes it; governance keeps it in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from foresail.core.events import emit


@dataclass(frozen=True, kw_only=True)
class Change:
    """`actor` did `verb` to the record `subject` (such as "people.User") with the key `key`, at `at`.

    `actor` is a user's key, None for Foresail itself. `values` are what the change set, as JSON allows;
    those named in `personal` are about the person whose key is `person`, and can be erased with them.
    """

    actor: int | None
    verb: str
    subject: str
    key: str
    at: datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()
    person: str | None = None


def record(change: Change) -> None:
    """Tell of a change, inside the transaction that makes it. Raises RuntimeError outside of one."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(
            f"{change.verb} was told of outside a transaction: it could be kept without its change."
        )
    emit(change)
