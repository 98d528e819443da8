"""Has anybody changed the audit trail? Reads the whole chain, a batch at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from django.db.models import Exists, F, Func, OuterRef, TextField
from django.db.models.functions import Cast

from foresail.governance.chain import GENESIS, VERSION, Fields, Head, row_hash
from foresail.governance.models import AuditRow, PersonKey
from foresail.governance.seal import Damaged, Sealed, unseal
from foresail.governance.words import ERASED, PERSON_KEY

BATCH = 10_000

What = Literal["changed", "missing", "order"]


@dataclass(frozen=True, kw_only=True)
class Break:
    """The first place where the chain does not hold. `because` says it in a sentence."""

    sequence: int
    what: What
    because: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`rows` is how many hold, from the first on; `broken` is None where all do; `head` is the last that holds."""

    rows: int
    head: Head
    broken: Break | None


class _Row(NamedTuple):
    """A row as text where reading it as a value could fail: whoever tampers may write anything."""

    sequence: int
    version: int
    instant: str | None
    actor: int | None
    verb: str
    subject: str
    key: str
    values_text: str
    person: str | None
    personal_text: str
    commitment: bytes | None
    sealed: bytes | None
    hash: bytes


class _Key(NamedTuple):
    """A person's key, and whether the trail tells of an erasure."""

    key: bytes | None
    erased: bool


class _Instant(Func):
    template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    output_field = TextField()


def head() -> Head:
    """Return the last row of the chain, GENESIS where there is none."""
    last = AuditRow.objects.order_by("-sequence").values_list("sequence", "hash").first()
    return GENESIS if last is None else Head(sequence=last[0], hash=bytes(last[1]).hex())


def verify(*, expected_head: Head | None = None, batch: int = BATCH) -> Verdict:
    """Follow the chain from its first row to its last, and open every sealed value whose key exists.

    `expected_head` is a head that was written down earlier; without it, a tail that was cut off, or a
    chain that was made anew as a whole, cannot be told from one that is as it was.
    """
    last = GENESIS
    for rows in _batches(size=batch):
        keys = _keys(rows)
        for row in rows:
            broken = _fault(row, last) or _unfit(row, keys) or _unexpected(row, expected_head)
            if broken is not None:
                return Verdict(rows=last.sequence, head=last, broken=broken)
            last = Head(sequence=row.sequence, hash=row.hash.hex())
    if expected_head is not None and expected_head.sequence > last.sequence:
        because = f"The chain ends at {last.sequence}, and row {expected_head.sequence} was there once."
        return Verdict(rows=last.sequence, head=last, broken=_missing(last.sequence + 1, because))
    return Verdict(rows=last.sequence, head=last, broken=None)


def _batches(*, since: int | None = None, size: int) -> Iterator[list[_Row]]:
    """Yield all rows by sequence, or those from `since` on; pages by key, so that memory stays that of a batch."""
    rows = (
        AuditRow.objects.order_by("sequence")
        .annotate(
            instant=_Instant(F("at")),
            values_text=Cast("values", TextField()),
            personal_text=Cast("personal", TextField()),
        )
        .values_list(*_Row._fields)
    )
    page = rows if since is None else rows.filter(sequence__gte=since)
    while read := [_Row(*row) for row in page[:size]]:
        yield read
        page = rows.filter(sequence__gt=read[-1].sequence)


def _fault(row: _Row, last: Head) -> Break | None:
    """Return what is wrong with the row's place or fields, given the last row that holds."""
    place = last.sequence + 1
    if row.sequence == place and _fits(row, place=place, before=last.hash):
        return None
    if row.sequence < place:
        return Break(sequence=row.sequence, what="order", because="It stands before the first place.")
    if elsewhere := _found_elsewhere(place=place, before=last.hash):
        because = f"The row that belongs here stands at {elsewhere}."
        return Break(sequence=place, what="order", because=because)
    if row.sequence > place:
        return _missing(place, f"The row after {last.sequence} is {row.sequence}.")
    if row.version != VERSION:
        because = f"This Foresail does not know version {row.version}; a newer one may."
        return Break(sequence=place, what="changed", because=because)
    return Break(sequence=place, what="changed", because="Its hash is not that of its fields.")


def _fits(row: _Row, *, place: int, before: str) -> bool:
    """Whether the row's hash is the one it must have at `place`."""
    if row.version != VERSION or row.instant is None:
        return False
    try:
        values, personal = json.loads(row.values_text), json.loads(row.personal_text)
        fields = Fields(
            at=row.instant,
            actor=row.actor,
            verb=row.verb,
            subject=row.subject,
            key=row.key,
            values=values,
            person=row.person,
            personal=personal,
            commitment=row.commitment,
        )
        return row_hash(before=before, sequence=place, fields=fields) == row.hash.hex()
    except (ValueError, TypeError, RecursionError):  # JSON that Foresail would not have written
        return False


def _found_elsewhere(*, place: int, before: str) -> int | None:
    """Return where the row stands that belongs at `place`. Reads the rest of the chain; only at a break."""
    for rows in _batches(since=place, size=BATCH):
        for row in rows:
            if row.sequence != place and _fits(row, place=place, before=before):
                return row.sequence
    return None


def _keys(rows: list[_Row]) -> dict[str, _Key]:
    people = {row.person for row in rows if row.person is not None and row.commitment is not None}
    told = AuditRow.objects.filter(subject=PERSON_KEY, verb=ERASED, key=OuterRef("person"))
    # One statement: an erasure that commits between two would look like a key that went untold.
    known = PersonKey.objects.filter(person__in=people).values_list("person", "key", Exists(told))
    return {person: _Key(None if key is None else bytes(key), told) for person, key, told in known}


def _unfit(row: _Row, keys: dict[str, _Key]) -> Break | None:
    """Return what is wrong with the row's sealed values, which its hash covers through the commitment only."""
    if row.commitment is None:
        return None
    key, erased = keys.get(row.person or "", _Key(None, erased=False))
    if key is None and erased:
        return None
    if key is None:
        because = f"The key of person {row.person} is gone, and no row tells of an erasure."
        return _missing(row.sequence, because)
    if erased:
        because = f"The key of person {row.person} is back, though a row tells of its erasure."
        return Break(sequence=row.sequence, what="changed", because=because)
    try:
        sealed = Sealed(commitment=row.commitment, box=row.sealed or b"")
        unseal(key=key, sealed=sealed, sequence=row.sequence)
    except Damaged:
        because = "Its sealed values, or their person's key, are not those that were kept."
        return Break(sequence=row.sequence, what="changed", because=because)
    return None


def _unexpected(row: _Row, expected: Head | None) -> Break | None:
    if expected is None or row.sequence != expected.sequence or row.hash.hex() == expected.hash:
        return None
    because = "The chain holds in itself, but this is not the head that was written down: it was made anew."
    return Break(sequence=row.sequence, what="changed", because=because)


def _missing(sequence: int, because: str) -> Break:
    return Break(sequence=sequence, what="missing", because=because)
