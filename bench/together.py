"""What one changes until another sees it: from the click to the picture, in two browsers, with nothing beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from time import monotonic
from typing import Any

from playwright.sync_api import Page

from bench.browsing import browser, page_as
from bench.figure import Figure
from bench.served import OPERATIONS, REP, fresh, load, login, median, p95
from tests.journeys.acts import add_tasks, look_at, set_amount
from tests.journeys.installation import PATIENCE

CHANGES = 30
REST = 2_500
"""Milliseconds after each change: the score that follows it, and what a page asks every two seconds, are not part of it."""
LISTEN = """() => {
    // Both pages run on this machine: what they call now is the same now.
    const now = () => performance.timeOrigin + performance.now()
    addEventListener('click', () => { window.clicked = now() }, true)
    window.until = (text, there) => {
        window.seen = null
        const look = () => {
            if (window.seen === null && document.body.textContent.includes(text) === there)
                requestAnimationFrame(() => { window.seen ??= now() })
        }
        window.watcher?.disconnect()
        window.watcher = new MutationObserver(look)
        window.watcher.observe(document.body, {subtree: true, childList: true, characterData: true})
        look()
    }
}"""


def measure() -> Iterator[Figure]:
    with fresh() as installation:
        installation.run("demo")
        with installation.serving(), browser() as chromium:
            rep, operations = (login(installation, role) for role in (REP, OPERATIONS))
            deal = add_tasks(rep)
            # Still: without a graphics card each step of a fade costs the processor as much as the page itself.
            with (
                page_as(rep, chromium, still=True) as one,
                page_as(operations, chromium, still=True) as other,
            ):
                for page in (one, other):
                    look_at(page, installation.address, deal)
                    page.evaluate(LISTEN)
                took = list(_changes(one, other, deal))
    ticks = len(deal["tasks"])
    yield Figure("together_median", median(took), "s")
    yield Figure(
        "together_p95", p95(took), "s", at_most=0.3,
        against=f"{len(took)} changes, {ticks} of them tasks that were ticked; {load()}",
    )  # fmt: skip


def _changes(one: Page, other: Page, deal: dict[str, Any]) -> Iterator[float]:
    """Yield the seconds from a click in one until the other is painted, in turns."""
    sums = count(200 + int(float(deal["amount"]) / 10_000) % 400)
    for number, amount in zip(range(-2, CHANGES), sums, strict=False):
        by, of = (one, other) if number % 2 else (other, one)
        seconds = _shown_after(by, of, f"¥{amount}万", partial(set_amount, by, amount))
        by.wait_for_timeout(REST)
        if number >= 0:  # before, a form is loaded, and the first plan of a query made
            yield seconds
    for title in deal["tasks"]:
        tick = one.get_by_text(title, exact=True).click
        yield _shown_after(one, other, title, tick, there=False)
        one.wait_for_timeout(REST)


def _shown_after(one: Page, other: Page, text: str, act: Callable[[], None], *, there: bool = True) -> float:
    """Let `one` do something; return the seconds from its last click until `other` shows `text`, or no longer."""
    other.evaluate("([text, there]) => window.until(text, there)", [text, there])
    assert other.evaluate("window.seen") is None
    act()
    until = monotonic() + PATIENCE
    # Not wait_for_function: it runs a text, which the app's policy forbids.
    while not (seen := other.evaluate("window.seen")):
        assert monotonic() < until, text
        other.wait_for_timeout(20)
    seconds: float = (seen - one.evaluate("window.clicked")) / 1000
    return seconds
