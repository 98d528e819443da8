"""Sales operations says what currencies are worth, day by day, and in which one sums are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.db import transaction

from foresail.core.outbox import tell
from foresail.crm.currencies import house_currency
from foresail.crm.errors import RateInvalid, TooMany
from foresail.crm.models import CurrencyRate, MoneySetting
from foresail.crm.services.permission import require_configuring
from foresail.crm.services.telling import keep
from foresail.crm.services.values import currency_of

if TYPE_CHECKING:
    from foresail.people.models import User

MOST_RATES: Final = 2_000
"""At once: what a page pastes, and the audit trail keeps in one row."""
MOST: Final = Decimal(10) ** 9
DECIMALS: Final = 10
FIRST, LAST = date(1970, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, kw_only=True)
class Rate:
    """From `from_on` on, one `currency` is worth `rate` of the house currency."""

    currency: str
    from_on: date
    rate: Decimal


def set_house(*, currency: str, by: User | None, at: datetime) -> None:
    """Tell sums in `currency`. Rates belong to the house currency they were set for: another one begins without.

    Raises NotAllowed or CurrencyInvalid.
    """
    with transaction.atomic():
        require_configuring(by=by)
        setting = MoneySetting(pk=1, currency=currency_of(currency))
        setting.save()
        tell("currencies", 0)
        keep("set_house_currency", setting, {"currency": currency}, by=by, at=at)


def set_rates(*, rates: Sequence[Rate], by: User | None, at: datetime) -> None:
    """Set what currencies are worth from a day on; what was said of the same day before is replaced.

    All or none. Raises NotAllowed, TooMany, CurrencyInvalid or RateInvalid.
    """
    with transaction.atomic():
        require_configuring(by=by)
        if len(rates) > MOST_RATES:
            raise TooMany(most=MOST_RATES)
        house = house_currency()
        days = set()
        for each in rates:
            _require_sensible(each, house)
            if (day := (each.currency, each.from_on)) in days:
                raise RateInvalid(each, "twice")
            days.add(day)
        rows = [
            CurrencyRate(house=house, currency=each.currency, from_on=each.from_on, rate=each.rate)
            for each in rates
        ]
        made = CurrencyRate.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["house", "currency", "from_on"],
            update_fields=["rate"],
        )
        if not made:
            return
        tell("currencies", 0)
        values = {f"{row.currency} {row.from_on}": row.rate for row in made}
        keep("set_rates", made[0], {"house": house, **values}, by=by, at=at)


def remove_rate(*, rate: CurrencyRate, by: User | None, at: datetime) -> None:
    """Take back what was said of a day: the rate before it goes on. Raises NotAllowed."""
    with transaction.atomic():
        require_configuring(by=by)
        values = {"house": rate.house, f"{rate.currency} {rate.from_on}": None}
        tell("currencies", 0)
        keep("remove_rate", rate, values, by=by, at=at)
        rate.delete()


def _require_sensible(rate: Rate, house: str) -> None:
    currency_of(rate.currency)
    if rate.currency == house:
        raise RateInvalid(rate, "house")
    value = rate.rate
    if not value.is_finite() or not 0 < value < MOST or value != round(value, DECIMALS):
        raise RateInvalid(rate, "rate")
    if not FIRST <= rate.from_on <= LAST:
        raise RateInvalid(rate, "day")
