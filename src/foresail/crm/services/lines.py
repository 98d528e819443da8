"""What of which products a deal is about, at which price; and that as the deal's amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from foresail.core.outbox import tell
from foresail.crm.errors import ChangedMeanwhile, DealClosed, LinesInvalid
from foresail.crm.models import Deal, DealProduct, Product
from foresail.crm.services.bulk import checked, copy_rows, keep_many, known
from foresail.crm.services.changing import Edit, change_record, hold
from foresail.crm.services.permission import require, require_configuring
from foresail.crm.services.telling import keep, tell_of_deal
from foresail.crm.services.values import BELOW
from foresail.crm.totals import total
from foresail.people.rules import Action

if TYPE_CHECKING:
    from foresail.people.models import User

MOST: Final = 200
_MOST_QUANTITY: Final = Decimal(10) ** 9


@dataclass(frozen=True, kw_only=True)
class NewLine:
    """`product` by its key; `discount` in percent."""

    product: int
    quantity: Decimal
    price: Decimal
    discount: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDealProduct:
    """What a deal is about, one product a deal."""

    deal: int
    product: int
    quantity: Decimal
    price: Decimal


def set_lines(
    *, deal: Deal, lines: Sequence[NewLine], version: int, by: User | None, at: datetime
) -> list[DealProduct]:
    """Let `deal` be about `lines`, in their order, and nothing else.

    Raises NotAllowed, DealClosed, ChangedMeanwhile, or LinesInvalid with the first line that is wrong.
    """
    with transaction.atomic():
        _hold_open(deal, version, by=by)
        before = set(deal.products.values_list("product_id", flat=True))
        products = {each.pk: each for each in Product.objects.filter(pk__in={line.product for line in lines})}
        if len(lines) > MOST:
            raise LinesInvalid(row=MOST + 1, zh=f"最多 {MOST} 行。", en=f"at most {MOST} lines.")
        for row, line in enumerate(lines, start=1):
            _check(line, row, products.get(line.product), known=line.product in before)
        made = [
            DealProduct(
                deal=deal,
                product=products[line.product],
                quantity=line.quantity,
                price=line.price,
                discount=line.discount,
                position=position,
            )
            for position, line in enumerate(lines)
        ]
        if total(made) >= BELOW:
            raise LinesInvalid(
                row=len(lines), zh="合计超过 100 万亿。", en="all together above 100 trillion."
            )
        deal.products.all().delete()
        DealProduct.objects.bulk_create(made)
        deal.version += 1
        deal.changed_at = at
        deal.save(update_fields=["version", "changed_at"])
        tell_of_deal(deal.pk)
        tell("products", 0)
        values = {
            "lines": [
                [line.product, str(line.quantity), str(line.price), str(line.discount)] for line in lines
            ]
        }
        keep("set_deal_products", deal, values, by=by, at=at)
        return made


def add_deal_products(rows: Sequence[NewDealProduct], *, by: User | None, at: datetime) -> list[int]:
    """Say what deals without products are about; return keys in the order of `rows`. Raises NotAllowed or RowInvalid."""
    with transaction.atomic():
        require_configuring(by=by)
        keys = {row.deal for row in rows}
        found = Deal.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=keys, products=None)
        bare = dict.fromkeys(found.values_list("pk", flat=True))
        products = Product.objects.in_bulk({row.product for row in rows})

        def kept(row: NewDealProduct) -> tuple[Any, ...]:
            known(bare, row.deal, zh="尚无产品的商机", en="deal without products")
            del bare[row.deal]
            _check(
                NewLine(product=row.product, quantity=row.quantity, price=row.price),
                1,
                products.get(row.product),
            )
            return row.deal, row.product, row.quantity, row.price, Decimal(0), 0

        columns = ("deal_id", "product_id", "quantity", "price", "discount", "position")
        made = copy_rows(DealProduct, columns, checked(rows, kept))
        keep_many("add_deal_products", DealProduct, rows, by=by, at=at)
        return made


def take_over_total(*, deal: Deal, version: int, by: User | None, at: datetime) -> None:
    """Make what the lines add up to the deal's amount.

    Raises NotAllowed, DealClosed, ChangedMeanwhile, FieldUnknown, FieldReserved, or LinesInvalid without lines.
    """
    with transaction.atomic():
        _hold_open(deal, version, by=by)
        lines = list(deal.products.all())
        if not lines:
            raise LinesInvalid(row=1, zh="还没有产品。", en="there is no product yet.")
        change_record(record=deal, edits={"amount": Edit(str(total(lines)))}, by=by, at=at)


def _hold_open(deal: Deal, version: int, *, by: User | None) -> None:
    hold(deal)
    require(Action.CHANGE, deal, by=by)
    if deal.status != Deal.Status.OPEN:
        raise DealClosed(deal=deal.name)
    if deal.version != version:
        raise ChangedMeanwhile


def _check(line: NewLine, row: int, product: Product | None, *, known: bool = False) -> None:
    """Raise LinesInvalid unless the line can be kept as it is: nothing is rounded."""

    def fits(value: Decimal, below: Decimal, places: int) -> bool:
        return value.is_finite() and 0 <= value < below and value == round(value, places)

    if product is None:
        raise LinesInvalid(row=row, zh="没有这个产品。", en="there is no such product.")
    if not product.active and not known:
        raise LinesInvalid(
            row=row, zh=f"“{product.name}”已停售。", en=f"{product.name} is no longer on sale."
        )
    if not fits(line.quantity, _MOST_QUANTITY, 3) or line.quantity == 0:
        raise LinesInvalid(
            row=row,
            zh="数量须大于 0、小于 10 亿，最多三位小数。",
            en="a quantity is above 0 and below a billion, with at most three decimals.",
        )
    if not fits(line.price, BELOW, 2):
        raise LinesInvalid(
            row=row,
            zh="单价须不小于 0、小于 100 万亿，最多两位小数。",
            en="a price is at least 0 and below 100 trillion, with at most two decimals.",
        )
    if not fits(line.discount, Decimal(101), 2) or line.discount > 100:
        raise LinesInvalid(
            row=row,
            zh="折扣须在 0 到 100 之间，最多两位小数。",
            en="a discount is between 0 and 100 percent, with at most two decimals.",
        )
