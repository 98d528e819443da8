"""What a process keeps of a log follows what other processes read anew, and forgets what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from foresail.crm.models import Deal
from foresail.forecast import logs, services
from foresail.forecast.logs import PoolLog, log_with
from foresail.forecast.models import ReadAnew
from foresail.forecast.queries import what_if
from foresail.forecast.services import scoring
from foresail.forecast.serving import load
from foresail.forecast.tests.conftest import Company
from foresail.forecast.tests.test_scoring import MINUTE, an_open_deal, say
from foresail.timeline.queries import deal_log

pytestmark = pytest.mark.django_db


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


def test_a_process_knows_what_another_read_anew(company: Company, reads: list[int]) -> None:
    asked, touched = Deal.objects.filter(status="open", owner=company.rep).order_by("pk")[:2]
    web: dict[int, logs.KeptLog] = {}
    services.score_all(pool=company.pool, at=company.now)
    with another_process(web):
        log_with(company.pool.pk, [asked.pk], at=company.now)
    say(company, touched, "stage_negotiation", "moved")
    at = company.now + 2 * MINUTE
    services.score_touched(pool=company.pool, at=at)
    assert len(reads) == 2  # by each process, once
    with another_process(web):
        log, _ = log_with(company.pool.pk, [asked.pk], at=at)
    assert str(touched.pk) in log.full
    mine = load(company.model).predict_with_reasons(log, at=at, deals=[str(asked.pk)])[0]
    batch = load(company.model).predict(deal_log(known_by=at).log(), at=at, deals=[str(asked.pk)])
    assert mine["p_won_final"][0] == pytest.approx(batch["p_won_final"][0], abs=1e-9)
    assert len(reads) == 2


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


def test_of_many_deals_read_anew_nobody_asks_which(
    company: Company, reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    log_with(company.pool.pk, [], at=company.now)
    for module in (logs, scoring):
        monkeypatch.setattr(module, "MANY", 2)
    for deal in Deal.objects.filter(status="open", owner=company.rep).order_by("pk")[:5]:
        say(company, deal, "mail_in", f"to {deal.pk}")
    with another_process({}):
        services.score_touched(pool=company.pool, at=company.now + 2 * MINUTE)
    assert ReadAnew.objects.count() == 3
    assert len(reads) == 2
    log_with(company.pool.pk, [], at=company.now + 3 * MINUTE)
    assert len(reads) == 3


def test_which_deals_were_read_anew_is_forgotten_after_two_days(company: Company) -> None:
    for days, kept in ((0, 1), (1, 2), (4, 1)):
        say(company, an_open_deal(company), "mail_in", f"day {days}")
        services.score_touched(pool=company.pool, at=company.now + timedelta(days=days, minutes=2))
        assert ReadAnew.objects.count() == kept


def test_a_deal_removed_for_good_leaves_what_processes_keep(company: Company) -> None:
    deal = an_open_deal(company)
    services.score_all(pool=company.pool, at=company.now)
    with pytest.MonkeyPatch.context() as patch:
        frames = deal_log(deals=[])
        patch.setattr(logs, "deal_log", lambda **_: frames)  # its entries are removed with it
        assert services.forget_deals(deals=[deal.pk], at=company.now) == [company.pool.pk]
        services.score_touched(pool=company.pool, at=company.now + MINUTE)
        log, _ = log_with(company.pool.pk, [], at=company.now + MINUTE)
    assert str(deal.pk) not in log.near.deals.ids


def test_what_is_supposed_begins_from_the_score_that_is_shown(company: Company) -> None:
    services.score_all(pool=company.pool, at=company.now)
    deal = an_open_deal(company)
    say(company, deal, "competitor_mentioned", "rumour")
    at = company.now + 2 * MINUTE
    services.score_touched(pool=company.pool, at=at)
    batch = load(company.model).predict(deal_log(known_by=at).log(), at=at, deals=[str(deal.pk)])
    found = what_if(user=company.rep, deal=deal.pk, add_kinds=["competitor_mentioned"], move_to_stage=None, amount=None, at=at)  # fmt: skip
    assert found.before == pytest.approx(batch["p_won_final"][0], abs=1e-9)
    assert found.after != found.before
