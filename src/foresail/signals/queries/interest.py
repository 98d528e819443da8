"""What accounts are interested in, how that rose, and why: for who may see the account."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from foresail.core.clock import ZONE
from foresail.core.errors import NotFound
from foresail.crm.queries import record_type, visible_records
from foresail.governance.collecting import Purpose, contact_subject
from foresail.governance.queries import consents_of
from foresail.science import interest
from foresail.science.interest import Rise
from foresail.signals.services.brought import subject_of
from foresail.signals.services.links import VISITOR
from foresail.signals.topics import Page, page_of
from foresail.signals.weighing import Weight, weights

if TYPE_CHECKING:
    from foresail.people.models import User

MOST_EVENTS: Final = 100


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
