"""What changed, for the event socket: one row for each record, written in the transaction that changed it.

Transactions commit out of order, so a reader that went by id alone would miss what commits late. Each row
carries its transaction's number, and a reader takes only rows of transactions older than all that still run in
this database: what it has passed can never gain a row.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import psycopg
from django.db import connection, transaction

CHANNEL: Final = "foresail_notices"
KEPT: Final = timedelta(hours=1)
WAKE_SECONDS: Final = 0.02
"""Readers are woken at most so often by one process; between wake-ups they look by themselves."""
BATCH: Final = 5_000

Record = tuple[str, int]
"""Kind and key."""

_HIGHEST: Final = 2**63 - 1
# The oldest transaction that still runs, one's own too, else the next to come. Numbers are the server's: one that is
# known to run in another database holds nothing back. One that ended since the snapshot is not known, and still counts.
_OLDEST: Final = """(
    SELECT LEAST(
        COALESCE(min(running), pg_snapshot_xmax(pg_current_snapshot())), pg_current_xact_id_if_assigned()
    )::text::bigint
    FROM pg_snapshot_xip(pg_current_snapshot()) AS running
    WHERE NOT EXISTS (
        SELECT FROM pg_locks AS lock JOIN pg_stat_activity AS elsewhere USING (pid)
        WHERE lock.locktype = 'transactionid' AND lock.granted AND lock.mode = 'ExclusiveLock'
            AND lock.transactionid = running::xid AND elsewhere.datname <> current_database()
    )
)"""
_NEWEST: Final = f"""
    SELECT transaction, id FROM core_notice WHERE transaction < {_OLDEST}
    ORDER BY transaction DESC, id DESC LIMIT 1
"""  # noqa: S608  # all of it stands here
_FOLLOWING: Final = f"""
    SELECT transaction, id, kind, key FROM core_notice
    WHERE (transaction, id) > (%s, %s) AND transaction < {_OLDEST}
    ORDER BY transaction, id LIMIT %s
"""  # noqa: S608
_INSERT: Final = """
    INSERT INTO core_notice (kind, key, transaction, at)
    SELECT %s, key, pg_current_xact_id()::text::bigint, clock_timestamp() FROM unnest(%s::bigint[]) AS key
"""
_woken = 0.0


class Position(NamedTuple):
    """How far somebody has read: up to and with this row. As a text it is the cursor of the event socket."""

    transaction: int
    id: int

    def __str__(self) -> str:
        return f"{self.transaction}-{self.id}"

    @classmethod
    def of(cls, text: str) -> Position | None:
        """Return the position that `text` names, None if it names none.

        >>> Position.of("12-7")
        Position(transaction=12, id=7)
        """
        parts = re.fullmatch(r"([0-9]{1,19})-([0-9]{1,19})", text)
        found = cls(int(parts[1]), int(parts[2])) if parts else None
        return found if found and max(found) <= _HIGHEST else None


BEGINNING: Final = Position(0, 0)


def tell(kind: str, *keys: int) -> None:
    """Note that the records `keys` of `kind` changed. Several at once are one statement.

    Raises RuntimeError outside a transaction: a notice without its change would send readers for nothing.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{kind} was told of outside a transaction.")
    if not keys:
        return
    with connection.cursor() as cursor:
        # As a text: of a list every number is looked at on its own, which takes ten times as long.
        cursor.execute(_INSERT, [kind, f"{{{','.join(map(str, keys))}}}"])
    if not any(hook[1] is _wake for hook in reversed(connection.run_on_commit)):
        transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    """Wake the readers after the commit, so that commits do not queue behind the lock that NOTIFY takes."""
    global _woken  # noqa: PLW0603  (per process, and a race only wakes once more)
    now = time.monotonic()
    if now - _woken < WAKE_SECONDS:
        return
    _woken = now
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def newest() -> Position:
    """Return where a reader begins that wants only what comes.

    Where nothing is kept, a row to stand on is written: a position is good as long as its row is there.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        if not (found := cursor.fetchone()):
            cursor.execute(_INSERT, ["began", [0]])
            cursor.execute(_NEWEST)
            found = cursor.fetchone()
        return Position(*found) if found else BEGINNING


def is_kept(position: Position) -> bool:
    """Whether all that came after `position` is still here.

    Rows go oldest first, so that holds while its own row is here. In a restored or other database it is not.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM core_notice WHERE (transaction, id) = (%s, %s)", position)
        return cursor.fetchone() is not None


async def following(
    reader: psycopg.AsyncConnection[Any], *, after: Position
) -> list[tuple[Position, Record]]:
    """Return the next rows after `after` in order, at most BATCH, on the reader's own connection."""
    cursor = await reader.execute(_FOLLOWING, [*after, BATCH])
    return [(Position(number, key), (kind, of)) for number, key, kind, of in await cursor.fetchall()]


def changed(*, records: Collection[Record], after: Position, upto: Position) -> dict[Record, int]:
    """Return those of `records` that changed after `after`, up to and with `upto` → the last transaction that did."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT kind, key, max(transaction) FROM core_notice
            JOIN unnest(%s::text[], %s::bigint[]) AS wanted (kind, key) USING (kind, key)
            WHERE (transaction, id) > (%s, %s) AND (transaction, id) <= (%s, %s) GROUP BY kind, key
            """,
            [[kind for kind, _ in records], [key for _, key in records], *after, *upto],
        )
        return {(kind, key): last for kind, key, last in cursor.fetchall()}


def forget(*, upto: Position, at: datetime) -> bool:
    """Delete a batch of the oldest rows that are older than KEPT, none from `upto` on; return whether more are left.

    Rows go in the order in which they are read, not by age: no row goes before one that stands earlier.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT transaction, id FROM core_notice WHERE at >= %s AND (transaction, id) < (%s, %s)
            ORDER BY transaction, id LIMIT 1
            """,
            [at - KEPT, *upto],
        )
        until = cursor.fetchone() or upto
        cursor.execute(
            """
            DELETE FROM core_notice WHERE id IN (
                SELECT id FROM core_notice WHERE (transaction, id) < (%s, %s) ORDER BY transaction, id LIMIT %s
            )
            """,
            [*until, BATCH],
        )
        deleted: int = cursor.rowcount
    return deleted == BATCH
