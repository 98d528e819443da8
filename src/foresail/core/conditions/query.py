"""A condition as SQL of PostgreSQL."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeAlias

from django.db.models import BooleanField, Func, JSONField, Q, TextField
from django.db.models import Value as Constant
from django.db.models.expressions import Combinable
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
    Range,
)
from django.db.models.sql.compiler import SQLCompiler

from foresail.core.conditions.context import Context
from foresail.core.conditions.evaluation import keys
from foresail.core.conditions.field import OPPOSITES, Field
from foresail.core.conditions.span import days, instants
from foresail.core.conditions.tree import AllOf, AnyOf, Condition, Leaf, NotOf, Value
from foresail.core.folding import Folded, fold

Found: TypeAlias = "Q | bool"


def to_q(condition: Condition, *, context: Context) -> Q:
    """Return what a queryset's `filter` takes; it chooses the rows for which the condition `holds`.

    Only to choose: NULL stands for false in it. Negate with {"not": …}, never with ~ or `exclude`.
    """
    found = _compiled(condition, True, context)
    if isinstance(found, bool):
        return Q() if found else Q(pk__in=[])
    return found


def _compiled(condition: Condition, wanted: bool, context: Context) -> Found:
    """Return what finds the rows for which the condition holds, or with `wanted` False, does not hold.

    Negation moves down to the tests, where it is known what a missing value means: elsewhere NOT NULL is NULL.
    """
    match condition:
        case NotOf(node):
            return _compiled(node, not wanted, context)
        case AllOf(nodes):
            return _joined([_compiled(node, wanted, context) for node in nodes], every=wanted)
        case AnyOf(nodes):
            return _joined([_compiled(node, wanted, context) for node in nodes], every=not wanted)
        case Leaf(field, op, value):
            asked = OPPOSITES.get(op, op)
            return _leaf(field, asked, value, wanted == (asked == op), context)


def _joined(parts: list[Found], *, every: bool) -> Found:
    """Return the parts joined by AND, or without `every` by OR; what is settled drops out."""
    if any(part is not every for part in parts if isinstance(part, bool)):
        return not every
    open_parts = [part for part in parts if isinstance(part, Q)]
    if len(open_parts) < 2:
        return open_parts[0] if open_parts else every
    return Q(*open_parts, _connector=Q.AND if every else Q.OR)


def _leaf(field: Field, op: str, value: Value, wanted: bool, context: Context) -> Found:
    column = field.column()
    if op == "empty":
        missing = _missing(field, column)
        return missing if wanted else ~missing
    test = _test(field, column, op, value, context)
    if isinstance(test, bool):
        return test == wanted
    return Q(test) if wanted else Q(IsNull(column, True), ~Q(test), _connector=Q.OR)


def _missing(field: Field, column: Combinable) -> Q:
    match field.kind:
        case "text" | "choice":
            return Q(IsNull(column, True), Exact(column, Constant("")), _connector=Q.OR)
        case "choices":
            return Q(_NoChoices(column))
    return Q(IsNull(column, True))


def _test(field: Field, column: Combinable, op: str, value: Any, context: Context) -> Any:
    """Return the test as an expression, or a bool where nothing is left to ask."""
    match field.kind:
        case "text":
            return _text(column, op, value)
        case "number" | "money":
            return Range(column, value) if op == "between" else _COMPARED[op](column, value)
        case "date":
            return _within(column, *days(op, value, context=context))
        case "datetime":
            return _within(column, *instants(op, value, context=context))
        case "bool":
            return Exact(column, value)
        case "choice":
            return In(column, list(value))
        case "choices":
            return _Has(column, every=op == "has_all", keys=value)
        case "reference":
            asked = keys(field, value, context=context)
            return In(column, sorted(asked)) if asked else False


_COMPARED: Any = {
    "eq": Exact,
    "lt": LessThan,
    "lte": LessThanOrEqual,
    "gt": GreaterThan,
    "gte": GreaterThanOrEqual,
}


def _text(column: Combinable, op: str, value: str) -> Any:
    asked = fold(value)
    if op == "is":
        return Exact(Folded(column), Constant(asked, output_field=TextField()))
    for special in "\\%_":
        asked = asked.replace(special, "\\" + special)
    # LIKE rather than strpos: a trigram index on the folded column can serve it.
    return _Like(Folded(column), Constant(asked + "%" if op == "starts" else f"%{asked}%"))


def _within(column: Combinable, low: date | None, high: date | None) -> Any:
    if low is None:
        return LessThanOrEqual(column, high)
    return GreaterThanOrEqual(column, low) if high is None else Range(column, (low, high))


class _Like(Func):
    template = "%(expressions)s"
    arg_joiner = " LIKE "
    output_field = BooleanField()


class _Has(Func):
    """Whether a list, as JSON or as an array, has any of `keys`, or `every` one."""

    output_field = BooleanField()

    def __init__(self, column: Combinable, *, every: bool, keys: tuple[str, ...]) -> None:
        super().__init__(column)
        self.every, self.keys = every, keys

    def as_sql(self, compiler: SQLCompiler, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        if isinstance(self.source_expressions[0].output_field, JSONField):
            operator = "?&" if self.every else "?|"
        else:
            column, operator = f"({column})::text[]", "@>" if self.every else "&&"
        return f"({column} {operator} %s::text[])", [*params, list(self.keys)]


class _NoChoices(Func):
    output_field = BooleanField()

    def as_sql(self, compiler: SQLCompiler, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        nothing = "'[]'" if isinstance(self.source_expressions[0].output_field, JSONField) else "'{}'"
        return f"({column} IS NULL OR {column} = {nothing})", [*params, *params]
