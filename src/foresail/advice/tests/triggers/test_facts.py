"""What is known of a deal or an account then: by a plain count, and nothing that became known later."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foresail.advice import services
from foresail.advice.models import Trigger
from foresail.advice.past import Past
from foresail.advice.tests.conftest import AT, DAY
from foresail.advice.tests.triggers.conftest import Company, facts, stalled
from foresail.crm import services as crm

pytestmark = pytest.mark.django_db


def test_facts_are_those_of_a_plain_count(company: Company) -> None:
    new = crm.add_contact(account=company.account, name="新人", by=None, at=AT - DAY)
    company.say(at=AT - 40 * DAY)
    company.say(at=AT - 23 * DAY)
    company.say(at=AT - 2 * DAY, direction="out")
    company.say(at=AT - DAY, title="自动回复：关于监测系统")
    company.say(contact=new, at=AT - 4 * DAY)
    stalled(company)
    for days in (1, 3, 20, 50):
        company.told("competitor_mentioned", at=AT - days * DAY)
    company.interest("price", at=AT - 3 * DAY, count=2)
    before = company.open("上一期", at=AT - 150 * DAY)
    company.told("call", deal=before, at=AT - 50 * DAY)
    company.end(before, "won", at=AT - 100 * DAY)
    found = facts(company)
    assert {key: found[key] for key in found if "interest" not in key and "rise" not in key} == {
        "stage": "evaluation", "days_in_stage": 10, "evaluation_days": 10, "days_since_customer": 4,
        "days_since_champion": 23, "new_people": 1, "amount": Decimal("120000.00"), "days_to_close": None,
        "p_won": None, "p_won_change": None, "verdict": None,
        "competitor_mentions": 2, "competitor_mentions_usual": Decimal("0.33"),
        "competitor_surging": True, "price_surging": True, "surging_topics": 2, "days_since_signal": 2,
        "won_deals": 1, "customer_days": 100, "days_since_talk": 2, "talks": 2, "talks_usual": Decimal("0.5"),
        "talks_ratio": Decimal("2.0"), "complaints": 0,
    }  # fmt: skip
    # Two downloads are 8 in the week, against nothing: (8 + 1) / (0 + 1).
    assert found["competitor_rise"] == Decimal("9.0")
    assert found["price_rise"] == Decimal("9.0")
    alone = facts(company, "won_deals", "talks_ratio", "competitor_surging", about="account")
    assert alone == {"won_deals": 1, "talks_ratio": Decimal("2.0"), "competitor_surging": True}


def test_what_became_known_later_changes_nothing_that_was_known_then(company: Company) -> None:
    company.move(company.deal, "evaluation", at=AT - 30 * DAY)
    company.told("evaluation_passed", at=AT - 20 * DAY, known_at=AT - 5 * DAY)
    company.interest("智远", at=AT - 12 * DAY, count=3, known_at=AT - 9 * DAY)
    company.told("competitor_mentioned", at=AT - 15 * DAY, known_at=AT - DAY)
    wanted = ("evaluation_days", "competitor_surging", "competitor_mentions")
    late = Past(about="deal", wanted=wanted, since=AT - 20 * DAY, until=AT)

    def then(days: int) -> tuple[object, ...]:
        return tuple(late.at(AT - days * DAY)[company.deal.pk].values[key] for key in wanted)

    assert then(10) == (20, False, 0)  # the visits were not known yet
    assert then(8) == (22, True, 0)
    assert then(2) == (None, False, 0)  # passed, as told five days ago; the mention is not known
    assert then(0)[2] == 0  # it is known by now, and two weeks old
    # Asked as of then alone, the answer is the same.
    for days in (10, 8, 2):
        assert facts(company, *wanted, at=AT - days * DAY) == dict(zip(wanted, then(days), strict=True))


def test_an_evaluation_stands_still_since_its_last_step(company: Company) -> None:
    company.told("visit", at=AT - 21 * DAY)  # before it came there
    company.move(company.deal, "evaluation", at=AT - 20 * DAY)
    company.told("call", at=AT - 2 * DAY)  # asks, and nothing goes on by that
    assert facts(company, "evaluation_days", "days_in_stage") == {"evaluation_days": 20, "days_in_stage": 20}
    company.told("demo", at=AT - 6 * DAY, known_at=AT - 3 * DAY)
    assert facts(company, "evaluation_days", "days_in_stage") == {"evaluation_days": 6, "days_in_stage": 20}
    assert facts(company, "evaluation_days", at=AT - 4 * DAY) == {"evaluation_days": 16}  # not known yet


def test_a_deal_is_open_from_when_until_it_was_known_to_be(company: Company) -> None:
    company.end(company.deal, "lost", at=AT - 3 * DAY)
    past = Past(about="deal", wanted=["stage"], since=AT - 90 * DAY, until=AT)
    assert [company.deal.pk in past.at(AT - days * DAY) for days in (61, 59, 4, 2)] == [
        False,
        True,
        True,
        False,
    ]


def test_the_usual_is_no_rise_and_facts_take_few_queries(
    company: Company, trigger: Callable[..., Trigger]
) -> None:
    company.move(company.deal, "evaluation", at=AT - 10 * DAY)
    for week in range(13):
        company.interest("智远", at=AT - (2 + 7 * week) * DAY, count=2)
    rule = trigger()
    assert services.fired(rule, at=AT) == {}
    for number in range(5):
        company.open(f"另一个 {number}")
    with CaptureQueriesContext(connection) as counted:
        services.fired(rule, at=AT)
    few = len(counted)
    for number in range(20):
        company.open(f"又一个 {number}")
    with CaptureQueriesContext(connection) as counted:
        services.fired(rule, at=AT)
    assert len(counted) == few <= 12
