"""How saved time is counted, as the organisation wants it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction

from foresail.core.changes import Change, record
from foresail.drafts.errors import SettingInvalid, SettingReserved
from foresail.drafts.models import SavingSetting
from foresail.drafts.queries.saved import may_set

if TYPE_CHECKING:
    from foresail.people.models import User

SLOWEST, FASTEST, LONGEST = 10, 600, 600
SECONDS: Final = ("stage", "join", "contact", "task", "confirm", "refuse")


def set_saving(*, values: Mapping[str, int], by: User, at: datetime) -> SavingSetting:
    """Say how fast people type and how long things take by hand; it holds for what was, too.

    `values` has `per_minute` and each of SECONDS. Raises SettingReserved or SettingInvalid.
    """
    with transaction.atomic():
        if not may_set(user=by):
            raise SettingReserved
        seconds = {name: values[name] for name in SECONDS}
        if not SLOWEST <= values["per_minute"] <= FASTEST or not all(
            0 <= each <= LONGEST for each in seconds.values()
        ):
            raise SettingInvalid
        setting = SavingSetting(pk=1, per_minute=values["per_minute"], **seconds)
        SavingSetting.objects.bulk_create(
            [setting], update_conflicts=True, unique_fields=["id"], update_fields=["per_minute", *SECONDS]
        )
        record(
            Change(
                actor=by.pk,
                verb="set_saving",
                subject="drafts.SavingSetting",
                key="1",
                at=at,
                values=dict(values),
            )
        )
        return setting
