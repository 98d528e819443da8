"""From a signal to the strength on screen that counts it, while 500 others come in each second."""

from __future__ import annotations

import json
import random
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final
from urllib.parse import quote

import psycopg
from playwright.sync_api import Browser, Page

from bench.browsing import browser, page_as
from bench.figure import Figure
from bench.intake import ROW, allowed
from bench.served import OPERATIONS, fresh, load, login, median, p95
from foresail.core.cluster import Cluster
from foresail.core.home import Home
from tests.journeys.installation import PATIENCE, Caller, Installation

RATE: Final = 500
"""Signals a second that come in beside, in ten requests."""
VISITORS: Final = 2_000
ACCOUNTS, EACH = 15, 5
"""So many accounts are looked at on screen, and as many others over HTTP, with so many signals each."""
STRONGEST: Final = 45.0
"""Of an account that is looked at: near 100 a signal more would show no other number."""
PAUSES: Final = (0.2, 0.9)
LOOK_SECONDS: Final = 0.01
# Noted once it is painted.
WATCH: Final = """() => {
    window.seen = []
    let last = document.querySelector('[data-at="0-1"]')?.textContent
    new MutationObserver(() => {
        const now = document.querySelector('[data-at="0-1"]')?.textContent
        if (!now || now === last) return
        last = now
        requestAnimationFrame(() => setTimeout(() => window.seen.push(Date.now())))
    }).observe(document.body, {subtree: true, childList: true, characterData: true})
}"""
NEWER: Final = "since => window.seen.find((at) => at >= since)"


def measure() -> Iterator[Figure]:
    with fresh() as installation:
        installation.run("demo", "--deals", "600", "--no-train")
        with installation.serving(), browser() as chromium:
            caller = login(installation, OPERATIONS)
            token = allowed(installation, more=("email",))
            looked_at, others = accounts(installation, caller)
            sender = Sender(installation.port + 1, token)
            with Beside(sender, others) as beside:
                shown = list(_on_screen(caller, chromium, sender, looked_at[:ACCOUNTS]))
                told = list(_over_http(caller, sender, looked_at[ACCOUNTS:]))
            yield Figure(
                "signal_on_screen_p95", p95(shown), "s", p95(told),
                f"until HTTP gives it; {len(shown)} signals, median {median(shown):.2f} s, {beside.rate:.0f} others a second, "
                f"{beside.tied} of {VISITORS} visitors known; {load()}",
                at_most=1, bounds_value=True,
            )  # fmt: skip


@dataclass(frozen=True)
class Account:
    id: int
    name: str
    email: str


def accounts(installation: Installation, caller: Caller) -> tuple[list[Account], list[str]]:
    """Return the accounts that are looked at, weakly interested ones, and addresses at others."""
    weak = [
        row["account"]["id"]
        for row in caller.get("/api/interest/map")["rows"]
        if 0 < row["strength"] < STRONGEST
    ][: 2 * ACCOUNTS]
    assert len(weak) == 2 * ACCOUNTS, "the demo has too few of them"
    with psycopg.connect(Cluster(Home(installation.home)).address()) as database:
        rows = database.execute(
            "SELECT account_id, account.name, min(email) FROM crm_contact contact JOIN crm_account account"
            " ON account.id = account_id WHERE email <> '' AND left_at IS NULL GROUP BY 1, 2 HAVING count(*) > 0"
        ).fetchall()
    found = {key: Account(key, name, email) for key, name, email in rows}
    return [found[key] for key in weak], [one.email for key, one in found.items() if key not in weak]


@dataclass
class Sender:
    port: int
    token: str
    numbers: Iterator[int] = field(default_factory=count)

    def send(self, events: Sequence[dict[str, Any]]) -> None:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/signals",
            json.dumps(events).encode(),
            {"Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            assert json.load(answer)["accepted"] == len(events)

    def event(self, visitor: str, **data: Any) -> dict[str, Any]:
        return {
            "specversion": "1.0", "id": f"interest-{next(self.numbers)}", "source": "https://www.example.com",
            "type": "page", "subject": visitor, "data": ROW | data,
        }  # fmt: skip

    def probe(self, account: Account) -> float:
        """Let somebody new of an account read a page; return when it was sent."""
        sent = time.time()
        self.send([self.event(f"probe-{next(self.numbers)}", email=account.email)])
        return sent


class Beside:
    """Others who come in all the while; one in four is known."""

    def __init__(self, sender: Sender, emails: Sequence[str]) -> None:
        self.sender, self.emails, self.tied, self.sent = sender, emails, min(len(emails), VISITORS // 4), 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_on)

    @property
    def rate(self) -> float:
        return self.sent / self.seconds

    def __enter__(self) -> Beside:
        self.sender.send([self.sender.event(f"v{n}", email=self.emails[n]) for n in range(self.tied)])
        self._begun = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.seconds = time.monotonic() - self._begun

    def _keep_on(self) -> None:
        chance = random.Random(5)
        for turn in count(1):
            self.sender.send([self.sender.event(f"v{chance.randrange(VISITORS)}") for _ in range(RATE // 10)])
            self.sent += RATE // 10
            if self._over.wait(max(self._begun + turn / 10 - time.monotonic(), 0.0)):
                return


def _on_screen(
    caller: Caller, chromium: Browser, sender: Sender, looked_at: Sequence[Account]
) -> Iterator[float]:
    pause = random.Random(1)
    with page_as(caller, chromium) as page:
        for account in looked_at:
            _open(page, f"{caller.address}/interest?q={quote(account.name)}")
            for _ in range(EACH):
                page.wait_for_timeout(1000 * pause.uniform(*PAUSES))
                sent = sender.probe(account)
                seen = page.wait_for_function(NEWER, arg=sent * 1000, timeout=PATIENCE * 1000).json_value()
                yield seen / 1000 - sent


def _open(page: Page, address: str) -> None:
    """Open the map, and wait until its socket has heard from the server."""
    heard: list[object] = []

    def hear(frame: object) -> None:  # Playwright marks what it calls, which no method of a list can be
        heard.append(frame)

    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    page.goto(address)
    page.wait_for_selector('[data-at="0-1"]')
    page.evaluate(WATCH)
    for _ in range(int(PATIENCE * 10)):
        if heard:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the event socket does not open")


def _over_http(caller: Caller, sender: Sender, looked_at: Sequence[Account]) -> Iterator[float]:
    pause = random.Random(2)
    for account in looked_at:
        path = f"/api/accounts/{account.id}/interest"
        for _ in range(EACH):
            time.sleep(pause.uniform(*PAUSES))
            before = _evidence(caller.get(path))
            sent = sender.probe(account)
            until = time.monotonic() + PATIENCE
            while _evidence(caller.get(path)) <= before:
                assert time.monotonic() < until, "the signal is not added up"
                time.sleep(LOOK_SECONDS)
            yield time.time() - sent


def _evidence(told: dict[str, Any]) -> float:
    """Return this week's evidence, which does not fade while one looks."""
    return float(told["rise"]["week"])
