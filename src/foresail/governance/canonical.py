"""One text for every value: what is hashed today must give the same bytes in ten years.

Canonical JSON here is UTF-8 without spaces, keys sorted by code point, and only the escapes that JSON
demands (as RFC 8785 but for the order of keys beyond U+FFFF). PostgreSQL's JSONB forgets how a number
was written, so a whole float becomes a whole number before it is kept: 1.0 and 1 are the same.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias

from foresail.governance.errors import ValueNotKept

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

DEEPEST = 32
LARGEST = 2**1024
"""No float is larger, and JSONB holds it exactly."""
MOST_DIGITS = 400


def canonical(value: Json) -> bytes:
    """Return the canonical JSON of what `plain` gave."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def instant(at: datetime, *, where: str = "at") -> str:
    """Return `at` in UTC with six decimals, as 2026-01-31T08:00:00.000000Z. Raises ValueNotKept without a zone."""
    if at.utcoffset() is None:
        raise ValueNotKept(where=where, kind="datetime without a time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def plain(value: object, *, where: str = "values", depth: int = 0) -> Json:
    """Return `value` as JSON that the database gives back unchanged.

    A Decimal becomes its digits without an exponent ("1.50"), a datetime what `instant` says, a tuple a
    list. Raises ValueNotKept, naming the place, for all that is not JSON.
    """
    if depth > DEEPEST:
        raise ValueNotKept(where=where, kind=f"more than {DEEPEST} levels deep")
    match value:
        case None | bool():
            return value
        case str():
            return _text(value, where=where)
        case int() | float():
            return _number(value, where=where)
        case Decimal():
            if not value.is_finite() or abs(value.adjusted()) > MOST_DIGITS:
                raise ValueNotKept(where=where, kind="Decimal without an end")
            return format(value, "f")
        case datetime():
            return instant(value, where=where)
        case list() | tuple():
            return [plain(one, where=f"{where}[{n}]", depth=depth + 1) for n, one in enumerate(value)]
        case Mapping():
            return {
                _name(name, where=where): plain(one, where=f"{where}.{name}", depth=depth + 1)
                for name, one in value.items()
            }
        case _:
            raise ValueNotKept(where=where, kind=type(value).__name__)


def _name(name: object, *, where: str) -> str:
    if not isinstance(name, str):
        raise ValueNotKept(where=where, kind=f"a key of type {type(name).__name__}")
    return _text(name, where=where)


def _text(text: str, *, where: str) -> str:
    if "\0" in text:
        raise ValueNotKept(where=where, kind="text with a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueNotKept(where=where, kind="text with half a character") from error
    return str.__str__(text)  # of an enum's member, the text


def _number(number: float, *, where: str) -> int | float:
    if isinstance(number, float):
        if not math.isfinite(number):
            raise ValueNotKept(where=where, kind="a float without an end")
        if not number.is_integer():
            return float(number)
    if abs(number) >= LARGEST:
        raise ValueNotKept(where=where, kind="a number too large")
    return int(number)
