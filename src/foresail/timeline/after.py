"""Where deals stood some time after something had first happened in them: for higher rooms, which show sums of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

_QUERY: Final = r"""
WITH first AS (
    SELECT DISTINCT ON (deal_id, kind) deal_id AS deal, kind, at FROM timeline_entry
    WHERE deal_id = ANY(%(deals)s) AND kind = ANY(%(kinds)s) AND known_at <= %(until)s
    ORDER BY deal_id, kind, at, id
)
SELECT first.kind, stood.kind, count(*) FROM first, LATERAL (
    SELECT step.kind FROM timeline_entry step
    WHERE step.deal_id = first.deal AND step.at <= first.at + %(after)s AND step.known_at <= %(until)s
        AND (step.kind = 'won' OR step.kind LIKE 'stage\_%%')
    ORDER BY step.at DESC, step.id DESC LIMIT 1
) AS stood
WHERE first.at <= %(until)s - %(after)s GROUP BY first.kind, stood.kind ORDER BY first.kind, stood.kind
"""
"""Who is not yet so far is left out: they have not told where they stood then."""


def stood_after(
    *, deals: Collection[int], kinds: Collection[str], after: timedelta, until: datetime
) -> list[tuple[str, str, int]]:
    """Return (kind, stage, how many deals) of those `deals` in which `kind` happened: the key of the stage in which
    they stood `after` the first time, "" for won ones. As known at `until`; moments later than that count for nothing.
    """
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"deals": list(deals), "kinds": list(kinds), "after": after, "until": until}
        cursor.execute(_QUERY, given)
        return [
            (kind, "" if stood == "won" else stood.removeprefix("stage_"), count)
            for kind, stood, count in cursor.fetchall()
        ]
