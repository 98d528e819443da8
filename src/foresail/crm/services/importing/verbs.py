"""What people do with an import: begun with a file, told how to read it, checked, started, undone, forgotten."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from foresail.core import sheets
from foresail.core.outbox import tell
from foresail.core.sheets import FileUnreadable
from foresail.crm.errors import ImportBusy, ImportUnready, NotAllowed
from foresail.crm.fields import DEAL, RecordType, record_type
from foresail.crm.models import Import, ImportMapping, Pipeline
from foresail.crm.services.importing import files, logs
from foresail.crm.services.importing.guessing import guess, orders
from foresail.crm.services.importing.running import keep_change, planner_of, run_check, tell_of
from foresail.crm.services.importing.targets import keys_by_default, may_import, operates, targets_of
from foresail.crm.sight import Sight
from foresail.people.models import BusinessLine
from foresail.people.queries import users_visible_to

if TYPE_CHECKING:
    from foresail.people.models import User

KEPT: Final = timedelta(days=30)
AT_ONCE: Final = 2_000
"""Files of at most so many rows are checked while one waits."""
SAMPLES: Final = 200
MOST_MAPPED: Final = 5_000
Status = Import.Status


def begin_import(*, kind: RecordType, pieces: Iterable[bytes], name: str, by: User, at: datetime) -> Import:
    """Take in a file for records of `kind`, and guess how it is read. Raises NotAllowed or FileUnreadable."""
    _require_may(kind, by=by)
    with tempfile.TemporaryDirectory(prefix="foresail-") as temporary:
        path = Path(temporary) / "upload"
        sheets.take(pieces, into=path)
        name = sheets.name_of(name)
        log = _log_in(kind, path, name=name, by=by)
        columns, frame = (log[0].columns, log[0].deals) if log else sheets.read(path)
        with transaction.atomic():
            of = Import.objects.create(
                kind=kind.key, file_name=name, columns=columns, rows=len(frame), by=by, created_at=at,
                log=log[0].way if log else None,
            )  # fmt: skip
            files.keep(frame, path, key=of.pk)
            if log:
                logs.keep(log[0], key=of.pk, source=log[1])
            of.settings = _of_log(of, log[0]) if log else _remembered(of) or _guessed(of)
            of.save(update_fields=["settings"])
            tell_of(of)
            keep_change("begin_import", of, {"kind": kind.key, "rows": of.rows}, by=by, at=at)
    return of


def reread_log(*, of: Import, way: Mapping[str, Any] | None, by: User) -> None:
    """Read a log as somebody says; without a `way`, its rows are no events but records.

    Raises NotAllowed, ImportBusy, FileUnreadable, or ImportUnready for what makes no sense.
    """
    with transaction.atomic():
        _hold(of, Status.READ, Status.CHECKED, by=by)
        source = logs.source_of(of.pk)
        if of.log is None or not source.exists():
            raise FileUnreadable("gone")
        if way is None:
            of.log = None
            of.columns, frame = sheets.read(files.folder(of.pk) / files.ORIGINAL)
            files.keep_table(frame, key=of.pk)
            of.settings = _remembered(of) or _guessed(of)
        else:
            found = logs.reread(source, way, name=of.file_name.partition(".")[0])
            of.log, of.columns, frame = found.way, found.columns, found.deals
            files.keep_table(frame, key=of.pk)
            logs.keep(found, key=of.pk, source=source)
            of.settings = _of_log(of, found)
        of.rows, of.status, of.check_result = len(frame), Status.READ, None
        of.save(update_fields=["log", "columns", "rows", "settings", "status", "check_result"])
        tell_of(of)


def configure_import(
    *, of: Import, settings: Mapping[str, Any], kind: RecordType | None = None, by: User
) -> None:
    """Say how a file is read; for another `kind`, it is guessed anew.

    Raises NotAllowed, ImportBusy, or ImportUnready for settings that make no sense.
    """
    with transaction.atomic():
        _hold(of, Status.READ, Status.CHECKED, by=by)
        if kind is not None and kind.key != of.kind and of.log is None:
            _require_may(kind, by=by)
            of.kind = kind.key
            of.settings = _remembered(of) or _guessed(of)
        else:
            of.settings = _sensible(of, settings, by=by)
        of.status, of.check_result = Status.READ, None
        of.save(update_fields=["kind", "settings", "status", "check_result"])
        tell_of(of)


def check_import(*, of: Import, by: User) -> None:
    """Find out what an import would come to: at once for small files, else in the background.

    Raises NotAllowed, ImportBusy, FileUnreadable, or ImportUnready where something that is needed is read from no
    column.
    """
    with transaction.atomic():
        _hold(of, Status.READ, Status.CHECKED, by=by)
        if not files.is_kept(of.pk):
            raise FileUnreadable("gone")
        planner = planner_of(of)
        if lacking := planner.lacking():
            zh, en = (
                "、".join(each.field.zh for each in lacking),
                ", ".join(each.field.en for each in lacking),
            )
            raise ImportUnready(zh=f"没有列对应“{zh}”。", en=f"no column is read as {en}.")
        of.status, of.position, of.check_result = Status.CHECKING, 0, None
        of.save(update_fields=["status", "position", "check_result"])
        tell_of(of)
        if of.rows > AT_ONCE:
            _soon("check_import", of)
    if of.rows <= AT_ONCE:
        run_check(key=of.pk)
        of.refresh_from_db()


def start_import(*, of: Import, by: User, at: datetime) -> None:
    """Have a checked file imported in the background; how it was read is remembered. Raises NotAllowed, ImportBusy."""
    with transaction.atomic():
        _hold(of, Status.CHECKED, by=by)
        of.status, of.position, of.started_at = Status.RUNNING, 0, at
        of.save(update_fields=["status", "position", "started_at"])
        if of.log is None:
            ImportMapping.objects.update_or_create(
                by=by, kind=of.kind, digest=_digest(of), defaults={"settings": of.settings, "used_at": at}
            )
        _soon("run_import", of)
        tell_of(of)
        keep_change("start_import", of, {"kind": of.kind, "rows": of.rows}, by=by, at=at)


def undo_import(*, of: Import, by: User, at: datetime) -> None:
    """Have an import taken back in the background, done or not, for 30 days. Raises NotAllowed or ImportBusy."""
    with transaction.atomic():
        _hold(of, Status.DONE, Status.RUNNING, by=by)
        if at > (of.ended_at or of.created_at) + KEPT or of.forgotten_at is not None:
            raise ImportBusy("old")
        of.status = Status.UNDOING
        of.save(update_fields=["status"])
        _soon("undo_import", of)
        tell_of(of)
        keep_change("undo_import", of, {"kind": of.kind}, by=by, at=at)


def discard_import(*, of: Import, by: User, at: datetime) -> None:
    """Throw away a file that was not imported. Raises NotAllowed or ImportBusy."""
    with transaction.atomic():
        _hold(of, Status.READ, Status.CHECKED, by=by)
        key = of.pk
        keep_change("discard_import", of, {"kind": of.kind}, by=by, at=at)
        of.delete()
        tell("imports", 0)
    files.forget(key)


def forget_imports(*, at: datetime) -> int:
    """Let go of files and rows older than 30 days, and of files that were never imported; return of how many."""
    old = Import.objects.filter(created_at__lt=at - KEPT, forgotten_at=None)
    gone = 0
    for of in old.exclude(status__in=[Status.RUNNING, Status.UNDOING]):
        key = of.pk
        with transaction.atomic():
            if of.status in {Status.DONE, Status.UNDONE}:
                of.outcomes.all().delete()
                of.forgotten_at = at
                of.save(update_fields=["forgotten_at"])
            else:
                of.delete()
        files.forget(key)
        gone += 1
    return gone


# ---- settings


def samples_of(of: Import, *, most: int = SAMPLES) -> list[list[str]]:
    """Return filled cells of each column, from all over the file."""
    frame = files.frame_of(of.pk)
    found = []
    for name in frame.columns:
        filled = frame[name].drop_nulls()
        step = max(len(filled) // most, 1)
        found.append(filled.gather_every(step).head(most).to_list())
    return found


def _guessed(of: Import) -> dict[str, Any]:
    kind = record_type(of.kind)
    samples = samples_of(of)
    columns = guess(of.columns, samples, targets_of(kind, by=of.by))
    frame = files.frame_of(of.pk)
    filled = [key for place, key in columns.items() if not frame[place].null_count()]
    team = of.by.team
    pipelines = list(Pipeline.objects.values_list("pk", flat=True)[:2])
    return {
        "columns": columns,
        "keys": keys_by_default(kind, filled),
        "policy": "both", "twins": "reject", "create_accounts": False, "orders": orders(samples), "values": {},
        "owner": of.by.pk,
        "line": team.line_id if team else BusinessLine.objects.order_by("pk").values_list("pk", flat=True).first(),
        "pipeline": pipelines[0] if len(pipelines) == 1 else None,
    }  # fmt: skip


def _log_in(kind: RecordType, path: Path, *, name: str, by: User) -> tuple[logs.Found, Path] | None:
    """Return the log that a file of deals holds, and where it is read from; None where it holds none.

    What a log tells, when deals began and how they ended, only sales operations say.
    """
    if kind is not DEAL or not operates(Sight.of(by)):
        return None
    source = logs.plain(path)
    found = logs.recognised(source, name=name.partition(".")[0], by=by)
    return None if found is None else (found, source)


def _of_log(of: Import, found: logs.Found) -> dict[str, Any]:
    return _guessed(of) | logs.settings_of(found, by=of.by)


def _remembered(of: Import) -> dict[str, Any] | None:
    """Return how the person, else a colleague, had the same columns read last: of a colleague's, not the values."""
    same = ImportMapping.objects.filter(kind=of.kind, digest=_digest(of)).order_by("-used_at")
    own = same.filter(by=of.by).first()
    found = own or same.first()
    if found is None:
        return None
    settings = dict(found.settings) if own else dict(found.settings) | {"values": {}, "owner": of.by.pk}
    allowed = targets_of(record_type(of.kind), by=of.by)
    settings["columns"] = {place: key for place, key in settings["columns"].items() if key in allowed}
    settings["keys"] = [key for key in settings["keys"] if key in settings["columns"].values()]
    return settings | {"remembered": True}


def _digest(of: Import) -> str:
    return hashlib.blake2b(json.dumps(of.columns, ensure_ascii=False).encode(), digest_size=16).hexdigest()


def _sensible(of: Import, settings: Mapping[str, Any], *, by: User) -> dict[str, Any]:
    """Return settings that hold only what there is. Raises ImportUnready."""
    targets = targets_of(record_type(of.kind), by=of.by)
    places = {str(place) for place in range(len(of.columns))}
    columns = {place: key for place, key in settings["columns"].items() if key}
    if not set(columns) <= places or not set(columns.values()) <= set(targets):
        raise ImportUnready(
            zh="有列对应的字段不存在。", en="a column is read as a field that does not exist."
        )
    if len(set(columns.values())) < len(columns):
        raise ImportUnready(zh="有两列对应同一个字段。", en="two columns are read as the same field.")
    keys = [key for key in settings["keys"] if key in columns.values()]
    if not all(targets[key].matches for key in keys):
        raise ImportUnready(zh="这个字段不能用来匹配记录。", en="records cannot be told apart by this field.")
    if settings["policy"] == "update" and not keys:
        raise ImportUnready(
            zh="只更新时请选择匹配列。", en="to update only, choose by which column records are found."
        )
    values = {place: dict(each) for place, each in settings["values"].items() if place in columns}
    if sum(len(each) for each in values.values()) > MOST_MAPPED:
        raise ImportUnready(zh="对应的值太多。", en="too many values are mapped.")
    owner = settings.get("owner")
    operating = operates(Sight.of(by))
    if owner is not None and not users_visible_to(user=by).filter(pk=owner, active=True).exists():
        raise ImportUnready(zh="没有找到负责人。", en="the owner was not found.")
    return {
        "columns": columns, "keys": keys, "policy": settings["policy"], "twins": settings["twins"],
        "create_accounts": bool(settings["create_accounts"]),
        "orders": {place: order for place, order in settings["orders"].items() if place in columns},
        "values": values, "owner": owner if operating else by.pk, "line": settings.get("line"),
        "pipeline": settings.get("pipeline"),
    }  # fmt: skip


# ---- rights and telling


def _require_may(kind: RecordType, *, by: User) -> None:
    if not may_import(kind, sight=Sight.of(by)):
        raise NotAllowed(
            zh=f"您的角色不能导入{kind.zh}；如有需要，请联系销售运营。",
            en=f"Your role may not import a {kind.en}; sales operations can.",
        )


def _hold(of: Import, *states: str, by: User) -> None:
    """Hold an import of one's own, or as sales operations anybody's. Raises NotAllowed or ImportBusy."""
    of.refresh_from_db(from_queryset=Import.objects.select_for_update(no_key=True))
    _require_may(record_type(of.kind), by=by)
    if of.by_id != by.pk and not operates(Sight.of(by)):
        raise NotAllowed(zh="这是他人的导入。", en="This is somebody else's import.")
    if of.status not in states:
        raise ImportBusy(of.status)


def _soon(task: str, of: Import) -> None:
    job = app.configure_task(
        f"crm.{task}", queue="default", lock=f"import-{of.pk}", queueing_lock=f"{task}-{of.pk}"
    )
    with suppress(AlreadyEnqueued), transaction.atomic():
        job.defer(key=of.pk)
