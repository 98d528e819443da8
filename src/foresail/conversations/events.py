"""What was said goes with the records it is about."""

from __future__ import annotations

from foresail.conversations import services
from foresail.core.events import listen
from foresail.crm.events import RecordPurged


def listen_to_crm() -> None:
    """Called from the app's `ready`."""
    listen(RecordPurged, _purged)


def _purged(event: RecordPurged) -> None:
    if event.record_type == "deal":
        services.forget_deal(deal=event.record)
    elif event.record_type == "contact":
        services.forget_contact(contact=event.record)
