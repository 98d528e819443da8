"""What higher rooms add to the log as it is read: traces of what they keep themselves, and can erase.

Entries stay for good. What must go one day, as people's own data does with their consent, cannot be one: its room
tells of it each time the log is read, and what is gone there is in no log read after.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

import polars as pl

SCHEMA: Final = {
    "deal": pl.String(),
    "at": pl.Datetime("us", "UTC"),
    "known": pl.Datetime("us", "UTC"),
    "kind": pl.String(),
}
Provider = Callable[[pl.DataFrame, datetime | None], pl.DataFrame]
"""Takes deals, by `deal` (their keys as texts) and `account` (that with which each opened, null where none was told),
and the instant whose knowledge is asked for (None: now); returns their traces in SCHEMA.
"""

_providers: dict[str, tuple[frozenset[str], Provider]] = {}


def register(room: str, *, kinds: Collection[str], provider: Provider) -> None:
    """Let `room` add traces of `kinds`. Called from an app's `ready`; twice is once."""
    _providers[room] = frozenset(kinds), provider


def kinds() -> frozenset[str]:
    """Return the kinds of all traces."""
    return frozenset().union(*(kinds for kinds, _ in _providers.values()))


def traces_of(deals: pl.DataFrame, *, known_by: datetime | None) -> pl.DataFrame:
    """Return the traces of `deals` as known at `known_by`: of what happened while each was open.

    `deals` has `deal`, `account`, and `opened` and `closed`, from and until when it counts as open.
    """
    asked = deals.select("deal", "account")
    found = pl.concat([pl.DataFrame(schema=SCHEMA), *(of(asked, known_by) for _, of in _providers.values())])
    return (
        found.join(deals.select("deal", "opened", "closed"), on="deal")
        .filter(
            pl.col("at") >= pl.col("opened"), pl.col("closed").is_null() | (pl.col("at") < pl.col("closed"))
        )
        .select(*SCHEMA)
    )
