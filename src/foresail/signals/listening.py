"""What happens to records changes whose evidence is whose, and for whom links are."""

from __future__ import annotations

from foresail.core.events import listen
from foresail.crm.events import ContactLeft, MergeUndone, RecordsMerged, RecordsPurged
from foresail.governance.services import hold_consents
from foresail.signals.models import Tie
from foresail.signals.services.adding import judge_again
from foresail.signals.services.leaving import forget_contacts, forget_records
from foresail.signals.services.links import point_back, repoint


def listen_to_crm() -> None:
    listen(RecordsMerged, _merged)
    listen(MergeUndone, _unmerged)
    listen(ContactLeft, _left)
    listen(RecordsPurged, _purged)


def _merged(event: RecordsMerged) -> None:
    if event.record_type == "contact":
        repoint(merge=event.merge, gone=event.gone, kept=event.kept)
    _judge(event)


def _unmerged(event: MergeUndone) -> None:
    if event.record_type == "contact":
        point_back(merge=event.merge, kept=event.kept)
    _judge(event)


def _purged(event: RecordsPurged) -> None:
    if event.record_type in {"account", "contact"}:
        hold_consents(alone=True)  # whoever needs this and what adds up asks for this first
    if event.record_type == "contact":
        forget_contacts(contacts=event.records, at=event.at)
    forget_records(event)


def _judge(event: RecordsMerged) -> None:
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
