"""Signals over HTTP: many small requests become few transactions, and each is answered when it is durable.

While one batch is written the next gathers. Where more waits than can be written soon, senders are told when to come
again, before anything is lost.
"""

from __future__ import annotations

import asyncio
import base64
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.db import Error as DatabaseError
from django.db import OperationalError
from pydantic_core import from_json, to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from foresail.core import clock, logs
from foresail.core.errors import Refusal
from foresail.live.asking import Django
from foresail.signals.errors import KeyUnknown, Malformed, OriginRefused, TooLarge, TooMany, Unavailable
from foresail.signals.reading import Incoming, Wrong, read_cloudevent, read_segment
from foresail.signals.services import Brought, KnownKey, known_keys, take
from foresail.signals.services.keys import digest_of

MOST_AT_ONCE: Final = 2_000
"""Signals that one request may bring."""
LARGEST: Final = 4 * 2**20
MOST_WAITING: Final = 20_000
MOST_BYTES_WAITING: Final = 64 * 2**20
"""As long as they were on the wire; here they take some times that."""
MOST_BYTES_READ: Final = 32 * 2**20
"""So much lies here at once of bodies that are still being read, however many senders take their time."""
BATCH: Final = 4_000
KEYS_SECONDS: Final = 2.0
"""For so long a key is known without asking again: so soon a revoked one ends."""
SLOWEST_SECONDS: Final = 30.0
"""For so long a sender may take over its body."""
LEAST_SECONDS: Final = 0.2
"""Keys are asked for at most so often, however many unknown ones are shown."""
AGAIN_SECONDS: Final = 2

TRACKER: Final = Path(__file__).with_name("tracker.js")
SEGMENT: Final = ("identify", "track", "page", "screen", "group", "alias", "batch")


@dataclass(slots=True)
class _Waiting:
    brought: Sequence[Brought]
    size: int
    done: asyncio.Future[None]


@dataclass
class Intake:
    """Gathers what comes in and has it written, one batch after the other."""

    _waiting: deque[_Waiting] = field(default_factory=deque)
    _count: int = 0
    _bytes: int = 0
    _read: Counter[int] = field(default_factory=Counter)
    _django: Django = field(default_factory=Django)
    _beside: Django = field(default_factory=Django)
    _writes: asyncio.Task[None] | None = None
    _keys: Mapping[str, KnownKey] = field(default_factory=dict)
    _keys_at: float = -math.inf
    _asks: asyncio.Task[None] | None = None
    _spent: dict[int, tuple[float, float]] = field(default_factory=dict)

    async def take(self, brought: Sequence[Brought], *, size: int) -> None:
        """Return when all of it, `size` bytes, is durable. Raises TooMany or Unavailable, and then none of it is."""
        if not brought:
            return
        if self._count + len(brought) > MOST_WAITING or self._bytes + size > MOST_BYTES_WAITING:
            raise TooMany
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(brought, size, done))
        self._count += len(brought)
        self._bytes += size
        if self._writes is None or self._writes.done():
            self._writes = asyncio.create_task(self._write())
        await done

    @property
    def being_read(self) -> int:
        """How many bytes lie here of bodies that have not ended."""
        return self._read.total()

    async def read(self, request: Request, *, key: KnownKey) -> bytearray:
        """Return the body of a request. Raises TooLarge, Malformed where it does not end in time, or TooMany.

        TooMany where more would lie here than may of all bodies that are being read; one key has half of that at most.
        """
        length = request.headers.get("content-length", "0")
        too_large = TooLarge(most=MOST_AT_ONCE, kilobytes=LARGEST // 1024)
        if not length.isdigit() or int(length) > LARGEST:
            raise too_large
        self._require_room(int(length), key)
        body = bytearray()
        try:
            async with asyncio.timeout(SLOWEST_SECONDS):
                async for part in request.stream():
                    self._require_room(len(part), key)
                    self._read[key.id] += len(part)
                    body += part
                    if len(body) > LARGEST:
                        raise too_large
        except TimeoutError as error:
            raise Malformed from error
        finally:
            self._read[key.id] -= len(body)
        return body

    def _require_room(self, size: int, key: KnownKey) -> None:
        if self.being_read + size > MOST_BYTES_READ or self._read[key.id] + size > MOST_BYTES_READ // 2:
            raise TooMany

    async def keys(self, *, within: float | None = None) -> Mapping[str, KnownKey]:
        """Return the keys that hold, by digest, as they were `within` so many seconds, KEYS_SECONDS. Raises Unavailable.

        Asked for once at a time, beside what is written: strangers with many wrong keys hold nothing up.
        """
        if time.monotonic() > self._keys_at + (KEYS_SECONDS if within is None else within):
            if self._asks is None or self._asks.done():
                self._asks = asyncio.create_task(self._read_keys())
            try:
                await asyncio.shield(self._asks)
            except DatabaseError as error:
                raise Unavailable from error
        return self._keys

    async def _read_keys(self) -> None:
        self._keys = await self._beside.ask(known_keys)
        self._keys_at = time.monotonic()

    async def key_of(self, token: str, *, shown_in_address: bool) -> KnownKey:
        """Return the key of a token; a server's does not count where it stands in an address. Raises KeyUnknown, Unavailable."""
        digest = digest_of(token)
        found = (await self.keys()).get(digest)
        if found is None:  # it may just have been made
            found = (await self.keys(within=LEAST_SECONDS)).get(digest)
        if found is None or (shown_in_address and not found.browser):
            raise KeyUnknown
        return found

    def spend(self, key: KnownKey, count: int) -> None:
        """Let a key bring `count` signals, as many as it may in a minute, a minute's worth at once. Raises TooMany."""
        now, rate = time.monotonic(), key.per_minute / 60
        left, at = self._spent.get(key.id, (float(key.per_minute), now))
        left = min(float(key.per_minute), left + (now - at) * rate)
        if count > left:
            raise TooMany
        self._spent[key.id] = left - count, now

    def give_back(self, key: KnownKey, count: int) -> None:
        """Let a key bring again what could not be taken."""
        left, at = self._spent[key.id]
        self._spent[key.id] = left + count, at

    def close(self) -> None:
        self._django.close()
        self._beside.close()

    async def _write(self) -> None:
        while self._waiting:
            now: list[_Waiting] = []
            count = 0
            while self._waiting and count < BATCH:
                now.append(self._waiting.popleft())
                count += len(now[-1].brought)
            await self._settle(now)
            self._count -= count
            self._bytes -= sum(each.size for each in now)

    async def _settle(self, now: Sequence[_Waiting]) -> None:
        """Have it written, and tell who waits. Where what one brought stops all of them, each is tried alone."""
        try:
            await self._django.ask(_take, [each for waiting in now for each in waiting.brought])
        except Exception as error:  # noqa: BLE001  whatever it is, who waits is told, and the next are tried
            logs.fault(error, "intake_failed")
            if len(now) > 1 and not isinstance(error, OperationalError):
                for each in now:
                    await self._settle([each])
                return
            for each in now:
                if not each.done.done():
                    each.done.set_exception(Unavailable())
        else:
            for each in now:
                if not each.done.done():
                    each.done.set_result(None)


def _take(brought: Sequence[Brought]) -> None:
    take(brought, at=clock.now())


def routes() -> list[Route]:
    """Return where signals come in: `/api/signals` takes CloudEvents, `/v1/…` what Segment's trackers send; and our tracker."""
    return [
        Route("/api/signals", _cloudevents, methods=["POST", "OPTIONS"]),
        Route("/t.js", _tracker),
        *(Route(f"/v1/{call}", _segment, methods=["POST", "OPTIONS"]) for call in SEGMENT),
    ]


async def _tracker(_: Request) -> Response:
    """The script that sites load. It is asked for anew each hour: what it does may have to change everywhere soon."""
    headers = {"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(TRACKER.read_bytes(), media_type="text/javascript", headers=headers)


async def _cloudevents(request: Request) -> Response:
    def read(said: Any) -> tuple[list[Any], Callable[[Any], Incoming]]:
        now = clock.now()
        return said if isinstance(said, list) else [said], lambda each: read_cloudevent(each, now=now)

    return await _answered(request, read)


async def _segment(request: Request) -> Response:
    call = request.url.path.rpartition("/")[2]

    def read(said: Any) -> tuple[list[Any], Callable[[Any], Incoming]]:
        now = clock.now()
        if not isinstance(said, dict):
            raise Malformed
        sent = said.get("sentAt")
        each_of = said.get("batch") if call == "batch" else [said]
        if not isinstance(each_of, list):
            raise Malformed
        return each_of, lambda each: read_segment(each, call=call, sent=sent, now=now)

    return await _answered(request, read)


Read = Callable[[Any], tuple[list[Any], Callable[[Any], Incoming]]]


async def _answered(request: Request, read: Read) -> Response:
    """Take in what a request brings. What is wrong with single signals is told by their place; the others are kept.

    Whether the gate let them through, and whether anybody is known, no answer tells.
    """
    intake: Intake = request.app.state.intake
    origin = request.headers.get("origin", "")
    try:
        if request.method == "OPTIONS":
            return await _preflight(intake, origin)
        token, shown_in_address = _token(request)
        key = await intake.key_of(token, shown_in_address=shown_in_address)
        if key.browser and origin not in key.origins:
            raise OriginRefused
        intake.spend(key, 1)  # reading costs something, whatever it holds
        body = await intake.read(request, key=key)
        size = len(body)
        try:
            whole = from_json(body)  # whatever type it is said to be: text/plain spares browsers a question
        except ValueError as error:
            raise Malformed from error
        del body
        said, reader = read(whole)
        if len(said) > MOST_AT_ONCE:
            raise TooLarge(most=MOST_AT_ONCE, kilobytes=LARGEST // 1024)
        # More than a minute's worth at once would never pass.
        charged = max(min(len(said), key.per_minute), 1)
        intake.spend(key, charged - 1)
        brought, wrong = [], []
        for place, each in enumerate(said):
            try:
                brought.append(Brought(key, reader(each)))
            except Wrong as fault:
                wrong.append({"place": place, "code": fault.code, "zh": fault.zh, "en": fault.en})
        try:
            await intake.take(brought, size=size)
        except Refusal:
            intake.give_back(key, charged)
            raise
    except Refusal as refusal:
        return _refused(refusal, origin)
    status = 422 if wrong and not brought else 200
    return _json({"success": status == 200, "accepted": len(brought), "refused": wrong}, status, origin)


async def _preflight(intake: Intake, origin: str) -> Response:
    allowed = any(origin in key.origins for key in (await intake.keys()).values())
    headers = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "authorization, content-type",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }
    return Response(status_code=204 if allowed else 403, headers=headers if allowed else {"Vary": "Origin"})


def _token(request: Request) -> tuple[str, bool]:
    """Return the key that is shown, and whether that is in the address, where only a browser's belongs.

    It comes as a bearer, or as Segment's trackers send it.
    """
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return shown.strip(), False
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(shown, validate=True).decode().partition(":")[0], False
        except ValueError:
            return "", False
    return request.query_params.get("key", ""), True


def _refused(refusal: Refusal, origin: str) -> Response:
    answer = _json({"code": refusal.code, "zh": refusal.zh, "en": refusal.en}, refusal.status, origin)
    if refusal.status in {429, 503}:
        answer.headers["Retry-After"] = str(AGAIN_SECONDS)
    return answer


def _json(said: Any, status: int, origin: str) -> Response:
    # Any site may read an answer: there is nothing in it, and no cookie counts here.
    headers = {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if origin else {}
    return Response(to_json(said), status_code=status, media_type="application/json", headers=headers)
