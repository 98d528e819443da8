"""The one clock. Services take the time as an argument; only what stands at the door reads it here."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
