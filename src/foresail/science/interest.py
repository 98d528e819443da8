"""Traces of interest added up: evidence fades, repeats count less, and every part of a total can be shown.

A piece of evidence with `amount` at instant e adds weight * amount * 2^(-(t - e) / half-life) at t. What all of it
comes to, E, is shown as a strength of 0 to 100: 100 * (1 - exp(-E / SCALE)), which no number of repeats passes.
Times are seconds since any one instant, half-lives days.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Evidence = npt.NDArray[np.float64]

DAY: Final = 86_400.0
SCALE: Final = 12.0
"""With so much evidence the strength is 63."""
REPEAT: Final = 0.7
"""What the same person does again on the same day counts so much of what it counted the time before."""
MOST_REPEATS: Final = 20
"""From there on a repeat is less than a thousandth, and nothing."""
BASELINE_WEEKS: Final = 12
SURGE: Final = 1.5
LEAST: Final = 5.0
"""A week with less evidence is no surge, however quiet it was before."""
PRIOR: Final = 1.0
"""So much evidence a week is taken to be usual of whom we know nothing."""


@dataclass(frozen=True, slots=True)
class Faded:
    """A sum of evidence that fades with one half-life: `value` as it stood at `at`. Any order of adding gives the same.

    >>> Faded(0.0, 0.0).add(4.0, at=0.0, half_life=14.0).at_time(14 * DAY, half_life=14.0)
    2.0
    """

    value: float
    at: float

    def add(self, amount: float, *, at: float, half_life: float) -> Faded:
        """Return the sum with `amount` of the instant `at`, which may lie before those that are in it."""
        now = max(self.at, at)
        value = self.value * fading(now - self.at, half_life) + amount * fading(now - at, half_life)
        return Faded(value, now)

    def at_time(self, now: float, *, half_life: float) -> float:
        """Return what the sum has come to at `now`; before `at` it would count what had not happened yet."""
        return self.value * fading(now - self.at, half_life)


def fading(seconds: float, half_life: float) -> float:
    """Return which share of evidence is left after `seconds`, with a half-life in days."""
    return math.exp2(-seconds / (DAY * half_life))


def amount(*, size: float, confidence: float, rank: int) -> float:
    """Return what the `rank`-th (from 1) of the same day counts: `size` is how much of it there was, 1 for a click.

    >>> [round(amount(size=1.0, confidence=1.0, rank=rank), 3) for rank in (1, 2, 3, 21)]
    [1.0, 0.7, 0.49, 0.0]
    """
    return size * confidence * REPEAT ** (rank - 1) if rank <= MOST_REPEATS else 0.0


def strength(evidence: float) -> float:
    """Return what evidence comes to on the scale of 0 to 100.

    >>> strength(0.0), round(strength(SCALE), 1)
    (0.0, 63.2)
    """
    return -100.0 * math.expm1(-max(evidence, 0.0) / SCALE)


def strengths(evidence: Evidence) -> Evidence:
    """Return the `strength` of each.

    >>> strengths(np.array([0.0, SCALE])).round(1).tolist()
    [0.0, 63.2]
    """
    return -100.0 * np.expm1(-np.maximum(evidence, 0.0) / SCALE)


def parts(contributions: Sequence[float]) -> list[float]:
    """Return how much of the strength each contribution makes, in proportion: they add up to it.

    >>> parts([6.0, 6.0]) == [strength(12.0) / 2] * 2
    True
    """
    total = math.fsum(contributions)
    whole = strength(total)
    return [whole * each / total if total else 0.0 for each in contributions]


class Rise(NamedTuple):
    """`ratio` is how the last week compares with a usual one of the twelve before; `surging` where that stands out."""

    week: float
    usual: float
    ratio: float
    surging: bool


def rise(*, week: float, before: float) -> Rise:
    """Compare the evidence of the last seven days with that of the twelve weeks before them, `before` in all.

    Both sides have PRIOR added: one page after a year of silence is no miracle.

    >>> rise(week=5.0, before=12.0)
    Rise(week=5.0, usual=1.0, ratio=3.0, surging=True)
    """
    usual = before / BASELINE_WEEKS
    ratio = (week + PRIOR) / (usual + PRIOR)
    return Rise(week, usual, ratio, ratio >= SURGE and week >= LEAST)


class Rises(NamedTuple):
    """The fields of many `Rise`."""

    week: Evidence
    usual: Evidence
    ratio: Evidence
    surging: npt.NDArray[np.bool_]


def rises(*, week: Evidence, before: Evidence) -> Rises:
    """Return the `rise` of each.

    >>> rises(week=np.array([5.0]), before=np.array([12.0])).ratio.tolist()
    [3.0]
    """
    usual = before / BASELINE_WEEKS
    ratio = (week + PRIOR) / (usual + PRIOR)
    return Rises(week, usual, ratio, (ratio >= SURGE) & (week >= LEAST))


@dataclass(frozen=True, slots=True)
class Counts:
    """Of deals with some kind of evidence and without: how many ended, and how many of those were won."""

    with_ended: float
    with_won: float
    without_ended: float
    without_won: float


def learned(prior: float, counts: Counts, *, trust: float = 40.0) -> float:
    """Return the weight of a kind of evidence: `prior`, times how much oftener deals with it are won.

    The ratio of odds is shrunk: with as many deals on the smaller side as `trust` it counts half, and it moves a weight
    by a factor of four at most. Half a deal is added to every count (Haldane and Anscombe).

    >>> learned(2.0, Counts(0, 0, 100, 30))
    2.0
    """
    won, lost = counts.with_won + 0.5, counts.with_ended - counts.with_won + 0.5
    other_won, other_lost = counts.without_won + 0.5, counts.without_ended - counts.without_won + 0.5
    fewer = min(counts.with_ended, counts.without_ended)
    shrunk = math.log(won * other_lost / (lost * other_won)) * fewer / (fewer + trust)
    return prior * math.exp(min(max(shrunk, -math.log(4.0)), math.log(4.0)))
