"""The ledger of consent: what was given, what was withdrawn, with its proof; a withdrawal erases in the same breath."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction
from django.db.models import Max

from foresail.core.changes import Change, record
from foresail.core.locks import lock
from foresail.core.outbox import tell
from foresail.governance.collecting import Purpose, Reason
from foresail.governance.erasing import Erasure, erase
from foresail.governance.errors import WordingInvalid
from foresail.governance.models import ConsentEntry, ConsentWording
from foresail.governance.permission import may_propose
from foresail.people.errors import NotAllowed

if TYPE_CHECKING:
    from foresail.people.models import User

LONGEST_WORDING: Final = 5_000


@dataclass(frozen=True, kw_only=True)
class ConsentGiven:
    """That `subject` gave or withdrew consent to `purpose` at `at`. `wording` is the key of what they were asked."""

    subject: str
    purpose: Purpose
    given: bool
    at: datetime
    source: str
    wording: int | None = None
    proof: Mapping[str, Any] = field(default_factory=dict)


def add_wording(*, purpose: Purpose, zh: str, en: str, by: User, at: datetime) -> ConsentWording:
    """Keep another wording of what people are asked. Raises NotAllowed or WordingInvalid."""
    if not may_propose(by):
        raise NotAllowed
    zh, en = zh.strip(), en.strip()
    if not zh or not en or max(len(zh), len(en)) > LONGEST_WORDING:
        raise WordingInvalid(most=LONGEST_WORDING)
    with transaction.atomic():
        lock(f"governance wording {purpose}")
        last = ConsentWording.objects.filter(purpose=purpose).aggregate(last=Max("version"))["last"] or 0
        made = ConsentWording.objects.create(
            purpose=purpose, version=last + 1, zh=zh, en=en, added_by=by, added_at=at
        )
        tell("collecting", 0)
        record(
            Change(
                actor=by.pk, verb="add_wording", subject="governance.ConsentWording", key=str(made.pk), at=at,
                values={"purpose": purpose.value, "version": made.version},
            )
        )  # fmt: skip
    return made


@dataclass(frozen=True, kw_only=True)
class Noted:
    """Of how many people a withdrawal was kept, and how much it took away, by room."""

    people: int = 0
    erased: Mapping[str, int] = field(default_factory=dict)


def note_consents(said: Sequence[ConsentGiven], *, by: User | None, at: datetime) -> Noted:
    """Keep what was said, in the caller's transaction, and erase at once what a withdrawal leaves without ground.

    A withdrawal waits until what is being taken in is there, and erases that too; see `hold_consents`. One of somebody
    who never gave consent erases nothing, and is kept all the same: the consent may be under way, and must not count
    when it arrives later. What was withdrawn the caller tells at its end, with `tell_withdrawals`.
    """
    if not said:
        return Noted()
    known = {each.subject for each in said if each.given}
    withdrawing = {each.subject for each in said if not each.given}
    if withdrawing:
        hold_consents(alone=True)
        kept = ConsentEntry.objects.filter(subject__among=list(withdrawing))
        known.update(kept.values_list("subject", flat=True).distinct())
    ConsentEntry.objects.bulk_create(
        ConsentEntry(
            subject=each.subject, purpose=each.purpose.value, given=each.given, at=min(each.at, at), known_at=at,
            wording_id=each.wording, source=each.source, proof=dict(each.proof), by=by.pk if by else None,
        )
        for each in said
    )  # fmt: skip
    withdrawn: defaultdict[Purpose, set[str]] = defaultdict(set)
    for each in said:
        if not each.given and each.subject in known:
            withdrawn[each.purpose].add(each.subject)
    gone: Counter[str] = Counter()
    for purpose, subjects in withdrawn.items():
        gone.update(erase(Erasure(subjects=frozenset(subjects), purpose=purpose, at=at)))
    tell("collecting", 0)
    return Noted(people=len(withdrawing & known), erased=gone)


def tell_withdrawals(noted: Noted, *, by: User | None, at: datetime) -> None:
    """Let the trail know how many withdrew, and what went: as the last thing a transaction does."""
    if noted.people:
        values = {"people": noted.people, "erased": dict(noted.erased)}
        record(
            Change(
                actor=by.pk if by else None, verb="consent_withdrawn", subject="governance.ConsentEntry", key="", at=at,
                values=values,
            )
        )  # fmt: skip


def hold_consents(*, alone: bool = False) -> None:
    """Let no consent be withdrawn before this transaction ends; `alone`, for a withdrawal, let nothing be taken in either.

    Whoever needs it alone asks for that first: two who first hold it with others would wait for each other.
    """
    with connection.cursor() as cursor:
        how = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        cursor.execute(f"SELECT {how}(hashtextextended('foresail.governance consent', 0))")


def count_left_out(counts: Mapping[tuple[str, Reason], int], *, at: datetime) -> None:
    """Add to how much the gate left out today, by source and reason."""
    if not counts:
        return
    rows = sorted((source, reason.value, count) for (source, reason), count in counts.items())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO governance_gatecount AS kept ("on", source, reason, count)
            SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::bigint[])
            ON CONFLICT ("on", source, reason) DO UPDATE SET count = kept.count + excluded.count
            """,
            [at.astimezone(UTC).date(), *map(list, zip(*rows, strict=True))],
        )
