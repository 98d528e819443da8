"""Records of every kind over HTTP, the same for each: lists, single records, changes, the bin and the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field as Default
from ninja import Query, Router, Status
from ninja.params.functions import Path

from foresail.core import clock
from foresail.core.api import Problem, Schema
from foresail.core.errors import NotFound
from foresail.crm import queries, services
from foresail.crm.asking import SHARED, asks_of, condition_of, is_groupable, is_sortable
from foresail.crm.fields import Field, Kind, RecordType, fields_of, record_types
from foresail.crm.models import FieldChange, Record
from foresail.crm.queries.listing import (
    changeable,
    chosen,
    grouped,
    in_own_currency,
    record,
    records,
    visible,
)
from foresail.crm.queries.showing import Shown, history, shown
from foresail.crm.schemas import LackingOut
from foresail.crm.services.binning import KEPT
from foresail.crm.sight import Level, Sight
from foresail.people.http import caller
from foresail.people.queries import names_of
from foresail.people.rules import Action, live_shares_of, may

if TYPE_CHECKING:
    from foresail.people.models import User

router = Router(tags=["records"])


class ChoiceOut(Schema):
    """A `retired` one is not chosen any more."""

    key: str
    zh: str
    en: str
    retired: bool


class FieldOut(Schema):
    """`changeable` is what the caller may change one by one; `askable` what lists may be filtered and summed by.

    `currency` is what its amounts are in, null where that is the currency of each record.
    """

    key: str
    kind: Kind
    zh: str
    en: str
    required: bool
    changeable: bool
    askable: bool
    sortable: bool
    custom: bool
    groupable: bool
    share: bool
    currency: str | None
    longest: int
    choices: list[ChoiceOut]
    target: str
    operators: list[str]


class TypeOut(Schema):
    """`asks` are no fields, but lists can be filtered by them too."""

    key: str
    zh: str
    en: str
    fields: list[FieldOut]
    asks: list[FieldOut]


class RecordRow(Schema):
    """`values` holds what the caller sees, by field; what is hidden is not there."""

    id: int
    title: str
    version: int
    values: dict[str, Shown]
    may_change: bool


class RecordOut(RecordRow):
    """`why_zh` and `why_en` say why the caller may see it; `locked` are fields they see and may not change.

    `shares` counts with whom it is shared now.
    """

    type: str
    may_assign: bool
    may_delete: bool
    may_share: bool
    shares: int
    locked: list[str]
    why_zh: str
    why_en: str
    deleted_at: datetime | None


class RecordsPage(Schema):
    items: list[RecordRow]
    next: str | None
    total: int


class BinRow(RecordRow):
    deleted_at: datetime
    deleted_by: str
    gone_at: datetime


class BinPage(Schema):
    """What was deleted, the latest first; it is removed for good at `gone_at`."""

    items: list[BinRow]
    next: str | None
    total: int


class GroupOut(Schema):
    """`value` is the key of what is named, or the text; None where there is none.

    Sums are exact, and amounts in them are in `currency`, each converted at the rate of its day: of the day it closed
    for a deal that ended, else of today. `lacking` are those that no sum holds for want of a rate.
    """

    value: str | int | bool | None
    count: int
    sums: dict[str, Decimal]
    weighted: Decimal | None
    currency: str
    lacking: list[LackingOut]


class Listing(Schema):
    """`where` is a condition as JSON; `sort` a field's key, with - before it for downwards; `columns` keys with commas."""

    where: str | None = None
    q: str | None = None
    sort: str = ""
    columns: str | None = None
    after: str | None = None
    limit: int = 50


class Grouping(Schema):
    """Sums of the fields `sums`, with commas between; the first of them weighed by `weigh` too."""

    by: str
    sums: str = ""
    weigh: str | None = None
    where: str | None = None
    q: str | None = None


class EditIn(Schema):
    """`known` is what the editor began from: where it is sent and the record says otherwise by now, nothing changes."""

    value: Any
    known: Any = None


class ChangeIn(Schema):
    changes: dict[str, EditIn]


class ChooseIn(Schema):
    """The records `ids`, or all that `where` and `q` choose."""

    ids: list[int] | None = None
    where: str | None = None
    q: str | None = None


class ChangeManyIn(ChooseIn):
    values: dict[str, Any]


class AssignManyIn(ChooseIn):
    """Whose they shall be; without a `team`, of the owner's."""

    owner: int
    team: int | None = None


class BringBackIn(Schema):
    ids: list[int]


class RefusedOut(Schema):
    """A record that stayed as it was, and why; `title` is null where only its key is known."""

    id: int
    title: str | None
    code: str
    zh: str
    en: str


class BatchOut(Schema):
    """What many changes came to; `batch` undoes them."""

    batch: UUID
    changed: list[int]
    refused: list[RefusedOut]


class HistoryRow(Schema):
    id: int
    field: str
    before: Shown
    after: Shown
    at: datetime
    by: str
    batch: UUID
    undoes: int | None


class AddIn(Schema):
    """`values` by field. `line`, `account` and `pipeline` say where it belongs; without an owner, it is the caller's."""

    values: dict[str, Any]
    owner: int | None = None
    line: int | None = None
    account: int | None = None
    pipeline: int | None = None
    facts: dict[str, str] = Default({})


@router.get("/record-types", response=list[TypeOut])
def types(request: HttpRequest) -> list[TypeOut]:
    sight, house = Sight.of(caller(request)), queries.house_currency()
    return [_type_out(kind, sight, house) for kind in record_types()]


@router.post("/changes/{batch}/undo", response={200: BatchOut, 403: Problem, 404: Problem, 409: Problem})
def undo(request: HttpRequest, batch: UUID) -> BatchOut:
    return batch_out(services.undo_batch(batch=batch, by=caller(request), at=clock.now()))


@router.post("/history/{change}/restore", response={204: None, 403: Problem, 404: Problem, 409: Problem})
def restore(request: HttpRequest, change: int) -> Status[None]:
    user = caller(request)
    found = FieldChange.objects.filter(pk=change).first()
    kind = next((each for each in record_types() if found and each.key == found.record_type), None)
    if found is None or kind is None:
        raise NotFound
    record(kind, user=user, key=found.record)
    services.restore_value(change=found, by=user, at=clock.now())
    return Status(204, None)


REFUSALS: Mapping[int, Any] = {403: Problem, 404: Problem, 409: Problem, 422: Problem}


def mount(kind: RecordType) -> None:
    """Add the routes of one kind of record: each with its own address, so that clients see what there is."""
    _mount_lists(kind)
    if issubclass(kind.model, Record):
        _mount_assigning(kind)
    _mount_singles(kind)


def _mount_lists(kind: RecordType) -> None:
    base = f"/records/{kind.key}"

    @router.get(
        base, response={200: RecordsPage, 400: Problem, 422: Problem}, operation_id=f"records_list_{kind.key}"
    )
    def listing(request: HttpRequest, asked: Query[Listing]) -> RecordsPage:
        return _page(kind, caller(request), asked)

    @router.get(
        f"{base}-bin",
        response={200: BinPage, 400: Problem, 422: Problem},
        operation_id=f"records_bin_{kind.key}",
    )
    def in_bin(request: HttpRequest, asked: Query[Listing]) -> BinPage:
        return _bin(kind, caller(request), asked)

    @router.get(
        f"{base}-groups",
        response={200: list[GroupOut], 422: Problem},
        operation_id=f"records_group_{kind.key}",
    )
    def groups(request: HttpRequest, asked: Query[Grouping]) -> list[GroupOut]:
        found = grouped(
            kind, user=caller(request), now=clock.now(), by=asked.by, sums=_keys(asked.sums) or [],
            weigh=asked.weigh, where=condition_of(asked.where), q=asked.q,
        )  # fmt: skip
        house = queries.house_currency()
        return [
            GroupOut(
                value=_plain(each.value),
                count=each.count,
                sums=dict(each.sums),
                weighted=each.weighted,
                currency=house,
                lacking=[LackingOut.of(one) for one in each.lacking],
            )
            for each in found
        ]

    @router.post(
        f"{base}-changes",
        response={200: BatchOut, 413: Problem, **REFUSALS},
        operation_id=f"records_change_many_{kind.key}",
    )
    def change_many(request: HttpRequest, body: ChangeManyIn) -> BatchOut:
        user, at = caller(request), clock.now()
        found = _chosen(kind, user, body, at)
        edits = {key: services.Edit(value) for key, value in body.values.items()}
        return batch_out(services.change_many(kind=kind, found=found, edits=edits, by=user, at=at))

    @router.post(
        f"{base}-deletions",
        response={200: BatchOut, 413: Problem, **REFUSALS},
        operation_id=f"records_delete_many_{kind.key}",
    )
    def delete_many(request: HttpRequest, body: ChooseIn) -> BatchOut:
        user, at = caller(request), clock.now()
        return batch_out(services.delete_many(found=_chosen(kind, user, body, at), by=user, at=at))

    @router.post(
        f"{base}-bring-back",
        response={200: BatchOut, 413: Problem, **REFUSALS},
        operation_id=f"records_bring_back_many_{kind.key}",
    )
    def bring_back_many(request: HttpRequest, body: BringBackIn) -> BatchOut:
        user = caller(request)
        seen = visible(kind, user=user, deleted=True).filter(pk__in=body.ids)
        keys = list(seen.values_list("pk", flat=True))
        return batch_out(services.bring_back_many(kind=kind, keys=keys, by=user, at=clock.now()))


def _mount_assigning(kind: RecordType) -> None:
    @router.post(
        f"/records/{kind.key}-assignments",
        response={200: BatchOut, 413: Problem, **REFUSALS},
        operation_id=f"records_assign_many_{kind.key}",
    )
    def assign_many(request: HttpRequest, body: AssignManyIn) -> BatchOut:
        """Give records to somebody. Those that the caller may not give, or they could not see, stay."""
        user, at = caller(request), clock.now()
        batch = services.assign_many(
            kind=kind,
            found=_chosen(kind, user, body, at),
            owner=queries.colleague(user=user, key=body.owner),
            team=None if body.team is None else queries.team(user=user, key=body.team),
            by=user,
            at=at,
        )
        return batch_out(batch)


def _chosen(kind: RecordType, user: User, body: ChooseIn, at: datetime) -> QuerySet[Any]:
    found = chosen(kind, user=user, now=at, where=condition_of(body.where), q=body.q)
    return found if body.ids is None else found.filter(pk__in=body.ids)


def _mount_singles(kind: RecordType) -> None:
    base = f"/records/{kind.key}"
    one = f"{base}/{{{kind.key}}}"

    @router.post(base, response={201: RecordOut, **REFUSALS}, operation_id=f"records_add_{kind.key}")
    def add(request: HttpRequest, body: AddIn) -> Status[RecordOut]:
        user = caller(request)
        return Status(201, out(kind, _add(kind, body, user), user))

    @router.get(one, response={200: RecordOut, 404: Problem}, operation_id=f"records_get_{kind.key}")
    def get(request: HttpRequest, key: int = Path(..., alias=kind.key)) -> RecordOut:
        user = caller(request)
        # An old link leads to what the record was merged into: its `id` is then another than was asked for.
        return out(kind, record(kind, user=user, key=queries.current(kind, key)), user)

    @router.patch(one, response={200: RecordOut, **REFUSALS}, operation_id=f"records_change_{kind.key}")
    def change(request: HttpRequest, body: ChangeIn, key: int = Path(..., alias=kind.key)) -> RecordOut:
        user = caller(request)
        found = record(kind, user=user, key=key)
        edits = {
            name: services.Edit(
                each.value, each.known if "known" in each.model_fields_set else services.UNKNOWN
            )
            for name, each in body.changes.items()
        }
        services.change_record(record=found, edits=edits, by=user, at=clock.now())
        return out(kind, record(kind, user=user, key=key), user)

    @router.delete(one, response={204: None, **REFUSALS}, operation_id=f"records_delete_{kind.key}")
    def delete(request: HttpRequest, key: int = Path(..., alias=kind.key)) -> Status[None]:
        user = caller(request)
        services.delete_record(record=record(kind, user=user, key=key), by=user, at=clock.now())
        return Status(204, None)

    @router.post(
        f"{one}/bring-back",
        response={200: RecordOut, **REFUSALS},
        operation_id=f"records_bring_back_{kind.key}",
    )
    def bring_back(request: HttpRequest, key: int = Path(..., alias=kind.key)) -> RecordOut:
        user = caller(request)
        if not visible(kind, user=user, deleted=True).filter(pk=key).exists():
            raise NotFound
        services.bring_back(kind=kind, key=key, by=user, at=clock.now())
        return out(kind, record(kind, user=user, key=key), user)

    @router.get(
        f"{one}/history",
        response={200: list[HistoryRow], 404: Problem},
        operation_id=f"records_history_{kind.key}",
    )
    def changes(request: HttpRequest, key: int = Path(..., alias=kind.key)) -> list[HistoryRow]:
        user = caller(request)
        found = record(kind, user=user, key=key)
        fields = fields_of(kind, retired=True)
        rows = history(kind, key=key, fields=fields, sight=Sight.of(user), record=found, user=user)
        return [
            HistoryRow(
                id=row.pk, field=row.field, before=before, after=after, at=row.at, by=who, batch=row.batch,
                undoes=row.undoes_id,
            )
            for row, before, after, who in rows
        ]  # fmt: skip


def out(kind: RecordType, found: Any, user: User) -> RecordOut:
    """Return one record as `user` sees it."""
    fields, sight = fields_of(kind), Sight.of(user)
    for key, field in fields.items():
        if field.expression and not hasattr(found, f"field_{key}"):
            found = record(kind, user=user, key=found.pk)
            break
    if isinstance(found, Record):
        why = may(user=user, action=Action.SEE, record=found)
        change, assign, delete, share = (
            may(user=user, action=action, record=found).allowed
            for action in (Action.CHANGE, Action.ASSIGN, Action.DELETE, Action.SHARE)
        )
        shares = live_shares_of(found).count()
        reasons = why.because_zh, why.because_en
    else:
        change = delete = queries.may_configure(user=user)
        assign, share, shares = False, False, 0
        reasons = f"所有人都可以查看{kind.zh}。", f"Everybody may see a {kind.en}."
    [values] = shown(kind, [found], fields=fields, sight=sight, user=user)
    return RecordOut(
        id=found.pk,
        type=kind.key,
        title=str(getattr(found, "name", found)),
        version=found.version,
        values=values,
        may_change=change,
        may_assign=assign,
        may_delete=delete,
        may_share=share,
        shares=shares,
        locked=[
            key for key, field in fields.items()
            if key in values and field.changeable and not sight.may_change(kind, field, found)
        ],
        why_zh=reasons[0],
        why_en=reasons[1],
        deleted_at=found.deleted_at,
    )  # fmt: skip


def _page(kind: RecordType, user: User, asked: Listing) -> RecordsPage:
    page, values = _asked(kind, user, asked)
    mine = changeable(kind, user=user, keys=[each.pk for each in page.items])
    return RecordsPage(
        items=[
            RecordRow(
                id=each.pk,
                title=each.name,
                version=each.version,
                values=told,
                may_change=each.pk in mine,
            )
            for each, told in zip(page.items, values, strict=True)
        ],
        next=page.next,
        total=page.total,
    )


def _bin(kind: RecordType, user: User, asked: Listing) -> BinPage:
    page, values = _asked(kind, user, asked, deleted=True)
    who = names_of({each.deleted_by_id for each in page.items if each.deleted_by_id})
    mine = changeable(kind, user=user, keys=[each.pk for each in page.items], deleted=True)
    return BinPage(
        items=[
            BinRow(
                id=each.pk, title=each.name, version=each.version, values=told, deleted_at=each.deleted_at,
                deleted_by=who.get(each.deleted_by_id, ""), gone_at=each.deleted_at + KEPT,
                may_change=each.pk in mine,
            )
            for each, told in zip(page.items, values, strict=True)
        ],
        next=page.next,
        total=page.total,
    )  # fmt: skip


def _asked(
    kind: RecordType, user: User, asked: Listing, *, deleted: bool = False
) -> tuple[queries.Page[Any], list[dict[str, Shown]]]:
    page = records(
        kind, user=user, now=clock.now(), where=condition_of(asked.where), q=asked.q, sort=asked.sort,
        after=asked.after, limit=asked.limit, deleted=deleted,
    )  # fmt: skip
    values = shown(
        kind, page.items, fields=fields_of(kind), sight=Sight.of(user), user=user, only=_keys(asked.columns)
    )
    return page, values


def _type_out(kind: RecordType, sight: Sight, house: str) -> TypeOut:
    return TypeOut(
        key=kind.key,
        zh=kind.zh,
        en=kind.en,
        fields=[
            _field_out(kind, field, sight, house)
            for field in fields_of(kind).values()
            if sight.level(kind, field) is not Level.HIDDEN
        ],
        asks=[_field_out(kind, field, sight, house) for field in asks_of(kind)],
    )


def _field_out(kind: RecordType, field: Field, sight: Sight, house: str) -> FieldOut:
    askable = sight.everywhere(kind, field)
    return FieldOut(
        key=field.key,
        kind=field.kind,
        zh=field.zh,
        en=field.en,
        required=field.required,
        changeable=field.changeable and sight.level(kind, field) is not Level.READ,
        askable=askable,
        sortable=askable and is_sortable(field) and field is not SHARED,
        custom=field.custom,
        groupable=askable and is_groupable(field),
        share=field.share,
        currency=house if field.kind is Kind.MONEY and not in_own_currency(kind, field) else None,
        longest=field.longest,
        choices=[
            ChoiceOut(key=each.key, zh=each.zh, en=each.en, retired=each.retired) for each in field.choices
        ],
        target=field.target,
        operators=list(field.asked().operators) if askable else [],
    )


_BEGINS: Mapping[str, Callable[..., Any]] = {
    "account": services.add_account,
    "lead": services.add_lead,
}


def _add(kind: RecordType, body: AddIn, user: User) -> Any:
    at, values = clock.now(), dict(body.values)
    for name in ("by", "at", "owner", "team", "line", "account", "pipeline", "facts", "number"):
        if name in values and (kind.key, name) != ("product", "line"):
            raise NotFound
    # Also where a kind has no use for an account: what is named must be seen.
    needed = kind.key in {"contact", "deal"}
    account: Any = None
    if needed or body.account is not None:
        account = queries.account(user=user, key=body.account or 0)
    if kind.key == "product":
        return services.add_product(by=user, at=at, **values)
    if kind.key == "contact":
        return services.add_contact(account=account, by=user, at=at, **values)
    owner = user if body.owner is None else queries.colleague(user=user, key=body.owner)
    if kind.key == "deal":
        return services.open_deal(
            account=queries.account(user=user, key=body.account or 0),
            pipeline=queries.pipeline(key=body.pipeline or 0),
            owner=owner, team=owner.team, facts=body.facts, by=user, at=at, **values,
        )  # fmt: skip
    line = queries.line_for(user=user, key=body.line)
    return _BEGINS[kind.key](line=line, owner=owner, team=owner.team, by=user, at=at, **values)


def batch_out(batch: services.Batch) -> BatchOut:
    """Return what came of doing something to many."""
    return BatchOut(
        batch=batch.id,
        changed=batch.changed,
        refused=[
            RefusedOut(id=key, title=batch.names.get(key), code=refusal.code, zh=refusal.zh, en=refusal.en)
            for key, refusal in batch.refused.items()
        ],
    )


def _keys(text: str | None) -> list[str] | None:
    return None if text is None else [key for key in text.split(",") if key]


def _plain(value: object) -> str | int | bool | None:
    return value if value is None or isinstance(value, str | int | bool) else str(value)


for _kind in record_types():
    mount(_kind)
