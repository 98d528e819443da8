"""Accounts, and the contacts who work for them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from foresail.core.events import emit
from foresail.crm.errors import ContactHasLeft
from foresail.crm.events import ContactLeft
from foresail.crm.models import Account, Contact, Deal
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
    """Note that `contact` left the account at `at`. Roles in deals stay for the record. Raises NotAllowed, ContactHasLeft."""
    with transaction.atomic():
        hold(contact)
        require(Action.CHANGE, contact, by=by)
        if contact.left_at is not None:
            raise ContactHasLeft(contact=contact.name)
        contact.left_at, contact.left_reason = at, reason
        contact.version += 1
        contact.changed_at = at
        contact.save(update_fields=["left_at", "left_reason", "version", "changed_at"])
        note(contact, {"left_at": (None, at.isoformat())}, by=by, at=at)
        deals = tuple(
            Deal.objects.filter(people__contact=contact, status=Deal.Status.OPEN)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        emit(ContactLeft(contact=contact.pk, account=contact.account_id, deals=deals, actor=actor(by), at=at))
        tell_of(contact)
        if deals:
            tell_of_deal(*deals)
        keep_contact("contact_left", contact, {"left_at": at}, by=by, at=at)


def _edits(values: dict[str, Any]) -> dict[str, Edit]:
    return {name: Edit(value) for name, value in values.items() if value is not KEEP}
