"""The bell, quiet hours, and the app without a network, as people see them."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.installation import Caller, Installation
from tests.journeys.test_browser import LOOKS, no_barrier, page_of

REP, OPERATIONS = "Sales rep", "Sales operations"
PLAIN: dict[str, Any] = {"width": 1440, "theme": "light", "lang": "zh"}
KEPT = """async () => {
    const found = [];
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys())
            found.push([new URL(request.url).pathname, await (await cache.match(request)).text()]);
    }
    return found;
}"""


@pytest.fixture
def rep(installation: Installation, logins: dict[str, Any]) -> Caller:
    """The representative, who has read everything and wants what is usual."""
    caller = installation.caller(logins[REP]["email"], logins[REP]["password"])
    usual: dict[str, Any] = {
        "kinds": {},
        "quiet_from": None,
        "quiet_to": None,
        "quiet_days": "none",
        "zone": "UTC",
    }
    assert caller.call("PUT", "/api/notifications/preferences", usual).status == 200
    assert caller.call("POST", "/api/notifications/read").status == 204
    return caller


@pytest.fixture
def deals(rep: Caller) -> list[dict[str, Any]]:
    """Two open deals of the representative's."""
    me = rep.get("/api/me")["id"]
    found = rep.get("/api/deals?status=open&limit=100")["items"]
    return [one for one in found if one["owner"] and one["owner"]["id"] == me][:2]


def give(
    installation: Installation, logins: dict[str, Any], rep: Caller, *deals: dict[str, Any]
) -> list[str]:
    """Let sales operations give the representative a task for each of `deals`; return their titles."""
    login = logins[OPERATIONS]
    other = installation.caller(login["email"], login["password"])
    titles = [f"补充报价（{uuid4().hex[:6]}）" for _ in deals]
    for title, deal in zip(titles, deals, strict=True):
        body = {"deal": deal["id"], "title": title, "assignee": rep.get("/api/me")["id"]}
        assert other.call("POST", "/api/tasks", body).status == 201
    return titles


def bell(page: Page, unread: int | None = None) -> Any:
    name = "通知" if not unread else f"通知，{unread} 条未读"
    return page.get_by_role("button", name=name, exact=True)


NOT_KEPT = """async () => {
    const worker = await (await fetch('/sw.js')).text();
    for (const path of worker.match(/\\/assets\\/[^"']+/g)) if (!(await caches.match(path))) return path;
}"""


def at(page: Page, installation: Installation, path: str) -> None:
    """Open `path`, and wait until its socket says what it watches."""
    with page.expect_websocket() as socket:
        page.goto(f"{installation.address}{path}")
    socket.value.wait_for_event("framereceived")
    page.evaluate("window.here = true")


def test_the_bell_changes_in_every_browser_without_loading_again(
    browser: Browser,
    installation: Installation,
    logins: dict[str, Any],
    rep: Caller,
    deals: list[dict[str, Any]],
) -> None:
    with (
        page_of(browser, installation, logins[REP], **PLAIN) as one,
        page_of(browser, installation, logins[REP], **PLAIN) as other,
    ):
        for page in (one, other):
            at(page, installation, "/tasks")
            expect(bell(page)).to_be_visible()
        (title,) = give(installation, logins, rep, deals[0])
        for page in (one, other):
            expect(bell(page, 1)).to_be_visible()
        bell(one, 1).click()
        panel = one.get_by_role("dialog")
        expect(panel.get_by_text(deals[0]["name"])).to_be_visible()
        panel.get_by_role("button", name=f"新任务：{title}").first.click()
        expect(one).to_have_url(f"{installation.address}/deals/{deals[0]['id']}")
        for page in (one, other):
            expect(bell(page)).to_be_visible()
            assert page.evaluate("window.here")
        # What was muted beside the record stays silent.
        one.get_by_role("button", name="更多操作").first.click()
        one.get_by_role("menuitem", name="静音此商机").click()
        expect(one.get_by_text("已静音，不再接收此商机的通知")).to_be_visible()
        give(installation, logins, rep, *deals)
        expect(bell(other, 1)).to_be_visible()
        muted = rep.get("/api/notifications/preferences")["muted"]
        assert [each["record"] for each in muted] == [deals[0]["id"]]
        unmute = {"record_type": "deal", "record": deals[0]["id"], "muted": False}
        assert rep.call("PUT", "/api/notifications/mutes", unmute).status == 204


def test_quiet_hours_end_in_one_notification(
    browser: Browser,
    installation: Installation,
    logins: dict[str, Any],
    rep: Caller,
    deals: list[dict[str, Any]],
) -> None:
    now = datetime.now(UTC)
    hours = [f"{now + timedelta(hours=hours):%H:%M}" for hours in (-1, 1)]
    quiet = {"kinds": {}, "quiet_from": hours[0], "quiet_to": hours[1], "quiet_days": "none", "zone": "UTC"}
    assert rep.call("PUT", "/api/notifications/preferences", quiet).status == 200
    with page_of(browser, installation, logins[REP], **PLAIN) as page:
        at(page, installation, "/me#notifications")
        titles = give(installation, logins, rep, *deals)
        bell(page).click()
        panel = page.get_by_role("dialog")
        expect(panel.get_by_text("勿扰中")).to_be_visible()
        for title in titles:
            expect(panel.get_by_text(title)).to_have_count(0)
        page.keyboard.press("Escape")
        expect(bell(page)).to_be_visible()
        page.get_by_role("switch", name="勿扰时段").click()
        bell(page, 1).click()
        panel.get_by_role("button", name="勿扰期间有 2 条通知").first.click()
        for title in titles:
            expect(panel.get_by_text(title)).to_be_visible()
        expect(bell(page)).to_be_attached()
        assert page.evaluate("window.here")


@pytest.mark.parametrize(("width", "theme", "lang"), LOOKS[::3])
def test_the_panel_and_its_settings_have_no_barrier(
    browser: Browser,
    installation: Installation,
    logins: dict[str, Any],
    rep: Caller,
    deals: list[dict[str, Any]],
    width: int,
    theme: str,
    lang: str,
) -> None:
    (title,) = give(installation, logins, rep, deals[1])
    with page_of(browser, installation, logins[REP], width=width, theme=theme, lang=lang) as page:
        page.goto(f"{installation.address}/me#notifications")
        expect(page.get_by_role("switch")).to_have_count(11)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        no_barrier(page)
        page.get_by_role("button", name="通知" if lang == "zh" else "Notifications").first.press("Enter")
        expect(page.get_by_role("dialog").get_by_text(title).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        no_barrier(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


@contextmanager
def installed(
    browser: Browser, installation: Installation, login: dict[str, Any], path: str
) -> Iterator[Page]:
    """A page at `path` whose service worker is there, and keeps what the page loaded."""
    with page_of(browser, installation, login, **PLAIN) as page:
        at(page, installation, path)
        page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
        page.wait_for_function("navigator.serviceWorker.controller !== null")
        page.wait_for_function("async () => { const own = performance.getEntriesByType('resource')"
            ".map(({name}) => name).filter((name) => new URL(name).pathname.startsWith('/assets/'));"
            " for (const name of own) if (!(await caches.match(name))) return false; return own.length > 0 }")  # fmt: skip
        yield page


def test_without_a_network_the_app_opens_and_says_so(
    browser: Browser, installation: Installation, logins: dict[str, Any], deals: list[dict[str, Any]]
) -> None:
    path = f"/deals/{deals[0]['id']}"
    with installed(browser, installation, logins[REP], path) as page:
        expect(page.get_by_text(deals[0]["name"]).first).to_be_visible()
        kept = page.evaluate(KEPT)
        files = {"/", "/before-paint.js", "/logo.svg", "/manifest.webmanifest"}
        assert {name for name, _ in kept if not name.startswith("/assets/")} == files
        for name, text in kept:
            assert deals[0]["name"] not in text, name
            assert logins[REP]["email"] not in text, name
        page.context.set_offline(True)
        page.reload()
        expect(page.get_by_role("alert").get_by_text("连不上服务器")).to_be_visible(timeout=20_000)
        no_barrier(page)
        page.context.set_offline(False)
        expect(page.get_by_text(deals[0]["name"]).first).to_be_visible(timeout=20_000)
        assert {name for name, _ in page.evaluate(KEPT) if not name.startswith("/assets/")} == files


def test_a_disk_that_is_full_keeps_nothing_and_hinders_nobody(
    browser: Browser, installation: Installation, logins: dict[str, Any]
) -> None:
    with installed(browser, installation, logins[REP], "/tasks") as page:
        full = {"origin": installation.address, "quotaSize": 1}
        page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", full)
        asset = page.evaluate(NOT_KEPT)
        assert page.evaluate("async (path) => (await fetch(path)).status", asset) == 200
        assert asset not in {name for name, _ in page.evaluate(KEPT)}


def test_a_new_version_waits_until_somebody_takes_it(
    browser: Browser, installation: Installation, logins: dict[str, Any]
) -> None:
    with installed(browser, installation, logins[REP], "/tasks") as page:
        # The same worker under another address is another version of it.
        page.evaluate("navigator.serviceWorker.register('/sw.js?next').then(() => 0)")
        line = page.get_by_role("status").filter(has_text="新版本已就绪")
        expect(line).to_be_visible()
        assert page.evaluate("window.here")
        with page.expect_navigation():
            line.get_by_role("button", name="刷新").click()
        expect(bell(page).or_(page.get_by_role("button", name="通知，")).first).to_be_visible()
        assert page.evaluate("navigator.serviceWorker.controller.scriptURL").endswith("/sw.js?next")


def test_who_signed_out_leaves_nothing_behind(
    browser: Browser, installation: Installation, logins: dict[str, Any], deals: list[dict[str, Any]]
) -> None:
    with installed(browser, installation, logins[REP], f"/deals/{deals[0]['id']}") as page:
        expect(page.get_by_text(deals[0]["name"]).first).to_be_visible()
        page.wait_for_function("JSON.parse(localStorage['foresail.prefs']).state.recent.length > 0")
        page.get_by_role("button", name="我的菜单").click()
        page.get_by_role("menuitem", name="退出登录").click()
        expect(page.locator("input[type=password]")).to_be_visible()
        page.wait_for_function("JSON.parse(localStorage['foresail.prefs']).state.recent.length === 0")
        left = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
        left += json.dumps(page.evaluate(KEPT), ensure_ascii=False)
        for personal in (deals[0]["name"], deals[0]["account"]["name"], logins[REP]["email"]):
            assert personal not in left
        assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0
        assert [one["name"] for one in page.context.cookies() if one["name"] != "csrftoken"] == []


def test_it_can_be_installed(installation: Installation) -> None:
    caller = Caller(installation.address)
    answer = caller.call("GET", "/manifest.webmanifest")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    assert answer.json["name"] == "先见 Foresail"
    icons = {(icon["sizes"], icon.get("purpose")): icon["src"] for icon in answer.json["icons"]}
    assert {("192x192", None), ("512x512", None), ("512x512", "maskable")} <= set(icons)
    for (sizes, _), source in icons.items():
        if source.endswith(".png"):
            head = io.BytesIO(caller.call("GET", source).body)
            assert head.read(16)[1:4] == b"PNG"
            assert "{}x{}".format(*struct.unpack(">II", head.read(8))) == sizes
    worker = caller.call("GET", "/sw.js")
    assert worker.headers["cache-control"] == "no-cache"
    assert "script-src 'self';" in worker.headers["content-security-policy"]
