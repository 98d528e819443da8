"""Several people at once: what one changes the others see, after their connection was cut too."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.acts import add_tasks, look_at, set_amount
from tests.journeys.installation import Caller, Installation
from tests.journeys.test_browser import page_of

CUT = 30.0


@pytest.fixture
def deal(installation: Installation, logins: dict[str, Any]) -> dict[str, Any]:
    """An open deal of the representative's, with tasks."""
    login = logins["Sales rep"]
    return add_tasks(installation.caller(login["email"], login["password"]))


@pytest.fixture
def two(
    browser: Browser, installation: Installation, logins: dict[str, Any], deal: dict[str, Any]
) -> Iterator[tuple[Page, Page]]:
    """Two people in two browsers look at the same deal: its owner, and sales operations."""
    looks: dict[str, Any] = {"width": 1440, "theme": "light", "lang": "zh"}
    with (
        page_of(browser, installation, logins["Sales rep"], **looks) as one,
        page_of(browser, installation, logins["Sales operations"], **looks) as other,
    ):
        for page in (one, other):
            look_at(page, installation.address, deal)
            page.evaluate("() => { window.here = true }")
        yield one, other


def test_what_one_changes_the_other_sees(two: tuple[Page, Page], deal: dict[str, Any]) -> None:
    """Without loading anew. How soon is measured by the bench, with nothing beside it."""
    one, other = two
    for by, of, amount in ((one, other, 611), (other, one, 622)):
        set_amount(by, amount)
        expect(of.get_by_text(f"¥{amount}万").first).to_be_visible(timeout=5_000)
    title = deal["tasks"][0]
    one.get_by_text(title, exact=True).click()
    expect(other.get_by_text(title)).to_have_count(0, timeout=5_000)
    assert all(page.evaluate("window.here") for page in two)


def test_cut_off_for_half_a_minute_nothing_is_missed_or_doubled(
    two: tuple[Page, Page], installation: Installation, logins: dict[str, Any], deal: dict[str, Any]
) -> None:
    """The event socket falls silent without closing, as with a pulled cable, and its process is killed in the end."""
    _, page = two
    bar = page.get_by_role("status").filter(has_text="连接")
    expect(bar).to_have_count(0)
    login = logins["Sales rep"]
    caller = installation.caller(login["email"], login["password"])
    live = json.loads((installation.home / "run" / "live.json").read_text())["pid"]
    os.kill(live, signal.SIGSTOP)
    cut = time.monotonic()
    try:
        say(caller, deal, "断线时发生的第一件事")
        caller.call("PATCH", f"/api/deals/{deal['id']}", amount(caller, deal, "8010000"))
        expect(bar).to_be_visible(timeout=(CUT - 4) * 1000)
        say(caller, deal, "断线时发生的第二件事")
        page.wait_for_timeout(max(0.0, cut + CUT - time.monotonic()) * 1000)
        assert "断线时" not in page.locator("body").inner_text()
    finally:
        os.kill(live, signal.SIGKILL)
    expect(bar).to_have_count(0, timeout=15_000)
    expect(page.get_by_text("¥801万").first).to_be_visible(timeout=3_000)
    for title in ("断线时发生的第一件事", "断线时发生的第二件事"):
        expect(page.get_by_text(title)).to_have_count(1)
    say(caller, deal, "恢复以后的事")
    expect(page.get_by_text("恢复以后的事")).to_have_count(1, timeout=3_000)
    assert page.evaluate("window.here")


def amount(caller: Caller, deal: dict[str, Any], value: str) -> dict[str, Any]:
    return {"version": caller.get(f"/api/deals/{deal['id']}")["version"], "amount": value}


def say(caller: Caller, deal: dict[str, Any], title: str) -> None:
    said = {"channel": "mail", "direction": "in", "title": title, "at": "2026-01-05T08:00:00Z"}
    now = caller.get(f"/api/deals/{deal['id']}/forecast")["at"]
    answer = caller.call("POST", f"/api/deals/{deal['id']}/communications", said | {"at": now})
    assert answer.status == 201, answer.body
