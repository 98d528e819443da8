"""The forecast page of a company with 100,000 deals: each call that it makes, the page itself, and a live score."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from time import perf_counter

from playwright.sync_api import Browser

from bench.browsing import browser, page_as
from bench.figure import Figure
from bench.live import seen_over_http
from bench.served import MANAGER, OPERATIONS, kept, load, login, median, p95, seconds, took
from foresail.core.cluster import Cluster
from foresail.core.home import Home
from tests.journeys.installation import PATIENCE, Caller, Installation

DEALS = 100_000
TRIES, VISITS, EVENTS = 40, 5, 12
FILL_SECONDS = 4 * 3600
FLOOR = "/api/me"
CALLS = {
    "totals": "/api/forecast",
    "changes": "/api/forecast/changes?kind=all&scope=0&days=7",
    "calibration": "/api/forecast/calibration",
    "verdicts": "/api/forecast/verdicts?judged=true",
    "waiting_verdicts": "/api/forecast/verdicts?judged=false",
    "alerts": "/api/forecast/alerts",
    "models": "/api/forecast/models",
    "teams": "/api/teams",
}
"""What the page asks for when it opens, and when its cards and drawers are used."""
AT_ONCE = ("totals", "changes", "calibration", "alerts", "teams")
"""What it asks for unasked, beside verdicts of either kind."""
READY = """(paths) => {
    const done = performance.getEntriesByType('resource').filter((one) => one.responseEnd > 0).map((one) => one.name)
    return paths.every((path) => done.some((name) => name.includes(path)))
        && document.querySelector('h1') && !document.querySelector('.ant-skeleton, [aria-busy="true"]')
        && performance.now()
}"""


def measure() -> Iterator[Figure]:
    installation = kept(f"deals-{DEALS}")
    yield filled(installation)
    with installation.serving(), browser() as chromium:
        operations, manager = login(installation, OPERATIONS), login(installation, MANAGER)
        for role, caller in (("operations", operations), ("manager", manager)):
            floor = p95(seconds(partial(caller.get, FLOOR), times=TRIES))
            for name, path in CALLS.items():
                asked = seconds(partial(caller.get, path), times=TRIES)
                yield Figure(
                    f"page_{name}_{role}_p95", 1000 * p95(asked), "ms", 1000 * floor,
                    f"{FLOOR}; median {1000 * median(asked):.0f} ms; {load()}", at_most=300, bounds_value=True,
                )  # fmt: skip
        visits = [_visit(operations, chromium) for _ in range(VISITS)]
        opened, clicked = zip(*visits, strict=True)
        yield Figure(
            "page_interactive", median(opened), "s", against=f"a cold visit until every card shows; {load()}"
        )
        yield Figure(
            "page_click", 1000 * median(clicked), "ms", against="from month to quarter, until it shows"
        )
        yield _live(operations)
        yield _what_if(operations)


def filled(installation: Installation) -> Figure:
    """Fill the installation, unless an earlier run did; return how long that took."""
    stamp = installation.home.with_suffix(".json")
    if not stamp.exists():
        if installation.home.exists():  # of a run that was cut off
            Cluster(Home(installation.home)).stop()
            shutil.rmtree(installation.home)
        begun = perf_counter()
        installation.run("demo", "--deals", str(DEALS), seconds=FILL_SECONDS)
        told = {"at": datetime.now(UTC).isoformat(), "seconds": perf_counter() - begun, "load": load()}
        stamp.write_text(json.dumps(told))
    told = json.loads(stamp.read_text())
    beside = f"{DEALS:,} deals, trained and scored, on {told['at'][:10]}; {told['load']}"
    return Figure("page_fill", told["seconds"], "s", against=beside)


def _visit(caller: Caller, chromium: Browser) -> tuple[float, float]:
    """Return the seconds until the page shows everything, and those until it has followed a click."""
    with page_as(caller, chromium) as page:
        page.goto(f"{caller.address}/forecast", wait_until="commit")
        paths = [CALLS[name].partition("?")[0] for name in AT_ONCE]
        ready = page.wait_for_function(READY, arg=paths, timeout=PATIENCE * 1000).json_value()
        month = page.locator(".ant-segmented-item").first
        begun = perf_counter()
        month.click()
        page.wait_for_function("location.search.includes('period=')", timeout=PATIENCE * 1000)
        page.wait_for_function("document.querySelector('.ant-segmented-item-selected input')")
        return ready / 1000, perf_counter() - begun


def _live(caller: Caller) -> Figure:
    """Measure how soon a touched deal has its new score."""
    items = caller.get(f"/api/deals?status=open&sort=-amount&limit={EVENTS}")["items"]
    seen_over_http(caller, items[0]["id"], "第一封邮件")
    events = [seen_over_http(caller, item["id"], "对方来信") for item in items]
    waited = [event.seen - event.sent for event in events]
    return Figure(
        "page_live_http_median", median(waited), "s", against=f"longest {max(waited):.1f} s; {load()}",
        at_most=1, bounds_value=True,
    )  # fmt: skip


def _what_if(caller: Caller) -> Figure:
    """Measure how long it takes to suppose a meeting in a deal, when the log of its pool is known to the process."""
    items = caller.get(f"/api/deals?status=open&sort=-amount&limit={EVENTS}")["items"]
    paths = [f"/api/deals/{item['id']}/what-if" for item in items]
    opened = took(partial(caller.get, paths[0]))

    def suppose(path: str) -> None:
        answer = caller.call("POST", path, {"add_kinds": ["meeting"]})
        assert answer.status == 200, answer.body

    first, *others = (took(partial(suppose, path)) for path in paths)
    return Figure(
        "page_what_if_median", 1000 * median(others), "ms",
        against=f"the editor opens after {1000 * opened:.0f} ms, and the first, which waits for the log, {first:.1f} s; {load()}",
    )  # fmt: skip
