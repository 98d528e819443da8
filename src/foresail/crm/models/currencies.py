"""What a unit of a currency is worth. It lies in crm: deals and products have currencies, and rooms above add theirs up."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

HOUSE = "CNY"
"""What sums are in until sales operations says otherwise."""


class MoneySetting(models.Model):
    """The house currency, in which sums over several currencies are told; one row, or none for HOUSE."""

    currency = models.CharField(max_length=3, default=HOUSE)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="money_setting_once"),)

    def __str__(self) -> str:
        return self.currency


class CurrencyRate(models.Model):
    """How many units of `house` one unit of `currency` is worth, from a day on until the next rate begins."""

    house = models.CharField(max_length=3)
    currency = models.CharField(max_length=3)
    from_on = models.DateField()
    rate = models.DecimalField(max_digits=20, decimal_places=10)

    class Meta:
        constraints = (
            # The index by which the rate of a day is found: from it back to the latest before.
            models.UniqueConstraint(fields=["house", "currency", "from_on"], name="currency_rate_once_a_day"),
            models.CheckConstraint(
                condition=Q(rate__gt=0) & ~Q(house=models.F("currency")), name="currency_rate_sensible"
            ),
        )

    def __str__(self) -> str:
        return f"{self.currency} {self.from_on} {self.rate.normalize():f} {self.house}"
