"""What was said goes with the records it is about."""

from __future__ import annotations

from foresail.conversations import services
from foresail.core.events import listen
from foresail.crm.events import MergeUndone, RecordsMerged, RecordsPurged


def listen_to_crm() -> None:
    """Called from the app's `ready`."""
    listen(RecordsPurged, _purged)
    listen(RecordsMerged, _merged)
    listen(MergeUndone, _unmerged)


def _purged(event: RecordsPurged) -> None:
    if event.record_type == "deal":
        services.forget_deals(deals=event.records)
    elif event.record_type == "contact":
        services.forget_contacts(contacts=event.records)


def _merged(event: RecordsMerged) -> None:
    if event.record_type in {"account", "contact"}:
        services.repoint(merge=event.merge, column=event.record_type, gone=event.gone, kept=event.kept)


def _unmerged(event: MergeUndone) -> None:
    services.point_back(merge=event.merge)
    if event.record_type == "account":
        services.follow_deals(deals=event.deals)
