"""Whether somebody's consent held at an instant, by what they said before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Said:
    """That consent was `given`, or withdrawn, at `at`; `known_at` is when we were told, `place` the order of telling."""

    given: bool
    at: datetime
    known_at: datetime
    place: int


def holds(said: Iterable[Said], *, at: datetime, now: datetime) -> bool:
    """Whether something of `at` may be kept at `now`: consent held when it happened, and still does.

    What was said last counts, by when it was said, then by when we were told. Of one instant a withdrawal counts.
    """
    known = sorted(
        (each for each in said if each.known_at <= now),
        key=lambda each: (each.at, not each.given, each.place),
    )
    then = [each for each in known if each.at <= at]
    return bool(then) and then[-1].given and known[-1].given
