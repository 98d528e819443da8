"""The door: what happened is appended, once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any, Final

from django.db import connection, transaction
from pydantic_core import to_json

from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.timeline.errors import KnownBefore
from foresail.timeline.events import Appended

_COLUMNS: Final = (
    *("known_at", "at", "kind", "deal_id", "account_id", "actor_id", "actor_label"),
    *("subject", "source", "source_id", "basis", "ref"),
)
_MARK: Final = """
    INSERT INTO timeline_seen SELECT DISTINCT unnest(%s::bytea[]) AS fingerprint ORDER BY fingerprint
    ON CONFLICT DO NOTHING RETURNING fingerprint
"""


@dataclass(kw_only=True, slots=True)  # not frozen: many thousands are made, each in a third of the time
class NewEntry:
    """What happened at `at`, known from `known_at` on. `source` and `source_id` together make it the same entry.

    `actor_id` is the user on our side who did it; `actor_label` names one who is no user, as imports have them.
    `values` must hold nothing personal: they cannot be erased. What was said lies where `ref` points
    ("conversations.Communication:7").
    """

    known_at: datetime
    at: datetime
    kind: str
    subject: str
    source: str
    source_id: str
    basis: str
    deal_id: int | None = None
    account_id: int | None = None
    actor_id: int | None = None
    actor_label: str | None = None
    ref: str | None = None
    values: Mapping[str, Any] | None = None


def append(entries: Sequence[NewEntry], *, at: datetime, quiet: bool = False) -> int:  # as all verbs
    """Append what was not seen before; return how many that are. All or none.

    The caller has asked whether it may. With `quiet` nobody is told: for histories, before anybody looks.
    Raises KnownBefore with the place of an entry that was known before it happened.
    """
    for place, entry in enumerate(entries, start=1):
        if entry.known_at < entry.at:
            raise KnownBefore(row=place)
    with transaction.atomic(), connection.cursor() as cursor:
        fresh = _unseen(cursor, entries)
        instants = {entry.known_at for entry in fresh}
        _make_months(cursor, {known_at.astimezone(UTC).date().replace(day=1) for known_at in instants})
        _copy(cursor, fresh)
        if fresh and not quiet:
            deals = tuple(sorted({entry.deal_id for entry in fresh if entry.deal_id is not None}))
            if deals:
                tell("deal", *deals)
                tell("deals", 0)
            tell("account", *sorted({entry.account_id for entry in fresh if entry.account_id is not None}))
            emit(Appended(deals=deals, count=len(fresh), at=at))
    return len(fresh)


def _unseen(cursor: Any, entries: Sequence[NewEntry]) -> list[NewEntry]:
    """Mark `entries` as seen and return those that were not, each once.

    All in one statement and in order: two who append the same at once wait for each other, never in a circle.
    """
    by_mark: dict[bytes, NewEntry] = {}
    for entry in entries:
        by_mark.setdefault(_fingerprint(entry), entry)
    # As one text: of a list every mark is looked at on its own, which takes ten times as long.
    cursor.execute(_MARK, ["{" + ",".join(rf'"\\x{mark.hex()}"' for mark in by_mark) + "}"])
    fresh = {bytes(mark) for (mark,) in cursor.fetchall()}
    found = [entry for mark, entry in by_mark.items() if mark in fresh]
    # Month by month, and so one table after the other; what came first of an instant stays first.
    return sorted(found, key=attrgetter("known_at"))


def _fingerprint(entry: NewEntry) -> bytes:
    return hashlib.blake2b(f"{entry.source}\x1f{entry.source_id}".encode(), digest_size=16).digest()


def _make_months(cursor: Any, months: set[date]) -> None:
    """Make the partitions that are missing, in order: two appends that need the same do not wait in a circle."""
    if not months:
        return
    cursor.execute(
        """
        SELECT month FROM unnest(%s::date[]) AS month
        WHERE to_regclass('timeline_entry_' || to_char(month, 'YYYY_MM')) IS NULL ORDER BY month
        """,
        [sorted(months)],
    )
    for (month,) in cursor.fetchall():
        cursor.execute("SELECT timeline_make_month(%s)", [month])


def _copy(cursor: Any, entries: Sequence[NewEntry]) -> None:
    if not entries:
        return
    row = attrgetter(*_COLUMNS[2:])
    command = f"COPY timeline_entry ({', '.join(_COLUMNS)}, values) FROM STDIN"
    with connection.wrap_database_errors, cursor.copy(command) as copy:
        for entry in entries:
            # Texts are taken in half the time that instants and mappings take on their own way.
            values = None if entry.values is None else to_json(entry.values).decode()
            copy.write_row((str(entry.known_at), str(entry.at), *row(entry), values))
