"""Reads the outbox in the order in which it settles, and hands on what it reads. One for each process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import psycopg
from django.db import Error as DatabaseError
from django.db import connection as django_connection

from foresail.core import clock, logs, outbox
from foresail.core.outbox import BEGINNING, Position, Record
from foresail.live.asking import Django

POLL_SECONDS: Final = 0.25
"""How often to look unasked: what waits for an older transaction to end is announced by nobody."""
SOON_SECONDS: Final = 0.03
"""The same right after something came: more often follows."""
REST_SECONDS: Final = 0.02
"""Between two batches, so that a burst becomes few messages."""
AGAIN_SECONDS: Final = 0.5
CLEAN_SECONDS: Final = 60.0


class Reader:
    """`tell` gets each batch, `reset` a new position after which what came before is not known."""

    def __init__(
        self,
        *,
        django: Django,
        tell: Callable[[Position, Mapping[Record, int]], None],
        reset: Callable[[Position], None],
    ) -> None:
        self.reads = asyncio.Event()
        self._django = django
        self._tell = tell
        self._reset = reset
        self._position = BEGINNING

    async def run(self) -> None:
        """Read until cancelled; where the database goes away, begin again where it was."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True) as mine:
                    await mine.execute(f"LISTEN {outbox.CHANNEL}")
                    await self._follow(mine, await self._begin())
            except (DatabaseError, psycopg.Error, OSError) as error:
                if self.reads.is_set():
                    logs.fault(error, "outbox_away")
                self.reads.clear()
                await asyncio.sleep(AGAIN_SECONDS)

    async def clean(self) -> None:
        """Delete what is old, in batches, until cancelled."""
        while True:
            await asyncio.sleep(CLEAN_SECONDS)
            try:
                while await self._django.ask(outbox.forget, upto=self._position, at=clock.now()):
                    await asyncio.sleep(REST_SECONDS)
            except DatabaseError as error:
                logs.fault(error, "outbox_not_cleaned")

    async def _begin(self) -> Position:
        """Return where to read on. In a database that was restored meanwhile that is anew."""
        position = self._position
        if not await self._django.ask(outbox.is_kept, position):
            position = self._position = await self._django.ask(outbox.newest)
            self._reset(position)
        self.reads.set()
        return position

    async def _follow(self, mine: psycopg.AsyncConnection[Any], position: Position) -> None:
        pause = POLL_SECONDS
        while True:
            woken = [each async for each in mine.notifies(timeout=pause, stop_after=1)]
            rows = await outbox.following(mine, after=position)
            pause = SOON_SECONDS if woken or rows else min(2 * pause, POLL_SECONDS)
            if rows:
                position = self._position = rows[-1][0]
                self._tell(position, {record: where.transaction for where, record in rows})
                await asyncio.sleep(REST_SECONDS)


def _parameters() -> dict[str, Any]:
    """Return what psycopg needs to reach Django's database."""
    given: dict[str, Any] = django_connection.get_connection_params()
    return {name: value for name, value in given.items() if name not in {"context", "cursor_factory"}}
