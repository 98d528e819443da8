"""What happened is kept once, whoever sends it twice, and never changed."""

import functools
import importlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction
from psycopg import sql

from foresail.core import events
from foresail.timeline.errors import KnownBefore
from foresail.timeline.events import Appended
from foresail.timeline.models import Entry
from foresail.timeline.services import append
from foresail.timeline.tests.making import AT, entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Appended]:
    monkeypatch.setattr(events, "_listeners", {})
    kept: list[Appended] = []
    events.listen(Appended, kept.append)
    return kept


def test_the_same_entry_is_kept_once(told: list[Appended]) -> None:
    assert append([entry("a"), entry("b"), entry("a", kind="call")], at=AT) == 2
    assert append([entry("b"), entry("c", deal_id=2)], at=AT) == 1
    assert list(Entry.objects.order_by("pk").values_list("source_id", "kind", "deal")) == [
        ("a", "mail_in", 1), ("b", "mail_in", 1), ("c", "mail_in", 2),
    ]  # fmt: skip
    assert told == [Appended(deals=(1,), count=2, at=AT), Appended(deals=(2,), count=1, at=AT)]


def test_what_was_known_already_tells_nobody(told: list[Appended]) -> None:
    append([entry("a")], at=AT)
    assert append([entry("a")], at=AT) == 0
    assert append([entry("b")], at=AT, quiet=True) == 1
    assert len(told) == 1


def test_open_pages_are_told_of_the_deal() -> None:
    append([entry("a", deal_id=7), entry("b", deal_id=8)], at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, key FROM core_notice WHERE kind IN ('deal', 'deals') ORDER BY id")
        assert cursor.fetchall() == [("deal", 7), ("deal", 8), ("deals", 0)]


def test_nothing_is_known_before_it_happens() -> None:
    with pytest.raises(KnownBefore, match="Entry 2"):
        append([entry("a"), entry("b", known_at=AT - timedelta(seconds=1), at=AT)], at=AT)
    assert not Entry.objects.exists()
    assert append([entry("a")], at=AT) == 1  # nor was it marked as seen


@pytest.mark.parametrize("setting", ["origin", "replica"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE timeline_entry SET kind = 'call'",
        "DELETE FROM timeline_entry",
        "UPDATE timeline_entry_2026_03 SET kind = 'call'",
        "DELETE FROM timeline_entry_2026_03",
        "UPDATE timeline_seen SET fingerprint = ''",
        "DELETE FROM timeline_seen",
    ],
)
def test_what_happened_is_never_changed(change: str, setting: str) -> None:
    append([entry("a")], at=AT)
    with connection.cursor() as cursor:
        if setting == "replica":
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if cursor.fetchone() == (False,):
                pytest.skip("an ordinary role cannot even try to pass by triggers")
            cursor.execute("SET LOCAL session_replication_role = replica")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
    assert Entry.objects.get().kind == "mail_in"


def test_each_month_has_its_partition() -> None:
    append([entry(str(month), at=AT.replace(month=month)) for month in (1, 2, 3)], at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM timeline_entry ORDER BY known_at")
        assert [name for (name,) in cursor.fetchall()] == [
            f"timeline_entry_2026_0{month}" for month in (1, 2, 3)
        ]


def together(*works: Callable[[], int]) -> list[int]:
    """Do `works` at once, each on its own connection; what one of them raises is raised here."""
    begin = threading.Barrier(len(works))

    def work(one: Callable[[], int]) -> int:
        try:
            begin.wait()
            return one()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(work, works))


@pytest.mark.usefixtures("transactional_db")
def test_two_who_append_the_same_at_once_keep_it_once() -> None:
    rows = [entry(str(n), at=AT + timedelta(minutes=n)) for n in range(2000)]
    append([entry("first")], at=AT)  # so that they do not wait for each other to make the month
    kept = together(lambda: append(rows, at=AT), lambda: append(rows[::-1], at=AT))
    assert sorted(kept) == [0, 2000]
    assert Entry.objects.count() == 2001


@pytest.mark.usefixtures("transactional_db")
def test_months_are_made_by_many_at_once() -> None:
    def work(place: int) -> int:
        # Each needs months that others need too, and names them in an order of its own.
        months = [(7 * place + 5 * n) % 36 for n in range(12)]
        rows = [
            entry(f"{place}:{month}", at=AT.replace(year=2031 + month // 12, month=month % 12 + 1))
            for month in months
        ]
        return sum(append(rows[begin : begin + 4], at=AT) for begin in (0, 4, 8))

    kept = together(*(functools.partial(work, place) for place in range(6)))
    assert sum(kept) == Entry.objects.count() == 72
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM timeline_entry WHERE tableoid::regclass::text <> to_char(known_at AT TIME ZONE 'UTC', '\"timeline_entry_\"YYYY_MM')"
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.usefixtures("transactional_db")
def test_readers_and_writers_go_on_while_a_month_is_made() -> None:
    append([entry("a")], at=AT)
    with transaction.atomic():
        append([entry("b", at=AT.replace(year=2041))], at=AT)  # its month is not committed yet

        def meanwhile() -> int:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            return append([entry("c")], at=AT) + Entry.objects.count()

        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(closing, meanwhile).result() == 1 + 2
    assert Entry.objects.count() == 3


def closing(work: Callable[[], int]) -> int:
    try:
        return work()
    finally:
        connections.close_all()


@pytest.fixture
def kept_database(db: None) -> Iterator[psycopg.Connection]:  # noqa: ARG001  # asks for the server
    """A database that is not named test_…, so not to be thrown away, with a month made before each migration."""
    reach = connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}
    reach.pop("context", None)
    kept = f"kept_timeline_{reach['dbname']}"
    with psycopg.connect(**reach, autocommit=True) as outside:
        outside.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(kept)))
        try:
            with psycopg.connect(**(reach | {"dbname": kept}), autocommit=True) as inside:
                for name, month in (("0001_initial", "2026-03-01"), ("0002_guarded", "2026-04-01")):
                    inside.execute(importlib.import_module(f"foresail.timeline.migrations.{name}").FORWARD)
                    inside.execute("SELECT timeline_make_month(%s)", [month])
                    inside.execute(
                        "INSERT INTO timeline_entry (known_at, at, kind, subject, source, source_id, basis) "
                        "SELECT at, at, 'call', '', '', '', 'own_record' FROM (SELECT %s::timestamptz AS at) AS x",
                        [f"{month} 09:00Z"],
                    )
                inside.execute("INSERT INTO timeline_seen VALUES ('x')")
                yield inside
        finally:
            outside.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(kept)))


def settings_of(database: psycopg.Connection) -> list[str]:
    """Return what somebody may set who wants to pass by triggers: an ordinary role, nothing."""
    found = database.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    return ["SELECT 1", *(["SET session_replication_role = 'replica'"] if found == (True,) else [])]


def test_no_database_but_that_of_tests_can_be_emptied(kept_database: psycopg.Connection) -> None:
    tables = ("timeline_entry", "timeline_entry_2026_03", "timeline_entry_2026_04", "timeline_seen")
    for setting in settings_of(kept_database):
        kept_database.execute(setting)
        for table in map(sql.Identifier, tables):
            for change in ("TRUNCATE {}", "DELETE FROM {}"):
                with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                    kept_database.execute(sql.SQL(change).format(table))
    assert kept_database.execute("SELECT count(*) FROM timeline_entry").fetchone() == (2,)
