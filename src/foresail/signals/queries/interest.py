"""What accounts are interested in, how that rose, and why: for who may see the account."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection

from foresail.core.clock import ZONE
from foresail.core.errors import NotFound
from foresail.crm.queries import contacts_of_accounts, record_type, visible_records
from foresail.governance.collecting import CONTACT, Purpose, Standing
from foresail.governance.queries import consents_of, first_boundary_at, standings_of
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


_SUMS: Final = """
    WITH counts AS (SELECT * FROM unnest(%(kinds)s::text[], %(weights)s::float8[], %(lives)s::float8[]) AS of (kind, weight, life)),
    now AS (
        SELECT account_id, topic_id,
            sum(weight * value * power(2, -extract(epoch FROM %(now)s - at)::float8 / 86400 / life)) AS evidence,
            sum(weight * whole * power(2, -extract(epoch FROM %(now)s - at)::float8 / 86400 / life)) AS whole
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
            power(2, -extract(epoch FROM %(now)s - at)::float8 / 86400 / life) AS kept
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


# Whose accounts those are is asked first: a seller sees some of very many.
_BY_DAY: Final = """
    WITH counts AS (SELECT * FROM unnest(%s::text[], %s::float8[], %s::float8[]) AS of (kind, weight, life)),
    seen AS MATERIALIZED ({accounts}),
    daily AS (
        SELECT account_id, %s - "on" AS ago, sum(weight * whole) AS evidence
        FROM seen JOIN signals_daily ON account_id = seen.id JOIN counts USING (kind)
        WHERE "on" > %s - 91 AND "on" <= %s GROUP BY 1, 2
    ), rows AS (
        SELECT account_id, coalesce(sum(evidence) FILTER (WHERE ago < 7), 0) AS week,
            coalesce(sum(evidence) FILTER (WHERE ago >= 7), 0) AS before,
            array_agg(ago) FILTER (WHERE ago < %s) AS agos, array_agg(evidence) FILTER (WHERE ago < %s) AS cells
        FROM daily GROUP BY 1
    ), standing AS (
        SELECT account_id, sum(weight * whole * power(2, -extract(epoch FROM %s - at)::float8 / 86400 / life)) AS whole
        FROM seen JOIN signals_interest ON account_id = seen.id JOIN counts USING (kind) GROUP BY 1
    )
    SELECT account_id, seen.name, whole, week, before, agos, cells
    FROM rows JOIN standing USING (account_id) JOIN seen ON seen.id = account_id
"""
_BY_TOPIC: Final = """
    WITH counts AS (SELECT * FROM unnest(%s::text[], %s::float8[], %s::float8[]) AS of (kind, weight, life)),
    seen AS MATERIALIZED ({accounts}),
    days AS (
        SELECT account_id, coalesce(sum(weight * whole) FILTER (WHERE "on" > %s - 7), 0) AS week,
            coalesce(sum(weight * whole) FILTER (WHERE "on" <= %s - 7), 0) AS before
        FROM seen JOIN signals_daily ON account_id = seen.id JOIN counts USING (kind)
        WHERE "on" > %s - 91 AND "on" <= %s GROUP BY 1
    ), standing AS (
        SELECT account_id, topic_id, sum(weight * value * kept) AS evidence, sum(weight * whole * kept) AS whole FROM (
            SELECT account_id, topic_id, weight, value, whole,
                power(2, -extract(epoch FROM %s - at)::float8 / 86400 / life) AS kept
            FROM seen JOIN signals_interest ON account_id = seen.id JOIN counts USING (kind)
        ) AS faded GROUP BY 1, 2
    ), rows AS (
        SELECT account_id, sum(whole) AS whole, array_agg(topic_id) AS topics, array_agg(evidence) AS cells
        FROM standing GROUP BY 1
    )
    SELECT account_id, seen.name, whole, week, before, topics, cells
    FROM rows JOIN days USING (account_id) JOIN seen ON seen.id = account_id
"""


# Of very many accounts those are looked at of which somebody came within the week, the busiest first: no others rise.
_LATELY: Final = f"""
    SELECT seen.id, seen.name FROM ({{accounts}}) AS seen JOIN (
        SELECT account_id, sum(whole) AS week FROM signals_daily WHERE "on" > %s - 7 GROUP BY 1
    ) AS lately ON account_id = seen.id ORDER BY week DESC, seen.id LIMIT {MOST_ROWS}
"""  # noqa: S608  # all of it stands here


def heat_by_day(
    *, user: User, at: datetime, days: int = 28, q: str | None = None, mine: bool = False
) -> HeatMap:
    """Return what accounts that `user` may see did on each of the last `days`, those that rose most first. Two queries."""
    today = at.astimezone(ZONE).date()
    days = min(max(days, 7), LONGEST)
    columns = [today - timedelta(days=ago) for ago in reversed(range(days))]
    given = [today, today, today, days, days, at]
    return _heat(_BY_DAY, given, columns, lambda ago: days - 1 - ago, today=today, user=user, q=q, mine=mine)


def heat_by_topic(
    *, user: User, at: datetime, topics: Sequence[int], q: str | None = None, mine: bool = False
) -> HeatMap:
    """Return how strongly accounts that `user` may see are interested in each of `topics`. Two queries."""
    today = at.astimezone(ZONE).date()
    places = {topic: place for place, topic in enumerate(topics)}
    given = [today, today, today, today, at]
    return _heat(_BY_TOPIC, given, list(topics), places.get, today=today, user=user, q=q, mine=mine)


def _heat(
    query: str,
    given: Sequence[Any],
    columns: Any,
    place_of: Any,
    *,
    today: date,
    user: User,
    q: str | None,
    mine: bool,
) -> HeatMap:
    found = visible_records(record_type("account"), user=user)
    if q:
        found = found.filter(name__icontains=q)
    if mine:
        found = found.filter(owner=user.pk)
    many = found.count() > MANY
    try:
        accounts, parameters = found.order_by().values("id", "name").query.sql_with_params()
    except EmptyResultSet:  # who may see no account at all
        return HeatMap(columns=columns, rows=[], total=0, refused=frozenset())
    if many:
        accounts, parameters = (
            _LATELY.replace("{accounts}", accounts),
            (*parameters, today),
        )
    rows = []
    with connection.cursor() as cursor:
        cursor.execute(
            query.replace("{accounts}", accounts), [*_weighed(weights()).values(), *parameters, *given]
        )
        for account, name, whole, week, before, places, values in cursor.fetchall():
            cells = [0] * len(columns)
            for place, value in zip(places or (), values or (), strict=True):
                if (column := place_of(place)) is not None:
                    cells[column] = round(interest.strength(value))
            rows.append(
                HeatRow(
                    account, name, interest.strength(whole), interest.rise(week=week, before=before), cells
                )
            )
    rows.sort(key=lambda row: (not row.rise.surging, -row.rise.ratio, -row.strength, row.account))
    shown = rows[:MOST_ROWS]
    return HeatMap(
        columns=columns, rows=shown, total=len(rows), refused=_refused([row.account for row in shown])
    )


def _refused(accounts: Collection[int]) -> frozenset[int]:
    """Return those of `accounts` whose contacts were asked, and only ever said no in the end."""
    at = {f"{CONTACT}{contact}": account for contact, account in contacts_of_accounts(accounts).items()}
    stand = standings_of(at, purpose=Purpose.INTENT)
    agreed = {at[subject] for subject, where in stand.items() if where is Standing.GIVEN}
    return frozenset(at[subject] for subject in stand) - agreed


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


_STANDING: Final = """
    SELECT signal_id, kind, min(at), sum(amount / CASE WHEN %s::bigint IS NULL THEN topics ELSE 1 END),
        array_agg(topic_id ORDER BY topic_id), min(visitor_id), min(contact_id)
    FROM signals_evidence WHERE account_id = %s AND ended_at IS NULL
        AND (%s::bigint IS NULL OR topic_id = %s) AND (%s::date IS NULL OR "on" = %s)
    GROUP BY signal_id, kind
"""
_SAID: Final = """
    SELECT signal.id, signal.known_at, signal.values::text, source, purpose, basis, until, tie.reason, tie.confidence, anonymous
    FROM signals_signal signal
    JOIN signals_visitor visitor ON visitor.id = visitor_id
    JOIN signals_tie tie ON tie.visitor_id = visitor.id AND tie.ended_at IS NULL
    WHERE signal.id = ANY(%s)
"""


def explain_interest(
    *, user: User, account: int, at: datetime, topic: int | None = None, day: date | None = None
) -> Explanation:
    """Return why an account's interest, or that in one topic, is what it is. With `day`, of what happened on that day.

    Raises NotFound, also where `user` may not see the account. Six queries, however many signals there are.
    """
    if not visible_records(record_type("account"), user=user).filter(pk=account).exists():
        raise NotFound
    kept = weights()
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [topic, account, topic, topic, day, day])
        rows = cursor.fetchall()
    counted = [
        kept[kind].weight
        * amount
        * (interest.fading((at - then).total_seconds(), kept[kind].half_life) if day is None else 1.0)
        for _, kind, then, amount, *_ in rows
    ]
    ranked = sorted(zip(interest.parts(counted), rows, strict=True), key=lambda each: (-each[0], -each[1][0]))
    return Explanation(
        strength=interest.strength(math.fsum(counted)),
        events=_contributions(ranked[:MOST_EVENTS], user=user),
        others=max(len(ranked) - MOST_EVENTS, 0),
        others_part=math.fsum(part for part, _ in ranked[MOST_EVENTS:]),
    )


def _contributions(ranked: Sequence[tuple[float, tuple[Any, ...]]], *, user: User) -> list[Contribution]:
    with connection.cursor() as cursor:
        cursor.execute(_SAID, [[row[0] for _, row in ranked]])
        signals = {row[0]: row[1:] for row in cursor.fetchall()}
    contacts = {row[6] for _, row in ranked if row[6] is not None}
    seen = visible_records(record_type("contact"), user=user).filter(pk__in=contacts)
    names: dict[int, str] = dict(seen.values_list("pk", "name"))
    # The opening of a link rests on the consent of whom it was for.
    subjects = {
        row[0]: f"{CONTACT}{row[6]}"
        if (visitor := signals[row[0]][-1]).startswith(VISITOR)
        else subject_of(visitor)
        for _, row in ranked
    }
    said = consents_of(set(subjects.values()))
    found = []
    for part, (signal, kind, at, _, topics, _, contact) in ranked:
        if signal not in signals:
            continue  # erased between the two looks
        known_at, stored, source, purpose, basis, until, reason, confidence, _ = signals[signal]
        values = json.loads(stored)
        seconds = values.get("seconds")
        given = [each.at for each in said.get((subjects[signal], Purpose(purpose)), ()) if each.given]
        found.append(
            Contribution(
                signal=signal, topics=topics, kind=kind, at=at, known_at=known_at, page=page_of(values),
                seconds=float(seconds) if isinstance(seconds, int | float) else None, source=source, basis=basis,
                until=until, reason=reason, confidence=confidence, contact=contact if contact in names else None,
                contact_name=names.get(contact), consented_at=max(given, default=None), part=part,
            )
        )  # fmt: skip
    return found
