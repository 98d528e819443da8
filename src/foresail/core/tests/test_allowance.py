"""Nobody asks more often than their allowance, however many processes answer."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections

from foresail.core import allowance
from foresail.core.allowance import TAKEN_AT_ONCE, Allowances, Rate

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
RATE = Rate(number=50, seconds=60)


def granted(allowances: Allowances, times: int, *, name: str = "a", at: datetime = AT) -> int:
    return sum(allowances.spend(name=name, rate=RATE, at=at) is None for _ in range(times))


@pytest.mark.django_db
def test_one_process_gives_out_exactly_the_rate_and_then_says_how_long() -> None:
    mine = Allowances()
    assert granted(mine, 60) == 50
    assert mine.spend(name="a", rate=RATE, at=AT) == timedelta(seconds=1.2)
    assert mine.spend(name="a", rate=RATE, at=AT + timedelta(seconds=0.7)) == timedelta(seconds=0.5)
    assert granted(mine, 60, at=AT + timedelta(seconds=1.2)) == 1
    assert granted(mine, 60, at=AT + timedelta(seconds=13.2)) == 10
    assert granted(mine, 100, at=AT + timedelta(minutes=5)) == 50
    assert granted(mine, 60, name="another") == 50


@pytest.mark.django_db
def test_several_processes_share_one_allowance() -> None:
    processes = [Allowances() for _ in range(4)]
    given = [0, 0, 0, 0]
    for turn in range(120):
        given[turn % 4] += granted(processes[turn % 4], 1)
    assert sum(given) == 50
    assert sorted(given) == [0, 10, 20, 20]  # who came last found what the others had not taken


@pytest.mark.django_db
def test_few_requests_write() -> None:
    mine = Allowances()
    with connection.execute_wrapper(Counted()) as _:
        granted(mine, TAKEN_AT_ONCE)
    assert Counted.statements == 1


class Counted:
    statements = 0

    def __call__(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        Counted.statements += 1
        return execute(sql, params, many, context)


@pytest.mark.django_db
def test_what_is_full_again_is_forgotten() -> None:
    granted(Allowances(), 1)
    assert allowance.forget(before=AT + timedelta(seconds=24)) == 0
    assert allowance.forget(before=AT + timedelta(seconds=25)) == 1


@pytest.fixture
def _emptied() -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE core_allowance")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_emptied")
def test_at_once_from_many_threads_nobody_gets_more() -> None:
    processes = [Allowances() for _ in range(3)]

    def ask(each: int) -> int:
        try:
            return granted(processes[each % 3], 30)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        given = sum(pool.map(ask, range(6)))
    # All 50 are taken; what one process holds too many of, it alone can hand out.
    assert 50 - 2 * TAKEN_AT_ONCE <= given <= 50
