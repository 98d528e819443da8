"""From something that happened to the new score of its deal, on screen, while a model is being trained."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

import psutil
import psycopg
from playwright.sync_api import Browser, Page
from procrastinate import App, SyncPsycopgConnector

from bench.browsing import browser, page_as
from bench.figure import Figure
from bench.served import OPERATIONS, fresh, load, login, median, p95
from foresail.core.cluster import Cluster
from foresail.core.home import Home
from tests.journeys.installation import PATIENCE, Caller, Installation

DEALS, EVENTS_EACH = 15, 5
"""On screen; as many deals again are asked over HTTP alone."""
FEWEST = 60
"""Events that must have fallen into a training for the figure to say anything."""
PAUSES = (0.2, 0.9)
LOOK_SECONDS = 0.01
SHOWN = 'section[aria-labelledby="win"] time'
# Noted once it is painted: React commits the number, its chart and `time` at once, and paints them with the next frame.
WATCH = """(place) => {
    window.seen = []
    let last = document.querySelector(place)?.dateTime
    new MutationObserver(() => {
        const at = document.querySelector(place)?.dateTime
        if (!at || at === last) return
        last = at
        requestAnimationFrame(() => setTimeout(() => window.seen.push([at, Date.now()])))
    }).observe(document.body, {subtree: true, childList: true, attributes: true, attributeFilter: ['datetime']})
}"""
NEWER = "since => window.seen.find(([at]) => Date.parse(at) >= since)"


def measure() -> Iterator[Figure]:
    with fresh() as installation:
        installation.run("demo")
        with installation.serving(), browser() as chromium:
            caller = login(installation, OPERATIONS)
            deals = [
                item["id"]
                for item in caller.get(f"/api/deals?status=open&sort=-amount&limit={2 * DEALS}")["items"]
            ]
            warm_up(caller, deals[0])
            with Training(installation) as training:
                shown = list(_on_screen(caller, chromium, deals[:DEALS], training))
                told = list(_over_http(caller, deals[DEALS:], training))
            screen, http = training.during(shown), training.during(told)
            assert min(len(screen), len(http)) >= FEWEST, (len(screen), len(http))
            beside = f"training ran all the while: {training.jobs} in turn, {training.cores:.2f} cores at lower priority; {load()}"
            yield Figure(
                "live_on_screen_p95", p95(screen), "s", p95(http),
                f"until HTTP gives it; {len(screen)} events, median {median(screen):.2f} s; {beside}",
                at_most=1, bounds_value=True,
            )  # fmt: skip
            yield Figure("live_on_screen_median", median(screen), "s", median(http), "until HTTP gives it")


@dataclass(frozen=True)
class Event:
    """When it was sent, and when the new score was there; seconds since 1970."""

    sent: float
    seen: float


@dataclass
class Training:
    """Keeps the training worker of an installation at work, and knows afterwards when it was."""

    installation: Installation
    jobs: int = 0
    cores: float = 0.0
    _spans: list[tuple[float, float]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Training:
        self._address = Cluster(Home(self.installation.home)).address()
        self._thread = threading.Thread(target=self._keep_on)
        self._thread.start()
        self._begun, self._cpu = time.time(), self._used()
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.cores = (self._used() - self._cpu) / (time.time() - self._begun)
        self._over.set()
        self._thread.join()
        with psycopg.connect(self._address) as connection:
            rows = connection.execute(
                """
                SELECT extract(epoch FROM begun.at)::float8, extract(epoch FROM min(ended.at))::float8
                FROM procrastinate_jobs AS job
                JOIN procrastinate_events AS begun ON begun.job_id = job.id AND begun.type = 'started'
                LEFT JOIN procrastinate_events AS ended
                    ON ended.job_id = job.id AND ended.type IN ('succeeded', 'failed') AND ended.at > begun.at
                WHERE job.task_name = 'forecast.train' GROUP BY job.id, begun.at ORDER BY begun.at
                """
            ).fetchall()
        now = time.time()
        self._spans = [(begun, ended or now) for begun, ended in rows if (ended or now) > self._begun]
        self.jobs = len(self._spans)

    def wait(self) -> None:
        """Wait until a training is under way."""
        until = time.monotonic() + PATIENCE
        with psycopg.connect(self._address, autocommit=True) as connection:
            while not _trains(connection, "doing"):
                assert time.monotonic() < until, "no training begins"
                time.sleep(LOOK_SECONDS)

    def during(self, events: list[Event]) -> list[float]:
        """Return the seconds of those events that happened while a training was under way from end to end."""
        return [
            event.seen - event.sent
            for event in events
            if any(begun <= event.sent and event.seen <= ended for begun, ended in self._spans)
        ]

    def _keep_on(self) -> None:
        app = App(connector=SyncPsycopgConnector(conninfo=self._address))
        with psycopg.connect(self._address, autocommit=True) as connection, app.open():
            [(pool,)] = connection.execute("SELECT id FROM forecast_pool").fetchall()
            job = app.configure_task(
                "forecast.train", queue="training", lock=f"train-{pool}", allow_unknown=True
            )
            while not self._over.wait(0.1):
                if not _trains(connection, "todo", "doing"):
                    job.defer(pool=pool)

    def _used(self) -> float:
        """Return the seconds of processor that the training worker has used."""
        note = json.loads((self.installation.home / "run" / "training.json").read_text())
        times = psutil.Process(note["pid"]).cpu_times()
        return float(times.user + times.system)


def _trains(connection: psycopg.Connection[Any], *states: str) -> bool:
    found = connection.execute(
        "SELECT 1 FROM procrastinate_jobs WHERE task_name = 'forecast.train' AND status = ANY(%s::text[]::procrastinate_job_status[])",
        [list(states)],
    ).fetchone()
    return found is not None


def warm_up(caller: Caller, deal: int) -> None:
    """Let one event through, so that every process has read what it keeps."""
    seen_over_http(caller, deal, "第一封邮件")


def _on_screen(caller: Caller, chromium: Browser, deals: list[int], training: Training) -> Iterator[Event]:
    pause = random.Random(1)
    with page_as(caller, chromium) as page:
        for deal in deals:
            _open(page, f"{caller.address}/deals/{deal}")
            for place in range(EVENTS_EACH):
                page.wait_for_timeout(1000 * pause.uniform(*PAUSES))
                training.wait()
                sent = happen(caller, deal, f"价格与交货期（{place + 1}）")
                seen = page.wait_for_function(NEWER, arg=sent * 1000, timeout=PATIENCE * 1000).json_value()
                yield Event(sent, seen[1] / 1000)


def _open(page: Page, address: str) -> None:
    """Open a deal's page, and wait until its socket has heard from the server."""
    heard: list[object] = []

    def hear(frame: object) -> None:
        heard.append(frame)

    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    page.goto(address)
    page.wait_for_selector(SHOWN)
    page.evaluate(WATCH, SHOWN)
    for _ in range(int(PATIENCE * 10)):
        if heard:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the event socket does not open")


def _over_http(caller: Caller, deals: list[int], training: Training) -> Iterator[Event]:
    pause = random.Random(2)
    for deal, _ in zip(cycle(deals), range(DEALS * EVENTS_EACH), strict=False):
        time.sleep(pause.uniform(*PAUSES))
        training.wait()
        yield seen_over_http(caller, deal, "对方来信询问进度")


def seen_over_http(caller: Caller, deal: int, title: str) -> Event:
    sent = happen(caller, deal, title)
    until = time.monotonic() + PATIENCE
    while datetime.fromisoformat(caller.get(f"/api/deals/{deal}/forecast")["at"]).timestamp() < sent:
        assert time.monotonic() < until, "the touched deal is not scored"
        time.sleep(LOOK_SECONDS)
    return Event(sent, time.time())


def happen(caller: Caller, deal: int, title: str) -> float:
    """Let the customer write; return when it was sent."""
    sent = time.time()
    said = {
        "channel": "mail",
        "direction": "in",
        "title": title,
        "at": datetime.fromtimestamp(sent, UTC).isoformat(),
    }
    answer = caller.call("POST", f"/api/deals/{deal}/communications", said)
    assert answer.status == 201, answer.body
    return sent
