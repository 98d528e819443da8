"""What crm tells higher rooms, inside the transaction of the verb. Records are named by their keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class _Told:
    """`actor` is the user who did it, None for Foresail itself."""

    account: int
    actor: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DealOpened(_Told):
    deal: int
    pipeline: int
    owner: int | None
    team: int | None
    stage_key: str
    amount: Decimal | None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DealMoved(_Told):
    """`deal` stands in the stage `stage_key` now."""

    deal: int
    stage_key: str


@dataclass(frozen=True, kw_only=True)
class DealEnded(_Told):
    """`outcome` is "won" or "lost"."""

    deal: int
    outcome: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class DealAmended(_Told):
    """`changed` are the names of the fields that have another value now."""

    deal: int
    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TaskFinished(_Told):
    deal: int
    task: int
    title: str


@dataclass(frozen=True, kw_only=True)
class ContactLeft(_Told):
    """`deals` are the open ones in which the contact has a role."""

    contact: int
    deals: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class HappenedTo:
    """Something happened to an account, a contact or a lead, and in no deal: deals have events of their own.

    `kind` is "task_done", "contact_left", "lead_taken_up", "lead_converted" or "lead_discarded"; `mark` tells it from
    others of the record and the instant. A lead has no account until it is converted.
    """

    record_type: str
    record: int
    account: int | None
    kind: str
    mark: str = ""
    actor: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DealBinned(_Told):
    """`deal` went into the bin, or came back from it."""

    deal: int
    binned: bool


@dataclass(frozen=True, kw_only=True)
class ManyTold:
    """Events of many deals at once, from an import or another verb for many: whoever listens for them listens for this too."""

    events: tuple[DealOpened | DealMoved | DealEnded | DealAmended, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something that happened in a deal, as somebody else's log tells it: when, and from when it was known.

    `actor_label` names who did it where that is no user. `stage` is what the log calls the stage that the deal came
    to. `mark` tells it from others of the deal.
    """

    deal: int
    account: int
    kind: str
    at: datetime
    known_at: datetime
    actor: int | None
    actor_label: str | None
    stage: str | None
    mark: str


@dataclass(frozen=True, kw_only=True)
class LogTold:
    """What an imported log tells of many deals. `actor` had it imported."""

    events: tuple[Happening, ...]
    actor: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OwnersChanged:
    """Records of one kind changed hands: of each its key, whose it was and whose it is, None for nobody's.

    What is new was nobody's. Contacts that follow their accounts are not told of.
    """

    record_type: str
    changes: tuple[tuple[int, int | None, int | None], ...]
    actor: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RecordShared:
    """A record was shared with `people`, or otherwise than before: with one, or with all who are in a team."""

    record_type: str
    record: int
    people: tuple[int, ...]
    actor: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class NoteMentioned:
    """A note about a record names `people`, who may see the record, as it did not before."""

    record_type: str
    record: int
    people: tuple[int, ...]
    actor: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class TaskAssigned:
    """A task is `assignee`'s to do now. It is for the record of that kind, or for none."""

    task: int
    record_type: str | None
    record: int | None
    assignee: int
    actor: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ImportEnded:
    """An import came to its end in the background; `owner` had it done. `status` is "done" or "undone"."""

    imported: int
    owner: int | None
    status: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RecordsDoubted:
    """Somebody should look at these: `doubt` is "duplicate" or "departure". Foresail itself found it."""

    record_type: str
    records: tuple[int, ...]
    doubt: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RecordsLeave:
    """Records that an import added are to be removed for good. Who keeps something that somebody did since says so
    in `staying`, by key, in Chinese and English; then the record stays.
    """

    record_type: str
    records: tuple[int, ...]
    since: datetime
    staying: dict[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RecordsPurged:
    """Records are removed for good, inside the transaction that does it: who keeps something of them lets go now."""

    record_type: str
    records: tuple[int, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RecordsMerged:
    """The records `gone` became the record `kept`, inside the transaction that does it.

    Who keeps something of one of them points it to `kept`, and keeps under `merge` what it was. `deals` are those
    that have another account or other people now.
    """

    merge: int
    record_type: str
    kept: int
    gone: tuple[int, ...]
    deals: tuple[int, ...]
    actor: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class MergeUndone(RecordsMerged):
    """The same records are what they were: who pointed something to `kept` then, points it back."""
