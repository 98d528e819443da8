"""Topics are made, tried, put in force and retired by sales operations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from django.db import transaction

from foresail.core import conditions
from foresail.core.changes import Change, record
from foresail.core.locks import lock
from foresail.core.outbox import tell
from foresail.crm.queries import may_configure
from foresail.people.errors import NotAllowed
from foresail.signals.errors import TopicExists, TopicInvalid
from foresail.signals.models import Topic
from foresail.signals.soon import judge_all_soon
from foresail.signals.topics import FIELDS

if TYPE_CHECKING:
    from foresail.people.models import User

LONGEST: Final = 60


def add_topic(
    *, kind: str, zh: str, en: str, rule: Mapping[str, Any], status: str, by: User | None, at: datetime
) -> Topic:
    """Add a topic. Raises NotAllowed, TopicInvalid, TopicExists or ConditionInvalid."""
    topic = Topic(key=f"t-{uuid4().hex[:12]}", changed_by=by, changed_at=at)
    return _save(topic, {"kind": kind, "zh": zh, "en": en, "rule": rule, "status": status}, by=by, at=at)


def change_topic(*, topic: Topic, values: Mapping[str, Any], by: User | None, at: datetime) -> Topic:
    """Change `values` by name. What counts then, counts from then on. Raises what `add_topic` does."""
    return _save(topic, values, by=by, at=at)


def _save(topic: Topic, values: Mapping[str, Any], *, by: User | None, at: datetime) -> Topic:
    if by is not None and not may_configure(user=by):
        raise NotAllowed
    with transaction.atomic():
        lock("signals topics")
        before = topic.status, topic.rule
        for name, value in values.items():
            setattr(topic, name, value.strip() if isinstance(value, str) else value)
        names = (topic.zh, topic.en)
        if not all(0 < len(name) <= LONGEST for name in names) or topic.kind not in Topic.Kind.values:
            raise TopicInvalid(most=LONGEST)
        if topic.status not in Topic.Status.values:
            raise TopicInvalid(most=LONGEST)
        rule = conditions.parse(topic.rule, fields=FIELDS)
        topic.rule = conditions.to_json(rule)
        for name in names:
            if Topic.objects.exclude(pk=topic.pk).exclude(status="retired").filter(zh=name).exists():
                raise TopicExists(name=name)
        topic.changed_by, topic.changed_at = by, at
        verb = "change_topic" if topic.pk else "add_topic"
        topic.save()
        tell("topics", 0)
        record(
            Change(
                actor=by.pk if by else None, verb=verb, subject="signals.Topic", key=str(topic.pk), at=at,
                values={"zh": topic.zh, "en": topic.en, "kind": topic.kind, "status": topic.status, "rule": topic.rule},
            )
        )  # fmt: skip
        if "active" in (before[0], topic.status) and before != (topic.status, topic.rule):
            judge_all_soon()
    return topic
