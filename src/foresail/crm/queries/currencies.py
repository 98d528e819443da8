"""Rates, and what sums leave out for the lack of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Count, QuerySet

from foresail.core.errors import NotFound
from foresail.crm.currencies import house_currency, rated
from foresail.crm.models import CurrencyRate, Deal, Pipeline, Product

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Lacking:
    """How many records a sum leaves out because nobody said what their currency is worth."""

    currency: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Currency:
    """A currency in use, with the rate of today: None where there is none. `deals` counts the open ones."""

    currency: str
    rate: Decimal | None
    from_on: date | None
    deals: int


def lacking(deals: QuerySet[Deal], *, today: date) -> list[Lacking]:
    """Return which of `deals` have an amount that cannot be converted, by currency."""
    found = deals.filter(amount__isnull=False).annotate(rated=rated(today=today)).filter(rated=False)
    counted = found.order_by().values("currency").annotate(n=Count("pk")).order_by("-n", "currency")
    return [Lacking(currency=row["currency"], count=row["n"]) for row in counted]


def currencies(*, today: date) -> list[Currency]:
    """Return the currencies that deals, pipelines and products have, or that have rates; most open deals first."""
    house = house_currency()
    rates: dict[str, tuple[Decimal, date]] = {
        each.currency: (each.rate, each.from_on)
        for each in CurrencyRate.objects.filter(house=house, from_on__lte=today)
        .order_by("currency", "-from_on")
        .distinct("currency")
    }
    open_deals: dict[str, int] = dict(
        Deal.objects.filter(status=Deal.Status.OPEN).order_by().values_list("currency").annotate(Count("pk"))
    )
    known: set[str] = {house, *rates, *open_deals}
    for rows in (Pipeline.objects, Product.objects, CurrencyRate.objects.filter(house=house)):
        of: QuerySet[Any, Any] = rows.order_by().values_list("currency", flat=True)
        known.update(of.distinct())
    return [
        Currency(
            currency=each,
            rate=rates.get(each, (None, None))[0],
            from_on=rates.get(each, (None, None))[1],
            deals=open_deals.get(each, 0),
        )
        for each in sorted(known, key=lambda each: (each != house, -open_deals.get(each, 0), each))
    ]


def rates(*, currency: str, limit: int = 1_000) -> Sequence[CurrencyRate]:
    """Return what `currency` was worth, the latest first."""
    found = CurrencyRate.objects.filter(house=house_currency(), currency=currency)
    return list(found.order_by("-from_on")[:limit])


def rate_of(*, key: int) -> CurrencyRate:
    """Return one rate. Raises NotFound."""
    found = CurrencyRate.objects.filter(pk=key).first()
    if found is None:
        raise NotFound
    return found
