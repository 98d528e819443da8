"""Months of evidence that are over lie in Parquet files too, for engines to read. A file can forget.

A row of `Month` says which file holds a month, and how often its evidence changed since there is one: the database
counts that itself, in the transaction that changes it. A file that was written of another count is stale: nobody reads
it. What was erased is thus gone for readers with the erasure, and the file itself right after, before who withdrew is
answered. The month is read from the table then, until a job writes it again.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from fcntl import LOCK_EX, flock
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Min

from foresail.signals.models import Evidence, Month
from foresail.signals.services.adding import hold
from foresail.signals.soon import write_months_soon

if TYPE_CHECKING:
    import pyarrow as pa

ROWS: Final = 100_000
"""So many at a time pass through memory."""
TRIES: Final = 3
"""So often a month is written that changes meanwhile; then it waits for the next time."""
EVIDENCE: Final = """
    SELECT account_id, topic_id, kind, signal_id, (extract(epoch FROM at) * 1000000)::bigint, "on" - '1970-01-01'::date,
        (extract(epoch FROM known_at) * 1000000)::bigint, (extract(epoch FROM ended_at) * 1000000)::bigint, amount, topics
    FROM signals_evidence
"""
"""Evidence in the columns of `scale.sums.EVIDENCE`."""


def folder() -> Path:
    """Return where the files lie: in FORESAIL_PARQUET, which a cluster sees under the same name, or at home."""
    return Path(settings.PARQUET or settings.HOME.folder / "parquet")


@contextmanager
def working() -> Iterator[Path]:
    """Yield a folder for what is computed meanwhile. One works at a time; what somebody killed left is swept away."""
    work = folder() / "work"
    work.mkdir(parents=True, exist_ok=True)
    with (folder() / ".lock").open("w") as held:
        flock(held, LOCK_EX)  # gone with who held it
        _sweep(work)
        try:
            yield work
        finally:
            _sweep(work)


def write_months(*, at: datetime) -> int:
    """Write files of the months that were over at `at`, where there is none, or a stale one; return how many."""
    written = 0
    with working():
        _drop_unnamed()
        for first in _over(at):
            known = Month.objects.filter(first=first).first()
            if known is None:
                with transaction.atomic():
                    hold()  # whoever changes evidence from now on finds the row to count in
                    known = Month.objects.create(first=first)
            if not _fresh(known):
                written += any(_write(first, at=at) for _ in range(TRIES))
    return written


def drop_stale(*, unfinished: bool = False) -> int:
    """Delete the files of months that changed, which nobody reads any more; return how many.

    With `unfinished` also what somebody is writing just now, of what was there before: it is begun again.
    """
    dropped = 0
    for month in Month.objects.exclude(written=F("changes")):
        if month.file or unfinished:
            shutil.rmtree(_place(month.first), ignore_errors=True)
        if month.file:
            dropped += Month.objects.filter(first=month.first, file=month.file).update(file="")
    return dropped


def forget_soon() -> None:
    """Delete stale files as soon as the caller's transaction is there, and have them written again later.

    Killed in between, a job deletes them within a minute.
    """
    transaction.on_commit(_forget, robust=True)


def _forget() -> None:
    if drop_stale(unfinished=True):
        write_months_soon()


def read_evidence(*, work: Path, files: bool = True) -> Sequence[Path]:
    """Return files that hold all evidence: those of months, and one in `work` of what is in none that is fresh.

    Without `files` that one holds all.
    """
    fresh = [month for month in Month.objects.order_by("first") if files and _fresh(month)]
    rest = work / "rest.parquet"
    elsewhere = "(date_trunc('month', at AT TIME ZONE 'UTC'))::date <> ALL(%s::date[])"
    schema = _schema()
    export(f"{EVIDENCE} WHERE {elsewhere}", [[month.first for month in fresh]], schema=schema, to=rest)
    return [*(_place(month.first) / month.file for month in fresh), rest]


def export(query: str, given: Sequence[Any], *, schema: pa.Schema, to: Path) -> int:
    """Write what `query` gives into the Parquet file `to`, a part at a time; return how many rows. One statement."""
    from pyarrow import csv, parquet  # noqa: PLC0415  half a second, for a job at night

    names = csv.ReadOptions(column_names=schema.names)
    types = csv.ConvertOptions(column_types=schema)
    rows = 0
    with (
        connection.cursor() as cursor,
        parquet.ParquetWriter(to, schema, compression="zstd") as writer,
        connection.wrap_database_errors,
        cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", given) as copy,
    ):
        lines = iter(copy)
        while part := b"".join(islice(lines, ROWS)):
            table = csv.read_csv(BytesIO(part), read_options=names, convert_options=types)
            writer.write_table(table)
            rows += table.num_rows
    return rows


def _write(first: date, *, at: datetime) -> bool:
    """Write the file of a month; return whether it is as the month is. Half of one is never named so."""
    changes = Month.objects.values_list("changes", flat=True).get(first=first)
    place = _place(first)
    place.mkdir(parents=True, exist_ok=True)
    name = f"{secrets.token_hex(8)}.parquet"
    hidden = place / f".{name}"
    try:
        rows = export(
            f"{EVIDENCE} WHERE at >= %s AND at < %s",
            [_begins(first), _begins(_next(first))],
            schema=_schema(),
            to=hidden,
        )
        digest = _digest(hidden)
        hidden.rename(place / name)
    except FileNotFoundError:  # something of the month was erased, and took this along
        return False
    told = {"file": name, "rows": rows, "digest": digest, "written": changes, "written_at": at}
    # Counted again in the moment of naming: what changed since, and be it an erasure, makes this nothing.
    named = Month.objects.filter(first=first, changes=changes).update(**told)
    for other in place.iterdir():
        if not named or other.name != name:
            other.unlink(missing_ok=True)
    return bool(named)


def _over(at: datetime) -> Iterator[date]:
    """Yield the first days of months that have evidence and were over at `at`."""
    earliest = Evidence.objects.aggregate(Min("at"))["at__min"]
    month, last = _month_of(earliest or at), _month_of(at)
    while month < last:
        yield month
        month = _next(month)


def _fresh(month: Month) -> bool:
    """Return whether the file of a month is there, holds what the month is, and is whole."""
    if month.written != month.changes or not month.file:
        return False
    with suppress(FileNotFoundError):
        return _digest(_place(month.first) / month.file) == month.digest
    return False


def _place(first: date) -> Path:
    return folder() / "evidence" / f"month={first:%Y-%m}"


def _month_of(at: datetime) -> date:
    return at.astimezone(UTC).date().replace(day=1)


def _next(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _begins(first: date) -> datetime:
    return datetime(first.year, first.month, 1, tzinfo=UTC)


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _drop_unnamed() -> None:
    """Delete what no row names: what somebody wrote who was killed."""
    named = {_place(month.first) / month.file for month in Month.objects.exclude(file="")}
    for file in (folder() / "evidence").glob("month=*/*"):
        if file not in named:
            file.unlink(missing_ok=True)


def _sweep(work: Path) -> None:
    for each in work.iterdir():
        if each.is_dir():
            shutil.rmtree(each, ignore_errors=True)
        else:
            each.unlink()


def _schema() -> pa.Schema:
    import pyarrow as pa  # noqa: PLC0415

    return pa.schema({
        "account": pa.int64(), "topic": pa.int64(), "kind": pa.string(), "signal": pa.int64(), "at": pa.int64(),
        "on": pa.int32(), "known_at": pa.int64(), "ended_at": pa.int64(), "amount": pa.float64(), "topics": pa.int16(),
    })  # fmt: skip
