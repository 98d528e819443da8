"""What the audit trail may be told of decisions, reports, and how time is counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from foresail.crm.queries import visible_deals
from foresail.drafts.models import Decision, SavingSetting
from foresail.drafts.queries import reports_called
from foresail.governance.kinds import Kind

if TYPE_CHECKING:
    from foresail.people.models import User


def _decisions(user: User, keys: Collection[int]) -> Mapping[int, str]:
    found = Decision.objects.filter(pk__in=keys, deal__in=visible_deals(user=user))
    return dict(found.values_list("pk", "deal__name"))


def _reports(user: User, keys: Collection[int]) -> Mapping[int, str]:
    return reports_called(user=user, keys=keys)


def _settings(_: User, keys: Collection[int]) -> Mapping[int, str]:
    return {each.pk: str(each) for each in SavingSetting.objects.filter(pk__in=keys)}


OURS = (
    Kind(subject="drafts.Decision", names=_decisions),
    Kind(subject="drafts.Report", names=_reports),
    Kind(subject="drafts.SavingSetting", names=_settings, guarded=False),
)
