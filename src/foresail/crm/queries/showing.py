"""Records as they are shown: each field that the person sees, by its key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from foresail.core.api import Reference
from foresail.crm.fields import REFERENCES, Field, Kind, RecordType, record_type
from foresail.crm.models import FieldChange, Stage
from foresail.crm.queries.listing import visible
from foresail.crm.sight import Sight
from foresail.people.models import Team
from foresail.people.queries import names_of, users_visible_to

if TYPE_CHECKING:
    from foresail.people.models import User

Shown = str | bool | list[str] | Reference | None
"""A value on the wire: numbers and amounts as digits, days and instants as ISO 8601, records by key and name."""


def shown(
    kind: RecordType,
    records: Sequence[Any],
    *,
    fields: Mapping[str, Field],
    sight: Sight,
    user: User,
    only: Iterable[str] | None = None,
) -> list[dict[str, Shown]]:
    """Return the values of each record that `user` sees; what is hidden is not among them.

    A constant number of queries: one for each kind of record that fields of one's own name.
    """
    wanted = [field for key, field in fields.items() if only is None or key in set(only)]
    names = _Names(
        user,
        [(field, _named_by(field, record)) for field in wanted if field.apart for record in records],
    )
    return [
        {
            field.key: wire(field, field.value_of(record), names)
            for field in wanted
            if sight.shows(kind, field, record)
        }
        for record in records
    ]


def wire(field: Field, value: object, names: _Names) -> Shown:
    match value:
        case None:
            return None
        case bool() | str():
            return value
        case Decimal() | float():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Model() if field.apart:
            return Reference(id=value.pk, name=names.of(field, value.pk))
        case Stage():
            return Reference(id=value.pk, name=value.name_zh if names.chinese else value.name_en)
        case Model():
            return Reference(id=value.pk, name=str(getattr(value, "name", "")))
        case list():
            return [str(each) for each in value]
        case int() if field.kind in REFERENCES:
            return Reference(id=value, name=names.of(field, value))
        case _:
            return str(value)


class _Names:
    """What records that fields of one's own name are called; nothing for those that the person may not see."""

    def __init__(self, user: User, named: Sequence[tuple[Field, Any]]) -> None:
        self.chinese = user.language == "zh"
        keys: dict[str, set[int]] = {}
        for field, value in named:
            if field.kind in REFERENCES and isinstance(value, int):
                keys.setdefault(_target(field), set()).add(value)
        self._names = {
            target: dict(_named(target, user).filter(pk__in=found).values_list("pk", "name"))
            for target, found in keys.items()
        }

    def of(self, field: Field, key: int) -> str:
        return str(self._names.get(_target(field), {}).get(key, ""))


def _named_by(field: Field, record: Any) -> Any:
    """Return the key of what `field` names on `record`."""
    return record.custom.get(field.key) if field.custom else getattr(record, f"{field.column}_id")


def _target(field: Field) -> str:
    return "user" if field.kind is Kind.PERSON else field.target


def _named(target: str, user: User) -> Any:
    return users_visible_to(user=user) if target == "user" else visible(record_type(target), user=user)


def history(
    kind: RecordType,
    *,
    key: int,
    fields: Mapping[str, Field],
    sight: Sight,
    record: Any,
    user: User,
    limit: int = 200,
) -> list[tuple[FieldChange, Shown, Shown, str]]:
    """Return the latest changes of a record that `user` may see, newest first: what was, what is, and who did it."""
    found = FieldChange.objects.filter(record_type=kind.key, record=key).order_by("-at", "-pk")[:limit]
    changes = [
        change
        for change in found
        if change.field in fields and sight.shows(kind, fields[change.field], record)
    ]
    who = names_of({change.actor_id for change in changes if change.actor_id})
    texts = _Texts(changes, fields, user)
    return [
        (
            change,
            texts.of(change, change.before),
            texts.of(change, change.after),
            who.get(change.actor_id or 0, ""),
        )
        for change in changes
    ]


class _Texts:
    """Values as they were kept, with the names of what they name."""

    def __init__(self, changes: Sequence[FieldChange], fields: Mapping[str, Field], user: User) -> None:
        self._fields = fields
        self._names: dict[tuple[Kind, str], dict[int, str]] = {}
        keys: dict[tuple[Kind, str], set[int]] = {}
        for change in changes:
            field = fields[change.field]
            if field.kind in REFERENCES:
                found = {each for each in (change.before, change.after) if isinstance(each, int)}
                keys.setdefault((field.kind, field.target), set()).update(found)
        for (kind, target), found in keys.items():
            self._names[kind, target] = _names(kind, target, found, user)

    def of(self, change: FieldChange, value: Any) -> Shown:
        field = self._fields[change.field]
        if field.kind in REFERENCES and isinstance(value, int):
            return Reference(id=value, name=self._names[field.kind, field.target].get(value, ""))
        if value is None or isinstance(value, bool | str | list):
            return value
        return str(value)


def _names(kind: Kind, target: str, keys: set[int], user: User) -> dict[int, str]:
    match kind:
        case Kind.PERSON:
            return dict(names_of(keys))
        case Kind.TEAM:  # who is signed in may see how the company is built
            return dict(Team.objects.filter(pk__in=keys).values_list("pk", "name"))
        case Kind.STAGE:
            name = "name_zh" if user.language == "zh" else "name_en"
            return dict(Stage.objects.filter(pk__in=keys).values_list("pk", name))
        case Kind.RECORD:
            return dict(visible(record_type(target), user=user).filter(pk__in=keys).values_list("pk", "name"))
        case _:
            return {}
