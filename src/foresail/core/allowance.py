"""How often somebody may ask, over all processes together: an allowance that fills up evenly.

An allowance is one instant in an unlogged table: until when it is spent. A process takes several at a time and
hands them out by itself, so that few requests write. What it has taken and not handed out is lost to others, by
TAKEN_AT_ONCE at most, so nobody ever gets more than the rate, and after a crash everybody has a full one again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

TAKEN_AT_ONCE: Final = 20
KNOWN: Final = 10_000
"""Of how many a process remembers what it holds; who was seen least lately goes first."""

_TAKE: Final = """
    INSERT INTO core_allowance (name, spent_until) VALUES (%(name)s, %(at)s + %(cost)s)
    ON CONFLICT (name) DO UPDATE
        SET spent_until = greatest(core_allowance.spent_until, %(at)s) + %(cost)s
        WHERE greatest(core_allowance.spent_until, %(at)s) + %(cost)s <= %(latest)s
    RETURNING spent_until
"""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """`number` within `seconds`, at once or spread."""

    number: int
    seconds: float = 60.0

    @property
    def each(self) -> timedelta:
        return timedelta(seconds=self.seconds / self.number)


@dataclass
class _Held:
    left: int = 0
    refused_until: datetime | None = None


class Allowances:
    """What this process holds of them. `spend` may be called by several threads."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._lock = threading.Lock()

    def spend(self, *, name: str, rate: Rate, at: datetime) -> timedelta | None:
        """Take one from the allowance `name`. Returns None, or where nothing is left how long until there is."""
        with self._lock:
            held = self._held.setdefault(name, _Held())
            self._held.move_to_end(name)
            if len(self._held) > KNOWN:
                self._held.popitem(last=False)
            if held.left:
                held.left -= 1
                return None
            if held.refused_until and at < held.refused_until:
                return held.refused_until - at
        taken, until = _take(name, rate, at)
        with self._lock:
            if taken:
                held.left += taken - 1
                held.refused_until = None
                return None
            held.refused_until = until
        return max(until - at, timedelta(0))

    def forget(self) -> None:
        """Hold nothing any more."""
        with self._lock:
            self._held.clear()


def forget(*, before: datetime) -> int:
    """Delete the allowances that were full again before `before`; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_allowance WHERE spent_until < %s", [before])
        deleted: int = cursor.rowcount
    return deleted


def _take(name: str, rate: Rate, at: datetime) -> tuple[int, datetime]:
    """Take as many as there are, at most TAKEN_AT_ONCE. Returns how many, and when there is one if there was none."""
    each, full = rate.each, at + rate.each * rate.number
    wanted, spent = min(TAKEN_AT_ONCE, rate.number), at
    with connection.cursor() as cursor:
        while wanted > 0:
            values: dict[str, Any] = {"name": name, "at": at, "cost": each * wanted, "latest": full}
            cursor.execute(_TAKE, values)
            if cursor.fetchone():
                return wanted, at
            cursor.execute("SELECT spent_until FROM core_allowance WHERE name = %s", [name])
            found = cursor.fetchone()
            spent = found[0] if found else at
            # What others took in between only makes it fewer.
            wanted = min(wanted - 1, (full - spent) // each)
        return 0, spent + each - each * rate.number
