"""Whether somebody's consent held at an instant, by what they said before it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

CONTACT: Final = "contact:"
"""What a contact's name in the ledger of consent begins with; their key follows."""


def contact_subject(key: int) -> str:
    """Return the name of the contact with this key in the ledger of consent."""
    return f"{CONTACT}{key}"


class Standing(StrEnum):
    """Where somebody stands on a purpose: what they said last, if anything."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Said:
    """That consent was `given`, or withdrawn, at `at`; `place` is the order in which we were told."""

    given: bool
    at: datetime
    place: int


def holds(said: Iterable[Said], *, at: datetime) -> bool:
    """Whether something of `at` may be kept: consent held when it happened, and has not been withdrawn since.

    What was said last counts, of one instant a withdrawal. A withdrawal also counts against every consent that we
    were told of before it: clocks and networks may let it seem the earlier one.
    """
    said = list(said)
    then = max(
        (each for each in said if each.at <= at), key=lambda each: (each.at, not each.given), default=None
    )
    return then is not None and then.given and standing(said) is Standing.GIVEN


def standing(said: Collection[Said]) -> Standing:
    """Return where somebody stands who said that: withdrawn, where it is no that was said last, by the clock or as told.

    >>> at = datetime(2026, 3, 2)
    >>> standing([Said(given=True, at=at, place=1), Said(given=False, at=at, place=2)]).value
    'withdrawn'
    """
    if not said:
        return Standing.NONE
    newest = max(said, key=lambda each: (each.at, not each.given))
    told = max(said, key=lambda each: each.place)
    return Standing.GIVEN if newest.given and told.given else Standing.WITHDRAWN
