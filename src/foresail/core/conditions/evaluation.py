"""A condition on values in hand."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from foresail.core.conditions.context import Context
from foresail.core.conditions.field import OPPOSITES, Field, Kind
from foresail.core.conditions.span import days, instants
from foresail.core.conditions.tree import AllOf, AnyOf, Condition, Leaf, NotOf, Value, fields_of
from foresail.core.folding import fold


def values_of(condition: Condition, record: object) -> dict[str, object]:
    """Return the values of `record` that the condition asks for, by field key."""
    return {field.key: field.of(record) for field in fields_of(condition)}


def holds(condition: Condition, *, values: Mapping[str, object], context: Context) -> bool:
    """Whether the condition holds for `values` by field key: as `to_q` would choose the row that has them.

    Missing are None, "", and no choices. An operator holds for a missing value only if it is `empty` or the
    opposite of another one (`ne`, `is_not`, `not_contains`, `not_in`, `has_none`).
    Raises KeyError for a field that `values` lacks, TypeError for a value that is not of the field's kind.
    """
    match condition:
        case AllOf(nodes):
            return all(holds(node, values=values, context=context) for node in nodes)
        case AnyOf(nodes):
            return any(holds(node, values=values, context=context) for node in nodes)
        case NotOf(node):
            return not holds(node, values=values, context=context)
        case Leaf(field, op, value):
            asked = OPPOSITES.get(op, op)
            found = _present(field, values[field.key])
            if asked == "empty" or found is None:
                held = asked == "empty" and found is None
            else:
                held = _test(field, asked, found, value, context)
            return held == (asked == op)


def keys(field: Field, value: Value, *, context: Context) -> frozenset[int]:
    """Return the keys that a reference may have, with "me" and "my_team" put in."""
    assert isinstance(value, tuple)
    found: set[int] = set()
    for part in value:
        if part == "me":
            found |= {context.me} if context.me is not None else set()
        elif part == "my_team":
            found |= context.teams if field.refers == "team" else context.mates
        else:
            assert isinstance(part, int)
            found.add(part)
    return frozenset(found)


def _present(field: Field, value: object) -> Any:
    """Return `value`, or None if it counts as missing. Raises TypeError."""
    if value is None:
        return None
    # A bool is an int, and a datetime a date, to Python alone.
    fits = isinstance(value, _TYPES[field.kind]) and (
        field.kind not in _NARROW or not isinstance(value, bool | datetime)
    )
    if not fits or (isinstance(value, datetime) and value.tzinfo is None):
        raise TypeError(f"{field.key} is of the kind {field.kind}, and cannot be {value!r}.")
    return None if field.kind in ("text", "choice", "choices") and not value else value


def _test(field: Field, op: str, found: Any, value: Any, context: Context) -> bool:
    """Whether `found`, which is not missing, passes the test."""
    match field.kind:
        case "text":
            return _text(op, fold(found), fold(value))
        case "number" | "money":
            return value[0] <= found <= value[1] if op == "between" else _COMPARED[op](found, value)
        case "date":
            return _within(found, *days(op, value, context=context))
        case "datetime":
            return _within(found, *instants(op, value, context=context))
        case "choice":
            return found in value
        case "choices":
            return (all if op == "has_all" else any)(key in found for key in value)
        case "reference":
            return found in keys(field, value, context=context)
        case "bool":
            return found is value


def _text(op: str, found: str, asked: str) -> bool:
    match op:
        case "contains":
            return asked in found
        case "starts":
            return found.startswith(asked)
    return found == asked


def _within(found: date, low: date | None, high: date | None) -> bool:
    return (low is None or low <= found) and (high is None or found <= high)


_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": operator.eq,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
_TYPES: Final[Mapping[Kind, Any]] = {
    "text": str,
    "choice": str,
    "number": (Decimal, int),
    "money": (Decimal, int),
    "date": date,
    "datetime": datetime,
    "bool": bool,
    "choices": (list, tuple, set, frozenset),
    "reference": int,
}
_NARROW: Final = ("number", "money", "date", "reference")
