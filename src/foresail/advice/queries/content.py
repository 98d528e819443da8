"""What there is to send, and what of it was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Q

from foresail.advice.models import Asset, AssetSent
from foresail.core.errors import NotFound
from foresail.crm import queries as crm
from foresail.signals.queries import Opening, openings
from foresail.signals.services import token_of

if TYPE_CHECKING:
    from foresail.crm.models import Contact, Deal
    from foresail.people.models import User

MOST: Final = 500


@dataclass(frozen=True, kw_only=True)
class SentRow:
    """What was sent; `token` is there for who sent it. `opening` is None where none is known of."""

    sent: AssetSent
    contact: Contact | None
    opening: Opening | None
    token: str | None


@dataclass(frozen=True, kw_only=True)
class Tally:
    """In how many deals something was sent, and in how many of these it is known to have been opened."""

    deals: int = 0
    opened: int = 0


def asset(*, key: int) -> Asset:
    """Return one. Whoever is signed in may see the library. Raises NotFound."""
    found = Asset.objects.select_related("owner").filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def assets(
    *,
    q: str = "",
    language: str | None = None,
    persona: str | None = None,
    stage: str | None = None,
    topic: str | None = None,
    competitor: str | None = None,
    industry: str | None = None,
    active: bool | None = True,
) -> Sequence[Asset]:
    """Return what fits, the latest change first, at most MOST. What an asset does not name, it is for all of."""
    found = Asset.objects.select_related("owner").order_by("-changed_at", "-pk")
    if active is not None:
        found = found.filter(active=active)
    if wanted := " ".join(q.split()):
        found = found.filter(Q(title__icontains=wanted) | Q(summary__icontains=wanted))
    if language is not None:
        found = found.filter(language=language)
    lists = {
        "personas": persona,
        "stages": stage,
        "topics": topic,
        "competitors": competitor,
        "industries": industry,
    }
    for name, value in lists.items():
        if value is not None:
            found = found.filter(Q(**{name: []}) | Q(**{f"{name}__contains": [value]}))
    return list(found[:MOST])


def tallies(*, user: User) -> Mapping[int, Tally]:
    """Return by asset what `user` may see of what was sent. Three queries."""
    sent = AssetSent.objects.filter(deal__in=crm.visible_deals(user=user))
    deals = dict(sent.order_by().values_list("asset").annotate(Count("deal", distinct=True)))
    links = {link: (key, deal) for link, key, deal in sent.values_list("link", "asset", "deal")}
    opened = Counter(key for key, _ in {links[link] for link in openings(links)})
    return {key: Tally(deals=count, opened=opened[key]) for key, count in deals.items()}


def sent_in(*, deal: Deal, user: User) -> Sequence[SentRow]:
    """Return what was sent in a deal, for who may see it, the last first."""
    found = AssetSent.objects.filter(deal=deal.pk).select_related("asset", "by", "link__contact")
    rows = list(found.order_by("-at", "-pk")[:MOST])
    opened = openings([row.link_id for row in rows])
    return [
        SentRow(
            sent=row,
            contact=row.link.contact,
            opening=opened.get(row.link_id),
            token=token_of(row.link) if row.by_id == user.pk else None,
        )
        for row in rows
    ]
