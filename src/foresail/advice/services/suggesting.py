"""What people make of suggestions: accepted, dismissed with a reason, taken back, or not wanted; and what that teaches."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction

from foresail.advice.errors import DismissalInvalid, MuteOfOne, NothingSent, NotUndone, SuggestionEnded
from foresail.advice.models import Mute, Suggestion, Trigger
from foresail.advice.services.triggering import told
from foresail.core.changes import Change, record
from foresail.core.errors import NotFound
from foresail.core.outbox import tell
from foresail.crm import queries as crm_queries
from foresail.crm import services as crm
from foresail.crm.errors import NotAllowed
from foresail.people.rules import Action, may

if TYPE_CHECKING:
    from foresail.advice.models import Asset
    from foresail.crm.models import Account, Deal
    from foresail.people.models import User

LONGEST_NOTE: Final = 300
TAUGHT_AFTER: Final = 3
"""So many of a trigger's suggestions dismissed as not useful by one person, within `TAUGHT_IN`, make it quiet for them."""
TAUGHT_IN: Final = timedelta(days=30)
QUIET: Final = timedelta(days=30)
UNDO: Final = timedelta(days=1)
How, Reason = Suggestion.How, Suggestion.Reason


@dataclass(frozen=True, kw_only=True)
class TaskWanted:
    """A task that comes with accepting."""

    title: str
    due_on: date | None = None


def accept(*, suggestion: int, task: TaskWanted | None = None, by: User, at: datetime) -> Suggestion:
    """Accept what is suggested, with a task for the owner of the deal where one is wanted, in one transaction.

    To send content is accepted by sending it, or with a task to do so later. Raises NotFound, NotAllowed, SuggestionEnded,
    NothingSent, and what adding a task raises.
    """
    with transaction.atomic():
        held, subject = _held(suggestion, by=by)
        if held.trigger.action == Trigger.Action.SEND_CONTENT and task is None:
            raise NothingSent
        if task is not None:
            assignee = subject.owner if subject.owner is not None and subject.owner.active else by
            kind = "deal" if held.deal_id is not None else "account"
            made = crm.add_task(
                title=task.title,
                due_on=task.due_on,
                assignee=assignee,
                by=by,
                at=at,
                **{kind: subject},  # type: ignore[arg-type]
            )
            held.task = made.pk
        _end(held, How.ACCEPTED, by=by, at=at)
        _keep("accept_suggestion", held, by=by, at=at)
        return held


def done_by_sending(*, suggestion: int, deal: Deal, asset: Asset, by: User, at: datetime) -> None:
    """Accept that content be sent in `deal`, in the transaction in which `asset` is.

    Raises NotFound where that is not suggested there, NotAllowed or SuggestionEnded.
    """
    held, _ = _held(suggestion, by=by)
    if held.deal_id != deal.pk or held.trigger.action != Trigger.Action.SEND_CONTENT:
        raise NotFound
    _end(held, How.ACCEPTED, by=by, at=at)
    _keep("accept_suggestion", held, by=by, at=at, asset=asset.pk)


def dismiss(
    *, suggestion: int, reason: str, text: str = "", by: User, at: datetime
) -> tuple[Suggestion, Mute | None]:
    """Dismiss what is suggested; return it, and the quiet that it brings where it was the third not useful in 30 days.

    Raises NotFound, NotAllowed, SuggestionEnded or DismissalInvalid.
    """
    text = " ".join(text.split())
    if reason not in Reason.values or len(text) > LONGEST_NOTE or (reason == Reason.OTHER and not text):
        raise DismissalInvalid(most=LONGEST_NOTE)
    with transaction.atomic():
        held, _ = _held(suggestion, by=by)
        held.reason, held.note = reason, text
        _end(held, How.DISMISSED, by=by, at=at)
        _keep("dismiss_suggestion", held, by=by, at=at)
        return held, _taught(held, by=by, at=at) if reason == Reason.NOT_USEFUL else None


def undo(*, suggestion: int, by: User, at: datetime) -> Suggestion:
    """Take back what one decided oneself within a day, with the task that it made and the quiet that it brought.

    Raises NotFound for somebody else's, NotAllowed, NotUndone where it is too late, another one is open or content was
    sent, and what the verbs raise.
    """
    with transaction.atomic():
        held, subject = _seen(suggestion, by=by)
        if held.decided_by_id != by.pk or held.ended_at is None:
            raise NotFound
        _require_change(subject, by=by)
        sent = (
            held.how == How.ACCEPTED and held.trigger.action == Trigger.Action.SEND_CONTENT and not held.task
        )
        over = held.expires_at <= at or held.trigger.status != Trigger.Status.ACTIVE
        if (
            sent
            or over
            or held.ended_at + UNDO < at
            or (held.deal is not None and held.deal.status != "open")
        ):
            raise NotUndone
        if held.task is not None:
            with suppress(NotFound):  # somebody deleted it meanwhile
                crm.drop_task(task=crm_queries.task(user=by, key=held.task), by=by, at=at)
        if held.reason == Reason.NOT_USEFUL:
            Mute.objects.filter(
                user=by, trigger=held.trigger_id, learned=True, made_at__gte=held.ended_at
            ).delete()
        held.ended_at, held.how, held.reason, held.note = None, "", "", ""
        held.decided_by, held.task, held.lapsed_at = None, None, None
        try:
            with transaction.atomic():
                held.save()
        except IntegrityError as error:
            raise NotUndone from error
        told([held])
        _keep("undo_suggestion", held, by=by, at=at)
        return held


def mute(
    *, trigger: Trigger | None = None, deal: Deal | None = None, muted: bool, by: User, at: datetime
) -> None:
    """Let `by` hear no more of a trigger or a deal, or hear of it again. Whatever it is, others still do."""
    which: dict[str, Any] = {"trigger": trigger} if trigger is not None else {"deal": deal}
    if (trigger is None) == (deal is None):
        raise MuteOfOne
    with transaction.atomic():
        if muted:
            Mute.objects.update_or_create(
                user=by, **which, defaults={"made_at": at, "until": None, "learned": False}
            )
        else:
            Mute.objects.filter(user=by, **which).delete()
        tell("suggestions", by.pk)
        record(
            Change(
                actor=by.pk, verb="mute_suggestions" if muted else "unmute_suggestions", subject="advice.Mute",
                key=str(by.pk), at=at,
                values={name: each.pk for name, each in which.items() if each is not None},
            )
        )  # fmt: skip


def _seen(key: int, *, by: User) -> tuple[Suggestion, Deal | Account]:
    """Hold a suggestion about what `by` may see. Raises NotFound."""
    held = (
        Suggestion.objects.select_for_update(of=("self",))
        .select_related("deal", "trigger")
        .filter(pk=key)
        .first()
    )
    if held is None:
        raise NotFound
    if held.deal_id is not None:
        return held, crm_queries.deal(user=by, key=held.deal_id)
    return held, crm_queries.account(user=by, key=held.account_id)


def _held(key: int, *, by: User) -> tuple[Suggestion, Deal | Account]:
    """Hold an open suggestion about what `by` may change. Raises NotFound, NotAllowed or SuggestionEnded."""
    held, subject = _seen(key, by=by)
    _require_change(subject, by=by)
    if held.ended_at is not None:
        raise SuggestionEnded
    return held, subject


def _require_change(subject: Deal | Account, *, by: User) -> None:
    allowed = may(user=by, action=Action.CHANGE, record=subject)
    if not allowed.allowed:
        raise NotAllowed(zh=allowed.because_zh, en=allowed.because_en)


def _end(held: Suggestion, how: str, *, by: User, at: datetime) -> None:
    held.ended_at, held.how, held.decided_by = at, how, by
    held.save()
    told([held])


def _taught(held: Suggestion, *, by: User, at: datetime) -> Mute | None:
    """Make a trigger quiet for who found it not useful too often."""
    found = Suggestion.objects.filter(
        trigger=held.trigger_id, decided_by=by, reason=Reason.NOT_USEFUL, ended_at__gt=at - TAUGHT_IN
    )
    if (
        found.count() < TAUGHT_AFTER
        or Mute.objects.filter(user=by, trigger=held.trigger_id, until=None).exists()
    ):
        return None
    made, _ = Mute.objects.update_or_create(
        user=by, trigger_id=held.trigger_id, defaults={"made_at": at, "until": at + QUIET, "learned": True}
    )
    return made


def _keep(verb: str, held: Suggestion, *, by: User, at: datetime, asset: int | None = None) -> None:
    values = {
        "asset": asset,
        "deal": held.deal_id,
        "account": held.account_id,
        "trigger": held.trigger_id,
        "reason": held.reason,
    }
    record(
        Change(
            actor=by.pk, verb=verb, subject="advice.Suggestion", key=str(held.pk), at=at,
            values={name: value for name, value in values.items() if value},
        )
    )  # fmt: skip
