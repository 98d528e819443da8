"""Notices are written with their change, wake readers after it, and go oldest first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection, transaction

from foresail.core import outbox
from foresail.core.models import Notice
from foresail.core.outbox import Position, tell


@pytest.fixture
def ear(
    transactional_db: None,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[psycopg.Connection[tuple[object]]]:
    """A connection that hears wake-ups."""
    monkeypatch.setattr(outbox, "_woken", 0.0)
    given = connection.get_connection_params()
    for name in ("context", "cursor_factory"):
        given.pop(name)
    with psycopg.connect(**given, autocommit=True) as listening:
        listening.execute(f"LISTEN {outbox.CHANNEL}")
        yield listening


def heard(ear: psycopg.Connection[tuple[object]]) -> int:
    return len(list(ear.notifies(timeout=0.1)))


def rows() -> list[tuple[str, int]]:
    return list(Notice.objects.order_by("id").values_list("kind", "key"))


def test_one_wake_up_for_a_transaction_after_its_commit(ear: psycopg.Connection[tuple[object]]) -> None:
    with transaction.atomic():
        tell("deal", 1, 2)
        tell("deals", 0)
        with transaction.atomic():
            tell("account", 3)
        assert heard(ear) == 0
    assert heard(ear) == 1
    assert rows() == [("deal", 1), ("deal", 2), ("deals", 0), ("account", 3)]
    assert len(set(Notice.objects.values_list("transaction", flat=True))) == 1


def test_what_is_rolled_back_wakes_nobody_and_leaves_nothing(ear: psycopg.Connection[tuple[object]]) -> None:
    with transaction.atomic():
        tell("deal", 1)
        transaction.set_rollback(True)
    assert (heard(ear), rows()) == (0, [])
    with transaction.atomic():
        with transaction.atomic():
            tell("deal", 1)
            transaction.set_rollback(True)
        tell("deal", 2)
    assert (heard(ear), rows()) == (1, [("deal", 2)])


def test_a_burst_is_few_wake_ups(
    ear: psycopg.Connection[tuple[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "WAKE_SECONDS", 60)
    for key in range(20):
        with transaction.atomic():
            tell("deal", key)
    assert heard(ear) == 1
    assert len(rows()) == 20


@pytest.mark.django_db(transaction=True)
def test_a_failing_wake_up_leaves_the_change_and_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_woken", 0.0)
    monkeypatch.setattr(outbox, "CHANNEL", "no channel")
    with transaction.atomic():
        tell("deal", 1)
    assert rows() == [("deal", 1)]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        tell("deal", 1)
    assert rows() == []


@pytest.mark.django_db(transaction=True)
def test_old_rows_go_in_batches_and_never_before_an_earlier_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    hours = (3, 2, 0, 2, 0)  # the fourth is older than the third, but stands after it
    Notice.objects.bulk_create(
        Notice(kind="deal", key=key, transaction=key, at=now - timedelta(hours=ago))
        for key, ago in enumerate(hours)
    )
    monkeypatch.setattr(outbox, "BATCH", 1)
    newest = outbox.newest()
    first = Position(0, Notice.objects.get(key=0).pk)
    assert outbox.is_kept(first)
    assert outbox.forget(upto=newest, at=now) is True
    assert not outbox.is_kept(first)
    assert outbox.forget(upto=newest, at=now) is True
    assert outbox.forget(upto=newest, at=now) is False
    assert [key for _, key in rows()] == [2, 3, 4]
    monkeypatch.setattr(outbox, "BATCH", 100)
    outbox.forget(upto=newest, at=now + timedelta(days=1))
    assert [key for _, key in rows()] == [4]


@pytest.mark.django_db(transaction=True)
def test_where_nothing_is_kept_there_is_a_row_to_stand_on() -> None:
    stand = outbox.newest()
    assert stand > outbox.BEGINNING
    assert outbox.is_kept(stand)
    assert outbox.newest() == stand
    assert rows() == [("began", 0)]


@pytest.mark.parametrize("text", ["", "1", "1-", "-1", "a-b", "1-2-3", f"{2**63}-1", "１-２", "1-2\n"])
def test_what_is_no_cursor(text: str) -> None:
    assert Position.of(text) is None


def test_a_cursor_reads_as_it_was_written() -> None:
    assert Position.of(str(Position(2**63 - 1, 5))) == (2**63 - 1, 5)


@pytest.mark.django_db(transaction=True)
def test_a_transaction_holds_back_what_came_after_it_but_none_of_another_database() -> None:
    given = connection.get_connection_params()
    for name in ("context", "cursor_factory"):
        given.pop(name)
    before = outbox.newest()

    def begun(database: str) -> psycopg.Connection[tuple[object]]:
        one = psycopg.connect(**{**given, "dbname": database})
        one.execute("SELECT pg_current_xact_id()")
        return one

    def read(after: Position) -> Position:
        """Read until there is more: of a transaction elsewhere that is just ending nobody knows where it ran."""
        for _ in range(100):
            if (found := outbox.newest()) > after:
                return found
            time.sleep(0.01)
        raise AssertionError("what was told is held back")

    with begun("postgres"):
        with transaction.atomic():
            tell("deal", 1)
        after = read(before)
        with begun(given["dbname"]):
            with transaction.atomic():
                tell("deal", 2)
            assert outbox.newest() == after
        read(after)
