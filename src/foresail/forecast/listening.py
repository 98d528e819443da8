"""What happened to a deal calls for a new score."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from foresail.core.events import listen
from foresail.core.outbox import tell
from foresail.crm.events import DealBinned, MergeUndone, RecordsMerged, RecordsPurged
from foresail.forecast import services
from foresail.forecast.soon import score_pool_soon, score_touched_soon
from foresail.timeline.events import Appended

MANY: Final = 500
"""Beyond this many deals at once, all are scored instead."""


def listen_to_others() -> None:
    """Called from the app's `ready`."""
    listen(Appended, _appended)
    listen(DealBinned, _binned)
    listen(RecordsPurged, _purged)
    listen(RecordsMerged, _merged)
    listen(MergeUndone, _merged)


def _appended(event: Appended) -> None:
    _score(event.deals, event.at)


def _binned(event: DealBinned) -> None:
    if event.binned:
        services.let_go(deals=[event.deal])
    else:
        _score([event.deal], event.at)


def _purged(event: RecordsPurged) -> None:
    if event.record_type == "deal":
        services.forget_deals(deals=event.records)


def _merged(event: RecordsMerged) -> None:
    """The log of a deal names neither account nor contacts, so its score stays; pages that name them load again."""
    if event.deals:
        tell("forecast", 0)


def _score(deals: Collection[int], at: datetime) -> None:
    for pool, count in services.touch(deals=deals, at=at).items():
        if count > MANY:
            score_pool_soon(pool)
        else:
            score_touched_soon(pool)
