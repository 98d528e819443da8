"""What people write down about a record: read by who sees it, written by who may change it, mended by who wrote it.

Who is named in a note stands there by their key, `@[12]`: people are called otherwise one day, and two are called alike.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction

from foresail.core.errors import NotFound
from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.crm.errors import NoteOfAnother, TextInvalid, TooManyMentioned
from foresail.crm.events import NoteMentioned
from foresail.crm.fields import record_type, type_of
from foresail.crm.mentions import mentioned, seeing
from foresail.crm.models import Listed, Note
from foresail.crm.services.changing import hold, require_change
from foresail.crm.services.telling import keep
from foresail.crm.services.values import LABELS, plain

if TYPE_CHECKING:
    from foresail.people.models import User

LONGEST: Final = 10_000
MOST_MENTIONED: Final = 50


def add_note(*, record: Listed, text: str, by: User, at: datetime) -> Note:
    """Write something down about `record`; who is named there and may see it is told.

    Raises NotAllowed, NotFound, TextInvalid or TooManyMentioned.
    """
    with transaction.atomic():
        hold(record)
        require_change(record, by=by)
        kind = type_of(record).key
        note = Note.objects.create(
            record_type=kind, record=record.pk, text=_text(text), author=by, created_at=at
        )
        _mention(note, record, mentioned(note.text), by=by, at=at)
        _tell("add_note", note, by=by, at=at)
        return note


def change_note(*, note: Note, text: str, by: User, at: datetime) -> None:
    """Say it otherwise; who is named now and was not before is told.

    Raises NotAllowed, NoteOfAnother, TextInvalid or TooManyMentioned.
    """
    with transaction.atomic():
        record = _hold(note, by=by)
        text = _text(text)
        if text == note.text:
            return
        fresh = [key for key in mentioned(text) if key not in mentioned(note.text)]
        note.text, note.changed_at = text, at
        note.save(update_fields=["text", "changed_at"])
        _mention(note, record, fresh, by=by, at=at)
        _tell("change_note", note, by=by, at=at)


def delete_note(*, note: Note, by: User, at: datetime) -> None:
    """Take `note` away for good. Raises NotAllowed or NoteOfAnother."""
    with transaction.atomic():
        _hold(note, by=by)
        _tell("delete_note", note, by=by, at=at)
        note.delete()


def _hold(note: Note, *, by: User) -> Listed:
    """Hold `note` for a change by who wrote it, as long as they may change its record; return the record."""
    try:
        note.refresh_from_db(from_queryset=Note.objects.select_for_update())
    except Note.DoesNotExist as error:
        raise NotFound from error
    record: Listed | None = record_type(note.record_type).model.objects.filter(pk=note.record).first()
    if record is None:
        raise NotFound
    require_change(record, by=by)
    if note.author_id != by.pk:
        raise NoteOfAnother
    return record


def _mention(note: Note, record: Listed, people: Collection[int], *, by: User, at: datetime) -> None:
    """Tell those of `people` who may see the record that they are named; nobody is told of what they wrote themselves."""
    found = seeing(record).filter(pk__in=people).exclude(pk=by.pk) if people else ()
    if told := tuple(sorted(each.pk for each in found)):
        emit(
            NoteMentioned(
                record_type=note.record_type, record=note.record, people=told, actor=by.pk, at=at
            )
        )  # fmt: skip


def _text(text: str) -> str:
    """Return `text` with its lines, each plain.

    Raises TextInvalid where nothing or too much is left, or TooManyMentioned.
    """
    kept = "\n".join(plain(line) for line in text.splitlines()).strip()
    if not 0 < len(kept) <= LONGEST:
        raise TextInvalid(zh=LABELS["note"], en="note", longest=LONGEST)
    if len(mentioned(kept)) > MOST_MENTIONED:
        raise TooManyMentioned(most=MOST_MENTIONED)
    return kept


def _tell(verb: str, note: Note, *, by: User, at: datetime) -> None:
    tell(note.record_type, note.record)
    keep(verb, note, {note.record_type: note.record}, by=by, at=at)
