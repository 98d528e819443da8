"""All sums are made anew, on an engine: from files, while adding up goes on.

What the engine computes is compared with what was added up as it came, and only what is otherwise is mended, some in a
transaction. A sum whose number alone is otherwise takes the one computed, if it still is what it was before the evidence
was read: whoever changes evidence changes its sums with it. All else is made anew in the table.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction

from foresail.signals.models import Tie
from foresail.signals.services.adding import hold, judge_again, sum_again
from foresail.signals.services.months import export, read_evidence, working, write_months
from foresail.signals.weighing import half_lives

MOST_VISITORS: Final = 500
"""Whose whole past is judged in one transaction."""
MOST_SUMS: Final = 2_000
"""So many are made anew in one transaction."""
EXACT: Final = 1e-9
"""By so much of itself a sum may differ: the order of adding changes the last digits."""
_INTEREST: Final = """
    SELECT account_id, topic_id, kind, (extract(epoch FROM at) * 1000000)::bigint, value, whole FROM signals_interest
"""
_DAILY: Final = """
    SELECT account_id, "on" - '1970-01-01'::date, topic_id, kind, amount, whole, count FROM signals_daily
"""
_OTHER_NUMBER: Final = """
    SELECT account, topic, kind, old.value, old.whole, new.value, new.whole
    FROM read_parquet($interest_now) new JOIN read_parquet($interest) old USING (account, topic, kind)
    WHERE new."at" = old."at" AND NOT (
        abs(new.value - old.value) <= $exact * abs(new.value) AND abs(new.whole - old.whole) <= $exact * abs(new.whole))
"""
_TAKE: Final = """
    UPDATE signals_interest AS old SET value = new.value, whole = new.whole
    FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::float8[], %s::float8[], %s::float8[], %s::float8[])
        AS new (account, topic, kind, was_value, was_whole, value, whole)
    WHERE old.account_id = new.account AND old.topic_id = new.topic AND old.kind = new.kind
        AND old.value = new.was_value AND old.whole = new.was_whole
    RETURNING new.account, new.topic, new.kind
"""
_OTHERWISE: Final = """
    SELECT account, topic, kind FROM read_parquet($interest_now) new FULL JOIN read_parquet($interest) old
        USING (account, topic, kind)
    WHERE new."at" IS DISTINCT FROM old."at"
    UNION
    SELECT account, topic, kind FROM read_parquet($daily_now) new FULL JOIN read_parquet($daily) old
        USING (account, "on", topic, kind)
    WHERE new.count IS DISTINCT FROM old.count OR NOT coalesce(
        abs(new.amount - old.amount) <= $exact * abs(new.amount) AND abs(new.whole - old.whole) <= $exact * abs(new.whole),
        false)
"""


def judge_all(*, at: datetime) -> None:
    """Judge everybody anew, some in a transaction, and make all sums anew: other topics count from `at` on."""
    tied = Tie.objects.filter(ended_at=None).order_by("visitor")
    last = 0
    while visitors := list(tied.filter(visitor__gt=last).values_list("visitor", flat=True)[:MOST_VISITORS]):
        with transaction.atomic():
            judge_again(visitors, at=at)
        last = visitors[-1]
    write_months(at=at)
    sum_all()


def sum_all() -> int:
    """Compute all sums anew from the evidence that stands, and mend those that are otherwise; return how many those were."""
    mended = 0
    with working() as work:
        _export(work)  # before the evidence is read: see above
        _compute(work)
        for query, mend in ((_OTHER_NUMBER, take_computed), (_OTHERWISE, sum_again)):
            for wrong in _compared(work, query):
                with transaction.atomic(), connection.cursor() as cursor:
                    hold()
                    mend(cursor, wrong)
                mended += len(wrong)
    return mended


def take_computed(cursor: Any, wrong: Sequence[tuple[Any, ...]]) -> None:
    """Let sums be what was computed (`_OTHER_NUMBER`); those that are no more what they were are made anew."""
    cursor.execute(_TAKE, [list(column) for column in zip(*wrong, strict=True)])
    taken = set(cursor.fetchall())
    sum_again(cursor, [row[:3] for row in wrong if row[:3] not in taken])


def _export(work: Path) -> None:
    """Write the sums of now into `work`."""
    import pyarrow as pa  # noqa: PLC0415  half a second, for a job at night

    key = {"account": pa.int64(), "topic": pa.int64(), "kind": pa.string()}
    of_interest = key | {"at": pa.int64(), "value": pa.float64(), "whole": pa.float64()}
    of_daily = {"account": pa.int64(), "on": pa.int32()} | key
    of_daily |= {"amount": pa.float64(), "whole": pa.float64(), "count": pa.int64()}
    export(_INTEREST, [], schema=pa.schema(of_interest), to=work / "interest.parquet")
    export(_DAILY, [], schema=pa.schema(of_daily), to=work / "daily.parquet")


def _compute(work: Path) -> None:
    """Compute all sums into `work`. Where a file went meanwhile, with what was erased, begin again without it."""
    for files_too in (True, True, False):
        made = work / secrets.token_hex(4)
        made.mkdir()
        files = read_evidence(work=made, files=files_too)
        try:
            _compute_from(files, made)
        except Exception:
            if all(file.exists() for file in files):
                raise
        else:
            made.rename(work / "now")
            return


def _compute_from(files: Sequence[Path], made: Path) -> None:
    from foresail.signals import scale  # noqa: PLC0415  Ibis and DuckDB take seconds to import, for a job at night

    engine = scale.engine()
    engine.write(scale.interest_sums(half_lives()), files=files, to=made / "interest")
    engine.write(scale.daily_sums(), files=files, to=made / "daily")


def _compared(work: Path, query: str) -> Iterator[list[tuple[Any, ...]]]:
    """Yield what `query` finds in what was exported and what was computed, some at a time."""
    from foresail.signals import scale  # noqa: PLC0415  as above

    given = {
        "interest": str(work / "interest.parquet"), "interest_now": str(work / "now" / "interest" / "*.parquet"),
        "daily": str(work / "daily.parquet"), "daily_now": str(work / "now" / "daily" / "*.parquet"), "exact": EXACT,
    }  # fmt: skip
    with scale.limited(work) as database:
        found = database.execute(query, {name: value for name, value in given.items() if f"${name}" in query})
        while rows := found.fetchmany(MOST_SUMS):
            yield rows
