"""Forecast sums over several currencies: exact, rounded once, and honest about what has no rate."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from foresail.crm import services as crm
from foresail.crm.models import Account, Deal, Pipeline
from foresail.forecast import queries
from foresail.forecast.models import ForecastModel, Outlook, Pool, Score
from foresail.forecast.periods import Period
from foresail.forecast.queries.totals import won_in
from foresail.people import services as people
from foresail.people.models import User
from foresail.people.roles import Role

AT = datetime(2026, 5, 6, 9, tzinfo=UTC)
NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)
APRIL, MAY = Decimal("7.0312345678"), Decimal("7.2")


@pytest.fixture
def ops(db: None) -> User:  # noqa: ARG001  asks for the database
    line = people.add_line(name="运动控制", by=None, at=AT)
    user = people.add_user(email="ops@example.com", name="Ops", team=None, by=None, at=AT)
    people.grant_role(user=user, role=Role.SALES_OPERATIONS, by=None, at=AT)
    crm.add_pipeline(name="直销", line=line, stages=[crm.StageSpec("a", "甲", "a")], by=None, at=AT)
    crm.add_account(name="某公司", line=line, by=None, at=AT)
    days = ((date(2026, 4, 1), APRIL), (date(2026, 5, 11), MAY))
    crm.set_rates(
        rates=[crm.Rate(currency="USD", from_on=day, rate=rate) for day, rate in days], by=user, at=AT
    )
    pool = Pool.objects.create(name="全部")
    ForecastModel.objects.create(
        pool=pool, version=1, fitted_as_of=AT, created_at=AT, status="serving", folder="1"
    )
    return user


def opened(amount: str, currency: str, *, chance: float | None = None, won: datetime | None = None) -> Deal:
    deal = crm.open_deal(
        name=f"{currency} {amount}", account=Account.objects.get(), pipeline=Pipeline.objects.get(),
        amount=Decimal(amount), currency=currency, by=None, at=AT,
    )  # fmt: skip
    if won:
        crm.close_deal(deal=deal, outcome="won", version=deal.version, by=None, at=won)
    if chance is not None:
        pool, model = Pool.objects.get(), ForecastModel.objects.get()
        *_, kept = (
            Score.objects.create(
                deal=deal, model=model, at=at, p_won_final=p, p_won=p, p_lost=0, p_open=1 - p, chances=[],
                risk=1 - p, tier="a", amount=deal.amount,
            )
            for at, p in ((NOW - timedelta(days=8), 0.5), (NOW, chance))
        )  # fmt: skip
        Outlook.objects.create(
            deal=deal, pool=pool, score=kept, at=NOW, p_won_final=chance, p_won_7=chance, p_won_14=chance,
            p_won_30=chance, p_won_90=chance, close_mid=date(2026, 5, 25), risk=0,
        )  # fmt: skip
    return deal


def test_periods_hold_each_deal_at_the_rate_of_its_day(ops: User) -> None:
    opened("100.01", "USD", won=datetime(2026, 5, 10, 15, 59, tzinfo=UTC))
    opened("100.01", "USD", won=datetime(2026, 5, 10, 16, 0, tzinfo=UTC))  # the 11th in China
    opened("0.33", "CNY", won=datetime(2026, 5, 12, tzinfo=UTC))
    opened("1000", "USD", chance=0.5)
    opened("50", "CNY", chance=0.5)
    told = queries.totals(user=ops, at=NOW)
    month = told.totals[0].periods[0]
    exact = Decimal("100.01") * APRIL + Decimal("100.01") * MAY + Decimal("0.33")
    assert month.won == exact.quantize(Decimal("0.01")) == Decimal("1423.60")
    assert month.best == (exact + 1000 * MAY + 50).quantize(Decimal("0.01"))
    assert month.expected.mean == month.won + (1000 * MAY + 50) / 2
    assert (told.currency, told.lacking) == ("CNY", [])
    assert won_in(Period.named("2026-05"), kind="all", scope=0) == month.won


def test_what_has_no_rate_is_in_no_sum_and_told(ops: User) -> None:
    opened("9", "EUR", chance=0.5)
    opened("9", "EUR", won=datetime(2026, 5, 12, tzinfo=UTC))
    opened("9", "GBP", won=datetime(2026, 5, 12, tzinfo=UTC))
    opened("50", "CNY", chance=0.5)
    told = queries.totals(user=ops, at=NOW)
    month = told.totals[0].periods[0]
    assert (month.won, month.best, month.deals) == (Decimal(0), Decimal(50), 2)
    assert [(each.currency, each.count) for each in told.lacking] == [("EUR", 2), ("GBP", 1)]


def test_a_new_rate_is_no_step_of_a_week(ops: User) -> None:
    opened("1000", "USD", chance=0.75)
    found = queries.changes(user=ops, kind="all", scope=0, days=7, at=NOW)
    steps = {step.code: step.amount for step in found.steps}
    known = [steps[code] for code in ("before", "up", "amount", "now")]
    assert known == [Decimal(each) for each in (3600, 1800, 0, 5400)]
    [moved] = found.moved
    assert (moved.amount, moved.currency, moved.effect) == (Decimal(1000), "USD", Decimal(1800))
