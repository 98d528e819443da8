"""What rooms keep of people, and how each takes it away: registered, so that a withdrawal reaches all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from foresail.governance.collecting import Purpose


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """Whose data goes: `subjects` withdrew their consent to `purpose` at `at`.

    Or it was never theirs, only `lent` by a merge of that key, which is undone: what rested on it goes, and nothing else
    of them or of whom they were taken to be.
    """

    subjects: Collection[str]
    purpose: Purpose
    at: datetime
    lent: int | None = None


Eraser = Callable[[Erasure], int]
"""Takes away what only that consent allowed, in the caller's transaction; returns how much that was."""

Counter = Callable[[Erasure], Mapping[str, int]]
"""Says how much that would be, by what it is called, and takes nothing away."""

_erasers: dict[str, Eraser] = {}
_counters: dict[str, Counter] = {}


def register(room: str, eraser: Eraser, counter: Counter) -> None:
    """Let `room` be asked. Called from an app's `ready`; twice is once."""
    _erasers[room] = eraser
    _counters[room] = counter


def erase(erasure: Erasure) -> Mapping[str, int]:
    """Ask every room; return how much each took away."""
    return {room: eraser(erasure) for room, eraser in _erasers.items()}


def foresee(erasure: Erasure) -> Mapping[str, int]:
    """Ask every room what it would take away, by what that is called."""
    return {name: count for counter in _counters.values() for name, count in counter(erasure).items()}
