"""Everything leaves over HTTP, for administrators: asked for, watched, taken."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.http import FileResponse, HttpRequest
from ninja import Router, Status
from ninja.params.functions import Path

from foresail.core import clock
from foresail.core.api import Problem, Reference, Schema
from foresail.governance import leaving
from foresail.people.http import caller
from foresail.people.queries import names_of

if TYPE_CHECKING:
    from foresail.governance.models import Leaving

router = Router(tags=["governance"])


class LeavingOut(Schema):
    """An export of everything: under way until `ended_at`; `because` says why it failed, `kept` that it can be taken."""

    id: int
    asked_at: datetime
    asked_by: Reference
    ended_at: datetime | None
    rows: int | None
    files: int | None
    bytes: int | None
    sha256: str
    because: str
    kept: bool


@router.get("/everything", response={200: list[LeavingOut], 403: Problem})
def everything(request: HttpRequest) -> list[LeavingOut]:
    user = caller(request)
    return [_out(each) for each in leaving.leavings(user=user)]


@router.post("/everything", response={202: LeavingOut, 403: Problem, 409: Problem})
def ask_everything(request: HttpRequest) -> Status[LeavingOut]:
    """Have all records, histories, files and the audit trail written into one zip in the background."""
    user = caller(request)
    return Status(202, _out(leaving.ask_leaving(by=user, at=clock.now())))


@router.get("/everything/{leaving}/file", response={200: None, 403: Problem, 404: Problem})
def take_everything(request: HttpRequest, key: int = Path(..., alias="leaving")) -> FileResponse:
    """The file. That it was taken is kept in the audit trail."""
    at = clock.now()
    path = leaving.take_leaving(key=key, by=caller(request), at=at)
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=f"foresail-everything-{at:%Y%m%d}.zip", content_type="application/zip"
    )  # fmt: skip


def _out(each: Leaving) -> LeavingOut:
    who = names_of([each.asked_by]).get(each.asked_by, "")
    return LeavingOut(
        id=each.pk, asked_at=each.asked_at, asked_by=Reference(id=each.asked_by, name=who), ended_at=each.ended_at,
        rows=each.rows, files=each.files, bytes=each.bytes, sha256=each.sha256, because=each.because,
        kept=bool(each.sha256) and each.forgotten_at is None and leaving.file_of(each.pk).exists(),
    )  # fmt: skip
