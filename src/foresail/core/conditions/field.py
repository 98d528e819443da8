"""What a condition may ask of: fields of nine kinds, each found in the database and in a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any, Final, Literal, TypeAlias

from django.db.models import F
from django.db.models.expressions import Combinable

Kind: TypeAlias = Literal[
    "text", "number", "money", "date", "datetime", "bool", "choice", "choices", "reference"
]
Refers: TypeAlias = Literal["person", "team", "line", "record"]

_NUMBER: Final = ("eq", "ne", "lt", "lte", "gt", "gte", "between")
_DAY: Final = (
    "on", "before", "after", "between", "within_last", "within_next", "older_than", "this", "last", "next",
)  # fmt: skip
_ALL: Final = ("empty", "filled")

OPERATORS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "text": ("contains", "not_contains", "is", "is_not", "starts", *_ALL),
    "number": (*_NUMBER, *_ALL),
    "money": (*_NUMBER, *_ALL),
    "date": (*_DAY, *_ALL),
    "datetime": (*_DAY, *_ALL),
    "bool": ("is", *_ALL),
    "choice": ("in", "not_in", *_ALL),
    "choices": ("has_any", "has_all", "has_none", *_ALL),
    "reference": ("in", "not_in", *_ALL),
}

OPPOSITES: Final[Mapping[str, str]] = {
    "not_contains": "contains",
    "is_not": "is",
    "ne": "eq",
    "not_in": "in",
    "has_none": "has_any",
    "filled": "empty",
}
"""Operators that hold exactly where another does not: so all but `filled` hold for a missing value."""

WORDS: Final[Mapping[str, tuple[Refers, ...]]] = {"me": ("person",), "my_team": ("person", "team")}
"""What a reference may be instead of a key, and for which references it means something."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    key: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field that conditions may ask of. A higher room makes one for each column that it offers.

    `expression` finds it in the database: a path such as "account__name", or any expression with one value
    for each row (an annotation's F, a Subquery, a function); a path must not lead to many rows. A field of
    `choices` is an array of text or JSON. A foreign key is named by its column: "owner_id".
    `value` finds it in a record: a path such as "account.name", or a function. Left out, it follows the path
    of `expression`.
    `choices`, if given, are all that a choice may be. `refers` says what a reference's keys are of.
    Two fields with the same key and kind count as equal.
    """

    key: str
    kind: Kind
    label_zh: str
    label_en: str
    expression: str | Combinable = attribute(compare=False)
    value: str | Callable[[Any], object] | None = attribute(default=None, compare=False)
    choices: tuple[Choice, ...] = attribute(default=(), compare=False)
    refers: Refers = "record"

    def __post_init__(self) -> None:
        if self.value is None and not isinstance(self.expression, str):
            raise ValueError(f"{self.key}: say how its value is found in a record.")

    @property
    def operators(self) -> tuple[str, ...]:
        return OPERATORS[self.kind]

    def column(self) -> Combinable:
        """Return what finds it in the database."""
        return F(self.expression) if isinstance(self.expression, str) else self.expression

    def of(self, record: object) -> object:
        """Return its value in `record`; None where a step of the path is None."""
        if callable(self.value):
            return self.value(record)
        found: object = record
        for step in (self.value or str(self.expression).replace("__", ".")).split("."):
            if found is None:
                return None
            found = getattr(found, step)
        return found
