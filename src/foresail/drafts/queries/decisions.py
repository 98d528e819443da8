"""What somebody decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foresail.core.errors import NotFound
from foresail.crm.queries import visible_deals
from foresail.drafts.models import Decision

if TYPE_CHECKING:
    from foresail.people.models import User


def decision(*, user: User, key: int) -> Decision:
    """Return a decision of `user`'s own, about a deal that they still see. Raises NotFound."""
    found = Decision.objects.filter(pk=key, by=user.pk, deal__in=visible_deals(user=user)).first()
    if found is None:
        raise NotFound
    return found
