"""What timeline tells higher rooms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Appended:
    """`count` entries are new; `deals` are those that they are about."""

    deals: tuple[int, ...]
    count: int
