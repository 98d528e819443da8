"""The audit trail: a change and an export are kept, a person's values erased, the chain verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from procrastinate.contrib.django import app

from foresail.core.changes import Change, record
from foresail.governance import journal
from foresail.governance.canonical import Json, instant, plain
from foresail.governance.chain import GENESIS, VERSION, Fields, Head, row_hash
from foresail.governance.errors import (
    OutsideTransaction,
    PersonalValueMissing,
    PersonErased,
    PersonMissing,
    ValueNotKept,
    VerificationUnderWay,
)
from foresail.governance.models import AuditRow, PersonKey, Verification
from foresail.governance.seal import Sealed, new_key, seal
from foresail.governance.words import AUDIT_ROW, ERASED, EXPORTED, PERSON_KEY, VERIFIED

if TYPE_CHECKING:
    from foresail.governance.queries import Verdict

LOCK = int.from_bytes(b"fs.audit")
"""The advisory lock of the chain's end: any number does, as long as nothing else uses it."""


PATIENCE: Final = timedelta(hours=6)


@dataclass(frozen=True)
class _Values:
    open: dict[str, Json]
    personal: dict[str, Json]


def keep(change: Change) -> None:
    """Add `change` to the chain, in the transaction that makes it; listens for every Change.

    Raises OutsideTransaction, ValueNotKept, PersonalValueMissing, PersonMissing, PersonErased.
    """
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction(verb=change.verb)
    change = _checked(change)
    values = _split(change)
    head = _hold_end()
    sequence = head.sequence + 1
    sealed = _sealed(change, values.personal, sequence=sequence)
    fields = Fields(
        at=instant(change.at),
        actor=change.actor,
        verb=change.verb,
        subject=change.subject,
        key=change.key,
        values=values.open,
        person=change.person,
        personal=sorted(values.personal),
        commitment=sealed and sealed.commitment,
    )
    AuditRow.objects.create(
        sequence=sequence,
        version=VERSION,
        at=change.at,
        actor=fields.actor,
        verb=fields.verb,
        subject=fields.subject,
        key=fields.key,
        values=fields.values,
        person=fields.person,
        personal=fields.personal,
        commitment=fields.commitment,
        sealed=sealed and sealed.box,
        hash=bytes.fromhex(row_hash(before=head.hash, sequence=sequence, fields=fields)),
    )


def keep_export(*, actor: int, subject: str, count: int, where: Mapping[str, Any], at: datetime) -> None:
    """Keep that `actor` took `count` records of `subject` out, those that the filter `where` found.

    The filter is kept open: it must not hold a person's values. Raises ValueNotKept.
    """
    with transaction.atomic():
        values = {"count": count, "where": where}
        record(Change(actor=actor, verb=EXPORTED, subject=subject, key="", at=at, values=values))


def erase_person(*, person: str, by: int | None, at: datetime) -> datetime:
    """Take the key of `person` away, so that nobody can read their values again, and keep that it was done.

    Returns when it was done: `at`, or for a person erased before, the first time; then nothing changes.
    """
    with transaction.atomic():
        _hold_end()  # before the key is read: a change under way must not seal with a key that goes
        known = PersonKey.objects.filter(person=person).first()
        if known is not None and known.erased_at is not None:
            return known.erased_at
        journal.note({f"{PERSON_KEY} {person}"}, at=at)
        PersonKey(person=person, key=None, erased_at=at).save()
        record(Change(actor=by, verb=ERASED, subject=PERSON_KEY, key=person, at=at, person=person))
    return at


def erase_persons_again(*, at: datetime) -> int:
    """Take away once more the keys that were taken since the backup was made that stands here now; return how many."""
    noted = journal.Journal()
    back = [
        person
        for person in PersonKey.objects.filter(erased_at=None).values_list("person", flat=True)
        if noted.at(f"{PERSON_KEY} {person}") is not None
    ]
    for person in back:
        erase_person(person=person, by=None, at=at)
    return len(back)


def ask_verification(*, by: int | None, at: datetime) -> Verification:
    """Let the whole chain be read in the background. Raises VerificationUnderWay.

    Who may ask, the caller has asked. One that waits longer than PATIENCE counts as lost, and another may begin.
    """
    with transaction.atomic():
        Verification.objects.filter(ended_at=None, asked_at__lt=at - PATIENCE).delete()
        if Verification.objects.filter(ended_at=None).exists():
            raise VerificationUnderWay
        made = Verification.objects.create(asked_at=at, asked_by=by)
        app.configure_task("governance.verify", queue="default").defer(verification=made.pk)
        record(Change(actor=by, verb=VERIFIED, subject=AUDIT_ROW, key="", at=at))
        return made


def keep_verdict(*, verification: int, verdict: Verdict, at: datetime) -> None:
    """Keep what was found, in words that stay when the chain is mended."""
    broken = verdict.broken
    with transaction.atomic():
        Verification.objects.filter(pk=verification).update(
            ended_at=at,
            rows=verdict.rows,
            head_sequence=verdict.head.sequence,
            head_hash=verdict.head.hash,
            broken_at=broken and broken.sequence,
            broken_what=broken.what if broken else "",
            because=broken.because if broken else "",
        )


def _checked(change: Change) -> Change:
    """Return `change` with plain texts: a record's key given as a number would come back as text, unlike its hash."""
    instant(change.at)
    if change.actor is not None and type(change.actor) is not int:
        raise ValueNotKept(where="actor", kind=type(change.actor).__name__)
    return replace(
        change,
        verb=_text(change.verb, where="verb"),
        subject=_text(change.subject, where="subject"),
        key=_text(change.key, where="key"),
        person=None if change.person is None else _text(change.person, where="person"),
    )


def _text(value: object, *, where: str) -> str:
    text = plain(value, where=where)
    if not isinstance(value, str) or not isinstance(text, str):
        raise ValueNotKept(where=where, kind=f"{type(value).__name__} instead of text")
    return text


def _split(change: Change) -> _Values:
    missing = change.personal - set(change.values)
    if missing:
        raise PersonalValueMissing(names=", ".join(sorted(missing)))
    if change.personal and change.person is None:
        raise PersonMissing
    values = plain(change.values)
    if not isinstance(values, dict):
        raise ValueNotKept(where="values", kind=f"{type(change.values).__name__} instead of an object")
    return _Values(
        open={name: value for name, value in values.items() if name not in change.personal},
        personal={name: value for name, value in values.items() if name in change.personal},
    )


def _hold_end() -> Head:
    """Return the last row, which stays the last until this transaction ends.

    The lock gives rows their place in the order of commits and without a gap. Its cost: from its first
    audit row to its commit a transaction keeps every other one that changes something waiting, so a verb
    tells of its changes last and does nothing slow after. PostgreSQL counts the lock once per
    transaction: a second append does not wait, but asks again, for a rollback to a savepoint gives the
    lock back. Two statements, since one statement would look at the table before it has waited.
    """
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    last = AuditRow.objects.order_by("-sequence").values_list("sequence", "hash").first()
    return GENESIS if last is None else Head(sequence=last[0], hash=bytes(last[1]).hex())


def _sealed(change: Change, values: dict[str, Json], *, sequence: int) -> Sealed | None:
    if not values or change.person is None:
        return None
    known = PersonKey.objects.filter(person=change.person).first()
    if known is None:
        known = PersonKey.objects.create(person=change.person, key=new_key())
    if known.key is None:
        raise PersonErased(person=change.person)
    return seal(key=bytes(known.key), values=values, sequence=sequence)
