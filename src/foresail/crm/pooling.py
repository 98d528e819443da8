"""What rules of the open pool say: which records go back to it, when, and which are spared."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from foresail.core import conditions
from foresail.core.clock import ZONE
from foresail.crm.asking import askable
from foresail.crm.errors import FieldUnknown, PoolRuleInvalid
from foresail.crm.fields import ACCOUNT, LEAD, LEVELS, Kind, RecordType, fields_of, record_type
from foresail.crm.models import Account, Deal, Lead, PoolRule
from foresail.crm.sight import Sight
from foresail.crm.touching import last_touches

if TYPE_CHECKING:
    from foresail.people.models import BusinessLine

POOLED: Final = (ACCOUNT.key, LEAD.key)
"""Kinds of records that have a pool."""
LIVING: Final = (Lead.Status.NEW.value, Lead.Status.WORKING.value)
AT_ONCE: Final = 1_000
FOREVER: Final = 100_000
"""Days: further ahead than any rule reaches."""

_WITHIN: Final[Mapping[str, tuple[str, str, int, int]]] = {
    "days": ("回收天数", "days until a record returns", 1, 3650),
    "warn_days": ("提前提醒天数", "days of warning", 0, 365),
    "daily_quota": ("每日领取上限", "claims a day", 1, 1000),
    "hold_limit": ("持有上限", "records somebody may hold", 1, 30_000),
    "cool_down_days": ("冷却天数", "days until somebody may claim again", 0, 3650),
}


@dataclass(frozen=True, kw_only=True)
class Due:
    """That a record goes back in the night to `returns_on`, `days` whole days after it was last touched."""

    record: int
    last_touch_at: datetime
    days: int
    returns_on: date


def draft(
    *,
    kind: RecordType,
    line: BusinessLine,
    active: bool,
    days: int,
    by_level: Mapping[str, int],
    where: Mapping[str, Any] | None,
    contract_field: str,
    warn_days: int,
    daily_quota: int | None,
    hold_limit: int | None,
    cool_down_days: int,
) -> PoolRule:
    """Return a rule that is not saved. Raises PoolRuleInvalid, FieldUnknown or ConditionInvalid."""
    numbers = {
        "days": days,
        "warn_days": warn_days,
        "daily_quota": daily_quota,
        "hold_limit": hold_limit,
        "cool_down_days": cool_down_days,
    }
    for name, value in numbers.items():
        _require_within(name, value)
    if set(by_level) - ({each.key for each in LEVELS} if kind is ACCOUNT else set()):
        raise FieldUnknown(zh=kind.zh, en=kind.en, field="level")
    for allowed in by_level.values():
        _require_within("days", allowed or 1)
    fields = fields_of(kind)
    if contract_field and (
        kind is not ACCOUNT
        or contract_field not in fields
        or fields[contract_field].kind is not Kind.DATE
        or fields[contract_field].expression is not None
    ):
        raise FieldUnknown(zh=kind.zh, en=kind.en, field=contract_field)
    if where:
        conditions.parse(where, fields=askable(kind, fields, Sight.of(None)))
    return PoolRule(
        record_type=kind.key,
        line=line,
        active=active,
        by_level=dict(by_level),
        where=dict(where) if where else None,
        contract_field=contract_field,
        **numbers,
    )


def rule_of(kind: RecordType, line: int) -> PoolRule | None:
    """Return the rule of a line for a kind of record, None where it has none."""
    return PoolRule.objects.filter(record_type=kind.key, line=line).first()


def today(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def day_began(at: datetime) -> datetime:
    return at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)


def due(
    rule: PoolRule, *, at: datetime, ahead: int = 0, records: Collection[int] | None = None
) -> Iterator[Due]:
    """Yield what `rule` takes back within the `ahead` days after `at`, by the records' keys; of `records` alone.

    What was touched counts from the day after: with 30 days, a record touched on 1 March goes back in the night to
    1 April. Spared are accounts with a deal under way or a contract that has not ended, and ended leads.
    """
    kind = record_type(rule.record_type)
    soonest = min([rule.days, *(days for days in rule.by_level.values() if days)])
    until = today(at) + timedelta(days=ahead)
    found = _held(rule, kind, at, records)
    if records is None:
        # What is younger than the shortest time cannot be due: on most nights that leaves most of them out.
        found = found.filter(created_at__lt=day_began(at) + timedelta(days=ahead - soonest))
    level = "level" if kind is ACCOUNT else "pk"
    rows = list(found.order_by("pk").values_list("pk", level, "created_at"))
    for some in (rows[first : first + AT_ONCE] for first in range(0, len(rows), AT_ONCE)):
        touched = last_touches(kind, [key for key, *_ in some])
        for key, of_level, created_at in some:
            days = rule.by_level.get(of_level, rule.days)
            last = max(created_at, touched.get(key, created_at))
            returns_on = today(last) + timedelta(days=days + 1)
            if days and returns_on <= until:
                yield Due(record=key, last_touch_at=last, days=days, returns_on=returns_on)


def busy(account: Account) -> bool:
    """Whether a deal with `account` is under way."""
    return _under_way().filter(account=account).exists()


def _under_way() -> QuerySet[Deal]:
    found: QuerySet[Deal] = Deal.objects.filter(status=Deal.Status.OPEN, stage__retired_at=None)
    return found


def _held(rule: PoolRule, kind: RecordType, at: datetime, records: Collection[int] | None) -> QuerySet[Any]:
    """Return what belongs to somebody in the rule's line, and is not spared."""
    found: QuerySet[Any] = kind.model.objects.filter(line=rule.line_id, owner__isnull=False)
    if records is not None:
        found = found.filter(pk__in=records)
    if kind is LEAD:
        found = found.filter(status__in=LIVING)
    else:
        found = found.filter(~Exists(_under_way().filter(account=OuterRef("pk"))))
    # Fields that went out of use since still hold what the rule was made for.
    fields = fields_of(kind, retired=True)
    if rule.contract_field in fields:
        found = found.annotate(contract_until=fields[rule.contract_field].found_by())
        found = found.filter(Q(contract_until=None) | Q(contract_until__lt=today(at)))
    if rule.where:
        asked = conditions.parse(rule.where, fields=askable(kind, fields, Sight.of(None)))
        found = found.filter(conditions.to_q(asked, context=conditions.Context(now=at, zone=ZONE)))
    return found


def _require_within(name: str, value: int | None) -> None:
    zh, en, least, most = _WITHIN[name]
    if value is not None and not least <= value <= most:
        raise PoolRuleInvalid(zh=zh, en=en, least=least, most=most)
