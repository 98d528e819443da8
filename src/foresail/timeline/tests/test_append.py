"""What happened is kept once, whoever sends it twice, and never changed."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, connections, transaction

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
    assert told == [Appended(deals=(1,), count=2), Appended(deals=(2,), count=1)]


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


@pytest.mark.parametrize("change", ["UPDATE timeline_entry SET kind = 'call'", "DELETE FROM timeline_entry"])
def test_what_happened_is_never_changed(change: str) -> None:
    append([entry("a")], at=AT)
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


@pytest.mark.django_db(transaction=True)
def test_two_who_append_the_same_at_once_keep_it_once() -> None:
    begin, kept, faults = threading.Barrier(2), [0, 0], []

    def work(place: int) -> None:
        try:
            begin.wait()
            for month in (5, 6, 7, 8):
                rows = [entry(f"{month}:{n}", at=AT.replace(month=month)) for n in range(40)]
                kept[place] += append(rows if place else rows[::-1], at=AT)
        except Exception as fault:  # noqa: BLE001  # told below
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(place,)) for place in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sum(kept) == Entry.objects.count() == 160
