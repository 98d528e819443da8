"""What was said, shown beside an entry by the room that keeps it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from foresail.people.models import User


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    title: str
    text: str = ""
    people: tuple[str, ...] = ()


Reader = Callable[[Collection[int], "User"], Mapping[int, Excerpt]]

_KEY: Final = re.compile("[0-9]{1,18}")
_readers: dict[str, Reader] = {}


def register(ref_type: str, reader: Reader) -> None:
    """Let `reader` show entries whose `ref` is "<ref_type>:<key>", for a user who may see them."""
    _readers[ref_type] = reader


def excerpts(refs: Collection[str], *, user: User) -> dict[str, Excerpt]:
    """Return what is to be shown for each of `refs`, one query a room.

    What was erased is not there, nor what `ref` names elsewhere, as imports may.
    """
    by_type: dict[str, list[int]] = {}
    for ref in refs:
        ref_type, _, key = ref.rpartition(":")
        if ref_type in _readers and _KEY.fullmatch(key):
            by_type.setdefault(ref_type, []).append(int(key))
    return {
        f"{ref_type}:{key}": found
        for ref_type, keys in by_type.items()
        for key, found in _readers[ref_type](keys, user).items()
    }
