"""The one clock. Services take the time as an argument; only what stands at the door reads it here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")
"""Where days, weeks and months begin and end."""


def now() -> datetime:
    return datetime.now(UTC)
