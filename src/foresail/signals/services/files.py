"""Files of signals: read, told how to read them, and brought batch by batch through the gate."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from foresail.core import sheets
from foresail.core.changes import Change, record
from foresail.core.clock import ZONE
from foresail.core.locks import lock
from foresail.core.outbox import tell
from foresail.core.sheets import FileUnreadable
from foresail.governance.collecting import Purpose
from foresail.governance.permission import may_propose
from foresail.governance.queries import boundary_in_force, wording_of
from foresail.people.errors import NotAllowed
from foresail.signals.channels import Batch, Channel, channels
from foresail.signals.errors import FileBusy, FileUnready, SourcesInvalid
from foresail.signals.models import FileBrought, Pseudonyms
from foresail.signals.reading import Incoming
from foresail.signals.reading.table import (
    NoSignal,
    Told,
    Way,
    columns_of,
    guess,
    lacking,
    orders_in,
    read_row,
)
from foresail.signals.services.brought import Brought
from foresail.signals.services.intake import take_in
from foresail.signals.services.keys import KnownKey
from foresail.signals.sources import FAIR, NOTES, SOCIAL

if TYPE_CHECKING:
    from foresail.people.models import User

BATCH: Final = 2_000
AT_ONCE: Final = 2_000
"""Files of at most so many rows are brought while one waits; so many rows a check looks at."""
SHOWN: Final = 20
MOST_WRONG: Final = 10_000
"""Of so many rows that are no signals is kept which they were; all are counted."""
KEPT: Final = timedelta(days=1)
"""How long a file waits to be started."""
NO_KEY: Final = 0
"""What stands in the place of a key in a signal that came by file."""
_LACKING: Final = {
    "at": ("请选择时间列，或填写活动日期。", "Say which column holds the time, or on which day it was."),
    "who": (
        "请选择能说明是谁的列：邮箱、电话、人员编号，或姓名加公司。",
        "Say which column tells who it was: e-mail, phone, a person's id, or name and company.",
    ),
}
State = FileBrought.State


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is read: `code` where it is no signal."""

    number: int
    cells: Sequence[str]
    told: Told | None
    code: str


def begin_file(
    *, source: str, pieces: Iterable[bytes], name: str, day: date | None = None, by: User | None, at: datetime
) -> FileBrought:
    """Take in a file of signals from `source`, guess how it is read, and check it.

    Raises NotAllowed, SourcesInvalid or FileUnreadable.
    """
    _require_may(by)
    channel = channels().get(source)
    if channel is None:
        raise SourcesInvalid
    with tempfile.TemporaryDirectory(prefix="foresail-") as temporary:
        path, digest = Path(temporary) / "upload", hashlib.sha256()
        sheets.take(_digested(pieces, digest), into=path)
        headers, frame = sheets.read(path)
    with transaction.atomic():
        of = FileBrought.objects.create(
            source=source,
            name=sheets.name_of(name),
            digest=digest.hexdigest(),
            columns=headers,
            rows=len(frame),
            settings=_settings(guess(channel.source, headers), day=day, wording=None),
            by=by,
            created_at=at,
        )
        _keep_table(of, frame)
        _check(of, at=at)
        tell("collecting", 0)
    return of


def configure_file(
    *,
    of: FileBrought,
    columns: Mapping[str, int],
    day: date | None,
    wording: int | None,
    by: User | None,
    at: datetime,
) -> None:
    """Say how a file is read, and check it anew. Raises NotAllowed, FileBusy, FileUnready or FileUnreadable."""
    with transaction.atomic():
        _hold(of, by=by)
        offered = {each.key for each in columns_of(_channel(of).source)}
        if not set(columns) <= offered or not all(0 <= place < len(of.columns) for place in columns.values()):
            raise FileUnready(
                zh="有列对应的内容不存在。", en="A column is read as something that does not exist."
            )
        if day and day > at.astimezone(ZONE).date():
            raise FileUnready(zh="活动日期不能在未来。", en="The day cannot lie ahead.")
        of.settings = _settings(columns, day=day, wording=wording)
        _check(of, at=at)


def start_file(*, of: FileBrought, by: User | None, at: datetime, here: bool = False) -> None:
    """Bring a file: a small one at once, others in the background; `here`, whoever calls this runs it.

    Raises NotAllowed, FileBusy, FileUnready or FileUnreadable.
    """
    with transaction.atomic():
        _hold(of, by=by)
        for what in lacking(of.settings["columns"], day=_day(of)):
            raise FileUnready(zh=_LACKING[what][0], en=_LACKING[what][1])
        if not _place(of).exists():
            raise FileUnreadable("gone")
        of.state, of.started_at, of.counts = State.RUNNING, at, _nothing()
        of.save(update_fields=["state", "started_at", "counts"])
        if not here:
            name = f"signal-file-{of.pk}"
            job = app.configure_task("signals.bring_file", queue="default", lock=name, queueing_lock=name)
            with suppress(AlreadyEnqueued), transaction.atomic():
                job.defer(key=of.pk)
        _told("bring_file", of, {"source": of.source, "rows": of.rows}, at=at)
    if not here and of.rows <= AT_ONCE:
        run_file(key=of.pk, at=at)
        of.refresh_from_db()


def run_file(*, key: int, at: datetime) -> None:
    """Bring what is left of a file. Killed anywhere, it goes on after the last batch that was kept."""
    of = FileBrought.objects.select_related("by").get(pk=key)
    if of.state != State.RUNNING:
        return
    known = _key(of.source)
    for batch in _channel(of).read(of.pk, after=of.position, at=at):
        if not _bring(of, batch, known, at=at):
            return
    with transaction.atomic():
        held = FileBrought.objects.select_for_update(of=("self",)).select_related("by").get(pk=key)
        if held.state != State.RUNNING or held.position < held.rows:
            return
        held.state, held.ended_at = State.DONE, at
        held.save(update_fields=["state", "ended_at"])
        transaction.on_commit(lambda: _forget(key))
        _told("file_brought", held, {"source": held.source, **held.counts}, at=at)


def bring_now(
    *, source: str, pieces: Iterable[bytes], name: str, day: date | None, by: User | None, at: datetime
) -> FileBrought:
    """Take a file in and bring all of it, as it is guessed to be read.

    One that was cut off goes on where it was. Raises NotAllowed, SourcesInvalid, FileUnreadable or FileUnready.
    """
    of = begin_file(source=source, pieces=pieces, name=name, day=day, by=by, at=at)
    begun = FileBrought.objects.filter(source=source, digest=of.digest, by=by, state=State.RUNNING).first()
    if begun is not None and _folder(begun.pk).exists():
        discard_file(of=of, by=by)
        of = begun
    else:
        try:
            start_file(of=of, by=by, at=at, here=True)
        except FileUnready:
            discard_file(of=of, by=by)
            raise
    run_file(key=of.pk, at=at)
    of.refresh_from_db()
    return of


def discard_file(*, of: FileBrought, by: User | None) -> None:
    """Throw away a file that was not started. Raises NotAllowed or FileBusy."""
    with transaction.atomic():
        _hold(of, by=by)
        _throw_away(of)


def _throw_away(of: FileBrought) -> None:
    key = of.pk
    of.delete()
    transaction.on_commit(lambda: _forget(key))
    tell("collecting", 0)


def forget_files(*, at: datetime) -> int:
    """Throw away what nobody started for a day, or what did not come to its end in one; return how many files that were.

    What was brought of a file stays: each signal rests on its own.
    """
    waiting = Q(state=State.READ, created_at__lt=at - KEPT) | Q(state=State.RUNNING, started_at__lt=at - KEPT)
    gone = 0
    for key in list(FileBrought.objects.filter(waiting).values_list("pk", flat=True)):
        with transaction.atomic():
            of = FileBrought.objects.select_for_update().filter(waiting, pk=key).first()
            if of is not None:
                _throw_away(of)
                gone += 1
    held = set(FileBrought.objects.exclude(state=State.DONE).values_list("pk", flat=True))
    for left in _folder(0).parent.glob("[0-9]*"):  # by whoever was killed between the file and its row
        if int(left.name) not in held and left.stat().st_mtime < (at - KEPT).timestamp():
            _forget(int(left.name))
    return gone


def first_rows(of: FileBrought, *, at: datetime) -> list[Row]:
    """Return the first rows as they are read. Raises FileUnreadable once the file is gone."""
    table = _table(of)
    return list(_rows(table, _way(of, table), start=0, count=SHOWN, at=at))


# ---- bringing


def _read(key: int, *, after: int, at: datetime) -> Iterator[Batch]:
    of = FileBrought.objects.get(pk=key)
    table = _table(of)
    way = _way(of, table)
    for start in range(after, of.rows, BATCH):
        yield _batch(_rows(table, way, start=start, count=BATCH, at=at), start=start)


CHANNELS: Final = tuple(Channel(source=source, read=_read) for source in (FAIR, NOTES, SOCIAL))


def _way(of: FileBrought, table: pl.DataFrame) -> Way:
    """Return how a file is read, with what people are asked now."""
    rule = boundary_in_force().by_source.get(of.source)
    purpose = rule.purpose if rule else Purpose.INTENT
    newest = wording_of(purpose=purpose)
    columns = of.settings["columns"]
    times = {columns[key] for key in ("at", "consent_at") if key in columns}
    return Way(
        source=_channel(of).source,
        headers=of.columns,
        columns=columns,
        day=_day(of),
        wording=of.settings["wording"],
        purpose=purpose,
        wordings=range(1, newest.version + 1 if newest else 1),
        orders=orders_in(columns, {place: table[str(place)].drop_nulls().to_list() for place in times}),
    )


def _rows(table: pl.DataFrame, way: Way, *, start: int, count: int, at: datetime) -> Iterator[Row]:
    ready = not lacking(way.columns, day=way.day)
    for number, cells in enumerate(table.slice(start, count).fill_null("").iter_rows(), start=start):
        try:
            yield Row(number, cells, read_row(cells, way=way, now=at) if ready else None, "")
        except NoSignal as none:
            yield Row(number, cells, None, none.code)


def _batch(rows: Iterable[Row], *, start: int) -> Batch:
    signals: list[Incoming] = []
    wrong: dict[int, str] = {}
    doubtful, end = 0, start
    for row in rows:
        end += 1
        if row.told is None:
            wrong[row.number] = row.code
        else:
            signals += row.told.signals
            doubtful += row.told.doubtful
    return Batch(start=start, end=end, signals=signals, wrong=wrong, doubtful=doubtful)


def _bring(of: FileBrought, batch: Batch, known: KnownKey, *, at: datetime) -> bool:
    """Keep a batch and how far one has come in one transaction; return whether the file is still ours to go on with."""
    with transaction.atomic():
        held = FileBrought.objects.select_for_update().get(pk=of.pk)
        if held.state != State.RUNNING or held.position != batch.start:
            return False
        counts = _counted(batch, known, at=at)
        held.counts = _sum(held.counts, counts)
        held.wrong += [[row, code] for row, code in batch.wrong.items()][: MOST_WRONG - len(held.wrong)]
        held.position = batch.end
        held.save(update_fields=["counts", "wrong", "position"])
        tell("collecting", 0)
    return True


def _counted(batch: Batch, known: KnownKey, *, at: datetime) -> dict[str, Any]:
    """Take a batch in, and return what came of it."""
    taken = take_in([Brought(known, each) for each in batch.signals], at=at)
    return {
        "kept": taken.kept,
        "seen": taken.seen,
        "consents": sum(each.kind == "consent_given" for each in batch.signals),
        "doubtful": batch.doubtful,
        "left_out": {reason.value: count for (_, reason), count in taken.left_out.items()},
        "wrong": dict(Counter(batch.wrong.values())),
    }


def _check(of: FileBrought, *, at: datetime) -> None:
    """Find out what the first rows would come to, by doing it and taking it back."""
    of.check_result = {"rows": 0, **_nothing()}
    if not lacking(of.settings["columns"], day=_day(of)):
        table, known = _table(of), _key(of.source)
        batch = _batch(_rows(table, _way(of, table), start=0, count=AT_ONCE, at=at), start=0)
        with transaction.atomic():
            counts = _counted(batch, known, at=at)
            transaction.set_rollback(True)
        of.check_result = {"rows": batch.end, **counts}
    of.save(update_fields=["settings", "check_result"])


def _nothing() -> dict[str, Any]:
    return {"kept": 0, "seen": 0, "consents": 0, "doubtful": 0, "left_out": {}, "wrong": {}}


def _sum(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: dict(Counter(one[name]) + Counter(value)) if isinstance(value, dict) else one[name] + value
        for name, value in other.items()
    }


def _key(source: str) -> KnownKey:
    """Return what stands for a key: people have the same name in whatever file of whatever source."""
    found = Pseudonyms.objects.first()
    if found is None:
        with transaction.atomic():
            lock("signals pseudonyms")
            found = Pseudonyms.objects.first() or Pseudonyms.objects.create(secret=secrets.token_hex(32))
    return KnownKey(
        id=NO_KEY,
        digest="",
        browser=False,
        sources=(source,),
        origins=frozenset(),
        per_minute=0,
        secret=found.secret,
    )


# ---- the file


def _place(of: FileBrought) -> Path:
    return _folder(of.pk) / "table.parquet"


def _folder(key: int) -> Path:
    return Path(settings.HOME.folder) / "signal-files" / str(key)


def _keep_table(of: FileBrought, frame: pl.DataFrame) -> None:
    _folder(of.pk).mkdir(mode=0o700, parents=True, exist_ok=True)
    frame.write_parquet(_place(of))


def _table(of: FileBrought) -> pl.DataFrame:
    try:
        return pl.read_parquet(_place(of))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise FileUnreadable("gone") from error


def _forget(key: int) -> None:
    shutil.rmtree(_folder(key), ignore_errors=True)


def _digested(pieces: Iterable[bytes], digest: Any) -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece


# ---- settings, rights, telling


def _settings(columns: Mapping[str, int], *, day: date | None, wording: int | None) -> dict[str, Any]:
    return {"columns": dict(columns), "day": day.isoformat() if day else None, "wording": wording}


def _day(of: FileBrought) -> date | None:
    return date.fromisoformat(of.settings["day"]) if of.settings["day"] else None


def _channel(of: FileBrought) -> Channel:
    return channels()[of.source]


def _require_may(by: User | None) -> None:
    if by is not None and not may_propose(by):
        raise NotAllowed


def _hold(of: FileBrought, *, by: User | None) -> None:
    """Hold a file that was not started. Raises NotAllowed or FileBusy."""
    _require_may(by)
    of.refresh_from_db(from_queryset=FileBrought.objects.select_for_update())
    if of.state != State.READ:
        raise FileBusy


def _told(verb: str, of: FileBrought, values: Mapping[str, Any], *, at: datetime) -> None:
    tell("collecting", 0)
    record(
        Change(
            actor=of.by_id,
            verb=verb,
            subject="signals.FileBrought",
            key=str(of.pk),
            at=at,
            values=dict(values),
        )
    )
