"""A few SVG elements and one scale: all that the report's charts are drawn with.

Text is cleaned and escaped here, once, so no chart can forget to.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from foresail.science.texts import clean


@dataclass(frozen=True)
class Scale:
    """A straight map from the values `low` to `high` onto the pixels `start` to `stop`; ends are kept."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.stop - self.start)


def ticks(low: float, high: float, *, about: int = 5) -> list[float]:
    """Return round values from `low` to `high`, roughly `about` steps of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return [low]
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]


def round_up(value: float, *, to: float) -> float:
    """Return the least multiple of `to` at or above `value`."""
    return math.ceil(value / to - 1e-9) * to


def round_down(value: float, *, to: float) -> float:
    """Return the greatest multiple of `to` at or below `value`."""
    return math.floor(value / to + 1e-9) * to


def element(name: str, /, body: Iterable[Markup] = (), **attributes: object) -> Markup:
    """Return one element. `class_` stands for class, an underscore for a hyphen; numbers are shortened."""
    written = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _value(value))
        for key, value in attributes.items()
        if value != ""
    )
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, Markup("").join(body))


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".rstrip("0").rstrip(".")
    return clean(str(value))


def label(x: float, y: float, text: str, *, anchor: str = "", kind: str = "") -> Markup:
    """Return a line of text at the baseline point (`x`, `y`), ending or centred there by `anchor`."""
    return element("text", [escape(clean(text))], x=float(x), y=float(y), text_anchor=anchor, class_=kind)


def line(x1: float, y1: float, x2: float, y2: float, *, kind: str) -> Markup:
    """Return a straight line."""
    return element("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), class_=kind)


def rect(x: float, y: float, width: float, height: float, *, kind: str, round_: float = 0) -> Markup:
    """Return a rectangle; a negative size is drawn as nothing."""
    return element(
        "rect",
        x=float(x),
        y=float(y),
        width=max(float(width), 0.0),
        height=max(float(height), 0.0),
        rx=float(round_) if round_ else "",
        class_=kind,
    )


def dot(x: float, y: float, radius: float, *, kind: str) -> Markup:
    """Return a circle."""
    return element("circle", cx=float(x), cy=float(y), r=float(radius), class_=kind)


def shape(points: Iterable[tuple[float, float]], *, kind: str) -> Markup:
    """Return a closed polygon."""
    return element("polygon", points=_points(points), class_=kind)


def path(points: Iterable[tuple[float, float]], *, kind: str) -> Markup:
    """Return an open line through `points`."""
    return element("polyline", points=_points(points), class_=kind)


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def picture(
    parts: Iterable[Markup], *, width: float, height: float, name: str, title: str, says: str
) -> Markup:
    """Return a whole chart: an image with a title and a description for those who cannot see it."""
    about = [
        element("title", [escape(clean(title))], id=f"{name}-t"),
        element("desc", [escape(clean(says))], id=f"{name}-d"),
    ]
    return element(
        "svg",
        [*about, *parts],
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_labelledby=f"{name}-t {name}-d",
        class_="chart",
    )
