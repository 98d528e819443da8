"""Who was erased, in a file of the home beside the database: what an old backup brings back of them goes again.

A line holds an instant and a digest of the name under a key of the home, so it names nobody; `back` behind them says that
it was a mistake. It is on the disk before the transaction that erases ends: a crash loses none. One of a transaction that
did not end stands there all the same.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings

FILE: Final = "erased"
DIGEST: Final = 64
"""So long is a digest, in hexadecimal digits."""


def note(names: Collection[str], *, at: datetime, back: bool = False) -> None:
    """Write down that `names` were erased at `at`, or that they should not have been, on the disk when this returns."""
    secret, end = _secret(), " back\n" if back else "\n"
    # A line that a full disk cut off has no end: this one must not go on with it.
    lines = "\n" + "".join(
        f"{at.astimezone(UTC).isoformat()} {_digest(name, secret)}{end}" for name in sorted(names)
    )
    with os.fdopen(os.open(place(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())


class Journal:
    """What the journal says."""

    def __init__(self) -> None:
        self._secret = _secret()
        self._by_digest = told(place())

    def __len__(self) -> int:
        return len(self._by_digest)

    def at(self, name: str) -> datetime | None:
        """Return when `name` was erased last, None where it never was."""
        return self._by_digest.get(_digest(name, self._secret))


def told(file: Path) -> dict[str, datetime]:
    """Return when each was erased last, by digest."""
    found: dict[str, datetime] = {}
    for line in file.read_text().splitlines() if file.exists() else ():
        match line.split(" "):
            case [at, digest] if len(digest) == DIGEST:
                found[digest] = datetime.fromisoformat(at)
            case [_, digest, "back"]:
                found.pop(digest, None)
            case _:
                pass  # what a crash cut off names nobody
    return found


def place() -> Path:
    return Path(settings.HOME.folder) / FILE


def _secret() -> bytes:
    return str(settings.HOME.secret(FILE)).encode()


def _digest(name: str, secret: bytes) -> str:
    return hmac.digest(secret, name.encode(), "sha256").hex()
