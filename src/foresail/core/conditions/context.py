"""Who asks, and when: all that a condition needs to know beside the record. There is no clock in here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class Context:
    """`now` is an aware instant, `zone` the user's. `me` is the user's key, None for Foresail itself.

    `teams` are the keys of "my team" where a field refers to teams; `mates` where it refers to people.
    """

    now: datetime
    zone: ZoneInfo
    me: int | None = None
    teams: frozenset[int] = frozenset()
    mates: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("now needs a time zone.")

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()
