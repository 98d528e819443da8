"""What a column's values look like, and which role each column was given so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

import polars as pl

from foresail.science.reading import words
from foresail.science.reading.rows import number_or_text
from foresail.science.reading.times import parse_times

SURE, LIKELY, UNSURE, UNKNOWN = 0.95, 0.75, 0.4, 0.1
"""How sure a guess is."""

FEW = 500
"""Up to so many different values are kinds, groups or people; more are texts or ids."""

_SAMPLE = 5_000


@dataclass(frozen=True)
class Question:
    """Something the guess could not tell, for a person to answer."""

    zh: str
    en: str


@dataclass(frozen=True, eq=False)
class Column:
    """What the values of one column look like."""

    name: str
    values: pl.Series

    @cached_property
    def filled(self) -> float:
        """The share of rows that have a value."""
        return 1 - self.values.null_count() / len(self.values)

    @cached_property
    def different(self) -> int:
        """The number of different values."""
        return self.values.drop_nulls().n_unique()

    @cached_property
    def sample(self) -> list[str]:
        """Some of the different values, as text, in order."""
        return self.values.drop_nulls().unique().cast(pl.String).sort().gather_every(self._step).to_list()

    @property
    def _step(self) -> int:
        return max(1, self.different // _SAMPLE)

    @cached_property
    def is_time(self) -> bool:
        """Whether nearly all values are times. Plain numbers are not, even if they could be dates."""
        if not self.sample or (self.values.dtype.is_numeric() and not words.named(self.name, "at")):
            return False
        times = parse_times(pl.Series(self.sample, dtype=pl.String), zone=ZoneInfo("UTC"))
        plain = sum(value.isdigit() for value in self.sample) / len(self.sample)
        return times.null_count() <= 0.02 * len(times) and (plain < 0.5 or words.named(self.name, "at"))

    @cached_property
    def is_number(self) -> bool:
        """Whether every value is a number."""
        return (
            bool(self.sample) and number_or_text(pl.Series(self.sample, dtype=pl.String)).dtype == pl.Float64
        )

    @cached_property
    def is_fraction(self) -> bool:
        """Whether the values are numbers and some of them not whole."""
        return self.is_number and any("." in value.removesuffix(".0") for value in self.sample)

    @cached_property
    def times(self) -> pl.Series:
        """The values as instants."""
        return parse_times(self.values, zone=ZoneInfo("UTC"))

    def share(self, test: Callable[[str], object]) -> float:
        """Return the share of the sampled values for which `test` holds."""
        return sum(bool(test(value)) for value in self.sample) / max(len(self.sample), 1)

    def outcomes(self, side: str) -> tuple[str, ...]:
        """Return the values that say `side`, if the column has few enough to be a result or a kind."""
        if self.different > FEW:
            return ()
        return tuple(value for value in self.sample if words.outcome_of(value) == side)


@dataclass(eq=False)
class Draft:
    """The guess in the making. Each column has one role."""

    file: str
    columns: list[Column]
    confidence: dict[str, float] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)

    def free(self) -> list[Column]:
        """Return the columns without a role."""
        return [column for column in self.columns if column.name not in self.confidence]

    def take(self, column: Column, confidence: float) -> Column:
        """Note that the column has a role now, and how sure that is."""
        self.confidence[column.name] = confidence
        return column

    def best(self, role: str, candidates: Iterable[Column], *, unnamed: bool = False) -> Column | None:
        """Take the first candidate whose name fits the role; without one the first at all, if `unnamed`."""
        rest = list(candidates)
        fitting = [column for column in rest if words.named(column.name, role)]
        if fitting:
            return self.take(fitting[0], SURE)
        return self.take(rest[0], UNSURE) if rest and unnamed else None

    def ask(self, zh: str, en: str) -> None:
        """Note a question."""
        self.questions.append(Question(zh, en))


def is_id(column: Column, n: int) -> bool:
    """Whether the column could be an id: short, always there, hardly ever twice."""
    short = column.share(lambda value: len(value) <= 64 and "\n" not in value) > 0.99
    return (
        column.different >= 0.99 * n
        and column.filled > 0.99
        and short
        and not column.is_time
        and not column.is_fraction
    )
