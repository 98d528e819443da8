"""A record is shared with somebody, and the share ends. Rooms whose records these are call this, and tell of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from datetime import time as moment
from typing import Any, Final

from django.db import transaction

from foresail.core.changes import Change
from foresail.core.changes import record as tell
from foresail.core.clock import ZONE
from foresail.core.errors import NotFound
from foresail.core.locks import lock
from foresail.people.errors import (
    ShareBelowInvalid,
    ShareDayInvalid,
    ShareOfAnother,
    ShareReasonInvalid,
    ShareUseless,
    ShareWithOne,
    ShareWithOwner,
    SharingNotAllowed,
    TooManyShares,
    UserInactive,
)
from foresail.people.models import Guarded, Share, Team, User
from foresail.people.roles import Action, Scope
from foresail.people.rules import may, scope
from foresail.people.services.permission import administers
from foresail.people.texts import plain
from foresail.people.words import ACTIONS

LONGEST: Final = timedelta(days=3_660)
LONGEST_REASON: Final = 300
MOST: Final = 100
"""With so many a record is shared at most: beyond, a team is meant."""


def share_record(
    *,
    record: Guarded,
    user: User | None = None,
    team: Team | None = None,
    right: Share.Right = Share.Right.SEE,
    below: bool = False,
    ends_on: date | None = None,
    reason: str = "",
    by: User | None,
    at: datetime,
) -> Share:
    """Let `user`, or everybody in `team` and below it, see `record`, or change it too, through `ends_on`.

    Who has it already has it as said now. `below`: also what belongs to it and has the same owner.

    Raises SharingNotAllowed, UserInactive, or one of the errors whose names begin with Share; TooManyShares.
    """
    kind = kind_of(record)
    with transaction.atomic():
        lock(f"people share {kind} {record.pk}")
        if by is not None:
            decision = may(user=by, action=Action.SHARE, record=record)
            if not decision.allowed:
                raise SharingNotAllowed(zh=decision.because_zh, en=decision.because_en)
        wanted: dict[str, Any] = {
            "right": Share.Right(right),
            "below": below,
            "ends_on": ends_on,
            "ends_at": _end_of(ends_on, at),
            "reason": plain(reason),
        }
        _require_sensible(record, user, team, wanted)
        live = Share.objects.filter(kind=kind, record=record.pk, ended_at=None)
        for over in live.filter(ends_at__lte=at).order_by("pk"):
            _end(over, record, by=None, at=at)
        share = live.filter(user=user, team=team).first()
        if share is not None:
            if all(getattr(share, name) == value for name, value in wanted.items()):
                return share
            for name, value in wanted.items():
                setattr(share, name, value)
            share.shared_by, share.shared_at = by, at
            share.save()
            _keep("change_share", record, share, by=by, at=at)
            return share
        if live.count() >= MOST:
            raise TooManyShares(most=MOST)
        share = Share.objects.create(
            kind=kind, record=record.pk, user=user, team=team, shared_by=by, shared_at=at, **wanted
        )
        _keep("share_record", record, share, by=by, at=at)
        return share


def end_share(*, share: Share, record: Guarded, by: User | None, at: datetime) -> None:
    """Take back a share of `record`. Raises ShareOfAnother, or NotFound where it has ended already."""
    with transaction.atomic():
        held = Share.objects.select_for_update(no_key=True, of=("self",))
        live = held.filter(pk=share.pk, ended_at=None, kind=kind_of(record), record=record.pk).first()
        if live is None:
            raise NotFound
        if not may_end(share=live, record=record, user=by):
            raise ShareOfAnother
        _end(live, record, by=by, at=at)


def may_end(*, share: Share, record: Guarded, user: User | None) -> bool:
    """Whether `user` may end `share`: who shared it, the owner, who assigns the record, and administrators."""
    return (
        user is None
        or user.pk in {share.shared_by_id, record.owner_id}
        or administers(user)
        or may(user=user, action=Action.ASSIGN, record=record).allowed
    )


def due_shares(*, at: datetime, limit: int = 500) -> list[Share]:
    """Return the oldest of the shares whose last day is over and whose end nobody told of yet."""
    return list(Share.objects.filter(ended_at=None, ends_at__lte=at).order_by("ends_at", "pk")[:limit])


def end_due_share(*, share: Share, record: Guarded | None, at: datetime) -> bool:
    """Note that the last day of `share` is over; return whether it was still to be noted. The rule needs no note.

    Without `record`, which is gone, nothing is told.
    """
    with transaction.atomic():
        held = Share.objects.select_for_update(no_key=True, of=("self",))
        live = held.filter(pk=share.pk, ended_at=None, ends_at__lte=at).first()
        if live is not None and record is not None:
            _end(live, record, by=None, at=at)
        elif live is not None:
            live.ended_at = at
            live.save(update_fields=["ended_at"])
        return live is not None


def forget_shares(*, kind: str, record: int) -> None:
    """Let go of what was shared of a record that is removed for good."""
    Share.objects.filter(kind=kind, record=record).delete()


def kind_of(record: Guarded) -> str:
    """Return how shares call the kind of `record`."""
    return str(record._meta.model_name)  # noqa: SLF001  # documented by Django


def _end(share: Share, record: Guarded, *, by: User | None, at: datetime) -> None:
    share.ended_at, share.ended_by = at, by
    share.save(update_fields=["ended_at", "ended_by"])
    _keep("end_share", record, share, by=by, at=at)


def _end_of(day: date | None, at: datetime) -> datetime | None:
    """Return the instant at which `day` is over where we are. Raises ShareDayInvalid."""
    if day is None:
        return None
    today = at.astimezone(ZONE).date()
    if not today <= day <= today + LONGEST:
        raise ShareDayInvalid
    return datetime.combine(day + timedelta(days=1), moment(), ZONE)


def _require_sensible(record: Guarded, user: User | None, team: Team | None, wanted: dict[str, Any]) -> None:
    if (user is None) == (team is None):
        raise ShareWithOne
    if len(wanted["reason"]) > LONGEST_REASON:
        raise ShareReasonInvalid(longest=LONGEST_REASON)
    if wanted["below"] and not any(kind_of(record) in model.within for model in _guarded()):
        raise ShareBelowInvalid
    if user is None:
        return
    if not user.active:
        raise UserInactive(name=user.name)
    if user.pk == record.owner_id:
        raise ShareWithOwner(name=user.name)
    for action in (Action.SEE, Action.CHANGE) if wanted["right"] == Share.Right.CHANGE else (Action.SEE,):
        if scope(user=user, action=action) is Scope.NONE:
            said = ACTIONS[action]
            raise ShareUseless(name=user.name, action_zh=said.zh, action_en=said.en)


def _guarded() -> list[type[Guarded]]:
    from django.apps import apps  # noqa: PLC0415  models may be asked for once all apps are ready

    return [model for model in apps.get_models() if issubclass(model, Guarded)]


def _keep(verb: str, of: Guarded, share: Share, *, by: User | None, at: datetime) -> None:
    """Tell the trail, as a change of the record. The reason is free text, and is not among it."""
    values: dict[str, Any] = {"share": share.pk, "right": str(share.right)}
    values |= {"user": share.user_id} if share.user_id else {"team": share.team_id}
    if share.below:
        values["below"] = True
    if share.ends_on is not None:
        values["ends_on"] = share.ends_on.isoformat()
    tell(
        Change(
            actor=by.pk if by else None,
            verb=verb,
            subject=of._meta.label,  # noqa: SLF001  # documented by Django
            key=str(of.pk),
            at=at,
            values=values,
        )
    )
