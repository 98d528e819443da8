"""What the log says of when somebody last did something about deals; crm asks for its open pool."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db.models import Max, Q

from foresail.timeline.kinds import Group, codes_of
from foresail.timeline.models import Entry

GROUPS: Final[frozenset[Group]] = frozenset({"mail", "call", "meeting", "visit", "quote", "stage"})
NO_TOUCH: Final = frozenset({"mail_auto", "talk_left", "content_sent"})
"""Kinds in these groups that reached nobody: automatic replies, talks with who had left, and links that were copied."""


def last_touches(deals: Collection[int]) -> dict[int, datetime]:
    """Return when there was last a talk, a quote or a move of stage in each of `deals`. One query."""
    codes, _ = codes_of(set(GROUPS), key=False)
    found = Entry.objects.filter(deal__in=deals)
    found = found.filter(Q(kind__in=codes - NO_TOUCH) | Q(kind__startswith="stage_"))
    rows = found.order_by().values_list("deal").annotate(latest=Max("at"))
    return {deal: latest for deal, latest in rows if deal is not None}
