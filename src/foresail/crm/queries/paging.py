"""Lists page by page: each goes on after the last (value, id) of the one before, so none is missed or doubled."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Generic, TypeVar

from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    F,
    Field,
    Func,
    Model,
    QuerySet,
    Value,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, LessThan

from foresail.crm.errors import CursorInvalid
from foresail.crm.models import AMOUNT, NO_AMOUNT_HIGH, NO_AMOUNT_LOW, NO_DAY

LONGEST_PAGE: Final = 200
Item = TypeVar("Item", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Item]):
    """`next` is where the following page begins, None on the last; `total` how many there are on all pages."""

    items: Sequence[Item]
    next: str | None
    total: int = 0


@dataclass(frozen=True, kw_only=True)
class Sort:
    """`value` is what to sort by, never NULL, and has an index together with the id."""

    value: F | Coalesce
    field: Field[Any, Any]
    down: bool = False


BY_NAME: Final = Sort(value=F("name"), field=CharField())
SORTS: Final = {
    "opened_at": Sort(value=F("opened_at"), field=DateTimeField()),
    "-opened_at": Sort(value=F("opened_at"), field=DateTimeField(), down=True),
    "amount": Sort(value=Coalesce("amount", Value(NO_AMOUNT_HIGH, AMOUNT)), field=AMOUNT),
    "-amount": Sort(value=Coalesce("amount", Value(NO_AMOUNT_LOW, AMOUNT)), field=AMOUNT, down=True),
    "expected_close_on": Sort(
        value=Coalesce("expected_close_on", Value(NO_DAY, DateField())), field=DateField()
    ),
}


def page_of(
    queryset: QuerySet[Item], *, sort: Sort, after: str | None, limit: int
) -> tuple[list[Item], str | None]:
    """Return at most `limit` of `queryset` after the cursor `after`, and the cursor of what follows.

    Raises CursorInvalid. One query.
    """
    limit = min(max(limit, 1), LONGEST_PAGE)
    if after is not None:
        value, key = _place(after, sort)
        beyond = LessThan if sort.down else GreaterThan
        queryset = queryset.filter(
            beyond(_row(sort.value, F("id")), _row(Value(value, sort.field), Value(key)))
        )
    order = [each.desc() if sort.down else each.asc() for each in (sort.value, F("id"))]
    found = list(queryset.annotate(sorted_by=sort.value).order_by(*order)[: limit + 1])
    if len(found) <= limit:
        return found, None
    return found[:limit], _cursor(found[limit - 1])


def _row(*values: F | Coalesce | Value) -> Func:
    """PostgreSQL compares rows value by value, and walks an index over these values to get there."""
    return Func(*values, function="ROW", output_field=BooleanField())


def _cursor(last: Any) -> str:
    value = last.sorted_by
    text = json.dumps([value if isinstance(value, str) else _text(value), last.pk], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _text(value: Decimal | float | date | datetime) -> str:
    return str(value) if isinstance(value, Decimal | int | float) else value.isoformat()


def _place(cursor: str, sort: Sort) -> tuple[object, int]:
    """Return the value and the key that `cursor` names. Raises CursorInvalid for what is no cursor of this list."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text, key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(text, str) or type(key) is not int or abs(key) >= 2**63:
            raise CursorInvalid
        return _parsed(text, sort.field), key
    except (ValueError, binascii.Error, InvalidOperation, TypeError) as wrong:
        raise CursorInvalid from wrong


def _parsed(text: str, field: Field[Any, Any]) -> object:
    match field:
        case DateTimeField():
            at = datetime.fromisoformat(text)
            if at.tzinfo is None:
                raise CursorInvalid
            return at
        case DateField():
            return date.fromisoformat(text)
        case CharField():
            if "\0" in text:
                raise CursorInvalid
            text.encode()  # no half characters
            return text
        case _:
            amount = Decimal(text)
            if not amount.is_finite():
                raise CursorInvalid
            return amount
