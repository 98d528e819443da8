"""What people type, made fit to be kept."""

from __future__ import annotations

import hashlib

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from foresail.people.errors import EmailInvalid, NameInvalid

LONGEST_NAME = 150


def plain(text: str) -> str:
    """Return `text` on one line, without control characters (PostgreSQL takes no NUL)."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def name_of(text: str) -> str:
    """Return the name in `text`. Raises NameInvalid."""
    name = plain(text)
    if not 0 < len(name) <= LONGEST_NAME:
        raise NameInvalid
    return name


def folded(email: str) -> str:
    """Return the one way in which an e-mail address is kept and looked for."""
    return plain(email).lower()


def email_of(text: str) -> str:
    """Return the e-mail address in `text`. Raises EmailInvalid."""
    email = folded(text)
    try:
        validate_email(email)
    except ValidationError as error:
        raise EmailInvalid(email=email) from error
    if len(email) > 254:
        raise EmailInvalid(email=email)
    return email


def fingerprint(secret: str) -> str:
    """Return the SHA-256 of `secret`. Only for what is random or must not be kept, never for passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()
