"""Read the backtest's JSON without trusting that a figure is there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from foresail.science.report.data import Metric, Text

Figures = Mapping[str, object]


def look_up(figures: Figures, *path: str) -> object:
    """Return what lies at `path`, None where any step of it is absent or null."""
    here: object = figures
    for key in path:
        if not isinstance(here, Mapping):
            return None
        here = here.get(key)
    return here


def metric(figures: Figures, *path: str) -> Metric | None:
    """Return the metric at `path`; a bare number is a metric without interval, null and NaN are None."""
    found = look_up(figures, *path)
    if isinstance(found, Mapping):
        value = _number(found.get("value"))
        n = _number(found.get("n"))
        if value is None:
            return None
        low, high = _number(found.get("low")), _number(found.get("high"))
        return Metric(value=value, low=low, high=high, n=None if n is None else int(n))
    value = _number(found)
    return None if value is None else Metric(value=value)


def number(figures: Figures, *path: str) -> float | None:
    """Return the plain number at `path`, or the value of the metric there."""
    found = metric(figures, *path)
    return None if found is None else found.value


def flag(figures: Figures, *path: str) -> bool | None:
    """Return the truth value at `path`, None where it was not judged."""
    found = look_up(figures, *path)
    return found if isinstance(found, bool) else None


def hindsight(figures: Figures) -> tuple[tuple[str, Text], ...]:
    """Return the refused columns with their reasons; a reason is one string or {zh, en}."""
    found = look_up(figures, "data", "hindsight")
    if not isinstance(found, Sequence) or isinstance(found, str):
        return ()
    columns = [entry for entry in found if isinstance(entry, Mapping)]
    return tuple((str(entry.get("column", "")), _text(entry.get("why"))) for entry in columns)


def _text(value: object) -> Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, Mapping):
        return Text(zh=str(value.get("zh", "")), en=str(value.get("en", "")))
    return Text(zh=str(value or ""), en=str(value or ""))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
