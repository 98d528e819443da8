"""What a record of a higher room must carry, so that the one rule can be applied to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models


class Guarded(models.Model):
    """A record that belongs to an owner (or to the open pool), to a team and to a line of business.

    The room that owns the record sets all three, and they stay when the owner moves to another team.

    `within` names what it belongs to: kind of record → the relation to it. A share of that with what belongs to it
    holds for this record too, as long as both have the same owner.
    """

    owner = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey("people.Team", models.PROTECT, null=True, related_name="+")
    line = models.ForeignKey("people.BusinessLine", models.PROTECT, related_name="+")

    # What Django adds to each model, said here because there is no table to learn it from.
    owner_id: int | None
    team_id: int | None
    line_id: int

    noun_zh: ClassVar[str] = "记录"
    noun_en: ClassVar[str] = "record"
    within: ClassVar[Mapping[str, str]] = {}

    class Meta:
        abstract = True
