"""Contacts who have left: what speaks for it, and how sure that makes us. Higher rooms register what they know."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import prod
from typing import Final, Literal

SignKind = Literal["bounced", "bounced_softly", "told", "title", "silent"]

WEIGHTS: Final[Mapping[SignKind, tuple[float, float]]] = {
    "told": (0.90, 0.95),
    "bounced": (0.75, 0.85),
    "silent": (0.35, 0.35),
    "title": (0.15, 0.15),
    "bounced_softly": (0.03, 0.10),
}
"""How sure one sign of a kind makes us, and how sure all of that kind at most: a full mail box is no departure."""
PROPOSED_FROM: Final = 0.6
"""From so sure on, people are asked."""
SURE_AT_MOST: Final = 0.99
SPOKEN: Final = re.compile("离职|前任|已调离|(?<![a-z])(?:former|ex-)", re.IGNORECASE)
"""A title that itself says so counts as told."""


@dataclass(frozen=True, kw_only=True)
class Sign:
    """That something at `at` speaks for `contact` having left; `days` is how long they have been silent."""

    contact: int
    kind: SignKind
    at: datetime
    days: int = 0


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """`signs`, and when each contact was last heard of: what was before that counts no more."""

    signs: Sequence[Sign]
    heard: Mapping[int, datetime]


Reader = Callable[[Collection[int] | None, datetime], Evidence]
"""Takes contacts (None: all that still work there) and an instant."""

_readers: list[Reader] = []


def register_evidence(reader: Reader) -> None:
    """Let `reader` say what its room knows. Called from an app's `ready`; twice is once."""
    if reader not in _readers:
        _readers.append(reader)


def gathered(contacts: Collection[int] | None, at: datetime) -> Evidence:
    """Return what all rooms know."""
    signs: list[Sign] = []
    heard: dict[int, datetime] = {}
    for reader in _readers:
        found = reader(contacts, at)
        signs += found.signs
        for contact, when in found.heard.items():
            heard[contact] = max(when, heard.get(contact, when))
    return Evidence(signs=signs, heard=heard)


def confidence(signs: Iterable[Sign]) -> float:
    """Return how sure `signs`, all of one contact, make us: 0 to 1. Kinds count as independent of each other.

    >>> from datetime import UTC
    >>> soft = [Sign(contact=1, kind="bounced_softly", at=datetime(2026, 1, day, tzinfo=UTC)) for day in range(1, 29)]
    >>> confidence(soft[:1]), confidence(soft)
    (0.03, 0.1)
    """
    days: dict[SignKind, set[object]] = {}
    for sign in signs:
        days.setdefault(sign.kind, set()).add(sign.at.date())
    doubts = []
    for kind, found in days.items():
        one, most = WEIGHTS[kind]
        doubts.append(1 - min(1 - (1 - one) ** len(found), most))
    return round(min(1 - prod(doubts), SURE_AT_MOST), 4)
