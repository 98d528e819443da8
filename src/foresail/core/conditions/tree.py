"""The condition itself: immutable, typed, made by `parse` alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from foresail.core.conditions.field import Field

Value: TypeAlias = str | bool | int | Decimal | date | tuple["str | int | Decimal | date", ...] | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One test of one field. What `value` is, `op` and the field's kind say."""

    field: Field
    op: str
    value: Value = None


@dataclass(frozen=True, slots=True)
class AllOf:
    nodes: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    nodes: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class NotOf:
    node: Condition


Condition: TypeAlias = AllOf | AnyOf | NotOf | Leaf

ALWAYS = AllOf(())
"""Holds for every record."""


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Yield all tests, in the order in which they are written."""
    match condition:
        case Leaf():
            yield condition
        case NotOf(node):
            yield from leaves(node)
        case AllOf(nodes) | AnyOf(nodes):
            for node in nodes:
                yield from leaves(node)


def fields_of(condition: Condition) -> tuple[Field, ...]:
    """Return the fields that are asked of, each once: what a list must annotate, or a trigger must load."""
    return tuple(dict.fromkeys(leaf.field for leaf in leaves(condition)))


def to_json(condition: Condition) -> dict[str, Any]:
    """Return the canonical form. Parsing it gives an equal condition, whose canonical form is the same."""
    match condition:
        case AllOf(nodes):
            return {"all": [to_json(node) for node in nodes]}
        case AnyOf(nodes):
            return {"any": [to_json(node) for node in nodes]}
        case NotOf(node):
            return {"not": to_json(node)}
        case Leaf(field, op, None):
            return {"field": field.key, "op": op}
        case Leaf(field, op, value):
            return {"field": field.key, "op": op, "value": _plain(value)}


def _plain(value: object) -> object:
    match value:
        case tuple():
            return [_plain(part) for part in value]
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
    return value
