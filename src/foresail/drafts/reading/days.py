"""Days that a text names, as they were meant on the day on which it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final

DAY: Final = timedelta(days=1)
FRIDAY: Final = 4
_ZH_DAYS: Final = {**{each: place for place, each in enumerate("一二三四五六")}, "日": 6, "天": 6}
_ZH_NUMBERS: Final = {**{each: n for n, each in enumerate("一二三四五六七八九十", start=1)}, "两": 2}
_ZH_SOON: Final = {
    "今天": 0,
    "今日": 0,
    "今晚": 0,
    "今早": 0,
    "明天": 1,
    "明日": 1,
    "明早": 1,
    "明晚": 1,
    "后天": 2,
    "后日": 2,
    "大后天": 3,
}
_EN_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EN_NUMBERS: Final = {
    each: n
    for n, each in enumerate("one two three four five six seven eight nine ten".split(), start=1)
} | {"a": 1, "a couple of": 2}  # fmt: skip
_MONTHS: Final = (
    "january february march april may june july august september october november december".split()
)
_MONTH: Final = "|".join(f"{each[:3]}(?:{each[3:]})?" if len(each) > 3 else each for each in _MONTHS)
_WEEKDAY: Final = "|".join(_EN_DAYS)


def days_in(text: str, *, on: date) -> Iterator[tuple[int, int, date]]:
    """Yield where each day stands in `text` (from, to) and which it is, in the order of the text, if written on `on`.

    A bare weekday is the next one, `on` itself included; "next Tuesday" and 下周二 are of the next calendar week.
    A period (下周, within three days, the end of the month) counts as its last day. Days that are past are left out.

    >>> monday = date(2026, 3, 2)
    >>> [str(day) for _, _, day in days_in("周五前发报价，下周二签合同，月底付款", on=monday)]
    ['2026-03-06', '2026-03-10', '2026-03-31']
    >>> [str(day) for _, _, day in days_in("next Tuesday, by Friday, within 3 working days, on March 12", on=monday)]
    ['2026-03-10', '2026-03-06', '2026-03-05', '2026-03-12']
    >>> list(days_in("3 号楼 5 天线", on=monday))
    []
    """
    found: list[tuple[int, int, date]] = []
    for pattern, read in _RULES:
        for match in pattern.finditer(text):
            begins, ends = match.span()
            if any(start < ends and begins < end for start, end, _ in found):
                continue
            day = read(match, on)
            if day is not None and day >= on:
                found.append((begins, ends, day))
    yield from sorted(found)


def _week(on: date, weeks: int, weekday: int) -> date:
    return on - on.weekday() * DAY + (7 * weeks + weekday) * DAY


def _upcoming(on: date, weekday: int) -> date:
    return on + (weekday - on.weekday()) % 7 * DAY


def _after(on: date, count: int, *, working: bool) -> date:
    """Return the day `count` days after `on`; of working days, Saturdays and Sundays are none."""
    day = on
    while count > 0:
        day += DAY
        count -= not working or day.weekday() <= FRIDAY
    return day


def _of_month(on: date, months: int) -> date:
    """Return the last day of the month that comes `months` later."""
    place = on.year * 12 + on.month - 1 + months + 1
    return date(place // 12, place % 12 + 1, 1) - DAY


def _calendar(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _of_year(on: date, month: int, day: int) -> date | None:
    """Return that day of this year, or of the next where it is long past."""
    this = _calendar(on.year, month, day)
    return _calendar(on.year + 1, month, day) if this is not None and (on - this).days > 180 else this


def _zh_weekday(match: re.Match[str], on: date) -> date | None:
    weekday = _ZH_DAYS[match["day"]]
    which = match["which"] or ""
    if which.startswith("下下"):
        return _week(on, 2, weekday)
    if which.startswith("下"):
        return _week(on, 1, weekday)
    return _week(on, 0, weekday) if which else _upcoming(on, weekday)


def _en_weekday(match: re.Match[str], on: date) -> date | None:
    weekday = _EN_DAYS.index(match["day"].lower())
    which = (match["which"] or "").lower()
    if which == "next":
        return _week(on, 1, weekday)
    return _week(on, 0, weekday) if which == "this" else _upcoming(on, weekday)


def _number(text: str) -> int:
    lower = " ".join(text.lower().split())
    return int(text) if text.isdigit() else (_ZH_NUMBERS.get(text) or _EN_NUMBERS[lower])


def _within(match: re.Match[str], on: date) -> date | None:
    return _after(on, _number(match["count"]), working=bool(match["working"]))


def _day_of_month(match: re.Match[str], on: date) -> date | None:
    day = int(match["day"])
    this = _calendar(on.year, on.month, day)
    if this is not None and this >= on:
        return this
    following = _of_month(on, 0) + DAY
    return _calendar(following.year, following.month, day)


_Read = Callable[[re.Match[str], date], date | None]
_RULES: Final[tuple[tuple[re.Pattern[str], _Read], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), read)
    for pattern, read in (
        (
            r"(?<!\d)(?P<year>20\d\d)[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?(?!\d)",
            lambda m, _: _calendar(int(m["year"]), int(m["month"]), int(m["day"])),
        ),
        (
            r"(?<!\d)(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]",
            lambda m, on: _of_year(on, int(m["month"]), int(m["day"])),
        ),
        (r"大后天|后天|后日|[今明][天日晚早]", lambda m, on: on + _ZH_SOON[m[0]] * DAY),
        (
            r"(?P<which>本|这个?|下下个?|下个?)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])(?![天年])",
            _zh_weekday,
        ),
        (r"(?:本|这)(?:周|星期)(?:内|末|底|之内|以内)|周内", lambda _, on: _week(on, 0, FRIDAY)),
        (r"(?<!下)下(?:个?星期|周)(?:内|末|底)?(?![一二三四五六日天])", lambda _, on: _week(on, 1, FRIDAY)),
        (
            r"(?P<count>\d{1,2}|[一二两三四五六七八九十])\s*个?(?P<working>工作日)?(?:天|日)?(?:之内|以内|内)(?![部容])",
            _within,
        ),
        (r"下个?月(?:底|末)", lambda _, on: _of_month(on, 1)),
        (r"(?:本|这个)?月(?:底|末)", lambda _, on: _of_month(on, 0)),
        (
            r"(?<![\d月第])(?P<day>[12]?\d|3[01])\s*[号日](?=之?前|上午|下午|早上|晚上|发|给|到)",
            _day_of_month,
        ),
        (r"\b(?:the )?day after tomorrow\b", lambda _, on: on + 2 * DAY),
        (r"\btomorrow\b", lambda _, on: on + DAY),
        (r"\b(?:today|tonight|end of (?:the )?day|EOD)\b", lambda _, on: on),
        (rf"\b(?:(?P<which>next|this|coming)\s+)?(?P<day>{_WEEKDAY})\b", _en_weekday),
        (
            r"\b(?:with)?in (?:the next )?(?P<count>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|a couple of|a)"
            r"\s+(?P<working>working |business )?days?\b",
            _within,
        ),
        (r"\b(?:end of (?:the |this )?week|EOW|this week)\b", lambda _, on: _week(on, 0, FRIDAY)),
        (r"\b(?:end of )?next week\b", lambda _, on: _week(on, 1, FRIDAY)),
        (r"\bend of next month\b", lambda _, on: _of_month(on, 1)),
        (r"\b(?:end of (?:the |this )?month|month[- ]end|EOM)\b", lambda _, on: _of_month(on, 0)),
        (
            rf"\b(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*[%:])",
            lambda m, on: _of_year(on, _month(m["month"]), int(m["day"])),
        ),
        (
            rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})\b",
            lambda m, on: _of_year(on, _month(m["month"]), int(m["day"])),
        ),
    )
)


def _month(name: str) -> int:
    return 1 + next(place for place, each in enumerate(_MONTHS) if each.startswith(name.lower()[:3]))
