"""What the timeline and the audit trail may be told of content."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

from foresail.advice.models import Asset
from foresail.governance.kinds import Kind
from foresail.timeline import kinds as timeline

if TYPE_CHECKING:
    from foresail.people.models import User

SENT: Final = timeline.Kind("content_sent", "生成内容链接", "link to content made", "mail")


def _assets(_: User, keys: Collection[int]) -> Mapping[int, str]:
    return dict(Asset.objects.filter(pk__in=keys).values_list("pk", "title"))


OURS = (Kind(subject="advice.Asset", names=_assets, called=("asset",), guarded=False),)
