"""What signals tell higher rooms, inside the transaction that adds up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class InterestTurned:
    """What `accounts` are interested in has other sums now."""

    accounts: tuple[int, ...]
    at: datetime
