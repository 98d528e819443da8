"""Who was erased, in a file of the home beside the database: what an old backup brings back of them goes again.

A line holds an instant and a digest of the name under a key of the home, so it names nobody. It is on the disk before
the transaction that erases ends: a crash loses none. One of a transaction that did not end stands there all the same,
and erases more than it had to, should a backup be restored.
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


def note(names: Collection[str], *, at: datetime) -> None:
    """Write down that `names` were erased at `at`, on the disk when this returns."""
    lines = "".join(f"{at.astimezone(UTC).isoformat()} {_digest(name)}\n" for name in sorted(names))
    with os.fdopen(os.open(place(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())


class Noted:
    """What the journal says."""

    def __init__(self) -> None:
        self._by_digest: dict[str, datetime] = {}
        if not place().exists():
            return
        for line in place().read_text().splitlines():
            at, _, digest = line.partition(" ")
            if len(digest) == 64:  # a line that a crash cut off names nobody
                self._by_digest[digest] = datetime.fromisoformat(at)

    def __len__(self) -> int:
        return len(self._by_digest)

    def at(self, name: str) -> datetime | None:
        """Return when `name` was erased last, None where it never was."""
        return self._by_digest.get(_digest(name))


def place() -> Path:
    return Path(settings.HOME.folder) / FILE


def _digest(name: str) -> str:
    return hmac.digest(settings.HOME.secret(FILE).encode(), name.encode(), "sha256").hex()
