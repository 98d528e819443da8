"""The open pool: records are claimed from it, assigned, returned by hand, and taken back by rules at night."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import transaction
from django.db.models import F

from foresail.core.clock import ZONE
from foresail.core.locks import lock
from foresail.core.outbox import tell
from foresail.crm.errors import (
    LeadEnded,
    PoolBusy,
    PoolCooling,
    PoolHasIt,
    PoolHeldFull,
    PoolQuotaUsed,
    PoolTaken,
    SuccessorUnseeing,
    TextInvalid,
)
from foresail.crm.fields import RecordType, record_type, type_of
from foresail.crm.models import Account, Contact, Lead, PoolDue, PoolMove, PoolRule, Record
from foresail.crm.pooling import LIVING, Due, busy, day_began, due, rule_of, today
from foresail.crm.services.changing import amend, hold
from foresail.crm.services.permission import refuse_unless, require, require_active, require_configuring
from foresail.crm.services.telling import keep
from foresail.crm.services.values import LABELS, plain
from foresail.people.rules import Action, may

if TYPE_CHECKING:
    from foresail.people.models import User

LONGEST_REASON: Final = 300
LOST: Final = (PoolMove.Kind.RECYCLED.value, PoolMove.Kind.RETURNED.value)


class Allowance(NamedTuple):
    """What somebody claimed today and holds now, of one kind in one line; a limit that is None is none."""

    claimed: int
    quota: int | None
    held: int
    limit: int | None


def claim(*, record: Record, by: User, at: datetime) -> None:
    """Take `record` out of the pool, for oneself.

    Of several who claim at once, one gets it. Raises NotAllowed, PoolTaken, LeadEnded, PoolCooling, PoolQuotaUsed or
    PoolHeldFull.
    """
    with transaction.atomic():
        lock(f"crm claim {by.pk}")  # or two at once would both find the quota unused
        _hold_pooled(record)
        require(Action.CLAIM, record, by=by)
        kind = type_of(record)
        rule = rule_of(kind, record.line_id)
        if rule is not None:
            _require_allowed(kind, record, rule, by=by, at=at)
        _move(record, to=by, move=PoolMove.Kind.CLAIMED, verb="claim_from_pool", by=by, at=at)


def assign_pooled(*, record: Record, owner: User, by: User | None, at: datetime) -> None:
    """Give `record` out of the pool to `owner` and their team.

    `by` must be allowed to claim or to assign it as it is, and to assign it as it will be: quotas are for those who
    claim. Raises NotAllowed, PoolTaken, LeadEnded, OwnerInactive or SuccessorUnseeing.
    """
    with transaction.atomic():
        _hold_pooled(record)
        if by is not None and not may(user=by, action=Action.CLAIM, record=record).allowed:
            refuse_unless(may(user=by, action=Action.ASSIGN, record=record))
        as_will_be: Any = type(record)(owner_id=owner.pk, team_id=owner.team_id, line_id=record.line_id)
        require(Action.ASSIGN, as_will_be, by=by)
        require_active(owner)
        if not may(user=owner, action=Action.SEE, record=as_will_be).allowed:
            raise SuccessorUnseeing(name=owner.name)
        _move(record, to=owner, move=PoolMove.Kind.ASSIGNED, verb="assign_from_pool", by=by, at=at)


def return_to_pool(*, record: Record, reason: str, by: User | None, at: datetime) -> None:
    """Put `record` into the pool of its line, and say why.

    Raises NotAllowed, PoolHasIt, LeadEnded, PoolBusy where a deal is under way, or TextInvalid.
    """
    with transaction.atomic():
        hold(record)
        require(Action.DELETE, record, by=by)  # to give it away is more than to change it
        reason = plain(reason)
        if not 0 < len(reason) <= LONGEST_REASON:
            raise TextInvalid(zh=LABELS["reason"], en="reason", longest=LONGEST_REASON)
        if record.owner_id is None:
            raise PoolHasIt(name=str(record))
        _require_living(record)
        if isinstance(record, Account) and busy(record):
            raise PoolBusy(name=record.name)
        _move(
            record, to=None, move=PoolMove.Kind.RETURNED, verb="return_to_pool", reason=reason, by=by, at=at
        )


def recycle(*, at: datetime) -> int:
    """Let every active rule take back what is due, and tell what will be; return how many records went.

    Each record is a transaction of its own that looks at it anew: killed anywhere, or run twice, nothing is lost,
    done twice or taken from who just touched it.
    """
    went = 0
    for rule in PoolRule.objects.filter(active=True).select_related("line").order_by("pk"):
        warned = list(due(rule, at=at, ahead=rule.warn_days))
        for each in warned:
            if each.returns_on <= today(at):
                went += _take_back(rule, each.record, at=at)
        _warn(rule, [each for each in warned if each.returns_on > today(at)])
    return went


def set_pool_rule(*, rule: PoolRule, by: User | None, at: datetime) -> PoolRule:
    """Let `rule`, as `pooling.draft` made it, hold for its kind and line from now on. Raises NotAllowed."""
    with transaction.atomic():
        require_configuring(by=by)
        lock(f"crm pool_rule {rule.record_type} {rule.line_id}")
        before = PoolRule.objects.filter(record_type=rule.record_type, line=rule.line_id).first()
        if before is not None:
            rule.pk = before.pk
        rule.changed_at, rule.changed_by = at, by
        rule.save()
        if not rule.active:
            _forget_due(rule)
        tell("pool", 0)
        keep("change_pool_rule" if before else "add_pool_rule", rule, _told(rule), by=by, at=at)
        return rule


def delete_pool_rule(*, rule: PoolRule, by: User | None, at: datetime) -> None:
    """Let nothing go back by `rule` any more, and nothing limit who claims. Raises NotAllowed."""
    with transaction.atomic():
        require_configuring(by=by)
        keep("delete_pool_rule", rule, {"record_type": rule.record_type, "line": rule.line_id}, by=by, at=at)
        _forget_due(rule)
        tell("pool", 0)
        rule.delete()


def allowance(*, user: User, kind: RecordType, line: int, rule: PoolRule | None, at: datetime) -> Allowance:
    """Return what of the limits of a line `user` has used. Two queries."""
    claims = PoolMove.objects.filter(
        to_owner=user, record_type=kind.key, kind=PoolMove.Kind.CLAIMED, at__gte=day_began(at)
    )
    held: Any = kind.model.objects.filter(owner=user, line=line)
    if kind.model is Lead:
        held = held.filter(status__in=LIVING)
    return Allowance(
        claimed=claims.count(),
        quota=rule.daily_quota if rule else None,
        held=held.count(),
        limit=rule.hold_limit if rule else None,
    )


def note_claim(*, record: Record, by: User, at: datetime) -> None:
    """Keep that `record`, which lay in the pool, is `by`'s: for verbs that take it along."""
    PoolMove.objects.create(
        record_type=type_of(record).key,
        record=record.pk,
        kind=PoolMove.Kind.CLAIMED,
        at=at,
        by=by,
        to_owner=by,
    )
    tell("pool", 0)


def _require_allowed(kind: RecordType, record: Record, rule: PoolRule, *, by: User, at: datetime) -> None:
    """Raise PoolCooling, PoolQuotaUsed or PoolHeldFull where `rule` keeps `by` from claiming `record` now."""
    cool = timedelta(days=rule.cool_down_days)
    lost = PoolMove.objects.filter(
        record_type=kind.key, record=record.pk, from_owner=by, kind__in=LOST, at__gt=at - cool
    ).order_by("-at", "-pk")
    if latest := lost.first():
        until = (latest.at + cool).astimezone(ZONE)
        raise PoolCooling(until=f"{until:%Y-%m-%d %H:%M}")
    used = allowance(user=by, kind=kind, line=record.line_id, rule=rule, at=at)
    if used.quota is not None and used.claimed >= used.quota:
        raise PoolQuotaUsed(quota=used.quota)
    if used.limit is not None and used.held >= used.limit:
        raise PoolHeldFull(held=used.held, limit=used.limit)


def _take_back(rule: PoolRule, key: int, *, at: datetime) -> bool:
    """Take one record back, if it still is due; return whether it went."""
    with transaction.atomic():
        model: Any = record_type(rule.record_type).model
        record = model.objects.select_for_update(no_key=True).filter(pk=key).first()
        found: Due | None = next(due(rule, at=at, records=[key]), None) if record is not None else None
        if found is None:
            return False
        _move(
            record, to=None, move=PoolMove.Kind.RECYCLED, verb="recycle_to_pool", rule=rule, due=found,
            by=None, at=at,
        )  # fmt: skip
        return True


def _warn(rule: PoolRule, warned: list[Due]) -> None:
    """Keep what `rule` will take back soon, in the place of what it said the night before."""
    with transaction.atomic():
        kept = PoolDue.objects.filter(rule=rule)
        before = set(kept.values_list("record", "returns_on"))
        now = {(each.record, each.returns_on) for each in warned}
        if before == now:
            return
        kept.delete()
        PoolDue.objects.bulk_create(
            PoolDue(
                record_type=rule.record_type,
                record=each.record,
                rule=rule,
                returns_on=each.returns_on,
                last_touch_at=each.last_touch_at,
            )
            for each in warned
        )
        _tell_due(rule.record_type, {record for record, _ in before ^ now})


def _forget_due(rule: PoolRule) -> None:
    found = PoolDue.objects.filter(rule=rule)
    _tell_due(rule.record_type, set(found.values_list("record", flat=True)))
    found.delete()


def _tell_due(kind: str, records: set[int]) -> None:
    if records:
        tell(kind, *sorted(records))
        tell(f"{kind}s", 0)


def _hold_pooled(record: Record) -> None:
    """Hold a record that lies in the pool. Raises PoolTaken or LeadEnded."""
    hold(record)
    if record.owner_id is not None:
        raise PoolTaken
    _require_living(record)


def _require_living(record: Record) -> None:
    if isinstance(record, Lead) and record.ended_at is not None:
        raise LeadEnded(lead=record.name)


def _move(
    record: Record,
    *,
    to: User | None,
    move: PoolMove.Kind,
    verb: str,
    rule: PoolRule | None = None,
    due: Due | None = None,
    reason: str = "",
    by: User | None,
    at: datetime,
) -> None:
    """Make a record that is held `to`'s, or nobody's, with all that follows it."""
    kind = type_of(record)
    PoolMove.objects.create(
        record_type=kind.key,
        record=record.pk,
        kind=move,
        at=at,
        by=by,
        from_owner_id=record.owner_id,
        to_owner=to,
        rule=rule,
        days=due.days if due else None,
        last_touch_at=due.last_touch_at if due else None,
        reason=reason,
    )
    PoolDue.objects.filter(record_type=kind.key, record=record.pk).delete()
    team = to.team if to else None
    if isinstance(record, Account):
        contacts = Contact.with_deleted.filter(account=record)
        contacts.update(owner=to, team=team, version=F("version") + 1, changed_at=at)
        tell("contacts", 0)
    tell("pool", 0)
    wanted: dict[str, Any] = {"owner": to, "team": team}
    if isinstance(record, Lead) and to is None:
        wanted["status"] = Lead.Status.NEW.value  # who takes it next begins anew
    # Told of last: who adds a row to the trail must wait for nobody after it.
    amend(record, wanted, verb=verb, by=by, at=at)


def _told(rule: PoolRule) -> dict[str, Any]:
    """Return what the trail is told of a rule; a condition may name somebody, so only whether there is one."""
    names = (
        *("record_type", "active", "days", "by_level", "contract_field", "warn_days"),
        *("daily_quota", "hold_limit", "cool_down_days"),
    )
    return {name: getattr(rule, name) for name in names} | {"line": rule.line_id, "where": bool(rule.where)}
