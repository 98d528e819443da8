"""How the rows of the audit trail hang together: each row's hash covers its fields and the hash before it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from foresail.governance.canonical import Json, canonical

VERSION = 1
"""Of the serialisation below. A new one gets the next number; rows keep the one they were made with."""


class Head(NamedTuple):
    """The last row of a chain. Whoever writes it down elsewhere can later tell whether the tail was cut off."""

    sequence: int
    hash: str
    """64 hexadecimal digits."""


GENESIS = Head(sequence=0, hash="0" * 64)
"""What comes before the first row."""


@dataclass(frozen=True, kw_only=True)
class Fields:
    """What a row's hash covers, beside its place and the hash before it."""

    at: str
    actor: int | None
    verb: str
    subject: str
    key: str
    values: Json
    person: str | None
    personal: Sequence[Json]
    commitment: bytes | None


def row_hash(*, before: str, sequence: int, fields: Fields) -> str:
    """Return the hash of a row in version 1, as 64 hexadecimal digits.

    SHA-256 of the canonical JSON of one object with exactly these keys: actor, at (UTC, six decimals),
    before (the hash before it), commitment (hexadecimal, or null), key, person, personal (names, sorted),
    sequence, subject, values (the open ones), verb, version (1).
    """
    told: dict[str, Json] = {
        "actor": fields.actor,
        "at": fields.at,
        "before": before,
        "commitment": None if fields.commitment is None else fields.commitment.hex(),
        "key": fields.key,
        "person": fields.person,
        "personal": list(fields.personal),
        "sequence": sequence,
        "subject": fields.subject,
        "values": fields.values,
        "verb": fields.verb,
        "version": VERSION,
    }
    return hashlib.sha256(canonical(told)).hexdigest()
