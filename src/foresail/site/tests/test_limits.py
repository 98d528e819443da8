"""Who asks too often is refused, told for how long, and counted; nobody else feels it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from foresail.core import clock
from foresail.people import services
from foresail.people.models import Session, User
from foresail.site import limits
from foresail.site.counts import REGISTRY

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[list[datetime]]:
    hands = [AT]
    monkeypatch.setattr(clock, "now", lambda: hands[0])
    settings.RATE_LIMITS = {"session": 30, "key": 20, "address": 10}
    limits.forget()
    yield hands
    limits.forget()


@pytest.fixture
def li(db: None) -> User:  # noqa: ARG001 (asks for the database)
    return services.add_user(email="li@example.com", name="Li", by=None, at=AT)


def inside(user: User, **environment: Any) -> Client:
    _, token = services.create_session(user=user, address="127.0.0.1", agent="", at=AT)
    client = Client(headers={"host": "127.0.0.1:8650"}, **environment)
    client.cookies["foresail_session"] = token
    return client


def program(user: User) -> Client:
    _, token = services.create_key(name="a", areas={"people": "read"}, days=1, by=user, at=AT)
    return Client(headers={"host": "127.0.0.1:8650", "authorization": f"Bearer {token}"})


def counted(client: Client, times: int, path: str = "/api/me") -> list[int]:
    return [client.get(path).status_code for _ in range(times)]


def refusals(by: str) -> float:
    return REGISTRY.get_sample_value("foresail_refused_requests_total", {"by": by}) or 0.0


def test_a_session_has_its_own_allowance(li: User, now: list[datetime]) -> None:
    first, second = inside(li), inside(li)
    before = refusals("session")
    assert counted(first, 30) == [200] * 30
    answer = first.get("/api/me")
    assert (answer.status_code, answer["Retry-After"]) == (429, "2")
    assert answer.json() == {
        "code": "too_often", "zh": "请求过于频繁，请在 2 秒后重试。",
        "en": "Too many requests. Try again in 2 seconds.", "fields": {}, "request": answer["X-Request-Id"],
    }  # fmt: skip
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert refusals("session") == before + 1
    assert counted(second, 5) == [200] * 5
    now[0] += timedelta(seconds=2)
    assert counted(first, 2) == [200, 429]


def test_a_key_has_its_own(li: User) -> None:
    first, second = program(li), program(li)
    before = refusals("key")
    assert counted(first, 21) == [200] * 20 + [429]
    assert refusals("key") == before + 1
    assert counted(second, 5) == [200] * 5


@pytest.mark.django_db
def test_who_is_not_known_shares_the_allowance_of_the_address(li: User) -> None:
    before = refusals("address")
    away: dict[str, Any] = {"REMOTE_ADDR": "192.0.2.7"}
    stranger = Client(headers={"host": "127.0.0.1:8650"}, **away)
    assert counted(stranger, 4, "/api/entry") == [200] * 4
    # Made-up tokens do not help: each is a new one, and each is counted for the address.
    for number in range(6):
        stranger.cookies["foresail_session"] = f"made up {number}"
        assert stranger.get("/api/me").status_code == 401
    stranger.cookies["foresail_session"] = "made up"
    assert stranger.get("/api/me").status_code == 429
    bearer = Client(headers={"host": "127.0.0.1:8650", "authorization": "Bearer fsk_made_up"}, **away)
    assert bearer.get("/api/me").status_code == 429
    posted = Client(headers={"host": "127.0.0.1:8650"}, **away).post("/api/session", {}, "application/json")
    assert posted.status_code == 429
    assert refusals("address") == before + 3
    assert counted(Client(headers={"host": "127.0.0.1:8650"}, REMOTE_ADDR="192.0.2.8"), 1, "/api/entry") == [
        200
    ]
    assert not Session.objects.filter(user=li).exists()


def test_colleagues_behind_one_address_do_not_share_one(li: User) -> None:
    colleagues = [inside(li, REMOTE_ADDR="192.0.2.9") for _ in range(4)]
    for colleague in colleagues:
        assert counted(colleague, 20) == [200] * 20
    stranger = Client(headers={"host": "127.0.0.1:8650"}, REMOTE_ADDR="192.0.2.9")
    assert counted(stranger, 7, "/api/entry") == [200] * 6 + [429]  # four were spent on tokens not yet known
    assert counted(colleagues[0], 5) == [200] * 5


def test_a_token_that_ended_is_no_longer_known(li: User) -> None:
    client = inside(li, REMOTE_ADDR="192.0.2.10")
    assert counted(client, 2) == [200, 200]
    Session.objects.update(revoked_at=AT)
    assert counted(client, 12) == [401] * 10 + [429] * 2


def test_pages_and_probes_are_not_counted(li: User) -> None:
    client = inside(li)
    counted(client, 31)
    assert client.get("/api/me").status_code == 429
    assert client.get("/healthz").status_code == 200
    assert client.get("/").status_code in (200, 503)


def test_no_limit_where_none_is_set(li: User, settings: Any) -> None:
    settings.RATE_LIMITS = {"session": 0, "key": 0, "address": 0}
    assert counted(inside(li), 40) == [200] * 40


def test_a_database_that_is_away_refuses_nobody(li: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(limits.ALLOWANCES, "spend", away)
    assert counted(inside(li), 3) == [200] * 3
