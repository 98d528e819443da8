"""Files of evidence: what they hold, that they forget, and that sums made from them are those that were added up."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from pyarrow import parquet
from pytest_django import DjangoCaptureOnCommitCallbacks

from foresail.crm import services as crm
from foresail.people import services as people
from foresail.people.models import User
from foresail.signals.models import Daily, Evidence, Interest, Month, Topic
from foresail.signals.services import (
    KnownKey,
    add_up,
    drop_stale,
    intake,
    months,
    set_weight,
    sum_all,
    summing,
    take,
    write_months,
)
from foresail.signals.services.adding import sum_again
from foresail.signals.tests.conftest import AT, SITE, consent, page

pytestmark = pytest.mark.django_db

END = AT + timedelta(days=100)
FIRST, SECOND, THIRD, OPEN = (date(2026, month, 1) for month in (3, 4, 5, 6))
VISITORS = ("v1", "v2")


@pytest.fixture
def evidence(allow: Callable[..., None], browser: KnownKey, server: KnownKey) -> None:
    """Two visitors, each of an account, who read pages in four months; the last one is not over."""
    allow(web={"fields": {"url": "mask", "title": "keep", "seconds": "keep", "file": "mask"}})
    Topic.objects.create(
        key="price", kind="price", zh="价格", en="price", status="active", changed_at=AT,
        rule={"field": "url", "op": "contains", "value": "/price"},
    )  # fmt: skip
    line = people.add_line(name="能源", by=None, at=AT)
    for visitor in VISITORS:
        account = crm.add_account(line=line, by=None, at=AT, name=visitor, domain=f"{visitor}.example")
        contact = crm.add_contact(account=account, by=None, at=AT, name=visitor, email=f"a@{visitor}.example")
        take([consent(browser, visitor, f"c{visitor}")], at=AT)
        claims = {"email": contact.email}
        take(
            [page(server, visitor, f"t{visitor}", kind="identify", source="form", values={}, claims=claims)],
            at=AT,
        )
        for day in range(0, 100, 9):
            at = AT + timedelta(days=day)
            read = [
                page(browser, visitor, f"{visitor}-{day}-{each}", at=at, values={"url": f"{SITE}{path}"})
                for each, path in enumerate(("/price", "/price", "/about"))
            ]
            take(read, at=at)
            add_up()
    assert Evidence.objects.filter(at__gte=END.replace(day=1)).exists()


def rows() -> Iterator[dict[str, Any]]:
    """Yield what the files of months hold, with the month that the folder says."""
    for file in sorted((months.folder() / "evidence").glob("month=*/*")):
        assert not file.name.startswith(".")
        for row in parquet.read_table(file, partitioning=None).to_pylist():
            yield row | {"month": file.parent.name.removeprefix("month=")}


def signals_of(visitor: str) -> set[int]:
    return set(Evidence.objects.filter(visitor__in=visitor_keys(visitor)).values_list("signal", flat=True))


def visitor_keys(name: str) -> list[int]:
    from foresail.signals.models import Visitor

    return list(Visitor.objects.filter(anonymous=name).values_list("pk", flat=True))


def sums() -> tuple[dict[Any, Any], dict[Any, Any]]:
    return (
        {
            (one.account, one.topic, one.kind): (one.at, one.value, one.whole)
            for one in Interest.objects.all()
        },
        {
            (one.account, one.on, one.topic, one.kind): (one.amount, one.whole, one.count)
            for one in Daily.objects.all()
        },
    )


def same(found: tuple[dict[Any, Any], ...], wanted: tuple[dict[Any, Any], ...]) -> None:
    for one, other in zip(found, wanted, strict=True):
        assert one.keys() == other.keys()
        for key in other:
            for mine, theirs in zip(one[key], other[key], strict=True):
                if isinstance(theirs, float):
                    assert math.isclose(mine, theirs, rel_tol=1e-9)
                else:
                    assert mine == theirs


@pytest.mark.usefixtures("evidence")
def test_files_hold_the_months_that_are_over_and_no_name() -> None:
    assert write_months(at=END) == 3
    assert write_months(at=END) == 0
    kept = list(rows())
    assert {row["month"] for row in kept} == {"2026-03", "2026-04", "2026-05"}
    over = Evidence.objects.filter(at__lt=datetime(2026, 6, 1, tzinfo=AT.tzinfo))
    assert sorted((row["signal"], row["topic"], row["amount"]) for row in kept) == sorted(
        over.values_list("signal", "topic", "amount")
    )
    assert {month.first: month.rows for month in Month.objects.all()} == {
        first: sum(row["month"] == f"{first:%Y-%m}" for row in kept) for first in (FIRST, SECOND, THIRD)
    }
    for row in kept:
        assert set(row) == {*months._schema().names, "month"}
        assert row["month"] == f"{datetime.fromtimestamp(row['at'] / 1e6, AT.tzinfo):%Y-%m}"


@pytest.mark.usefixtures("evidence")
def test_sums_made_from_files_are_those_added_up_and_what_went_wrong_is_mended() -> None:
    right = sums()
    assert sum_all() == 0  # without any file
    write_months(at=END)
    assert sum_all() == 0
    same(sums(), right)
    first, second, third = list(Interest.objects.order_by("account", "topic"))[:3]
    Interest.objects.filter(pk=first.pk).update(value=F("value") * 1.000001)
    Interest.objects.filter(pk=second.pk).delete()
    Daily.objects.filter(account=third.account, topic=third.topic, on__lt=AT + timedelta(days=20)).delete()
    Daily.objects.create(
        account=third.account, on=AT.date(), topic=99, kind="page", amount=1, whole=1, count=1
    )
    assert sum_all() == 4
    same(sums(), right)


@pytest.mark.usefixtures("evidence")
def test_another_half_life_is_taken_from_what_was_computed_unless_the_sum_turned_meanwhile(
    browser: KnownKey, ops: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_months(at=END)
    set_weight(kind="page", weight=1, half_life=3, by=ops, at=END)
    anew: list[Any] = []
    compute = summing._compute

    def meanwhile(work: Path) -> None:
        at = AT + timedelta(days=40)
        take([page(browser, "v1", "late", at=at, values={"url": f"{SITE}/price"})], at=END)
        add_up()
        compute(work)

    def noted(cursor: Any, lost: Any) -> None:
        anew.extend(lost)
        sum_again(cursor, lost)

    monkeypatch.setattr(summing, "_compute", meanwhile)
    monkeypatch.setattr(summing, "sum_again", noted)
    keys = list(Interest.objects.values_list("account", "topic", "kind"))
    assert len(keys) == 4
    sum_all()
    (account,) = set(
        Evidence.objects.filter(visitor__in=visitor_keys("v1")).values_list("account", flat=True)
    )
    assert {key[0] for key in anew} == {account}
    assert len(set(anew)) == 1
    found = sums()
    with connection.cursor() as cursor:
        sum_again(cursor, keys)
    same(found, sums())
    monkeypatch.setattr(summing, "_compute", compute)
    assert sum_all() == 0


@pytest.mark.usefixtures("evidence")
def test_what_is_erased_is_in_no_file_when_who_withdrew_is_answered(
    browser: KnownKey,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(intake, "_months", set())  # this test's months are not there in the next
    write_months(at=END)
    gone, stays = signals_of("v1"), signals_of("v2")
    assert gone & {row["signal"] for row in rows()}
    with django_capture_on_commit_callbacks(execute=True):
        take([consent(browser, "v1", "w", given=False, at=END)], at=END)
        # Not yet committed, and read from the table all the same.
        with months.working() as work:
            read = [
                row
                for file in months.read_evidence(work=work)
                for row in parquet.read_table(file).to_pylist()
            ]
        assert {row["signal"] for row in read} == stays
    assert list(rows()) == []
    assert sum_all() == 0
    assert write_months(at=END) == 3
    assert not gone & {row["signal"] for row in rows()}
    assert {row["signal"] for row in rows()} == {
        row["signal"] for row in read if row["at"] < datetime(2026, 6, 1, tzinfo=AT.tzinfo).timestamp() * 1e6
    }
    assert sum_all() == 0


@pytest.mark.usefixtures("evidence")
def test_a_month_that_changes_while_it_is_written_is_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    export, times = months.export, []

    def overtaken(*args: Any, **named: Any) -> int:
        written = export(*args, **named)
        times.append(written)
        if len(times) == 1:  # between what the file holds and its name
            Evidence.objects.filter(at__lt=AT + timedelta(days=1), topic=0).delete()
        return written

    monkeypatch.setattr(months, "export", overtaken)
    assert write_months(at=END) == 3
    assert len(times) == 4
    assert times[1] < times[0]
    assert len([row for row in rows() if row["month"] == "2026-03"]) == times[1]


@pytest.mark.usefixtures("evidence")
def test_what_somebody_killed_left_is_swept_away_and_a_damaged_file_is_not_read() -> None:
    write_months(at=END)
    place = months.folder() / "evidence" / "month=2026-03"
    (place / ".half.parquet").write_bytes(b"x")
    (place / "unnamed.parquet").write_bytes(b"x")
    left = months.folder() / "work" / "left"
    left.mkdir()
    (left / "rest.parquet").write_bytes(b"x")
    file = place / Month.objects.get(first=FIRST).file
    file.write_bytes(file.read_bytes()[:-1])
    assert sum_all() == 0  # that month was read from the table
    assert list((months.folder() / "work").iterdir()) == []
    assert write_months(at=END) == 1
    assert [each.name for each in place.iterdir()] == [Month.objects.get(first=FIRST).file]


@pytest.mark.usefixtures("evidence")
def test_a_late_signal_makes_a_file_stale_and_a_job_deletes_what_a_killed_process_did_not(
    browser: KnownKey,
) -> None:
    write_months(at=END)
    with transaction.atomic():
        take(
            [page(browser, "v1", "late", at=AT + timedelta(days=40), values={"url": f"{SITE}/price"})], at=END
        )
        add_up()
    assert sum_all() == 0
    assert {row["month"] for row in rows()} == {"2026-03", "2026-04", "2026-05"}
    drop_stale()
    assert {row["month"] for row in rows()} == {"2026-03", "2026-05"}
    assert write_months(at=END) == 1
    assert sum_all() == 0
