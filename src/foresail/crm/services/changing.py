"""Records change field by field: who began from an older value is told, what was is kept, and can be brought back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import QuerySet

from foresail.core.errors import NotFound, Refusal
from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.crm.errors import (
    DealClosed,
    FieldConflict,
    FieldReserved,
    FieldUnknown,
    TooMany,
    ValueInvalid,
)
from foresail.crm.events import DealAmended, OwnersChanged
from foresail.crm.fields import CONTACT, Field, Kind, RecordType, fields_of, to_json, type_of
from foresail.crm.matched import FIELDS, index
from foresail.crm.models import Account, Contact, Deal, FieldChange, Listed, Record
from foresail.crm.services.bulk import copy_rows, rows_to_write, update_rows
from foresail.crm.services.permission import require, require_configuring
from foresail.crm.services.telling import actor, keep, person_key, tell_of_deal
from foresail.crm.services.typed import typed
from foresail.crm.sight import Sight
from foresail.crm.words import keys_of_record
from foresail.people.rules import Action

if TYPE_CHECKING:
    from foresail.people.models import User

MOST_AT_ONCE: Final = 1_000
OPEN_WHEN_CLOSED: Final = frozenset({"tags", "owner", "team"})
"""What may change of a deal that has ended."""


class Unknown(Enum):
    """Says that nobody told from which value an edit began."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True)
class Edit:
    """What a field shall be, and what it was when the editor began; both as JSON has them."""

    value: Any
    known: Any = UNKNOWN


@dataclass(kw_only=True)
class Batch:
    """What changing or undoing many came to: `refused` says by record why not, `names` what those are called."""

    id: uuid.UUID
    changed: list[int] = field(default_factory=list)
    refused: dict[int, Refusal] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def refuse(self, record: Listed, refusal: Refusal) -> None:
        """Leave `record` as it is, and keep what it is called."""
        self.refused[record.pk] = refusal
        self.names[record.pk] = str(getattr(record, "name", record))


def change_record(
    *,
    record: Listed,
    edits: Mapping[str, Edit],
    batch: uuid.UUID | None = None,
    by: User | None,
    at: datetime,
) -> None:
    """Change fields of one record by their keys.

    Raises NotAllowed, DealClosed, FieldUnknown, FieldReserved, ValueInvalid, or FieldConflict where a field is no
    longer what the editor began from.
    """
    kind = type_of(record)
    with transaction.atomic():
        hold(record)
        require_change(record, by=by)
        if isinstance(record, Deal) and record.status != Deal.Status.OPEN and set(edits) - OPEN_WHEN_CLOSED:
            raise DealClosed(deal=record.name)
        fields, sight = fields_of(kind), Sight.of(by)
        wanted: dict[str, Any] = {}
        conflicts: list[Field] = []
        for key, edit in edits.items():
            found = fields.get(key)
            if found is None or not sight.shows(kind, found, record):
                raise FieldUnknown(zh=kind.zh, en=kind.en, field=key)
            if not sight.may_change(kind, found, record):
                raise FieldReserved(zh=found.zh, en=found.en)
            wanted[key] = typed(found, edit.value, kind=kind, by=by, was=found.value_of(record))
            now = to_json(found.value_of(record))
            if (
                edit.known is not UNKNOWN
                and not is_same(found, edit.known, now)
                and not is_same(found, edit.value, now)
            ):
                conflicts.append(found)
        if conflicts:
            raise _conflict(kind, record, conflicts)
        if isinstance(record, Account) and wanted.get("parent"):
            _require_above(record, wanted["parent"], fields["parent"])
        amend(record, wanted, fields=fields, batch=batch, by=by, at=at)


def change_many(
    *, kind: RecordType, found: QuerySet[Any], edits: Mapping[str, Edit], by: User | None, at: datetime
) -> Batch:
    """Change the same fields of many records, as one batch that can be undone. Those that refuse are told of.

    Raises TooMany, FieldUnknown, FieldReserved or ValueInvalid, before any is changed.
    """
    records = within_limit(found)
    fields = fields_of(kind)
    for key, edit in edits.items():
        if key not in fields:
            raise FieldUnknown(zh=kind.zh, en=kind.en, field=key)
        typed(fields[key], edit.value, kind=kind, by=by)
    batch = Batch(id=uuid.uuid4())
    with transaction.atomic():
        for record in records:
            attempt(batch, record, lambda record=record: change_record(  # type: ignore[misc]
                record=record, edits=edits, batch=batch.id, by=by, at=at
            ))  # fmt: skip
    return batch


def amend(
    record: Listed,
    wanted: Mapping[str, Any],
    *,
    fields: Mapping[str, Field] | None = None,
    verb: str = "",
    batch: uuid.UUID | None = None,
    undoes: FieldChange | None = None,
    by: User | None,
    at: datetime,
) -> dict[str, Any]:
    """Put the values `wanted`, by the keys of fields, onto a record that is held; return what differs, as JSON.

    The one place where fields of records change: version, search words, history, events, notices and the audit
    trail follow from here.
    """
    kind = type_of(record)
    fields = fields or fields_of(kind)
    changed, columns = put(record, wanted, fields=fields, at=at)
    if not changed:
        return {}
    record.save(update_fields=sorted(columns))
    _find_anew(kind, {record.pk: changed}, [record])
    note(record, changed, batch=batch, undoes=undoes, by=by, at=at)
    tell_of(record)
    if isinstance(record, Deal):
        emit(
            DealAmended(
                deal=record.pk, account=record.account_id, changed=tuple(changed), actor=actor(by), at=at
            )
        )
    if "owner" in changed and kind is not CONTACT:
        hands = ((record.pk, *changed["owner"]),)
        emit(OwnersChanged(record_type=kind.key, changes=hands, actor=actor(by), at=at))
    told = {key: after for key, (_, after) in changed.items()}
    keep_fields(verb or f"change_{kind.key}", record, told, fields=fields, by=by, at=at)
    return told


def put(
    record: Listed, wanted: Mapping[str, Any], *, fields: Mapping[str, Field], at: datetime
) -> tuple[dict[str, tuple[Any, Any]], set[str]]:
    """Put values onto a record that is held, not saved yet; return what differs, before and after as JSON, and the
    columns to save: version and search words among them.
    """
    changed: dict[str, tuple[Any, Any]] = {}
    columns = {"version", "changed_at"}
    for key, value in wanted.items():
        found = fields[key]
        before, after = to_json(found.value_of(record)), to_json(value)
        after = None if after == "" else after
        if before == after or (found.kind is Kind.TAGS and (before or []) == (after or [])):
            continue
        changed[key] = before, after
        if found.custom:
            record.custom = {**record.custom, key: after}
            if after is None:
                del record.custom[key]
            columns.add("custom")
        else:
            setattr(record, found.column, value)
            columns.add(found.column)
    if changed:
        record.version += 1
        record.changed_at = at
        words = keys_of_record(record)
        if words != record.keys:
            record.keys = words
            columns.add("keys")
    return changed, columns


def amend_many(
    wanted: Sequence[tuple[Listed, Mapping[str, Any]]],
    *,
    kind: RecordType,
    fields: Mapping[str, Field],
    batch: uuid.UUID,
    by: User | None,
    at: datetime,
) -> dict[int, dict[str, tuple[Any, Any]]]:
    """Change many records of one kind that are held, in few statements; return by key what changed.

    As `amend`, but for the caller to emit events and to tell the audit trail, once for all.
    """
    done: dict[int, dict[str, tuple[Any, Any]]] = {}
    touched: list[Listed] = []
    columns = {"keys"}
    for record, values in wanted:
        changed, names = put(record, values, fields=fields, at=at)
        if changed:
            done[record.pk] = changed
            touched.append(record)
            columns |= names
    save_many(kind.model, touched, columns=columns)
    history = [
        (kind.key, key, name, _as_json(before), _as_json(after), actor(by), at, batch)
        for key, changed in done.items()
        for name, (before, after) in changed.items()
    ]
    kept = ("record_type", "record", "field", "before", "after", "actor_id", "at", "batch")
    copy_rows(FieldChange, kept, history)
    _find_anew(kind, done, touched)
    return done


def _find_anew(kind: RecordType, changed: Mapping[int, Mapping[str, Any]], records: Sequence[Listed]) -> None:
    """Let search and the matching of duplicates follow what changed of `records`, and what is found by their names."""
    named = [each for each in records if isinstance(each, Account) and "name" in changed[each.pk]]
    for account in named:
        _find_deals_anew(account)
    if named:
        index(CONTACT, list(Contact.objects.filter(account__in=named).values_list("pk", flat=True)))
    if kind.key in FIELDS:
        matched = set(FIELDS[kind.key].values())
        if keys := [key for key, fields in changed.items() if matched.intersection(fields)]:
            index(kind, keys)


def _as_json(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def save_many(model: type[Listed], records: Sequence[Listed], *, columns: Collection[str]) -> None:
    """Save fields of many records in one statement."""
    saved = [each for each in model._meta.concrete_fields if each.name in columns]  # noqa: SLF001  # documented by Django
    rows = rows_to_write([model._meta.pk, *saved], records)  # noqa: SLF001
    update_rows(model, [str(field.column) for field in saved], list(rows))


def note(
    record: Listed,
    changed: Mapping[str, tuple[Any, Any]],
    *,
    batch: uuid.UUID | None = None,
    undoes: FieldChange | None = None,
    by: User | None,
    at: datetime,
) -> None:
    """Keep in the record's history that fields had another value: before and after, as JSON."""
    batch = batch or uuid.uuid4()
    FieldChange.objects.bulk_create(
        FieldChange(
            record_type=type_of(record).key,
            record=record.pk,
            field=key,
            before=before,
            after=after,
            actor=by,
            at=at,
            batch=batch,
            undoes=undoes,
        )
        for key, (before, after) in changed.items()
    )


def keep_fields(
    verb: str,
    record: Listed,
    values: Mapping[str, Any],
    *,
    fields: Mapping[str, Field] | None = None,
    by: User | None,
    at: datetime,
) -> None:
    """Tell the audit trail of values by field. Long texts are named only; what is about a person can be erased."""
    kind = type_of(record)
    fields = fields or fields_of(kind)
    told = {
        key: "…" if key in fields and fields[key].kind is Kind.LONG_TEXT and value else value
        for key, value in values.items()
    }
    texts = {Kind.TEXT, Kind.LONG_TEXT, Kind.TAGS}
    personal = [key for key in told if kind.personal and (key not in fields or fields[key].kind in texts)]
    keep(
        verb, record, told, personal=personal, person=person_key(record) if personal else None, by=by, at=at
    )  # fmt: skip


def hold(record: Listed) -> None:
    """Read `record` anew, and let nobody else change it before the commit. Raises NotFound where it is in the bin."""
    model = type(record)
    try:
        record.refresh_from_db(from_queryset=model.objects.select_for_update(no_key=True))
    except model.DoesNotExist as error:
        raise NotFound from error


def require_change(record: Listed, *, by: User | None) -> None:
    """Raise NotAllowed unless `by` may change `record`; what belongs to nobody, sales operations changes."""
    if isinstance(record, Record):
        require(Action.CHANGE, record, by=by)
    else:
        require_configuring(by=by)


def require_delete(record: Listed, *, by: User | None) -> None:
    """Raise NotAllowed unless `by` may delete `record`; what belongs to nobody, sales operations deletes."""
    if isinstance(record, Record):
        require(Action.DELETE, record, by=by)
    else:
        require_configuring(by=by)


def tell_of(record: Listed) -> None:
    """Let pages that show `record`, or a list of its kind, load again."""
    match record:
        case Deal():
            tell_of_deal(record.pk)
        case Contact():
            tell("account", record.account_id)
            tell("contact", record.pk)
            tell("contacts", 0)
        case _:
            kind = type_of(record).key
            tell(kind, record.pk)
            tell(f"{kind}s", 0)


def within_limit(found: QuerySet[Any]) -> list[Any]:
    """Return the records that a verb for many takes. Raises TooMany."""
    records = list(found.order_by("pk")[: MOST_AT_ONCE + 1])
    if len(records) > MOST_AT_ONCE:
        raise TooMany(most=MOST_AT_ONCE)
    return records


def attempt(batch: Batch, key: Listed | int, verb: Callable[[], None]) -> None:
    """Do `verb` to one of many; where it refuses, the others go on."""
    pk = key if isinstance(key, int) else key.pk
    try:
        with transaction.atomic():
            verb()
        if pk not in batch.changed:
            batch.changed.append(pk)
    except Refusal as refusal:
        if isinstance(key, int):
            batch.refused[pk] = refusal
        else:
            batch.refuse(key, refusal)


def is_same(field: Field, one: Any, other: Any) -> bool:
    """Whether two values as JSON are the same value of `field`; nothing entered is one value."""
    if field.kind in {Kind.NUMBER, Kind.MONEY}:
        one, other = (_number(value) for value in (one, other))
    elif field.kind is not Kind.BOOL:
        one, other = one or None, other or None
    return bool(one == other)


def _number(value: Any) -> Decimal | None:
    try:
        return None if value is None or value == "" else Decimal(str(value))
    except InvalidOperation:
        return None


def _conflict(kind: RecordType, record: Listed, conflicts: Sequence[Field]) -> FieldConflict:
    latest = (
        FieldChange.objects.filter(
            record_type=kind.key, record=record.pk, field__in=[f.key for f in conflicts]
        )
        .select_related("actor")
        .order_by("-pk")
        .first()
    )
    who = latest.actor.name if latest and latest.actor else "先见"
    error = FieldConflict(
        who=who, zh="、".join(f"“{f.zh}”" for f in conflicts), en=", ".join(f.en for f in conflicts)
    )
    error.fields = {f.key: ("已被他人修改。", "Changed by somebody else.") for f in conflicts}
    return error


def _require_above(account: Account, parent: Account, field: Field) -> None:
    """Raise ValueInvalid where `parent` stands below `account`. Companies are locked, so two changes form no circle."""
    above: Account | None = parent
    while above is not None:
        if above.pk == account.pk:
            raise ValueInvalid(field, "circle")
        held = Account.with_deleted.select_for_update(no_key=True)
        above = held.filter(pk=above.parent_id).first() if above.parent_id else None


def _find_deals_anew(account: Account) -> None:
    deals: Collection[Deal] = Deal.with_deleted.filter(account=account).select_related("account")
    for deal in deals:
        deal.account = account
        deal.keys = keys_of_record(deal)
    Deal.with_deleted.bulk_update(deals, ["keys"], batch_size=500)
