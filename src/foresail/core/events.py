"""What a lower room tells higher ones: plain objects, handed to whoever listens for their type.

A listener runs inside the transaction of the verb that emitted, so what it writes stands or falls with
it; what must wait for the commit asks Django for `transaction.on_commit` itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Event = TypeVar("Event")

_listeners: dict[type[Any], list[Callable[[Any], None]]] = {}


def listen(kind: type[Event], listener: Callable[[Event], None]) -> None:
    """Call `listener` with every event of exactly this `kind`. Called from an app's `ready`; twice is once."""
    known = _listeners.setdefault(kind, [])
    if listener not in known:
        known.append(listener)


def emit(event: object) -> None:
    """Hand `event` to its listeners, in the order in which they came. What one of them raises, stops the verb."""
    for listener in _listeners.get(type(event), ()):
        listener(event)
