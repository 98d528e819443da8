"""What is decided of a deal goes with it."""

from __future__ import annotations

from foresail.core.events import listen
from foresail.crm.events import RecordsPurged
from foresail.drafts import services


def listen_to_crm() -> None:
    """Called from the app's `ready`."""
    listen(RecordsPurged, _purged)


def _purged(event: RecordsPurged) -> None:
    if event.record_type == "deal":
        services.forget_deals(deals=event.records)
