"""Signals over HTTP until they are durable, in batches and one by one, beside raw COPY and INSERT into the same table."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import psycopg

from bench.figure import Figure
from bench.served import ADMINISTRATOR, OPERATIONS, fresh, load, login
from foresail.core.cluster import Cluster
from foresail.core.home import Home
from tests.journeys.installation import Installation

SECONDS = 10.0
BATCH = 500
VISITORS = 2_000
MOST = 15_000
"""So many signals a second are made ready, for each of the two."""
CONNECTIONS = 64
ROW = {"url": "https://www.example.com/products/servo-drive", "title": "伺服驱动器", "seconds": 42}


def measure() -> Iterator[Figure]:
    with fresh() as installation:
        installation.run("demo", "--deals", "60", "--no-train")
        with installation.serving():
            token = allowed(installation)
            port = installation.port + 1
            raw, single, before = raw_copy(installation), raw_insert(installation), stored(installation)
            batches = asyncio.run(sent(port, token, size=BATCH, connections=4))
            one_by_one = asyncio.run(sent(port, token, size=1, connections=CONNECTIONS))
            kept = stored(installation) - before
            assert kept == batches.accepted + one_by_one.accepted, (kept, batches, one_by_one)
            yield Figure(
                "intake_batches", batches.rate, "/s", raw,
                f"raw COPY of {BATCH} rows a commit into the same table; {BATCH} signals a request, 4 at a time, "
                f"{batches.accepted} kept; sender, server and database on these cores; {load()}",
                at_least=5_000, bounds_value=True,
            )  # fmt: skip
            yield Figure(
                "intake_one_by_one", one_by_one.rate, "/s", single,
                f"INSERT of a row a commit, on one connection; {CONNECTIONS} senders at a time, {one_by_one.accepted} kept",
                at_least=1_200, bounds_value=True,
            )  # fmt: skip


def allowed(installation: Installation, *, more: Sequence[str] = ()) -> str:
    """Put a boundary in force that lets servers of ours in, with ROW and `more`, and return the key of one."""
    operations, admin = login(installation, OPERATIONS), login(installation, ADMINISTRATOR)
    person = admin.get("/api/me")["id"]
    assert admin.call("PUT", f"/api/collecting/guardians/{person}").status == 204
    rule = {
        "source": "product",
        "purpose": "intent",
        "basis": "contract",
        "days": 365,
        "fields": dict.fromkeys((*ROW, *more), "keep"),
    }
    made = operations.call("POST", "/api/collecting/boundaries", {"rules": [rule], "reason": "bench"})
    assert made.status == 201, made.body
    assert (
        admin.call("POST", f"/api/collecting/boundaries/{made.json['id']}/decide", {"approved": True}).status
        == 200
    )
    said = {"kind": "server", "name": "bench", "sources": ["product"], "per_minute": 1_000_000}
    key = operations.call("POST", "/api/intake-keys", said)
    assert key.status == 201, key.body
    token: str = key.json["token"]
    return token


class Sent:
    """How many signals were acknowledged, and in how many seconds."""

    def __init__(self) -> None:
        self.accepted, self.seconds = 0, 0.0

    @property
    def rate(self) -> float:
        return self.accepted / self.seconds

    def __repr__(self) -> str:
        return f"{self.accepted} in {self.seconds:.1f} s"


async def sent(port: int, token: str, *, size: int, connections: int) -> Sent:
    """Send for SECONDS over several connections, each with one request at a time, as senders do that wait for answers."""
    told, run, number = Sent(), uuid.uuid4().hex, count()

    def request() -> bytes:
        events = [event(f"{run}-{next(number)}") for _ in range(size)]
        body = json.dumps(events if size > 1 else events[0]).encode()
        head = f"POST /api/signals HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    ready = [
        [request() for _ in range(int(SECONDS * MOST / size / connections) + 1)] for _ in range(connections)
    ]
    begun = time.perf_counter()

    async def send(requests: Sequence[bytes]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for each in requests:
            if time.perf_counter() - begun > SECONDS:
                break
            writer.write(each)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            body = await reader.readexactly(length)
            assert head.startswith(b"HTTP/1.1 200"), (head, body)
            told.accepted += size
        writer.close()

    await asyncio.gather(*map(send, ready))
    told.seconds = time.perf_counter() - begun
    return told


def event(name: str) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": name, "source": "https://www.example.com", "type": "com.foresail.page",
        "subject": f"visitor-{hash(name) % VISITORS}", "time": datetime.now(UTC).isoformat(), "data": ROW,
    }  # fmt: skip


def raw_copy(installation: Installation) -> float:
    """Return how many rows a second COPY puts into the table of signals, BATCH a commit; they are taken out again."""
    with psycopg.connect(Cluster(Home(installation.home)).address()) as database:
        now = datetime.now(UTC)
        database.execute("SELECT signals_make_month(%s)", [now.date().replace(day=1)])
        database.commit()
        begun, rows = time.perf_counter(), 0
        while time.perf_counter() - begun < SECONDS / 2:
            with database.cursor().copy(_COPY) as copy:
                for _ in range(BATCH):
                    copy.write_row(_row(now))
            database.commit()
            rows += BATCH
        seconds = time.perf_counter() - begun
        database.execute("DELETE FROM signals_signal WHERE key_id = 0")
    return rows / seconds


def raw_insert(installation: Installation) -> float:
    """The same with INSERT, a row a commit."""
    with psycopg.connect(Cluster(Home(installation.home)).address()) as database:
        begun, rows = time.perf_counter(), 0
        while time.perf_counter() - begun < SECONDS / 2:
            database.execute(_INSERT, _row(datetime.now(UTC)))
            database.commit()
            rows += 1
        seconds = time.perf_counter() - begun
        database.execute("DELETE FROM signals_signal WHERE key_id = 0")
    return rows / seconds


def stored(installation: Installation) -> int:
    with psycopg.connect(Cluster(Home(installation.home)).address()) as database:
        (number,) = database.execute("SELECT count(*) FROM signals_signal").fetchone() or (0,)
        return int(number)


_COLUMNS = "known_at, at, until, key_id, visitor_id, source, kind, purpose, basis, fingerprint, values"
_COPY = f"COPY signals_signal ({_COLUMNS}) FROM STDIN"
_INSERT = f"INSERT INTO signals_signal ({_COLUMNS}) VALUES ({', '.join(['%s'] * 11)})"


def _row(at: datetime) -> tuple[Any, ...]:
    return (
        at, at, at + timedelta(days=365), 0, int(time.perf_counter_ns()) % VISITORS, "product", "page", "intent", "contract",
        uuid.uuid4().bytes, json.dumps(ROW),
    )  # fmt: skip
