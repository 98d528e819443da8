"""Keys, and what came in lately, for those who look after what is collected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Count, F, Max

from foresail.core.errors import NotFound
from foresail.governance.queries import require_overseer
from foresail.signals.models import IntakeKey, Signal

if TYPE_CHECKING:
    from foresail.people.models import User

LATELY: Final = timedelta(days=1)
MOST: Final = 50


@dataclass(frozen=True, kw_only=True)
class Received:
    """Of one key: how many signals were kept within the last day, and when the last came."""

    key: IntakeKey
    count: int
    last_at: datetime | None


def intake_keys(*, user: User, at: datetime) -> Sequence[Received]:
    """Return all keys, those that hold first, with what came under them. Two queries. Raises NotAllowed."""
    require_overseer(user)
    came = {
        key: (count, last)
        for key, count, last in Signal.objects.filter(known_at__gt=at - LATELY)
        .order_by()
        .values("key")
        .annotate(count=Count("pk"), last=Max("known_at"))
        .values_list("key", "count", "last")
    }
    keys = IntakeKey.objects.select_related("created_by").order_by(
        F("revoked_at").desc(nulls_first=True), "-pk"
    )
    return [
        Received(key=key, count=came.get(key.pk, (0, None))[0], last_at=came.get(key.pk, (0, None))[1])
        for key in keys
    ]


def intake_key(*, user: User, key: int) -> IntakeKey:
    """Return one. Raises NotAllowed or NotFound."""
    require_overseer(user)
    found = IntakeKey.objects.select_related("created_by").filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def latest(*, user: User, key: IntakeKey, at: datetime) -> Sequence[Signal]:
    """Return what was kept lately under `key`, the last first: whether a site is seen, not who is on it."""
    require_overseer(user)
    return list(Signal.objects.filter(key=key.pk, known_at__gt=at - LATELY).order_by("-id")[:MOST])
