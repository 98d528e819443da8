"""A running event socket, people who are signed in, and a browser that remembers what it was told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import uvicorn
from django.db import transaction
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from foresail.core.outbox import tell
from foresail.live import sockets, viewers
from foresail.live.intake import Intake
from foresail.live.serving import build
from foresail.people import services
from foresail.people.models import Session, User
from foresail.people.roles import Role

SOON = 3.0
QUIET = 0.4


@dataclass
class Browser:
    """One socket. `seen` holds every change it was told, in order."""

    wire: ClientConnection
    cursor: str = ""
    seen: list[tuple[str, int]] = field(default_factory=list)
    refused: list[tuple[str, int]] = field(default_factory=list)
    resets: int = 0
    codes: list[str] = field(default_factory=list)

    def say(self, **said: Any) -> None:
        self.wire.send(json.dumps(said))

    def watch(self, *records: tuple[str, int]) -> None:
        """Subscribe, and wait for the answer."""
        self.say(subscribe=records)
        self.hear()
        while not self.cursor:
            self.hear()

    def hear(self, timeout: float = SOON) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.wire.recv(timeout=timeout))
        self.cursor = message.get("cursor", self.cursor)
        self.seen += [(kind, key) for kind, key, _ in message.get("changes", [])]
        self.refused += [(kind, key) for kind, key in message.get("refused", [])]
        self.resets += "reset" in message
        self.codes += [message["code"]] if "code" in message else []
        return message

    def hear_until(self, count: int) -> None:
        while len(self.seen) < count:
            self.hear()

    def hears_nothing(self) -> bool:
        try:
            self.hear(QUIET)
        except TimeoutError:
            return True
        return False

    def ended(self) -> int:
        """Return the code with which it is closed."""
        with pytest.raises(ConnectionClosed) as closed:
            self._hear_on()
        assert closed.value.rcvd
        return closed.value.rcvd.code

    def _hear_on(self) -> None:
        while True:
            self.hear(6.0)


@dataclass
class Live:
    port: int
    hub: sockets.Hub
    intake: Intake
    opened: ExitStack

    def open(self, token: str = "", *, after: str | None = None, origin: str | None = None) -> Browser:
        opening = connect(
            f"ws://127.0.0.1:{self.port}/live" + (f"?after={after}" if after is not None else ""),
            origin=Origin(origin or f"http://127.0.0.1:{self.port - 1}"),
            additional_headers={"Cookie": f"foresail_session={token}"},
            close_timeout=1,
            proxy=None,
        )
        return Browser(self.opened.enter_context(opening))


@pytest.fixture
def live(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:  # noqa: ARG001
    monkeypatch.setattr(sockets, "SESSION_SECONDS", 0.3)
    app = build()
    config = uvicorn.Config(
        app, port=0, ws="websockets-sansio", ws_max_size=64 * 1024, log_config=None, lifespan="on"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not (server.started and app.state.reader.reads.is_set()):
            assert thread.is_alive()
            thread.join(0.01)
        with ExitStack() as opened:
            yield Live(server.servers[0].sockets[0].getsockname()[1], app.state.hub, app.state.intake, opened)
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def _even(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody see the deals of even number."""
    monkeypatch.setitem(viewers.viewers, "deal", lambda _, keys: [key for key in keys if key % 2 == 0])


@pytest.fixture
def sign_in(transactional_db: None) -> Callable[..., tuple[User, Session, str]]:  # noqa: ARG001
    def sign_in(name: str, *roles: Role) -> tuple[User, Session, str]:
        now = datetime.now(UTC)
        user = services.add_user(email=f"{name}@example.com", name=name, team=None, by=None, at=now)
        for role in roles:
            services.grant_role(user=user, role=role, by=None, at=now)
        session, token = services.create_session(user=user, address="192.0.2.1", agent="test", at=now)
        return user, session, token

    return sign_in


@pytest.fixture
def token(sign_in: Callable[..., tuple[User, Session, str]]) -> str:
    return sign_in("Li", Role.REP)[2]


def change(*records: tuple[str, int]) -> None:
    """Tell of `records` in one transaction."""
    with transaction.atomic():
        for kind, key in records:
            tell(kind, key)
