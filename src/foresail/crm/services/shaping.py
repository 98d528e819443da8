"""Sales operations shapes records: fields of the organisation's own, and which role does what with a field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Max

from foresail.core.outbox import tell
from foresail.crm.errors import FieldInvalid, FieldKeyTaken, FieldUnknown
from foresail.crm.fields import Kind, RecordType, built_in_keys, fields_of, record_type, record_types
from foresail.crm.models import CustomField, FieldRule
from foresail.crm.services.permission import require_configuring
from foresail.crm.services.telling import keep
from foresail.crm.services.values import plain
from foresail.people.roles import Role
from foresail.people.services import KEEP
from foresail.people.services.users import Keep

if TYPE_CHECKING:
    from foresail.people.models import User

MOST_FIELDS: Final = 100
MOST_CHOICES: Final = 100


def add_custom_field(
    *,
    kind: RecordType,
    key: str,
    type: str,  # noqa: A002  (what people call it)
    name_zh: str,
    name_en: str,
    choices: Sequence[Mapping[str, Any]] = (),
    target: str = "",
    required: bool = False,
    by: User | None,
    at: datetime,
) -> CustomField:
    """Add a field to a kind of record. Raises NotAllowed, FieldKeyTaken or FieldInvalid."""
    with transaction.atomic():
        require_configuring(by=by)
        if not re.fullmatch("[a-z][a-z0-9_]{0,38}", key):
            raise FieldInvalid(
                zh="标识须以小写字母开头，只含小写字母、数字和下划线，最多 39 个字符。",
                en="the key begins with a small letter and has small letters, digits and _ only, at most 39.",
            )
        own = CustomField.objects.filter(record_type=kind.key)
        if key in built_in_keys(kind) or own.filter(key=key).exists():
            raise FieldKeyTaken(key=key)
        if own.filter(retired_at=None).count() >= MOST_FIELDS:
            raise FieldInvalid(
                zh=f"最多 {MOST_FIELDS} 个字段。", en=f"there are at most {MOST_FIELDS} fields."
            )
        made = CustomField(
            record_type=kind.key,
            key=key,
            kind=_kind_of(type),
            name_zh=_named(name_zh),
            name_en=_named(name_en),
            choices=_choices_of(type, choices, before=()),
            target=_target_of(type, target),
            required=required,
            position=1 + (own.aggregate(last=Max("position"))["last"] or 0),
        )
        made.save(force_insert=True)
        _told("add_custom_field", made, by=by, at=at)
        return made


def change_custom_field(
    *,
    field: CustomField,
    name_zh: str | Keep = KEEP,
    name_en: str | Keep = KEEP,
    choices: Sequence[Mapping[str, Any]] | Keep = KEEP,
    required: bool | Keep = KEEP,
    position: int | Keep = KEEP,
    retired: bool | Keep = KEEP,
    by: User | None,
    at: datetime,
) -> None:
    """Change how a field is called, what may be chosen, where it stands, or take it out of use and back.

    Choices are never removed, only renamed, added to, put in order or retired: records have them. Raises NotAllowed
    or FieldInvalid.
    """
    with transaction.atomic():
        field.refresh_from_db(from_queryset=CustomField.objects.select_for_update())
        require_configuring(by=by)
        if not isinstance(name_zh, Keep):
            field.name_zh = _named(name_zh)
        if not isinstance(name_en, Keep):
            field.name_en = _named(name_en)
        if not isinstance(choices, Keep):
            field.choices = _choices_of(field.kind, choices, before=[each["key"] for each in field.choices])
        if not isinstance(required, Keep):
            field.required = required
        if not isinstance(position, Keep):
            field.position = max(0, min(position, 32_000))
        if not isinstance(retired, Keep):
            field.retired_at = at if retired else None
        field.save()
        _told("change_custom_field", field, by=by, at=at)


def order_custom_fields(*, kind: RecordType, keys: Sequence[str], by: User | None, at: datetime) -> None:
    """Put the own fields of a kind of record in order. Raises NotAllowed, or FieldInvalid unless all are named once."""
    with transaction.atomic():
        require_configuring(by=by)
        own = {
            each.key: each for each in CustomField.objects.filter(record_type=kind.key).select_for_update()
        }
        if sorted(keys) != sorted(own):
            raise FieldInvalid(
                zh="字段列表已变化，请刷新后重试。", en="the fields are others by now. Load them again."
            )
        for position, key in enumerate(keys, start=1):
            own[key].position = position
        CustomField.objects.bulk_update(own.values(), ["position"])
        tell("fields", 0)
        if keys:
            keep(
                "order_custom_fields",
                own[keys[0]],
                {"record_type": kind.key, "keys": list(keys)},
                by=by,
                at=at,
            )


def set_field_rule(
    *, kind: RecordType, field: str, role: str, level: str | None, by: User | None, at: datetime
) -> None:
    """Say what `role` may do with a field; None gives it all back. Raises NotAllowed, FieldUnknown or FieldInvalid."""
    with transaction.atomic():
        require_configuring(by=by)
        found = fields_of(kind).get(field)
        if found is None:
            raise FieldUnknown(zh=kind.zh, en=kind.en, field=field)
        if not found.restrictable or found.of:
            raise FieldInvalid(
                zh=f"“{found.zh}”不能单独限制。",
                en=f"{found.en} has no rules of its own.",
            )
        if role not in {each.value for each in Role} or (level and level not in FieldRule.Level.values):
            raise FieldInvalid(zh="角色或权限级别不存在。", en="there is no such role or level.")
        rules = FieldRule.objects.filter(record_type=kind.key, field=field, role=role)
        if level is None:
            rules.delete()
        else:
            FieldRule.objects.update_or_create(
                record_type=kind.key, field=field, role=role, defaults={"level": level}
            )
        tell("fields", 0)
        rule = FieldRule(record_type=kind.key, field=field, role=role, level=level or "")
        values = {"record_type": kind.key, "field": field, "role": role, "level": level}
        keep("set_field_rule", rule, values, by=by, at=at)


def _told(verb: str, field: CustomField, *, by: User | None, at: datetime) -> None:
    tell("fields", 0)
    names = ("record_type", "key", "kind", "name_zh", "name_en", "choices", "target", "required", "position")
    values = {name: getattr(field, name) for name in names} | {"retired": field.retired_at is not None}
    keep(verb, field, values, by=by, at=at)


def _kind_of(kind: str) -> str:
    if kind not in CustomField.Kind.values:
        raise FieldInvalid(zh="没有这种字段类型。", en="there is no such type of field.")
    return kind


def _named(name: str) -> str:
    kept = plain(name)
    if not 0 < len(kept) <= 60:
        raise FieldInvalid(
            zh="中英文名称都须填写，且最多 60 个字符。",
            en="it has a name in both languages, of at most 60 characters.",
        )
    return kept


def _target_of(kind: str, target: str) -> str:
    if kind != Kind.RECORD:
        return ""
    if target not in {each.key for each in record_types()}:
        raise FieldInvalid(zh="请选择要关联的记录类型。", en="choose what kind of record it names.")
    return record_type(target).key


def _choices_of(
    kind: str, choices: Sequence[Mapping[str, Any]], *, before: Sequence[str]
) -> list[dict[str, Any]]:
    if kind not in {Kind.CHOICE, Kind.CHOICES}:
        return []
    named = [{name: plain(each[name]) for name in ("key", "zh", "en")} for each in choices]
    made = [
        name | {"retired": True} if each.get("retired") else name
        for name, each in zip(named, choices, strict=True)
    ]
    keys = [each["key"] for each in named]
    if (
        not 0 < len(made) <= MOST_CHOICES
        or len(set(keys)) < len(keys)
        or not all(all(each.values()) for each in named)
    ):
        raise FieldInvalid(
            zh=f"请填写 1 至 {MOST_CHOICES} 个选项，标识不重复，中英文名称都要有。",
            en=f"it has 1 to {MOST_CHOICES} choices, each with a key of its own and a name in both languages.",
        )
    if any(len(text) > 60 for each in named for text in each.values()):
        raise FieldInvalid(zh="选项最多 60 个字符。", en="a choice has at most 60 characters.")
    if missing := set(before) - set(keys):
        raise FieldInvalid(
            zh=f"选项“{min(missing)}”已有记录在用，不能删除。",
            en=f"the choice {min(missing)} is in use and stays.",
        )
    return made
