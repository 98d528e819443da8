"""A record begins: values by field, typed and permitted as they are when they change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from foresail.core.events import emit
from foresail.crm.currencies import house_currency
from foresail.crm.errors import CodeTaken, FieldReserved, FieldUnknown, ValueInvalid
from foresail.crm.events import OwnersChanged
from foresail.crm.fields import ACCOUNT, CONTACT, LEAD, PRODUCT, Field, RecordType, fields_of, to_json
from foresail.crm.matched import FIELDS, index
from foresail.crm.models import Account, Contact, Lead, Listed, Product
from foresail.crm.services.changing import hold, keep_fields, require_change, tell_of
from foresail.crm.services.permission import require_active
from foresail.crm.services.telling import actor
from foresail.crm.services.typed import typed
from foresail.crm.sight import Level, Sight
from foresail.crm.words import keys_of_record

if TYPE_CHECKING:
    from foresail.people.models import BusinessLine, Team, User


def add_account(
    *,
    line: BusinessLine,
    owner: User | None = None,
    team: Team | None = None,
    by: User | None,
    at: datetime,
    **values: Any,
) -> Account:
    """Add an account with `values` by field. Raises NotAllowed, OwnerInactive, FieldUnknown, FieldReserved or ValueInvalid."""
    account = Account(owner=owner, team=team, line=line)
    with transaction.atomic():
        require_active(owner)
        begin(ACCOUNT, account, values, by=by, at=at)
    return account


def add_contact(
    *, account: Account, previous: Contact | None = None, by: User | None, at: datetime, **values: Any
) -> Contact:
    """Add a contact of `account`, who may see whom the account's people see. Raises what `add_account` does.

    `previous` is the same person where they worked before.
    """
    with transaction.atomic():
        hold(account)
        require_change(account, by=by)
        contact = Contact(
            account=account,
            owner_id=account.owner_id,
            team_id=account.team_id,
            line_id=account.line_id,
            previous=previous,
        )
        begin(CONTACT, contact, values, by=by, at=at)
    return contact


def add_lead(
    *,
    line: BusinessLine,
    owner: User | None = None,
    team: Team | None = None,
    by: User | None,
    at: datetime,
    **values: Any,
) -> Lead:
    """Add a lead; without an owner it lies in the open pool of `line`. Raises what `add_account` does."""
    lead = Lead(owner=owner, team=team, line=line)
    with transaction.atomic():
        require_active(owner)
        begin(LEAD, lead, values, by=by, at=at)
    return lead


def add_product(*, by: User | None, at: datetime, **values: Any) -> Product:
    """Add a product. Raises NotAllowed unless `by` is sales operations, CodeTaken, FieldUnknown or ValueInvalid."""
    product = Product()
    code = values.get("code")
    try:
        with transaction.atomic():
            begin(PRODUCT, product, {"active": True, "currency": house_currency()} | values, by=by, at=at)
    except IntegrityError as error:
        raise CodeTaken(code=code) from error
    return product


def begin(
    kind: RecordType, record: Listed, values: Mapping[str, Any], *, by: User | None, at: datetime
) -> None:
    """Fill `record`, which says whose it is, ask for the right, and save it; told of as its beginning."""
    fill(kind, record, values, by=by, at=at)
    require_change(record, by=by)
    record.save(force_insert=True)
    if kind.key in FIELDS:
        index(kind, [record.pk])
    tell_of(record)
    if isinstance(record, Account | Lead) and record.owner_id is not None:
        hands = ((record.pk, None, record.owner_id),)
        emit(OwnersChanged(record_type=kind.key, changes=hands, actor=actor(by), at=at))
    fields = fields_of(kind)
    told = {key: to_json(fields[key].value_of(record)) for key in values if key in fields}
    whose = {name: getattr(record, f"{name}_id", None) for name in ("owner", "team", "line", "account")}
    keep_fields(f"add_{kind.key}", record, whose | told, fields=fields, by=by, at=at)


def fill(
    kind: RecordType, record: Listed, values: Mapping[str, Any], *, by: User | None, at: datetime
) -> None:
    """Put `values` onto a record that is not saved yet. Raises FieldUnknown, FieldReserved or ValueInvalid."""
    fields, sight = fields_of(kind), Sight.of(by)
    for key, raw in values.items():
        field = fields.get(key)
        if field is None or sight.level(kind, field) is Level.HIDDEN:
            raise FieldUnknown(zh=kind.zh, en=kind.en, field=key)
        if not field.changeable or sight.level(kind, field) is Level.READ:
            raise FieldReserved(zh=field.zh, en=field.en)
        _put(record, field, typed(field, raw, kind=kind, by=by))
    for field in fields.values():
        if field.required and field.changeable and field.value_of(record) is None:
            raise ValueInvalid(field, "required")
    record.created_at = record.changed_at = at
    record.created_by = by
    record.keys = keys_of_record(record)


def _put(record: Listed, field: Field, value: Any) -> None:
    if not field.custom:
        setattr(record, field.column, value)
    elif value is not None:
        record.custom[field.key] = to_json(value)
