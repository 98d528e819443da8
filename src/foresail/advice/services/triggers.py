"""Triggers are made, changed, put in force and retired by sales operations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from string import Formatter
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from django.db import transaction

from foresail.advice.errors import TriggerExists, TriggerInvalid, TriggersReserved
from foresail.advice.facts import fields_for
from foresail.advice.models import Trigger
from foresail.advice.services.triggering import note_all
from foresail.advice.shipped import SHIPPED
from foresail.core import conditions
from foresail.core.changes import Change, record
from foresail.core.locks import lock
from foresail.core.outbox import tell
from foresail.crm.queries import may_configure

if TYPE_CHECKING:
    from foresail.people.models import User

PLACES: Final = frozenset({"account", "deal", "topic"})
"""What the text of an action may leave a place for."""
MOST_DAYS: Final = 365
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "about": tuple(Trigger.About.values),
    "action": tuple(Trigger.Action.values),
    "whose": tuple(Trigger.Whose.values),
    "status": tuple(Trigger.Status.values),
    "topic_kind": ("", "product", "price", "implementation", "security", "competitor", "other"),
}
_LONGEST: Final[Mapping[str, int]] = {"zh": 60, "en": 60, "action_zh": 120, "action_en": 200}
_TOLD: Final = (
    *("zh", "en", "about", "condition", "action", "action_zh", "action_en", "topic_kind", "cooldown_days"),
    *("expiry_days", "whose", "priority", "status"),
)


def add_trigger(*, values: Mapping[str, Any], by: User | None, at: datetime) -> Trigger:
    """Add a trigger. Raises TriggersReserved, TriggerInvalid, TriggerExists or ConditionInvalid."""
    return _save(Trigger(key=f"t-{uuid4().hex[:12]}", version=0), values, by=by, at=at)


def change_trigger(*, trigger: Trigger, values: Mapping[str, Any], by: User | None, at: datetime) -> Trigger:
    """Change `values` by name; what was suggested goes on or ends as the new condition says. Raises as `add_trigger`."""
    return _save(trigger, values, by=by, at=at)


def install_shipped(*, at: datetime) -> None:
    """Add the triggers that Foresail comes with, those that are not here yet."""
    here = set(Trigger.objects.values_list("key", flat=True))
    Trigger.objects.bulk_create(
        Trigger(**each, status=Trigger.Status.ACTIVE, shipped=True, changed_at=at)
        for each in SHIPPED
        if each["key"] not in here
    )


def _save(trigger: Trigger, values: Mapping[str, Any], *, by: User | None, at: datetime) -> Trigger:
    if by is not None and not may_configure(user=by):
        raise TriggersReserved
    with transaction.atomic():
        lock("advice triggers")
        if trigger.pk:
            trigger.refresh_from_db(from_queryset=Trigger.objects.select_for_update())
        for name, value in values.items():
            setattr(trigger, name, " ".join(value.split()) if isinstance(value, str) else value)
        _require_valid(trigger)
        others = Trigger.objects.exclude(pk=trigger.pk).exclude(status=Trigger.Status.RETIRED)
        if trigger.status != Trigger.Status.RETIRED and others.filter(zh=trigger.zh).exists():
            raise TriggerExists(name=trigger.zh)
        verb = "change_trigger" if trigger.pk else "add_trigger"
        trigger.version += 1
        trigger.changed_by, trigger.changed_at = by, at
        trigger.save()
        tell("triggers", 0)
        note_all(at=at)
        record(
            Change(
                actor=by.pk if by else None, verb=verb, subject="advice.Trigger", key=str(trigger.pk), at=at,
                values={name: getattr(trigger, name) for name in _TOLD},
            )
        )  # fmt: skip
    return trigger


def _require_valid(trigger: Trigger) -> None:
    for name, choices in _CHOICES.items():
        if getattr(trigger, name) not in choices:
            raise TriggerInvalid(zh=f"“{name}”没有这个选项。", en=f"{name} has no such choice.")
    for name, most in _LONGEST.items():
        text = getattr(trigger, name)
        if not 0 < len(text) <= most:
            raise TriggerInvalid(
                zh=f"中英文名称和动作都要填写，“{name}”最多 {most} 个字符。",
                en=f"Fill in names and actions in both languages; {name} has at most {most} characters.",
            )
    for text in (trigger.action_zh, trigger.action_en):
        if not _places(text) <= PLACES:
            raise TriggerInvalid(
                zh="动作文字里只能用 {account}、{deal}、{topic} 三个占位符。",
                en="The text of the action leaves places for {account}, {deal} and {topic} alone.",
            )
    numbers = (
        (trigger.cooldown_days, 0, MOST_DAYS), (trigger.expiry_days, 1, MOST_DAYS), (trigger.priority, 1, 5),
    )  # fmt: skip
    if not all(low <= number <= high for number, low, high in numbers):
        raise TriggerInvalid(
            zh=f"冷却期为 0 至 {MOST_DAYS} 天，有效期为 1 至 {MOST_DAYS} 天，优先级为 1 至 5。",
            en=f"Cool-down is 0 to {MOST_DAYS} days, expiry 1 to {MOST_DAYS} days, priority 1 to 5.",
        )
    if trigger.about == "account" and trigger.action == "send_content":
        raise TriggerInvalid(
            zh="内容是在商机里发送的：针对客户的触发器请改用致电、约见或建任务。",
            en="Content is sent in a deal: for an account, choose a call, a meeting or a task.",
        )
    condition = conditions.parse(trigger.condition, fields=fields_for(trigger.about))
    if not conditions.fields_of(condition):
        raise TriggerInvalid(zh="至少要有一个条件。", en="There must be one condition at least.")
    trigger.condition = conditions.to_json(condition)


def _places(text: str) -> frozenset[str]:
    """Return the names of the places in a text; one that cannot be read, or asks for more than a name, has
    a place of no name that may be used.
    """
    try:
        return frozenset(
            "{" if form or how else name for _, name, form, how in Formatter().parse(text) if name is not None
        )
    except ValueError:
        return frozenset({"{"})
