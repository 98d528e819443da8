"""Secrets that must be read again, such as the password of another system: encrypted with a key of the home folder.

The key is in no backup. Where it is gone, what it sealed is gone too, and has to be typed in anew.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

KEY: Final = "vault"


class Unsealable(Exception):
    """It was sealed with another home's key, or changed since."""


def seal(text: str) -> bytes:
    """Return `text` so that only this home can read it."""
    return _fernet().encrypt(text.encode())


def unseal(box: bytes) -> str:
    """Return what `seal` was given. Raises Unsealable."""
    try:
        return _fernet().decrypt(box).decode()
    except InvalidToken as error:
        raise Unsealable from error


def signature_of(text: str, *, use: str) -> bytes:
    """Return what only this home can say of `text`, 32 bytes; what is signed for one `use` holds for no other."""
    key = hmac.digest(settings.HOME.secret(KEY).encode(), f"sign {use}".encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256")


def _fernet() -> Fernet:
    digest = hashlib.sha256(settings.HOME.secret(KEY).encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
