"""Accounts, and the contacts who work for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from foresail.core.events import emit
from foresail.crm.errors import ContactHasLeft, ContactStays, EmployerSame
from foresail.crm.events import ContactLeft, HappenedTo
from foresail.crm.models import Account, Contact, Deal
from foresail.crm.services.adding import add_account, add_contact
from foresail.crm.services.changing import Edit, change_record, hold, note, tell_of
from foresail.crm.services.permission import require
from foresail.crm.services.telling import actor, keep_contact, tell_of_deal
from foresail.people.rules import Action
from foresail.people.services import KEEP

if TYPE_CHECKING:
    from foresail.people.models import User


def change_account(*, account: Account, by: User | None, at: datetime, **values: Any) -> None:
    """Change the fields that are given and not KEEP. Raises what `change_record` does."""
    change_record(record=account, edits=_edits(values), by=by, at=at)


def change_contact(*, contact: Contact, by: User | None, at: datetime, **values: Any) -> None:
    """Change the fields that are given and not KEEP. Raises what `change_record` does."""
    change_record(record=contact, edits=_edits(values), by=by, at=at)


def contact_left(*, contact: Contact, reason: str = "", by: User | None, at: datetime) -> None:
    """Note that `contact` left the account at `at`, and how it is known. Roles in deals stay for the record.

    Raises NotAllowed or ContactHasLeft, ValueError for an unknown reason.
    """
    reason = reason and Contact.LeftReason(reason).value
    with transaction.atomic():
        hold(contact)
        require(Action.CHANGE, contact, by=by)
        if contact.left_at is not None:
            raise ContactHasLeft(contact=contact.name)
        contact.left_at, contact.left_reason = at, reason
        contact.version += 1
        contact.changed_at = at
        contact.save(update_fields=["left_at", "left_reason", "version", "changed_at"])
        was: dict[str, tuple[Any, Any]] = {"left_at": (None, at.isoformat())}
        note(contact, was | ({"left_reason": (None, reason)} if reason else {}), by=by, at=at)
        deals = tuple(
            Deal.objects.filter(people__contact=contact, status=Deal.Status.OPEN)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        emit(ContactLeft(contact=contact.pk, account=contact.account_id, deals=deals, actor=actor(by), at=at))
        if not deals:
            emit(
                HappenedTo(
                    record_type="contact", record=contact.pk, account=contact.account_id, kind="contact_left",
                    actor=actor(by), at=at,
                )
            )  # fmt: skip
        tell_of(contact)
        if deals:
            tell_of_deal(*deals)
        keep_contact("contact_left", contact, {"left_at": at}, by=by, at=at)


def contact_stays(*, contact: Contact, by: User | None, at: datetime) -> None:
    """Take back that `contact` left: it was a mistake. Raises NotAllowed or ContactStays."""
    with transaction.atomic():
        hold(contact)
        require(Action.CHANGE, contact, by=by)
        if contact.left_at is None:
            raise ContactStays(contact=contact.name)
        was: dict[str, tuple[Any, Any]] = {"left_at": (contact.left_at.isoformat(), None)}
        if contact.left_reason:
            was["left_reason"] = contact.left_reason, None
        contact.left_at, contact.left_reason = None, ""
        contact.version += 1
        contact.changed_at = at
        contact.save(update_fields=["left_at", "left_reason", "version", "changed_at"])
        note(contact, was, by=by, at=at)
        tell_of(contact)
        deals = contact.deals.filter(deal__status=Deal.Status.OPEN).values_list("deal", flat=True)
        if deals:
            tell_of_deal(*deals)
        keep_contact("contact_stays", contact, {"left_at": None}, by=by, at=at)


def new_employer(
    *,
    contact: Contact,
    account: Account | None = None,
    account_values: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
    by: User | None,
    at: datetime,
) -> Contact:
    """Add the person that `contact` is once more, where they work now: at `account`, else at a new one.

    The new contact points to the old one, which is noted as having left where it was not yet. Name and mobile go
    along unless `values` says otherwise; title and address were the old employer's.
    Raises NotAllowed, EmployerSame, and for each value its own.
    """
    with transaction.atomic():
        hold(contact)
        require(Action.CHANGE, contact, by=by)
        if account is not None and account.pk == contact.account_id:
            raise EmployerSame(contact=contact.name)
        if contact.left_at is None:
            contact_left(contact=contact, reason=Contact.LeftReason.TOLD.value, by=by, at=at)
        if account is None:
            account = add_account(
                line=contact.line, owner=contact.owner or by, team=contact.team, by=by, at=at,
                **dict(account_values or {}),
            )  # fmt: skip
        carried = {"name": contact.name, "phone": contact.phone} | dict(values or {})
        return add_contact(account=account, previous=contact, by=by, at=at, **carried)


def _edits(values: dict[str, Any]) -> dict[str, Edit]:
    return {name: Edit(value) for name, value in values.items() if value is not KEEP}
