"""The ledger of consent: what was given, what was withdrawn, with its proof; a withdrawal erases in the same breath."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction
from django.db.models import Max

from foresail.core.changes import Change, record
from foresail.core.locks import lock
from foresail.core.outbox import tell
from foresail.governance import journal
from foresail.governance.collecting import CONTACT, Purpose, Reason, Standing, standing
from foresail.governance.erasing import Erasure, erase
from foresail.governance.errors import WordingInvalid
from foresail.governance.models import AuditRow, ConsentEntry, ConsentWording
from foresail.governance.permission import may_propose
from foresail.governance.queries.collecting import consents_of, words_of
from foresail.people.errors import NotAllowed

if TYPE_CHECKING:
    from foresail.people.models import User

LONGEST_WORDING: Final = 5_000
LONGEST_VERB: Final = timedelta(hours=1)
"""No transaction that withdraws takes longer than that, so that it can be told what was there when a backup was made."""
MERGE: Final = "merge"
"""The source of what somebody is held to since they were found to be somebody else too."""


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
class Withdrawals:
    """Of how many people a withdrawal was kept, and how much was taken away, by room."""

    people: int = 0
    erased: Mapping[str, int] = field(default_factory=dict)


def note_consents(said: Sequence[ConsentGiven], *, by: User | None, at: datetime) -> Withdrawals:
    """Keep what was said, in the caller's transaction, and erase at once what a withdrawal leaves without ground.

    A withdrawal waits until what is being taken in is there, and erases that too; see `hold_consents`. One of somebody
    who never gave consent is kept all the same: the consent may be under way, and must not count when it arrives later.
    What was withdrawn the caller tells at its end, with `tell_withdrawals`.
    """
    if not said:
        return Withdrawals()
    known = {each.subject for each in said if each.given or each.subject.startswith(CONTACT)}
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
    # Of who never said anything nothing rests on consent, and lines of them would be without end.
    if names := {
        f"{each.purpose} {each.subject}" for each in said if not each.given and each.subject in known
    }:
        journal.note(names, at=at)
    withdrawn: defaultdict[Purpose, set[str]] = defaultdict(set)
    for each in said:
        if not each.given:
            withdrawn[each.purpose].add(each.subject)
    gone: Counter[str] = Counter()
    for purpose, subjects in withdrawn.items():
        gone.update(erase(Erasure(subjects=frozenset(subjects), purpose=purpose, at=at)))
    tell("collecting", 0)
    return Withdrawals(people=len(withdrawing & known), erased=gone)


def join_consents(*, kept: str, gone: Collection[str], merge: int, at: datetime) -> Withdrawals:
    """Hold those who turned out to be one person to the strictest of what each said, in the caller's transaction.

    Who said no speaks for all of them, also for who was never asked, until the person agrees anew: what rested on consent
    is erased. Where none did, a consent that only one of `gone` gave is that of `kept`. `part_consents` takes it back.
    """
    hold_consents(alone=True)
    said = consents_of([kept, *gone])
    joined: list[ConsentGiven] = []
    for purpose in Purpose:
        stand = {each: standing(said.get((each, purpose), ())) for each in (kept, *gone)}
        if Standing.WITHDRAWN in stand.values():
            joined += [
                ConsentGiven(
                    subject=each, purpose=purpose, given=False, at=at, source=MERGE, proof={"merge": merge}
                )
                for each, where in stand.items()
                if where is not Standing.WITHDRAWN
            ]
        elif stand[kept] is Standing.NONE and Standing.GIVEN in stand.values():
            one = next(each for each, where in stand.items() if where is Standing.GIVEN)
            word = next(each for each in words_of(one) if each.purpose == purpose)
            joined.append(
                ConsentGiven(
                    subject=kept, purpose=purpose, given=True, at=word.at, source=MERGE, wording=word.wording_id,
                    proof={"merge": merge, "entry": word.pk},
                )
            )  # fmt: skip
    return note_consents(joined, by=None, at=at)


def part_consents(*, subjects: Collection[str], merge: int, at: datetime) -> Withdrawals:
    """Take back what `join_consents` held `subjects` to: they are several people. What was erased stays erased.

    What rested on a consent that was only lent to one of them goes. The caller tells it, with `tell_withdrawals`.
    """
    hold_consents(alone=True)
    rows = ConsentEntry.objects.filter(subject__among=list(subjects), source=MERGE, proof__merge=merge)
    held = list(rows.filter(takes_back=None))
    ConsentEntry.objects.bulk_create(
        ConsentEntry(
            subject=each.subject, purpose=each.purpose, given=not each.given, at=at, known_at=at, source=MERGE,
            proof={"merge": merge}, takes_back=each,
        )
        for each in held
    )  # fmt: skip
    said = consents_of(subjects)
    gone: Counter[str] = Counter()
    back: set[str] = set()
    for each in held:
        purpose = Purpose(each.purpose)
        stands = standing(said.get((each.subject, purpose), ()))
        if each.given and stands is not Standing.GIVEN:
            gone.update(erase(Erasure(subjects={each.subject}, purpose=purpose, at=at, lent=merge)))
        elif not each.given and stands is not Standing.WITHDRAWN:
            back.add(f"{purpose} {each.subject}")
    if back:
        journal.note(back, at=at, back=True)
    tell("collecting", 0)
    return Withdrawals(erased=gone)


def tell_withdrawals(noted: Withdrawals, *, by: User | None, at: datetime) -> None:
    """Let the trail know how many withdrew, and what went: as the last thing a transaction does."""
    if noted.people or any(noted.erased.values()):
        values = {"people": noted.people, "erased": dict(noted.erased)}
        record(
            Change(
                actor=by.pk if by else None, verb="consent_withdrawn", subject="governance.ConsentEntry", key="", at=at,
                values=values,
            )
        )  # fmt: skip


def withdraw_again(*, begun: Mapping[str, datetime], at: datetime) -> int:
    """Withdraw once more what was withdrawn since the backup was made that stands here now; return how many that were.

    It is asked of those `begun`, since when they are there: keys are given out again after a restore. And of all others
    whom the ledger names. What is older than the backup and not in its ledger never came about, or was taken back.
    """
    noted = journal.Journal()
    if not noted:
        return 0
    with transaction.atomic():
        hold_consents(alone=True)
        words = ConsentEntry.objects.filter(given=False, takes_back=None).values_list("subject", "purpose")
        known = {tuple(who): last for *who, last in words.annotate(last=Max("known_at"))}
        named = set(ConsentEntry.objects.values_list("subject", flat=True).distinct())
        never = datetime.min.replace(tzinfo=UTC)
        last = AuditRow.objects.order_by("-sequence").values_list("at", flat=True).first()
        made = last - LONGEST_VERB if last else never
        said = [
            ConsentGiven(subject=subject, purpose=purpose, given=False, at=when, source="restore")
            for subject in sorted(named.union(begun))
            for purpose in Purpose
            if (when := noted.at(f"{purpose} {subject}")) is not None
            and when > max(known.get((subject, purpose.value), never), begun.get(subject, never), made)
        ]
        tell_withdrawals(note_consents(said, by=None, at=at), by=None, at=at)
    return len(said)


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
