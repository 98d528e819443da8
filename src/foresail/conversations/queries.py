"""The other door: what was said, for who may see the deal it belongs to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from foresail.conversations.models import Communication
from foresail.crm.queries import visible_deals
from foresail.timeline import queries as timeline
from foresail.timeline.excerpts import Excerpt
from foresail.timeline.schemas import EntryRow

if TYPE_CHECKING:
    from foresail.people.models import User

REF = "conversations.Communication"


def excerpts(keys: Collection[int], user: User) -> Mapping[int, Excerpt]:
    """Return title, text and people of the talks `keys`, as far as `user` may see their deals; timeline shows them."""
    found = Communication.objects.filter(pk__in=keys, deal__in=visible_deals(user=user))
    rows = found.values_list("pk", "title", "text", "contact__name", "contact__title")
    return {
        key: Excerpt(title=title, text=text, people=(f"{name} · {job}" if job else name,) if name else ())
        for key, title, text, name, job in rows
    }


def entry_of(*, communication: Communication, user: User) -> EntryRow:
    """Return the timeline's entry of a talk, for who may see its deal. Raises NotFound."""
    return timeline.entry_of_ref(user=user, deal=communication.deal_id, ref=f"{REF}:{communication.pk}")
