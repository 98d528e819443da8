"""Which links are known to have been opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from foresail.signals.models import Visitor
from foresail.signals.services.links import VISITOR


@dataclass(frozen=True, kw_only=True)
class Opening:
    """When a link was opened first and last, of what is still kept."""

    first_at: datetime
    last_at: datetime


def openings(links: Collection[int]) -> Mapping[int, Opening]:
    """Return of which `links` it is kept that they were opened. Only of those is it known: the others may have been too.

    A plain read for higher rooms: nobody is shown it before they were asked who may.
    """
    names = {f"{VISITOR}{link}": link for link in links}
    found = Visitor.objects.filter(anonymous__among=list(names)) if names else Visitor.objects.none()
    return {names[each.anonymous]: Opening(first_at=each.first_at, last_at=each.last_at) for each in found}
