"""What the app offers somebody besides what their role says: registered by the rooms above, which know."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foresail.people.models import User

_offers: dict[str, Callable[[User], bool]] = {}


def register(name: str, offered: Callable[[User], bool]) -> None:
    """Offer `name` to those of whom `offered` says so. Called from an app's `ready`; twice is once."""
    _offers[name] = offered


def offers_of(user: User) -> list[str]:
    return sorted(name for name, offered in _offers.items() if offered(user))
