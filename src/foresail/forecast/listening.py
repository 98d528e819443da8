"""What happened to a deal calls for a new score."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from foresail.core.events import listen
from foresail.core.outbox import tell
from foresail.crm.events import DealBinned, MergeUndone, RecordsMerged, RecordsPurged
from foresail.crm.queries import deal_keys_at
from foresail.forecast import services
from foresail.forecast.soon import forget_traces_soon, score_pool_soon, score_touched_soon
from foresail.signals.events import InterestTurned
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
    listen(InterestTurned, _turned)


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


def _turned(event: InterestTurned) -> None:
    """Other traces are in the log of these accounts' deals. What is erased leaves what each process keeps of ended ones too."""
    deals = deal_keys_at(event.traces, only_open=not event.erased) if event.traces else []
    if event.erased and len(deals) <= MANY:  # who erases holds up the intake; more is for the job alone
        services.forget_traces(deals=deals)
    _score(deals, event.at, erased=event.erased)


def _score(deals: Collection[int], at: datetime, *, erased: bool = False) -> None:
    for pool, count in services.touch(deals=deals, at=at).items():
        if erased:
            forget_traces_soon(pool, deals)
        if count > MANY:
            score_pool_soon(pool)
        else:
            score_touched_soon(pool)
