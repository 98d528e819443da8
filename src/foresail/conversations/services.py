"""The door: what was said is kept, and put onto the timeline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction

from foresail.conversations.departing import nature_of, says_left
from foresail.conversations.errors import (
    ContactElsewhere,
    DirectionMissing,
    InTheFuture,
    NotAllowed,
    TextTooLong,
    TitleInvalid,
)
from foresail.conversations.models import Communication, Repointed, kind_of
from foresail.core.changes import Change, record
from foresail.core.outbox import tell
from foresail.crm.queries import facts_of, left_at, present_contacts
from foresail.crm.services import judge_departures, person_of
from foresail.people.rules import Action, may
from foresail.timeline.services import NewEntry, append

if TYPE_CHECKING:
    from foresail.crm.models import Contact, Deal
    from foresail.people.models import User

LONGEST_TITLE: Final = 300
LONGEST_TEXT: Final = 20_000
BASIS: Final = "legitimate_interest"
OWN: Final = "foresail"
"""The source of what is typed in here."""
_COLUMNS: Final = (
    *("deal_id", "account_id", "channel", "direction", "title", "text"),
    *("at", "known_at", "author_id", "contact_id", "source", "source_id"),
)
_WRITTEN: Final = frozenset({Communication.Channel.MAIL, Communication.Channel.CHAT})


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCommunication:
    """A talk as it came from `source`, for `add_communications`. Records are named by their keys."""

    deal: int
    account: int
    channel: str
    direction: str
    title: str
    text: str
    at: datetime
    known_at: datetime
    source: str
    source_id: str
    author: int | None = None
    contact: int | None = None


def record_communication(
    *,
    deal: Deal,
    channel: str,
    direction: str = "none",
    title: str,
    text: str = "",
    contact: Contact | None = None,
    happened_at: datetime,
    by: User,
    at: datetime,
) -> Communication:
    """Keep a talk that `by` had in `deal` and writes down now; it may be about a deal that has ended.

    Raises NotAllowed, TitleInvalid, TextTooLong, DirectionMissing, InTheFuture or ContactElsewhere, ValueError for
    an unknown channel or direction.
    """
    with transaction.atomic():
        allowed = may(user=by, action=Action.CHANGE, record=deal)
        if not allowed.allowed:
            raise NotAllowed(zh=allowed.because_zh, en=allowed.because_en)
        title = " ".join(title.replace("\0", " ").split())
        text = text.replace("\0", " ").strip()
        if not 0 < len(title) <= LONGEST_TITLE:
            raise TitleInvalid(longest=LONGEST_TITLE)
        if len(text) > LONGEST_TEXT:
            raise TextTooLong(longest=LONGEST_TEXT)
        if happened_at > at:
            raise InTheFuture
        if contact is not None and contact.account_id != deal.account_id:
            raise ContactElsewhere(contact=contact.name)
        way = Communication.Channel(channel), Communication.Direction(direction)
        if way[0] in _WRITTEN and way[1] is Communication.Direction.NONE:
            raise DirectionMissing
        kept = Communication(
            deal=deal,
            account_id=deal.account_id,
            channel=way[0].value,
            direction=way[1].value,
            title=title,
            text=text,
            at=happened_at,
            known_at=at,
            author=by,
            contact=contact,
            source=OWN,
        )
        (kept.pk,) = _next_keys(1)
        kept.source_id = f"communication:{kept.pk}"
        kept.save(force_insert=True)
        append([_entry(kept.pk, _row(kept), _left_of([_row(kept)]))], at=at)
        _tell_contacts([_row(kept)])
        _judge([_row(kept)], at=at)
        record(
            Change(
                actor=by.pk,
                verb="record_communication",
                subject="conversations.Communication",
                key=str(kept.pk),
                at=at,
                values={
                    "deal": deal.pk,
                    "channel": kept.channel,
                    "direction": kept.direction,
                    "contact": kept.contact_id,
                    "at": happened_at,
                    "title": title,
                    "text": text,
                },
                personal=frozenset({"title", "text"}),
                person=person_of(contact.pk) if contact is not None else str(by.pk),
            )
        )
        return kept


def add_communications(rows: Sequence[NewCommunication], *, at: datetime, quiet: bool = True) -> int:
    """Keep many talks, told of as one change; return how many were not here yet. Foresail itself does this.

    What `rows` say is kept as it is; a row that contradicts the tables' rules raises IntegrityError.
    """
    with transaction.atomic():
        fresh = _unseen(rows)
        keys = _next_keys(len(fresh))
        _copy(keys, fresh)
        left = _left_of(fresh)
        append([_entry(key, row, left) for key, row in zip(keys, fresh, strict=True)], at=at, quiet=quiet)
        if not quiet:
            _tell_contacts(fresh)
        digest = hashlib.sha256()
        for row in fresh:
            text = json.dumps(_values(row), ensure_ascii=False, separators=(",", ":"), default=str)
            digest.update(text.encode() + b"\n")
        record(
            Change(
                actor=None,
                verb="add_communications",
                subject="conversations.Communication",
                key="",
                at=at,
                values={"count": len(fresh), "sha256": digest.hexdigest()},
            )
        )
        return len(fresh)


def _tell_contacts(rows: Sequence[NewCommunication]) -> None:
    """Let pages load again that show what those people took part in; timeline knows them not."""
    tell("contact", *sorted({row.contact for row in rows if row.contact is not None}))


def _unseen(rows: Sequence[NewCommunication]) -> list[NewCommunication]:
    """Return those of `rows` that are not here yet, each once."""
    wanted = {(row.source, row.source_id): row for row in rows}
    seen = Communication.objects.filter(
        source__in={source for source, _ in wanted}, source_id__in=[own for _, own in wanted]
    )
    for key in seen.values_list("source", "source_id"):
        wanted.pop(key, None)
    return list(wanted.values())


def _next_keys(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('conversations_communication', 'id')) "
            "FROM generate_series(1, %s)",
            [count],
        )
        return [key for (key,) in cursor.fetchall()]


def _copy(keys: Sequence[int], rows: Sequence[NewCommunication]) -> None:
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY conversations_communication (id, {', '.join(_COLUMNS)}) FROM STDIN") as copy,
    ):
        for key, row in zip(keys, rows, strict=True):
            copy.write_row((key, *_values(row)))


def _values(row: NewCommunication) -> tuple[Any, ...]:
    """Return what is kept of `row`, in the order of _COLUMNS."""
    return (
        *(row.deal, row.account, row.channel, row.direction, row.title, row.text),
        *(row.at, row.known_at, row.author, row.contact, row.source, row.source_id),
    )


def _row(kept: Communication) -> NewCommunication:
    return NewCommunication(
        deal=kept.deal_id,
        account=kept.account_id,
        channel=kept.channel,
        direction=kept.direction,
        title=kept.title,
        text=kept.text,
        at=kept.at,
        known_at=kept.known_at,
        source=kept.source,
        source_id=kept.source_id,
        author=kept.author_id,
        contact=kept.contact_id,
    )


def _left_of(rows: Sequence[NewCommunication]) -> dict[int, datetime]:
    """Return when those of the contacts left who did."""
    return left_at({row.contact for row in rows if row.contact is not None})


def _judge(rows: Sequence[NewCommunication], *, at: datetime) -> None:
    """Have it weighed at once whether somebody left, where a mail speaks for it; the rest is weighed at night."""
    about = {
        row.contact
        for row in rows
        if row.contact is not None
        and nature_of(channel=row.channel, direction=row.direction, title=row.title, text=row.text)
    }
    accounts = {row.account for row in rows if says_left(row.text)}
    about |= {key for key, _, _ in present_contacts(accounts=accounts)}
    if about:
        judge_departures(contacts=sorted(about), at=at)


def _kind(row: NewCommunication, left: Mapping[int, datetime]) -> str:
    """Return what a talk is on the timeline. What no person wrote, or one who had left, says nothing of the deal."""
    if nature_of(channel=row.channel, direction=row.direction, title=row.title, text=row.text):
        return "mail_auto"
    if row.contact is not None and row.contact in left and left[row.contact] <= row.at:
        return "talk_left"
    return kind_of(row.channel, row.direction)


def _entry(key: int, row: NewCommunication, left: Mapping[int, datetime]) -> NewEntry:
    # A mail or a message of the customer's was written by no user of ours.
    ours = row.direction != Communication.Direction.IN or row.channel not in _WRITTEN
    return NewEntry(
        known_at=row.known_at,
        at=row.at,
        kind=_kind(row, left),
        deal_id=row.deal,
        account_id=row.account,
        actor_id=row.author if ours else None,
        subject=f"crm.Deal:{row.deal}",
        source=row.source,
        source_id=row.source_id,
        basis=BASIS,
        ref=f"conversations.Communication:{key}",
    )


def forget_deals(*, deals: Collection[int]) -> None:
    """Remove what was said in deals that are removed for good."""
    Communication.objects.filter(deal__in=deals).delete()


def forget_contacts(*, contacts: Collection[int]) -> None:
    """Forget with whom it was spoken, where the contacts are removed for good."""
    Communication.objects.filter(contact__in=contacts).update(contact=None)


def repoint(*, merge: int, column: str, gone: Collection[int], kept: int) -> None:
    """Let what was said with, or to, the records `gone` be with `kept`; `column` is "account" or "contact"."""
    found = Communication.objects.select_for_update().filter(**{f"{column}__in": gone}).order_by("pk")
    before = list(found.values_list("pk", f"{column}_id"))
    Repointed.objects.bulk_create(
        (
            Repointed(merge=merge, communication_id=key, column=column, before=was, after=kept)
            for key, was in before
        ),
        batch_size=2_000,
    )
    Communication.objects.filter(pk__in=[key for key, _ in before]).update(**{f"{column}_id": kept})


def point_back(*, merge: int) -> None:
    """Take back what `repoint` did for a merge, wherever nobody changed it since."""
    with connection.cursor() as cursor:
        for column in ("account", "contact"):
            cursor.execute(
                f"""
                UPDATE conversations_communication talk SET {column}_id = moved.before
                FROM conversations_repointed moved
                WHERE moved.merge = %s AND moved."column" = %s AND talk.id = moved.communication_id
                    AND talk.{column}_id = moved.after
                """,  # noqa: S608  (one of two words)
                [merge, column],
            )
    Repointed.objects.filter(merge=merge).delete()


def follow_deals(*, deals: Collection[int]) -> None:
    """Let what was said since, in deals that went back to another account, go back with them."""
    for deal, facts in facts_of(deals).items():
        Communication.objects.filter(deal=deal).exclude(account=facts.account).update(account=facts.account)
