"""Amounts of several currencies in one, as the database computes it: each at the rate of its own day.

What has ended counts at the rate of the day on which it ended (China's time), all else at today's. Without a rate the
result is NULL: a sum leaves it out, and whoever shows the sum says so. Nothing is rounded here.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.db.models import (
    Case,
    CharField,
    DateField,
    DecimalField,
    ExpressionWrapper,
    F,
    Func,
    JSONField,
    Min,
    OuterRef,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Now
from django.db.models.lookups import LessThanOrEqual

from foresail.core.clock import ZONE
from foresail.crm.models.currencies import HOUSE, CurrencyRate, MoneySetting

RATE: Final[DecimalField[Any, Any]] = DecimalField(max_digits=20, decimal_places=10)
CONVERTED: Final[DecimalField[Any, Any]] = DecimalField(max_digits=40, decimal_places=12)


class _ByCurrency(Subquery):
    """One value of each currency as a JSON object: it hangs on no row, so the database works it out once for a list."""

    template = "(SELECT jsonb_object_agg(one.currency, one.told) FROM (%(subquery)s) AS one)"
    output_field = JSONField()

    def of_row(self) -> Combinable:
        """Return what it holds for the currency of a row, as text."""
        parts = (self, F("currency"))
        return Func(*parts, template="(%(expressions)s)", arg_joiner=" ->> ", output_field=TextField())


def house_currency() -> str:
    """Return the currency that sums are told in."""
    setting = MoneySetting.objects.first()
    return setting.currency if setting else HOUSE


def house() -> Combinable:
    """Return the house currency, as an expression."""
    return Coalesce(
        Subquery(MoneySetting.objects.values("currency")[:1]), Value(HOUSE), output_field=CharField()
    )


def _day_of(instant: Any) -> Combinable:
    """Return the day on which `instant` falls in China."""
    return Func(
        instant, template=f"((%(expressions)s) AT TIME ZONE '{ZONE.key}')::date", output_field=DateField()
    )


def rate(*, today: date | None = None, ends: bool = True) -> Combinable:
    """Return what a unit of the row's `currency` is worth, NULL where nobody said.

    `ends` says that rows have a `closed_at`. Without `today` it is the database's.
    """
    rates = CurrencyRate.objects.filter(house=house())
    latest = rates.filter(from_on__lte=_today(today)).order_by("currency", "-from_on").distinct("currency")
    current = Cast(_ByCurrency(latest.annotate(told=F("rate")).values("currency", "told")).of_row(), RATE)
    known = [When(currency=house(), then=Value(1, RATE))]
    if not ends:
        return Case(*known, default=current, output_field=RATE)
    closing = rates.filter(currency=OuterRef("currency"), from_on__lte=_day_of(OuterRef("closed_at")))
    return Case(
        *known,
        When(closed_at=None, then=current),
        default=Subquery(closing.order_by("-from_on").values("rate")[:1]),
        output_field=RATE,
    )


def rated(*, today: date | None = None, ends: bool = True) -> Combinable:
    """Return whether `rate` is not NULL, for less: a currency has a rate from its first day on."""
    first = CurrencyRate.objects.filter(house=house()).order_by().values("currency")
    begins = Cast(
        _ByCurrency(first.annotate(told=Min("from_on")).values("currency", "told")).of_row(), DateField()
    )
    day = (
        Case(When(closed_at=None, then=_today(today)), default=_day_of(F("closed_at")))
        if ends
        else _today(today)
    )
    is_house = When(currency=house(), then=True)
    return Case(is_house, When(LessThanOrEqual(begins, day), then=True), default=False)


def _today(day: date | None) -> Any:
    return _day_of(Now()) if day is None else Value(day, DateField())


def converted(amount: Combinable, rate: Combinable) -> Combinable:
    """Return `amount` in the house currency, to the last digit."""
    return ExpressionWrapper(amount * rate, output_field=CONVERTED)


def in_house() -> Combinable:
    """Return what a deal is worth in the house currency."""
    return converted(F("amount"), rate())
