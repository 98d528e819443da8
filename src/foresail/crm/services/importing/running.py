"""The long part of an import, in the background: gone through, written batch by batch, taken back. Killed anywhere, each goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, connection, models, transaction

from foresail.core.changes import Change, record
from foresail.core.errors import Refusal
from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.crm.events import ImportEnded
from foresail.crm.fields import ACCOUNT, record_type
from foresail.crm.models import Account, Import, ImportRow
from foresail.crm.services.importing import files
from foresail.crm.services.importing.naming import records_named
from foresail.crm.services.importing.planning import Planner
from foresail.crm.services.importing.reading import Way, problem
from foresail.crm.services.importing.twins import similar
from foresail.crm.services.importing.undoing import take_back
from foresail.crm.services.importing.writing import write
from foresail.crm.services.telling import actor

if TYPE_CHECKING:
    from foresail.people.models import User

BATCH: Final = 4_000
MOST_SHOWN: Final = 200
"""So many problems, and so many duplicates, a check names one by one."""
LINKED_AT_ONCE: Final = 1_000
Status = Import.Status


def run_check(*, key: int) -> None:
    """Go through a whole file without writing a record. Done again from the beginning where it was interrupted."""
    of = Import.objects.select_related("by__team__line").get(pk=key)
    if of.status != Status.CHECKING:
        return
    planner, found = planner_of(of), _Found()
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
        str(place): planner.reader.closest(place)
        for place, each in planner.reader.unmatched.items()
        if each.counts
    }
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=of.pk)
        if held.status == Status.CHECKING:
            held.status, held.position = Status.CHECKED, 0
            held.check_result = found.told() | {"unmatched": unmatched}
            held.save(update_fields=["status", "position", "check_result"])
            tell_of(held)


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
        tell_of(held)
        counts = {
            name: getattr(held, name) for name in ("added", "updated", "same", "rejected", "accounts_made")
        }
        emit(ImportEnded(imported=held.pk, owner=actor(held.by), status=held.status, at=at))
        keep_change("finish_import", held, counts, by=held.by, at=at)


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
        tell_of(held)
        emit(ImportEnded(imported=held.pk, owner=actor(held.by), status=held.status, at=at))
        keep_change(
            "import_undone", held, {"taken_back": taken, "stayed": len(held.stayed)}, by=held.by, at=at
        )
    files.forget(of.pk)


# ---- batch by batch


class _Recalling:
    """A planner that knows the rows done before, made anew where a batch failed: what it noted of that is void."""

    def __init__(self, of: Import) -> None:
        self._of = of
        self._planner: Planner | None = None

    def get(self, position: int) -> Planner:
        if self._planner is None:
            self._planner = planner_of(self._of)
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

    One that it takes for empty it reads whole for every row that points to it. Lists and mappings are left to the
    server's own counting: they take most of the time, and no import looks for them.
    """
    with connection.cursor() as cursor:
        for model, count in added.items():
            table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001  # documented by Django
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [table])
            (known,) = cursor.fetchone() or (0.0,)
            if 2 * known < count:
                columns = ", ".join(
                    connection.ops.quote_name(str(field.column))
                    for field in model._meta.concrete_fields  # noqa: SLF001  # documented by Django
                    if not isinstance(field, models.JSONField | ArrayField)
                )
                cursor.execute(f"ANALYZE {table} ({columns})")


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
            keep_change(
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
        keep_change("import_rows", held, {"first": row + 1, "count": 1, "rejected": 1}, by=held.by, at=at)
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


# ---- also for the verbs


def planner_of(of: Import) -> Planner:
    """Return what plans the rows of a file, as whoever imports it may."""
    planner = Planner(record_type(of.kind), Way.of(of.settings), by=of.by)
    planner.of_log = of.log is not None
    return planner


def tell_of(of: Import) -> None:
    """Tell open pages that an import goes on."""
    tell("import", of.pk)
    tell("imports", 0)


def keep_change(verb: str, of: Import, values: Mapping[str, Any], *, by: User | None, at: datetime) -> None:
    """Record what is done with an import."""
    record(
        Change(actor=actor(by), verb=verb, subject="crm.Import", key=str(of.pk), at=at, values=dict(values))
    )
