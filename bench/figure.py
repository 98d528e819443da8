"""One measured figure, what it is measured against, and what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any


class Skipped(Exception):
    """A subject cannot be measured here; the message says why."""


@dataclass(frozen=True)
class Figure:
    """`value` in `unit`; `peer` is what `against` takes, in the same unit.

    `at_least` and `at_most` bound the ratio to the peer where there is one, else the value.
    """

    name: str
    value: float
    unit: str
    peer: float | None = None
    against: str = ""
    at_least: float | None = None
    at_most: float | None = None
    bounds_value: bool = False

    @property
    def ratio(self) -> float | None:
        return None if self.peer is None else self.value / self.peer

    @property
    def goal(self) -> str | None:
        """The bound in words, None where nothing is asked."""
        bounds = [
            f"{sign} {bound:g}"
            for sign, bound in (("≥", self.at_least), ("≤", self.at_most))
            if bound is not None
        ]
        if not bounds:
            return None
        judged = "value" if self._judged is self.value else "ratio"
        return f"{judged} {' and '.join(bounds)}"

    @property
    def met(self) -> bool:
        return (self.at_least is None or self._judged >= self.at_least) and (
            self.at_most is None or self._judged <= self.at_most
        )

    @property
    def _judged(self) -> float:
        return self.value if self.ratio is None or self.bounds_value else self.ratio

    def to_dict(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "unit": self.unit,
            "peer": self.peer,
            "ratio": self.ratio,
            "goal": self.goal,
        }


def timed(**candidates: Callable[[], object]) -> dict[str, float]:
    """Return the median seconds of five runs of each candidate, taken in turns after one run unmeasured."""
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(6):
        for name, run in candidates.items():
            start = perf_counter()
            run()
            if turn:
                seconds[name].append(perf_counter() - start)
    return {name: median(runs) for name, runs in seconds.items()}


def once(run: Callable[[], Any]) -> tuple[Any, float]:
    """Return what `run` gives, and the seconds it took."""
    start = perf_counter()
    return run(), perf_counter() - start
