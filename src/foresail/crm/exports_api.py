"""Lists leave the house over HTTP: how many may go, and the file itself. What left is kept in the audit trail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, Literal

from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router

from foresail.core import clock
from foresail.core.api import Problem, Schema
from foresail.core.conditions import ConditionInvalid
from foresail.crm.errors import NotAllowed
from foresail.crm.fields import RecordType, record_types
from foresail.crm.queries import exporting
from foresail.governance.services import keep_export
from foresail.people.http import caller

if TYPE_CHECKING:
    from foresail.people.models import User

router = Router(tags=["exports"])

WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Exporting(Schema):
    """What a list shows: `where` is a condition as JSON, `columns` keys with commas."""

    where: str | None = None
    q: str | None = None


class ExportIn(Exporting):
    format: Literal["csv", "xlsx"] = "csv"
    sort: str = ""
    columns: str | None = None


class ExportCount(Schema):
    """How many records may leave, and how many that one sees may not."""

    count: int
    left_out: int


def mount(kind: RecordType) -> None:
    base = f"/records/{kind.key}"

    @router.get(
        f"{base}-export",
        response={200: ExportCount, 422: Problem},
        operation_id=f"exports_count_{kind.key}",
    )
    def count(request: HttpRequest, asked: Query[Exporting]) -> ExportCount:
        going = _going(kind, caller(request), asked)
        return ExportCount(count=going.count, left_out=going.left_out)

    @router.post(
        f"{base}-export",
        response={200: None, 403: Problem, 422: Problem},
        operation_id=f"exports_take_{kind.key}",
    )
    def take(request: HttpRequest, body: ExportIn) -> HttpResponseBase:
        """The file: CSV with a mark for spreadsheets, or a workbook."""
        user, at = caller(request), clock.now()
        going = _going(kind, user, body)
        if not going.count:
            raise NotAllowed(
                zh=f"没有您可以导出的{kind.zh}。",
                en=f"There is no {kind.en} that you may export.",
            )
        columns = [key for key in (body.columns or "").split(",") if key]
        fields = exporting.exported_fields(kind, user=user, columns=columns)
        rows = exporting.rows(kind, going, fields, user=user, sort=body.sort)
        first = next(rows)  # what is wrong with the sorting shows now
        keep_export(
            actor=user.pk,
            subject=f"crm.{kind.model.__name__}",
            count=min(going.count, exporting.MOST),
            where={
                "asked": _asked(_condition(body.where)),
                "searched": bool(body.q),
                "left_out": going.left_out,
            },
            at=at,
        )
        name = f"foresail-{kind.key}-{at:%Y%m%d}.{body.format}"
        if body.format == "xlsx":
            workbook = exporting.as_workbook(_again(first, rows), fields)
            return FileResponse(workbook, as_attachment=True, filename=name, content_type=WORKBOOK)
        response = StreamingHttpResponse(
            exporting.as_csv(_again(first, rows)), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _going(kind: RecordType, user: User, asked: Exporting) -> exporting.Going:
    return exporting.going(kind, user=user, now=clock.now(), where=_condition(asked.where), q=asked.q)


def _again(first: list[str], rows: Iterator[list[str]]) -> Iterator[list[str]]:
    yield first
    yield from rows


def _condition(text: str | None) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ConditionInvalid("shape", path="") from error
    if not isinstance(found, dict):
        raise ConditionInvalid("shape", path="")
    return found


def _asked(where: object) -> list[str]:
    """Return which fields a condition asks of: what it compares them with may name a person, and is not kept."""
    match where:
        case dict():
            own = [str(where["field"])] if isinstance(where.get("field"), str) else []
            return sorted({*own, *(key for each in where.values() for key in _asked(each))})
        case list():
            return sorted({key for each in where for key in _asked(each)})
        case _:
            return []


for _kind in record_types():
    mount(_kind)
