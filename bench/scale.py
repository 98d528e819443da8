"""Signals of a company that outgrew a page: sums made anew, one account explained, the map, and what one more signal costs.

Ten million signals of half a year come from two million visits to 200,000 accounts, few of which get most. They are
put into the tables beside the product, in the order in which they happened; all that is measured goes through it.
"""

from __future__ import annotations

import io
import resource
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, sleep
from typing import Any

import duckdb
import psycopg
from django.db.models import F, Sum
from pyarrow import csv, parquet

from bench.figure import Figure
from bench.served import fresh, inside, load, p95, seconds
from foresail.core.cluster import Cluster
from foresail.core.home import Home
from foresail.signals import scale
from foresail.signals.kinds import KINDS
from foresail.site.ground import database_of
from tests.journeys.installation import Installation

SIGNALS, ACCOUNTS = 10_000_000, 200_000
VISIT, DAYS, TOPICS = 5, 180, 7
"""So many signals a visit, days, and topics; a fifth of the signals is about two."""
SEEN, EXPLAINED, TRIES, TURNS, MORE = 5_000, 100, 20, 3, 5_000
"""So many accounts a seller's map has, accounts are explained, times each is asked, runs are timed, signals come in."""
REFUSING = 50
SELLER, OTHER, OPERATIONS = "hemin@qiming.demo", "wangsiqi@qiming.demo", "fengjunjie@qiming.demo"
PATIENCE = 600.0
LIVES = {key: kind.half_life for key, kind in KINDS.items()}
PLAIN_INTEREST = """
    COPY (
        SELECT account, topic, kind, latest, sum(amount * kept), sum(amount / topics * kept), count(*) FROM (
            SELECT *, pow(2, ("at" - latest) / 86400000000 / days) AS kept FROM (
                SELECT *, max("at") OVER (PARTITION BY account, topic, kind) AS latest
                FROM read_parquet($files) WHERE ended_at IS NULL
            ) JOIN lives USING (kind)
        ) GROUP BY ALL
    ) TO '{to}'
"""
PLAIN_DAILY = """
    COPY (
        SELECT account, "on", topic, kind, sum(amount), sum(amount / topics), count(*)
        FROM read_parquet($files) WHERE ended_at IS NULL GROUP BY ALL
    ) TO '{to}'
"""


def measure(signals: int = SIGNALS, accounts: int = ACCOUNTS) -> Iterator[Figure]:
    with fresh() as installation:
        installation.run("demo", "--deals", "60", "--no-train")
        with installation.serving():
            inside(installation, settle)
        with database_of(Home(installation.home)):
            fill(installation, signals, accounts)
        with installation.serving():
            yield from measured(installation, f"{signals:,} signals of {accounts:,} accounts")


def measured(installation: Installation, said: str) -> Iterator[Figure]:
    """Measure an installation that is filled and serves."""
    wrote = inside(installation, months)
    yield Figure(
        "scale_months", wrote["seconds"], "s",
        against=f"{wrote['rows']:,} rows of evidence of {wrote['months']} months into files of "
        f"{wrote['bytes'] / 1e6:.0f} MB; {said}; {load()}",
    )  # fmt: skip
    yield Figure(
        "scale_month_again", wrote["again"], "s",
        against=f"the largest month, {wrote['largest']:,} rows, as after an erasure",
    )  # fmt: skip
    took = inside(installation, recomputed)
    yield Figure(
        "scale_recompute", took["ours"], "s", took["plain"],
        f"the plain DuckDB query of the same sums, {took['sums']:,} in all; medians of {TURNS}; {load()}",
        at_most=2,
    )  # fmt: skip
    if "spark" in took:
        yield Figure(
            "scale_recompute_sail", took["spark"], "s", took["ours"],
            "the same by DuckDB; one run of Sail on this machine, through Spark Connect",
        )  # fmt: skip
    night = inside(installation, nightly)
    assert night["mended"] == [0, night["broken"]], night
    yield Figure(
        "scale_night", night["seconds"], "s",
        against=f"all sums made anew and compared, nothing to mend; {load()}",
    )  # fmt: skip
    yield Figure("scale_night_memory", night["memory"], "GiB", against="the most the job's process took")
    yield Figure(
        "scale_mend", 1e3 * night["mending"] / night["some"], "ms",
        against=f"a sum made anew in the table, of {night['some']:,}; {load()}",
    )  # fmt: skip
    yield Figure(
        "scale_take", 1e3 * night["taking"] / night["some"], "ms",
        against=f"a sum that takes the number computed, as where a half-life changed, of {night['some']:,}; {load()}",
    )  # fmt: skip
    for name, times in (inside(installation, asked) | over_http(installation)).items():
        most = 100 if name.startswith("explain") else 300
        bound = "company" not in name
        yield Figure(
            f"scale_{name}_p95", 1000 * p95(times), "ms",
            against=f"median {1000 * median(times):.0f} ms of {len(times)}; {load()}",
            at_most=most if bound else None,
        )  # fmt: skip
    each = inside(installation, added)
    yield Figure(
        "scale_add_up", 1e3 * each["seconds"] / each["signals"], "ms",
        against=f"a signal of {each['signals']:,} that came in at once; {load()}",
    )  # fmt: skip
    yield Figure(
        "scale_judge", 1e3 * each["judging"] / each["judged"], "ms",
        against=f"a signal of {each['judged']:,} whose visitors are judged anew, nothing to change; {load()}",
    )  # fmt: skip


# ---- filling


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


# ---- measured in the product's own Django


def months() -> dict[str, Any]:
    """Write the files of all months that are over; then the largest again, as after an erasure."""
    from foresail.core import clock
    from foresail.signals import services
    from foresail.signals.models import Evidence, Month
    from foresail.signals.services.months import folder

    begun = perf_counter()
    written = services.write_months(at=clock.now())
    took = perf_counter() - begun
    size = sum(file.stat().st_size for file in folder().rglob("*.parquet"))
    largest = Month.objects.order_by("-rows")[0]
    Evidence.objects.filter(pk=Evidence.objects.filter(at__date=largest.first)[0].pk).update(
        topics=F("topics")
    )
    told = {
        "seconds": took,
        "months": written,
        "bytes": size,
        "rows": sum(month.rows or 0 for month in Month.objects.all()),
    }
    begun = perf_counter()
    assert services.write_months(at=clock.now()) == 1
    return told | {"again": perf_counter() - begun, "largest": largest.rows}


def recomputed() -> dict[str, Any]:
    """Compute all sums, by turns through the product's engine and by hand; once by Sail, where that is installed."""
    from foresail.signals.services.months import read_evidence, working
    from foresail.signals.weighing import half_lives

    lives = half_lives()
    ours: list[float] = []
    plain: list[float] = []
    told: dict[str, Any] = {}
    with working() as work:
        files = read_evidence(work=work)

        def by(engine: scale.Engine, to: str) -> float:
            begun = perf_counter()
            (work / to).mkdir()
            engine.write(scale.interest_sums(lives), files=files, to=work / to / "interest")
            engine.write(scale.daily_sums(), files=files, to=work / to / "daily")
            return perf_counter() - begun

        def by_hand() -> float:
            begun = perf_counter()
            with scale.limited(work) as database:
                database.execute("CREATE TABLE lives (kind text, days double)")
                database.executemany("INSERT INTO lives VALUES (?, ?)", list(lives.items()))
                for name, query in (("a", PLAIN_INTEREST), ("b", PLAIN_DAILY)):
                    database.execute(
                        query.format(to=work / f"{name}.parquet"), {"files": [str(each) for each in files]}
                    )
            return perf_counter() - begun

        for turn in range(TURNS + 1):
            took, peer = by(scale.DuckDB(), f"o{turn}"), by_hand()
            if turn:
                ours.append(took)
                plain.append(peer)
        told["sums"] = _rows(work / "o1" / "interest") + _rows(work / "o1" / "daily")
        assert told["sums"] == _rows(work, "a.parquet") + _rows(work, "b.parquet")
        with suppress(ImportError):
            from pysail.spark import SparkConnectServer

            server = SparkConnectServer("127.0.0.1", 0)
            server.start(background=True)
            told["spark"] = by(scale.Spark(f"sc://127.0.0.1:{server.listening_address[1]}"), "spark")
            server.stop()
            assert _rows(work / "spark" / "interest") + _rows(work / "spark" / "daily") == told["sums"]
    return told | {"ours": median(ours), "plain": median(plain)}


def _rows(folder: Path, name: str = "*.parquet") -> int:
    return sum(parquet.read_metadata(file).num_rows for file in folder.glob(name))


def nightly() -> dict[str, Any]:
    """Make all sums anew and compare them, as every night; then once more with some that are otherwise."""
    from django.db import connection, transaction

    from foresail.signals import services
    from foresail.signals.models import Interest
    from foresail.signals.services.adding import sum_again
    from foresail.signals.services.summing import take_computed

    begun = perf_counter()
    first = services.sum_all()
    seconds = perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    with connection.cursor() as cursor:
        cursor.execute("UPDATE signals_interest SET value = value * 1.01 WHERE account_id % 1000 = 7")
        broken = cursor.rowcount
    second = services.sum_all()
    some = list(Interest.objects.values_list("account", "topic", "kind", "value", "whole")[:2_000])

    def mended(by: Callable[[Any, list[Any]], object], rows: list[Any]) -> float:
        begun = perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            by(cursor, rows)
        return perf_counter() - begun

    return {
        "mended": [first, second], "broken": broken, "seconds": seconds, "memory": memory, "some": len(some),
        "taking": mended(take_computed, [(*row, *row[3:]) for row in some]), "mending": mended(sum_again, [row[:3] for row in some]),
    }  # fmt: skip


def asked() -> dict[str, list[float]]:
    """Explain the accounts with the most signals, each a few times; draw the map of a seller, and of the whole company."""
    from foresail.core import clock
    from foresail.crm.models import Account
    from foresail.people.models import User
    from foresail.signals import queries
    from foresail.signals.models import Daily, Topic

    everybody, seller = User.objects.get(email=OPERATIONS), User.objects.get(email=SELLER)
    counted = Daily.objects.order_by().values("account").annotate(signals=Sum("count")).order_by("-signals")
    accounts = [each["account"] for each in counted[:EXPLAINED]]
    topics = list(Topic.objects.filter(status="active").values_list("pk", flat=True))
    now = clock.now()
    assert (
        queries.heat_by_day(user=seller, at=now).total >= 0.9 * Account.objects.filter(owner=seller).count()
    )
    return {
        "explain": [_took(partial(queries.explain_interest, user=everybody, account=each, at=now)) for each in accounts for _ in range(2)],
        "heat_day": [_took(partial(queries.heat_by_day, user=seller, at=now)) for _ in range(TRIES)],
        "heat_topic": [_took(partial(queries.heat_by_topic, user=seller, at=now, topics=topics)) for _ in range(TRIES)],
        "heat_company_day": [_took(partial(queries.heat_by_day, user=everybody, at=now)) for _ in range(TURNS)],
        "heat_company_topic": [_took(partial(queries.heat_by_topic, user=everybody, at=now, topics=topics)) for _ in range(TURNS)],
    }  # fmt: skip


def over_http(installation: Installation) -> dict[str, list[float]]:
    """Ask for the map of the seller as the page does: with it who refused, both at once."""
    password = installation.caller().get("/api/entry")["demo_logins"][0]["password"]  # everybody's
    callers = [installation.caller(SELLER, password) for _ in range(2)]

    def ask(by: str) -> None:
        paths = (f"/api/interest/map?by={by}", "/api/interest/map/refused")
        answers = both.map(lambda caller, path: caller.call("GET", path).status, callers, paths)
        assert list(answers) == [200, 200]

    with ThreadPoolExecutor(2) as both:
        return {f"heat_{by}_http": seconds(partial(ask, by), times=TRIES) for by in ("day", "topic")}


def _took(run: Callable[[], object]) -> float:
    begun = perf_counter()
    run()
    return perf_counter() - begun


def added() -> dict[str, Any]:
    """Add up signals that come in at once, of visitors who are known; judge some visitors anew, as every night."""
    from django.db import connection, transaction

    from foresail.core import clock
    from foresail.signals import services
    from foresail.signals.models import Signal, Tie
    from foresail.signals.services.adding import judge_again

    with connection.cursor() as cursor:
        cursor.execute(_COME, [MORE])
    begun, signals = perf_counter(), 0
    while more := services.add_up():
        signals += more
    told = {"seconds": perf_counter() - begun, "signals": signals}
    some = list(
        Tie.objects.alias(place=F("visitor") % 1_200).filter(place=7).values_list("visitor", flat=True)[:500]
    )
    for _ in range(2):  # the second time all stands as it should
        begun = perf_counter()
        with transaction.atomic():
            judge_again(some, at=clock.now())
        told["judging"] = perf_counter() - begun
    return told | {"judged": Signal.objects.filter(visitor__in=some).count()}


_COME = """
    WITH come AS (
        INSERT INTO signals_signal (known_at, at, until, key_id, visitor_id, source, kind, purpose, basis, fingerprint, values)
        SELECT now(), now(), now() + interval '1 year', 0, visitor_id, source, kind, purpose, basis, fingerprint, values
        FROM (SELECT * FROM signals_signal TABLESAMPLE SYSTEM (1) WHERE kind <> 'other' LIMIT %s) AS given RETURNING id, known_at
    )
    INSERT INTO signals_fresh (signal_id, known_at) SELECT id, known_at FROM come
"""

if __name__ == "__main__":
    from bench.scale import measure as run  # under its own name, by which `inside` finds it

    for figure in run(*map(int, sys.argv[1:])):
        print(
            f"{figure.name} {figure.value:.4g} {figure.unit} {figure.goal or ''} ({figure.against})",
            flush=True,
        )
