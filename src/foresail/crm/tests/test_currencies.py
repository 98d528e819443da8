"""Sums over several currencies: each at the rate of its day, exact, rounded once; and what has no rate is told."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foresail.core.changes import Change
from foresail.crm import queries, services
from foresail.crm.currencies import in_house
from foresail.crm.errors import CurrencyInvalid, NotAllowed, RateInvalid, TooMany
from foresail.crm.fields import DEAL
from foresail.crm.models import CurrencyRate, Deal
from foresail.crm.queries.listing import grouped, records
from foresail.crm.tests.conftest import AT, Company
from foresail.people.models import User

CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
USD = {
    date(2026, 1, 1): Decimal("7.0312345678"),
    date(2026, 4, 1): Decimal("7.15"),
    date(2026, 6, 1): Decimal("7.2"),
    date(2026, 12, 1): Decimal(9),
}


@pytest.fixture
def rated(company: Company) -> Company:
    services.set_rates(
        rates=[
            *(services.Rate(currency="USD", from_on=day, rate=rate) for day, rate in USD.items()),
            services.Rate(currency="JPY", from_on=date(2026, 1, 1), rate=Decimal("0.0456789012")),
        ],
        by=company.ops,
        at=AT,
    )
    return company


def opened(
    company: Company, amount: str | None, currency: str, *, won: datetime | None = None, lost: bool = False
) -> Deal:
    deal = services.open_deal(
        name=f"{currency} {amount}", account=company.account, pipeline=company.pipeline, owner=company.li,
        team=company.east, amount=amount and Decimal(amount), currency=currency, by=None, at=AT,
    )  # fmt: skip
    if won:
        services.close_deal(
            deal=deal, outcome="lost" if lost else "won", version=deal.version, by=None, at=won
        )
    return deal


def by_status(user: User, **more: Any) -> dict[object, Any]:
    found = grouped(DEAL, user=user, now=NOW, by="status", sums=["amount"], **more)
    return {each.value: each for each in found}


@pytest.mark.parametrize(
    ("closed", "rate"),
    [
        (datetime(2026, 3, 31, 23, 59, 59, tzinfo=CHINA), "7.0312345678"),
        (datetime(2026, 4, 1, 0, 0, 0, tzinfo=CHINA), "7.15"),
        (datetime(2026, 3, 31, 16, 0, 0, tzinfo=UTC), "7.15"),  # already April in China
        (datetime(2026, 5, 31, 15, 59, 59, tzinfo=UTC), "7.15"),
        (datetime(2026, 5, 31, 16, 0, 0, tzinfo=UTC), "7.2"),
    ],
)
def test_what_ended_counts_at_the_rate_of_the_day_it_ended(
    rated: Company, closed: datetime, rate: str
) -> None:
    opened(rated, "1000.01", "USD", won=closed)
    [won] = [each for each in by_status(rated.li).values() if each.value == "won"]
    assert won.sums["amount"] == Decimal("1000.01") * Decimal(rate)


def test_sums_of_several_currencies_are_exact_to_the_last_digit(rated: Company) -> None:
    amounts = ["0.01", "0.03", "99999999999999.99", "12345.67"]
    for each in amounts:
        opened(rated, each, "USD")
        opened(rated, each, "JPY")
    opened(rated, None, "USD")
    opened(rated, "5.55", "USD", won=datetime(2026, 3, 10, tzinfo=UTC), lost=True)
    found = by_status(rated.li)
    by_hand = Decimal("120000.50") + sum(
        (Decimal(each) * rate for each in amounts for rate in (Decimal("7.2"), Decimal("0.0456789012"))),
        Decimal(0),
    )
    assert found["open"].sums["amount"] == by_hand
    assert found["open"].lacking == ()
    assert found["lost"].sums["amount"] == Decimal("5.55") * USD[date(2026, 1, 1)]


def test_today_is_the_day_in_china(rated: Company) -> None:
    opened(rated, "1", "USD")

    def worth(now: datetime) -> Decimal:
        found = grouped(DEAL, user=rated.li, now=now, by="currency", sums=["amount"])
        [dollars] = [each for each in found if each.value == "USD"]
        return dollars.sums["amount"]

    assert worth(datetime(2026, 5, 31, 15, 59, 59, tzinfo=UTC)) == Decimal("7.15")
    assert worth(datetime(2026, 5, 31, 16, 0, tzinfo=UTC)) == Decimal("7.2")
    assert worth(datetime(2026, 12, 1, tzinfo=CHINA)) == Decimal(9)


def test_what_has_no_rate_is_left_out_and_told(rated: Company) -> None:
    for amount in ("10", "20", None):
        opened(rated, amount, "EUR")
    opened(rated, "7", "USD", won=AT + timedelta(hours=1))
    CurrencyRate.objects.filter(from_on=date(2026, 1, 1), currency="USD").delete()
    found = by_status(rated.li)
    assert found["open"].sums["amount"] == Decimal("120000.50")
    assert found["open"].lacking == (queries.Lacking(currency="EUR", count=2),)
    # A rate that begins later says nothing of the day.
    assert found["won"].sums["amount"] == 0
    assert found["won"].lacking == (queries.Lacking(currency="USD", count=1),)


def test_who_does_not_see_currencies_is_not_told_which(rated: Company) -> None:
    opened(rated, "10", "EUR")
    services.set_field_rule(kind=DEAL, field="currency", role="rep", level="hidden", by=None, at=AT)
    assert by_status(rated.li)["open"].lacking == (queries.Lacking(currency="", count=1),)


def test_only_what_one_sees_is_counted_as_left_out(rated: Company) -> None:
    opened(rated, "10", "EUR")
    assert by_status(rated.zhao) == {}
    assert queries.lacking(queries.visible_deals(user=rated.zhao), today=NOW.date()) == []


def test_sums_take_as_many_queries_for_one_currency_as_for_many(
    rated: Company, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    with CaptureQueriesContext(connection) as before:
        by_status(rated.li)
    for currency in ("USD", "JPY"):
        for _ in range(5):
            opened(rated, "10", currency)
    with django_assert_max_num_queries(len(before)):
        by_status(rated.li)
    opened(rated, "1", "EUR")
    opened(rated, "1", "GBP")
    with django_assert_max_num_queries(len(before) + 1):
        assert len(by_status(rated.li)["open"].lacking) == 2


def test_lists_show_and_sort_by_what_amounts_are_worth(rated: Company) -> None:
    opened(rated, "20000", "USD")
    opened(rated, "200000", "JPY")
    opened(rated, "1", "EUR")
    page = records(DEAL, user=rated.li, now=NOW, sort="-house_amount")
    assert [each.currency for each in page.items] == ["USD", "CNY", "JPY", "EUR"]
    assert page.items[2].field_house_amount == Decimal(200000) * Decimal("0.0456789012")
    dear = {"field": "house_amount", "op": "gt", "value": "100000"}
    assert {each.currency for each in records(DEAL, user=rated.li, now=NOW, where=dear).items} == {
        "USD",
        "CNY",
    }
    assert page.items[3].field_house_amount is None


def test_what_is_worked_out_of_a_field_is_hidden_with_it(rated: Company) -> None:
    services.set_field_rule(kind=DEAL, field="amount", role="rep", level="hidden", by=None, at=AT)
    from foresail.crm.fields import fields_of
    from foresail.crm.sight import Sight

    sight = Sight.of(rated.li)
    assert not sight.everywhere(DEAL, fields_of(DEAL)["house_amount"])


def test_products_are_worth_todays_rate(rated: Company) -> None:
    from foresail.crm.fields import PRODUCT

    services.add_product(name="驱动器", code="A", price="10.5", currency="USD", by=None, at=AT)
    services.add_product(name="电机", code="B", price="3", by=None, at=AT)
    [group] = grouped(PRODUCT, user=rated.li, now=NOW, by="active", sums=["price"])
    assert group.sums["price"] == Decimal("10.5") * Decimal("7.2") + 3


def test_a_month_is_what_was_won_in_it_at_the_rates_of_its_days(rated: Company) -> None:
    opened(rated, "100", "USD", won=datetime(2026, 3, 31, 12, tzinfo=UTC))
    opened(rated, "100", "USD", won=datetime(2026, 4, 1, 12, tzinfo=UTC))
    opened(rated, "8", "EUR", won=datetime(2026, 4, 1, 12, tzinfo=UTC))
    sums = {month: total for *_, month, total in queries.won_by_month(year=2026)}
    assert sums == {3: 100 * USD[date(2026, 1, 1)], 4: 100 * USD[date(2026, 4, 1)]}
    without = queries.won_without_rate(user=rated.boss, year=2026, today=NOW.date())
    assert without == [queries.Lacking(currency="EUR", count=1)]


def test_another_house_currency_begins_with_rates_of_its_own(rated: Company) -> None:
    opened(rated, "10", "USD")
    services.set_house(currency="USD", by=rated.ops, at=AT)
    found = by_status(rated.li)["open"]
    assert (found.sums["amount"], found.lacking) == (10, (queries.Lacking(currency="CNY", count=1),))
    services.set_rates(
        rates=[services.Rate(currency="CNY", from_on=date(2026, 1, 1), rate=Decimal("0.14"))],
        by=rated.ops,
        at=AT,
    )
    assert by_status(rated.li)["open"].sums["amount"] == 10 + Decimal("120000.50") * Decimal("0.14")
    services.set_house(currency="CNY", by=rated.ops, at=AT)
    assert by_status(rated.li)["open"].sums["amount"] == Decimal("120000.50") + 72


def test_a_rate_of_the_same_day_is_replaced_and_told_of(
    rated: Company, changes: list[Change], notices: Callable[[], list[tuple[str, int]]]
) -> None:
    notices()
    again = services.Rate(currency="USD", from_on=date(2026, 6, 1), rate=Decimal("7.25"))
    services.set_rates(rates=[again], by=rated.ops, at=AT)
    assert CurrencyRate.objects.get(currency="USD", from_on=date(2026, 6, 1)).rate == Decimal("7.25")
    assert CurrencyRate.objects.count() == len(USD) + 1
    [change] = changes
    assert (change.verb, change.actor) == ("set_rates", rated.ops.pk)
    assert change.values == {"house": "CNY", "USD 2026-06-01": Decimal("7.25")}
    assert notices() == [("currencies", 0)]


def test_a_rate_taken_back_lets_the_one_before_go_on(rated: Company) -> None:
    opened(rated, "10", "USD")
    services.remove_rate(rate=CurrencyRate.objects.get(from_on=date(2026, 6, 1)), by=rated.ops, at=AT)
    assert by_status(rated.li)["open"].sums["amount"] == Decimal("120000.50") + Decimal("71.5")


@pytest.mark.parametrize(
    ("currency", "day", "rate", "refusal"),
    [
        ("CNY", date(2026, 1, 1), "1", RateInvalid),
        ("usd", date(2026, 1, 1), "7", CurrencyInvalid),
        ("USD", date(2026, 1, 1), "0", RateInvalid),
        ("USD", date(2026, 1, 1), "-7", RateInvalid),
        ("USD", date(2026, 1, 1), "NaN", RateInvalid),
        ("USD", date(2026, 1, 1), "7.00000000001", RateInvalid),
        ("USD", date(1026, 1, 1), "7", RateInvalid),
    ],
)
def test_a_wrong_rate_keeps_all_out(
    company: Company, currency: str, day: date, rate: str, refusal: type[Exception]
) -> None:
    fine = services.Rate(currency="EUR", from_on=day, rate=Decimal(8))
    wrong = services.Rate(currency=currency, from_on=day, rate=Decimal(rate))
    with pytest.raises(refusal):
        services.set_rates(rates=[fine, wrong], by=company.ops, at=AT)
    assert not CurrencyRate.objects.exists()


def test_two_rates_of_one_day_and_too_many_are_refused(company: Company) -> None:
    one = services.Rate(currency="EUR", from_on=date(2026, 1, 1), rate=Decimal(8))
    with pytest.raises(RateInvalid):
        services.set_rates(rates=[one, one], by=company.ops, at=AT)
    with pytest.raises(TooMany):
        services.set_rates(rates=[one] * 2_001, by=company.ops, at=AT)
    assert not CurrencyRate.objects.exists()


def test_only_sales_operations_says_what_currencies_are_worth(rated: Company) -> None:
    before = list(CurrencyRate.objects.values())
    for who in (rated.li, rated.boss, rated.reader):
        with pytest.raises(NotAllowed):
            services.set_rates(rates=[], by=who, at=AT)
        with pytest.raises(NotAllowed):
            services.set_house(currency="USD", by=who, at=AT)
        with pytest.raises(NotAllowed):
            services.remove_rate(rate=CurrencyRate.objects.all()[0], by=who, at=AT)
    assert list(CurrencyRate.objects.values()) == before
    assert queries.house_currency() == "CNY"


def test_new_pipelines_and_products_are_in_the_house_currency(company: Company) -> None:
    services.set_house(currency="EUR", by=None, at=AT)
    pipeline = services.add_pipeline(
        name="海外", line=company.line, stages=[services.StageSpec("a", "甲", "a")], by=None, at=AT
    )
    product = services.add_product(name="驱动器", code="A", by=None, at=AT)
    assert (pipeline.currency, product.currency) == ("EUR", "EUR")


def test_the_database_says_the_same_with_its_own_clock(rated: Company) -> None:
    deal = opened(rated, "3", "USD", won=datetime(2026, 3, 10, tzinfo=UTC))
    [worth] = Deal.objects.filter(pk=deal.pk).annotate(worth=in_house()).values_list("worth", flat=True)
    assert worth == 3 * USD[date(2026, 1, 1)]
