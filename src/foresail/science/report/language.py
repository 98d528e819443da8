"""One language of the report: its words, and how it writes numbers and dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from foresail.science.forecaster import names
from foresail.science.report.data import Metric, Text
from foresail.science.report.words import WORDS

Unit = Literal["score", "share", "points", "days", "fine", "count"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Language:
    """Words and formats of one language; every text that a reader sees passes through here."""

    code: Literal["zh", "en"]

    @property
    def tag(self) -> str:
        """The language tag for HTML."""
        return "zh-CN" if self.code == "zh" else "en"

    def t(self, key: str, /, **values: object) -> str:
        """Return the text named `key` with `values` put in. Raises KeyError for an unknown name."""
        zh, en = WORDS[key]
        template = zh if self.code == "zh" else en
        return template.format(**values) if values else template

    def text(self, text: Text) -> str:
        """Return `text` in this language."""
        return text.zh if self.code == "zh" else text.en

    def kind(self, name: str) -> str:
        """Return what the kind of event `name` is called; one that is not ours keeps its name."""
        return names.zh(name) if self.code == "zh" else names.en(name)

    def score(self, value: float, *, digits: int = 3, sign: bool = False) -> str:
        """Return a bare number such as an AUC."""
        return _signed(f"{value:,.{digits}f}", sign=sign)

    def percent(self, share: float, *, digits: int = 1) -> str:
        """Return a fraction as percent."""
        return _signed(f"{share * 100:.{digits}f}%")

    def points(self, share: float) -> str:
        """Return a difference of two shares in percentage points, with its sign."""
        return _signed(f"{share * 100:.1f}", sign=True) + self.t("unit.points")

    def days(self, days: float) -> str:
        """Return a length of time in days."""
        number = f"{days:.1f}".removesuffix(".0")
        return _signed(number) + self.t("unit.day" if number == "1" else "unit.days")

    def count(self, count: float) -> str:
        """Return a whole number with thousands separated."""
        return _signed(f"{count:,.0f}")

    def full_date(self, on: date) -> str:
        """Return a date in full."""
        if self.code == "zh":
            return f"{on.year}年{on.month}月{on.day}日"
        return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"

    def short_date(self, on: date) -> str:
        """Return a date without its year, for an axis."""
        return f"{on.month}/{on.day}" if self.code == "zh" else f"{on.day} {_MONTHS[on.month - 1]}"

    def write(self, value: float, unit: Unit) -> str:
        """Return `value` as its unit is written."""
        match unit:
            case "share":
                return self.percent(value)
            case "points":
                return self.points(value)
            case "days":
                return self.days(value)
            case "count":
                return self.count(value)
            case "fine":
                return self.score(value, digits=4)
            case "score":
                return self.score(value)

    def interval(self, metric: Metric, unit: Unit) -> str:
        """Return the 95 % interval as "a to b", or words where there is none."""
        if metric.low is None or metric.high is None:
            return self.t("no_interval")
        # The unit is said once, after the second number; a percent sign stays with both.
        low = self.write(metric.low, unit)
        for word in (self.t("unit.points"), self.t("unit.days"), self.t("unit.day")):
            low = low.removesuffix(word)
        return f"{low}{self.t('to')}{self.write(metric.high, unit)}"

    def gain(self, metric: Metric) -> str:
        """Return a difference of scores with sign and interval."""
        text = self.score(metric.value, sign=True)
        if metric.low is None or metric.high is None:
            return text
        low, high = (self.score(end, sign=True) for end in (metric.low, metric.high))
        return f"{text} ({low}{self.t('to')}{high})"


UNITS: Mapping[str, Unit] = {
    "share": "share",
    "right": "share",
    "coverage": "share",
    "band50": "share",
    "band80": "share",
    "precision": "share",
    "recall": "share",
    "base_rate": "share",
    "accuracy": "share",
    "closed_share": "share",
    "target": "share",
    "median_lead_days": "days",
    "pinball": "fine",
    "pinball_no_change": "fine",
    "drift_mean": "points",
}
"""The unit of each metric by its key; those not named are bare scores."""


def unit_of(key: str) -> Unit:
    """Return the unit of the metric `key`."""
    return UNITS.get(key, "score")


def _signed(text: str, *, sign: bool = False) -> str:
    if text.startswith("-"):
        # "-0.0" is not less than zero; a true minus is as wide as the plus in tabular figures.
        return text[1:] if not text.strip("-0.,%") else "−" + text[1:]
    return "+" + text if sign and text.strip("0.,%") else text
