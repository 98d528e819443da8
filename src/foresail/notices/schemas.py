"""Wire shapes."""

from __future__ import annotations

from datetime import datetime, time
from typing import Literal

from pydantic import AwareDatetime

from foresail.core.api import Reference, Schema
from foresail.core.workdays import LAST_YEAR
from foresail.notices.models import KINDS, Preference
from foresail.notices.queries import Told

Wanted = Literal[
    "task", "given", "shared", "taken", "verdict", "alert", "imported", "doubt", "report", "mention"
]
Kind = Literal[Wanted, "summary"]
Days = Literal["none", "weekend", "calendar"]
RecordType = Literal["account", "contact", "lead", "deal", "product"]


class NotificationOut(Schema):
    """What was told, for the page to put into words.

    `record` is null where the person may no longer see it, `more` counts further records of the same kind, `times`
    how often it was the same. `said`: an outcome (won, lost), a doubt (duplicate, departure), how an import ended
    (done, undone). A summary stands for `times` others, found by its id.
    """

    id: int
    kind: Kind
    record_type: str
    record: Reference | None
    more: int
    times: int
    task: str | None
    said: str
    actor: str | None
    at: datetime
    read: bool

    @classmethod
    def of(cls, each: Told) -> NotificationOut:
        row = each.notification
        hidden = row.record is not None and each.record is None
        return cls(
            id=row.pk,
            kind=row.kind,  # type: ignore[arg-type]  # one of them
            record_type=row.record_type,
            record=Reference(id=each.record[0], name=each.record[1]) if each.record else None,
            more=row.more,
            times=row.times,
            task=each.task,
            said="" if hidden else row.said,
            actor=each.actor,
            at=row.at,
            read=row.read_at is not None,
        )


class NotificationsOut(Schema):
    items: list[NotificationOut]
    next: str | None


class UnreadOut(Schema):
    """`count` is at most 100. `quiet_until` says until when nothing lights up."""

    count: int
    quiet_until: AwareDatetime | None


class MutedOut(Schema):
    """`name` is null where the person may no longer see the record."""

    record_type: RecordType
    record: int
    name: str | None


class PreferencesIn(Schema):
    """Quiet hours have both ends or none; the zone is a name such as Asia/Shanghai.

    `quiet_days` are quiet all day: weekends, or by the calendar China's holidays and the weekends that are not worked.
    """

    kinds: dict[Wanted, bool]
    quiet_from: time | None
    quiet_to: time | None
    quiet_days: Days
    zone: str


class PreferencesOut(PreferencesIn):
    """`calendar_until` is the last year whose holidays are known; beyond, the calendar has weekends alone."""

    calendar_until: int
    muted: list[MutedOut]

    @classmethod
    def of(cls, each: Preference, muted: list[tuple[str, int, str | None]]) -> PreferencesOut:
        return cls(
            kinds={kind: each.wants(kind) for kind in KINDS},  # type: ignore[misc]  # these are the wanted ones
            quiet_from=each.quiet_from,
            quiet_to=each.quiet_to,
            quiet_days=each.quiet_days,  # type: ignore[arg-type]  # one of them
            zone=each.zone,
            calendar_until=LAST_YEAR,
            muted=[MutedOut(record_type=kind, record=key, name=name) for kind, key, name in muted],  # type: ignore[arg-type]  # kinds of records
        )


class MuteIn(Schema):
    record_type: RecordType
    record: int
    muted: bool
