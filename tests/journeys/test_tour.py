"""The whole app as each role goes through it: every page it offers, a record of each kind, what opens over them.

Usually a role goes once, the looks are spread over the roles, only sales operations open what lies beside the pages and
in the administration, and what was looked at for barriers is not looked at again. With FORESAIL_TOUR=folder each role goes through everything in each look, and leaves pictures in that folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

from tests.journeys.installation import Caller, Installation
from tests.journeys.test_browser import OPERATIONS, barriers, page_of

FOLDER = os.environ.get("FORESAIL_TOUR")
Look = tuple[int, str, str]

WIDE, PHONE = 1440, 390
ROLES: dict[str, tuple[Look, ...]] = {
    "Sales rep": ((PHONE, "light", "zh"), (WIDE, "dark", "zh")),
    "Sales manager": ((WIDE, "light", "en"),),
    OPERATIONS: ((WIDE, "light", "zh"), (PHONE, "dark", "en")),
    "Legal": ((PHONE, "light", "en"),),
    "Chief executive (read only)": ((PHONE, "dark", "zh"),),
    "Administrator": ((WIDE, "dark", "en"),),
}
"""Who goes, and in which looks (width, theme, language): with two, the pages are dealt out to them in turn."""
LOOKS: list[Look] = list(product((WIDE, PHONE), ("light", "dark"), ("zh", "en")))

BESIDE = {
    "/deals": ("/deals?layout=board", "/deals?layout=funnel"),
    "/pool": ("/pool?kind=lead", "/pool?tab=rules"),
    "/interest": ("/interest?by=topic", "/interest/topics"),
    "/targets": ("/targets?period=year",),
    "/reports": ("/reports/saved",),
    "/library": ("/library?state=retired",),
    "/imports": ("/imports/new",),
    "/governance": tuple(f"/governance?tab={tab}" for tab in ("keys", "files", "consents", "leftOut")),
    "/admin/quality": tuple(f"/admin/quality?tab={tab}" for tab in ("departures", "merges", "settings")),
}
"""What a page shows besides, by its own tabs and links."""
EVERYWHERE = ("/me", "/bin", "/nowhere")
SHOWS = {"/deals": "¥", "/deals/": "%", "/forecast": "¥", "/targets": "¥"}
"""What stands on a page of the demo company whoever sees it, as a sign that it shows its records."""
KINDS = {"account": "/accounts", "contact": "/contacts", "lead": "/leads", "product": "/products"}

EXAMINED: set[tuple[str, str | int]] = set()
"""Places that were looked at for barriers in a theme, and in a width: it is what takes longest, and much the same for all."""

NAVIGATION, SHEET, SECTIONS = "nav:not(main nav) a", ".ant-drawer-body a", "main nav a[href^='/admin/']"
LINKS = """(where) => [...document.querySelectorAll(where)].filter((link) => link.checkVisibility())
    .map((link) => link.getAttribute('href'))"""
IN_A_FIELD = "document.activeElement.matches('input, textarea')"
GO = "(to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')) }"
AT_REST = """() => new Promise((done) => {
    const busy = () => document.querySelector('.ant-skeleton, [aria-busy="true"]')
    const until = Date.now() + 20_000
    const rested = () => {
        const loaded = !busy()
        if (!loaded && Date.now() < until) return begin()
        watcher.disconnect()
        requestIdleCallback(() => done(loaded), {timeout: 200})
    }
    let timer
    const begin = () => { clearTimeout(timer); timer = setTimeout(rested, 60) }
    const watcher = new MutationObserver(begin)
    watcher.observe(document.body, {subtree: true, childList: true, attributes: true})
    begin()
})"""
SEEN = """() => ({
    wide: document.documentElement.scrollWidth,
    heads: [...document.querySelectorAll('main h1')].map((head) => head.innerText),
    texts: [document.title, document.body.innerText].concat(
        [...document.querySelectorAll('[aria-label], [title], [placeholder]')].flatMap((one) =>
            ['aria-label', 'title', 'placeholder'].map((name) => one.getAttribute(name) ?? ''))),
})"""
UNREADY = re.compile(
    r"\bundefined\b|\bNaN\b|\bnull\b|\[object|\{\{|Invalid Date"
    r"|(?<![\w.@/-])(?!example\.)[a-z][A-Za-z]+(?:\.(?!(?:example|pdf)\b)[a-z][A-Za-z]+)+(?![\w.@/-])"  # a key in place of its text
)


def test_every_look_is_somebodys() -> None:
    assert sorted(look for own in ROLES.values() for look in own) == sorted(LOOKS)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_goes_through_all_that_it_is_offered(
    browser: Browser, installation: Installation, logins: dict[str, Any], role: str
) -> None:
    login, looks = logins[role], LOOKS if FOLDER else ROLES[role]
    caller = installation.caller(login["email"], login["password"])
    faults: list[str] = []
    for turn, (width, theme, lang) in enumerate(looks):
        with page_of(browser, installation, login, width=width, theme=theme, lang=lang) as page:
            pictures = (
                Path(FOLDER, role.split(" (", maxsplit=1)[0], f"{width}-{theme}-{lang}") if FOLDER else None
            )
            tour = Tour(page, width, theme, pictures, faults, thorough=bool(FOLDER) or role == OPERATIONS)
            tour.begin(installation.address)
            pages = [*tour.offered(), *records(caller), *EVERYWHERE[: None if tour.thorough else 1]]
            if FOLDER or turn == 0:
                tour.open_all(may_change=may(caller, "change"))
            for path in pages if FOLDER else pages[turn :: len(looks)]:
                tour.visit(path)
                if path == "/admin" and tour.thorough:
                    for section in page.evaluate(LINKS, SECTIONS):
                        for each in (section, *tour.beside(section)):
                            tour.visit(each)
    assert faults == []


def may(caller: Caller, action: str) -> bool:
    return bool(caller.get("/api/me")["scopes"].get(action, "none") != "none")


def records(caller: Caller) -> list[str]:
    """Return where one record of each kind is that somebody may see, and the deal beside its list too."""
    if not may(caller, "see"):
        return []
    deal = caller.get("/api/deals?status=open&sort=-amount&limit=1")["items"][0]["id"]
    found = [f"/deals/{deal}", f"/deals?open={deal}"]
    for kind, path in KINDS.items():
        found += [f"{path}/{one['id']}" for one in caller.get(f"/api/records/{kind}?limit=1")["items"]]
    return found


@dataclass
class Tour:
    """One person in one look. What is wrong is collected, so that one tour tells all of it."""

    page: Page
    width: int
    theme: str
    pictures: Path | None
    faults: list[str]
    thorough: bool
    place: str = "/"
    _awaited: set[Request] = field(default_factory=set)
    _seen: int = 0

    def begin(self, address: str) -> None:
        """Open the first page; what goes wrong on it and all that follow is heard."""
        self.page.on("console", self._console)
        self.page.on("request", self._begun)
        for end in ("requestfinished", "requestfailed"):
            self.page.on(end, self._ended)
        self.page.on("response", self._response)
        self.page.goto(address)
        self.page.locator("main h1").wait_for()
        self._rest()

    def offered(self) -> list[str]:
        """Return what the navigation leads to, and what these pages show besides."""
        links = self.page.evaluate(LINKS, NAVIGATION)
        if self.width == PHONE:
            self.page.locator("nav:not(main nav) button").locator("visible=true").click()
            with self._over("more"):
                links += self.page.evaluate(LINKS, SHEET)
        return [each for link in dict.fromkeys(links) for each in (link, *self.beside(link))]

    def beside(self, path: str) -> tuple[str, ...]:
        return BESIDE.get(path, ()) if self.thorough else ()

    def open_all(self, *, may_change: bool) -> None:
        """Open what opens over every page."""
        for name, key in {"palette": "Control+k", "keys": "?", "create": "c"}.items():
            if name != "create" or (may_change and self.thorough):
                self.page.keyboard.press(key)
                with self._over(name):
                    if name == "create" and not self.page.evaluate(IN_A_FIELD):
                        self._wrong("does not begin in its first field")
        for name, popup in {"bell": "dialog", "person": "menu"}.items() if self.thorough else ():
            self.page.locator(f"header:not(main header) button[aria-haspopup={popup}]").click()
            with self._over(name, popup):
                pass

    def visit(self, path: str) -> None:
        if path == self.place:
            return  # where another led on to
        self.place = path
        self.page.evaluate(GO, path)
        self._rest()
        self.place = self.page.evaluate("location.pathname + location.search")
        heads = self._examine("main")
        if len(heads) != 1:
            self._wrong(f"not one heading: {heads}")
        if (wanted := SHOWS.get(re.sub(r"\d+", "", path), "")) not in self.page.locator("main").inner_text():
            self._wrong(f"shows no {wanted}")

    @contextmanager
    def _over(self, name: str, role: str = "dialog") -> Iterator[None]:
        self.place, within = name, f"[role={role}]"
        popup = self.page.locator(within).locator("visible=true").first
        popup.wait_for()
        self._rest()
        self._examine(within)
        yield
        self.page.keyboard.press("Escape")
        popup.wait_for(state="hidden")

    def _rest(self) -> None:
        """Wait until nothing more is fetched or drawn."""
        still = 0
        for _ in range(200):
            if not self.page.evaluate(AT_REST):
                self._wrong("still loads after 20 seconds")
                return
            still = 0 if self._awaited else still + 1
            if still == 3:  # what came may ask for more
                return
        self._wrong(f"does not come to rest: {[request.url for request in self._awaited]}")

    def _examine(self, within: str | None) -> list[str]:
        """Look at what is there, `within` for barriers; return the headings of the page."""
        seen = self.page.evaluate(SEEN)
        if seen["wide"] > self.width:
            self._wrong(f"{seen['wide']} wide")
        for found in {match[0] for text in seen["texts"] for match in UNREADY.finditer(text)}:
            self._wrong(f"shows {found}")
        place = re.sub(r"\d+", "", self.place)
        # Colours are those of the theme; what is there, and where, is that of the width.
        looks: set[tuple[str, str | int]] = {(place, self.theme), (place, self.width)}
        if FOLDER or not looks <= EXAMINED:
            EXAMINED.update(looks)
            for barrier in barriers(self.page, within):
                self._wrong(barrier)
        if self.pictures:
            self._seen += 1
            name = re.sub(r"\W+", "-", self.place).strip("-") or "first"
            self.page.screenshot(path=self.pictures / f"{self._seen:02}-{name}.png", full_page=True)
        heads: list[str] = seen["heads"]
        return heads

    def _begun(self, request: Request) -> None:
        self._awaited.add(request)

    def _ended(self, request: Request) -> None:
        self._awaited.discard(request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._wrong(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self._wrong(f"{response.status} {response.request.method} {response.url}")

    def _wrong(self, what: str) -> None:
        self.faults.append(f"{self.place}: {what}")
