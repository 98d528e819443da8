"""What signals tell higher rooms, inside the transaction that adds up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class InterestTurned:
    """What `accounts` are interested in has other sums now.

    Of `traces`, accounts too, there are other days on which they cared about something, so their deals are to be seen
    anew; what comes on such a day later is none. `erased` says that something was taken away for good.
    """

    accounts: tuple[int, ...]
    at: datetime
    traces: tuple[int, ...] = ()
    erased: bool = False
