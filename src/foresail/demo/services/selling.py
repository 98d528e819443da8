"""What the company sells: its products, priced by what customers paid, and how much of them each deal is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, Final

from foresail.crm import services as crm
from foresail.demo.services.telling import BATCH
from foresail.demo.texts import words

if TYPE_CHECKING:
    from foresail.people.models import BusinessLine

ABOVE: Final = Decimal("1.08")
"""List prices stand so far above what is usually paid."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sale:
    """What a deal, by its key, is about: so much of a product for that amount in all."""

    deal: int
    product: str
    line: str
    quantity: int
    amount: Decimal

    @property
    def price(self) -> Decimal:
        return round(self.amount / self.quantity, 2)


def fill_products(sales: Sequence[Sale], *, lines: Mapping[str, BusinessLine], at: datetime) -> None:
    """Keep the products of `sales`, and what each of these deals is about."""
    paid: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for sale in sales:
        paid[sale.line, sale.product].append(sale.price)
    products = {}
    for (line, name), prices in sorted(paid.items()):
        told = words()["products"][name]
        products[line, name] = crm.add_product(
            name=told.get("name", name), code=told["code"], unit=told["unit"], line=lines[line],
            price=round(median(prices) * ABOVE, -2), by=None, at=at,
        ).pk  # fmt: skip
    for begin in range(0, len(sales), BATCH):
        about = [
            crm.NewDealProduct(
                deal=sale.deal,
                product=products[sale.line, sale.product],
                quantity=Decimal(sale.quantity),
                price=sale.price,
            )
            for sale in sales[begin : begin + BATCH]
        ]
        crm.add_deal_products(about, by=None, at=at)
