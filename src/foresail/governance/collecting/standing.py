"""Whether somebody's consent held at an instant, by what they said before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Said:
    """That consent was `given`, or withdrawn, at `at`; `place` is the order in which we were told."""

    given: bool
    at: datetime
    place: int


def holds(said: Iterable[Said], *, at: datetime) -> bool:
    """Whether something of `at` may be kept: consent held when it happened, and has not been withdrawn since.

    What was said last counts, of one instant a withdrawal. A withdrawal also counts against every consent that we
    were told of before it: clocks and networks may let it seem the earlier one.
    """
    said = sorted(said, key=lambda each: (each.at, not each.given, each.place))
    then = [each for each in said if each.at <= at]
    return bool(then) and then[-1].given and said[-1].given and max(said, key=lambda each: each.place).given
