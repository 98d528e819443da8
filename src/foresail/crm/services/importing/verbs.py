"""The verbs of an import: begun with a file, told how to read it, checked, run batch by batch, undone, forgotten."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, connection, models, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from foresail.core import sheets
from foresail.core.changes import Change, record
from foresail.core.errors import Refusal
from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.core.sheets import FileUnreadable
from foresail.crm.errors import ImportBusy, ImportUnready, NotAllowed
from foresail.crm.events import ImportEnded
from foresail.crm.fields import ACCOUNT, DEAL, RecordType, record_type
from foresail.crm.models import Account, Import, ImportMapping, ImportRow, Pipeline
from foresail.crm.services.importing import files, logs
from foresail.crm.services.importing.guessing import guess, orders
from foresail.crm.services.importing.naming import records_named
from foresail.crm.services.importing.planning import Planner, Way, problem
from foresail.crm.services.importing.targets import keys_by_default, may_import, operates, targets_of
from foresail.crm.services.importing.twins import similar
from foresail.crm.services.importing.undoing import take_back
from foresail.crm.services.importing.writing import write
from foresail.crm.services.telling import actor
from foresail.crm.sight import Sight
from foresail.people.models import BusinessLine
from foresail.people.queries import users_visible_to

if TYPE_CHECKING:
    from foresail.people.models import User

KEPT: Final = timedelta(days=30)
BATCH: Final = 4_000
AT_ONCE: Final = 2_000
"""Files of at most so many rows are checked while one waits."""
SAMPLES: Final = 200
MOST_SHOWN: Final = 200
"""So many problems, and so many duplicates, a check names one by one."""
MOST_MAPPED: Final = 5_000
LINKED_AT_ONCE: Final = 1_000
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
            _told(of)
            _keep("begin_import", of, {"kind": kind.key, "rows": of.rows}, by=by, at=at)
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
        _told(of)


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
        _told(of)


def check_import(*, of: Import, by: User) -> None:
    """Find out what an import would come to: at once for small files, else in the background.

    Raises NotAllowed, ImportBusy, FileUnreadable, or ImportUnready where something that is needed is read from no
    column.
    """
    with transaction.atomic():
        _hold(of, Status.READ, Status.CHECKED, by=by)
        if not files.is_kept(of.pk):
            raise FileUnreadable("gone")
        planner = _planner(of)
        if lacking := planner.lacking():
            zh, en = (
                "、".join(each.field.zh for each in lacking),
                ", ".join(each.field.en for each in lacking),
            )
            raise ImportUnready(zh=f"没有列对应“{zh}”。", en=f"no column is read as {en}.")
        of.status, of.position, of.check_result = Status.CHECKING, 0, None
        of.save(update_fields=["status", "position", "check_result"])
        _told(of)
        if of.rows > AT_ONCE:
            _soon("check_import", of)
    if of.rows <= AT_ONCE:
        run_check(key=of.pk)
        of.refresh_from_db()


def run_check(*, key: int) -> None:
    """Go through a whole file without writing a record. Done again from the beginning where it was interrupted."""
    of = Import.objects.select_related("by__team__line").get(pk=key)
    if of.status != Status.CHECKING:
        return
    planner, found = _planner(of), _Found()
    for begin, rows in files.batches(of.pk, start=0, size=BATCH):
        plans = planner.plan(begin, rows)
        for plan in plans:
            found.note(plan)
        for plan, keys in zip(plans, similar(planner.kind, [plan.values for plan in plans]), strict=True):
            if keys:
                found.alike.append({"row": plan.number, "records": keys[:5]})
        with transaction.atomic():
            Import.objects.filter(pk=of.pk, status=Status.CHECKING).update(position=begin + len(rows))
            tell("import", of.pk)
    unmatched = {
        str(place): planner.closest(place) for place, each in planner.unmatched.items() if each.counts
    }
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=of.pk)
        if held.status == Status.CHECKING:
            held.status, held.position = Status.CHECKED, 0
            held.check_result = found.told() | {"unmatched": unmatched}
            held.save(update_fields=["status", "position", "check_result"])
            _told(held)


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
        _told(of)
        _keep("start_import", of, {"kind": of.kind, "rows": of.rows}, by=by, at=at)


def run_import(*, key: int, at: datetime) -> None:
    """Do what is left of an import. Killed anywhere, it is done again from the last batch that was written."""
    of = Import.objects.select_related("by__team__line").get(pk=key)
    if of.status != Status.RUNNING:
        return
    planner = _Recalling(of)
    for begin, rows in files.batches(of.pk, start=of.position, size=BATCH):
        if not _batch(of, planner, begin, rows, at=at):
            return
        done = begin + len(rows)
        if done < of.rows:
            of.refresh_from_db(fields=["accounts_made"])
            _count_anew({Account: of.accounts_made} | {record_type(of.kind).model: done})
    while _link(of):
        continue
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=of.pk)
        if held.status != Status.RUNNING or held.position < held.rows:
            return
        held.status, held.ended_at = Status.DONE, at
        held.save(update_fields=["status", "ended_at"])
        _told(held)
        counts = {
            name: getattr(held, name) for name in ("added", "updated", "same", "rejected", "accounts_made")
        }
        emit(ImportEnded(imported=held.pk, owner=actor(held.by), status=held.status, at=at))
        _keep("finish_import", held, counts, by=held.by, at=at)


def undo_import(*, of: Import, by: User, at: datetime) -> None:
    """Have an import taken back in the background, done or not, for 30 days. Raises NotAllowed or ImportBusy."""
    with transaction.atomic():
        _hold(of, Status.DONE, Status.RUNNING, by=by)
        if at > (of.ended_at or of.created_at) + KEPT or of.forgotten_at is not None:
            raise ImportBusy("old")
        of.status = Status.UNDOING
        of.save(update_fields=["status"])
        _soon("undo_import", of)
        _told(of)
        _keep("undo_import", of, {"kind": of.kind}, by=by, at=at)


def run_undo(*, key: int, at: datetime) -> None:
    """Take back what is left of an import. Killed anywhere, it goes on where it was."""
    of = Import.objects.select_related("by").get(pk=key)
    taken = 0
    while (count := take_back(of, at=at)) is not None:
        taken += count
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=of.pk)
        if held.status != Status.UNDOING:
            return
        held.outcomes.all().delete()
        held.status, held.ended_at = Status.UNDONE, at
        held.save(update_fields=["status", "ended_at"])
        _told(held)
        emit(ImportEnded(imported=held.pk, owner=actor(held.by), status=held.status, at=at))
        _keep("import_undone", held, {"taken_back": taken, "stayed": len(held.stayed)}, by=held.by, at=at)
    files.forget(of.pk)


def discard_import(*, of: Import, by: User, at: datetime) -> None:
    """Throw away a file that was not imported. Raises NotAllowed or ImportBusy."""
    with transaction.atomic():
        _hold(of, Status.READ, Status.CHECKED, by=by)
        key = of.pk
        _keep("discard_import", of, {"kind": of.kind}, by=by, at=at)
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


# ---- running


class _Recalling:
    """A planner that knows the rows done before, made anew where a batch failed: what it noted of that is void."""

    def __init__(self, of: Import) -> None:
        self._of = of
        self._planner: Planner | None = None

    def get(self, position: int) -> Planner:
        if self._planner is None:
            self._planner = _planner(self._of)
            rejected = set(
                self._of.outcomes.filter(kind=self._of.kind, action="rejected").values_list("row", flat=True)
            )
            if position:
                for number, row in enumerate(files.rows_of(self._of.pk, count=position)):
                    if number not in rejected:
                        self._planner.recall(number, row)
        return self._planner

    def forget(self) -> None:
        self._planner = None


def _count_anew(added: Mapping[type[models.Model], int]) -> None:
    """Have the database count tables that it takes for less than half of what was just added to them.

    One that it takes for empty it reads whole for every row that points to it.
    """
    with connection.cursor() as cursor:
        for model, count in added.items():
            table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001  # documented by Django
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [table])
            (known,) = cursor.fetchone() or (0.0,)
            if 2 * known < count:
                cursor.execute(f"ANALYZE {table}")


def _batch(
    of: Import, planner: _Recalling, begin: int, rows: Sequence[Sequence[str]], *, at: datetime
) -> bool:
    """Write some rows in one transaction; return whether the import is still ours to go on with.

    What a race made impossible is tried in halves: only the rows at fault are left out.
    """
    try:
        with transaction.atomic():
            held = Import.objects.select_for_update().get(pk=of.pk)
            if held.status != Status.RUNNING or held.position != begin:
                return False
            known = planner.get(begin)
            plans = known.plan(begin, rows, hold=True)
            done = write(held, known, plans, at=at)
            held.position = begin + len(rows)
            for name, count in done.counts.items():
                setattr(held, name, getattr(held, name) + count)
            held.accounts_made += done.accounts
            held.save(update_fields=["position", "added", "updated", "same", "rejected", "accounts_made"])
            tell("import", held.pk)
            _keep(
                "import_rows", held, {"first": begin + 1, "count": len(rows), **done.counts, "sha256": done.sha256},
                by=held.by, at=at,
            )  # fmt: skip
    except (IntegrityError, Refusal) as fault:
        planner.forget()
        if len(rows) == 1:
            return _leave_out(of, begin, fault, at=at)
        middle = len(rows) // 2
        return _batch(of, planner, begin, rows[:middle], at=at) and _batch(
            of, planner, begin + middle, rows[middle:], at=at
        )
    return True


def _leave_out(of: Import, row: int, fault: Exception, *, at: datetime) -> bool:
    zh, en = (
        (fault.zh, fault.en)
        if isinstance(fault, Refusal)
        else ("与刚刚写入的其他记录冲突。", "It conflicts with another record that was just written.")
    )
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=of.pk)
        if held.status != Status.RUNNING or held.position != row:
            return False
        ImportRow.objects.create(
            of=held, row=row, kind=held.kind, action="rejected", problems=[problem(zh, en)]
        )
        held.position, held.rejected = row + 1, held.rejected + 1
        held.save(update_fields=["position", "rejected"])
        _keep("import_rows", held, {"first": row + 1, "count": 1, "rejected": 1}, by=held.by, at=at)
    return True


def _link(of: Import) -> bool:
    """Link some added accounts to those that stand further down in the file; return whether there were any."""
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=of.pk)
        rows = list(held.outcomes.filter(later__isnull=False).order_by("row")[:LINKED_AT_ONCE])
        if held.status != Status.RUNNING or not rows:
            return False
        wanted = {row.pk: str((row.later or {}).get("parent", "")) for row in rows}
        names = records_named(ACCOUNT, wanted.values(), by=held.by)
        above = dict(Account.with_deleted.filter(parent__isnull=False).values_list("pk", "parent_id"))
        for row in rows:
            key, _ = names.find(wanted[row.pk], strict=True)
            parent = int(key) if key else None
            if parent is None or row.record is None or _circles(row.record, parent, above):
                row.problems = [*(row.problems or []), _no_parent(wanted[row.pk])]
            else:
                Account.objects.filter(pk=row.record).update(parent=parent)
                above[row.record] = parent
            row.later = None
        ImportRow.objects.bulk_update(rows, ["later", "problems"], batch_size=500)
    return True


def _circles(account: int, parent: int, above: Mapping[int, int | None]) -> bool:
    at: int | None = parent
    while at is not None:
        if at == account:
            return True
        at = above.get(at)
    return False


def _no_parent(name: str) -> dict[str, Any]:
    return problem(
        f"没有找到上级公司“{name}”，已留空。", f"The parent company {name} was not found, and is left empty."
    )  # fmt: skip


# ---- what a check finds


class _Found:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.kinds: Counter[tuple[int | None, str, str]] = Counter()
        self.problems: list[dict[str, Any]] = []
        self.twins: list[dict[str, Any]] = []
        self.twin_rows = 0
        self.accounts: set[str] = set()
        self.alike: list[dict[str, Any]] = []

    def note(self, plan: Any) -> None:
        self.counts[plan.action] += 1
        if plan.action == "added" and plan.make:
            self.accounts.add(plan.make)
        if plan.twins:
            self.twin_rows += 1
            if len(self.twins) < MOST_SHOWN:
                self.twins.append({"row": plan.number, "problems": plan.twins})
        for each in plan.problems:
            if each not in plan.twins:
                self.kinds[each["column"], each["zh"], each["en"]] += 1
        own = [each for each in plan.problems if each not in plan.twins]
        if own and len(self.problems) < MOST_SHOWN:
            self.problems.append({"row": plan.number, "problems": own})

    def told(self) -> dict[str, Any]:
        return {
            **{name: self.counts[name] for name in ImportRow.Action.values},
            "accounts": len(self.accounts),
            "twin_rows": self.twin_rows,
            "twins": self.twins,
            "similar": self.alike[:MOST_SHOWN],
            "problems": self.problems,
            "kinds": [
                {"column": column, "zh": zh, "en": en, "count": count}
                for (column, zh, en), count in self.kinds.most_common(50)
            ],
        }


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


def planner_of(of: Import) -> Planner:
    """Return what plans the rows of a file, as whoever imports it may."""
    return _planner(of)


def _planner(of: Import) -> Planner:
    planner = Planner(record_type(of.kind), Way.of(of.settings), by=of.by)
    planner.of_log = of.log is not None
    return planner


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


def _told(of: Import) -> None:
    tell("import", of.pk)
    tell("imports", 0)


def _keep(verb: str, of: Import, values: Mapping[str, Any], *, by: User | None, at: datetime) -> None:
    record(
        Change(actor=actor(by), verb=verb, subject="crm.Import", key=str(of.pk), at=at, values=dict(values))
    )
