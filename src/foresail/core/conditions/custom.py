"""Fields whose values lie in a JSON column, by name: how each kind is stored, and read without stumbling.

A value that does not fit its kind (a field's kind was changed, an import went wrong) counts as missing, in
Python as in the database: it must not break a whole list.

| kind | stored as |
|---|---|
| text, choice | a text |
| number, money | a text such as "12.50" (exact), or a JSON number; up to 20 digits before the point, 10 after |
| date | a text such as "2026-03-02", of the years 0001 to 9999 |
| bool | true or false |
| choices | an array of texts |
| reference | a key: a whole number, or its digits as a text |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateField,
    DecimalField,
    F,
    Func,
    JSONField,
    TextField,
)
from django.db.models import Field as Column
from django.db.models.sql.compiler import SQLCompiler

from foresail.core.conditions.field import Choice, Field, Kind, Refers

NUMBER: Final = "-?[0-9]{1,20}([.][0-9]{1,10})?"
REFERENCE: Final = "[0-9]{1,18}"
# All days there are: PostgreSQL has no cast to a date that forgives.
DATE: Final = (
    "(?!0000)("
    "[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)"
)

# TEXT and JSON stand for the value as text and as JSON.
_SQL: Final[Mapping[Kind, str]] = {
    "text": "CASE WHEN jsonb_typeof(JSON) = 'string' THEN TEXT END",
    "choice": "CASE WHEN jsonb_typeof(JSON) = 'string' THEN TEXT END",
    "number": f"CASE WHEN TEXT ~ '^{NUMBER}$' THEN TEXT::numeric END",
    "money": f"CASE WHEN TEXT ~ '^{NUMBER}$' THEN TEXT::numeric END",
    "date": f"CASE WHEN TEXT ~ '^{DATE}$' THEN TEXT::date END",
    "bool": "CASE TEXT WHEN 'true' THEN true WHEN 'false' THEN false END",
    "choices": "CASE WHEN jsonb_typeof(JSON) = 'array' THEN JSON END",
    "reference": f"CASE WHEN TEXT ~ '^{REFERENCE}$' THEN TEXT::bigint END",
}
_COLUMNS: Final[Mapping[Kind, type[Column[Any, Any]]]] = {
    "text": TextField,
    "choice": TextField,
    "number": DecimalField,
    "money": DecimalField,
    "date": DateField,
    "bool": BooleanField,
    "choices": JSONField,
    "reference": BigIntegerField,
}


class Stored(Func):
    """The value named `name` in the JSON column `column`, as its kind is kept in columns; else NULL."""

    def __init__(self, column: str, *, name: str, kind: Kind) -> None:
        super().__init__(F(column), output_field=_COLUMNS[kind]())
        self.name, self.kind = name, kind

    def as_sql(self, compiler: SQLCompiler, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        sql = _SQL[self.kind]
        times = sql.count("TEXT") + sql.count("JSON")
        sql = sql.replace("TEXT", f"({column} ->> %s)").replace("JSON", f"({column} -> %s)")
        return sql, [*params, self.name] * times


def custom_field(
    *,
    key: str,
    name: str,
    kind: Kind,
    label_zh: str,
    label_en: str,
    column: str = "custom",
    choices: tuple[Choice, ...] = (),
    refers: Refers = "record",
) -> Field:
    """Return the field whose value lies under `name` in the JSON column `column`, which may be a path.

    Raises ValueError for the kind datetime, which is not kept in JSON.
    """
    if kind not in _SQL:
        raise ValueError(f"{key}: values of the kind {kind} are not kept in JSON.")
    kept = Field(key=key, kind="text", label_zh="", label_en="", expression=column)

    def value(record: object) -> object:
        values = kept.of(record)
        return read(values.get(name), kind=kind) if isinstance(values, Mapping) else None

    return Field(
        key=key,
        kind=kind,
        label_zh=label_zh,
        label_en=label_en,
        expression=Stored(column, name=name, kind=kind),
        value=value,
        choices=choices,
        refers=refers,
    )


def read(raw: object, *, kind: Kind) -> object:
    """Return the value that `raw`, as read from JSON, is for `kind`; None if it is none."""
    match kind:
        case "text" | "choice":
            return raw if isinstance(raw, str) else None
        case "bool":
            return {"true": True, "false": False}.get(_text(raw))
        case "choices":
            return tuple(raw) if isinstance(raw, list) else None
    text = _text(raw)
    match kind:
        case "number" | "money":
            return Decimal(text) if re.fullmatch(NUMBER, text) else None
        case "date":
            return date.fromisoformat(text) if re.fullmatch(DATE, text) else None
        case "reference":
            return int(text) if re.fullmatch(REFERENCE, text) else None
    raise ValueError(f"Values of the kind {kind} are not kept in JSON.")


def _text(raw: object) -> str:
    """Return a scalar as PostgreSQL's ->> gives it; "" for anything else."""
    match raw:
        case bool():
            return "true" if raw else "false"
        case str():
            return raw
        case int():
            return str(raw)
        case float():
            return format(Decimal(repr(raw)), "f")
    return ""
