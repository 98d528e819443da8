"""What a process keeps of a log follows what other processes read anew, and is read as a whole only where it must be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

import pytest

from foresail.crm.models import Deal
from foresail.forecast import logs, services
from foresail.forecast.logs import PoolLog, log_with
from foresail.forecast.models import Outlook, ReadAnew, Touched
from foresail.forecast.queries import what_if, what_if_options
from foresail.forecast.serving import load
from foresail.forecast.tests.conftest import Company
from foresail.forecast.tests.test_scoring import MINUTE, an_open_deal, say
from foresail.timeline.queries import deal_log

pytestmark = pytest.mark.django_db

Commits = Callable[..., AbstractContextManager[Any]]


@contextmanager
def another_process(kept: dict[int, logs.KeptLog]) -> Iterator[None]:
    """Be a process that keeps `kept`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "_kept", kept)
        yield


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pools that were read as a whole."""
    read, seen = PoolLog.read, list[int]()

    def seeing(pool: int) -> PoolLog:
        seen.append(pool)
        return read(pool)

    monkeypatch.setattr(PoolLog, "read", seeing)
    return seen


def test_a_process_knows_what_another_read_anew(
    company: Company, reads: list[int], django_capture_on_commit_callbacks: Commits
) -> None:
    asked, touched = Deal.objects.filter(status="open", owner=company.rep).order_by("pk")[:2]
    web: dict[int, logs.KeptLog] = {}
    with django_capture_on_commit_callbacks(execute=True):
        services.score_all(pool=company.pool, at=company.now)
    with another_process(web):
        log_with(company.pool.pk, [asked.pk], at=company.now)
    say(company, touched, "stage_negotiation", "moved")
    at = company.now + 2 * MINUTE
    with django_capture_on_commit_callbacks(execute=True):
        services.score_touched(pool=company.pool, at=at)
    assert len(reads) == 2  # by each process, once
    with another_process(web):
        log, _ = log_with(company.pool.pk, [asked.pk], at=at)
    assert str(touched.pk) in log.full
    mine = load(company.model).predict_with_reasons(log, at=at, deals=[str(asked.pk)])[0]
    batch = load(company.model).predict(deal_log(known_by=at).log(), at=at, deals=[str(asked.pk)])
    assert mine["p_won_final"][0] == pytest.approx(batch["p_won_final"][0], abs=1e-9)
    assert len(reads) == 2


def test_what_a_process_read_anew_itself_it_does_not_read_again(
    company: Company, django_capture_on_commit_callbacks: Commits, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Deal.objects.filter(status="open", owner=company.rep).order_by("pk")[:2]
    with django_capture_on_commit_callbacks(execute=True):
        services.score_all(pool=company.pool, at=company.now)
        say(company, first, "mail_in", "a")
    with django_capture_on_commit_callbacks(execute=True):
        services.score_touched(pool=company.pool, at=company.now + 2 * MINUTE)
    asked: list[list[int]] = []

    def seeing(**given: Any) -> Any:
        asked.append(given["deals"])
        return deal_log(**given)

    monkeypatch.setattr(logs, "deal_log", seeing)
    log_with(company.pool.pk, [second.pk], at=company.now + 3 * MINUTE)
    assert asked == [[second.pk]]


def test_where_all_is_scored_anew_others_read_the_whole_anew(
    company: Company, reads: list[int], django_capture_on_commit_callbacks: Commits
) -> None:
    """An imported log comes without a word of single deals."""
    log_with(company.pool.pk, [], at=company.now)
    with another_process({}), django_capture_on_commit_callbacks(execute=True):
        services.score_all(pool=company.pool, at=company.now)
        log_with(company.pool.pk, [], at=company.now)
    assert len(reads) == 3  # the callbacks ran only behind the second question
    log_with(company.pool.pk, [], at=company.now)
    log_with(company.pool.pk, [], at=company.now)
    assert len(reads) == 4


def test_a_log_is_read_as_a_whole_after_a_day_or_when_much_is_new(
    company: Company, reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    deal = an_open_deal(company)
    for hours, whole in ((0, 1), (23, 1), (25, 2), (26, 2)):
        log_with(company.pool.pk, [deal.pk], at=company.now + timedelta(hours=hours))
        assert len(reads) == whole
    monkeypatch.setattr(logs, "MANY", 1)
    at = company.now + timedelta(hours=27)
    for n, whole in ((1, 2), (2, 3)):
        ReadAnew.objects.bulk_create(ReadAnew(deal=deal.pk, pool=company.pool, at=at) for _ in range(n))
        log_with(company.pool.pk, [deal.pk], at=at)
        assert len(reads) == whole


def test_which_deals_were_read_anew_is_forgotten_after_two_days(company: Company) -> None:
    for days, kept in ((0, 1), (1, 2), (4, 1)):
        say(company, an_open_deal(company), "mail_in", f"day {days}")
        services.score_touched(pool=company.pool, at=company.now + timedelta(days=days, minutes=2))
        assert ReadAnew.objects.count() == kept


def test_a_deal_in_the_bin_is_read_anew_but_not_scored(company: Company) -> None:
    deal = an_open_deal(company)
    services.score_all(pool=company.pool, at=company.now)
    say(company, deal, "won", "at last")
    deal.deleted_at = company.now
    deal.save(update_fields=["deleted_at"])
    services.let_go(deals=[deal.pk])
    say(company, deal, "mail_in", "thanks")
    assert services.score_touched(pool=company.pool, at=company.now + 2 * MINUTE) == 0
    assert not Touched.objects.exists()
    assert not Outlook.objects.filter(deal=deal).exists()
    near = log_with(company.pool.pk, [], at=company.now + 2 * MINUTE)[0].near
    assert near.deals.outcome[near.deals.ids == str(deal.pk)] == [1]


def test_what_is_supposed_begins_from_the_score_that_is_shown(company: Company) -> None:
    services.score_all(pool=company.pool, at=company.now)
    deal = an_open_deal(company)
    say(company, deal, "competitor_mentioned", "rumour")
    at = company.now + 2 * MINUTE
    services.score_touched(pool=company.pool, at=at)
    batch = load(company.model).predict(deal_log(known_by=at).log(), at=at, deals=[str(deal.pk)])
    found = what_if(
        user=company.rep, deal=deal.pk, add_kinds=["competitor_mentioned"], move_to_stage=None, amount=None, at=at
    )  # fmt: skip
    assert found.before == pytest.approx(batch["p_won_final"][0], abs=1e-9)
    assert found.after != found.before


@pytest.mark.django_db(transaction=True)
def test_who_opens_the_editor_has_the_log_read_ahead(company: Company, reads: list[int]) -> None:
    services.score_all(pool=company.pool, at=company.now)
    logs.forget_logs()
    deal = an_open_deal(company)
    kinds = [each.kind for each in what_if_options(user=company.rep, deal=deal.pk, at=company.now)]
    assert "competitor_mentioned" in kinds
    until = time.monotonic() + 20
    while company.pool.pk not in logs._kept:
        assert time.monotonic() < until, "nobody reads ahead"
        time.sleep(0.05)
    log, _ = log_with(company.pool.pk, [deal.pk], at=company.now)
    assert str(deal.pk) in log.full
    assert len(reads) == 2  # to score all, and ahead
