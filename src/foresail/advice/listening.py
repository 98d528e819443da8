"""What becomes known of deals and accounts calls for their triggers to be judged; what is removed is let go of."""

from __future__ import annotations

from foresail.advice.services import content, triggering
from foresail.advice.soon import forget_interest_soon
from foresail.core.events import listen
from foresail.crm.events import MergeUndone, RecordsMerged, RecordsPurged
from foresail.forecast.events import OutlooksTurned
from foresail.signals.events import InterestTurned
from foresail.timeline.events import Appended


def listen_to_others() -> None:
    """Called from the app's `ready`."""
    listen(Appended, _appended)
    listen(InterestTurned, _interest)
    listen(OutlooksTurned, _outlooks)
    listen(RecordsPurged, _purged)
    listen(RecordsMerged, _merged)
    listen(MergeUndone, _unmerged)


def _appended(event: Appended) -> None:
    if event.deals:
        triggering.note(deals=event.deals, at=event.at)


def _interest(event: InterestTurned) -> None:
    if event.erased:
        triggering.forget_interest(accounts=event.accounts)
        forget_interest_soon(event.accounts)
    triggering.note(accounts=event.accounts, at=event.at)


def _outlooks(event: OutlooksTurned) -> None:
    triggering.note(deals={*event.verdicts, *event.alerts}, at=event.at)


def _purged(event: RecordsPurged) -> None:
    if event.record_type == "deal":
        triggering.forget_deals(deals=event.records)
        content.forget_deals(deals=event.records, at=event.at)
    elif event.record_type == "account":
        triggering.forget_accounts(accounts=event.records)


def _merged(event: RecordsMerged) -> None:
    """What was suggested for accounts that are no more is over; that for deals goes with its deal."""
    if event.record_type == "account":
        triggering.follow(gone=event.gone, deals=event.deals, at=event.at)
        triggering.note(accounts=[event.kept], at=event.at)


def _unmerged(event: MergeUndone) -> None:
    if event.record_type == "account":
        triggering.follow(gone=(), deals=event.deals, at=event.at)
