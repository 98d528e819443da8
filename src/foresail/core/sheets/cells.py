"""What stands in a cell, by the kind of field: dates, amounts, yes and no, as people write them in China and abroad."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from foresail.core.clock import ZONE

Order = Literal["dmy", "mdy"]
"""Which comes first in 03/04/2026."""

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), start=1,
    )
    for name in names.split()
}  # fmt: skip
_CLOCK: Final = (
    r"(?:[T,\s]*(?:(上午|下午)\s*)?(\d{1,2})[:时点](\d{1,2})(?:分|[:分](\d{1,2})(?:[.,]\d+)?秒?)?\s*([AaPp]\.?[Mm]\.?)?"
    r"\s*(Z|[+-]\d\d:?\d\d)?)?$"
)
_YEAR_FIRST: Final = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?" + _CLOCK)
_BASIC: Final = re.compile(r"^(\d{4})(\d\d)(\d\d)" + _CLOCK)
_YEAR_LAST: Final = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})" + _CLOCK)
_MONTH_FIRST: Final = re.compile(r"^([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})" + _CLOCK)
_DAY_FIRST: Final = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)?[\s-]+([A-Za-z]{3,9})\.?,?[\s-]+(\d{4})" + _CLOCK)

_UNITS: Final[Mapping[str, Decimal]] = {
    "": Decimal(1), "千": Decimal(1_000), "万": Decimal(10_000), "十万": Decimal(100_000),
    "百万": Decimal(1_000_000), "千万": Decimal(10_000_000), "亿": Decimal(100_000_000),
    "k": Decimal(1_000), "w": Decimal(10_000), "m": Decimal(1_000_000), "bn": Decimal(1_000_000_000),
}  # fmt: skip
_AMOUNT: Final = re.compile(
    r"^(?:[¥￥$€£]|RMB|CNY|USD|EUR|人民币)?\s*([+-]?)\s*(?:[¥￥$€£])?\s*([\d.,'\s]+?)\s*(千万|百万|十万|千|万|亿|k|w|m|bn)?\s*"
    r"(?:元|圆|人民币|RMB|CNY|USD|EUR)?(?:整)?$",
    re.IGNORECASE,
)
_THOUSANDS: Final = re.compile(r"^\d{1,4}(?:[,' ]\d{3,4})+(?:\.\d+)?$")
_EUROPEAN: Final = re.compile(r"^\d{1,3}(?:\.\d{3})+,\d+$")
_YES: Final = frozenset("是 有 对 真 启用 在售 yes y true t 1 √ ✓".split())
_NO: Final = frozenset("否 无 没有 不是 假 停用 停售 no n false f 0 × ✗".split())
_GUARDED: Final = re.compile(r"^'(?=[=+\-@\t\r])")
_PARTS: Final = re.compile(r"[,，;；、|\n]+")


class Unread(ValueError):
    """The text is no such value."""


def plain_of(cell: str) -> str:
    """Return a cell without the quotation mark that keeps spreadsheets from computing it: exports put it there."""
    return _GUARDED.sub("", cell) if cell.startswith("'") else cell


def folded(text: str) -> str:
    """Return `text` as names are compared: width, capitals, spaces and marks do not count."""
    normal = unicodedata.normalize("NFKC", text).casefold()
    return normal if normal.isalnum() else "".join(c for c in normal if c.isalnum())


def day_of(cell: str, order: Order = "mdy") -> date:
    """Return the day that `cell` names. Raises Unread.

    >>> day_of("2026年3月2日"), day_of("2/3/2026", "dmy")
    (datetime.date(2026, 3, 2), datetime.date(2026, 3, 2))
    """
    return _date_and_clock(cell, order)[0]


def moment_of(cell: str, order: Order = "mdy") -> datetime:
    """Return the instant that `cell` names; where it names no zone, it is ours. Raises Unread."""
    day, clock = _date_and_clock(cell, order)
    if clock is None:
        return datetime.combine(day, time(0), ZONE)
    half, hour, minute, second, meridiem, zone = clock
    number = int(hour)
    later = half == "下午" or (meridiem or "").lower().startswith("p")
    if later and number < 12:
        number += 12
    elif (half == "上午" or meridiem) and not later and number == 12:
        number = 0
    try:
        naive = datetime.combine(day, time(number, int(minute), int(second or 0)))
    except ValueError as error:
        raise Unread from error
    if zone:
        text = "+00:00" if zone == "Z" else zone
        return datetime.fromisoformat(f"{naive.isoformat()}{text}")
    return naive.replace(tzinfo=ZONE)


def _date_and_clock(cell: str, order: Order) -> tuple[date, Any]:
    text = unicodedata.normalize("NFKC", cell).strip()
    if len(text) > 60:
        raise Unread
    for form, places in (
        (_YEAR_FIRST, "ymd"),
        (_BASIC, "ymd"),
        (_YEAR_LAST, f"{order}"),
        (_MONTH_FIRST, "mdy"),
        (_DAY_FIRST, "dmy"),
    ):
        if found := form.match(text):
            parts = dict(zip(places, found.groups()[:3], strict=True))
            break
    else:
        raise Unread
    month = parts["m"]
    number = int(month) if month.isdigit() else _MONTHS.get(month.lower(), 0)
    try:
        day = date(int(parts["y"]), number, int(parts["d"]))
    except ValueError as error:
        raise Unread from error
    if not 1900 <= day.year <= 2100:
        raise Unread
    clock = found.groups()[3:]
    return day, clock if clock[1] else None


def order_in(cells: list[str]) -> Order | None:
    """Return which of day and month comes first in a column, None where nothing tells."""
    firsts, seconds = set(), set()
    for cell in cells:
        if found := _YEAR_LAST.match(cell.strip()):
            firsts.add(int(found[1]))
            seconds.add(int(found[2]))
    if any(number > 12 for number in firsts):
        return "dmy"
    if any(number > 12 for number in seconds):
        return "mdy"
    return None


def amount_of(cell: str) -> Decimal:
    """Return the number that `cell` names, exact. Raises Unread.

    >>> amount_of("¥1,234.50"), amount_of("3.2万元"), amount_of("1.5亿")
    (Decimal('1234.50'), Decimal('32000'), Decimal('150000000'))
    """
    text = unicodedata.normalize("NFKC", cell).strip()
    negative = text.startswith("(") and text.endswith(")")
    found = _AMOUNT.match(text[1:-1].strip() if negative else text)
    if found is None or len(text) > 60:
        raise Unread
    digits = found[2].strip()
    if _EUROPEAN.match(digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif _THOUSANDS.match(digits):
        digits = re.sub("[,' ]", "", digits)
    elif "," in digits:
        raise Unread
    try:
        value = Decimal(digits) * _UNITS[(found[3] or "").lower()]
    except InvalidOperation as error:
        raise Unread from error
    value = -value if negative or found[1] == "-" else value
    return value.quantize(Decimal(1)) if found[3] and value == value.to_integral_value() else value


def answer_of(cell: str) -> bool:
    """Return what a cell of yes or no says. Raises Unread."""
    text = cell.strip().casefold()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise Unread


def parts_of(cell: str) -> list[str]:
    """Return what a cell lists, whatever separates it."""
    return [part.strip() for part in _PARTS.split(cell) if part.strip()]


def is_read(read: Callable[[str], object], cells: list[str]) -> float:
    """Return the share of `cells` that `read` takes."""
    good = 0
    for cell in cells:
        try:
            read(cell)
            good += 1
        except Unread:
            continue
    return good / len(cells) if cells else 0.0
