"""In what contacts took part, as the rooms tell that keep what was said."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foresail.people.models import User

Finder = Callable[[int, "User"], list[tuple[int, str]]]
"""A contact's key and whoever asks → the deal and the `ref` of each entry, of deals that they may see, in which the
contact took part; the latest first where there are too many."""

_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Called from an app's `ready`; twice is once."""
    if finder not in _finders:
        _finders.append(finder)


def parts_of(contact: int, *, user: User) -> list[tuple[int, str]]:
    return [part for finder in _finders for part in finder(contact, user)]
