"""Tracked links over HTTP."""

from __future__ import annotations

import gzip
import http.client
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.db import OperationalError, connection

from foresail.governance import services as governance
from foresail.governance.collecting import PRESETS
from foresail.live import links
from foresail.live.intake import TRACKER
from foresail.live.tests.conftest import Live
from foresail.people import services as people
from foresail.people.models import User
from foresail.people.roles import Role
from foresail.signals.models import Signal
from foresail.signals.services import make_link, token_of

TARGET = "https://files.example.org/case.pdf"
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"


@dataclass
class Follower:
    port: int
    ops: User

    def get(
        self, token: str, *, method: str = "GET", query: str = "", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        """Open a link; return status, headers and text of the answer."""
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in ({"User_Agent": AGENT} | headers).items()}
        wire.request(method, f"/l/{token}{query}", headers=named)
        answer = wire.getresponse()
        text = answer.read().decode()
        wire.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text

    def token(self) -> str:
        return token_of(make_link(target=TARGET, by=self.ops, at=datetime.now(UTC)))


@pytest.fixture
def follower(live: Live) -> Iterator[Follower]:
    now = datetime.now(UTC)
    ops, admin, guardian = (
        people.add_user(email=f"{name}@example.com", name=name, team=None, by=None, at=now)
        for name in ("ops", "admin", "dpo")
    )
    people.grant_role(user=ops, role=Role.SALES_OPERATIONS, by=None, at=now)
    people.grant_role(user=admin, role=Role.ADMIN, by=None, at=now)
    governance.add_guardian(person=guardian, by=admin, at=now)
    rules = [{**rule, "basis": "contract"} for rule in PRESETS[0].rules() if rule["source"] == "link"]
    made = governance.propose_boundary(rules=rules, reason="test", by=ops, at=now)
    governance.decide_boundary(boundary=made, approved=True, note="", by=guardian, at=now)
    yield Follower(live.port, ops)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE signals_signal, signals_seen")


def kept_soon(count: int) -> bool:
    """Whether so many openings are kept within a moment: they are after the answer."""
    end = time.monotonic() + 5
    while Signal.objects.count() < count and time.monotonic() < end:
        time.sleep(0.02)
    return Signal.objects.count() == count


def test_a_link_leads_where_it_was_made_for_and_its_opening_is_kept(follower: Follower) -> None:
    token = follower.token()
    for method, more in (
        ("HEAD", {}),
        ("GET", {"Purpose": "prefetch"}),
        ("GET", {"User_Agent": "Slackbot 1.0"}),
    ):
        assert follower.get(token, method=method, **more)[0] == 302
    status, headers, text = follower.get(token, query="?to=https://evil.example&url=https://evil.example")
    assert (status, headers["location"], text) == (302, TARGET, "")
    assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")
    assert kept_soon(1)
    assert Signal.objects.get().values["url"] == TARGET


def test_what_is_no_link_of_ours_gets_one_plain_page(
    follower: Follower,
) -> None:
    token = follower.token()
    answers = {
        follower.get(each)[::2] for each in ("x", "A" * 44, token[:-2] + "AA", "https:%2F%2Fevil.example")
    }
    ((status, text),) = answers
    assert status == 404
    assert "链接无效或已过期" in text
    assert "does not hold" in text
    assert follower.get(token, method="POST")[0] == 405


def test_what_is_opened_again_and_again_leads_on_and_counts_no_more(
    follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "PER_MINUTE", 2)
    token = follower.token()
    assert [follower.get(token)[0] for _ in range(4)] == [302] * 4
    assert kept_soon(1) or Signal.objects.count() == 2, "once a minute"


def _away(**_: object) -> None:
    raise OperationalError("the database is away")


def _slow(**_: object) -> None:
    time.sleep(0.5)


@pytest.mark.parametrize("fault", [_away, _slow])
def test_without_the_database_it_is_said_at_once(
    follower: Follower, monkeypatch: pytest.MonkeyPatch, fault: Callable[..., None]
) -> None:
    token = follower.token()
    monkeypatch.setattr(links, "SLOWEST_SECONDS", 0.1)
    monkeypatch.setattr(links, "followed", fault)
    status, headers, text = follower.get(token)
    assert (status, headers["retry-after"]) == (503, "2")
    assert "请稍后再试" in text


def test_the_tracker_stays_small() -> None:
    assert len(gzip.compress(TRACKER.read_bytes())) <= 4_000
