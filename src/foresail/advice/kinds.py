"""What the timeline may be told of content, and the audit trail of all that is here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

from foresail.advice.models import Asset, Suggestion, Trigger
from foresail.crm.queries import record_type, visible_deals, visible_records
from foresail.governance.kinds import Kind
from foresail.people.queries import names_of
from foresail.timeline import kinds as timeline

if TYPE_CHECKING:
    from foresail.people.models import User

SENT: Final = timeline.Kind("content_sent", "生成内容链接", "link to content made", "mail")


def _assets(_: User, keys: Collection[int]) -> Mapping[int, str]:
    return dict(Asset.objects.filter(pk__in=keys).values_list("pk", "title"))


def _triggers(_: User, keys: Collection[int]) -> Mapping[int, str]:
    return dict(Trigger.objects.filter(pk__in=keys).values_list("pk", "zh"))


def _suggestions(user: User, keys: Collection[int]) -> Mapping[int, str]:
    found = Suggestion.objects.filter(pk__in=keys)
    of_deals = found.filter(deal__in=visible_deals(user=user))
    accounts = visible_records(record_type("account"), user=user)
    of_accounts = found.filter(deal=None, account__in=accounts)
    return dict(of_deals.values_list("pk", "deal__name")) | dict(
        of_accounts.values_list("pk", "account__name")
    )


def _mutes(_: User, keys: Collection[int]) -> Mapping[int, str]:
    return names_of(keys)


OURS = (
    Kind(subject="advice.Asset", names=_assets, called=("asset",), guarded=False),
    Kind(subject="advice.Trigger", names=_triggers, called=("trigger",), guarded=False),
    Kind(subject="advice.Suggestion", names=_suggestions),
    Kind(subject="advice.Mute", names=_mutes, guarded=False),
)
