"""The other door: what was said, for who may see the deal it belongs to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db.models import F, Q

from foresail.conversations.departing import nature_of
from foresail.conversations.models import Communication
from foresail.crm.queries import visible_deals
from foresail.timeline import queries as timeline
from foresail.timeline.excerpts import Excerpt
from foresail.timeline.schemas import EntryRow

if TYPE_CHECKING:
    from foresail.people.models import User

REF = "conversations.Communication"
MOST_PARTS: Final = 2_000
"""So many talks with one contact stand on their timeline, at most."""


def excerpts(keys: Collection[int], user: User) -> Mapping[int, Excerpt]:
    """Return title, text and people of the talks `keys`, as far as `user` may see their deals; timeline shows them."""
    found = Communication.objects.filter(pk__in=keys, deal__in=visible_deals(user=user))
    rows = found.values_list("pk", "title", "text", "contact__name", "contact__title")
    return {
        key: Excerpt(title=title, text=text, people=(f"{name} · {job}" if job else name,) if name else ())
        for key, title, text, name, job in rows
    }


def parts(contact: int, user: User) -> list[tuple[int, str]]:
    """Return deal and ref of the talks with `contact`, the latest, in deals that `user` may see; timeline shows them."""
    found = Communication.objects.filter(contact=contact, deal__in=visible_deals(user=user))
    rows = found.order_by("-at", "-pk").values_list("deal", "pk")[:MOST_PARTS]
    return [(deal, f"{REF}:{key}") for deal, key in rows]


def entry_of(*, communication: Communication, user: User) -> EntryRow:
    """Return the timeline's entry of a talk, for who may see its deal. Raises NotFound."""
    return timeline.entry_of_ref(user=user, deal=communication.deal_id, ref=f"{REF}:{communication.pk}")


class Heard(NamedTuple):
    """That a contact wrote, or took part in a talk in person."""

    deal: int
    contact: int
    at: datetime
    known_at: datetime


def heard_from(*, deals: Collection[int], known_by: datetime) -> list[Heard]:
    """Return when contacts were heard of in `deals`, as known at `known_by`, in order of time.

    Left out are those who had left by the time of the talk, and what no person wrote. A plain read for higher rooms.
    """
    theirs = Q(direction=Communication.Direction.IN) | Q(channel__in=["call", "meeting", "visit"])
    found = Communication.objects.filter(
        theirs, deal__among=list(deals), known_at__lte=known_by, contact__isnull=False
    )
    found = found.exclude(contact__left_at__lte=F("at")).order_by("at", "pk")
    rows = found.values_list("deal", "contact", "at", "known_at", "channel", "direction", "title", "text")
    return [
        Heard(deal, contact, at, known_at)
        for deal, contact, at, known_at, channel, direction, title, text in rows.iterator()
        if not nature_of(channel=channel, direction=direction, title=title, text=text)
    ]


class Talk(NamedTuple):
    """A talk as higher rooms read it. `ref` is how its entry on the timeline names it."""

    ref: str
    deal: int
    account: int
    channel: str
    direction: str
    title: str
    text: str
    at: datetime
    known_at: datetime
    author: int | None
    contact: int | None


def talks(*, deals: Collection[int], since: datetime, known_by: datetime) -> list[Talk]:
    """Return what was said in `deals` from `since` on, as known at `known_by`, in order of time.

    Left out are talks with contacts who had left by then, and what no person wrote. A plain read for higher rooms:
    nobody is shown it before `visible_deals` was asked.
    """
    found = Communication.objects.filter(deal__in=deals, at__gte=since, known_at__lte=known_by)
    found = found.exclude(contact__left_at__lte=known_by)
    columns = ("pk", *Talk._fields[1:-2], "author_id", "contact_id")
    rows = (Talk(f"{REF}:{key}", *rest) for key, *rest in found.order_by("at", "pk").values_list(*columns))
    return [
        row
        for row in rows
        if not nature_of(channel=row.channel, direction=row.direction, title=row.title, text=row.text)
    ]
