"""Which days, and which instants, a test of a date asks for. Python and the database use the same bounds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from foresail.core.conditions.context import Context
from foresail.core.conditions.tree import Value

DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)  # what PostgreSQL and Python can tell apart


def days(op: str, value: Value, *, context: Context) -> tuple[date | None, date | None]:
    """Return the first and last day, both included; None where there is no end.

    The last and the next n days include today. Weeks begin on Monday.
    """
    today = context.today
    match op, value:
        case "on", date():
            return value, value
        case "before", date():
            return None, value - DAY
        case "after", date():
            return value + DAY, None
        case "between", (date() as low, date() as high):
            return low, high
        case "within_last", int():
            return today - value * DAY, today
        case "within_next", int():
            return today, today + value * DAY
        case "older_than", int():
            return None, today - (value + 1) * DAY
        case (("this" | "last" | "next"), str()):
            step = {"this": 0, "last": -1, "next": 1}[op]
            return _start(value, today, step), _start(value, today, step + 1) - DAY
    raise AssertionError(f"{op} {value!r} is no test of a date.")


def instants(op: str, value: Value, *, context: Context) -> tuple[datetime | None, datetime | None]:
    """Return the first and last instant, both included, of the days in the user's zone.

    The last n days end now, and the next n days begin now: what is later today has not been yet.
    """
    first, last = days(op, value, context=context)
    low = None if first is None else _midnight(first, context)
    high = None if last is None else _midnight(last + DAY, context) - INSTANT
    if op == "within_last":
        high = context.now.astimezone(UTC)
    elif op == "within_next":
        low = context.now.astimezone(UTC)
    return low, high


def _midnight(day: date, context: Context) -> datetime:
    """Return when `day` begins. Where clocks jump over midnight, that is the jump."""
    return datetime.combine(day, time(), tzinfo=context.zone).astimezone(UTC)


def _start(unit: str, day: date, step: int) -> date:
    """Return the first day of the unit `step` after that of `day`."""
    match unit:
        case "day":
            return day + step * DAY
        case "week":
            return day - day.weekday() * DAY + step * 7 * DAY
        case "month":
            return _month(day.year, day.month - 1 + step)
        case "quarter":
            return _month(day.year, (day.month - 1) // 3 * 3 + 3 * step)
    return date(day.year + step, 1, 1)


def _month(year: int, months: int) -> date:
    """Return the first day of the month that lies `months` after January of `year`."""
    return date(year + months // 12, months % 12 + 1, 1)
