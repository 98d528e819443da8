"""What may be collected is proposed by one and decided by another, who belongs to the data-governance group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Max

from foresail.core.changes import Change, record
from foresail.core.errors import NotFound
from foresail.core.locks import lock
from foresail.core.outbox import tell
from foresail.governance.collecting import boundary_of
from foresail.governance.errors import (
    BoundaryDecided,
    BoundaryWaiting,
    NotGuardian,
    NotYourBoundary,
    OwnBoundary,
    ReasonMissing,
)
from foresail.governance.models import Guardian, ProposedBoundary
from foresail.governance.permission import may_appoint, may_propose
from foresail.people.errors import NotAllowed

if TYPE_CHECKING:
    from foresail.people.models import User

SUBJECT: Final = "governance.ProposedBoundary"
Status = ProposedBoundary.Status


def add_guardian(*, person: User, by: User, at: datetime) -> None:
    """Make `person` a member of the data-governance group. Raises NotAllowed. Twice is once."""
    if not may_appoint(by):
        raise NotAllowed
    with transaction.atomic():
        _, made = Guardian.objects.get_or_create(person=person, defaults={"added_by": by, "added_at": at})
        if made:
            _told("add_guardian", "people.User", person.pk, {}, by=by, at=at)


def remove_guardian(*, person: User, by: User, at: datetime) -> None:
    """Take `person` out of the data-governance group. Raises NotAllowed. Twice is once."""
    if not may_appoint(by):
        raise NotAllowed
    with transaction.atomic():
        gone, _ = Guardian.objects.filter(person=person).delete()
        if gone:
            _told("remove_guardian", "people.User", person.pk, {}, by=by, at=at)


def propose_boundary(
    *, rules: Sequence[Mapping[str, Any]], reason: str, by: User, at: datetime
) -> ProposedBoundary:
    """Propose what may be collected from when it is approved. Raises NotAllowed, ReasonMissing, BoundaryInvalid or
    BoundaryWaiting while another waits.
    """
    if not may_propose(by):
        raise NotAllowed
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    boundary = boundary_of(0, rules)
    with transaction.atomic():
        lock("governance boundary")
        if ProposedBoundary.objects.filter(status=Status.PROPOSED).exists():
            raise BoundaryWaiting
        last = ProposedBoundary.objects.aggregate(last=Max("version"))["last"] or 0
        made = ProposedBoundary.objects.create(
            version=last + 1,
            rules=[rule.told() for rule in boundary.rules],
            reason=reason,
            proposed_by=by,
            proposed_at=at,
        )
        _told(
            "propose_boundary", SUBJECT, made.pk, {"version": made.version, "rules": made.rules}, by=by, at=at
        )
    return made


def decide_boundary(*, boundary: ProposedBoundary, approved: bool, note: str, by: User, at: datetime) -> None:
    """Approve or reject what somebody else proposed. Raises NotGuardian, OwnBoundary, ReasonMissing or BoundaryDecided.

    What is approved is in force from the next signal on.
    """
    if not Guardian.objects.filter(person=by, person__active=True).exists():
        raise NotGuardian
    note = note.strip()
    if not approved and not note:
        raise ReasonMissing
    with transaction.atomic():
        held = _held(boundary)
        if held.proposed_by_id == by.pk:
            raise OwnBoundary
        held.status = Status.APPROVED if approved else Status.REJECTED
        _decide(held, note, by=by, at=at)
        verb = "approve_boundary" if approved else "reject_boundary"
        _told(verb, SUBJECT, held.pk, {"version": held.version}, by=by, at=at)


def withdraw_boundary(*, boundary: ProposedBoundary, by: User, at: datetime) -> None:
    """Take back what one proposed. Raises NotYourBoundary or BoundaryDecided."""
    with transaction.atomic():
        held = _held(boundary)
        if held.proposed_by_id != by.pk:
            raise NotYourBoundary
        held.status = Status.WITHDRAWN
        _decide(held, "", by=by, at=at)
        _told("withdraw_boundary", SUBJECT, held.pk, {"version": held.version}, by=by, at=at)


def _held(boundary: ProposedBoundary) -> ProposedBoundary:
    held = ProposedBoundary.objects.select_for_update().filter(pk=boundary.pk).first()
    if held is None:
        raise NotFound
    if held.status != Status.PROPOSED:
        raise BoundaryDecided
    return held


def _decide(held: ProposedBoundary, note: str, *, by: User, at: datetime) -> None:
    held.note, held.decided_by, held.decided_at = note, by, at
    held.save(update_fields=["status", "note", "decided_by", "decided_at"])


def _told(verb: str, subject: str, key: int, values: Mapping[str, Any], *, by: User, at: datetime) -> None:
    tell("collecting", 0)
    record(Change(actor=by.pk, verb=verb, subject=subject, key=str(key), at=at, values=values))
