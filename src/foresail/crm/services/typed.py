"""What people enter for a field, by its kind: made fit to be kept, or refused with the name of the field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as WrongNumber

from foresail.crm.errors import ValueInvalid
from foresail.crm.fields import REFERENCES, Field, Kind, RecordType, record_type
from foresail.crm.models import Listed, Record
from foresail.crm.services.values import BELOW, plain
from foresail.people.models import BusinessLine
from foresail.people.queries import users_visible_to
from foresail.people.rules import Action, limited

if TYPE_CHECKING:
    from foresail.people.models import User

MOST_TAGS: Final = 20
LONGEST_TAG: Final = 30
DECIMALS: Final = 6


def typed(field: Field, raw: object, *, kind: RecordType, by: User | None, was: object = None) -> Any:
    """Return what the record keeps for `raw`: None or "" where nothing was entered; a record for its key.

    A choice that is out of use is taken only where the record `was` of it before. Raises ValueInvalid.
    """
    empty = raw is None or (isinstance(raw, str) and not raw.strip()) or raw == []
    if empty:
        if field.required:
            raise ValueInvalid(field, "required")
        return _nothing(field)
    try:
        value = _READ[field.kind](field, raw, by)
    except (InvalidOperation, ValueError, TypeError) as wrong:
        raise ValueInvalid(field, field.kind.value) from wrong
    _require_in_use(field, value, was)
    check = _CHECKS.get((kind.key, field.key))
    return check(field, value) if check else value


def _nothing(field: Field) -> Any:
    if field.kind is Kind.TAGS:
        return []
    return "" if field.kind in {Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE} and not field.custom else None


def _text(field: Field, raw: object, _: User | None) -> str:
    if not isinstance(raw, str):
        raise TypeError
    text = plain(raw)
    if len(text) > field.longest:
        raise ValueInvalid(field, "longer", longest=field.longest)
    if not text and field.required:
        raise ValueInvalid(field, "required")
    return text


def _long_text(field: Field, raw: object, _: User | None) -> str:
    if not isinstance(raw, str):
        raise TypeError
    text = "\n".join(plain(line) for line in raw.splitlines()).strip()
    if len(text) > field.longest:
        raise ValueInvalid(field, "longer", longest=field.longest)
    return text


def _number(_: Field, raw: object, __: User | None) -> Decimal:
    value = _decimal(raw)
    if abs(value) >= BELOW or value != round(value, DECIMALS):
        raise ValueError
    return value


def _money(_: Field, raw: object, __: User | None) -> Decimal:
    value = _decimal(raw)
    if not 0 <= value < BELOW or value != round(value, 2):
        raise ValueError
    return round(abs(value), 2)  # abs: there is a Decimal -0


def _decimal(raw: object) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise TypeError
    value = Decimal(str(raw).strip().replace(",", ""))
    if not value.is_finite():
        raise ValueError
    return value


def _day(_: Field, raw: object, __: User | None) -> date:
    if isinstance(raw, date):
        return raw
    if not isinstance(raw, str) or len(raw) != 10:
        raise ValueError
    return date.fromisoformat(raw)


def _yes_or_no(_: Field, raw: object, __: User | None) -> bool:
    if not isinstance(raw, bool):
        raise TypeError
    return raw


def _choice(field: Field, raw: object, _: User | None) -> str:
    if raw not in {choice.key for choice in field.choices}:
        raise ValueError
    return str(raw)


def _choices(field: Field, raw: object, by: User | None) -> list[str]:
    if not isinstance(raw, list) or len(raw) > len(field.choices):
        raise TypeError
    chosen = {_choice(field, each, by) for each in raw}
    return [choice.key for choice in field.choices if choice.key in chosen]


def _require_in_use(field: Field, value: object, was: object) -> None:
    if field.kind not in {Kind.CHOICE, Kind.CHOICES}:
        return
    chosen, kept = ({each} if isinstance(each, str) else set(each or ()) for each in (value, was))  # type: ignore[call-overload]
    if any(choice.retired and choice.key in chosen - kept for choice in field.choices):
        raise ValueInvalid(field, "choice_retired")


def _tags(_: Field, raw: object, __: User | None) -> list[str]:
    if not isinstance(raw, list) or not all(isinstance(each, str) for each in raw):
        raise TypeError
    tags = list(dict.fromkeys(filter(None, map(plain, raw))))
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        raise ValueError
    return tags


def _reference(field: Field, raw: object, by: User | None) -> Any:
    if isinstance(raw, models.Model):
        raw = raw.pk
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise TypeError
    found = _findable(field, by).filter(pk=raw).first()
    if found is None:
        raise ValueInvalid(field, "unknown")
    return found.pk if field.custom else found


def _findable(field: Field, by: User | None) -> models.QuerySet[Any]:
    """Return what a reference may name: what the person sees."""
    match field.kind:
        case Kind.PERSON:
            from foresail.people.models import User as People  # noqa: PLC0415  (only a name for the checker above)

            return users_visible_to(user=by) if by else People.objects.all()
        case Kind.LINE:
            return BusinessLine.objects.all()
        case _:
            model: type[Listed] = record_type(field.target).model
            records: models.QuerySet[Any] = model.objects.all()
            if by is None or not issubclass(model, Record):
                return records
            return limited(records, user=by, action=Action.SEE)


def _fixed(_: Field, __: object, ___: User | None) -> Any:
    raise TypeError


_READ: Final[Mapping[Kind, Callable[[Field, object, User | None], Any]]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _long_text,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.DATE: _day,
    Kind.BOOL: _yes_or_no,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.TAGS: _tags,
    **dict.fromkeys(REFERENCES, _reference),
    Kind.DATETIME: _fixed,
}


def _email(field: Field, value: str) -> str:
    try:
        validate_email(value)
    except ValidationError as error:
        raise ValueInvalid(field, "email") from error
    return value.lower()


def _credit_code(field: Field, value: str) -> str:
    try:
        return str(uscc.validate(value))
    except WrongNumber as error:
        raise ValueInvalid(field, "uscc") from error


def _currency(field: Field, value: str) -> str:
    if len(value) != 3 or not value.isascii() or not value.isalpha() or not value.isupper():
        raise ValueInvalid(field, "currency")
    return value


_CHECKS: Final[Mapping[tuple[str, str], Callable[[Field, str], str]]] = {
    ("account", "code"): _credit_code,
    ("contact", "email"): _email,
    ("lead", "email"): _email,
    ("deal", "currency"): _currency,
    ("product", "currency"): _currency,
}
"""What a field must be besides of its kind."""
