"""Which days are off in China: public holidays as the State Council sets them year by year, and weekends, less those that
are worked in exchange (调休).

What is set is known for whole years, until the end of `LAST_YEAR`; the next year's is told each November, and a newer
`chinesecalendar` has it. Beyond, and before `FIRST_YEAR`, Saturdays and Sundays are off and nothing else.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from chinese_calendar import holidays, is_holiday

SATURDAY: Final = 5
_NATIONAL_DAYS: Final = [day.year for day in holidays if (day.month, day.day) == (10, 1)]
"""One in each year that was set: a day of the next year's may belong to the last holiday of a year."""
FIRST_YEAR: Final = min(_NATIONAL_DAYS)
LAST_YEAR: Final = max(_NATIONAL_DAYS)


def is_weekend(day: date) -> bool:
    return day.weekday() >= SATURDAY


def is_day_off(day: date) -> bool:
    """Whether `day` is off in China.

    >>> is_day_off(date(2026, 2, 17)), is_day_off(date(2026, 2, 28))  # Spring Festival; a Saturday that is worked
    (True, False)
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return is_weekend(day)
    return bool(is_holiday(day))
