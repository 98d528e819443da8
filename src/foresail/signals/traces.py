"""Evidence of interest as traces in the log of deals: on which days an account cared about what, as far as known.

One trace stands for all evidence of one kind of topic on one day in China. It happened, and is known, as the first that
was known of it: what comes later the same day changes nothing, so what was forecast then is what is forecast of then.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import polars as pl
from django.db import connection

from foresail.crm.queries import accounts_of
from foresail.science.forecaster import names
from foresail.signals.models import Topic
from foresail.timeline.kinds import Kind
from foresail.timeline.traces import SCHEMA

PREFIX: Final = "interest_"
"""Before the kind of topic. What is about none is of the kind "other"."""
KINDS: Final = tuple(
    Kind(code, names.zh(code), names.en(code), "web")
    for code in (f"{PREFIX}{kind}" for kind in Topic.Kind.values)
)
FOREVER: Final = datetime.max.replace(tzinfo=UTC)
_ANY: Final = "SELECT EXISTS (SELECT FROM signals_evidence)"
# Of all that was ever known of a day, if anything of it stands: how sure we are of whom may change, that we knew does not.
_READ: Final = """
    SELECT deal, first[2], first[1], trace FROM (
        SELECT deal, %(prefix)s || coalesce(topic.kind, 'other') AS trace,
            min(ARRAY[extract(epoch FROM known_at) * 1000000, extract(epoch FROM at) * 1000000]::bigint[]) AS first
        FROM unnest(%(deals)s::text[], %(accounts)s::bigint[]) AS asked (deal, account)
        JOIN signals_evidence evidence ON evidence.account_id = asked.account
        LEFT JOIN signals_topic topic ON topic.id = evidence.topic_id
        WHERE known_at <= %(until)s GROUP BY deal, trace, "on"
        HAVING bool_or(ended_at IS NULL OR ended_at > %(until)s)
    ) AS days
"""


def traces_of(deals: pl.DataFrame, known_by: datetime | None) -> pl.DataFrame:
    """Return the traces of `deals` as `timeline.traces` asks for them: of the account of each, and what it was then."""
    with connection.cursor() as cursor:
        cursor.execute(_ANY)
        if cursor.fetchone() == (False,):
            return pl.DataFrame(schema=SCHEMA)
    pairs = set(deals.drop_nulls().iter_rows())
    pairs |= {
        (str(deal), account) for deal, account in accounts_of([int(key) for key in deals["deal"]]).items()
    }
    if not pairs:
        return pl.DataFrame(schema=SCHEMA)
    keys, accounts = zip(*sorted(pairs), strict=True)
    given: dict[str, Any] = {
        "deals": list(keys),
        "accounts": list(accounts),
        "until": known_by or FOREVER,
        "prefix": PREFIX,
    }
    with connection.cursor() as cursor:
        cursor.execute(_READ, given)
        rows = cursor.fetchall()
    found = pl.DataFrame(rows, schema={**SCHEMA, "at": pl.Int64(), "known": pl.Int64()}, orient="row")
    return found.with_columns(pl.col("at", "known").cast(pl.Datetime("us", "UTC")))
