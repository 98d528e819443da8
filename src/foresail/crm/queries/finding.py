"""One box that finds accounts, contacts and deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Case, IntegerField, Value, When

from foresail.crm.models import Account, Contact, Deal
from foresail.crm.queries.records import SHOWN, named, sought, visible_deals
from foresail.people.rules import Action, limited

if TYPE_CHECKING:
    from foresail.people.models import User

MOST: Final = 50


@dataclass(frozen=True, kw_only=True)
class Found:
    accounts: Sequence[Account] = ()
    contacts: Sequence[Contact] = ()
    deals: Sequence[Deal] = ()


def search(*, user: User, q: str, limit: int = 6) -> Found:
    """Return what `user` may see and `q` is a part of the name of, or the beginning of a deal's number.

    At most `limit` of each; names that begin with `q`, and open deals, come first.
    """
    q, limit = sought(q), min(max(limit, 1), MOST)
    if not q:
        return Found()
    begins = _first(name__istartswith=q)
    accounts = limited(Account.objects.filter(name__icontains=q), user=user, action=Action.SEE)
    contacts = limited(
        Contact.objects.filter(name__icontains=q).select_related("account"), user=user, action=Action.SEE
    )
    deals = visible_deals(user=user).filter(named(q)).select_related(*SHOWN)
    return Found(
        accounts=list(accounts.order_by(begins, "name", "pk")[:limit]),
        contacts=list(contacts.order_by(begins, "name", "pk")[:limit]),
        deals=list(deals.order_by(_first(status=Deal.Status.OPEN), "-opened_at", "-pk")[:limit]),
    )


def _first(**condition: object) -> Case:
    """Return what sorts records that meet `condition` before the others."""
    return Case(When(**condition, then=Value(0)), default=Value(1), output_field=IntegerField())
