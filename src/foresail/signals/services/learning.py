"""Learning what each kind of evidence counts, from how deals ended.

Looked at as it was known then: each deal every 28 days of its life, from its opening on, and whether such evidence of
its account had become known in the 28 days before. A deal counts once in all, as many looks as it has. Looks of before
anything of a kind was known tell nothing of it and are left out. It is the organisation's own sum over all its deals;
nobody is shown more of it than how many there were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from foresail.core.locks import lock
from foresail.crm.queries import ended_between
from foresail.science.interest import Counts, learned
from foresail.signals.kinds import KINDS
from foresail.signals.models import KindWeight
from foresail.signals.services.weights import told

PAST: Final = timedelta(days=730)
EVERY: Final = timedelta(days=28)
"""Between looks, and how long evidence counts at one."""
_COUNT: Final = """
    WITH deal AS (
        SELECT * FROM unnest(%(deals)s::bigint[], %(accounts)s::bigint[], %(opened)s::timestamptz[],
            %(closed)s::timestamptz[], %(won)s::bool[]) AS deal (id, account, opened, closed, won)
    ), since AS (
        SELECT kind, min(known_at) AS first FROM signals_evidence GROUP BY kind
    ), look AS (
        SELECT deal.id, deal.won, since.kind, EXISTS (
            SELECT FROM signals_evidence evidence
            WHERE evidence.account_id = deal.account AND evidence.kind = since.kind AND evidence.known_at <= look.at
                AND evidence.known_at > look.at - %(every)s AND (ended_at IS NULL OR ended_at > look.at)
        ) AS seen
        FROM deal CROSS JOIN since
        CROSS JOIN LATERAL generate_series(deal.opened, deal.closed, %(every)s) AS look (at)
        WHERE look.at >= since.first AND (look.at < deal.closed OR look.at = deal.opened)
    ), share AS (
        SELECT id, kind, won::int AS won, avg(seen::int)::float8 AS seen FROM look GROUP BY id, kind, won
    )
    SELECT kind, sum(seen), sum(seen * won), sum(1 - seen), sum((1 - seen) * won) FROM share GROUP BY kind
"""


def counts_of(*, at: datetime) -> dict[str, Counts]:
    """Return the counts by kind of evidence, of deals that ended in the 24 months before `at`."""
    deals = ended_between(since=at - PAST, until=at)
    given: dict[str, Any] = {
        "deals": [each.id for each in deals], "accounts": [each.account for each in deals],
        "opened": [each.opened_at for each in deals], "closed": [each.closed_at for each in deals],
        "won": [each.won for each in deals], "every": EVERY,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, given)
        # Rounded: the order in which a database adds up differs, and nothing was learned by that.
        return {kind: Counts(*(round(count, 6) for count in counts)) for kind, *counts in cursor.fetchall()}


def learn_weights(*, at: datetime) -> dict[str, float]:
    """Learn what each kind counts, and let it count where nobody said otherwise; return the weights that were learned.

    A kind of which no ended deal tells counts as shipped again.
    """
    with transaction.atomic():
        lock("signals weights")
        counts = counts_of(at=at)
        kept = {each.kind: each for each in KindWeight.objects.all()}
        found = {}
        for key, shipped in KINDS.items():
            of = counts.get(key)
            if of is not None:
                found[key] = learned(shipped.weight, of)
            told_of = None if of is None else {"weight": found[key], **asdict(of)}
            _keep(key, kept.get(key), told_of, at=at)
    return found


def _keep(kind: str, row: KindWeight | None, of: Mapping[str, float] | None, *, at: datetime) -> None:
    """Keep what was learned of a kind; where that is nothing, nothing that was learned before stays."""
    if (row.learned if row else None) == of:
        return
    shipped = KINDS[kind]
    row = row or KindWeight(kind=kind, weight=shipped.weight, half_life=shipped.half_life, changed_at=at)
    before, edited = row.weight, row.edited_by is not None
    row.learned = None if of is None else dict(of)
    if not edited:
        row.weight, row.changed_at = shipped.weight if of is None else of["weight"], at
    if of is None and not edited:
        row.delete()
    else:
        row.save()
    if row.weight != before:
        told("learn_weight", kind, {"weight": row.weight}, by=None, at=at)
