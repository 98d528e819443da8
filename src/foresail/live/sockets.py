"""The open sockets: what each watches, what it may still see, and what it is told."""

from __future__ import annotations

import asyncio
import json
import math
from collections import deque
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, Final

from django.db import Error as DatabaseError
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from foresail.core import clock, logs, outbox
from foresail.core.outbox import BEGINNING, Position, Record
from foresail.live.asking import Django
from foresail.live.schemas import Said
from foresail.live.viewers import visible
from foresail.people.models import User
from foresail.people.services import see_session

MOST_SOCKETS: Final = 2_000
MOST_WATCHED: Final = 500
"""Records that one socket may watch. What waits for it is at most one entry for each: it is told only the last."""
PERMITTED_SECONDS: Final = 5.0
"""For so long what was permitted is not asked again."""
SESSION_SECONDS: Final = 4.0
QUIET_SECONDS: Final = 6.0
"""A socket that is told nothing for longer gets a newer cursor, at the next look at the sessions: an old one would
be good for a reset only, and a page takes a connection that says nothing at all for dead."""
SPREAD_MS: Final = 0.75
"""For each who watches: so far apart, on average, they shall fetch. A thousand at once would wait for each other."""
LEAST_SPREAD_MS: Final = 20
MOST_SPREAD_MS: Final = 1_500
BEFORE_SECONDS: Final = 5.0
"""Who subscribes is told what changed in these last seconds: a page fetches while its socket still opens."""
CLOSE_SECONDS: Final = 5.0

SIGNED_OUT, MALFORMED, TRY_AGAIN = 4401, 4400, 1013


def user_of(token: str | None) -> User | None:
    """Return who is signed in with `token`, None if nobody is, or no longer."""
    session = see_session(token=token, at=clock.now()) if token else None
    return session.user if session else None


class Hub:
    """All sockets of this process, and how far they have been told."""

    def __init__(self, django: Django) -> None:
        self.django = django
        self.position = BEGINNING
        self.open = 0
        self.sockets: set[Socket] = set()
        self.watching: dict[Record, set[Socket]] = {}
        self._trail: deque[tuple[float, Position]] = deque()

    def tell(self, position: Position, changes: Mapping[Record, int]) -> None:
        """Note for each socket which of its records changed, up to and with `position`."""
        self._move(position)
        for record, version in changes.items():
            for socket in self.watching.get(record, ()):
                socket.add(record, version)

    def reset(self, position: Position) -> None:
        """Let every socket fetch everything again."""
        self._trail.clear()
        self._move(position)
        for socket in self.sockets:
            socket.add_reset()

    def spread(self, records: Collection[Record]) -> dict[str, int]:
        """Return, as a part of a message, over how many milliseconds those who watch `records` shall fetch them."""
        most = max((len(self.watching.get(record, ())) for record in records), default=0)
        return _spread(most)

    def before(self) -> Position:
        """Return the position that this process had BEFORE_SECONDS ago, or its first."""
        self._shorten()
        return self._trail[0][1] if self._trail else self.position

    async def watch(self) -> None:
        """Close the sockets of sessions that no longer hold, and give quiet ones a newer cursor, until cancelled."""
        while True:
            await asyncio.sleep(SESSION_SECONDS)
            with suppress(DatabaseError):  # nothing changes, and nothing is told, until it is back
                await self._look_at_sessions()
            for socket in self.sockets:
                socket.renew()

    async def _look_at_sessions(self) -> None:
        for token in {socket.token for socket in self.sockets}:
            if await self.django.ask(user_of, token) is None:
                for socket in self.sockets:
                    if socket.token == token:
                        socket.end(SIGNED_OUT)

    def _move(self, position: Position) -> None:
        self.position = position
        self._trail.append((asyncio.get_running_loop().time(), position))
        self._shorten()

    def _shorten(self) -> None:
        limit = asyncio.get_running_loop().time() - BEFORE_SECONDS
        while len(self._trail) > 1 and self._trail[1][0] <= limit:
            self._trail.popleft()


class Socket:
    """One browser. `after` is where it was cut off, None for a new one."""

    def __init__(self, hub: Hub, wire: WebSocket, *, user: User, token: str, after: Position | None) -> None:
        self.token = token
        self._hub = hub
        self._wire = wire
        self._user = user
        self._after = after
        self._watched: dict[Record, float] = {}  # → when it was last permitted
        self._asked: set[Record] = set()
        self._changes: dict[Record, int] = {}
        self._reset = False
        self._owed = False
        self._told = False  # until it has said what it watches, no cursor
        self._said_at = asyncio.get_running_loop().time()
        self._due = asyncio.Event()
        self._end: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Hear and tell until either side ends it."""
        tasks: set[asyncio.Future[Any]] = {
            asyncio.ensure_future(self._hear()),
            asyncio.ensure_future(self._tell()),
            self._end,
        }
        self._hub.sockets.add(self)
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.sockets.discard(self)
            self._ignore(list(self._watched))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        code = next(iter(done))
        with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):  # it may be gone already
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._wire.close(self._code(code))

    def add(self, record: Record, version: int) -> None:
        self._changes[record] = version
        self._due.set()

    def add_reset(self) -> None:
        self._reset, self._after = True, None
        self._changes.clear()
        self._due.set()

    def renew(self) -> None:
        """Say something, and the newest cursor, if nothing was said for long."""
        if asyncio.get_running_loop().time() > self._said_at + QUIET_SECONDS:
            self._owed = True
            self._due.set()

    def end(self, code: int) -> None:
        if not self._end.done():
            self._end.set_result(code)

    def _code(self, ended: asyncio.Future[Any]) -> int:
        error = ended.exception()
        if error is None:
            return int(ended.result())
        if not isinstance(error, WebSocketDisconnect | DatabaseError):
            logs.fault(error)
        return TRY_AGAIN

    async def _hear(self) -> int:
        while True:
            message = await self._wire.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message["code"])
            try:
                said = Said.model_validate_json(message.get("text") or "")
            except ValidationError:
                return MALFORMED
            self._ignore(said.unsubscribe)
            if said.subscribe:
                await self._watch(said.subscribe)

    async def _watch(self, records: Collection[Record]) -> None:
        """Begin to note what changes of `records`. Nothing of it is told before it is permitted."""
        surplus = []
        for record in records:
            if record in self._watched or len(self._watched) < MOST_WATCHED:
                self._watched.setdefault(record, -math.inf)
                self._hub.watching.setdefault(record, set()).add(self)
                self._asked.add(record)
            else:
                surplus.append(record)
        self._owed = True
        self._due.set()
        if surplus:
            await self._send({"refused": surplus, "code": "too_many"})

    def _ignore(self, records: Collection[Record]) -> None:
        for record in records:
            self._watched.pop(record, None)
            self._asked.discard(record)
            self._changes.pop(record, None)
            watching = self._hub.watching.get(record, set())
            watching.discard(self)
            if not watching:
                self._hub.watching.pop(record, None)

    async def _tell(self) -> int:
        while True:
            await self._due.wait()
            self._due.clear()
            upto = self._hub.position
            changes, self._changes = self._changes, {}
            asked, self._asked = self._asked, set()
            owed, self._owed = self._owed, False
            if self._reset:
                self._reset = False
                await self._send({"reset": True, "cursor": str(upto)} | _spread(len(self._hub.sockets)))
            await self._permit({*changes, *asked})
            if asked:
                self._told = True
                after, self._after = self._after or self._hub.before(), None
                missed = asked.intersection(self._watched)
                if missed and after < upto:
                    changes |= await self._hub.django.ask(
                        outbox.changed, records=missed, after=after, upto=upto
                    )
            changes = {record: changes[record] for record in changes if record in self._watched}
            if changes or (owed and self._told):
                told = [[*record, version] for record, version in changes.items()]
                await self._send({"cursor": str(upto), "changes": told} | self._hub.spread(changes))
            elif owed:
                await self._send({})

    async def _permit(self, records: Collection[Record]) -> None:
        """Ask again what was not asked lately; stop watching what is not permitted, and say so."""
        now = asyncio.get_running_loop().time()
        stale = {each for each in records if now > self._watched.get(each, now) + PERMITTED_SECONDS}
        if not stale:
            return
        seen = await self._hub.django.ask(visible, user=self._user, records=stale)
        self._watched |= dict.fromkeys(seen.intersection(self._watched), now)
        if refused := sorted(stale - seen):
            self._ignore(refused)
            await self._send({"refused": refused})

    async def _send(self, message: Mapping[str, Any]) -> None:
        await self._wire.send_text(json.dumps(message, separators=(",", ":")))
        self._said_at = asyncio.get_running_loop().time()


def _spread(watching: int) -> dict[str, int]:
    spread = min(round(watching * SPREAD_MS), MOST_SPREAD_MS)
    return {"spread": spread} if spread >= LEAST_SPREAD_MS else {}
