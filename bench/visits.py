"""Signals of half a year put into an installation's tables: visits to accounts, few of which get most."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

import duckdb
import psycopg
from pyarrow import csv

from foresail.core.cluster import Cluster
from foresail.core.home import Home
from foresail.signals import scale
from foresail.signals.kinds import KINDS
from tests.journeys.installation import Installation

VISIT, DAYS, TOPICS = 5, 180, 7
"""So many signals a visit, days, and topics; a fifth of the signals is about two."""
SEEN, REFUSING = 5_000, 50
"""So many accounts a seller has; one contact in so many refuses in the end."""
SELLER, OTHER = "hemin@qiming.demo", "wangsiqi@qiming.demo"
PATIENCE = 600.0
LIVES = {key: kind.half_life for key, kind in KINDS.items()}


def settle() -> None:
    """Wait until all is done that the demo called for: who judges while tables are filled adds up what is half there."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    called = ProcrastinateJob.objects.filter(status__in=["todo", "doing"], scheduled_at=None)
    until = monotonic() + PATIENCE
    while called.exists():
        assert monotonic() < until, list(called.values_list("task_name", "status"))
        sleep(0.2)


def fill(installation: Installation, signals: int, accounts: int) -> None:
    """Put accounts, visitors, signals, and the evidence they give into the tables."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with (
        psycopg.connect(Cluster(Home(installation.home)).address(), autocommit=True) as database,
        TemporaryDirectory(dir=installation.home.parent) as folder,
        duckdb.connect() as made,
    ):
        made.execute("SET memory_limit = '3GiB'; SET preserve_insertion_order = false; SET TimeZone = 'UTC'")
        made.execute("SET temp_directory = $folder", {"folder": folder})
        made.execute("CREATE MACRO drawn(visit, place) AS hash(visit * 64 + place) / 18446744073709551616.0")
        database.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'")
        first = _accounts(database, accounts)
        _contacts(database, first, 3 * accounts, at=today - timedelta(days=400))
        visitor = _visitors(database, first, 3 * accounts, at=today - timedelta(days=400))
        for ago in range(DAYS // 28 + 2):
            month = (today - timedelta(days=28 * ago)).date().replace(day=1)
            database.execute("SELECT signals_make_month(%s)", [month])
        (last,) = database.execute("SELECT coalesce(max(id), 0) FROM signals_signal").fetchone() or (0,)
        given = {
            "last": last, "visits": signals // VISIT, "visit": VISIT, "accounts": accounts, "first": first, "visitor": visitor,
            "end": int(today.timestamp()) * 10**6, "days": DAYS, "topics": _topics(database),
        }  # fmt: skip
        made.execute(f"COPY ({_MADE}) TO '{folder}/made.parquet'", given)
        made.execute(f"CREATE VIEW made AS FROM '{folder}/made.parquet'")
        made.execute(f"COPY ({_EVIDENCE}) TO '{folder}/evidence.parquet'")
        made.execute(f"CREATE VIEW evidence AS FROM '{folder}/evidence.parquet'")
        engine, evidence = scale.DuckDB(), [Path(folder) / "evidence.parquet"]
        engine.write(scale.interest_sums(LIVES), files=evidence, to=Path(folder) / "interest")
        engine.write(scale.daily_sums(), files=evidence, to=Path(folder) / "daily")
        for table, columns, query in _TABLES:
            with _without_indexes(database, table):
                _copy(database, made, f"{table} ({columns})", query.replace("FOLDER", folder))
        database.execute("SELECT setval('signals_signal_id_seq', %s)", [last + signals + 1])
        for table in (
            "crm_account",
            "crm_contact",
            "governance_consententry",
            "signals_visitor",
            "signals_tie",
            *(table for table, _, _ in _TABLES),
        ):
            database.execute(f"VACUUM ANALYZE {table}")


# Where among the accounts somebody is, when, and what they look at, is as if drawn, and the same in every run.
_MADE = """
    SELECT $last + row_number() OVER (ORDER BY "at", visitor) AS id, * FROM (
        SELECT account, $visitor + (account - $first) * 3 + (3 * drawn(visit, 2))::bigint % 3 AS visitor,
            begun + place * (20 + (100 * drawn(visit, 20 + place))::bigint) * 1000000 AS "at",
            ['page', 'page', 'page', 'page', 'page', 'page', 'dwell', 'dwell', 'download', 'search', 'form_sent',
                'link_opened'][1 + (12 * drawn(visit, 30 + place))::bigint % 12] AS kind,
            CASE WHEN topic = 0 THEN [0] WHEN drawn(visit, 40 + place) < 0.2 AND topic < len($topics)
                THEN [$topics[topic], $topics[topic + 1]] ELSE [$topics[topic]] END AS topics,
            0.05 + drawn(visit, 50 + place) AS amount
        FROM (
            SELECT visit, $first + ($accounts * pow(drawn(visit, 1), 2))::bigint % $accounts AS account,
                $end - ($days * 86400 * drawn(visit, 3))::bigint * 1000000 - 1200000000 AS begun,
                ((1 + len($topics)) * pow(drawn(visit, 4), 2))::bigint % (1 + len($topics)) AS topic
            FROM range($visits) AS of (visit)
        ), range($visit) AS of (place)
    )
"""
_EVIDENCE = """
    SELECT account, unnest(topics) AS topic, kind, id AS signal, "at", (("at" + 28800000000) // 86400000000)::int AS "on",
        "at" AS known_at, NULL::bigint AS ended_at, amount, len(topics)::smallint AS topics, visitor
    FROM made
"""
_TABLES = (
    (
        "signals_signal",
        "id, known_at, at, until, key_id, visitor_id, source, kind, purpose, basis, fingerprint, values",
        """SELECT id, make_timestamp("at"), make_timestamp("at"), make_timestamp("at") + INTERVAL 365 DAY, 0, visitor, 'web',
            kind, 'intent', 'contract', '\\x' || md5(id::text), '{"url": "https://www.example.com/'
            || array_to_string(list_transform(topics, lambda topic: 'bench' || topic), '/') || '/p' || id % 500 || '", "title": "伺服驱动器 ' || id % 500 || '", "seconds": 42}'
        FROM made ORDER BY id""",
    ),
    (
        "signals_evidence",
        'account_id, topic_id, kind, signal_id, visitor_id, at, "on", known_at, amount, topics',
        """SELECT account, topic, kind, signal, visitor, make_timestamp("at"), DATE '1970-01-01' + "on", make_timestamp("at"),
            amount, topics
        FROM evidence ORDER BY signal""",
    ),
    (
        "signals_interest",
        "account_id, topic_id, kind, at, value, whole",
        """SELECT account, topic, kind, make_timestamp("at"), value, whole FROM 'FOLDER/interest/*.parquet'""",
    ),
    (
        "signals_daily",
        'account_id, "on", topic_id, kind, amount, whole, count',
        """SELECT account, DATE '1970-01-01' + "on", topic, kind, amount, whole, count FROM 'FOLDER/daily/*.parquet'""",
    ),
)  # fmt: skip


def _accounts(database: psycopg.Connection[Any], number: int) -> int:
    """Make accounts like one that is there, of which a seller owns SEEN, among small ones and large; return the first's key."""
    (columns,) = database.execute(
        "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns WHERE table_name = 'crm_account'"
        " AND column_name NOT IN ('id', 'name', 'owner_id', 'code', 'domain', 'parent_id')"
    ).fetchone() or ("",)
    (first,) = database.execute("SELECT max(id) + 1 FROM crm_account").fetchone() or (0,)
    database.execute(
        f"""
        INSERT INTO crm_account (id, name, owner_id, code, domain, {columns})
        OVERRIDING SYSTEM VALUE
        SELECT %(first)s + n, '规模客户 ' || n, CASE WHEN n::bigint * %(seen)s %% %(number)s < %(seen)s THEN seller.id ELSE other.id END, '', '',
            {", ".join(f"given.{name}" for name in columns.split(", "))}
        FROM generate_series(0, %(number)s - 1) AS of (n),
            (SELECT * FROM crm_account WHERE owner_id = (SELECT id FROM people_user WHERE email = %(seller)s)
                AND deleted_at IS NULL LIMIT 1) AS given,
            (SELECT id FROM people_user WHERE email = %(seller)s) AS seller,
            (SELECT id FROM people_user WHERE email = %(other)s) AS other
        """,
        {"first": first, "number": number, "seen": min(SEEN, number), "seller": SELLER, "other": OTHER},
    )
    database.execute(
        "SELECT setval(pg_get_serial_sequence('crm_account', 'id'), (SELECT max(id) FROM crm_account))"
    )
    return int(first)


def _contacts(database: psycopg.Connection[Any], account: int, number: int, *, at: datetime) -> None:
    """Make contacts like one that is there, three of each account, who agreed; one in REFUSING says no later."""
    (columns,) = database.execute(
        "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns WHERE table_name = 'crm_contact'"
        " AND column_name NOT IN ('id', 'name', 'account_id', 'email', 'phone')"
    ).fetchone() or ("",)
    database.execute(
        f"""
        WITH made AS (
            INSERT INTO crm_contact (name, account_id, email, phone, {columns})
            SELECT '规模联系人 ' || n, %(account)s + n / 3, '', '', {", ".join(f"given.{name}" for name in columns.split(", "))}
            FROM generate_series(0, %(number)s - 1) AS of (n),
                (SELECT * FROM crm_contact WHERE deleted_at IS NULL AND left_at IS NULL LIMIT 1) AS given
            RETURNING id
        )
        INSERT INTO governance_consententry (subject, purpose, given, at, known_at, source, proof)
        SELECT 'contact:' || id, 'intent', yes, %(at)s + place * interval '1 day', %(at)s + place * interval '1 day', 'staff', '{{}}'
        FROM made, (VALUES (true, 0), (false, 1)) AS said (yes, place) WHERE yes OR id %% %(refusing)s = 0
        """,
        {"account": account, "number": number, "at": at, "refusing": REFUSING},
    )


def _visitors(database: psycopg.Connection[Any], account: int, number: int, *, at: datetime) -> int:
    """Make visitors, three of each account, and who they are; return the first's key."""
    (first,) = database.execute("SELECT coalesce(max(id), 0) + 1 FROM signals_visitor").fetchone() or (0,)
    given = {"first": first, "number": number, "account": account, "at": at}
    database.execute(
        "INSERT INTO signals_visitor (id, anonymous, first_at, last_at) OVERRIDING SYSTEM VALUE"
        " SELECT %(first)s + n, 'bench-' || n, %(at)s, %(at)s FROM generate_series(0, %(number)s - 1) AS of (n)",
        given,
    )
    database.execute(
        "INSERT INTO signals_tie (visitor_id, account_id, confidence, reason, signal_id, known_at)"
        " SELECT %(first)s + n, %(account)s + n / 3, 0.7, 'domain', 0, %(at)s FROM generate_series(0, %(number)s - 1) AS of (n)",
        given,
    )
    return int(first)


def _topics(database: psycopg.Connection[Any]) -> list[int]:
    """Make topics, each of the pages of a folder; return their keys. Those that are there count no more."""
    database.execute("UPDATE signals_topic SET status = 'retired'")
    database.execute(
        "INSERT INTO signals_topic (key, kind, zh, en, rule, status, changed_at)"
        " SELECT 'bench-' || n, 'other', n, n, '{}', 'active', now() FROM generate_series(1, %s) AS of (n)",
        [TOPICS],
    )
    rule = """jsonb_build_object('field', 'url', 'op', 'contains', 'value', '/bench' || id || '/')"""
    made = database.execute(
        f"UPDATE signals_topic SET rule = {rule} WHERE key LIKE 'bench-%%' RETURNING id"
    ).fetchall()
    return sorted(key for (key,) in made)


@contextmanager
def _without_indexes(database: psycopg.Connection[Any], table: str) -> Iterator[None]:
    """Take the indexes of `table` away that are no keys, and make them anew at the end: so COPY takes minutes less."""
    indexes = database.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = %s::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        [table],
    ).fetchall()
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        database.execute(definition.replace(" ON ONLY ", " ON "))


def _copy(database: psycopg.Connection[Any], made: duckdb.DuckDBPyConnection, into: str, query: str) -> None:
    rows = made.sql(query).to_arrow_reader(100_000)
    with database.cursor().copy(f"COPY {into} FROM STDIN (FORMAT csv)") as copy:
        for part in rows:
            lines = io.BytesIO()
            csv.write_csv(part, lines, csv.WriteOptions(include_header=False))
            copy.write(lines.getvalue())
