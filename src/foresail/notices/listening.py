"""What lower rooms tell, and whom it concerns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from foresail.core.events import listen
from foresail.crm import events as crm
from foresail.crm.queries import facts_of, owners_of, record_type
from foresail.drafts.events import ReportHandedIn
from foresail.forecast.events import OutlooksTurned
from foresail.notices import services
from foresail.notices.models import Notification
from foresail.notices.services import About, notify

Kind = Notification.Kind


def listen_to_others() -> None:
    """Called from the app's `ready`."""
    listen(crm.TaskAssigned, _task)
    listen(crm.OwnersChanged, _owners)
    listen(crm.RecordShared, _shared)
    listen(crm.NoteMentioned, _mentioned)
    listen(crm.ImportEnded, _imported)
    listen(crm.RecordsDoubted, _doubted)
    listen(crm.RecordsPurged, _purged)
    listen(crm.RecordsMerged, _merged)
    listen(OutlooksTurned, _turned)
    listen(ReportHandedIn, _handed_in)


def _task(event: crm.TaskAssigned) -> None:
    about = About(
        kind=Kind.TASK, record_type=event.record_type or "", part=event.task, actor=event.actor, at=event.at
    )
    notify(about, to={event.assignee: [] if event.record is None else [event.record]})


def _owners(event: crm.OwnersChanged) -> None:
    for kind, place in ((Kind.GIVEN, 2), (Kind.TAKEN, 1)):
        about = About(kind=kind, record_type=event.record_type, actor=event.actor, at=event.at)
        notify(about, to=_by_person((change[place], change[0]) for change in event.changes))


def _shared(event: crm.RecordShared) -> None:
    about = About(kind=Kind.SHARED, record_type=event.record_type, actor=event.actor, at=event.at)
    notify(about, to={person: [event.record] for person in event.people})


def _mentioned(event: crm.NoteMentioned) -> None:
    about = About(kind=Kind.MENTION, record_type=event.record_type, actor=event.actor, at=event.at)
    notify(about, to={person: [event.record] for person in event.people})


def _imported(event: crm.ImportEnded) -> None:
    if event.owner is not None:
        about = About(kind=Kind.IMPORTED, record_type="import", said=event.status, at=event.at)
        notify(about, to={event.owner: [event.imported]})


def _doubted(event: crm.RecordsDoubted) -> None:
    owners = owners_of(record_type(event.record_type), event.records)
    about = About(kind=Kind.DOUBT, record_type=event.record_type, said=event.doubt, at=event.at)
    notify(about, to=_by_person((owners.get(key), key) for key in event.records))


def _turned(event: OutlooksTurned) -> None:
    facts = facts_of({*event.verdicts, *event.alerts})
    owner = {key: each.owner for key, each in facts.items() if each.status == "open"}
    for side in ("won", "lost"):
        about = About(kind=Kind.VERDICT, record_type="deal", said=side, at=event.at)
        deals = [deal for deal, outcome in event.verdicts.items() if outcome == side]
        notify(about, to=_by_person((owner.get(deal), deal) for deal in deals))
    about = About(kind=Kind.ALERT, record_type="deal", at=event.at)
    notify(about, to=_by_person((owner.get(deal), deal) for deal in event.alerts))


def _purged(event: crm.RecordsPurged) -> None:
    services.forget_records(record_type=event.record_type, keys=event.records)


def _handed_in(event: ReportHandedIn) -> None:
    about = About(kind=Kind.REPORT, record_type="report", actor=event.author, at=event.at)
    notify(about, to={event.to: [event.report]})


def _merged(event: crm.RecordsMerged) -> None:
    services.mute_merged(record_type=event.record_type, gone=event.gone, kept=event.kept)


def _by_person(pairs: Iterable[tuple[int | None, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for person, key in pairs:
        if person is not None:
            found[person].append(key)
    return found
