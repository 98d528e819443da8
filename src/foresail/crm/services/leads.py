"""Leads are taken up, converted into an account with a contact and perhaps a deal, or discarded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from foresail.core.events import emit
from foresail.crm.errors import ContactElsewhere, LeadEnded, TextInvalid
from foresail.crm.events import HappenedTo
from foresail.crm.fields import SOURCES
from foresail.crm.models import Account, Contact, Deal, Lead, Pipeline
from foresail.crm.services.adding import add_account, add_contact
from foresail.crm.services.changing import hold, note, require_change, tell_of
from foresail.crm.services.deals import open_deal, set_deal_contact
from foresail.crm.services.permission import require
from foresail.crm.services.pool import note_claim
from foresail.crm.services.telling import actor, keep
from foresail.crm.services.values import LABELS, plain
from foresail.people.rules import Action

if TYPE_CHECKING:
    from foresail.people.models import User

LONGEST_REASON: Final = 300
_CARRIED: Final = ("name", "title", "email", "phone")
"""What of a lead becomes the contact's, where nothing else is said."""


@dataclass(frozen=True, kw_only=True)
class Converted:
    account: Account
    contact: Contact
    deal: Deal | None


def take_up_lead(*, lead: Lead, by: User, at: datetime) -> None:
    """Begin to work on `lead`; one that nobody has becomes one's own. Twice is once. Raises NotAllowed or LeadEnded."""
    with transaction.atomic():
        _hold_living(lead, by=by)
        was: dict[str, tuple[Any, Any]] = {}
        if lead.status != Lead.Status.WORKING:
            was["status"] = lead.status, Lead.Status.WORKING.value
            lead.status = Lead.Status.WORKING.value
        if lead.owner_id is None:
            was |= {"owner": (None, by.pk), "team": (lead.team_id, by.team_id)}
            lead.owner, lead.team_id = by, by.team_id
            note_claim(record=lead, by=by, at=at)
        if not was:
            return
        _save(lead, *was, was=was, at=at, by=by)
        _tell_of(lead, "lead_taken_up", by=by, at=at)
        told = {"status": lead.status, "owner": lead.owner_id}
        keep("take_up_lead", lead, told, by=by, at=at)


def discard_lead(*, lead: Lead, reason: str, by: User | None, at: datetime) -> None:
    """Give `lead` up, and say why. Raises NotAllowed, LeadEnded or TextInvalid."""
    with transaction.atomic():
        _hold_living(lead, by=by)
        reason = plain(reason)
        if not 0 < len(reason) <= LONGEST_REASON:
            raise TextInvalid(zh=LABELS["reason"], en="reason", longest=LONGEST_REASON)
        was = {"status": (lead.status, Lead.Status.DISCARDED.value), "reason": (None, reason)}
        lead.status, lead.reason, lead.ended_at = Lead.Status.DISCARDED.value, reason, at
        _save(lead, "status", "reason", "ended_at", was=was, at=at, by=by)
        _tell_of(lead, "lead_discarded", by=by, at=at)
        keep("discard_lead", lead, {"status": lead.status}, by=by, at=at)


def convert_lead(
    *,
    lead: Lead,
    account: Account | None = None,
    account_values: Mapping[str, Any] | None = None,
    contact: Contact | None = None,
    contact_values: Mapping[str, Any] | None = None,
    pipeline: Pipeline | None = None,
    deal_values: Mapping[str, Any] | None = None,
    role: str | None = None,
    by: User | None,
    at: datetime,
) -> Converted:
    """Make of `lead` an account (the given one, else a new one), a contact (the same), and with a `pipeline` a deal.

    All of it or nothing. The new ones belong to whom the lead belongs to; `role` is what the contact is to the deal.
    Raises NotAllowed, LeadEnded, ContactElsewhere, and for each value its own.
    """
    with transaction.atomic():
        _hold_living(lead, by=by)
        owner = lead.owner or by
        team = lead.team or (owner.team if owner else None)
        if account is None:
            name = {"name": lead.company or lead.name}
            account = add_account(
                line=lead.line, owner=owner, team=team, by=by, at=at, **(name | dict(account_values or {}))
            )
        if contact is None:
            carried = {key: getattr(lead, key) for key in _CARRIED if getattr(lead, key)}
            contact = add_contact(account=account, by=by, at=at, **(carried | dict(contact_values or {})))
        elif contact.account_id != account.pk:
            raise ContactElsewhere(contact=contact.name)
        else:
            require(Action.CHANGE, contact, by=by)
        deal = None
        if pipeline is not None:
            deal = open_deal(
                account=account, pipeline=pipeline, owner=owner, team=team, facts=_facts(lead), by=by, at=at,
                **({"name": account.name} | dict(deal_values or {})),
            )  # fmt: skip
            if role:
                set_deal_contact(deal=deal, contact=contact, role=role, by=by, at=at)
        was: dict[str, tuple[Any, Any]] = {
            "status": (lead.status, Lead.Status.CONVERTED.value),
            "account": (None, account.pk),
            "contact": (None, contact.pk),
        }
        if deal:
            was["deal"] = None, deal.pk
        lead.status, lead.ended_at = Lead.Status.CONVERTED.value, at
        lead.account, lead.contact, lead.deal = account, contact, deal
        _save(lead, "status", "ended_at", "account", "contact", "deal", was=was, at=at, by=by)
        _tell_of(lead, "lead_converted", by=by, at=at)
        told = {"account": account.pk, "contact": contact.pk, "deal": deal and deal.pk}
        keep("convert_lead", lead, told, by=by, at=at)
        return Converted(account=account, contact=contact, deal=deal)


def _tell_of(lead: Lead, kind: str, *, by: User | None, at: datetime) -> None:
    emit(
        HappenedTo(
            record_type="lead", record=lead.pk, account=lead.account_id, kind=kind, actor=actor(by), at=at
        )
    )


def _hold_living(lead: Lead, *, by: User | None) -> None:
    hold(lead)
    require_change(lead, by=by)
    if lead.ended_at is not None:
        raise LeadEnded(lead=lead.name)


def _save(
    lead: Lead, *changed: str, was: Mapping[str, tuple[Any, Any]], by: User | None, at: datetime
) -> None:
    lead.version += 1
    lead.changed_at = at
    lead.save(update_fields=[*changed, "version", "changed_at"])
    note(lead, was, by=by, at=at)
    tell_of(lead)


def _facts(lead: Lead) -> dict[str, str]:
    """Return what is known of a deal that begins as this lead."""
    source = next((each.zh for each in SOURCES if each.key == lead.source), None)
    return {"source": source} if source else {}
