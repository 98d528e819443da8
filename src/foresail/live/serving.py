"""The process of the event socket and of the intake: who may come in, and what runs beside the sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.db import Error as DatabaseError
from django.http.request import validate_host
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from foresail.core import outbox
from foresail.core.outbox import Position
from foresail.live.asking import Django
from foresail.live.intake import Intake
from foresail.live.intake import routes as intake_routes
from foresail.live.links import Links
from foresail.live.links import routes as link_routes
from foresail.live.reader import Reader
from foresail.live.sockets import MOST_SOCKETS, SIGNED_OUT, TRY_AGAIN, Hub, Socket, user_of
from foresail.people.http import COOKIE

_PORTS: Final = {"http": 80, "https": 443}


def build() -> Starlette:
    """Return the application: `/live`, where signals come in and links are followed, `/healthz` and `/readyz`."""

    @asynccontextmanager
    async def running(app: Starlette) -> AsyncIterator[None]:
        django = Django()
        hub = app.state.hub = Hub(django)
        intake = app.state.intake = Intake()
        links = app.state.links = Links()
        reader = app.state.reader = Reader(django=django, tell=hub.tell, reset=hub.reset)
        beside = [asyncio.create_task(each) for each in (reader.run(), reader.clean(), hub.watch())]
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            intake.close()
            links.close()
            django.close()

    routes = [
        *(Route("/healthz", _healthz), Route("/readyz", _readyz), WebSocketRoute("/live", _live)),
        *intake_routes(),
        *link_routes(),
    ]
    return Starlette(routes=routes, lifespan=running)


def is_ours(*, origin: str, host: str) -> bool:
    """Whether a page of `origin` is our own: the same host and port, or the web's, one below.

    Cookies do not tell ports apart: without this, a page of any other server on this host could listen in.

    >>> is_ours(origin="http://localhost:8650", host="localhost:8651")
    True
    >>> is_ours(origin="http://localhost:3000", host="localhost:8651")
    False
    """
    try:
        page, here = urlsplit(origin), urlsplit(f"//{host}")
        theirs, ours = _port(page, page.scheme), _port(here, page.scheme)
    except ValueError:
        return False
    if ours is None or theirs not in (ours, ours - 1) or page.hostname != here.hostname:
        return False
    return page.hostname is not None and validate_host(_bracketed(page.hostname), settings.ALLOWED_HOSTS)


async def _healthz(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def _readyz(request: Request) -> JSONResponse:
    reads = request.app.state.reader.reads.is_set()
    return JSONResponse({"status": "ok" if reads else "no database"}, status_code=200 if reads else 503)


async def _live(wire: WebSocket) -> None:
    hub: Hub = wire.app.state.hub
    if not is_ours(origin=wire.headers.get("origin", ""), host=wire.headers.get("host", "")):
        await _refuse(wire, HTTPStatus.FORBIDDEN, "wrong_origin")
    elif hub.open >= MOST_SOCKETS or not wire.app.state.reader.reads.is_set():
        await _refuse(wire, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable")
    else:
        hub.open += 1
        try:
            await _serve(hub, wire)
        finally:
            hub.open -= 1


async def _serve(hub: Hub, wire: WebSocket) -> None:
    token, cursor = wire.cookies.get(COOKIE, ""), wire.query_params.get("after")
    await wire.accept()  # a browser shows its page only the code of a socket that was open
    try:
        user = await hub.django.ask(user_of, token)
        after = await _after(hub, cursor)
    except DatabaseError:
        await wire.close(TRY_AGAIN)
        return
    if user is None:
        await wire.close(SIGNED_OUT)
        return
    socket = Socket(hub, wire, user=user, token=token, after=after)
    if after is None and cursor is not None:
        socket.add_reset()
    await socket.run()


async def _after(hub: Hub, cursor: str | None) -> Position | None:
    """Return where to go on, None to begin anew: what came after `cursor` is not here, or not any more."""
    position = Position.of(cursor) if cursor else None
    if position and position <= hub.position and await hub.django.ask(outbox.is_kept, position):
        return position
    return None


async def _refuse(wire: WebSocket, status: HTTPStatus, code: str) -> None:
    await wire.send_denial_response(JSONResponse({"code": code}, status_code=status))


def _port(address: SplitResult, scheme: str) -> int | None:
    return address.port or _PORTS.get(scheme)


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name
