"""When somebody does not want to be disturbed: their own hours, and days off, in their own time zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from foresail.core.workdays import is_day_off, is_weekend
from foresail.notices.models import Preference

_DAY: Final = timedelta(days=1)
_MIDNIGHT: Final = time()


def quiet_until(
    at: datetime, *, begins: time | None, ends: time | None, days: str, zone: str
) -> datetime | None:
    """Return when the quiet in which `at` lies is over, None where it lies in none.

    Hours that end earlier than they begin go over midnight; a weekend or a holiday (`days`, one of
    `Preference.Days`) and the hours around it are one quiet.

    >>> from datetime import UTC
    >>> friday = datetime(2026, 3, 6, 15, tzinfo=UTC)  # 23:00 in Shanghai
    >>> quiet_until(friday, begins=time(22), ends=time(8), days="weekend", zone="Asia/Shanghai").isoformat()
    '2026-03-09T08:00:00+08:00'
    """
    here = ZoneInfo(zone)
    local = began = at.astimezone(here)
    for _ in range(31):  # a night, a holiday day by day, a night: what is quiet for longer never ends
        if _is_quiet_day(local.date(), days):
            after = datetime.combine(local.date() + _DAY, _MIDNIGHT, here)
        elif begins is not None and ends is not None and _within(local.time(), begins, ends):
            day = local.date() + (_DAY if local.time() >= ends else timedelta())
            after = datetime.combine(day, ends, here)
        else:
            break
        local = after
    return local if local > began else None


def _is_quiet_day(day: date, days: str) -> bool:
    match days:
        case Preference.Days.WEEKEND:
            return is_weekend(day)
        case Preference.Days.CALENDAR:
            return is_day_off(day)
        case _:
            return False


def is_zone(name: str) -> bool:
    """Whether `name` is a time zone, such as "Asia/Shanghai"."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _within(moment: time, begins: time, ends: time) -> bool:
    if begins < ends:
        return begins <= moment < ends
    return moment >= begins or moment < ends
