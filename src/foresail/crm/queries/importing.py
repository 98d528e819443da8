"""Imports as the asking user may see them: their own, for sales operations everybody's; and what a file would come to."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet

from foresail.core.errors import NotFound
from foresail.crm.fields import RecordType, record_type, record_types
from foresail.crm.models import Import
from foresail.crm.queries.exporting import as_csv, harmless
from foresail.crm.services.importing import files, logs
from foresail.crm.services.importing.reading import Plan
from foresail.crm.services.importing.running import planner_of
from foresail.crm.services.importing.targets import Target, may_import, operates, targets_of
from foresail.crm.services.importing.verbs import samples_of
from foresail.crm.sight import Sight
from foresail.science.reading import REASONS

if TYPE_CHECKING:
    from foresail.people.models import User

PREVIEWED: Final = 50
LISTED: Final = 100
AT_ONCE: Final = 5_000


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a file with a few of its cells, each once, and what they are mapped to."""

    name: str
    samples: Sequence[str]


def importable(*, user: User) -> list[RecordType]:
    """Return the kinds of records that `user` may import."""
    sight = Sight.of(user)
    return [kind for kind in record_types() if may_import(kind, sight=sight)]


def visible_imports(*, user: User) -> QuerySet[Import]:
    sight = Sight.of(user)
    found = Import.objects.select_related("by").order_by("-created_at", "-pk")
    if operates(sight):
        return found
    kinds = [kind.key for kind in record_types() if may_import(kind, sight=sight)]
    return found.filter(by=user.pk, kind__in=kinds)


def imports(*, user: User) -> list[Import]:
    """Return the newest imports."""
    return list(visible_imports(user=user)[:LISTED])


def import_of(*, user: User, key: int) -> Import:
    """Return one import. Raises NotFound."""
    found = visible_imports(user=user).filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def targets(of: Import) -> list[Target]:
    return list(targets_of(record_type(of.kind), by=of.by).values())


def columns(of: Import) -> list[Column]:
    """Return the columns of a file, without cells once it is no longer kept."""
    cells: list[list[str]] = samples_of(of, most=50) if files.is_kept(of.pk) else [[] for _ in of.columns]
    return [
        Column(name=name, samples=list(dict.fromkeys(each))[:5])
        for name, each in zip(of.columns, cells, strict=True)
    ]


def preview(of: Import) -> list[tuple[Plan, list[str]]]:
    """Return the first rows as they would be read, with their cells. Nothing is changed. Raises FileUnreadable."""
    rows = files.rows_of(of.pk, count=PREVIEWED)
    return list(zip(planner_of(of).plan(0, rows), rows, strict=True))


def rejected_rows(of: Import, *, chinese: bool) -> Iterator[str]:
    """Yield a CSV of the rows that were left out: the file's columns, and why. Raises FileUnreadable."""
    frame = files.frame_of(of.pk)
    out = io.StringIO()
    write = csv.writer(out)

    def said() -> str:
        text = out.getvalue()
        out.seek(0)
        out.truncate()
        return text

    write.writerow([*map(harmless, of.columns), "未导入原因" if chinese else "Why it was left out"])
    yield "\ufeff" + said()
    found = of.outcomes.filter(action="rejected").order_by("row").values_list("row", "problems")
    for number, problems in found.iterator(chunk_size=AT_ONCE):
        why = [_why(of, each, chinese=chinese) for each in problems or []]
        cells = ["" if cell is None else cell for cell in frame.row(number)]
        write.writerow([*map(harmless, cells), harmless("；".join(why) if chinese else "; ".join(why))])
        if out.tell() > 1 << 16:
            yield said()
    yield said()


def rejected_events(of: Import, *, chinese: bool) -> Iterator[str]:
    """Yield a CSV of the rows of a log that tell of nothing: where they stand, and why. Raises FileUnreadable."""
    found = logs.rejects_of(of.pk)
    head = ["行", "列", "值", "未导入原因"] if chinese else ["Line", "Column", "Value", "Why it was left out"]

    def rows() -> Iterator[list[str]]:
        yield head
        for line, column, value, why in found.iter_rows():
            yield [str(line), column or "", value or "", REASONS[why][0 if chinese else 1]]

    return as_csv(rows())


def _why(of: Import, problem: dict[str, Any], *, chinese: bool) -> str:
    text, column = problem["zh" if chinese else "en"], problem.get("column")
    if column is None or column >= len(of.columns):
        return str(text)
    return f"{of.columns[column]}：{text}" if chinese else f"{of.columns[column]}: {text}"
