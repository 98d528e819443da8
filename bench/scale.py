"""Signals of a company that outgrew a page: sums made anew, one account explained, the map, and what one more signal costs.

Ten million signals of half a year come from two million visits to 200,000 accounts, few of which get most. They are
put into the tables beside the product, in the order in which they happened; all that is measured goes through it.
"""

from __future__ import annotations

import resource
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from django.db.models import F, Sum
from pyarrow import parquet

from bench.figure import Figure
from bench.served import fresh, inside, load, p95
from bench.visits import SELLER, fill, settle
from foresail.core.home import Home
from foresail.signals import scale
from foresail.site.ground import database_of
from tests.journeys.installation import Installation

SIGNALS, ACCOUNTS = 10_000_000, 200_000
EXPLAINED, TRIES, TURNS, MORE = 100, 60, 3, 5_000
"""So many accounts are explained, times each is asked, runs are timed, signals come in."""
OPERATIONS = "fengjunjie@qiming.demo"
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


# ---- in the product's own Django


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
    """Ask for the map of the seller as the page does, with who refused at the same time: until the map is there, and both."""
    password = installation.caller().get("/api/entry")["demo_logins"][0]["password"]  # everybody's
    caller, beside = (installation.caller(SELLER, password) for _ in range(2))
    took: defaultdict[str, list[float]] = defaultdict(list)
    with ThreadPoolExecutor(1) as meanwhile:
        for by, turn in product(("day", "topic"), range(TRIES + 1)):
            begun = perf_counter()
            refused = meanwhile.submit(beside.call, "GET", "/api/interest/map/refused")
            answers = [caller.call("GET", f"/api/interest/map?by={by}").status]
            shown = perf_counter() - begun
            answers.append(refused.result().status)
            assert answers == [200, 200], answers
            if turn:
                took[f"heat_{by}_http"].append(shown)
                took[f"heat_{by}_refused_http"].append(perf_counter() - begun)
    return took


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
