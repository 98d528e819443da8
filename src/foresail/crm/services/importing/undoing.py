"""An import is taken back: what it added goes for good, what it changed gets its earlier values, and no trace is left."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection, models, transaction

from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.crm.events import DealMoved, ManyTold, RecordsLeave
from foresail.crm.fields import ACCOUNT, PRODUCT, Kind, RecordType, fields_of, record_type, to_json
from foresail.crm.models import (
    Account,
    Attachment,
    Contact,
    Deal,
    DealContact,
    DealProduct,
    FieldChange,
    Import,
    ImportRow,
    Lead,
    Note,
    Product,
    Stage,
    Task,
)
from foresail.crm.services.binning import forget_beside
from foresail.crm.services.changing import amend_many, save_many
from foresail.crm.services.telling import actor
from foresail.crm.words import keys_of_record
from foresail.people.models import BusinessLine

AT_ONCE: Final = 4_000
MOST_TOLD: Final = 500
"""So many records that stay are named."""


def take_back(of: Import, *, at: datetime) -> int | None:
    """Take back one batch of rows, the last ones first, in one transaction; return how many, None once none are left.

    Contacts and deals go before the accounts that the same rows made.
    """
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=of.pk)
        if held.status != Import.Status.UNDOING:
            return None
        own = record_type(held.kind)
        for kind in (own, ACCOUNT) if own is not ACCOUNT else (ACCOUNT,):
            rows = list(
                held.outcomes.filter(kind=kind.key, action__in=["added", "updated"]).order_by("-row")[
                    :AT_ONCE
                ]
            )
            if rows:
                stayed = _take_back(held, kind, rows, at=at)
                held.stayed = [*held.stayed, *stayed][:MOST_TOLD]
                held.save(update_fields=["stayed"])
                ImportRow.objects.filter(pk__in=[row.pk for row in rows]).delete()
                tell("import", held.pk)
                return len(rows)
        return None


def _take_back(
    of: Import, kind: RecordType, rows: Sequence[ImportRow], *, at: datetime
) -> list[dict[str, Any]]:
    added = {row.record: row for row in rows if row.action == ImportRow.Action.ADDED and row.record}
    updated = {row.record: row for row in rows if row.action == ImportRow.Action.UPDATED and row.record}
    stayed = _remove(of, kind, added, at=at) if added else []
    stayed += _restore(of, kind, updated, at=at) if updated else []
    tell(kind.key, *(key for key in updated if key))
    tell(f"{kind.key}s", 0)
    return stayed


def _remove(
    of: Import, kind: RecordType, rows: Mapping[int, ImportRow], *, at: datetime
) -> list[dict[str, Any]]:
    """Remove for good what was added, but for what others changed or hang on."""
    model = kind.model
    found = {each.pk: each for each in model.with_deleted.select_for_update().filter(pk__in=list(rows))}
    staying: dict[int, tuple[str, str]] = {}
    for key, record in found.items():
        row = rows[key]
        if record.version != row.version:
            staying[key] = ("之后被修改过", "it was changed since")
    staying |= _needed(of, kind, [key for key in found if key not in staying])
    asked = RecordsLeave(
        record_type=kind.key, records=tuple(key for key in found if key not in staying), since=of.created_at
    )
    emit(asked)
    staying |= asked.staying
    going = [key for key in found if key not in staying]
    forget_beside(kind, going, at=at)
    if kind is ACCOUNT:
        Account.with_deleted.filter(pk__in=going, parent__isnull=False).update(parent=None)
    if model is Deal:
        _raw_delete(DealProduct, "deal_id", going)
        _raw_delete(DealContact, "deal_id", going)
    _raw_delete(model, "id", going)
    return [
        {"kind": kind.key, "record": key, "name": str(getattr(found[key], "name", key)), "zh": zh, "en": en}
        for key, (zh, en) in staying.items()
    ]


def _needed(of: Import, kind: RecordType, keys: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return which records something hangs on that does not go with them, and what."""
    found: dict[int, tuple[str, str]] = {}

    def hang(query: models.QuerySet[Any], by: str, zh: str, en: str) -> None:
        for key in query.filter(**{f"{by}__in": keys}).values_list(by, flat=True).distinct():
            found.setdefault(key, (zh, en))

    if kind is not PRODUCT:
        hang(Task.objects.all(), kind.key, "有任务", "it has tasks")
    for beside, zh, en in ((Note, "有备注", "it has notes"), (Attachment, "有附件", "it has attachments")):
        hang(beside.objects.filter(record_type=kind.key), "record", zh, en)
    match kind.model:
        case model if model is Account:
            hang(Deal.with_deleted.all(), "account", "名下有商机", "it has deals")
            hang(Contact.with_deleted.all(), "account", "名下有联系人", "it has contacts")
            hang(Lead.with_deleted.all(), "account", "有线索转化到它", "leads became it")
            same = of.outcomes.filter(kind=kind.key, action="added").values("record")
            hang(
                Account.with_deleted.exclude(pk__in=same), "parent", "有下级公司", "companies stand below it"
            )  # fmt: skip
        case model if model is Contact:
            hang(DealContact.objects.all(), "contact", "是商机的关键人", "deals count on this person")
            hang(Lead.with_deleted.all(), "contact", "有线索转化到它", "leads became it")
        case model if model is Deal:
            hang(DealContact.objects.all(), "deal", "有关键人", "people have roles in it")
            hang(Lead.with_deleted.all(), "deal", "有线索转化到它", "leads became it")
        case model if model is Product:
            hang(DealProduct.objects.all(), "product", "商机中用到了它", "deals are about it")
    return found


def _restore(
    of: Import, kind: RecordType, rows: Mapping[int, ImportRow], *, at: datetime
) -> list[dict[str, Any]]:
    """Give updated records their earlier values: all of it where nobody did anything since, else field by field."""
    fields = fields_of(kind, retired=True)
    held = kind.model.with_deleted.select_for_update(no_key=True, of=("self",))
    untouched: list[Any] = []
    columns = {"version", "changed_at", "keys"}
    partly: list[tuple[Any, dict[str, Any]]] = []
    stayed: list[dict[str, Any]] = []
    moved: list[DealMoved] = []
    for record in held.filter(pk__in=list(rows)).select_related(*kind.related):
        row = rows[record.pk]
        before = row.before or {"fields": {}}
        changes: dict[str, list[Any]] = before["fields"]
        back = {
            key: was for key, (was, now) in changes.items() if to_json(fields[key].value_of(record)) == now
        }
        if "stage" in back and isinstance(record, Deal):
            stage = Stage.objects.get(pk=back["stage"])
            moved.append(
                DealMoved(
                    deal=record.pk, account=record.account_id, stage_key=stage.key, actor=actor(of.by), at=at
                )
            )  # fmt: skip
        values = {key: _value(fields[key], was) for key, was in back.items()}
        if record.version == row.version and len(back) == len(changes):
            for key, value in values.items():
                field = fields[key]
                if field.custom:
                    record.custom = {k: v for k, v in record.custom.items() if k != key}
                    if back[key] is not None:
                        record.custom[key] = back[key]
                    columns.add("custom")
                else:
                    setattr(record, field.column, value)
                    columns.add(field.column)
            record.version = before["version"]
            record.changed_at = datetime.fromisoformat(before["changed_at"])
            record.keys = keys_of_record(record)
            untouched.append(record)
            continue
        partly.append((record, values))
        if kept := [fields[key] for key in changes if key not in back]:
            stayed.append(
                {
                    "kind": kind.key, "record": record.pk, "name": str(getattr(record, "name", record.pk)),
                    "zh": f"{'、'.join(f.zh for f in kept)}之后又被修改，保留现值",
                    "en": f"{', '.join(f.en for f in kept)} changed again since, and stay",
                }
            )  # fmt: skip
    save_many(kind.model, untouched, columns=columns)
    FieldChange.objects.filter(
        batch=of.batch, record_type=kind.key, record__in=[record.pk for record in untouched]
    ).delete()
    amend_many(partly, kind=kind, fields=fields, batch=of.batch, by=of.by, at=at)
    if kind is ACCOUNT:
        _find_deals_anew([record.pk for record in untouched])
    if moved:
        emit(ManyTold(events=tuple(moved), at=at))
    return stayed


def _find_deals_anew(accounts: Collection[int]) -> None:
    deals = list(Deal.with_deleted.filter(account__in=accounts).select_related("account"))
    changed = []
    for deal in deals:
        words = keys_of_record(deal)
        if words != deal.keys:
            deal.keys = words
            changed.append(deal)
    save_many(Deal, changed, columns={"keys"})


def _value(field: Any, was: Any) -> Any:
    """Return the value that a record kept, from what its history keeps of it."""
    if was is None:
        if field.custom:
            return None
        if field.kind is Kind.TAGS:
            return []
        return "" if field.kind in {Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE} else None
    if field.custom:
        return was
    match field.kind:
        case Kind.RECORD:
            return record_type(field.target).model.with_deleted.filter(pk=was).first()
        case Kind.STAGE:
            return Stage.objects.get(pk=was)
        case Kind.LINE:
            return BusinessLine.objects.filter(pk=was).first()
        case Kind.DATE:
            return datetime.fromisoformat(was).date()
        case Kind.MONEY | Kind.NUMBER:
            return Decimal(str(was))
        case _:
            return was


def _raw_delete(model: type[models.Model], column: str, keys: Sequence[int]) -> None:
    """Delete rows by a key, without reading them first."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {quote(model._meta.db_table)} WHERE {quote(column)} = ANY(%s)",  # noqa: S608, SLF001
            [list(keys)],
        )
