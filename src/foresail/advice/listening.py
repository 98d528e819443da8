"""What was sent in a deal goes with it."""

from __future__ import annotations

from foresail.advice import services
from foresail.core.events import listen
from foresail.crm.events import RecordsPurged


def listen_to_crm() -> None:
    """Called from the app's `ready`."""
    listen(RecordsPurged, _purged)


def _purged(event: RecordsPurged) -> None:
    if event.record_type == "deal":
        services.forget_deals(deals=event.records, at=event.at)
