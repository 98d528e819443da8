"""What is compared of two records, and how much each outcome says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LIKELY: Final = 0.95
"""A pair is shown from this chance on, fixed before anything was measured: nineteen of twenty are then to be right."""
SHARE: Final = 0.2
"""As many pairs of the same are expected as a fifth of the records: what is usual where nobody has looked yet."""


@dataclass(frozen=True, kw_only=True)
class Level:
    """One outcome of comparing: where `sql` holds of `l` and `r`, for columns named `x_l` and `x_r`.

    `m` is how often records of the same customer come out so; `u` how often two others do, at least.
    """

    code: str
    sql: str
    m: float
    u: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`levels` strongest first; nothing of them is "differs", which has what is left. An empty side says nothing."""

    column: str
    levels: tuple[Level, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return (*(level.code for level in self.levels), "differs")


@dataclass(frozen=True, kw_only=True)
class Spec:
    """`blocks` are columns that together bring two records into one comparison.

    `shared` says for columns how many records may have one value: beyond, it is a switchboard or the like, and
    says nothing.
    """

    comparisons: tuple[Comparison, ...]
    blocks: tuple[tuple[str, ...], ...]
    shared: tuple[tuple[str, int], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        found = [each.column for each in self.comparisons]
        return tuple(dict.fromkeys([*found, *(column for block in self.blocks for column in block)]))


def same(column: str, *, m: float, u: float, code: str = "same") -> Level:
    """Return the outcome that both have the same value."""
    return Level(code=code, sql=f'"{column}_l" = "{column}_r"', m=m, u=u)
