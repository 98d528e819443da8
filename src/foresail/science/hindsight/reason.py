"""What a convicted column is reported as, in words a sales director understands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hindsight:
    """One column that is known only in hindsight, with the numbers that convicted it.

    `code` is one of: filled_at_close, tells_the_result, measures_the_course, goes_with_others,
    one_record.
    """

    column: str
    code: str
    why_zh: str
    why_en: str


def percent(share: float) -> str:
    """Return a share as a percentage that never rounds an exception away."""
    text = f"{100 * share:.0f}%" if 0.01 <= share <= 0.99 or share in (0.0, 1.0) else f"{100 * share:.1f}%"
    return "99.9%" if text == "100.0%" else text
