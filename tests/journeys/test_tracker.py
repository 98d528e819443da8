"""The tracker on somebody's site, in a real browser: nothing before consent, seconds as they were, nothing lost."""

from __future__ import annotations

import http.client
import http.server
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.journeys.installation import Caller, Installation
from tests.journeys.test_browser import page_of

SHORT, LONG = 0.8, 1.4
PAGE = """<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>{title}</title>
<script>foresailWaiting = []; foresail = (...call) => foresailWaiting.push(call)</script>
<script async src="{tracker}" data-key="{key}" data-to="{to}"></script></head>
<body style="height: 3000px"><h1>{title}</h1><a href="/drive.pdf" onclick="event.preventDefault()">样本</a></body></html>"""


@dataclass
class Site:
    """Pages of somebody's own, on a port of their own, that carry our code."""

    address: str
    key: int
    admin: Caller
    code: dict[str, str]
    cut: bool = False
    sent: list[dict[str, Any]] = field(default_factory=list)

    def kept(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.admin.get(f"/api/intake-keys/{self.key}/latest")
        return found

    def kinds(self) -> list[str]:
        return sorted(each["kind"] for each in self.kept())

    def hear(self, request: Request) -> None:
        if ("/api/signals" in request.url or "/in?" in request.url) and request.method == "POST":
            self.sent += request.post_data_json or []

    def pages(self) -> list[dict[str, Any]]:
        return [each for each in self.sent if each["type"].endswith(".page")]

    def seconds(self) -> list[float]:
        """Of each part of a visit that was sent; sent twice is once."""
        dwells = {each["id"]: each["data"] for each in self.sent if each["type"].endswith(".dwell")}
        return [float(each["seconds"]) for each in dwells.values()]


@contextmanager
def serving(pages: Callable[[str], str], passes: Callable[[], str]) -> Iterator[str]:
    """Serve pages on a port of their own; what they send is passed on to the address that `passes` gives, if any."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages(self.path).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if to := passes():
                asked = urllib.request.Request(
                    to + "?" + self.path.partition("?")[2], data=body, method="POST"
                )
                asked.add_header("Origin", self.headers["Origin"])
                with urllib.request.urlopen(asked) as answer:
                    self.send_response(answer.status)
                    self.end_headers()
            self.close_connection = True  # without a word where the network is away

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def allowed(installation: Installation, logins: dict[str, Any]) -> Caller:
    """Put the Chinese preset in force; return the administrator."""
    admin, operations = (
        installation.caller(logins[role]["email"], logins[role]["password"])
        for role in ("Administrator", "Sales operations")
    )
    person = admin.get("/api/me")["id"]
    assert admin.call("PUT", f"/api/collecting/guardians/{person}").status == 204
    rules = operations.get("/api/collecting")["presets"][0]["rules"]
    made = operations.call("POST", "/api/collecting/boundaries", {"rules": rules, "reason": "先从官网开始"})
    assert made.status == 201, made.body
    path = f"/api/collecting/boundaries/{made.json['id']}/decide"
    assert admin.call("POST", path, {"approved": True}).status == 200
    return admin


@pytest.fixture
def site(installation: Installation, allowed: Caller) -> Iterator[Site]:
    live = f"http://127.0.0.1:{installation.port + 1}"
    code = {"tracker": f"{live}/t.js", "key": "", "to": f"{live}/api/signals"}

    def pages(path: str) -> str:
        return PAGE.format(title="价格" if "price" in path else "首页", **code)

    with serving(pages, lambda: "" if made_site.cut else f"{live}/api/signals") as address:
        said = {"kind": "browser", "name": address, "sources": ["web", "form"], "origins": [address]}
        made = allowed.call("POST", "/api/intake-keys", said)
        assert made.status == 201, made.body
        code["key"] = made.json["token"]
        made_site = Site(address, made.json["id"], allowed, code)
        yield made_site


@contextmanager
def visited(browser: Browser, site: Site, **how: Any) -> Iterator[Page]:
    context = browser.new_context(**how)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", site.hear)
    page.goto(site.address + "/price?q=伺服")
    page.wait_for_function("window.foresail && foresail.here")
    yield page
    context.close()
    assert faults == []


def wait(until: Callable[[], object], page: Page, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end
        page.wait_for_timeout(100)


def hide(page: Page, hidden: bool) -> None:
    """Let another tab be in front, or this one again. Playwright pretends that every page is in front, until told not to."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, 'visibilityState', {value: hidden ? 'hidden' : 'visible', configurable: true})
            document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))
        }""",
        hidden,
    )


def test_nothing_leaves_before_consent_and_then_what_was_seen(browser: Browser, site: Site) -> None:
    with visited(browser, site) as page:
        page.wait_for_timeout(1500)
        page.get_by_text("样本").click()
        assert site.sent == []
        assert page.evaluate("localStorage.length") == 0
        assert page.context.cookies() == []
        page.evaluate("foresail('consent', true)")
        page.get_by_text("样本").click()
        # What was kept may be known here before what was sent is heard.
        wait(lambda: site.kinds() == ["download", "page"] and site.pages(), page)
        (seen,) = site.pages()
        assert seen["data"]["query"] == "伺服"
        assert {name for each in site.kept() if each["kind"] == "page" for name in each["fields"]} == {
            *("url", "title", "referrer", "query", "language", "agent"),
        }, "what identifies is masked or left out"


def test_seconds_are_those_in_sight(browser: Browser, site: Site) -> None:
    with visited(browser, site) as page:
        begun = time.monotonic()
        page.evaluate("foresail('consent', true)")
        page.wait_for_timeout(1000 * LONG)
        hide(page, True)
        away = time.monotonic()
        page.wait_for_timeout(1000 * LONG)
        hide(page, False)
        back = time.monotonic()
        page.wait_for_timeout(1000 * SHORT)
        page.evaluate("history.pushState(null, '', '/other')")
        ended = time.monotonic()
        # What was kept may be known before it is heard that it was sent.
        wait(lambda: len(site.seconds()) == site.kinds().count("dwell") == 2, page)
        assert sum(site.seconds()) == pytest.approx((away - begun) + (ended - back), abs=0.5)


def test_nothing_is_lost_through_a_reload_without_a_network(browser: Browser, site: Site) -> None:
    site.cut, site.code["to"] = True, site.address + "/in"
    with visited(browser, site) as page:
        page.evaluate("foresail('consent', true)")
        for number in range(3):
            page.evaluate("number => foresail('track', 'compared', {title: `方案${number}`})", number)
        page.wait_for_timeout(600)
        page.reload()
        page.wait_for_function("window.foresail && foresail.here")
        page.evaluate("foresail('track', 'compared', {title: '方案3'})")
        page.wait_for_timeout(600)
        assert site.kept() == []
        assert site.sent, "it was tried"
        site.cut = False
        wait(lambda: site.kinds().count("compared") == 4, page, 30.0)
        assert site.kinds().count("page") == 2


def test_a_change_of_mind_takes_everything_along(browser: Browser, site: Site) -> None:
    with visited(browser, site) as page:
        page.evaluate("foresail('consent', true)")
        wait(lambda: site.kinds() == ["page"], page)
        page.evaluate("foresail('consent', false)")
        wait(lambda: site.kinds() == [], page)
        wait(lambda: page.evaluate("Object.values(localStorage).join()") == '{"given":false}', page)
        sent = len(site.sent)
        page.evaluate("foresail('track', 'compared')")
        page.reload()
        page.wait_for_timeout(1500)
        assert len(site.sent) == sent
        visitor = site.sent[0]["subject"]
        told = site.admin.get(f"/api/consents?subject=visitor:{visitor}")
        assert [each["given"] for each in told] == [False, False, True]


def test_who_asks_not_to_be_tracked_is_not(browser: Browser, site: Site) -> None:
    with visited(browser, site) as page:
        page.context.add_init_script(
            "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})"
        )
        page.reload()
        page.wait_for_function("window.foresail && foresail.here")
        page.evaluate("foresail('consent', true)")
        page.wait_for_timeout(1500)
        assert site.sent == []
        assert page.evaluate("localStorage.length") == 0


def led_to(address: str) -> str:
    """Open a link as a browser does, and return where it leads."""
    parts = urlsplit(address)
    wire = http.client.HTTPConnection(parts.netloc, timeout=30)
    wire.request("GET", parts.path, headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0)"})
    answer = wire.getresponse()
    answer.read()
    wire.close()
    assert answer.status == 302
    return answer.headers["Location"]


def test_who_came_by_a_link_proves_it_and_no_address_shows_that(
    installation: Installation, logins: dict[str, Any], browser: Browser, site: Site
) -> None:
    operations = installation.caller(*(logins["Sales operations"][name] for name in ("email", "password")))
    home = "https://www.site.example"
    key = {"kind": "browser", "name": home, "sources": ["web"], "origins": [home]}
    assert site.admin.call("POST", "/api/intake-keys", key).status == 201
    said = {"title": "价格与选型", "language": "zh", "url": f"{home}/price?from=mail"}
    asset = operations.call("POST", "/api/assets", said).json["id"]
    deals = (each["id"] for each in operations.get("/api/records/deal?limit=50")["items"])
    deal, people = next(
        (each, found) for each in deals if (found := operations.get(f"/api/deals/{each}/people")["contacts"])
    )
    contact = people[0]["contact"]["id"]
    made = operations.call("POST", f"/api/deals/{deal}/content", {"asset": asset, "contact": contact})
    location = led_to(made.json["address"])
    assert location.startswith(f"{home}/price?from=mail&fsl=")
    with visited(browser, site) as page:
        page.goto(site.address + location.removeprefix(home))
        page.wait_for_function("window.foresail && foresail.here")
        assert page.evaluate("location.href") == f"{site.address}/price?from=mail"
        assert page.evaluate("localStorage.length") == 0, "nobody agreed yet"
        page.evaluate("foresail('consent', true)")
        wait(lambda: site.kinds() == ["identify", "page"], page)
        kept = {each["kind"]: each["fields"] for each in site.kept()}
        assert kept["identify"] == ["link_id"]
        assert not any("fsl" in str(each["data"].get("url")) for each in site.sent)
        page.reload()
        wait(lambda: site.kinds().count("page") == 2, page)
        assert site.kinds().count("identify") == 1, "said once"


FLAGSHIP: Final = "技术评估停滞且竞品关注上升"


def happened(entry: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["at"])


def standing_still(caller: Caller) -> tuple[int, int, dict[str, Any]]:
    """Return a deal whose evaluation stands still, somebody in it, and a competitor whom nobody there looks at lately."""
    rivals = [each for each in caller.get("/api/topics") if each["kind"] == "competitor"]
    wanted = quote(json.dumps({"field": "status", "op": "in", "value": ["open"]}))
    since = datetime.now(UTC) - timedelta(days=8)
    for deal in caller.get(f"/api/records/deal?limit=200&where={wanted}")["items"]:
        steps = caller.get(f"/api/deals/{deal['id']}/timeline?groups=stage,signal,meeting,visit")["items"]
        last = next(each for each in steps if each["group"] == "stage")
        passed = any(each["kind"] == "evaluation_passed" for each in steps)
        moved = [each for each in steps if each is last or each["group"] in {"meeting", "visit"}]
        if last["kind"] != "stage_evaluation" or passed or max(map(happened, moved)) > since:
            continue
        account = deal["values"]["account"]["id"]
        interest = caller.get(f"/api/accounts/{account}/interest")["topics"]
        lately = {each["topic"] for each in interest if each["rise"]["week"] > 0}
        people = caller.get(f"/api/deals/{deal['id']}/people")["contacts"]
        present = [each["contact"]["id"] for each in people if each["contact"]["left_at"] is None]
        if present and not lately & {each["id"] for each in rivals}:
            return deal["id"], present[0], rivals[0]
    raise AssertionError("in the demo no other evaluation stands still")


def test_from_the_first_page_to_what_is_to_be_done(
    installation: Installation, logins: dict[str, Any], browser: Browser, site: Site
) -> None:
    """The promise: an evaluation stands still, somebody there reads about a competitor, and who sells is told what to send."""
    operations = installation.caller(*(logins["Sales operations"][name] for name in ("email", "password")))
    deal, contact, rival = standing_still(operations)
    path = rival["rule"]["value"]
    asset = operations.get("/api/assets")["items"][0]["id"]
    sent = operations.call("POST", f"/api/deals/{deal}/content", {"asset": asset, "contact": contact})
    assert sent.status == 201, sent.body
    token = sent.json["address"].rpartition("/")[2]
    with (
        page_of(
            browser, installation, logins["Sales operations"], width=1440, theme="light", lang="zh"
        ) as seller,
        visited(browser, site) as reader,
    ):
        seller.goto(f"{installation.address}/deals/{deal}")
        expect(seller.get_by_role("heading", level=1)).to_be_visible()
        todo = seller.get_by_role("region", name="现在该做什么")
        expect(todo.get_by_text("竞品关注上升")).to_have_count(0)
        reader.goto(f"{site.address}{path}?fsl={token}")
        reader.wait_for_function("window.foresail && foresail.here")
        reader.evaluate("foresail('consent', true)")
        for _ in range(2):
            reader.get_by_text("样本").click()
        expect(todo.get_by_text(f"竞品关注上升：{rival['zh']}")).to_be_visible(timeout=30_000)
        expect(todo.get_by_role("button", name="技术评估停滞")).to_be_visible()
        todo.get_by_role("button", name="采纳：发送内容").click()
        dialog = seller.get_by_role("dialog", name="发送内容")
        why = f"近期访问中对竞品“{rival['zh']}”的关注上升"
        expect(dialog.get_by_role("radio", name=why)).to_be_checked()
        expect(todo.get_by_text(f"竞品关注上升：{rival['zh']}")).to_be_visible()  # nothing is sent yet
        dialog.get_by_role("button", name="复制链接").click()
        expect(todo.get_by_text("竞品关注上升")).to_have_count(0)
    flagship = next(each for each in operations.get("/api/triggers")["items"] if each["zh"] == FLAGSHIP)
    assert flagship["share"]["accepted"] >= 1
