"""The open pool over HTTP: what lies there, claiming and returning, and the rules by which records come back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from django.http import HttpRequest
from ninja import Field as Default
from ninja import Router, Status
from ninja.params.functions import Path

from foresail.core import clock
from foresail.core.api import Problem, Reference, Schema
from foresail.crm import pooling, queries, services
from foresail.crm.errors import TooMany
from foresail.crm.fields import RecordType, fields_of, record_type
from foresail.crm.models import PoolMove, PoolRule
from foresail.crm.queries import pool
from foresail.crm.queries.listing import record
from foresail.crm.queries.showing import Shown, shown
from foresail.crm.records_api import REFUSALS, BatchOut, RecordOut, batch_out, out
from foresail.crm.services.changing import attempt
from foresail.crm.sight import Sight
from foresail.people.http import caller
from foresail.people.queries import names_of
from foresail.people.rules import Action, limited, may

if TYPE_CHECKING:
    from foresail.people.models import User

router = Router(tags=["pool"])

MOST_AT_ONCE = 100

Pooled = Literal["account", "lead"]
MoveKind = Literal["recycled", "returned", "claimed", "assigned"]


class PoolAllowanceOut(Schema):
    """What the caller claimed today and holds now; `quota` and `limit` are null where there is none."""

    claimed: int
    quota: int | None
    held: int
    limit: int | None


class PoolShareOut(Schema):
    kind: Pooled
    total: int
    may_claim: bool
    allowance: PoolAllowanceOut | None


class PoolOut(Schema):
    """`may_configure`: whether the caller edits the rules; `may_assign`: whether they give records to others."""

    kinds: list[PoolShareOut]
    may_configure: bool
    may_assign: bool


class PoolMoveOut(Schema):
    """`days` and `last_touch_at` are told where a rule took it back; `by` is empty for Foresail itself."""

    kind: MoveKind
    at: datetime
    by: str
    from_owner: str
    to_owner: str
    days: int | None
    last_touch_at: datetime | None
    reason: str


class PoolRow(Schema):
    """`why` is how it came here, null where it began here; `claim_from` until when the caller has to wait.

    `may_see`: whether the caller sees the whole record, not only this row.
    """

    id: int
    title: str
    values: dict[str, Shown]
    since: datetime
    why: PoolMoveOut | None
    may_claim: bool
    claim_from: datetime | None
    may_see: bool


class PoolPage(Schema):
    items: list[PoolRow]
    next: str | None
    total: int


class PoolStandingOut(Schema):
    """`returns_on` is when it goes back if nobody touches it; null without a rule, and for what a rule spares."""

    in_pool: bool
    returns_on: date | None
    last_touch_at: datetime | None
    days: int | None
    warned: bool
    may_return: bool
    moves: list[PoolMoveOut]


class PoolClaimIn(Schema):
    ids: list[int]


class PoolAssignIn(Schema):
    ids: list[int]
    to: int


class PoolReturnIn(Schema):
    reason: str


class PoolRuleIn(Schema):
    """`by_level` says for levels of accounts in how many days they return, 0 for never. Limits may be null."""

    active: bool
    days: int
    by_level: dict[str, int] = Default({})
    where: dict[str, Any] | None = None
    contract_field: str = ""
    warn_days: int = 7
    daily_quota: int | None = None
    hold_limit: int | None = None
    cool_down_days: int = 0


class PoolRuleOut(PoolRuleIn):
    kind: Pooled
    line: Reference
    changed_at: datetime
    changed_by: str


class PoolDueOut(Schema):
    id: int
    title: str
    owner: str
    last_touch_at: datetime
    days: int


class PoolDryRunOut(Schema):
    """What would go back tonight: how many, and those longest untouched."""

    total: int
    items: list[PoolDueOut]


@router.get("/pool", response=PoolOut, operation_id="pool_overview")
def overview(request: HttpRequest) -> PoolOut:
    user = caller(request)
    return PoolOut(
        kinds=[
            PoolShareOut(
                kind=each.kind,  # type: ignore[arg-type]
                total=each.total,
                may_claim=each.may_claim,
                allowance=None if each.allowance is None else PoolAllowanceOut(**each.allowance._asdict()),
            )
            for each in pool.shares(user=user, at=clock.now())
        ],
        may_configure=queries.may_configure(user=user),
        may_assign=pool.may_assign(user=user),
    )


@router.get("/pool/rules", response={200: list[PoolRuleOut], 403: Problem}, operation_id="pool_rules")
def rules(request: HttpRequest) -> list[PoolRuleOut]:
    return [_rule(each) for each in pool.pool_rules(user=caller(request))]


def mount(kind: RecordType) -> None:
    """Add the routes of one kind of record that has a pool."""
    base = f"/pool/{kind.key}"
    one = f"{base}/{{{kind.key}}}"
    of_line = f"{base}-rules/{{line}}"

    @router.get(base, response={200: PoolPage, 400: Problem}, operation_id=f"pool_list_{kind.key}")
    def listing(
        request: HttpRequest,
        q: str | None = None,
        in_line: int | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> PoolPage:
        return _page(kind, caller(request), q=q, line=in_line, after=after, limit=limit)

    @router.get(one, response={200: PoolStandingOut, 404: Problem}, operation_id=f"pool_standing_{kind.key}")
    def standing(request: HttpRequest, key: int = Path(..., alias=kind.key)) -> PoolStandingOut:
        return _standing(kind, caller(request), key)

    @router.post(f"{one}/claim", response={200: RecordOut, **REFUSALS}, operation_id=f"pool_claim_{kind.key}")
    def claim(request: HttpRequest, key: int = Path(..., alias=kind.key)) -> RecordOut:
        user = caller(request)
        _claim(kind, key, user)
        return out(kind, record(kind, user=user, key=key), user)

    @router.post(
        f"{base}-claims",
        response={200: BatchOut, 413: Problem, **REFUSALS},
        operation_id=f"pool_claim_many_{kind.key}",
    )
    def claim_many(request: HttpRequest, body: PoolClaimIn) -> BatchOut:
        """Claim several, each by itself: what somebody else was faster with is told of."""
        user, batch = caller(request), services.Batch(id=uuid.uuid4())
        for key in _few(body.ids):
            attempt(batch, key, lambda key=key: _claim(kind, key, user))  # type: ignore[misc]
        return batch_out(batch)

    @router.post(
        f"{base}-assignments",
        response={200: BatchOut, 413: Problem, **REFUSALS},
        operation_id=f"pool_assign_{kind.key}",
    )
    def assign(request: HttpRequest, body: PoolAssignIn) -> BatchOut:
        user, batch = caller(request), services.Batch(id=uuid.uuid4())
        to = queries.colleague(user=user, key=body.to)
        for key in _few(body.ids):
            attempt(batch, key, lambda key=key: _assign(kind, key, to, user))  # type: ignore[misc]
        return batch_out(batch)

    @router.post(
        f"{one}/return",
        response={204: None, 400: Problem, **REFUSALS},
        operation_id=f"pool_return_{kind.key}",
    )
    def give_back(
        request: HttpRequest, body: PoolReturnIn, key: int = Path(..., alias=kind.key)
    ) -> Status[None]:
        user = caller(request)
        found = record(kind, user=user, key=key)
        services.return_to_pool(record=found, reason=body.reason, by=user, at=clock.now())
        return Status(204, None)

    @router.put(of_line, response={200: PoolRuleOut, **REFUSALS}, operation_id=f"pool_set_rule_{kind.key}")
    def set_rule(request: HttpRequest, line: int, body: PoolRuleIn) -> PoolRuleOut:
        user = caller(request)
        rule = _drafted(kind, line, body, user)
        return _rule(services.set_pool_rule(rule=rule, by=user, at=clock.now()))

    @router.delete(of_line, response={204: None, **REFUSALS}, operation_id=f"pool_delete_rule_{kind.key}")
    def delete_rule(request: HttpRequest, line: int) -> Status[None]:
        user = caller(request)
        services.require_configuring(by=user)
        services.delete_pool_rule(rule=pool.pool_rule(kind, line=line), by=user, at=clock.now())
        return Status(204, None)

    @router.post(
        f"{of_line}/dry-run",
        response={200: PoolDryRunOut, **REFUSALS},
        operation_id=f"pool_dry_run_{kind.key}",
    )
    def dry_run(request: HttpRequest, line: int, body: PoolRuleIn) -> PoolDryRunOut:
        """Return what would go back tonight if this were the rule; nothing is kept."""
        user = caller(request)
        found = pool.dry_run(_drafted(kind, line, body, user), user=user, at=clock.now())
        return PoolDryRunOut(
            total=found.total,
            items=[
                PoolDueOut(
                    id=each.record, title=found.records[each.record].name,
                    owner=found.records[each.record].owner.name, last_touch_at=each.last_touch_at, days=each.days,
                )
                for each in found.first
            ],
        )  # fmt: skip


def _claim(kind: RecordType, key: int, user: User) -> None:
    at = clock.now()
    services.claim(record=pool.pooled_record(kind, user=user, key=key, at=at), by=user, at=at)


def _assign(kind: RecordType, key: int, to: User, user: User) -> None:
    at = clock.now()
    found = pool.pooled_record(kind, user=user, key=key, at=at)
    services.assign_pooled(record=found, owner=to, by=user, at=at)


def _few(keys: Sequence[int]) -> list[int]:
    if len(keys) > MOST_AT_ONCE:
        raise TooMany(most=MOST_AT_ONCE)
    return list(dict.fromkeys(keys))


def _drafted(kind: RecordType, line: int, body: PoolRuleIn, user: User) -> PoolRule:
    services.require_configuring(by=user)
    return pooling.draft(kind=kind, line=queries.line_for(user=user, key=line), **body.model_dump())


def _page(
    kind: RecordType, user: User, *, q: str | None, line: int | None, after: str | None, limit: int
) -> PoolPage:
    at = clock.now()
    page = pool.pool_page(kind, user=user, q=q, line=line, after=after, limit=limit)
    keys = [each.pk for each in page.items]
    values = shown(
        kind, page.items, fields=fields_of(kind), sight=Sight.of(user), user=user, only=pool.SHOWN[kind.key]
    )
    why = pool.why_there(kind, keys)
    moves = dict(zip(why, _moves(list(why.values())), strict=True))
    claimable, waiting = pool.claimable(kind, keys, user=user), pool.cooling(kind, keys, user=user, at=at)
    seen = limited(kind.model.objects.filter(pk__in=keys), user=user, action=Action.SEE)
    open_to = set(seen.values_list("pk", flat=True))
    return PoolPage(
        items=[
            PoolRow(
                id=each.pk, title=each.name, values=told,
                since=why[each.pk].at if each.pk in why else each.created_at,
                why=moves.get(each.pk), may_claim=each.pk in claimable, claim_from=waiting.get(each.pk),
                may_see=each.pk in open_to,
            )
            for each, told in zip(page.items, values, strict=True)
        ],
        next=page.next,
        total=page.total,
    )  # fmt: skip


def _standing(kind: RecordType, user: User, key: int) -> PoolStandingOut:
    at = clock.now()
    found = pool.pool_standing(kind, user=user, key=key, at=at)
    due, rule = found.due, found.rule
    may_change = may(user=user, action=Action.DELETE, record=found.record).allowed
    return PoolStandingOut(
        in_pool=found.record.owner_id is None,
        returns_on=due.returns_on if due else None,
        last_touch_at=due.last_touch_at if due else None,
        days=due.days if due else None,
        warned=bool(rule and due and (due.returns_on - pooling.today(at)).days <= rule.warn_days),
        may_return=may_change and found.record.owner_id is not None,
        moves=_moves(found.moves),
    )


def _moves(moves: Sequence[PoolMove]) -> list[PoolMoveOut]:
    names = names_of({
        key for each in moves for key in (each.by_id, each.from_owner_id, each.to_owner_id) if key
    })  # fmt: skip
    return [
        PoolMoveOut(
            kind=each.kind,  # type: ignore[arg-type]
            at=each.at,
            by=names.get(each.by_id or 0, ""),
            from_owner=names.get(each.from_owner_id or 0, ""),
            to_owner=names.get(each.to_owner_id or 0, ""),
            days=each.days,
            last_touch_at=each.last_touch_at,
            reason=each.reason,
        )
        for each in moves
    ]


def _rule(rule: PoolRule) -> PoolRuleOut:
    return PoolRuleOut(
        kind=rule.record_type,  # type: ignore[arg-type]
        line=Reference(id=rule.line.pk, name=rule.line.name),
        active=rule.active,
        days=rule.days,
        by_level=rule.by_level,
        where=rule.where,
        contract_field=rule.contract_field,
        warn_days=rule.warn_days,
        daily_quota=rule.daily_quota,
        hold_limit=rule.hold_limit,
        cool_down_days=rule.cool_down_days,
        changed_at=rule.changed_at,
        changed_by=rule.changed_by.name if rule.changed_by else "",
    )


for _kind in pooling.POOLED:
    mount(record_type(_kind))
