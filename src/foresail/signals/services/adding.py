"""Signals are added up: what each says of an account's interest, and what that comes to.

One adds up at a time. What a visitor did on a day is judged as a whole, so that the order in which signals arrive
changes nothing: what stands already stays, what should stand otherwise is ended and begun anew. Sums follow in the same
transaction: what is new is added to them, and a sum that lost something is made anew from what stands.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from foresail.core.clock import ZONE
from foresail.core.events import emit
from foresail.core.locks import lock
from foresail.core.outbox import tell
from foresail.crm.queries import ContactPlace, accounts_now, places_of
from foresail.science import interest
from foresail.signals.events import InterestTurned
from foresail.signals.kinds import NO_INTEREST, kind_of, size_of
from foresail.signals.models import Tie
from foresail.signals.services.resolving import Arrived, claims_in, keep_surest, resolve
from foresail.signals.topics import page_of, topics_in_force
from foresail.signals.weighing import half_lives

BATCH: Final = 5_000
MOST_A_DAY: Final = 2_000
"""So many signals of one visitor and day are looked at: who sends more is no reader."""
_TAKE: Final = """
    WITH next AS (DELETE FROM signals_fresh WHERE signal_id IN (
        SELECT signal_id FROM signals_fresh ORDER BY signal_id LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING signal_id, known_at)
    SELECT signal.id, signal.known_at, at, visitor_id, key_id, source, kind, values::text
    FROM next JOIN signals_signal signal ON signal.id = next.signal_id AND signal.known_at = next.known_at
    ORDER BY signal.id
"""
# Beyond so many of the same page, kind and day a signal cannot be among those that count; and nobody reads as much in a
# day as the first of them are in all.
_PAST: Final = """
    SELECT id, known_at, at, visitor_id, key_id, source, kind, values::text FROM (
        SELECT *, row_number() OVER (
            PARTITION BY visitor_id, kind, (at AT TIME ZONE %(zone)s)::date, values->>'url', values->>'file',
                values->>'query', values->>'title' ORDER BY id
        ) AS place, row_number() OVER (
            PARTITION BY visitor_id, (at AT TIME ZONE %(zone)s)::date ORDER BY id
        ) AS of_day
        FROM signals_signal WHERE visitor_id = ANY(%(visitors)s)
            AND (%(days)s::date[] IS NULL OR (at AT TIME ZONE %(zone)s)::date = ANY(%(days)s))
            AND (%(days)s::date[] IS NULL OR at >= %(from)s::date::timestamp AT TIME ZONE %(zone)s)
    ) AS numbered WHERE place <= %(most)s AND of_day <= %(most_a_day)s ORDER BY id
"""
_TELLING: Final = """
    SELECT DISTINCT ON (visitor_id, values->>'email', values->>'company', values->>'link_id')
        id, known_at, at, visitor_id, key_id, source, kind, values::text FROM signals_signal signal
    WHERE (kind IN ('identify', 'alias', 'group') OR values ?| ARRAY['email', 'company', 'link_id'])
        AND NOT EXISTS (SELECT FROM signals_tie tie WHERE tie.visitor_id = signal.visitor_id AND ended_at IS NULL)
    ORDER BY visitor_id, values->>'email', values->>'company', values->>'link_id', id DESC
"""
_STANDING: Final = """
    SELECT signal_id, topic_id, id, account_id, contact_id, kind, amount, topics FROM signals_evidence
    WHERE visitor_id = ANY(%s) AND ended_at IS NULL AND (%s::date[] IS NULL OR "on" = ANY(%s))
"""
_END: Final = "UPDATE signals_evidence SET ended_at = greatest(known_at, %s) WHERE id = ANY(%s)"
_BEGIN: Final = """
    COPY signals_evidence
        (account_id, topic_id, kind, signal_id, visitor_id, contact_id, at, "on", known_at, amount, topics)
    FROM STDIN
"""
# What was ended was made of whoever a visitor was taken to be before: it goes where nothing proves that any more.
_LET_GO: Final = """
    DELETE FROM signals_evidence evidence WHERE visitor_id = ANY(%(visitors)s) AND (
        signal_id = ANY(%(signals)s) OR (ended_at IS NULL AND visitor_id <> ALL(
            SELECT visitor_id FROM signals_tie WHERE visitor_id = ANY(%(visitors)s) AND ended_at IS NULL
        )) OR (ended_at IS NOT NULL AND visitor_id = ANY(%(untied)s) AND NOT EXISTS (
            SELECT FROM signals_tie tie WHERE tie.visitor_id = evidence.visitor_id
                AND tie.contact_id IS NOT DISTINCT FROM evidence.contact_id
                AND (tie.contact_id IS NOT NULL OR tie.account_id = evidence.account_id)
        ))
    ) RETURNING account_id, topic_id, kind
"""
_NEW_DAYS: Final = """
    SELECT account FROM unnest(%s::bigint[], %s::date[], %s::bigint[]) AS asked (account, day, topic)
    WHERE NOT EXISTS (
        SELECT FROM signals_daily WHERE account_id = asked.account AND "on" = asked.day AND topic_id = asked.topic
    )
"""
# After 900 half-lives no less is left, as where strengths are read.
_ADD: Final = """
    INSERT INTO signals_interest AS old (account_id, topic_id, kind, at, value, whole)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[], %s::float8[], %s::float8[])
    ON CONFLICT (account_id, topic_id, kind) DO UPDATE SET (at, value, whole) = (
        SELECT greatest(old.at, excluded.at), old.value * kept.old + excluded.value * kept.new,
            old.whole * kept.old + excluded.whole * kept.new
        FROM (SELECT
            power(2, greatest(-900, -extract(epoch FROM greatest(old.at, excluded.at) - old.at)::float8 / 86400 / life.days)) AS old,
            power(2, greatest(-900, -extract(epoch FROM greatest(old.at, excluded.at) - excluded.at)::float8 / 86400 / life.days)) AS new
            FROM (SELECT (%s::jsonb ->> excluded.kind)::float8 AS days) AS life) AS kept
    )
"""
_ADD_DAYS: Final = """
    INSERT INTO signals_daily AS old (account_id, "on", topic_id, kind, amount, whole, count)
    SELECT * FROM unnest(%s::bigint[], %s::date[], %s::bigint[], %s::text[], %s::float8[], %s::float8[], %s::int[])
    ON CONFLICT (account_id, "on", topic_id, kind) DO UPDATE SET
        amount = old.amount + excluded.amount, whole = old.whole + excluded.whole, count = old.count + excluded.count
"""
# The accounts once more by themselves: with them an index is asked, however many rows there are besides.
_AMONG: Final = """
    account_id = ANY(%(accounts)s) AND (account_id, topic_id, kind) IN (SELECT * FROM unnest(%(accounts)s::bigint[], %(topics)s::bigint[], %(kinds)s::text[]))
"""
_AGAIN: Final = """
    INSERT INTO signals_interest (account_id, topic_id, kind, at, value, whole)
    SELECT account_id, topic_id, kind, latest, sum(amount * kept), sum(amount / topics * kept) FROM (
        SELECT *, power(2, greatest(-900, -date_part('epoch', latest - at) / 86400 / (%(lives)s::jsonb ->> kind)::float8)) AS kept
        FROM (
            SELECT *, max(at) OVER (PARTITION BY account_id, topic_id, kind) AS latest FROM signals_evidence
            WHERE ended_at IS NULL AND ({which})
        ) AS timed
    ) AS faded GROUP BY account_id, topic_id, kind, latest
"""
_DAYS_AGAIN: Final = """
    INSERT INTO signals_daily (account_id, "on", topic_id, kind, amount, whole, count)
    SELECT account_id, "on", topic_id, kind, sum(amount), sum(amount / topics), count(*) FROM signals_evidence
    WHERE ended_at IS NULL AND ({which}) GROUP BY account_id, "on", topic_id, kind
"""


class _Row(NamedTuple):
    """Evidence as it should stand, in the order of `_BEGIN`."""

    account: int
    topic: int
    kind: str
    signal: int
    visitor: int
    contact: int | None
    at: datetime
    on: date
    known_at: datetime
    amount: float
    topics: int

    def says(self) -> tuple[object, ...]:
        """Return what of it may be otherwise while the signal is the same, in the order of `_STANDING`."""
        return self.account, self.contact, self.kind, self.amount, self.topics


@dataclass(frozen=True)
class _Turned:
    """Accounts whose sums are others now, and those of whom there are other days of interest."""

    accounts: frozenset[int] = frozenset()
    traces: frozenset[int] = frozenset()

    def __or__(self, other: _Turned) -> _Turned:
        return _Turned(self.accounts | other.accounts, self.traces | other.traces)


def add_up(*, most: int = BATCH) -> int:
    """Add up what came in, the first `most` of it, in one transaction; return how many signals that were."""
    with transaction.atomic():
        hold()
        arrived = _read(_TAKE, [most])
        if not arrived:
            return 0
        latest = max(each.known_at for each in arrived)
        # Of whom another is known now, the whole past is judged; of others the days on which something came.
        turned = keep_surest(resolve(claims_in(arrived)))
        told = _judge(turned, days=None, at=latest) | _judge(
            {each.visitor for each in arrived} - turned, days={_day(each.at) for each in arrived}, at=latest
        )
        _tell(told, at=latest)
    return len(arrived)


def judge_again(visitors: Collection[int], *, at: datetime) -> None:
    """Judge all that `visitors` did anew, in the caller's transaction: who they are, or what counts, is another from `at` on."""
    hold()
    _tell(_judge(set(visitors), days=None, at=at, again=True), at=at)


def resolve_again(*, at: datetime) -> None:
    """Find out who visitors are that told it when nobody here was called so. One transaction for all of them."""
    with transaction.atomic():
        hold()
        told = _read(_TELLING, [])
        turned = keep_surest(resolve(claims_in(told)), known_at=at)
        _tell(_judge(turned, days=None, at=at), at=at)


def let_go(*, signals: list[int], visitors: list[int], at: datetime) -> None:
    """Take away all that was made of `signals` of `visitors`, who are erased, in the caller's transaction.

    Nothing is ended, all of it goes. Whose proof of who they are goes with them is a stranger again.
    """
    hold()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM signals_fresh WHERE signal_id = ANY(%s)", [signals])
        cursor.execute("DELETE FROM signals_tie WHERE signal_id = ANY(%s) RETURNING visitor_id", [signals])
        untied = [visitor for (visitor,) in cursor.fetchall()]
    _let_go(signals=signals, visitors=visitors, untied=untied, at=at)


def untie(ties: Collection[int], *, at: datetime) -> bool:
    """Take away `ties`, those that were ended too, and all that was made of them; say whether there were any.

    In the caller's transaction. What visitors sent stays theirs.
    """
    hold()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM signals_tie WHERE id = ANY(%s) RETURNING visitor_id", [list(ties)])
        visitors = sorted({visitor for (visitor,) in cursor.fetchall()})
    if visitors:
        _let_go(signals=[], visitors=visitors, untied=visitors, at=at)
    return bool(visitors)


def _let_go(*, signals: list[int], visitors: list[int], untied: list[int], at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LET_GO, {"signals": signals, "visitors": visitors, "untied": untied})
        lost = {(account, topic, kind) for account, topic, kind in cursor.fetchall()}
        sum_again(cursor, lost)
    gone = frozenset(account for account, _, _ in lost)
    _tell(_Turned(gone, gone) | _judge(set(visitors), days=None, at=at), at=at, erased=bool(gone))


def hold() -> None:
    """Let nobody else add up before this transaction ends. Who needs `hold_consents` too asks for that first."""
    lock("signals adding")


def _tell(turned: _Turned, *, at: datetime, erased: bool = False) -> None:
    if turned.accounts:
        accounts, traces = tuple(sorted(turned.accounts)), tuple(sorted(turned.traces))
        tell("interest", *accounts)
        emit(InterestTurned(accounts=accounts, traces=traces, at=at, erased=erased))


def _judge(
    visitors: Collection[int], *, days: Collection[date] | None, at: datetime, again: bool = False
) -> _Turned:
    """Let exactly that evidence stand that what `visitors` did on `days` (None: ever) gives; return whose changed.

    What stands instead of something else is known from `at` on, and `again` all that is new: else it is known since
    the signal was, and who sent it.
    """
    ties = _ties(visitors)
    listed = None if days is None else sorted(days)
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [list(visitors), listed, listed])
        standing = {row[:2]: (row[2], row[3:]) for row in cursor.fetchall()}
        if not ties and not standing:
            return _Turned()
        wanted = {(row.signal, row.topic): row for row in _rows(_past(list(ties), days), ties)}
        ended = {
            key: (row, kept)
            for key, (row, kept) in standing.items()
            if key not in wanted or wanted[key].says() != kept
        }
        begun = [row for key, row in wanted.items() if key not in standing or key in ended]
        if not ended and not begun:
            return _Turned()
        cursor.execute(_END, [at, [row for row, _ in ended.values()]])
        with connection.wrap_database_errors, cursor.copy(_BEGIN) as copy:
            for row in begun:
                later = again or (row.signal, row.topic) in ended
                copy.write_row(row._replace(known_at=max(row.known_at, at)) if later else row)
        lost = {(kept[0], key[1], kept[2]) for key, (_, kept) in ended.items()}
        of_lost = frozenset(account for account, _, _ in lost)
        days_of = {(row.account, row.on, row.topic) for row in begun if row.account not in of_lost}
        cursor.execute(_NEW_DAYS, [list(column) for column in zip(*days_of, strict=True)] or [[], [], []])
        on_new_days = frozenset(account for (account,) in cursor.fetchall())
        _sum(cursor, [row for row in begun if (row.account, row.topic, row.kind) not in lost])
        sum_again(cursor, lost)
    return _Turned(of_lost | {row.account for row in begun}, of_lost | on_new_days)


def _sum(cursor: Any, rows: Iterable[_Row]) -> None:
    """Add `rows` to the sums."""
    lives = half_lives()
    faded: dict[tuple[int, int, str], list[interest.Faded]] = {}
    days: dict[tuple[int, date, int, str], list[float]] = {}
    for row in rows:
        at, life = row.at.timestamp(), lives[row.kind]
        key = row.account, row.topic, row.kind
        before = faded.get(key, [interest.Faded(0.0, at)] * 2)
        faded[key] = [
            each.add(more, at=at, half_life=life)
            for each, more in zip(before, (row.amount, row.amount / row.topics), strict=True)
        ]
        day = days.setdefault((row.account, row.on, row.topic, row.kind), [0.0, 0.0, 0])
        for place, more in enumerate((row.amount, row.amount / row.topics, 1)):
            day[place] += more
    if not faded:
        return
    sums = [
        (*key, datetime.fromtimestamp(value.at, UTC), value.value, whole.value)
        for key, (value, whole) in sorted(faded.items())
    ]
    cursor.execute(_ADD, [*map(list, zip(*sums, strict=True)), _lives()])
    of_days = [(*key, *values) for key, values in sorted(days.items())]
    cursor.execute(_ADD_DAYS, [list(column) for column in zip(*of_days, strict=True)])


def sum_again(cursor: Any, lost: Collection[tuple[int, int, str]]) -> None:
    """Make the sums `lost` (account, topic, kind) anew from the evidence that stands, in the caller's transaction."""
    if not lost:
        return
    accounts, topics, kinds = map(list, zip(*sorted(lost), strict=True))
    given: dict[str, Any] = {"accounts": accounts, "topics": topics, "kinds": kinds, "lives": _lives()}
    for table, query in (("signals_interest", _AGAIN), ("signals_daily", _DAYS_AGAIN)):
        cursor.execute(f"DELETE FROM {table} WHERE {_AMONG}", given)  # noqa: S608
        cursor.execute(query.format(which=_AMONG), given)


def _lives() -> str:
    return json.dumps(half_lives())


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def _ties(visitors: Collection[int]) -> dict[int, tuple[Tie, int, ContactPlace | None]]:
    """Return who `visitors` are: the standing tie, the account as it is found now, and the contact where it names one."""
    ties = list(Tie.objects.filter(visitor__in=visitors, ended_at=None))
    places = places_of({tie.contact for tie in ties if tie.contact is not None})
    at_home = {tie: places[tie.contact].account if tie.contact in places else tie.account for tie in ties}
    accounts = accounts_now(set(at_home.values()))
    found = {}
    for tie in ties:
        place = places.get(tie.contact or 0)
        account = accounts.get(at_home[tie])
        if account is not None:
            found[tie.visitor] = tie, account, place
    return found


def _past(visitors: Collection[int], days: Collection[date] | None) -> list[Arrived]:
    listed = None if days is None else sorted(days)
    given = {
        "visitors": list(visitors), "days": listed, "from": listed[0] if listed else None, "zone": str(ZONE),
        "most": interest.MOST_REPEATS, "most_a_day": MOST_A_DAY,
    }  # fmt: skip
    return _read(_PAST, given)


def _read(query: str, given: Any) -> list[Arrived]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return [Arrived(*(*row[:7], json.loads(row[7]))) for row in cursor.fetchall()]


def _rows(
    past: Iterable[Arrived], ties: Mapping[int, tuple[Tie, int, ContactPlace | None]]
) -> Iterable[_Row]:
    """Yield the evidence of `past`, in the order of signals: of the same kind, topic and day each counts less than before."""
    matcher = topics_in_force()
    before: defaultdict[tuple[int, int, str, date], int] = defaultdict(int)
    for each in past:
        if each.visitor not in ties or each.kind in NO_INTEREST:
            continue
        tie, account, place = ties[each.visitor]
        if place is not None and place.left_at is not None and each.at >= place.left_at:
            continue  # who has left speaks for the account no more
        kind, on = kind_of(_kind_word(each)), _day(each.at)
        topics = matcher.topics_of(page_of(each.values))
        for topic in topics:
            before[each.visitor, topic, kind.key, on] += 1
            counts = interest.amount(
                size=size_of(kind, each.values),
                confidence=tie.confidence,
                rank=before[each.visitor, topic, kind.key, on],
            )
            if counts:
                yield _Row(
                    account, topic, kind.key, each.id, each.visitor, place.contact if place else None, each.at, on,
                    max(each.known_at, tie.known_at), counts, len(topics),
                )  # fmt: skip


def _kind_word(signal: Arrived) -> str:
    """Return the word for what kind of evidence a signal is: a search is a page that says what was searched for."""
    if signal.source in {"fair_scan", "visit_note", "social"}:
        return signal.source
    return "search" if signal.kind == "page" and signal.values.get("query") else signal.kind
