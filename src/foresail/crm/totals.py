"""What the lines of a deal add up to: exact all the way, rounded once, at the end."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Final, Protocol

CENT: Final = Decimal("0.01")
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP)
"""Digits enough for the largest line: 12 of a quantity, 16 of a price, 5 of a discount."""


class Line(Protocol):
    """`discount` is in percent."""

    quantity: Decimal
    price: Decimal
    discount: Decimal


def exact(line: Line) -> Decimal:
    """Return what a line comes to, to the last digit."""
    with localcontext(_EXACT):
        return line.quantity * line.price * (100 - line.discount) / 100


def rounded(amount: Decimal) -> Decimal:
    """Return `amount` to the cent, a half upwards."""
    with localcontext(_EXACT):
        return amount.quantize(CENT)


def total(lines: Iterable[Line]) -> Decimal:
    """Return what `lines` add up to, to the cent: the exact lines are added, not what each is rounded to."""
    with localcontext(_EXACT):
        return rounded(sum((exact(line) for line in lines), Decimal(0)))
