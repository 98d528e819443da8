"""What accounts are interested in, how that rose, and why: for who may see the account."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from django.db import connection
from django.db.models import TextField, Value
from django.db.models.functions import Cast, Concat

from foresail.core.clock import ZONE
from foresail.core.errors import NotFound
from foresail.crm.queries import contacts_asked_of, contacts_of_accounts, record_type, visible_records
from foresail.governance.collecting import CONTACT, Purpose, Standing, contact_subject
from foresail.governance.queries import consents_of, first_boundary_at, standings_of, who_refused, who_spoke
from foresail.science import interest
from foresail.science.interest import Rise
from foresail.signals.services.brought import subject_of
from foresail.signals.services.links import VISITOR
from foresail.signals.topics import Page, page_of
from foresail.signals.weighing import Weight, weights

if TYPE_CHECKING:
    from foresail.people.models import User

LONGEST: Final = 90
MOST_EVENTS: Final = 100
MOST_ROWS: Final = 5_000
MANY: Final = 20_000
"""Who sees more accounts than that sees a map of those with news alone."""


@dataclass(frozen=True, kw_only=True)
class TopicInterest:
    """How strongly an account is interested in a topic (0 for no topic), 0 to 100, and how that rose."""

    topic: int
    strength: float
    rise: Rise


@dataclass(frozen=True, kw_only=True)
class AccountInterest:
    """The same of an account as a whole, in which each signal counts once, and of its topics, strongest first."""

    account: int
    strength: float
    rise: Rise
    topics: Sequence[TopicInterest]


# After 900 half-lives, of a day perhaps, no less is left: the database holds a number that comes to nothing for an error.
_SUMS: Final = """
    WITH counts AS (SELECT * FROM unnest(%(kinds)s::text[], %(weights)s::float8[], %(lives)s::float8[]) AS of (kind, weight, life)),
    now AS (
        SELECT account_id, topic_id,
            sum(weight * value * power(2, greatest(-900, -date_part('epoch', %(now)s - at) / 86400 / life))) AS evidence,
            sum(weight * whole * power(2, greatest(-900, -date_part('epoch', %(now)s - at) / 86400 / life))) AS whole
        FROM signals_interest JOIN counts USING (kind) WHERE account_id = ANY(%(accounts)s) GROUP BY 1, 2
    ), days AS (
        SELECT account_id, topic_id,
            sum(weight * amount) FILTER (WHERE "on" > %(today)s - 7) AS week,
            sum(weight * amount) FILTER (WHERE "on" <= %(today)s - 7) AS before,
            sum(weight * whole) FILTER (WHERE "on" > %(today)s - 7) AS week_whole,
            sum(weight * whole) FILTER (WHERE "on" <= %(today)s - 7) AS before_whole
        FROM signals_daily JOIN counts USING (kind)
        WHERE account_id = ANY(%(accounts)s) AND "on" > %(today)s - 91 AND "on" <= %(today)s GROUP BY 1, 2
    )
    SELECT account_id, topic_id, evidence, whole, coalesce(week, 0), coalesce(before, 0), coalesce(week_whole, 0),
        coalesce(before_whole, 0)
    FROM now LEFT JOIN days USING (account_id, topic_id)
"""
_SUMS_THEN: Final = """
    WITH counts AS (SELECT * FROM unnest(%(kinds)s::text[], %(weights)s::float8[], %(lives)s::float8[]) AS of (kind, weight, life)),
    stood AS (
        SELECT account_id, topic_id, "on", weight * amount AS amount, topics,
            power(2, greatest(-900, -date_part('epoch', %(now)s - at) / 86400 / life)) AS kept
        FROM signals_evidence JOIN counts USING (kind)
        WHERE account_id = ANY(%(accounts)s) AND at <= %(now)s AND known_at <= %(now)s
            AND (ended_at IS NULL OR ended_at > %(now)s)
    )
    SELECT account_id, topic_id, sum(amount * kept), sum(amount / topics * kept),
        coalesce(sum(amount) FILTER (WHERE "on" > %(today)s - 7), 0),
        coalesce(sum(amount) FILTER (WHERE "on" <= %(today)s - 7 AND "on" > %(today)s - 91), 0),
        coalesce(sum(amount / topics) FILTER (WHERE "on" > %(today)s - 7), 0),
        coalesce(sum(amount / topics) FILTER (WHERE "on" <= %(today)s - 7 AND "on" > %(today)s - 91), 0)
    FROM stood GROUP BY account_id, topic_id
"""


def interest_in(
    *, accounts: Collection[int], at: datetime, as_known_then: bool = False
) -> dict[int, AccountInterest]:
    """Return what `accounts` are interested in at `at`, those that were ever: for higher rooms, which ask the one rule.

    `as_known_then` leaves out what became known later: for looks at the past. Two queries.
    """
    given = _weighed(weights()) | {"accounts": list(accounts), "now": at, "today": at.astimezone(ZONE).date()}
    by_account: dict[int, list[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SUMS_THEN if as_known_then else _SUMS, given)
        for row in cursor.fetchall():
            by_account.setdefault(row[0], []).append(row)
    return {account: _interest(account, rows) for account, rows in by_account.items()}


def last_signals(*, accounts: Collection[int], at: datetime) -> dict[int, datetime]:
    """Return when each of `accounts` last showed interest, as known at `at`, those that ever did. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT account_id, max(at) FROM signals_evidence WHERE account_id = ANY(%s) AND at <= %s AND known_at <= %s
                AND (ended_at IS NULL OR ended_at > %s) GROUP BY 1
            """,
            [list(accounts), at, at, at],
        )
        return dict(cursor.fetchall())


def _interest(account: int, rows: Sequence[tuple[Any, ...]]) -> AccountInterest:
    whole, week, before = (sum(row[place] for row in rows) for place in (3, 6, 7))
    topics = [
        TopicInterest(
            topic=row[1], strength=interest.strength(row[2]), rise=interest.rise(week=row[4], before=row[5])
        )
        for row in rows
    ]
    return AccountInterest(
        account=account,
        strength=interest.strength(whole),
        rise=interest.rise(week=week, before=before),
        topics=sorted(topics, key=lambda each: (-each.strength, each.topic)),
    )


def _weighed(kept: Mapping[str, Weight]) -> dict[str, Any]:
    return {
        "kinds": list(kept),
        "weights": [each.weight for each in kept.values()],
        "lives": [each.half_life for each in kept.values()],
    }


class HeatRow(NamedTuple):
    """An account of the map: `cells` are 0 to 100, one for each column."""

    account: int
    name: str
    strength: float
    rise: Rise
    cells: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class HeatMap:
    """`columns` are days or topics. `total` is how many accounts showed interest, of which `rows` are the first.

    `refused` are accounts of which somebody withdrew consent, and nobody who gave it is left.
    """

    columns: Sequence[date] | Sequence[int]
    rows: Sequence[HeatRow]
    total: int
    refused: frozenset[int]


# What each kind counts is written out (`_written`): for a hundred thousand rows a join costs as much as their sums. Both
# tables are read in the order of an index that holds all that is asked, so that nothing is hashed or sorted; a list of
# accounts that is looked up is taken for a short one, and so it comes to that. What is found leaves as columns of numbers:
# thousands of rows take Python longer than the database.
_BY_DAY: Final = """
    WITH asked AS (SELECT %(accounts)s::bigint[] AS accounts), daily AS (
        SELECT account_id, "on", sum({weight} * whole) AS evidence FROM signals_daily
        WHERE account_id = ANY((SELECT accounts FROM asked)::bigint[]) AND "on" > %(today)s - 91 AND "on" <= %(today)s
        GROUP BY 1, 2
    ), rows AS (
        SELECT account_id, coalesce(sum(evidence) FILTER (WHERE "on" > %(today)s - 7), 0) AS week,
            coalesce(sum(evidence) FILTER (WHERE "on" <= %(today)s - 7), 0) AS before,
            count(*) FILTER (WHERE "on" > %(today)s - %(days)s) AS cells,
            string_agg(int8send(%(today)s - "on"), '') FILTER (WHERE "on" > %(today)s - %(days)s) AS names,
            string_agg(float8send(evidence), '') FILTER (WHERE "on" > %(today)s - %(days)s) AS evidence
        FROM daily GROUP BY 1
    ), standing AS (
        SELECT account_id, sum({faded} * whole) AS whole FROM signals_interest
        WHERE account_id = ANY((SELECT accounts FROM asked)::bigint[]) GROUP BY 1
    ) {columns} FROM rows JOIN standing USING (account_id)
"""
_BY_TOPIC: Final = """
    WITH asked AS (SELECT %(accounts)s::bigint[] AS accounts), days AS (
        SELECT account_id, coalesce(sum({weight} * whole) FILTER (WHERE "on" > %(today)s - 7), 0) AS week,
            coalesce(sum({weight} * whole) FILTER (WHERE "on" <= %(today)s - 7), 0) AS before
        FROM signals_daily
        WHERE account_id = ANY((SELECT accounts FROM asked)::bigint[]) AND "on" > %(today)s - 91 AND "on" <= %(today)s
        GROUP BY 1
    ), standing AS (
        SELECT account_id, topic_id, sum(value * kept) AS evidence, sum(whole * kept) AS whole FROM (
            SELECT account_id, topic_id, value, whole, {faded} AS kept FROM signals_interest
            WHERE account_id = ANY((SELECT accounts FROM asked)::bigint[]) ORDER BY 1, 2
        ) AS faded GROUP BY 1, 2
    ), rows AS (
        SELECT account_id, sum(whole) AS whole, count(*) AS cells, string_agg(int8send(topic_id), '') AS names,
            string_agg(float8send(evidence), '') AS evidence
        FROM standing GROUP BY 1
    ) {columns} FROM rows JOIN days USING (account_id)
"""  # ORDER BY: else what fades is computed twice, once for each sum
_COLUMNS: Final = """
    SELECT string_agg(int8send(account_id), ''), string_agg(float8send(whole), ''), string_agg(float8send(week), ''),
        string_agg(float8send(before), ''), string_agg(int8send(cells), ''), string_agg(names, ''), string_agg(evidence, '')
"""
_AS_SENT: Final = (">i8", ">f8", ">f8", ">f8", ">i8", ">i8", ">f8")


# Of very many accounts those are looked at of which somebody came within the week, the busiest first: no others rise. Each
# is looked up until there are enough, and not all there are.
_LATELY: Final = f"""
    SELECT seen.id, seen.name FROM (
        SELECT account_id, sum(whole) AS week FROM signals_daily WHERE "on" > %s - 7 GROUP BY 1 ORDER BY week DESC, 1
    ) AS lately JOIN LATERAL (SELECT id, name FROM ({{accounts}}) AS one WHERE id = account_id LIMIT 1) AS seen ON true
    ORDER BY week DESC, account_id LIMIT {MOST_ROWS}
"""  # noqa: S608  # all of it stands here


def heat_by_day(
    *, user: User, at: datetime, days: int = 28, q: str | None = None, mine: bool = False
) -> HeatMap:
    """Return what accounts that `user` may see did on each of the last `days`, those that rose most first.

    A constant number of queries.
    """
    today = at.astimezone(ZONE).date()
    days = min(max(days, 7), LONGEST)
    columns = [today - timedelta(days=ago) for ago in reversed(range(days))]
    places = {ago: days - 1 - ago for ago in range(days)}
    return _heat(
        _BY_DAY, {"now": at, "today": today, "days": days}, columns, places, _seen(user, today, q, mine)
    )


def heat_by_topic(
    *, user: User, at: datetime, topics: Sequence[int], q: str | None = None, mine: bool = False
) -> HeatMap:
    """Return how strongly accounts that `user` may see are interested in each of `topics`. A constant number of queries."""
    today = at.astimezone(ZONE).date()
    places = {topic: place for place, topic in enumerate(topics)}
    return _heat(_BY_TOPIC, {"now": at, "today": today}, list(topics), places, _seen(user, today, q, mine))


def _seen(user: User, today: date, q: str | None, mine: bool) -> dict[int, str]:
    """Return the names of the accounts that the map may show, by key; of very many, those with news of the week."""
    found = visible_records(record_type("account"), user=user).order_by()
    if q:
        found = found.filter(name__icontains=q)
    if mine:
        found = found.filter(owner=user.pk)
    asked = found.values_list("id", "name")
    seen = dict(asked[: MANY + 1])
    if len(seen) <= MANY:
        return seen
    accounts, parameters = asked.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_LATELY.replace("{accounts}", accounts), [today, *parameters])
        return dict(cursor.fetchall())


def _heat(
    query: str, given: Mapping[str, Any], columns: Any, places: Mapping[int, int], seen: Mapping[int, str]
) -> HeatMap:
    """Return the map of the accounts `seen`, of what `query` says of them; `places` are the columns by what it calls them."""
    accounts = f"{{{','.join(map(str, seen))}}}"  # as the database writes it: a list of thousands takes ten times as long
    with connection.cursor() as cursor:
        cursor.execute(query.format(**_written(weights()), columns=_COLUMNS), {"accounts": accounts, **given})
        sent = cursor.fetchone()
    account, whole, week, before, number, names, evidence = (
        np.frombuffer(column or b"", kind) for column, kind in zip(sent, _AS_SENT, strict=True)
    )
    strength, rise = interest.strengths(whole), interest.rises(week=week, before=before)
    order = np.lexsort((account, -strength, -rise.ratio, ~rise.surging))[:MOST_ROWS]
    known, which = np.unique(names, return_inverse=True)
    column = np.array([places.get(name, -1) for name in known.tolist()], np.intp)[which]
    row, shown = np.repeat(np.arange(len(account)), number), column >= 0
    cells = np.zeros((len(account), len(columns)), np.int8)
    cells[row[shown], column[shown]] = np.rint(interest.strengths(evidence[shown]))
    keys = account[order].tolist()
    rows = [
        HeatRow(*each)
        for each in zip(
            keys,
            [seen[key] for key in keys],
            strength[order].tolist(),
            map(Rise, *(field[order].tolist() for field in rise)),
            cells[order].tolist(),
            strict=True,
        )
    ]
    return HeatMap(columns=columns, rows=rows, total=len(account), refused=_refused(keys))


def _written(kept: Mapping[str, Weight]) -> dict[str, str]:
    """Return SQL for what evidence of a `kind` counts, and for how much of that is left `at` until `now`."""
    weight = {kind: f"{of.weight}::float8" for kind, of in kept.items()}
    left = {
        kind: f"power(2, greatest(-900, -date_part('epoch', %(now)s - at) / 86400 / {of.half_life}::float8))"
        for kind, of in kept.items()
    }
    return {
        "weight": _by_kind(weight),
        "faded": _by_kind({kind: f"{weight[kind]} * {left[kind]}" for kind in kept}),
    }


def _by_kind(said: Mapping[str, str]) -> str:
    return f"CASE kind {' '.join(f'WHEN {kind!r} THEN {each}' for kind, each in said.items())} ELSE 0 END"


def _refused(accounts: Collection[int]) -> frozenset[int]:
    """Return those of `accounts` whose contacts were asked, and only ever said no in the end.

    Few say no: who ever did is looked for where it lies. Where a colleague spoke who never did, somebody agreed; only
    where there is none is it asked what was said last.
    """
    subject = Concat(Value(CONTACT), Cast("pk", TextField()), output_field=TextField())
    refused = (
        contacts_asked_of(accounts)
        .annotate(subject=subject)
        .filter(subject__in=who_refused(purpose=Purpose.INTENT))
    )
    at: dict[str, int] = dict(refused.values_list("subject", "account_id"))
    colleagues = {
        name: account
        for contact, account in contacts_of_accounts(set(at.values())).items()
        if (name := contact_subject(contact)) not in at
    }
    agreed = {colleagues[name] for name in who_spoke(colleagues, purpose=Purpose.INTENT)}
    left = [name for name, account in at.items() if account not in agreed]
    stand = standings_of(left, purpose=Purpose.INTENT)
    agreed |= {at[name] for name, where in stand.items() if where is Standing.GIVEN}
    return frozenset(at.values()) - agreed


def collected_since() -> date | None:
    """Return the day from which on something might be collected at all; None where nothing may."""
    at = first_boundary_at()
    return at.astimezone(ZONE).date() if at else None


def interest_of(*, user: User, account: int, at: datetime) -> AccountInterest:
    """Return what an account is interested in. Raises NotFound, also where `user` may not see it. Three queries."""
    if not visible_records(record_type("account"), user=user).filter(pk=account).exists():
        raise NotFound
    found = interest_in(accounts=[account], at=at).get(account)
    return found or AccountInterest(
        account=account, strength=0.0, rise=interest.rise(week=0.0, before=0.0), topics=()
    )


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """One signal, and how much of the strength it makes: `part`, in the same points.

    `reason` and `confidence` say why it is taken to be of the account; `contact` is who it was, where that is known and
    may be seen. `consented_at` is when who sent it last agreed, where it rests on that.
    """

    signal: int
    topics: Sequence[int]
    kind: str
    at: datetime
    known_at: datetime
    page: Page
    seconds: float | None
    source: str
    basis: str
    until: datetime
    reason: str
    confidence: float
    contact: int | None
    contact_name: str | None
    consented_at: datetime | None
    part: float


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why a strength is what it is: the largest contributions, and what the `others` make. All of them add up to it."""

    strength: float
    events: Sequence[Contribution]
    others: int
    others_part: float


# Ranked where it lies: of an account with very much, little is told by itself.
_STANDING: Final = """
    WITH counts AS (SELECT * FROM unnest(%(kinds)s::text[], %(weights)s::float8[], %(lives)s::float8[]) AS of (kind, weight, life)),
    stood AS (
        SELECT signal_id, kind, min(at) AS at, sum(amount / CASE WHEN %(topic)s::bigint IS NULL THEN topics ELSE 1 END) AS amount
        FROM signals_evidence WHERE account_id = %(account)s AND ended_at IS NULL
            AND (%(topic)s::bigint IS NULL OR topic_id = %(topic)s) AND (%(day)s::date IS NULL OR "on" = %(day)s)
        GROUP BY signal_id, kind
    ), counted AS (
        SELECT signal_id, kind, at, weight * amount
            * CASE WHEN %(day)s::date IS NULL THEN power(2, greatest(-900, -date_part('epoch', %(now)s - at) / 86400 / life)) ELSE 1 END AS counted
        FROM stood JOIN counts USING (kind)
    )
    SELECT signal_id, kind, at, counted, sum(counted) OVER (), count(*) OVER ()
    FROM counted ORDER BY counted DESC, signal_id DESC LIMIT %(most)s
"""
# Who it was, one by one: taken for many, all there are would be read.
_SAID: Final = """
    SELECT signal.id, signal.known_at, signal.values::text, source, purpose, basis, until, reason, confidence, anonymous,
        evidence.topics, evidence.contact
    FROM signals_signal signal
    JOIN LATERAL (
        SELECT reason, confidence, anonymous FROM signals_tie tie JOIN signals_visitor visitor ON visitor.id = tie.visitor_id
        WHERE tie.visitor_id = signal.visitor_id AND ended_at IS NULL LIMIT 1
    ) AS who ON true
    JOIN LATERAL (
        SELECT array_agg(topic_id ORDER BY topic_id) AS topics, min(contact_id) AS contact FROM signals_evidence
        WHERE signal_id = signal.id AND account_id = %(account)s AND ended_at IS NULL
            AND (%(topic)s::bigint IS NULL OR topic_id = %(topic)s) HAVING count(*) > 0
    ) AS evidence ON true
    WHERE signal.id = ANY(%(signals)s)
"""


def explain_interest(
    *, user: User, account: int, at: datetime, topic: int | None = None, day: date | None = None
) -> Explanation:
    """Return why an account's interest, or that in one topic, is what it is. With `day`, of what happened on that day.

    Raises NotFound, also where `user` may not see the account. Six queries, however many signals there are.
    """
    if not visible_records(record_type("account"), user=user).filter(pk=account).exists():
        raise NotFound
    given: dict[str, Any] = {"account": account, "topic": topic}
    with connection.cursor() as cursor:
        cursor.execute(
            _STANDING, {**_weighed(weights()), **given, "day": day, "now": at, "most": MOST_EVENTS}
        )
        ranked = cursor.fetchall()
        cursor.execute(_SAID, {**given, "signals": [signal for signal, *_ in ranked]})
        said = {row[0]: row[1:] for row in cursor.fetchall()}
    total, number = ranked[0][4:] if ranked else (0.0, 0)
    counted = [row[3] for row in ranked]
    rest = total - math.fsum(counted) if number > len(ranked) else 0.0
    *parts, others_part = interest.parts([*counted, rest])
    return Explanation(
        strength=interest.strength(total),
        events=_contributions(
            [
                (part, row[:3], said[row[0]])
                for part, row in zip(parts, ranked, strict=True)
                if row[0] in said
            ],
            user=user,
        ),  # the others were erased between the two looks
        others=number - len(ranked),
        others_part=others_part,
    )


def _contributions(
    ranked: Sequence[tuple[float, tuple[Any, ...], tuple[Any, ...]]], *, user: User
) -> list[Contribution]:
    contacts = {said[-1] for *_, said in ranked if said[-1] is not None}
    seen = visible_records(record_type("contact"), user=user).filter(pk__in=contacts)
    names: dict[int, str] = dict(seen.values_list("pk", "name"))
    # The opening of a link rests on the consent of whom it was for.
    subjects = [
        contact_subject(contact) if visitor.startswith(VISITOR) else subject_of(visitor)
        for *_, (*_, visitor, _, contact) in ranked
    ]
    consents = consents_of(set(subjects))
    found = []
    for subject, (part, (signal, kind, at), said) in zip(subjects, ranked, strict=True):
        known_at, stored, source, purpose, basis, until, reason, confidence, _, topics, contact = said
        values = json.loads(stored)
        seconds = values.get("seconds")
        given = [each.at for each in consents.get((subject, Purpose(purpose)), ()) if each.given]
        found.append(
            Contribution(
                signal=signal, topics=topics, kind=kind, at=at, known_at=known_at, page=page_of(values),
                seconds=float(seconds) if isinstance(seconds, int | float) else None, source=source, basis=basis,
                until=until, reason=reason, confidence=confidence, contact=contact if contact in names else None,
                contact_name=names.get(contact), consented_at=max(given, default=None), part=part,
            )
        )  # fmt: skip
    return found
