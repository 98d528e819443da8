"""What changed, for the event socket: one row for each record, written in the transaction that changed it.

Transactions commit out of order, so a reader that went by id alone would miss what commits late. Each row
carries its transaction's number, and a reader takes only rows of transactions older than all that still run
(`pg_snapshot_xmin`): what it has passed can never gain a row.
"""

from __future__ import annotations

from django.db import connection

CHANNEL = "foresail_notices"


def tell(kind: str, *keys: int) -> None:
    """Note that the records `keys` of `kind` changed. Several at once are one statement.

    Raises RuntimeError outside a transaction: a notice without its change would send readers for nothing.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{kind} was told of outside a transaction.")
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO core_notice (kind, key, transaction, at)
            SELECT %s, key, pg_current_xact_id()::text::bigint, clock_timestamp() FROM unnest(%s::bigint[]) AS key
            """,
            [kind, list(keys)],
        )
