"""A record is shared with a colleague or a team, and the share is taken back or ends on its day."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.crm.events import RecordShared
from foresail.crm.fields import record_type, type_of
from foresail.crm.models import Account, Record
from foresail.crm.services.changing import hold, tell_of
from foresail.crm.services.telling import actor
from foresail.people import services as people
from foresail.people.models import Share
from foresail.people.queries import who_is_in

if TYPE_CHECKING:
    from foresail.people.models import Team, User


def share_record(
    *,
    record: Record,
    user: User | None = None,
    team: Team | None = None,
    right: str = "see",
    below: bool = False,
    ends_on: date | None = None,
    reason: str = "",
    by: User | None,
    at: datetime,
) -> Share:
    """Let `user`, or who is in `team` or below it, see `record` through `ends_on`, or change it: right "change".

    Who has it already has it as said now. `below`: an account with its contacts, and its deals of the same owner.

    Raises NotFound where it is in the bin, and what `foresail.people.services.share_record` does.
    """
    with transaction.atomic():
        hold(record)
        share = people.share_record(
            record=record, user=user, team=team, right=Share.Right(right), below=below, ends_on=ends_on,
            reason=reason, by=by, at=at,
        )  # fmt: skip
        if share.shared_at == at:
            told = [user.pk] if user is not None else sorted(who_is_in(team=team.pk if team else 0))
            kind = type_of(record).key
            others = tuple(key for key in told if key != record.owner_id)
            emit(RecordShared(record_type=kind, record=record.pk, people=others, actor=actor(by), at=at))
        _tell(record, share)
        return share


def end_share(*, share: Share, record: Record, by: User | None, at: datetime) -> None:
    """Take back a share of `record`. Raises NotFound where it has ended, or ShareOfAnother."""
    with transaction.atomic():
        people.end_share(share=share, record=record, by=by, at=at)
        _tell(record, share)


def end_due_shares(*, at: datetime) -> int:
    """Tell of the shares whose last day is over; return how many. They do not hold since then, told or not."""
    told = 0
    for share in people.due_shares(at=at):
        found: Any = record_type(share.kind).model.with_deleted.filter(pk=share.record)
        record: Record | None = found.first()
        with transaction.atomic():
            if people.end_due_share(share=share, record=record, at=at):
                told += 1
                if record is not None:
                    _tell(record, share)
    return told


def _tell(record: Record, share: Share) -> None:
    """Let pages load again that show the record, or what was shared with it."""
    tell_of(record)
    if share.below and isinstance(record, Account):
        tell("deal", *record.deals.order_by("pk").values_list("pk", flat=True))
        tell("contact", *record.contacts.order_by("pk").values_list("pk", flat=True))
        tell("deals", 0)
        tell("contacts", 0)
