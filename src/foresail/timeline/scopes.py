"""What belongs on the timeline of an account, a contact or a lead, as far as somebody may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Q

from foresail.crm.queries import aliases, deals_of, record, record_type, visible_deals, visible_records
from foresail.timeline.parts import parts_of

if TYPE_CHECKING:
    from foresail.people.models import User


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which entries, and how the deals are called that they are of: all of them deals that the user may see."""

    entries: Q
    deals: Mapping[int, str]


def of_account(*, user: User, key: int) -> Scope:
    """What happened in its deals, and to itself, its people and the leads that became it. Raises NotFound."""
    record(record_type("account"), user=user, key=key)
    deals = dict(visible_deals(user=user).filter(account=key).values_list("pk", "name"))
    subjects = _subjects("account", key)
    for kind in ("contact", "lead"):
        of_it = visible_records(record_type(kind), user=user).filter(account=key)
        subjects += _subjects(kind, *of_it.values_list("pk", flat=True))
    return Scope(entries=Q(deal__in=list(deals)) | _itself(subjects), deals=deals)


def of_contact(*, user: User, key: int) -> Scope:
    """In what the contact took part, and what happened to them. Raises NotFound."""
    contact = record(record_type("contact"), user=user, key=key)
    parts = parts_of(key, user=user)
    roles = {role.deal_id for role in deals_of(user=user, contact=contact)}
    keys = roles | {deal for deal, _ in parts}
    deals = dict(visible_deals(user=user).filter(pk__in=keys).values_list("pk", "name"))
    known = aliases(record_type("contact"), key)
    left = Q(kind="contact_left", values__contact__in=known)
    shown = Q(deal__in=list(deals)) & (Q(ref__in=[ref for _, ref in parts]) | left)
    return Scope(entries=shown | _itself(_subjects("contact", key)), deals=deals)


def of_lead(*, user: User, key: int) -> Scope:
    """What happened to the lead, and then in the deal that it became. Raises NotFound."""
    lead = record(record_type("lead"), user=user, key=key)
    deals = dict(visible_deals(user=user).filter(pk=lead.deal_id).values_list("pk", "name"))
    return Scope(entries=Q(deal__in=list(deals)) | _itself(_subjects("lead", key)), deals=deals)


SCOPES: Final[Mapping[str, Callable[..., Scope]]] = {
    "account": of_account,
    "contact": of_contact,
    "lead": of_lead,
}


def _itself(subjects: list[str]) -> Q:
    """What happened to these records themselves, in no deal."""
    return Q(deal=None, subject__in=subjects)


def _subjects(kind: str, *keys: int) -> list[str]:
    """Return how entries name records, those too that were merged into them: entries are never rewritten."""
    model = record_type(kind).model.__name__
    return [f"crm.{model}:{key}" for key in aliases(record_type(kind), *keys)]
