"""Channels that no tracker reaches: each yields what it brings in batches, so that it can be taken up again where it was.

Rooms register theirs in their app's `ready`. Files of three sources are such channels; mailboxes and messengers can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from foresail.governance.collecting import Source
from foresail.signals.reading import Incoming


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a channel brings from the place `start` on, before `end`. `wrong` is what is no signal: place → code.

    Of `doubtful` people it says that they agreed, but not when or to what: that is no consent.
    """

    start: int
    end: int
    signals: Sequence[Incoming]
    wrong: Mapping[int, str]
    doubtful: int = 0


class Reader(Protocol):
    def __call__(self, key: int, *, after: int, at: datetime) -> Iterator[Batch]:
        """Yield what lies behind the place `after` of what the channel calls `key`, known at `at`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What it brings is of `source`, and called the same."""

    source: Source
    read: Reader


_channels: dict[str, Channel] = {}


def register(*channels: Channel) -> None:
    """Make `channels` known. Twice is once."""
    _channels.update({channel.source.key: channel for channel in channels})


def channels() -> Mapping[str, Channel]:
    """Return them by the keys of their sources."""
    return _channels
