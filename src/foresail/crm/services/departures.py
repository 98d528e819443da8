"""Contacts who may have left: proposed from what speaks for it, decided by people, or by itself where it is sure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.crm.departing import PROPOSED_FROM, SPOKEN, Sign, confidence, gathered
from foresail.crm.errors import DepartureDecided
from foresail.crm.events import RecordsDoubted
from foresail.crm.models import Contact, Departure, FieldChange
from foresail.crm.services.accounts import contact_left
from foresail.crm.services.changing import hold
from foresail.crm.services.duplicates import quality
from foresail.crm.services.permission import require
from foresail.crm.services.telling import keep, person_of
from foresail.people.rules import Action

if TYPE_CHECKING:
    from foresail.people.models import User

LOOKED_BACK: Final = timedelta(days=365)
"""What is older speaks for nothing any more."""
REASON: Final = Contact.LeftReason.EVIDENCE.value


def judge_departures(*, contacts: Collection[int] | None = None, at: datetime) -> int:
    """Weigh what speaks for `contacts` (None: all) having left; return how many are proposed or noted anew.

    A proposal follows its evidence: it grows surer, and is let go where the contact was heard of again. What a
    person dismissed stays so until something new speaks for it. Foresail itself does this.
    """
    found = gathered(contacts, at)
    by_contact: dict[int, list[Sign]] = {}
    for sign in [*found.signs, *_titles(contacts, at)]:
        heard = found.heard.get(sign.contact)
        if at - LOOKED_BACK <= sign.at <= at and (heard is None or sign.at > heard):
            by_contact.setdefault(sign.contact, []).append(sign)
    proposals = Departure.objects.filter(state=Departure.State.PROPOSED)
    if contacts is not None:
        proposals = proposals.filter(contact__in=contacts)
    known = set(by_contact) | set(proposals.values_list("contact_id", flat=True))
    if contacts is None:
        return sum(_judge(contact, by_contact.get(contact, []), at=at) for contact in sorted(known))
    with transaction.atomic():
        # Held all at once, since the caller may be in a transaction of its own: who adds a row to the trail must
        # wait for nobody after it.
        held = Contact.objects.select_for_update(no_key=True).filter(pk__in=known, left_at=None)
        there = list(held.order_by("pk").values_list("pk", flat=True))
        return sum(_judge(contact, by_contact.get(contact, []), at=at) for contact in there)


def _judge(contact: int, signs: list[Sign], *, at: datetime) -> bool:
    with transaction.atomic():
        person = Contact.objects.select_for_update(no_key=True).filter(pk=contact, left_at=None).first()
        proposal = Departure.objects.filter(contact=contact).first()
        if person is None or (proposal and proposal.state == Departure.State.CONFIRMED):
            return False
        if proposal and proposal.state == Departure.State.DISMISSED:
            signs = [sign for sign in signs if proposal.decided_at is None or sign.at > proposal.decided_at]
        sure = confidence(signs)
        if sure < PROPOSED_FROM:
            if proposal and proposal.state == Departure.State.PROPOSED:
                proposal.delete()
                tell("departures", 0)
            return False
        told = _told(signs)
        if proposal and proposal.state == Departure.State.PROPOSED and proposal.signs == told:
            return _confirmed_by_itself(proposal, at=at)
        new = proposal is None or proposal.state != Departure.State.PROPOSED
        proposal = proposal or Departure(contact=person)
        proposal.confidence, proposal.signs, proposal.proposed_at = sure, told, at
        proposal.state, proposal.decided_at, proposal.decided_by = Departure.State.PROPOSED, None, None
        proposal.save()
        tell("departures", 0)
        _keep("propose_departure", proposal, by=None, at=at)
        if not _confirmed_by_itself(proposal, at=at) and new:
            emit(RecordsDoubted(record_type="contact", records=(person.pk,), doubt="departure", at=at))
        return True


def confirm_departure(*, departure: Departure, by: User | None, at: datetime) -> None:
    """Note that the contact left. Raises NotFound, NotAllowed, DepartureDecided or ContactHasLeft."""
    with transaction.atomic():
        _hold(departure, by=by)
        contact_left(contact=departure.contact, reason=REASON, by=by, at=at)
        _decide(departure, Departure.State.CONFIRMED, "confirm_departure", by=by, at=at)


def dismiss_departure(*, departure: Departure, by: User | None, at: datetime) -> None:
    """Say that the contact still works there. Raises NotFound, NotAllowed or DepartureDecided."""
    with transaction.atomic():
        _hold(departure, by=by)
        _decide(departure, Departure.State.DISMISSED, "dismiss_departure", by=by, at=at)


def _confirmed_by_itself(proposal: Departure, *, at: datetime) -> bool:
    threshold = quality().departs_from
    if threshold is None or proposal.confidence < threshold:
        return False
    confirm_departure(departure=proposal, by=None, at=at)
    return True


def _hold(departure: Departure, *, by: User | None) -> None:
    contact = departure.contact
    hold(contact)
    require(Action.CHANGE, contact, by=by)
    departure.refresh_from_db(from_queryset=Departure.objects.select_for_update(of=("self",)))
    if departure.state != Departure.State.PROPOSED:
        raise DepartureDecided
    departure.contact = contact


def _decide(departure: Departure, state: str, verb: str, *, by: User | None, at: datetime) -> None:
    departure.state, departure.decided_at, departure.decided_by = state, at, by
    departure.save(update_fields=["state", "decided_at", "decided_by"])
    tell("departures", 0)
    _keep(verb, departure, by=by, at=at)


def _keep(verb: str, departure: Departure, *, by: User | None, at: datetime) -> None:
    values = {"contact": departure.contact_id, "confidence": departure.confidence, "signs": departure.signs}
    person = person_of(departure.contact_id)
    keep(verb, departure, values, by=by, at=at, personal=["signs", "confidence"], person=person)


def _told(signs: Iterable[Sign]) -> list[dict[str, Any]]:
    """Return `signs` as they are kept: for each kind how often and when last, strongest kinds first."""
    kinds: dict[str, list[Sign]] = {}
    for sign in signs:
        kinds.setdefault(sign.kind, []).append(sign)
    return [
        {
            "kind": kind,
            "times": len({sign.at.date() for sign in found}),
            "at": max(sign.at for sign in found).isoformat(),
            "days": max(sign.days for sign in found),
            "weight": confidence(found),
        }
        for kind, found in sorted(kinds.items(), key=lambda item: (-confidence(item[1]), item[0]))
    ]


def _titles(contacts: Collection[int] | None, at: datetime) -> list[Sign]:
    """Return the changes of titles: another one is a weak sign, one that says so is as good as told."""
    changes = FieldChange.objects.filter(
        record_type="contact", field="title", at__gt=at - LOOKED_BACK, at__lte=at
    )
    changes = changes.exclude(before=None)
    if contacts is not None:
        changes = changes.filter(record__in=contacts)
    return [
        Sign(contact=contact, kind="told" if SPOKEN.search(str(after or "")) else "title", at=when)
        for contact, after, when in changes.order_by("pk").values_list("record", "after", "at")
    ]
