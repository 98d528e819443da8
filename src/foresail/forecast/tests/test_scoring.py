"""A touched deal has a new score that `science` would give, to the last digits; nothing touched is lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from foresail.core import events
from foresail.crm import services as crm
from foresail.crm.models import Deal
from foresail.forecast import services
from foresail.forecast.events import OutlooksTurned
from foresail.forecast.models import Outlook, Score, Touched, Verdict
from foresail.forecast.queries import is_learned
from foresail.forecast.services import scoring
from foresail.forecast.serving import load
from foresail.forecast.tests.conftest import Company
from foresail.timeline.queries import deal_log
from foresail.timeline.services import NewEntry, append

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def an_open_deal(company: Company) -> Deal:
    found: Deal = Deal.objects.filter(status="open", owner=company.rep).order_by("pk")[0]
    return found


def say(company: Company, deal: Deal, kind: str, name: str) -> None:
    at = company.now + MINUTE
    entry = NewEntry(
        known_at=at, at=at, kind=kind, deal_id=deal.pk, account_id=deal.account_id, subject="test", source="test",
        source_id=name, basis="own_record",
    )  # fmt: skip
    append([entry], at=at)


def test_every_open_deal_has_an_outlook(company: Company) -> None:
    n = services.score_all(pool=company.pool, at=company.now, nightly=True)
    assert n == Outlook.objects.count() == Deal.objects.filter(status="open").count() > 20
    table = load(company.model).predict(deal_log().log(), at=company.now)
    for row in table.iter_rows(named=True):
        score = Outlook.objects.get(deal=int(row["deal"])).score
        assert score.p_won_final == pytest.approx(row["p_won_final"], abs=1e-9)
        assert score.chances[1] == pytest.approx(
            [row["p_won_14"], row["p_lost_14"], row["p_open_14"]], abs=1e-9
        )
    assert Score.objects.filter(alerted=True).count() == -(-n // 10)
    explained = Score.objects.exclude(reasons={})[0].reasons
    assert all({"code", "zh", "en", "points", "entries"} <= driver.keys() for driver in explained["drivers"])


def test_a_touched_deal_is_scored_as_science_would(company: Company) -> None:
    services.score_all(pool=company.pool, at=company.now)
    deal = an_open_deal(company)
    before = Outlook.objects.get(deal=deal).p_won_final
    say(company, deal, "competitor_mentioned", "rumour")
    assert Touched.objects.count() == 1
    at = company.now + 2 * MINUTE
    assert services.score_touched(pool=company.pool, at=at) == 1
    assert not Touched.objects.exists()
    after = Outlook.objects.get(deal=deal).p_won_final
    assert after < before
    batch = load(company.model).predict(deal_log(known_by=at).log(), at=at)
    mine = batch.filter(deal=str(deal.pk))
    assert after == pytest.approx(mine["p_won_final"][0], abs=1e-9)
    assert Score.objects.filter(deal=deal).count() == 2
    # A process that read the whole log afresh says the same as one that refreshed a single deal.
    assert_frame_equal(batch, load(company.model).predict(deal_log().log(), at=at), abs_tol=1e-9)


def test_pages_of_a_scored_deal_are_told_of_its_score_alone(
    company: Company, notices: Callable[[], list[tuple[str, int]]]
) -> None:
    deal = an_open_deal(company)
    say(company, deal, "mail_in", "a")
    notices()
    services.score_touched(pool=company.pool, at=company.now + 2 * MINUTE)
    assert notices() == [("deal_score", deal.pk), ("forecast", 0)]


def test_touched_twice_is_scored_once(company: Company) -> None:
    deal = an_open_deal(company)
    say(company, deal, "mail_in", "a")
    say(company, deal, "mail_in", "b")
    services.score_touched(pool=company.pool, at=company.now + 2 * MINUTE)
    assert services.score_touched(pool=company.pool, at=company.now + 3 * MINUTE) == 0
    assert Score.objects.filter(deal=deal).count() == 1


def test_killed_before_the_commit_nothing_is_crossed_off(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    deal = an_open_deal(company)
    say(company, deal, "mail_in", "a")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("foresail.forecast.services.scoring.keep_outlooks", killed)
        with pytest.raises(KeyboardInterrupt):
            services.score_touched(pool=company.pool, at=company.now + 2 * MINUTE)
    assert Touched.objects.count() == 1
    assert not Score.objects.exists()
    assert services.score_touched(pool=company.pool, at=company.now + 3 * MINUTE) == 1


def test_a_night_done_again_after_a_kill_is_one_look(company: Company) -> None:
    n = services.score_all(pool=company.pool, at=company.now, nightly=True, job=5)
    assert services.score_all(pool=company.pool, at=company.now + MINUTE, nightly=True, job=5) == 0
    assert Score.objects.count() == n > 20
    assert services.score_all(pool=company.pool, at=company.now + MINUTE, nightly=True, job=6) == n


def test_what_turned_is_told_once_and_never_of_a_first_look(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[OutlooksTurned] = []
    monkeypatch.setattr(events, "_listeners", {OutlooksTurned: [told.append]})
    services.score_all(pool=company.pool, at=company.now)
    assert told == []
    services.score_all(pool=company.pool, at=company.now + MINUTE, nightly=True)
    alerted = set(Outlook.objects.filter(alerted=True).values_list("deal", flat=True))
    assert [(set(each.alerts), dict(each.verdicts)) for each in told] == [(alerted, {})]
    # No deal of so small a company is sure enough by itself.
    deal, make = an_open_deal(company).pk, scoring.make_scores

    def sure(*args: Any, **more: Any) -> list[Score]:
        scores = make(*args, **more)
        for score in scores:
            score.verdict = "lost" if score.deal_id == deal else None
        return scores

    monkeypatch.setattr(scoring, "make_scores", sure)
    services.score_all(pool=company.pool, at=company.now + 2 * MINUTE, nightly=True)
    assert [(each.alerts, dict(each.verdicts)) for each in told[1:]] == [((), {deal: "lost"})]
    services.score_all(pool=company.pool, at=company.now + 3 * MINUTE, nightly=True)
    Touched.objects.create(deal=deal, pool=company.pool, at=company.now + 3 * MINUTE)
    services.score_touched(pool=company.pool, at=company.now + 4 * MINUTE)
    assert len(told) == 2
    assert Verdict.objects.count() == 1


def test_learned_is_a_pool_with_a_model_and_a_forecast_of_every_open_deal(company: Company) -> None:
    assert not is_learned(company.pool.pk)
    services.score_all(pool=company.pool, at=company.now)
    assert is_learned(company.pool.pk)
    Outlook.objects.filter(deal=an_open_deal(company)).delete()
    assert not is_learned(company.pool.pk)


def test_a_deal_that_ends_has_no_outlook_any_more(company: Company) -> None:
    services.score_all(pool=company.pool, at=company.now)
    deal = an_open_deal(company)
    crm.close_deal(
        deal=deal, outcome="won", reason="", version=deal.version, by=None, at=company.now + MINUTE
    )
    services.score_touched(pool=company.pool, at=company.now + 2 * MINUTE)
    assert not Outlook.objects.filter(deal=deal).exists()
    assert Score.objects.filter(deal=deal).count() == 1
