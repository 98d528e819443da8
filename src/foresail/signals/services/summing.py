"""All sums are made anew, on an engine: from files, while adding up goes on.

What the engine computes is compared with what was added up as it came, and only what is otherwise is made anew in the
table, some in a transaction. What turned between the two is made anew for nothing, and stays right.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

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
_OTHERWISE: Final = """
    SELECT account, topic, kind FROM read_parquet($interest_now) new FULL JOIN read_parquet($interest) old
        USING (account, topic, kind)
    WHERE new."at" IS DISTINCT FROM old."at" OR NOT coalesce(
        abs(new.value - old.value) <= $exact * abs(new.value) AND abs(new.whole - old.whole) <= $exact * abs(new.whole), false)
    UNION
    SELECT account, topic, kind FROM read_parquet($daily_now) new FULL JOIN read_parquet($daily) old
        USING (account, "on", topic, kind)
    WHERE new.count IS DISTINCT FROM old.count OR NOT coalesce(
        abs(new.amount - old.amount) <= $exact * abs(new.amount) AND abs(new.whole - old.whole) <= $exact * abs(new.whole),
        false)
"""


def judge_all(*, at: datetime) -> None:
    """Judge everybody anew, some in a transaction, and make all sums anew: other topics or half-lives count from `at` on."""
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
        _compute(work)
        for wrong in _otherwise(work):
            with transaction.atomic(), connection.cursor() as cursor:
                hold()
                sum_again(cursor, wrong)
            mended += len(wrong)
    return mended


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


def _otherwise(work: Path) -> Iterator[list[tuple[int, int, str]]]:
    """Yield the keys of sums that are otherwise than computed, some at a time."""
    import pyarrow as pa  # noqa: PLC0415  as above

    from foresail.signals import scale  # noqa: PLC0415

    key = {"account": pa.int64(), "topic": pa.int64(), "kind": pa.string()}
    of_interest = key | {"at": pa.int64(), "value": pa.float64(), "whole": pa.float64()}
    of_daily = {"account": pa.int64(), "on": pa.int32()} | key
    of_daily |= {"amount": pa.float64(), "whole": pa.float64(), "count": pa.int64()}
    export(_INTEREST, [], schema=pa.schema(of_interest), to=work / "interest.parquet")
    export(_DAILY, [], schema=pa.schema(of_daily), to=work / "daily.parquet")
    given = {
        "interest": str(work / "interest.parquet"), "interest_now": str(work / "now" / "interest" / "*.parquet"),
        "daily": str(work / "daily.parquet"), "daily_now": str(work / "now" / "daily" / "*.parquet"), "exact": EXACT,
    }  # fmt: skip
    with scale.limited(work) as database:
        found = database.execute(_OTHERWISE, given)
        while keys := found.fetchmany(MOST_SUMS):
            yield keys
