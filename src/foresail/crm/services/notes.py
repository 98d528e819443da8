"""What people write down about a record: read by who sees it, written by who may change it, mended by who wrote it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction

from foresail.core.errors import NotFound
from foresail.core.outbox import tell
from foresail.crm.errors import NoteOfAnother, TextInvalid
from foresail.crm.fields import record_type, type_of
from foresail.crm.models import Listed, Note
from foresail.crm.services.changing import hold, require_change
from foresail.crm.services.telling import keep
from foresail.crm.services.values import LABELS, plain

if TYPE_CHECKING:
    from foresail.people.models import User

LONGEST: Final = 10_000


def add_note(*, record: Listed, text: str, by: User, at: datetime) -> Note:
    """Write something down about `record`. Raises NotAllowed, NotFound or TextInvalid."""
    with transaction.atomic():
        hold(record)
        require_change(record, by=by)
        kind = type_of(record).key
        note = Note.objects.create(
            record_type=kind, record=record.pk, text=_text(text), author=by, created_at=at
        )
        _tell("add_note", note, by=by, at=at)
        return note


def change_note(*, note: Note, text: str, by: User, at: datetime) -> None:
    """Say it otherwise. Raises NotAllowed, NoteOfAnother or TextInvalid."""
    with transaction.atomic():
        _hold(note, by=by)
        text = _text(text)
        if text == note.text:
            return
        note.text, note.changed_at = text, at
        note.save(update_fields=["text", "changed_at"])
        _tell("change_note", note, by=by, at=at)


def delete_note(*, note: Note, by: User, at: datetime) -> None:
    """Take `note` away for good. Raises NotAllowed or NoteOfAnother."""
    with transaction.atomic():
        _hold(note, by=by)
        _tell("delete_note", note, by=by, at=at)
        note.delete()


def _hold(note: Note, *, by: User) -> None:
    """Hold `note` for a change by who wrote it, as long as they may change its record."""
    try:
        note.refresh_from_db(from_queryset=Note.objects.select_for_update())
    except Note.DoesNotExist as error:
        raise NotFound from error
    record = record_type(note.record_type).model.objects.filter(pk=note.record).first()
    if record is None:
        raise NotFound
    require_change(record, by=by)
    if note.author_id != by.pk:
        raise NoteOfAnother


def _text(text: str) -> str:
    """Return `text` with its lines, each plain. Raises TextInvalid where nothing or too much is left."""
    kept = "\n".join(plain(line) for line in text.splitlines()).strip()
    if not 0 < len(kept) <= LONGEST:
        raise TextInvalid(zh=LABELS["note"], en="note", longest=LONGEST)
    return kept


def _tell(verb: str, note: Note, *, by: User, at: datetime) -> None:
    tell(note.record_type, note.record)
    keep(verb, note, {note.record_type: note.record}, by=by, at=at)
