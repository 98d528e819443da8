"""Signals over HTTP, as trackers and servers send them: durable when answered, and no answer tells who is known."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import OperationalError, connection

from foresail.governance import services as governance
from foresail.governance.collecting import PRESETS
from foresail.live import intake
from foresail.live.tests.conftest import Live
from foresail.people import services as people
from foresail.people.models import User
from foresail.people.roles import Role
from foresail.signals import services
from foresail.signals.models import IntakeKey, Signal

SITE = "https://www.example.com"


@dataclass
class Sender:
    port: int
    server: str
    browser: str
    ops: User

    def post(
        self, path: str, said: Any, *, token: str | None = None, method: str = "POST", **headers: str
    ) -> tuple[int, Any, dict[str, str]]:
        """Send; return status, what was answered, and its headers."""
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        own = {"Authorization": f"Bearer {self.server if token is None else token}"} if token != "" else {}
        wire.request(
            method, path, body, own | {name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = wire.getresponse()
        read = answer.read()
        wire.close()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, json.loads(read) if read else None, told


@pytest.fixture
def sender(live: Live) -> Iterator[Sender]:
    now = datetime.now(UTC)
    ops, admin, guardian = (
        people.add_user(email=f"{name}@example.com", name=name, team=None, by=None, at=now)
        for name in ("ops", "admin", "dpo")
    )
    people.grant_role(user=ops, role=Role.SALES_OPERATIONS, by=None, at=now)
    people.grant_role(user=admin, role=Role.ADMIN, by=None, at=now)
    governance.add_guardian(person=guardian, by=admin, at=now)
    rules = [
        {**rule, "basis": "contract"} if rule["source"] == "product" else rule for rule in PRESETS[0].rules()
    ]
    made = governance.propose_boundary(rules=rules, reason="test", by=ops, at=now)
    governance.decide_boundary(boundary=made, approved=True, note="", by=guardian, at=now)
    _, server = services.create_intake_key(
        kind="server", name="shop", sources=["product"], per_minute=1_000_000, by=ops, at=now
    )
    _, browser = services.create_intake_key(
        kind="browser", name="site", sources=["web"], origins=[SITE], by=ops, at=now
    )
    yield Sender(live.port, server, browser, ops)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE signals_signal, signals_seen")


def event(name: str = "1", **more: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": name, "source": SITE, "type": "com.example.page", "subject": "v1",
        "data": {"url": f"{SITE}/price", "title": "价格"},
    } | more  # fmt: skip


def kept() -> list[tuple[str, Any]]:
    return list(Signal.objects.order_by("id").values_list("kind", "values"))


def test_one_and_many(sender: Sender) -> None:
    status, told, _ = sender.post("/api/signals", event(), Content_Type="application/cloudevents+json")
    assert (status, told) == (200, {"success": True, "accepted": 1, "refused": []})
    assert kept() == [("page", {"url": f"{SITE}/price", "title": "价格"})]
    many = [event(str(number)) for number in range(1, 501)]
    status, told, _ = sender.post("/api/signals", many, Content_Type="application/cloudevents-batch+json")
    assert (status, told["accepted"]) == (200, 500)
    assert len(kept()) == 500, "the first was here before"


def test_what_is_wrong_is_told_by_its_place_and_the_rest_is_kept(sender: Sender) -> None:
    said = [
        event("1"),
        event("2", specversion="0.3"),
        7,
        event("3", time="yesterday"),
        event("", id=""),
        event("4"),
    ]
    status, told, _ = sender.post("/api/signals", said)
    assert (status, told["accepted"]) == (200, 2)
    assert [(each["place"], each["code"]) for each in told["refused"]] == [
        (1, "specversion"), (2, "shape"), (3, "time"), (4, "name"),
    ]  # fmt: skip
    assert all(each["zh"] and each["en"] for each in told["refused"])
    assert sender.post("/api/signals", [7])[0] == 422
    for body in (b"", b"{", b"\xff", b'"x"' * 2):
        assert sender.post("/api/signals", body)[1]["code"] == "malformed", body
    status, told, _ = sender.post("/api/signals", [event(str(n)) for n in range(intake.MOST_AT_ONCE + 1)])
    assert (status, told["code"]) == (413, "too_large")


def test_segments_trackers_work_unchanged(sender: Sender) -> None:
    basic = "Basic " + base64.b64encode(f"{sender.server}:".encode()).decode()
    page = {
        "anonymousId": "v1",
        "messageId": "m1",
        "name": "Pricing",
        "properties": {"title": "价格"},
        "context": {"page": {"url": SITE}},
    }
    status, told, _ = sender.post("/v1/page", page, token="", Authorization=basic)
    assert (status, told["success"]) == (200, True)
    said = {
        "sentAt": datetime.now(UTC).isoformat(),
        "batch": [
            {"type": "track", "event": "Product Viewed", "anonymousId": "v1", "messageId": "m2", "properties": {"title": "x", "nested": {}}},
            {"type": "identify", "userId": "42", "messageId": "m3", "traits": {"email": "li@example.com"}},
            {"type": "track", "anonymousId": "v1", "messageId": "m4"},
            {"type": "nothing", "anonymousId": "v1", "messageId": "m5"},
        ],
    }  # fmt: skip
    status, told, _ = sender.post("/v1/batch", said, token="", Authorization=basic)
    assert [(each["place"], each["code"]) for each in told["refused"]] == [(2, "name"), (3, "type")]
    assert kept() == [
        ("page", {"url": SITE, "title": "价格"}),
        ("product_viewed", {"title": "x"}),
        ("identify", {"email": "example.com"}),
    ]


def test_a_browsers_key_holds_for_its_own_pages_and_tells_nothing(sender: Sender) -> None:
    path = f"/api/signals?key={sender.browser}"
    status, told, headers = sender.post(path, event(), token="", Origin=SITE, Content_Type="text/plain")
    assert (status, told) == (200, {"success": True, "accepted": 1, "refused": []})
    assert headers["access-control-allow-origin"] == SITE
    assert kept() == [], "nobody consented, and nobody is told"
    consent = event("c", type="foresail.consent_given", time=datetime.now(UTC).isoformat())
    told = sender.post(path, [consent, event("2")], token="", Origin=SITE)[1]
    assert told == {"success": True, "accepted": 2, "refused": []}
    assert len(kept()) == 1
    for origin in ("https://evil.example", "null", ""):
        assert (
            sender.post(path, event("3"), token="", **({"Origin": origin} if origin else {}))[1]["code"]
            == "origin_refused"
        )
    assert sender.post(path, b"", token="", method="OPTIONS", Origin=SITE)[0] == 204
    assert sender.post(path, b"", token="", method="OPTIONS", Origin="https://evil.example")[0] == 403


def test_who_shows_no_key_or_a_revoked_one_brings_nothing(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    for token in ("", "fss_wrong"):
        status, told, _ = sender.post("/api/signals", event(), token=token)
        assert (status, told["code"]) == (401, "intake_key_unknown")
    monkeypatch.setattr(intake, "KEYS_SECONDS", 0.0)
    assert sender.post("/api/signals", event())[0] == 200
    key = IntakeKey.objects.get(kind="server")
    services.revoke_intake_key(key=key, by=sender.ops, at=datetime.now(UTC))
    ended = [sender.post("/api/signals", event(str(number)))[0] for number in range(2, 5)]
    assert 401 in ended, "what was read before the limit was lowered may hold once more"
    assert ended[-1] == 401


def test_where_more_waits_than_can_be_written_senders_are_told_when_to_come_again(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_WAITING", 3)
    status, told, headers = sender.post("/api/signals", [event(str(n)) for n in range(4)])
    assert (status, told["code"], headers["retry-after"]) == (429, "too_many_signals", "2")
    assert kept() == []
    # What was written, or could not be, makes room again.
    assert [
        sender.post("/api/signals", [event(f"{part}-{n}") for n in range(3)])[0] for part in range(4)
    ] == [200] * 4
    monkeypatch.setattr(intake, "MOST_BYTES_WAITING", 200)
    assert sender.post("/api/signals", event("long", data={"title": "x" * 200}))[0] == 429


def slow(sender: Sender, body: bytes, *, first: int, token: str = "") -> socket.socket:
    """Begin to send a body, its `first` bytes; the rest is up to the test."""
    wire = socket.create_connection(("127.0.0.1", sender.port), timeout=30)
    head = (
        f"POST /api/signals HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token or sender.server}\r\n"
    )
    wire.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:first])
    return wire


def answered(wire: socket.socket) -> tuple[int, dict[str, str]]:
    answer = http.client.HTTPResponse(wire)
    answer.begin()
    answer.read()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}


def lies_there(live: Live, size: int) -> None:
    """Wait until so many bytes of bodies lie there that are being read."""
    end = time.monotonic() + 5
    while live.intake.being_read != size:
        assert time.monotonic() < end, live.intake.being_read
        time.sleep(0.01)


def test_slow_senders_fill_no_memory_and_lose_nothing_that_was_acknowledged(
    sender: Sender, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_BYTES_READ", 100_000)
    _, other = services.create_intake_key(
        kind="server", name="other", sources=["product"], by=sender.ops, at=datetime.now(UTC)
    )
    bodies = [
        json.dumps([event(f"{n}"), {"filled": "x" * 24_000}]).encode() for n in range(4)
    ]  # each a signal, and what is none
    size = len(bodies[0])
    with ExitStack() as opened:

        def begin(number: int, *, token: str = "") -> socket.socket:
            return opened.enter_context(slow(sender, bodies[number], first=20_000, token=token))

        wires = [begin(0), begin(1)]
        lies_there(live, 40_000)
        # One key has half of the room, and what another brings finds its own.
        status, headers = answered(begin(2))
        assert (status, headers["retry-after"]) == (429, "2")
        wires += [begin(2, token=other), begin(3, token=other)]
        lies_there(live, 80_000)
        assert sender.post("/api/signals", bodies[3])[0] == 429
        assert sender.post("/api/signals", event("small"))[0] == 200, "what is small finds room"
        for wire, body in zip(wires, bodies, strict=True):
            wire.sendall(body[20_000:])
            assert answered(wire)[0] == 200
    lies_there(live, 0)
    assert len(kept()) == 5
    # Who goes away in the middle gives their room back.
    with slow(sender, bodies[0], first=20_000):
        lies_there(live, 20_000)
    lies_there(live, 0)
    # So does who comes without saying how much it is.
    chunked = "Transfer-Encoding: chunked\r\n\r\n"
    head = (
        f"POST /api/signals HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {sender.server}\r\n{chunked}"
    )
    with socket.create_connection(("127.0.0.1", sender.port), timeout=30) as wire:
        wire.sendall(head.encode() + b"%x\r\n" % 60_000 + b"x" * 60_000 + b"\r\n")
        assert answered(wire)[0] == 429
    lies_there(live, 0)
    assert sender.post("/api/signals", bodies[0])[0] == 200
    assert size < 50_000


def test_many_at_once_are_each_kept_once(sender: Sender) -> None:
    answers: list[int] = []

    def send(start: int) -> None:
        answers.extend(sender.post("/api/signals", event(str(start + n)))[0] for n in range(25))

    threads = [threading.Thread(target=send, args=(100 * n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) == {200}
    assert len(kept()) == 200
    assert Signal.objects.values("known_at").distinct().count() < 200, "several share a transaction"


def test_where_nothing_can_be_written_nothing_is_acknowledged(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(intake, "_take", fail)
    status, told, headers = sender.post("/api/signals", event())
    assert (status, told["code"], headers["retry-after"]) == (503, "intake_unavailable", "2")
    monkeypatch.undo()
    assert sender.post("/api/signals", event())[0] == 200
    assert len(kept()) == 1


def test_who_may_bring_little_may_bring_a_whole_batch_once_a_minute(sender: Sender) -> None:
    _, token = services.create_intake_key(
        kind="server", name="small", sources=["product"], per_minute=5, by=sender.ops, at=datetime.now(UTC)
    )
    batch = [event(str(number)) for number in range(9)]
    assert sender.post("/api/signals", batch, token=token)[0] == 200
    assert sender.post("/api/signals", event("10"), token=token)[1]["code"] == "too_many_signals"
    assert len(kept()) == 9
