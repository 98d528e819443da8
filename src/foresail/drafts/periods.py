"""Weeks from Monday on and months, as they begin and end where we are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from foresail.core.clock import ZONE
from foresail.drafts.errors import PeriodInvalid

WEEK: Final = timedelta(days=7)
EARLIEST: Final = date(2000, 1, 1)


@dataclass(frozen=True)
class Period:
    """From `begins_on` until before `ends_on`."""

    span: str
    begins_on: date
    ends_on: date

    @classmethod
    def of(cls, span: str, begins_on: date, *, at: datetime) -> Period:
        """Raises PeriodInvalid for what is no week or month, or lies ahead."""
        found = cls.holding(span, begins_on)
        if found.begins_on != begins_on or not EARLIEST <= begins_on <= at.astimezone(ZONE).date():
            raise PeriodInvalid
        return found

    @classmethod
    def holding(cls, span: str, day: date) -> Period:
        """Return the week or month in which `day` lies."""
        if span == "week":
            begins = day - timedelta(days=day.weekday())
            return cls(span, begins, begins + WEEK)
        begins = day.replace(day=1)
        return cls(span, begins, (begins + timedelta(days=32)).replace(day=1))

    @property
    def following(self) -> Period:
        return self.holding(self.span, self.ends_on)

    @property
    def start(self) -> datetime:
        return datetime.combine(self.begins_on, time(), ZONE)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.ends_on, time(), ZONE)
