"""One box that finds records of every kind, by a few letters of what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from foresail.core.search import wanted
from foresail.crm.fields import ACCOUNT, CONTACT, DEAL, LEAD, PRODUCT, RecordType
from foresail.crm.models import Account, Contact, Deal, Lead, Product
from foresail.crm.queries.listing import found_by, visible
from foresail.crm.queries.records import SHOWN, sought
from foresail.crm.sight import Sight

if TYPE_CHECKING:
    from foresail.people.models import User

MOST: Final = 50
MANY: Final = 200
"""So many deals are found and sorted. Of more, the latest are on top of an index; of fewer, it would be walked in vain."""
LATEST: Final = ("-opened_at", "-pk")


@dataclass(frozen=True, kw_only=True)
class Found:
    accounts: Sequence[Account] = ()
    contacts: Sequence[Contact] = ()
    deals: Sequence[Deal] = ()
    leads: Sequence[Lead] = ()
    products: Sequence[Product] = ()


def search(*, user: User, q: str, limit: int = 6) -> Found:
    """Return what `user` may see and `q` finds: by characters, words, pinyin, initials or numbers.

    At most `limit` of each; names that begin with `q` come first, and among deals those that are open. What is
    off sale, ended or gone comes last.
    """
    q, limit = sought(q), min(max(limit, 1), MOST)
    if not q or not wanted(q):
        return Found()
    sight = Sight.of(user)
    begins = _first(name__istartswith=q)

    def some(kind: RecordType, *order: Any) -> list[Any]:
        found: QuerySet[Any] = visible(kind, user=user).filter(found_by(kind, q, sight))
        related = ("account",) if kind is CONTACT else ()
        return list(found.select_related(*related).order_by(*order)[:limit])

    def deals() -> list[Any]:
        found = visible(DEAL, user=user).filter(found_by(DEAL, q, sight))
        latest = found.select_related(*SHOWN).order_by(*LATEST)
        few = list(found.order_by().values_list("pk", flat=True)[: MANY + 1])
        if len(few) <= MANY:
            return list(latest.filter(pk__in=few).order_by(_first(status=Deal.Status.OPEN), *LATEST)[:limit])
        still = list(latest.filter(status=Deal.Status.OPEN)[:limit])
        return still + list(latest.filter(~Q(status=Deal.Status.OPEN))[: limit - len(still)])

    still_there = F("left_at").asc(nulls_first=True)
    living = F("ended_at").asc(nulls_first=True)
    return Found(
        accounts=some(ACCOUNT, begins, "name", "pk"),
        contacts=some(CONTACT, begins, still_there, "name", "pk"),
        deals=deals(),
        leads=some(LEAD, begins, living, "name", "pk"),
        products=some(PRODUCT, begins, "-active", "name", "pk"),
    )


def _first(**condition: object) -> Case:
    """Return what sorts records that meet `condition` before the others."""
    return Case(When(**condition, then=Value(0)), default=Value(1), output_field=IntegerField())
