"""Whose an address, a domain or a company's name is: for what comes in from outside, where nobody asks for themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.db.models.functions import Lower

from foresail.crm.fields import ACCOUNT, CONTACT
from foresail.crm.merged import current_of
from foresail.crm.models import Account, Contact, FieldChange


class ContactPlace(NamedTuple):
    """A contact, where they work, and since when no more."""

    contact: int
    account: int
    left_at: datetime | None


def contacts_by_email(emails: Collection[str]) -> dict[str, list[ContactPlace]]:
    """Return who has one of `emails`, written in small letters, by that."""
    found: dict[str, list[ContactPlace]] = {}
    rows = Contact.objects.exclude(email="").annotate(lower=Lower("email"))
    rows = rows.filter(lower__among=list(emails))
    for email, *place in rows.order_by("pk").values_list("lower", *_PLACE):
        found.setdefault(email, []).append(ContactPlace(*place))
    return found


def gone_by_email(emails: Collection[str]) -> dict[str, set[int]]:
    """Return who had one of `emails`, written in small letters, and was merged away or lies in the bin, by that.

    Who was merged is who they were merged into.
    """
    rows = Contact.with_deleted.exclude(email="").exclude(deleted_at=None).annotate(lower=Lower("email"))
    had = list(rows.filter(lower__among=list(emails)).values_list("lower", "pk"))
    now = current_of(CONTACT, {key for _, key in had})
    found: dict[str, set[int]] = {}
    for email, key in had:
        found.setdefault(email, set()).add(now.get(key, key))
    return found


def accounts_by_domain(domains: Collection[str]) -> dict[str, list[int]]:
    """Return which accounts have one of `domains`, written in small letters, by that; with "www." before it as well."""
    wanted = {form: domain for domain in domains for form in (domain, f"www.{domain}")}
    found: dict[str, list[int]] = {}
    rows = Account.objects.annotate(lower=Lower("domain")).filter(lower__among=list(wanted))
    for domain, key in rows.order_by("pk").values_list("lower", "pk"):
        found.setdefault(wanted[domain], []).append(key)
    return found


def accounts_by_name(names: Collection[str]) -> dict[str, list[int]]:
    """Return which accounts are called exactly so."""
    found: dict[str, list[int]] = {}
    for name, key in Account.objects.filter(name__among=list(names)).order_by("pk").values_list("name", "pk"):
        found.setdefault(name, []).append(key)
    return found


def places_of(contacts: Collection[int]) -> dict[int, ContactPlace]:
    """Return where `contacts` are now, by key, those in the bin too; who was merged is who they were merged into."""
    into = current_of(CONTACT, contacts)
    rows = Contact.with_deleted.filter(pk__among=list(set(into.values()))).values_list(*_PLACE)
    now = {place[0]: ContactPlace(*place) for place in rows}
    return {key: now[there] for key, there in into.items() if there in now}


def contacts_since() -> dict[int, datetime]:
    """Return since when each contact is there, those in the bin too, by key."""
    return dict(Contact.with_deleted.values_list("pk", "created_at"))


def emails_of(contacts: Collection[int]) -> list[str]:
    """Return the addresses of `contacts`, those in the bin too, in small letters.

    With those they had before, which nobody else has now.
    """
    held = Contact.with_deleted.exclude(email="").annotate(lower=Lower("email"))
    now = set(held.filter(pk__among=list(contacts)).values_list("lower", flat=True))
    changes = FieldChange.objects.filter(
        record_type=CONTACT.key, record__among=list(contacts), field="email"
    ).exclude(before=None)
    before = {str(email).lower() for email in changes.values_list("before", flat=True)} - {"", *now}
    others = held.filter(lower__among=list(before)).exclude(pk__in=contacts)
    return sorted(now | before.difference(others.values_list("lower", flat=True) if before else ()))


def contacts_of_accounts(accounts: Collection[int]) -> dict[int, int]:
    """Return who works or worked at one of `accounts`, those in the bin too, and at which; of merged ones who they are now."""
    return dict(contacts_asked_of(accounts).values_list("pk", "account_id"))


def contacts_asked_of(accounts: Collection[int]) -> QuerySet[Contact]:
    """Return the same as a query, for rooms that ask their own tables about very many at once."""
    return Contact.with_deleted.filter(account__among=set(accounts), merged_into=None)


def accounts_now(accounts: Collection[int]) -> dict[int, int]:
    """Return into which account each of `accounts` was merged, itself where it was not."""
    return current_of(ACCOUNT, accounts)


_PLACE = ("pk", "account_id", "left_at")
