"""Personal values under lock: readable while the person's key exists, provable always, guessable never."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foresail.governance.canonical import Json, canonical

SALT_BYTES = 32
NONCE_BYTES = 12


class Damaged(Exception):
    """What was sealed cannot be opened with this key, or is not what was committed to."""


class Sealed(NamedTuple):
    """`commitment` is HMAC-SHA-256 of the values under a salt of their own; `box` is nonce and ciphertext.

    The salt lies in the box: when the key goes, so does the means to try likely values on the commitment.
    """

    commitment: bytes
    box: bytes


def new_key() -> bytes:
    """Return a random key for AES-256."""
    return AESGCM.generate_key(bit_length=256)


def seal(*, key: bytes, values: dict[str, Json], sequence: int) -> Sealed:
    """Seal `values` with AES-256-GCM for the row `sequence`; the box opens at no other row."""
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    inside = canonical({"salt": salt.hex(), "values": values})
    box = nonce + AESGCM(key).encrypt(nonce, inside, _place(sequence))
    return Sealed(commitment=_commitment(salt=salt, values=values), box=box)


def unseal(*, key: bytes, sealed: Sealed, sequence: int) -> dict[str, Json]:
    """Return the values. Raises Damaged."""
    nonce, ciphertext = sealed.box[:NONCE_BYTES], sealed.box[NONCE_BYTES:]
    try:
        inside = json.loads(AESGCM(key).decrypt(nonce, ciphertext, _place(sequence)))
        salt, values = bytes.fromhex(inside["salt"]), dict(inside["values"])
    except (InvalidTag, ValueError, TypeError, KeyError) as error:
        raise Damaged from error
    if not hmac.compare_digest(_commitment(salt=salt, values=values), sealed.commitment):
        raise Damaged
    return values


def _commitment(*, salt: bytes, values: dict[str, Json]) -> bytes:
    return hmac.digest(salt, canonical(values), hashlib.sha256)


def _place(sequence: int) -> bytes:
    return f"foresail audit 1 {sequence}".encode()
