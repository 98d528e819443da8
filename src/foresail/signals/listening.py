"""What happens to records changes whose evidence is whose."""

from __future__ import annotations

from foresail.core.events import listen
from foresail.crm.events import ContactLeft, MergeUndone, RecordsMerged, RecordsPurged
from foresail.signals.models import Tie
from foresail.signals.services.adding import judge_again
from foresail.signals.services.leaving import forget_records


def listen_to_crm() -> None:
    listen(RecordsMerged, _merged)
    listen(MergeUndone, _merged)
    listen(ContactLeft, _left)
    listen(RecordsPurged, forget_records)


def _merged(event: RecordsMerged) -> None:
    """Whose a visitor is follows the record: into that it was merged into, and back."""
    if event.record_type in {"account", "contact"}:
        keys = {f"{event.record_type}__in": [event.kept, *event.gone]}
        visitors = Tie.objects.filter(**keys, ended_at=None).values_list("visitor", flat=True)
        if visitors:
            judge_again(list(visitors), at=event.at)


def _left(event: ContactLeft) -> None:
    """What somebody does who has left says nothing of the account any more."""
    visitors = Tie.objects.filter(contact=event.contact, ended_at=None).values_list("visitor", flat=True)
    if visitors:
        judge_again(list(visitors), at=event.at)
