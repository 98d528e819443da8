"""Months and quarters, as they begin and end where we are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from foresail.core.clock import ZONE
from foresail.forecast.errors import PeriodInvalid


@dataclass(frozen=True)
class Period:
    """`name` is "2026-11" or "2026Q4"; it holds from `start` up to, not including, `end`."""

    name: str
    start: datetime
    end: datetime

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
        return cls(f"{year}-{month:02d}", _first(year, month), _first(year + month // 12, month % 12 + 1))

    @classmethod
    def quarter(cls, year: int, quarter: int) -> Period:
        year, quarter = year + (quarter - 1) // 4, (quarter - 1) % 4 + 1
        first = 3 * quarter - 2
        return cls(
            f"{year}Q{quarter}", _first(year, first), _first(year + (first + 2) // 12, (first + 2) % 12 + 1)
        )

    @classmethod
    def named(cls, name: str) -> Period:
        """Raises PeriodInvalid."""
        if found := re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", name):
            return cls.month(int(found[1]), int(found[2]))
        if found := re.fullmatch(r"(20\d\d)Q([1-4])", name):
            return cls.quarter(int(found[1]), int(found[2]))
        raise PeriodInvalid(period=name)


def ahead(at: datetime) -> list[Period]:
    """Return this month and the next two, this quarter and the next."""
    day: date = at.astimezone(ZONE).date()
    quarter = (day.month + 2) // 3
    months = [Period.month(day.year, day.month + n) for n in range(3)]
    return [*months, *(Period.quarter(day.year, quarter + n) for n in range(2))]


def _first(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=ZONE)
