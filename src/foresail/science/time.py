"""Instants as whole microseconds since 1970 in UTC: exact, sortable, and the same in every library."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Instants = npt.NDArray[np.int64]
"""An array of instants: int64 microseconds since the epoch, UTC."""

SECOND = 1_000_000
DAY = 86_400 * SECOND
NEVER = int(np.iinfo(np.int64).max)
"""The closing time of a deal that has not closed: later than every instant."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_instant(moment: datetime | date, *, zone: ZoneInfo) -> int:
    """Return `moment` in microseconds; a date is its midnight and a naive time is local, both in `zone`."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=zone)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return (moment - _EPOCH) // _MICROSECOND


def to_datetime(instant: int, *, zone: ZoneInfo) -> datetime:
    """Return `instant` as an aware datetime in `zone`."""
    return (_EPOCH + instant * _MICROSECOND).astimezone(zone)


def days(duration: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return durations in microseconds as days."""
    return np.asarray(duration, dtype=np.float64) / DAY
