"""Wire shapes of the timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from foresail.core.api import Reference, Schema


class EntryRow(Schema):
    """`zh` and `en` are the kind in words; `title`, `text` and `people` what was said, as far as it is kept.

    `deal` is where it happened, null for none, and on the timeline of a deal, which is that.
    """

    id: int
    kind: str
    group: str
    zh: str
    en: str
    title: str | None
    text: str | None
    people: list[str]
    at: datetime
    known_at: datetime
    actor: Reference | None
    actor_label: str | None
    deal: Reference | None
    source: str
    basis: str
    key: bool
    values: dict[str, Any]


class EntriesPage(Schema):
    """`counts` are the numbers of entries by group, on the first page alone."""

    items: list[EntryRow]
    next: str | None
    counts: dict[str, int]


class FunnelStep(Schema):
    """A stage, as `funnel.Step` tells of it; `conversion` is the share of those that reached it who went on."""

    stage: int
    reached: int
    went_on: int
    conversion: float | None
    here: int
    lost: int
    left: int
    median_days: float | None


class FunnelOut(Schema):
    steps: list[FunnelStep]
    deals: int
    open: int
    won: int
    lost: int
