"""What the audit trail may be told of communications: who may see the deal may know what was talked about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from foresail.conversations.models import Communication
from foresail.crm.queries import visible_deals
from foresail.governance.kinds import Kind

if TYPE_CHECKING:
    from foresail.people.models import User


def _communications(user: User, keys: Collection[int]) -> Mapping[int, str]:
    found = Communication.objects.filter(pk__in=keys, deal__in=visible_deals(user=user))
    return dict(found.values_list("pk", "title"))


OURS = (Kind(subject="conversations.Communication", names=_communications),)
