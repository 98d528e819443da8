"""The door: what happened is appended, once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from django.db import connection, transaction

from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.timeline.errors import KnownBefore
from foresail.timeline.told import Appended

BATCH: Final = 20_000
"""Entries sent to the database at a time: some megabytes of text."""

_APPEND: Final = """
WITH given AS (
    SELECT *, decode(fingerprint, 'hex') AS mark FROM jsonb_to_recordset(%s::jsonb) AS entry(
        place int, fingerprint text, known_at timestamptz, at timestamptz, kind text, deal_id bigint,
        account_id bigint, actor_id bigint, actor_label text, subject text, source text, source_id text,
        basis text, ref text, values jsonb)
), fresh AS (
    INSERT INTO timeline_seen SELECT DISTINCT mark FROM given ORDER BY mark ON CONFLICT DO NOTHING
    RETURNING fingerprint AS mark
), first AS (
    SELECT DISTINCT ON (mark) given.* FROM given JOIN fresh USING (mark) ORDER BY mark, place
), kept AS (
    INSERT INTO timeline_entry (known_at, at, kind, deal_id, account_id, actor_id, actor_label, subject,
        source, source_id, basis, ref, values)
    SELECT known_at, at, kind, deal_id, account_id, actor_id, actor_label, subject, source, source_id, basis,
        ref, values
    FROM first ORDER BY known_at, place
    RETURNING deal_id
) SELECT coalesce(array_agg(DISTINCT deal_id) FILTER (WHERE deal_id IS NOT NULL), '{}'), count(*) FROM kept
"""


@dataclass(frozen=True, kw_only=True, slots=True)
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


def append(entries: Sequence[NewEntry], *, at: datetime, quiet: bool = False) -> int:  # noqa: ARG001  # as all verbs
    """Append what was not seen before; return how many that are. All or none.

    The caller has asked whether it may. With `quiet` nobody is told: for histories, before anybody looks.
    Raises KnownBefore with the place of an entry that was known before it happened.
    """
    for place, entry in enumerate(entries, start=1):
        if entry.known_at < entry.at:
            raise KnownBefore(row=place)
    deals: set[int] = set()
    count = 0
    with transaction.atomic(), connection.cursor() as cursor:
        _make_months(cursor, {entry.known_at.astimezone(UTC).date().replace(day=1) for entry in entries})
        for begin in range(0, len(entries), BATCH):
            batch = entries[begin : begin + BATCH]
            cursor.execute(_APPEND, [json.dumps([_row(n, entry) for n, entry in enumerate(batch)])])
            about, kept = cursor.fetchone()
            deals.update(about)
            count += kept
        if count and not quiet:
            tell("deal", *sorted(deals))
            tell("deals", 0)
            emit(Appended(deals=tuple(sorted(deals)), count=count))
    return count


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


def _row(place: int, entry: NewEntry) -> dict[str, Any]:
    name = f"{entry.source}\x1f{entry.source_id}".encode()
    return {
        "place": place,
        "fingerprint": hashlib.blake2b(name, digest_size=16).hexdigest(),
        "known_at": entry.known_at.isoformat(),
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "deal_id": entry.deal_id,
        "account_id": entry.account_id,
        "actor_id": entry.actor_id,
        "actor_label": entry.actor_label,
        "subject": entry.subject,
        "source": entry.source,
        "source_id": entry.source_id,
        "basis": entry.basis,
        "ref": entry.ref,
        "values": entry.values,
    }
