"""Accounts, and the contacts who work for them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.crm.errors import ContactHasLeft
from foresail.crm.events import ContactLeft
from foresail.crm.models import Account, Contact, Deal
from foresail.crm.services.permission import require, require_active
from foresail.crm.services.telling import actor, keep, keep_contact, tell_of_deal
from foresail.crm.services.values import changes_of, short_of, text_of
from foresail.people.rules import Action
from foresail.people.services import KEEP
from foresail.people.services.users import Keep

if TYPE_CHECKING:
    from foresail.people.models import BusinessLine, Team, User


def add_account(
    *,
    name: str,
    line: BusinessLine,
    owner: User | None = None,
    team: Team | None = None,
    industry: str = "",
    region: str = "",
    domain: str = "",
    since: date | None = None,
    by: User | None,
    at: datetime,
) -> Account:
    """Add an account. Raises NotAllowed, OwnerInactive, TextInvalid or TextTooLong."""
    with transaction.atomic():
        account = Account(
            name=text_of(name, of="name", longest=200),
            industry=short_of(industry, of="industry", longest=100),
            region=short_of(region, of="region", longest=100),
            domain=short_of(domain, of="domain", longest=253),
            since=since,
            owner=owner,
            team=team,
            line=line,
        )
        require(Action.CHANGE, account, by=by)
        require_active(owner)
        account.save()
        tell("account", account.pk)
        values = {
            "name": account.name,
            "industry": account.industry,
            "region": account.region,
            "domain": account.domain,
            "since": since,
            "owner": account.owner_id,
            "team": account.team_id,
            "line": account.line_id,
        }
        keep("add_account", account, values, by=by, at=at)
        return account


def change_account(
    *,
    account: Account,
    name: str | Keep = KEEP,
    industry: str | Keep = KEEP,
    region: str | Keep = KEEP,
    domain: str | Keep = KEEP,
    since: date | Keep | None = KEEP,
    by: User | None,
    at: datetime,
) -> None:
    """Change what is given. Raises NotAllowed, TextInvalid or TextTooLong."""
    with transaction.atomic():
        account.refresh_from_db(from_queryset=Account.objects.select_for_update(no_key=True))
        require(Action.CHANGE, account, by=by)
        wanted = {
            "name": name if name is KEEP else text_of(name, of="name", longest=200),
            "industry": industry if industry is KEEP else short_of(industry, of="industry", longest=100),
            "region": region if region is KEEP else short_of(region, of="region", longest=100),
            "domain": domain if domain is KEEP else short_of(domain, of="domain", longest=253),
            "since": since,
        }
        changed = changes_of(account, wanted)
        if not changed:
            return
        account.save(update_fields=list(changed))
        tell("account", account.pk)
        keep("change_account", account, changed, by=by, at=at)


def add_contact(
    *,
    account: Account,
    name: str,
    title: str = "",
    email: str = "",
    phone: str = "",
    by: User | None,
    at: datetime,
) -> Contact:
    """Add a contact of `account`. Raises NotAllowed, TextInvalid or TextTooLong."""
    with transaction.atomic():
        account.refresh_from_db(from_queryset=Account.objects.select_for_update(no_key=True))
        require(Action.CHANGE, account, by=by)
        contact = Contact(
            account=account,
            name=text_of(name, of="name", longest=150),
            title=short_of(title, of="job title", longest=150),
            email=short_of(email, of="e-mail address", longest=254),
            phone=short_of(phone, of="phone number", longest=50),
            owner_id=account.owner_id,
            team_id=account.team_id,
            line_id=account.line_id,
        )
        contact.save()
        tell("account", account.pk)
        values = {"account": account.pk} | {
            field: getattr(contact, field) for field in ("name", "title", "email", "phone")
        }
        keep_contact("add_contact", contact, values, by=by, at=at)
        return contact


def change_contact(
    *,
    contact: Contact,
    name: str | Keep = KEEP,
    title: str | Keep = KEEP,
    email: str | Keep = KEEP,
    phone: str | Keep = KEEP,
    by: User | None,
    at: datetime,
) -> None:
    """Change what is given. Raises NotAllowed, TextInvalid or TextTooLong."""
    with transaction.atomic():
        contact.refresh_from_db(from_queryset=Contact.objects.select_for_update(no_key=True))
        require(Action.CHANGE, contact, by=by)
        wanted = {
            "name": name if name is KEEP else text_of(name, of="name", longest=150),
            "title": title if title is KEEP else short_of(title, of="job title", longest=150),
            "email": email if email is KEEP else short_of(email, of="e-mail address", longest=254),
            "phone": phone if phone is KEEP else short_of(phone, of="phone number", longest=50),
        }
        changed = changes_of(contact, wanted)
        if not changed:
            return
        contact.save(update_fields=list(changed))
        tell("account", contact.account_id)
        keep_contact("change_contact", contact, changed, by=by, at=at)


def contact_left(*, contact: Contact, by: User | None, at: datetime) -> None:
    """Note that `contact` left the account at `at`. Roles in deals stay for the record. Raises NotAllowed, ContactHasLeft."""
    with transaction.atomic():
        contact.refresh_from_db(from_queryset=Contact.objects.select_for_update(no_key=True))
        require(Action.CHANGE, contact, by=by)
        if contact.left_at is not None:
            raise ContactHasLeft(contact=contact.name)
        contact.left_at = at
        contact.save(update_fields=["left_at"])
        deals = tuple(
            Deal.objects.filter(people__contact=contact, status=Deal.Status.OPEN)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        emit(ContactLeft(contact=contact.pk, account=contact.account_id, deals=deals, actor=actor(by), at=at))
        tell("account", contact.account_id)
        if deals:
            tell_of_deal(*deals)
        keep_contact("contact_left", contact, {"left_at": at}, by=by, at=at)
