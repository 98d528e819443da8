"""Lists leave the house: what a list shows, for whom may take it out, made so that no spreadsheet computes it."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, Final

import xlsxwriter
from django.db.models import QuerySet

from foresail.core.api import Reference
from foresail.core.clock import ZONE
from foresail.crm.fields import Field, Kind, RecordType, fields_of
from foresail.crm.models import Record
from foresail.crm.queries.listing import chosen, computed, sorted_by
from foresail.crm.queries.showing import shown
from foresail.crm.sight import Level, Sight
from foresail.people.rules import Action, Scope, limited

if TYPE_CHECKING:
    from foresail.people.models import User

AT_ONCE: Final = 1_000
MOST: Final = 500_000
_COMPUTED: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, kw_only=True)
class Going:
    """Records that leave, and how many that are seen stay."""

    found: QuerySet[Any]
    count: int
    left_out: int


def harmless(text: str) -> str:
    """Return `text` so that a spreadsheet shows it and computes nothing; what imports take off again.

    >>> harmless("=1+1"), harmless("-3")
    ("'=1+1", "'-3")
    """
    return f"'{text}" if text.startswith(_COMPUTED) else text


def going(
    kind: RecordType,
    *,
    user: User,
    now: datetime,
    where: Mapping[str, Any] | None = None,
    q: str | None = None,
) -> Going:
    """Return what of a list `user` may take out. What is nobody's, all see, and sales operations take out.

    Raises ConditionInvalid.
    """
    found = chosen(kind, user=user, now=now, where=where, q=q)
    seen = found.count()
    if issubclass(kind.model, Record):
        found = limited(found, user=user, action=Action.EXPORT)
    elif Sight.of(user).stands is None or _scope(user) is Scope.NONE:
        found = found.none()
    count = found.count()
    return Going(found=found, count=count, left_out=seen - count)


def _scope(user: User) -> Scope:
    stands = Sight.of(user).stands
    return stands.scope(Action.EXPORT) if stands else Scope.NONE


def exported_fields(kind: RecordType, *, user: User, columns: Sequence[str] | None) -> list[Field]:
    """Return the fields that go along, in the order asked for: those that `user` sees at all."""
    fields, sight = fields_of(kind), Sight.of(user)
    wanted = [key for key in columns if key in fields] if columns else list(fields)
    return [
        fields[key] for key in dict.fromkeys(wanted) if sight.level(kind, fields[key]) is not Level.HIDDEN
    ]


def rows(
    kind: RecordType, going: Going, fields: Sequence[Field], *, user: User, sort: str = ""
) -> Iterator[list[str]]:
    """Yield a header, then each record as texts in the user's language. Raises FieldUnknown for `sort`."""
    known, sight = fields_of(kind), Sight.of(user)
    chinese = user.language == "zh"
    order = sorted_by(kind, sort or "-changed_at", known, sight)
    yield [field.zh if chinese else field.en for field in fields]
    found = computed(going.found, known).select_related(*kind.related)
    value = order.value.desc() if order.down else order.value.asc()
    batch: list[Any] = []
    for record in found.order_by(value, "-pk" if order.down else "pk")[:MOST].iterator(chunk_size=AT_ONCE):
        batch.append(record)
        if len(batch) == AT_ONCE:
            yield from _texts(kind, batch, fields, sight=sight, user=user)
            batch = []
    yield from _texts(kind, batch, fields, sight=sight, user=user)


def _texts(
    kind: RecordType, records: Sequence[Any], fields: Sequence[Field], *, sight: Sight, user: User
) -> Iterator[list[str]]:
    values = shown(kind, records, fields={field.key: field for field in fields}, sight=sight, user=user)
    chinese = user.language == "zh"
    for each in values:
        yield [_text(field, each.get(field.key), chinese=chinese) for field in fields]


def _text(field: Field, value: Any, *, chinese: bool) -> str:
    match value:
        case None:
            return ""
        case bool():
            return ("是" if value else "否") if chinese else ("Yes" if value else "No")
        case Reference():
            return value.name
        case list():
            return "；".join(_label(field, each, chinese=chinese) for each in value)
        case str() if field.kind is Kind.DATETIME:
            return datetime.fromisoformat(value).astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
        case _:
            return _label(field, str(value), chinese=chinese)


def _label(field: Field, value: str, *, chinese: bool) -> str:
    return next((each.zh if chinese else each.en for each in field.choices if each.key == value), value)


def as_csv(rows: Iterator[list[str]]) -> Iterator[str]:
    """Yield a CSV with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    write = csv.writer(out)
    yield "\ufeff"
    for row in rows:
        write.writerow(map(harmless, row))
        if out.tell() > 1 << 16:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def as_workbook(rows: Iterator[list[str]], fields: Sequence[Field]) -> IO[bytes]:
    """Return a workbook as an open file without a name. Texts stay texts; amounts and numbers are numbers."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  (whoever sends it closes it)
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, {"constant_memory": True, **plain}) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        numbers = [field.kind in {Kind.MONEY, Kind.NUMBER} for field in fields]
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if place and numbers[column] and cell:
                    sheet.write_number(place, column, float(cell))
                elif cell:
                    sheet.write_string(place, column, cell, None if place else bold)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(fields) - 1, 0), 18)
    file.seek(0)
    return file
