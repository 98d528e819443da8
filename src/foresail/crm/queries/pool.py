"""What lies in the open pool, as far as somebody may see it there, and why records went in and out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import DateTimeField, F, Q, QuerySet

from foresail.core.errors import NotFound
from foresail.crm.errors import PoolTaken
from foresail.crm.fields import LEAD, RecordType, fields_of, record_type
from foresail.crm.models import PoolMove, PoolRule
from foresail.crm.pooling import FOREVER, LIVING, POOLED, Due, due, rule_of
from foresail.crm.queries.paging import Page, Sort, page_of
from foresail.crm.queries.records import sought
from foresail.crm.services.permission import require_configuring
from foresail.crm.services.pool import LOST, Allowance, allowance
from foresail.crm.sight import Sight
from foresail.people.rules import Action, Scope, limited, may, scope, standing

if TYPE_CHECKING:
    from foresail.people.models import User

SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "account": ("name", "level", "industry", "region", "line"),
    "lead": ("name", "company", "source", "line"),
}
"""What everybody who finds a record in the pool sees of it: enough to choose, and no way to reach anybody."""
LATEST: Final = Sort(value=F("changed_at"), field=DateTimeField(), down=True)
MOST_MOVES: Final = 100
JUST_NOW: Final = timedelta(hours=12)
"""So long it is said of a record that somebody else was faster; later it is as if it had never lain there."""
MOST_DUE: Final = 200


@dataclass(frozen=True, kw_only=True)
class Share:
    """One kind in the pool: how many `user` finds there, whether they may claim, and what of their limits is used."""

    kind: str
    total: int
    may_claim: bool
    allowance: Allowance | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a record stands: `due` is when it would go back if nobody touches it, None where it is spared."""

    record: Any
    rule: PoolRule | None
    due: Due | None
    moves: Sequence[PoolMove]


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """What a rule would take back: `total`, the first of them, and the records by key."""

    total: int
    first: Sequence[Due]
    records: Mapping[int, Any]


def pooled(kind: RecordType, *, user: User) -> QuerySet[Any]:
    """Return what lies in the pool, as far as `user` may see or claim it."""
    found: QuerySet[Any] = kind.model.objects.filter(owner=None)
    if kind is LEAD:
        found = found.filter(status__in=LIVING)
    # Scopes hold each other, so the wider of the two holds all.
    action = max((Action.SEE, Action.CLAIM), key=standing(user=user).scope)
    return limited(found, user=user, action=action)


def pool_page(
    kind: RecordType,
    *,
    user: User,
    q: str | None = None,
    line: int | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Any]:
    """Return a page of the pool, what came last first. Found by name alone: numbers are not shown. Raises CursorInvalid."""
    found = pooled(kind, user=user)
    if line is not None:
        found = found.filter(line=line)
    if text := sought(q):
        named = Q(name__icontains=text)
        if kind is LEAD and Sight.of(user).everywhere(kind, fields_of(kind)["company"]):
            named |= Q(company__icontains=text)
        found = found.filter(named)
    items, following = page_of(found.select_related("line"), sort=LATEST, after=after, limit=limit)
    return Page(items=items, next=following, total=found.count())


def claimable(kind: RecordType, keys: Collection[int], *, user: User) -> frozenset[int]:
    """Return those of `keys` that `user` may claim, limits aside."""
    found = limited(kind.model.objects.filter(pk__in=keys), user=user, action=Action.CLAIM)
    return frozenset(found.values_list("pk", flat=True))


def pooled_record(kind: RecordType, *, user: User, key: int, at: datetime) -> Any:
    """Return a record that lies in the pool for `user`.

    Raises PoolTaken where it did until just now and somebody else has it, else NotFound.
    """
    found = pooled(kind, user=user).filter(pk=key).first()
    if found is not None:
        return found
    taken = kind.model.objects.filter(pk=key).exclude(owner=None).first()
    if taken is not None:
        latest = PoolMove.objects.filter(record_type=kind.key, record=key).order_by("-at", "-pk").first()
        model: Any = kind.model
        as_was = model(owner=None, team=None, line_id=taken.line_id)
        if (
            latest is not None
            and latest.to_owner_id is not None
            and at - latest.at < JUST_NOW
            and may(user=user, action=Action.CLAIM, record=as_was).allowed
        ):
            raise PoolTaken
    raise NotFound


def may_assign(*, user: User) -> bool:
    """Whether `user` gives records to others at all."""
    return scope(user=user, action=Action.ASSIGN) is not Scope.NONE


def why_there(kind: RecordType, keys: Collection[int]) -> dict[int, PoolMove]:
    """Return the latest move of each record, by its key. What began in the pool has none."""
    moves = PoolMove.objects.filter(record_type=kind.key, record__in=keys)
    return {each.record: each for each in moves.order_by("record", "-at", "-pk").distinct("record")}


def cooling(kind: RecordType, keys: Collection[int], *, user: User, at: datetime) -> dict[int, datetime]:
    """Return from when on `user` may claim again what they lost, by key; what they may claim now is not there."""
    days = {
        rule.line_id: timedelta(days=rule.cool_down_days)
        for rule in PoolRule.objects.filter(record_type=kind.key, cool_down_days__gt=0)
    }
    if not days:
        return {}
    lines = dict(kind.model.objects.filter(pk__in=keys).values_list("pk", "line_id"))
    lost = PoolMove.objects.filter(
        record_type=kind.key, record__in=keys, from_owner=user, kind__in=LOST
    ).order_by("at", "pk")
    found = {each.record: each.at + days.get(lines[each.record], timedelta()) for each in lost}
    return {key: until for key, until in found.items() if until > at}


def shares(*, user: User, at: datetime) -> list[Share]:
    """Return what there is of each kind."""
    stands = standing(user=user)
    found = []
    for key in POOLED:
        kind = record_type(key)
        used = None
        if stands.line is not None and stands.role(Action.CLAIM) is not None:
            used = allowance(user=user, kind=kind, line=stands.line, rule=rule_of(kind, stands.line), at=at)
        total = pooled(kind, user=user).count()
        found.append(Share(kind=key, total=total, may_claim=used is not None, allowance=used))
    return found


def pool_standing(kind: RecordType, *, user: User, key: int, at: datetime) -> Standing:
    """Return where a record stands that `user` may see, in the pool or out of it. Raises NotFound."""
    seen = limited(kind.model.objects.all(), user=user, action=Action.SEE)
    record = seen.filter(pk=key).first() or pooled(kind, user=user).filter(pk=key).first()
    if record is None:
        raise NotFound
    rule = rule_of(kind, record.line_id)
    found = None
    if rule is not None and rule.active and record.owner_id is not None:
        found = next(due(rule, at=at, ahead=FOREVER, records=[key]), None)
    moves = PoolMove.objects.filter(record_type=kind.key, record=key).order_by("-at", "-pk")[:MOST_MOVES]
    return Standing(record=record, rule=rule, due=found, moves=list(moves))


def pool_rules(*, user: User) -> list[PoolRule]:
    """Return all rules, for sales operations. Raises NotAllowed."""
    require_configuring(by=user)
    rules = PoolRule.objects.select_related("line", "changed_by")
    return list(rules.order_by("line__name", "record_type"))


def pool_rule(kind: RecordType, *, line: int) -> PoolRule:
    """Return one rule. Raises NotFound."""
    found = rule_of(kind, line)
    if found is None:
        raise NotFound
    return found


def dry_run(rule: PoolRule, *, user: User, at: datetime) -> DryRun:
    """Return what `rule`, saved or not, would take back tonight, longest untouched first. Raises NotAllowed."""
    require_configuring(by=user)
    # Tonight's run is that of tomorrow: it looks at what is due when the day begins.
    found = sorted(due(rule, at=at, ahead=1), key=lambda each: (each.last_touch_at, each.record))
    first = found[:MOST_DUE]
    kind = record_type(rule.record_type)
    records = kind.model.objects.select_related("owner").in_bulk([each.record for each in first])
    return DryRun(total=len(found), first=first, records=records)
