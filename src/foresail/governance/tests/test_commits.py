"""What only real transactions show: rows from many at once, refusals, and the trigger."""

import importlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction
from psycopg import sql

from foresail.core.changes import Change, record
from foresail.core.events import emit
from foresail.governance.errors import OutsideTransaction, PersonErased
from foresail.governance.models import AuditRow
from foresail.governance.queries import trail, verify
from foresail.governance.services import erase_person
from foresail.governance.tests.making import MORNING, tell, tell_of

CHANGE = Change(actor=3, verb="renamed", subject="crm.Account", key="7", at=MORNING)


@pytest.mark.django_db(transaction=True)
def test_eight_threads_make_one_chain() -> None:
    together = Barrier(8)

    def work(thread: int) -> None:
        try:
            together.wait()
            for number in range(25):
                tell_of(f"p{number}", key=str(thread)) if number % 2 else tell(key=str(thread))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    verdict = verify()
    assert (verdict.rows, verdict.broken) == (200, None)
    assert {AuditRow.objects.filter(key=str(thread)).count() for thread in range(8)} == {25}


@pytest.mark.django_db(transaction=True)
def test_an_erasure_amid_changes_is_the_end_of_the_persons_values() -> None:
    together = Barrier(5)

    def work(thread: int) -> int:
        try:
            together.wait()
            if thread == 0:
                erase_person(person="p1", by=9, at=MORNING)
                return 0
            for number in range(20):
                try:
                    tell_of("p1")
                except PersonErased:
                    return number
            return 20
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        kept = sum(pool.map(work, range(5)))
    verdict = verify()
    assert (verdict.rows, verdict.broken) == (kept + 1, None)
    (erasure,) = trail(subject="governance.PersonKey", key="p1")
    assert erasure.sequence == kept + 1


@pytest.mark.django_db(transaction=True)
def test_a_change_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError):
        record(CHANGE)
    with pytest.raises(OutsideTransaction, match=r"renamed was told of outside a transaction"):
        emit(CHANGE)
    assert not AuditRow.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_nothing_and_frees_the_end_of_the_chain() -> None:
    with transaction.atomic():
        tell()
        assert locks() == 1
        transaction.set_rollback(True)
    assert not AuditRow.objects.exists()
    assert locks() == 0


@pytest.mark.django_db(transaction=True)
def test_many_rows_of_one_transaction_take_one_lock() -> None:
    with transaction.atomic():
        for _ in range(3):
            tell()
        assert locks() == 1
    assert locks() == 0
    assert verify().rows == 3


@pytest.mark.django_db(transaction=True)
def test_a_row_after_a_rolled_back_one_of_the_same_transaction_takes_the_lock_again() -> None:
    with transaction.atomic():
        with transaction.atomic():
            tell()
            transaction.set_rollback(True)
        assert locks() == 0
        tell()
        assert locks() == 1
    assert verify().rows == 1


def locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        (count,) = cursor.fetchone() or (0,)
    return int(count)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["UPDATE governance_auditrow SET actor = 1", "DELETE FROM governance_auditrow"]
)
def test_the_database_refuses_to_change_or_remove_a_row(statement: str) -> None:
    tell()
    with (
        pytest.raises(ProgrammingError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert verify().rows == 1


@pytest.fixture
def kept_database() -> Iterator[psycopg.Connection]:
    """A database that is not named test_…, so not to be thrown away, with the trigger on a table of that name."""
    migration = importlib.import_module("foresail.governance.migrations.0002_append_only")
    reach = connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}
    reach.pop("context", None)
    name = sql.Identifier(f"kept_{reach['dbname']}")
    with psycopg.connect(**reach, autocommit=True) as outside:
        outside.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            with psycopg.connect(
                **(reach | {"dbname": f"kept_{reach['dbname']}"}), autocommit=True
            ) as inside:
                inside.execute("CREATE TABLE governance_auditrow AS SELECT 1 AS sequence")
                inside.execute(migration.FORWARD)
                yield inside
        finally:
            outside.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.mark.django_db
def test_no_database_but_that_of_tests_can_be_emptied(kept_database: psycopg.Connection) -> None:
    found = kept_database.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    # An ordinary role cannot even try to pass by triggers.
    for setting in ("SELECT 1", *(["SET session_replication_role = 'replica'"] if found == (True,) else [])):
        kept_database.execute(setting)
        with pytest.raises(psycopg.errors.RaiseException, match="TRUNCATE is refused"):
            kept_database.execute("TRUNCATE governance_auditrow")
    assert kept_database.execute("SELECT count(*) FROM governance_auditrow").fetchone() == (1,)
