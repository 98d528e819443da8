"""Imports over HTTP: a file comes in, is told how it is read, checked, run, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Field as Default
from ninja import Router, Status
from ninja.params.functions import Path

from foresail.core import clock, sheets
from foresail.core.api import Problem, Reference, Schema
from foresail.core.errors import NotFound
from foresail.core.sheets import FileUnreadable
from foresail.crm import services
from foresail.crm.fields import STATUSES, Kind, RecordType, record_types, to_json
from foresail.crm.queries import importing as queries
from foresail.crm.services.importing import files
from foresail.crm.services.importing.reading import Ended, Unnamed
from foresail.crm.services.importing.targets import Target
from foresail.people.http import caller

if TYPE_CHECKING:
    from foresail.crm.models import Import
    from foresail.people.models import User

router = Router(tags=["imports"])

Policy = Literal["both", "add", "update"]
OnTwins = Literal["reject", "add"]


class ImportSettings(Schema):
    """How a file is read. Columns are named by their place, as text: `columns` says as which field each is read,
    `keys` by which fields records are told apart, `values` what single cells mean.
    """

    columns: dict[str, str]
    keys: list[str] = Default([])
    policy: Policy = "both"
    twins: OnTwins = "reject"
    create_accounts: bool = False
    orders: dict[str, Literal["dmy", "mdy"]] = Default({})
    values: dict[str, dict[str, str]] = Default({})
    owner: int | None = None
    line: int | None = None
    pipeline: int | None = None


class LogSettings(Schema):
    """What the columns of a log of events are: the deal a row is of, when and what happened, who did it, the amount
    and the customer. `won` and `lost` are what happens when a deal ends; all else is open. Stages are told by a
    `prefix` of what happens, or in a column.
    """

    case: str
    at: str
    kind: str
    actor: str | None = None
    known: str | None = None
    amount: str | None = None
    customer: str | None = None
    tz: str | None = None
    won: list[str]
    lost: list[str]
    stage: str | None = None
    stage_by: Literal["prefix", "column"] = "prefix"


class EventKind(Schema):
    name: str
    count: int


class LogOut(LogSettings):
    """How a log is read, and what it then tells."""

    columns: list[str]
    kinds: list[EventKind]
    events: int
    rejects: int
    deals_won: int
    deals_lost: int
    deals_open: int


class ConfigureImport(Schema):
    """Another `kind` guesses everything anew. `log` reads a log anew; with `as_table` its rows are records."""

    kind: str | None = None
    settings: ImportSettings | None = None
    log: LogSettings | None = None
    as_table: bool | None = None


class CellProblem(Schema):
    column: int | None
    zh: str
    en: str
    record: int | None = None


class RowProblems(Schema):
    """`row` counts the rows of the file from 0, without its header."""

    row: int
    problems: list[CellProblem]


class ProblemKind(Schema):
    column: int | None
    zh: str
    en: str
    count: int


class OfferOut(Schema):
    key: str
    label: str
    score: float


class UnmatchedOut(Schema):
    value: str
    count: int
    offers: list[OfferOut]


class ChoosableOut(Schema):
    key: str
    label: str


class UnmatchedColumn(Schema):
    """`options` is all that may be meant, where that is at most 300."""

    options: list[ChoosableOut]
    values: list[UnmatchedOut]


class SimilarOut(Schema):
    row: int
    records: list[int]


class CheckOut(Schema):
    """What an import would come to. `twins` and `problems` name the first 200 rows."""

    added: int
    updated: int
    same: int
    rejected: int
    accounts: int
    twin_rows: int
    twins: list[RowProblems]
    similar: list[SimilarOut]
    problems: list[RowProblems]
    kinds: list[ProblemKind]
    unmatched: dict[str, UnmatchedColumn]


class StayedOut(Schema):
    kind: str
    record: int
    name: str
    zh: str
    en: str


class ImportRowOut(Schema):
    """An import in a list."""

    id: int
    kind: str
    file_name: str
    rows: int
    status: str
    position: int
    added: int
    updated: int
    same: int
    rejected: int
    accounts_made: int
    by: Reference
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    kept: bool
    may_undo: bool
    stayed: list[StayedOut]


class ImportColumn(Schema):
    name: str
    samples: list[str]


class TargetOut(Schema):
    """What a column may be read as. `only_new` ones count for new records alone."""

    key: str
    kind: Kind
    zh: str
    en: str
    required: bool
    only_new: bool
    matches: bool


class ImportOut(ImportRowOut):
    columns: list[ImportColumn]
    targets: list[TargetOut]
    settings: ImportSettings
    remembered: bool
    check: CheckOut | None
    log: LogOut | None


class PreviewCell(Schema):
    """A cell as it stands, and as it would be kept; `problem` where it would not."""

    text: str
    shown: str | None
    zh: str = ""
    en: str = ""


class PreviewRow(Schema):
    row: int
    action: str
    cells: list[PreviewCell]
    problems: list[CellProblem]


class KindOut(Schema):
    key: str
    zh: str
    en: str


class ImportsOut(Schema):
    kinds: list[KindOut]
    items: list[ImportRowOut]


REFUSED = {403: Problem, 404: Problem, 409: Problem, 422: Problem}


@router.get("/imports", response=ImportsOut)
def imports(request: HttpRequest) -> ImportsOut:
    user = caller(request)
    return ImportsOut(
        kinds=[KindOut(key=kind.key, zh=kind.zh, en=kind.en) for kind in queries.importable(user=user)],
        items=[_row(each) for each in queries.imports(user=user)],
    )


@router.post("/imports", response={201: ImportOut, 413: Problem, **REFUSED}, openapi_extra=sheets.BODY)
def begin(request: HttpRequest, kind: str, name: str) -> Status[ImportOut]:
    """Take in a file, the body as it is: CSV, or an Excel workbook, of deals a log too (XES, Parquet), at most 100 MB."""
    user = caller(request)
    of = services.begin_import(
        kind=_kind(kind), pieces=sheets.pieces(request), name=name, by=user, at=clock.now()
    )
    return Status(201, _out(of))


@router.get("/imports/{import}", response={200: ImportOut, 404: Problem})
def one(request: HttpRequest, key: int = Path(..., alias="import")) -> ImportOut:
    return _out(_found(request, key))


@router.patch("/imports/{import}", response={200: ImportOut, **REFUSED})
def configure(request: HttpRequest, body: ConfigureImport, key: int = Path(..., alias="import")) -> ImportOut:
    of = _found(request, key)
    if body.log is not None or body.as_table:
        services.reread_log(of=of, way=body.log.model_dump() if body.log else None, by=caller(request))
        return _out(of)
    services.configure_import(
        of=of,
        settings=body.settings.model_dump() if body.settings else of.settings,
        kind=_kind(body.kind) if body.kind else None,
        by=caller(request),
    )
    return _out(of)


@router.delete("/imports/{import}", response={204: None, **REFUSED})
def discard(request: HttpRequest, key: int = Path(..., alias="import")) -> Status[None]:
    services.discard_import(of=_found(request, key), by=caller(request), at=clock.now())
    return Status(204, None)


@router.get("/imports/{import}/preview", response={200: list[PreviewRow], 404: Problem, 422: Problem})
def preview(request: HttpRequest, key: int = Path(..., alias="import")) -> list[PreviewRow]:
    """The first 50 rows as they would be read."""
    of, user = _found(request, key), caller(request)
    targets = queries.targets(of)
    return [_previewed(of, plan, cells, targets, user) for plan, cells in queries.preview(of)]


@router.post("/imports/{import}/check", response={200: ImportOut, **REFUSED})
def check(request: HttpRequest, key: int = Path(..., alias="import")) -> ImportOut:
    of = _found(request, key)
    services.check_import(of=of, by=caller(request))
    return _out(of)


@router.post("/imports/{import}/run", response={200: ImportOut, **REFUSED})
def run(request: HttpRequest, key: int = Path(..., alias="import")) -> ImportOut:
    of = _found(request, key)
    services.start_import(of=of, by=caller(request), at=clock.now())
    return _out(of)


@router.post("/imports/{import}/undo", response={200: ImportOut, **REFUSED})
def undo(request: HttpRequest, key: int = Path(..., alias="import")) -> ImportOut:
    of = _found(request, key)
    services.undo_import(of=of, by=caller(request), at=clock.now())
    return _out(of)


@router.get("/imports/{import}/rejected", response={200: None, 404: Problem, 422: Problem})
def rejected(
    request: HttpRequest, key: int = Path(..., alias="import")
) -> HttpResponse | StreamingHttpResponse:
    """The rows that were left out as CSV, with why."""
    of, user = _found(request, key), caller(request)
    if not files.is_kept(of.pk):
        raise FileUnreadable("gone")
    rows = queries.rejected_rows(of, chinese=user.language == "zh")
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{of.pk}-rejected.csv"'
    return response


@router.get("/imports/{import}/rejected-events", response={200: None, 404: Problem, 422: Problem})
def rejected_events(request: HttpRequest, key: int = Path(..., alias="import")) -> StreamingHttpResponse:
    """The rows of a log that tell of nothing, as CSV, with why."""
    of, user = _found(request, key), caller(request)
    rows = queries.rejected_events(of, chinese=user.language == "zh")
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{of.pk}-rejected-events.csv"'
    return response


def _kind(key: str) -> RecordType:
    found = next((kind for kind in record_types() if kind.key == key), None)
    if found is None:
        raise NotFound
    return found


def _found(request: HttpRequest, key: int) -> Import:
    return queries.import_of(user=caller(request), key=key)


def _row(of: Import) -> ImportRowOut:
    return ImportRowOut(**_common(of))


def _common(of: Import) -> dict[str, Any]:
    names = (
        "kind", "file_name", "rows", "status", "position", "added", "updated", "same", "rejected",
        "accounts_made", "created_at", "started_at", "ended_at",
    )  # fmt: skip
    return {name: getattr(of, name) for name in names} | {
        "id": of.pk,
        "by": Reference(id=of.by_id, name=of.by.name),
        "kept": files.is_kept(of.pk),
        "may_undo": of.status in {"done", "running"} and of.forgotten_at is None,
        "stayed": [StayedOut(**each) for each in of.stayed],
    }


def _out(of: Import) -> ImportOut:
    return ImportOut(
        **_common(of),
        columns=[ImportColumn(name=each.name, samples=list(each.samples)) for each in queries.columns(of)],
        targets=[
            TargetOut(
                key=each.key, kind=each.field.kind, zh=each.field.zh, en=each.field.en, required=each.required,
                only_new=each.only_new, matches=each.matches,
            )
            for each in queries.targets(of)
        ],
        settings=ImportSettings(**{k: v for k, v in of.settings.items() if k != "remembered"}),
        remembered=bool(of.settings.get("remembered")),
        check=CheckOut(**of.check_result) if of.check_result else None,
        log=LogOut(**of.log) if of.log else None,
    )  # fmt: skip


def _previewed(of: Import, plan: Any, cells: list[str], targets: list[Target], user: User) -> PreviewRow:
    keys = of.settings["columns"]
    wrong = {each["column"]: each for each in plan.problems}
    labels = {
        each.key: {
            choice.key: choice.zh if user.language == "zh" else choice.en for choice in each.field.choices
        }
        for each in targets
    }
    told = []
    for place, text in enumerate(cells):
        key = keys.get(str(place))
        found = wrong.get(place)
        told.append(
            PreviewCell(
                text=text, shown=_shown(plan.values.get(key), labels.get(key, {}), user) if key else None,
                zh=found["zh"] if found else "", en=found["en"] if found else "",
            )
        )  # fmt: skip
    return PreviewRow(
        row=plan.number, action=plan.action, cells=told,
        problems=[CellProblem(**each) for each in plan.problems if each["column"] is None],
    )  # fmt: skip


def _shown(value: Any, labels: Mapping[str, str], user: User) -> str | None:
    if value is None or isinstance(value, Unnamed):
        return None
    if hasattr(value, "name_zh"):
        return str(value.name_zh if user.language == "zh" else value.name_en)
    if hasattr(value, "name"):
        return str(value.name)
    if isinstance(value, list):
        return "；".join(labels.get(each, str(each)) for each in value)
    if isinstance(value, bool):
        return ("是" if value else "否") if user.language == "zh" else ("Yes" if value else "No")
    if isinstance(value, Ended):
        return _ENDED[value.outcome][0 if user.language == "zh" else 1]
    return labels.get(value, value) if isinstance(value, str) else str(to_json(value))


_ENDED = {each.key: (each.zh, each.en) for each in STATUSES}
