"""The map of interest: accounts by day or by topic, those that rose most first, for who may see the accounts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from django.db import connection
from django.db.models import TextField, Value
from django.db.models.functions import Cast, Concat

from foresail.core.clock import ZONE
from foresail.crm.queries import contacts_asked_of, contacts_of_accounts, record_type, visible_records
from foresail.governance.collecting import CONTACT, Purpose, Standing, contact_subject
from foresail.governance.queries import first_boundary_at, standings_of, who_refused, who_spoke
from foresail.science import interest
from foresail.science.interest import Rise
from foresail.signals.weighing import Weight, weights

if TYPE_CHECKING:
    from foresail.people.models import User

LONGEST: Final = 90
MOST_ROWS: Final = 5_000
MANY: Final = 20_000
"""Who sees more accounts than that sees a map of those with news alone."""


class HeatRow(NamedTuple):
    """An account of the map: `cells` are 0 to 100, one for each column."""

    account: int
    name: str
    strength: float
    rise: Rise
    cells: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class HeatMap:
    """`columns` are days or topics. `total` is how many accounts showed interest, of which `rows` are the first."""

    columns: Sequence[date] | Sequence[int]
    rows: Sequence[HeatRow]
    total: int


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


def refused_accounts(*, user: User, at: datetime, q: str | None = None, mine: bool = False) -> frozenset[int]:
    """Return those of the accounts that the map of `user` may show whose contacts were asked, and all said no in the end.

    A question of its own: it takes half as long as the map, which can be looked at meanwhile.
    """
    return _refused(_seen(user, at.astimezone(ZONE).date(), q, mine))


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
    return HeatMap(columns=columns, rows=rows, total=len(account))


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
