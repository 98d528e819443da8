"""Files of signals over HTTP: one comes in, is told how it is read, and brought."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from ninja.params.functions import Path, Query
from pydantic import Field

from foresail.core import clock, sheets
from foresail.core.api import Problem, Reference, Schema
from foresail.people.http import caller
from foresail.signals import queries, services
from foresail.signals.channels import channels
from foresail.signals.reading.table import WRONGS, columns_of, lacking

if TYPE_CHECKING:
    from foresail.people.models import User
    from foresail.signals.models import FileBrought

router = Router(tags=["signals"])

FileState = Literal["read", "running", "done"]
LONGEST_SHOWN = 200


class FileCounts(Schema):
    """What came of rows. `left_out` counts by the gate's reasons, `wrong` rows that are no signals, by why.

    `consents` prove one; of `doubtful` rows it is not said when somebody agreed, or to which wording.
    """

    kept: int = 0
    seen: int = 0
    consents: int = 0
    doubtful: int = 0
    left_out: dict[str, int] = {}  # noqa: RUF012  pydantic gives each its own
    wrong: dict[str, int] = {}  # noqa: RUF012


class FileCheck(FileCounts):
    """What the first `rows` would come to."""

    rows: int = 0


class SignalFileSettings(Schema):
    """`columns` says of each of ours in which place it stands, from 0. `day` and `wording` count where no column says."""

    columns: Annotated[dict[str, Annotated[int, Field(ge=0)]], Field(max_length=40)]
    day: date | None = None
    wording: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class SignalColumn(Schema):
    """What a column may be read as."""

    key: str
    zh: str
    en: str


class SignalFileRow(Schema):
    """A row as it stands; `zh` and `en` where it is no signal."""

    number: int
    cells: list[str]
    zh: str = ""
    en: str = ""


class SignalFileListed(Schema):
    """A file that was brought, or waits to be. `by` is nobody where it lay in the drop folder."""

    id: int
    source: str
    name: str
    rows: int
    state: FileState
    position: int
    counts: FileCounts
    by: Reference | None
    created_at: datetime
    ended_at: datetime | None


class SignalFileOut(SignalFileListed):
    """`lacking` names what has to be said before it can be started: "at", "who". `first` only who brings it sees."""

    columns: list[str]
    offered: list[SignalColumn]
    settings: SignalFileSettings
    lacking: list[str]
    check: FileCheck
    first: list[SignalFileRow]


class SignalFiles(Schema):
    """`sources` are those of which files can be brought."""

    sources: list[str]
    items: list[SignalFileListed]


REFUSED = {403: Problem, 404: Problem, 409: Problem, 422: Problem}


@router.get("/signal-files", response={200: SignalFiles, 403: Problem})
def signal_files(request: HttpRequest) -> SignalFiles:
    found = queries.signal_files(user=caller(request))
    return SignalFiles(sources=list(channels()), items=[SignalFileListed(**_listed(each)) for each in found])


@router.post("/signal-files", response={201: SignalFileOut, **REFUSED}, openapi_extra=sheets.BODY)
def begin_signal_file(
    request: HttpRequest,
    source: Annotated[str, Query(max_length=40)],
    name: Annotated[str, Query(max_length=400)],
) -> Status[SignalFileOut]:
    """Take in a file, the body as it is: CSV or an Excel workbook, at most 100 MB. Nothing of it is kept yet."""
    user = caller(request)
    of = services.begin_file(source=source, pieces=sheets.pieces(request), name=name, by=user, at=clock.now())
    return Status(201, _out(of, user))


@router.get("/signal-files/{signal_file}", response={200: SignalFileOut, 403: Problem, 404: Problem})
def signal_file(request: HttpRequest, key: int = Path(..., alias="signal_file")) -> SignalFileOut:
    user = caller(request)
    return _out(queries.signal_file(user=user, key=key), user)


@router.patch("/signal-files/{signal_file}", response={200: SignalFileOut, **REFUSED})
def configure_signal_file(
    request: HttpRequest, body: SignalFileSettings, key: int = Path(..., alias="signal_file")
) -> SignalFileOut:
    """Say how a file is read, and find out what the first rows would come to."""
    user = caller(request)
    of = queries.signal_file(user=user, key=key)
    services.configure_file(
        of=of, columns=body.columns, day=body.day, wording=body.wording, by=user, at=clock.now()
    )
    return _out(of, user)


@router.post("/signal-files/{signal_file}", response={200: SignalFileOut, **REFUSED})
def start_signal_file(
    request: HttpRequest, body: SignalFileSettings, key: int = Path(..., alias="signal_file")
) -> SignalFileOut:
    """Bring a file as `body` says it is read."""
    user, now = caller(request), clock.now()
    of = queries.signal_file(user=user, key=key)
    services.configure_file(of=of, columns=body.columns, day=body.day, wording=body.wording, by=user, at=now)
    services.start_file(of=of, by=user, at=now)
    return _out(of, user)


@router.delete("/signal-files/{signal_file}", response={204: None, **REFUSED})
def discard_signal_file(request: HttpRequest, key: int = Path(..., alias="signal_file")) -> Status[None]:
    """Throw away a file that was not started."""
    user = caller(request)
    services.discard_file(of=queries.signal_file(user=user, key=key), by=user)
    return Status(204, None)


@router.get("/signal-files/{signal_file}/wrong", response={200: None, 403: Problem, 404: Problem})
def wrong_rows(request: HttpRequest, key: int = Path(..., alias="signal_file")) -> HttpResponse:
    """Which rows were no signals and why, as CSV; at most 10,000."""
    user = caller(request)
    text = queries.wrong_rows(of=queries.signal_file(user=user, key=key), chinese=user.language == "zh")
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="signals-{key}-wrong.csv"'
    return response


def _listed(of: FileBrought) -> Mapping[str, Any]:
    return {
        "id": of.pk, "source": of.source, "name": of.name, "rows": of.rows, "state": cast("FileState", of.state),
        "position": of.position, "counts": FileCounts(**of.counts),
        "by": Reference(id=of.by.pk, name=of.by.name) if of.by else None,
        "created_at": of.created_at, "ended_at": of.ended_at,
    }  # fmt: skip


def _out(of: FileBrought, user: User) -> SignalFileOut:
    settings = SignalFileSettings(**of.settings)
    return SignalFileOut(
        **_listed(of),
        columns=of.columns,
        offered=[
            SignalColumn(key=each.key, zh=each.zh, en=each.en) for each in columns_of(channels()[of.source].source)
        ],
        settings=settings,
        lacking=lacking(settings.columns, day=settings.day),
        check=FileCheck(**of.check_result),
        first=[
            SignalFileRow(
                number=row.number, cells=[cell[:LONGEST_SHOWN] for cell in row.cells],
                zh=WRONGS[row.code][0] if row.code else "", en=WRONGS[row.code][1] if row.code else "",
            )
            for row in queries.rows_shown(user=user, of=of, at=clock.now())
        ],
    )  # fmt: skip
