"""What stands beside records, over HTTP: tasks, notes and attachments, the same for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import IO, TYPE_CHECKING, Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import File, Router, Status, UploadedFile
from ninja.params.functions import Path

from foresail.core import clock
from foresail.core.api import Problem, Reference, Schema
from foresail.crm import queries, services
from foresail.crm.fields import RecordType, record_types
from foresail.crm.queries.beside import TASKS_ON
from foresail.crm.schemas import TaskOut, maybe, reference
from foresail.people.http import caller

if TYPE_CHECKING:
    from foresail.crm.models import Attachment, Listed, Note
    from foresail.people.models import User

router = Router(tags=["records"])


class NewRecordTask(Schema):
    title: str
    due_on: date | None = None
    assignee: int | None = None


class MentionOut(Schema):
    """Somebody whom a note names, as they are called now; who does not see the record is not told of the note."""

    id: int
    name: str
    sees: bool


class MentionableOut(Schema):
    """`team` is empty for who is in none."""

    id: int
    name: str
    team: str


class NoteOut(Schema):
    """`mine` says that the caller wrote it, and may mend it. In `text` stand `mentions` by their key: @[12]."""

    id: int
    text: str
    mentions: list[MentionOut]
    author: Reference
    created_at: datetime
    changed_at: datetime | None
    mine: bool


class NoteIn(Schema):
    """Colleagues are named by their key: @[12]."""

    text: str


class AttachmentOut(Schema):
    """`kind` is what the bytes say: pdf, png, jpeg, zip, text and so on; data for anything else."""

    id: int
    name: str
    kind: str
    size: int
    sha256: str
    author: Reference | None
    created_at: datetime


def mount(kind: RecordType) -> None:
    """Add the routes of what stands beside one kind of record."""
    if kind.key in TASKS_ON:
        _mount_tasks(kind)
    _mount_notes(kind)
    _mount_attachments(kind)


def _mount_tasks(kind: RecordType) -> None:
    base = f"/records/{kind.key}/{{{kind.key}}}/tasks"

    @router.get(
        base, response={200: list[TaskOut], 404: Problem}, operation_id=f"records_tasks_of_{kind.key}"
    )
    def tasks(request: HttpRequest, key: int = Path(..., alias=kind.key)) -> list[TaskOut]:
        found = queries.record(kind, user=caller(request), key=key)
        return [TaskOut.of(task) for task in queries.tasks_of(record=found)]

    @router.post(
        base,
        response={201: TaskOut, 400: Problem, 403: Problem, 404: Problem},
        operation_id=f"records_add_task_to_{kind.key}",
    )
    def add_task(
        request: HttpRequest, body: NewRecordTask, key: int = Path(..., alias=kind.key)
    ) -> Status[TaskOut]:
        user = caller(request)
        on: dict[str, Any] = {kind.key: queries.record(kind, user=user, key=key)}
        task = services.add_task(
            **on,
            title=body.title,
            due_on=body.due_on,
            assignee=user if body.assignee is None else queries.colleague(user=user, key=body.assignee),
            by=user,
            at=clock.now(),
        )
        return Status(201, TaskOut.of(task))


def _mount_notes(kind: RecordType) -> None:
    base = f"/records/{kind.key}/{{{kind.key}}}/notes"

    @router.get(
        base, response={200: list[NoteOut], 404: Problem}, operation_id=f"records_notes_of_{kind.key}"
    )
    def notes(request: HttpRequest, key: int = Path(..., alias=kind.key)) -> list[NoteOut]:
        user = caller(request)
        found = queries.record(kind, user=user, key=key)
        return _notes(queries.notes_of(record=found), found, user)

    @router.post(
        base,
        response={201: NoteOut, 400: Problem, 403: Problem, 404: Problem},
        operation_id=f"records_add_note_to_{kind.key}",
    )
    def add_note(request: HttpRequest, body: NoteIn, key: int = Path(..., alias=kind.key)) -> Status[NoteOut]:
        user = caller(request)
        found = queries.record(kind, user=user, key=key)
        note = services.add_note(record=found, text=body.text, by=user, at=clock.now())
        return Status(201, _notes([note], found, user)[0])

    @router.get(
        f"{base}/mentionable",
        response={200: list[MentionableOut], 404: Problem},
        operation_id=f"records_mentionable_about_{kind.key}",
    )
    def mentionable(
        request: HttpRequest, key: int = Path(..., alias=kind.key), q: str = ""
    ) -> list[MentionableOut]:
        """Whom a note can name: twenty at most of those who may see the record, by a part of their name."""
        user = caller(request)
        found = queries.record(kind, user=user, key=key)
        return [
            MentionableOut(id=each.pk, name=each.name, team=each.team.name if each.team else "")
            for each in queries.mentionable(user=user, record=found, q=q)
        ]


def _mount_attachments(kind: RecordType) -> None:
    base = f"/records/{kind.key}/{{{kind.key}}}/attachments"

    @router.get(
        base,
        response={200: list[AttachmentOut], 404: Problem},
        operation_id=f"records_attachments_of_{kind.key}",
    )
    def attachments(request: HttpRequest, key: int = Path(..., alias=kind.key)) -> list[AttachmentOut]:
        found = queries.record(kind, user=caller(request), key=key)
        return [_attachment(each) for each in queries.attachments_of(record=found)]

    @router.post(
        base,
        response={201: AttachmentOut, 403: Problem, 404: Problem, 413: Problem, 422: Problem},
        operation_id=f"records_attach_to_{kind.key}",
    )
    def attach(
        request: HttpRequest, file: File[UploadedFile], key: int = Path(..., alias=kind.key)
    ) -> Status[AttachmentOut]:
        user = caller(request)
        found = queries.record(kind, user=user, key=key)
        made = services.attach(
            record=found,
            name=file.name or "",
            content=cast("IO[bytes]", file.file),
            size=file.size or 0,
            by=user,
            at=clock.now(),
        )
        return Status(201, _attachment(made))


@router.patch("/notes/{note}", response={200: NoteOut, 400: Problem, 403: Problem, 404: Problem})
def change_note(request: HttpRequest, note: int, body: NoteIn) -> NoteOut:
    user = caller(request)
    found = queries.note(user=user, key=note)
    services.change_note(note=found, text=body.text, by=user, at=clock.now())
    return _notes([found], queries.record_of(found), user)[0]


@router.delete("/notes/{note}", response={204: None, 403: Problem, 404: Problem})
def delete_note(request: HttpRequest, note: int) -> Status[None]:
    user = caller(request)
    services.delete_note(note=queries.note(user=user, key=note), by=user, at=clock.now())
    return Status(204, None)


@router.get(
    "/attachments/{attachment}",
    response={200: None, 404: Problem, 409: Problem},
    openapi_extra={
        "responses": {
            200: {
                "description": "The file, to be saved: never to be shown by a browser as a page of ours.",
                "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def download(request: HttpRequest, attachment: int) -> HttpResponse:
    found = queries.attachment(user=caller(request), key=attachment)
    response = HttpResponse(queries.content_of(found), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=found.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@router.delete("/attachments/{attachment}", response={204: None, 403: Problem, 404: Problem})
def detach(request: HttpRequest, attachment: int) -> Status[None]:
    user = caller(request)
    services.detach(attachment=queries.attachment(user=user, key=attachment), by=user, at=clock.now())
    return Status(204, None)


def _notes(notes: Sequence[Note], record: Listed, user: User) -> list[NoteOut]:
    return [
        NoteOut(
            id=note.pk,
            text=note.text,
            mentions=[MentionOut(id=each.key, name=each.name, sees=each.sees) for each in mentions],
            author=reference(note.author),
            created_at=note.created_at,
            changed_at=note.changed_at,
            mine=note.author_id == user.pk,
        )
        for note, mentions in zip(notes, queries.mentions_in(notes=notes, record=record), strict=True)
    ]


def _attachment(attachment: Attachment) -> AttachmentOut:
    return AttachmentOut(
        id=attachment.pk,
        name=attachment.name,
        kind=attachment.kind,
        size=attachment.size,
        sha256=attachment.sha256,
        author=maybe(attachment.author),
        created_at=attachment.created_at,
    )


for _kind in record_types():
    mount(_kind)
