"""Time-based one-time passwords (RFC 6238, on RFC 4226), as authenticator apps make them."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

SECONDS = 30
DIGITS = 6
WINDOW = 1
"""Steps to either side that are accepted, for clocks that differ and for slow fingers."""
SECRET_BYTES = 20


def new_secret() -> str:
    """Return a random secret of 160 bits in base32, as apps take it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def step(at: datetime) -> int:
    """Return the number of the time step that holds `at`."""
    return int(at.timestamp()) // SECONDS


def code(*, secret: str, step: int, digits: int = DIGITS) -> str:
    """Return the code of one time step.

    >>> code(secret="GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", step=1, digits=8)  # RFC 6238, appendix B, 59 s
    '94287082'
    """
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def matching_step(*, secret: str, typed: str, at: datetime, after: int) -> int | None:
    """Return the step within the window and later than `after` whose code was `typed`, None if there is none."""
    now = step(at)
    for candidate in range(max(now - WINDOW, after + 1, 0), now + WINDOW + 1):
        if hmac.compare_digest(code(secret=secret, step=candidate).encode(), typed.encode()):
            return candidate
    return None


def address(*, secret: str, email: str) -> str:
    """Return the otpauth address that apps read from a QR code."""
    label = quote(f"Foresail:{email}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': 'Foresail'})}"
