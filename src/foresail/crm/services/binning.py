"""Records go into the bin, come back from it, and are gone after 90 days."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import QuerySet

from foresail.core.errors import NotFound
from foresail.core.events import emit
from foresail.crm.errors import RecordInUse, TooMany
from foresail.crm.events import DealBinned, RecordsPurged
from foresail.crm.fields import RecordType, record_types, type_of
from foresail.crm.matched import FIELDS, index
from foresail.crm.models import (
    Account,
    Contact,
    Deal,
    DuplicatePair,
    FieldChange,
    Lead,
    Listed,
    MatchKey,
    Merge,
    Note,
    PoolDue,
    PoolMove,
    Product,
    Record,
)
from foresail.crm.services.attachments import let_go
from foresail.crm.services.changing import (
    MOST_AT_ONCE,
    Batch,
    attempt,
    hold,
    keep_fields,
    require_delete,
    tell_of,
    within_limit,
)
from foresail.crm.services.telling import actor
from foresail.people.services import forget_shares

if TYPE_CHECKING:
    from foresail.people.models import User

KEPT: Final = timedelta(days=90)
PURGED_AT_ONCE: Final = 1_000


def delete_record(*, record: Listed, by: User | None, at: datetime) -> None:
    """Put `record` into the bin. Raises NotAllowed, or RecordInUse where others need it."""
    with transaction.atomic():
        hold(record)
        require_delete(record, by=by)
        _require_unused(record)
        record.deleted_at, record.deleted_by = at, by
        _save(record)
        if isinstance(record, Deal):
            emit(DealBinned(deal=record.pk, account=record.account_id, binned=True, actor=actor(by), at=at))
        keep_fields(f"delete_{type_of(record).key}", record, {}, by=by, at=at)


def delete_many(*, found: QuerySet[Any], by: User | None, at: datetime) -> Batch:
    """Put many records into the bin; those that refuse stay, and are told of. Raises TooMany before any is deleted."""
    records = within_limit(found)
    batch = Batch(id=uuid.uuid4())
    with transaction.atomic():
        for record in records:
            attempt(batch, record, lambda record=record: delete_record(record=record, by=by, at=at))  # type: ignore[misc]
    return batch


def bring_back_many(*, kind: RecordType, keys: Collection[int], by: User | None, at: datetime) -> Batch:
    """Bring records back from the bin; those that refuse stay there, and are told of. Raises TooMany."""
    batch = Batch(id=uuid.uuid4())
    if len(keys) > MOST_AT_ONCE:
        raise TooMany(most=MOST_AT_ONCE)
    with transaction.atomic():
        for key in sorted(keys):
            attempt(batch, key, partial(_back, kind, key, by, at))
    return batch


def bring_back(*, kind: RecordType, key: int, by: User | None, at: datetime) -> Listed:
    """Bring a record back from the bin as it was. Raises NotFound, NotAllowed, or RecordInUse where its account is gone."""
    with transaction.atomic():
        record: Listed | None = (
            kind.model.with_deleted.select_for_update(no_key=True)
            .filter(pk=key, deleted_at__isnull=False, merged_into__isnull=True)
            .first()
        )
        if record is None:
            raise NotFound
        require_delete(record, by=by)
        if isinstance(record, Contact | Deal) and record.account.deleted_at is not None:
            raise RecordInUse(name=str(record), zh="请先恢复所属客户。", en="bring its account back first.")
        record.deleted_at = record.deleted_by = None
        _save(record)
        if kind.key in FIELDS:
            index(kind, [record.pk])
        if isinstance(record, Deal):
            emit(DealBinned(deal=record.pk, account=record.account_id, binned=False, actor=actor(by), at=at))
        keep_fields(f"bring_back_{kind.key}", record, {}, by=by, at=at)
        return record


def _back(kind: RecordType, key: int, by: User | None, at: datetime) -> None:
    bring_back(kind=kind, key=key, by=by, at=at)


def purge_bin(*, at: datetime) -> int:
    """Remove for good what has lain in the bin for 90 days; return how many. Deals first: others hang on accounts."""
    gone = 0
    order: tuple[type[Listed], ...] = (Lead, Deal, Contact, Account, Product)
    for kind in sorted(record_types(), key=lambda each: order.index(each.model)):
        old = kind.model.with_deleted.filter(deleted_at__lt=at - KEPT, merged_into__isnull=True).order_by(
            "deleted_at"
        )
        for record in old[:PURGED_AT_ONCE]:
            those = [*_merged_into(record), record]
            if any(map(_still_needed, those)):
                continue
            with transaction.atomic():
                for each in those:
                    _purge(kind, each, at=at)
                    gone += 1
    return gone


def _purge(kind: RecordType, record: Listed, *, at: datetime) -> None:
    forget_beside(kind, [record.pk], at=at)
    Merge.objects.filter(record_type=kind.key, kept=record.pk).delete()
    if isinstance(record, Record):
        forget_shares(kind=kind.key, record=record.pk)
    keep_fields(f"purge_{kind.key}", record, {}, by=None, at=at)
    _let_go(kind, record)
    record.delete()


def forget_beside(kind: RecordType, keys: Sequence[int], *, at: datetime) -> None:
    """Let go of what is kept of records that are removed for good, here and in other rooms: few statements for many."""
    emit(RecordsPurged(record_type=kind.key, records=tuple(keys), at=at))
    for beside in (FieldChange, MatchKey, PoolDue, PoolMove):
        beside.objects.filter(record_type=kind.key, record__in=keys).delete()
    pairs = DuplicatePair.objects.filter(record_type=kind.key)
    pairs.filter(low__in=keys).delete()
    pairs.filter(high__in=keys).delete()


def _let_go(kind: RecordType, record: Listed) -> None:
    """Remove what stands beside a record: its tasks, notes and attachments."""
    if isinstance(record, Deal | Account | Contact | Lead):
        record.tasks.all().delete()
    Note.objects.filter(record_type=kind.key, record=record.pk).delete()
    let_go(kind.key, record.pk)


def _merged_into(record: Listed) -> list[Listed]:
    """Return what was merged into `record`, the furthest first."""
    found: list[Listed] = []
    for each in type(record).with_deleted.filter(merged_into=record.pk).order_by("pk"):
        found += [*_merged_into(each), each]
    return found


def _save(record: Listed) -> None:
    record.version += 1
    record.save(update_fields=["deleted_at", "deleted_by", "version"])
    tell_of(record)


def _require_unused(record: Listed) -> None:
    match record:
        case Account():
            if record.deals.exists() or record.contacts.exists() or record.children.exists():
                raise RecordInUse(
                    name=record.name,
                    zh="还有商机、联系人或下级公司，请先移走或删除它们。",
                    en="it has deals, contacts or companies below it. Move or delete these first.",
                )
        case Contact():
            if record.deals.filter(deal__status=Deal.Status.OPEN, deal__deleted_at=None).exists():
                raise RecordInUse(
                    name=record.name,
                    zh="是在途商机的关键人，请先在商机中移除。若已离职，请标记为离职。",
                    en="an open deal counts on this person. Take them out of it first, or note that they left.",
                )
        case Product():
            if record.in_deals.exists():
                raise RecordInUse(
                    name=record.name,
                    zh="商机中用到了它，请改为停售。",
                    en="deals are about it. Take it off sale instead.",
                )


def _still_needed(record: Listed) -> bool:
    """Whether something that is not purged yet hangs on it."""
    match record:
        case Account():
            return (
                Deal.with_deleted.filter(account=record).exists()
                or Contact.with_deleted.filter(account=record).exists()
                or Account.with_deleted.filter(parent=record).exists()
                or Lead.with_deleted.filter(account=record).exists()
            )
        case Contact():
            return record.deals.exists() or Lead.with_deleted.filter(contact=record).exists()
        case Deal():
            return Lead.with_deleted.filter(deal=record).exists()
        case _:
            return False
