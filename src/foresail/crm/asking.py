"""What a list may be asked for, and by whom: only what the person sees on every record, else the answer would tell."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db.models import BooleanField, ExpressionWrapper, Q, Value

from foresail.core import conditions
from foresail.crm.errors import FieldUnknown
from foresail.crm.fields import REFERENCES, Field, Kind, RecordType
from foresail.crm.models import Record
from foresail.crm.sight import Sight
from foresail.people.rules import shared_with

SHARED: Final = Field(
    key="shared_with_me", kind=Kind.BOOL, zh="与我共享", en="Shared with me", required=True, changeable=False,
    restrictable=False, sortable=False,
)  # fmt: skip
GROUPED: Final = frozenset(
    {Kind.CHOICE, Kind.BOOL, Kind.PERSON, Kind.TEAM, Kind.LINE, Kind.PIPELINE, Kind.STAGE}
)
"""Kinds of fields with so few values that a list is worth grouping by them."""


def askable(kind: RecordType, fields: Mapping[str, Field], sight: Sight) -> dict[str, conditions.Field]:
    """Return what conditions may ask of."""
    found = {key: field.asked() for key, field in fields.items() if sight.everywhere(kind, field)}
    if asks_of(kind):
        found[SHARED.key] = _shared(kind, sight)
    return found


def asks_of(kind: RecordType) -> tuple[Field, ...]:
    """Return what lists can be filtered by although it is no field: it depends on who asks."""
    return (SHARED,) if issubclass(kind.model, Record) else ()


def _shared(kind: RecordType, sight: Sight) -> conditions.Field:
    model: Any = kind.model
    how = shared_with(model, sight.stands)
    if how is not None and sight.stands is not None:
        how &= ~Q(owner=sight.stands.user)  # shared with one's team, it is still one's own
    expression = Value(False) if how is None else ExpressionWrapper(how, BooleanField())
    return conditions.Field(
        key=SHARED.key, kind="bool", label_zh=SHARED.zh, label_en=SHARED.en, expression=expression,
        value=lambda record: model.objects.filter(how, pk=record.pk).exists() if how else False,
    )  # fmt: skip


def seen(kind: RecordType, key: str, fields: Mapping[str, Field], sight: Sight) -> Field:
    """Return a field that may be sorted, grouped and summed by. Raises FieldUnknown."""
    field = fields.get(key)
    if field is None or not sight.everywhere(kind, field):
        raise FieldUnknown(zh=kind.zh, en=kind.en, field=key)
    return field


def seen_if(
    fits: Callable[[Field], bool], kind: RecordType, key: str, fields: Mapping[str, Field], sight: Sight
) -> Field:
    """Return a field that is `seen`, and `fits`. Raises FieldUnknown."""
    field = seen(kind, key, fields, sight)
    if not fits(field):
        raise FieldUnknown(zh=kind.zh, en=kind.en, field=key)
    return field


def is_sortable(field: Field) -> bool:
    """Whether lists can be sorted by `field`."""
    unsorted = {Kind.BOOL, Kind.CHOICES, Kind.TAGS}
    return field.sortable and field.kind not in unsorted and not (field.custom and field.kind in REFERENCES)


def is_groupable(field: Field) -> bool:
    """Whether lists can be grouped by `field`."""
    return (field.kind in GROUPED or field.few) and field is not SHARED


def require_askable(
    kind: RecordType,
    *,
    where: Mapping[str, Any] | None,
    sort: str,
    group: str,
    fields: Mapping[str, Field],
    sight: Sight,
) -> None:
    """Raise ConditionInvalid or FieldUnknown unless a list may be chosen, sorted and grouped so."""
    if where:
        conditions.parse(where, fields=askable(kind, fields, sight))
    for key, fits in ((sort.removeprefix("-"), is_sortable), (group, is_groupable)):
        if key:
            seen_if(fits, kind, key, fields, sight)


def condition_of(text: str | None) -> dict[str, Any] | None:
    """Read the query parameter `where`. Raises ConditionInvalid for what is no object in JSON."""
    if not text:
        return None
    try:
        found = json.loads(text)
    except ValueError as error:
        raise conditions.ConditionInvalid("shape", path="") from error
    if not isinstance(found, dict):
        raise conditions.ConditionInvalid("shape", path="")
    return found
