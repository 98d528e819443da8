"""From JSON to a condition. Whatever is not understood is refused, with the path of the wrong part."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from foresail.core.conditions.errors import ConditionInvalid
from foresail.core.conditions.field import WORDS, Field
from foresail.core.conditions.tree import AllOf, AnyOf, Condition, Leaf, NotOf, Value

MOST_NODES: Final = 200
DEEPEST: Final = 8
MOST_VALUES: Final = 200
LONGEST_TEXT: Final = 500
MOST_DAYS: Final = 36_500
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
UNITS: Final = ("day", "week", "month", "quarter", "year")


def parse(json: object, *, fields: Mapping[str, Field]) -> Condition:
    """Return the condition that `json` (as read from JSON) says, on `fields` by key. Raises ConditionInvalid."""
    return _Parsing(fields).node(json, path=(), depth=1)


class _Parsing:
    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields, self.count = fields, 0

    def node(self, json: object, *, path: tuple[str, ...], depth: int) -> Condition:
        self.count += 1
        if self.count > MOST_NODES:
            raise ConditionInvalid("nodes", path=".".join(path), most=MOST_NODES)
        if depth > DEEPEST:
            raise ConditionInvalid("depth", path=".".join(path), most=DEEPEST)
        match json:
            case {"all": list(parts), **rest} if not rest:
                return AllOf(self.nodes(parts, path=(*path, "all"), depth=depth))
            case {"any": list(parts), **rest} if not rest:
                return AnyOf(self.nodes(parts, path=(*path, "any"), depth=depth))
            case {"not": part, **rest} if not rest:
                return NotOf(self.node(part, path=(*path, "not"), depth=depth + 1))
            case {"field": str(key), "op": str(op), **rest} if rest.keys() <= {"value"}:
                return self.leaf(key, op, rest.get("value"), path=path)
        raise ConditionInvalid("shape", path=".".join(path))

    def nodes(self, parts: list[Any], *, path: tuple[str, ...], depth: int) -> tuple[Condition, ...]:
        return tuple(
            self.node(part, path=(*path, str(place)), depth=depth + 1) for place, part in enumerate(parts)
        )

    def leaf(self, key: str, op: str, raw: object, *, path: tuple[str, ...]) -> Leaf:
        field = self.fields.get(key)
        if field is None:
            raise ConditionInvalid("field", path=".".join((*path, "field")), field=key)
        if op not in field.operators:
            at = ".".join((*path, "op"))
            raise ConditionInvalid("op", path=at, op=op, label_zh=field.label_zh, label_en=field.label_en)
        return Leaf(field, op, _value(field, op, raw, ".".join((*path, "value"))))


def _value(field: Field, op: str, raw: object, path: str) -> Value:
    def wrong(reason: str, **values: object) -> ConditionInvalid:
        labels = {"label_zh": field.label_zh, "label_en": field.label_en}
        return ConditionInvalid(reason, path=path, **labels, **values)

    if op in ("empty", "filled"):
        if raw is not None:
            raise wrong("no_value")
        return None
    match field.kind:
        case "text":
            return _text(raw, wrong)
        case "number" | "money":
            return _pair(raw, _number, wrong) if op == "between" else _number(raw, wrong)
        case "date" | "datetime":
            return _day(op, raw, wrong)
        case "bool":
            if not isinstance(raw, bool):
                raise wrong("bool")
            return raw
        case "choice" | "choices":
            return _several(raw, lambda one, wrong: _choice(field, one, wrong), wrong)
        case "reference":
            return _several(raw, lambda one, wrong: _reference(field, one, wrong), wrong)


def _text(raw: object, wrong: Callable[..., ConditionInvalid]) -> str:
    if not isinstance(raw, str) or not 0 < len(raw) <= LONGEST_TEXT or not _storable(raw):
        raise wrong("text", most=LONGEST_TEXT)
    return raw


def _storable(text: str) -> bool:
    """Whether PostgreSQL could hold `text`: without NUL and halves of surrogate pairs."""
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)


def _number(raw: object, wrong: Callable[..., ConditionInvalid]) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise wrong("number")
    if isinstance(raw, str) and not (
        raw.isascii() and 0 < len(raw) <= 40 and set(raw) <= set("0123456789.-+eE")
    ):
        raise wrong("number")
    try:
        # Bounded before it is written out: 1e999999999 would take a gigabyte.
        number = Decimal(repr(raw) if isinstance(raw, float) else raw)
        if not number.is_finite() or (number and not -11 < number.adjusted() < 20):
            raise wrong("number")
        number = Decimal(format(number, "f")) if number else Decimal(0)
    except ArithmeticError as error:
        raise wrong("number") from error
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -10:
        raise wrong("number")
    return number


def _date(raw: object, wrong: Callable[..., ConditionInvalid]) -> date:
    try:
        found = date.fromisoformat(raw) if isinstance(raw, str) and DAY.fullmatch(raw) else None
    except ValueError:
        found = None
    # Room on both sides, so that no zone and no step of a quarter leads out of the calendar.
    if found is None or not 1000 <= found.year <= 9000:
        raise wrong("date")
    return found


def _day(op: str, raw: object, wrong: Callable[..., ConditionInvalid]) -> Value:
    match op:
        case "between":
            return _pair(raw, _date, wrong)
        case "within_last" | "within_next" | "older_than":
            if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= MOST_DAYS:
                raise wrong("days", most=MOST_DAYS)
            return raw
        case "this" | "last" | "next":
            if raw not in UNITS:
                raise wrong("unit")
            return str(raw)
    return _date(raw, wrong)


def _pair(
    raw: object, one: Callable[..., Any], wrong: Callable[..., ConditionInvalid]
) -> tuple[Decimal | date, Decimal | date]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise wrong("pair")
    low, high = one(raw[0], wrong), one(raw[1], wrong)
    if low > high:
        raise wrong("order")
    return low, high


def _several(
    raw: object, one: Callable[..., str | int], wrong: Callable[..., ConditionInvalid]
) -> tuple[str | int, ...]:
    if not isinstance(raw, list) or not 0 < len(raw) <= MOST_VALUES:
        raise wrong("several", most=MOST_VALUES)
    values = tuple(one(part, wrong) for part in raw)
    if len(set(values)) < len(values):
        raise wrong("several", most=MOST_VALUES)
    return values


def _choice(field: Field, raw: object, wrong: Callable[..., ConditionInvalid]) -> str:
    key = _text(raw, wrong)
    if field.choices and all(choice.key != key for choice in field.choices):
        raise wrong("choice", value=key)
    return key


def _reference(field: Field, raw: object, wrong: Callable[..., ConditionInvalid]) -> str | int:
    if isinstance(raw, str) and field.refers in WORDS.get(raw, ()):
        return raw
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw < 2**63:
        raise wrong("reference")
    return raw
