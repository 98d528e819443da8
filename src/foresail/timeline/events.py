"""What timeline tells higher rooms, inside the transaction of the append."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Appended:
    """`count` entries are new since `at`; `deals` are those that they are about."""

    deals: tuple[int, ...]
    count: int
    at: datetime
