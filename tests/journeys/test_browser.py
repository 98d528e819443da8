"""The product as people see it: both languages, light and dark, wide and on a phone, without a barrier."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.journeys.conftest import axe_source
from tests.journeys.installation import Caller, Installation

OPERATIONS = "Sales operations"
LOOKS = [(1440, "light", "zh"), (1440, "dark", "en"), (390, "light", "en"), (390, "dark", "zh")]
BARRIERS = """async (within) => {
    const found = await axe.run(within ?? document, {runOnly: ['wcag2a', 'wcag2aa'], resultTypes: ['violations']});
    return found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', '));
}"""


@contextmanager
def page_of(
    browser: Browser,
    installation: Installation,
    login: dict[str, str] | None,
    *,
    width: int,
    theme: Any,
    lang: str,
    moving: bool = False,
) -> Iterator[Page]:
    """Open a browser of its own, signed in as `login`; fails on an error that the page did not expect.

    The person asked their system for less motion, unless `moving`: what still moves may be elsewhere when it is clicked.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        locale={"zh": "zh-CN", "en": "en-US"}[lang],
        reduced_motion="no-preference" if moving else "reduce",
    )
    faults: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    if login:
        caller = Caller(installation.address)
        caller.sign_in(login["email"], login["password"])
        caller.call("PATCH", "/api/me", {"language": lang})
        context.add_cookies(
            [{"name": c.name, "value": c.value or "", "url": installation.address} for c in caller.jar]
        )
    try:
        yield page
    except Exception as error:
        with suppress(Error):
            error.add_note(
                f"On the screen of {page.url}:\n{page.locator('body').aria_snapshot(timeout=2_000)}"
            )
        raise
    finally:
        context.close()
    assert faults == [], faults


def no_barrier(page: Page) -> None:
    page.wait_for_timeout(400)  # what fades in has too little contrast until it is there
    assert barriers(page) == []


def barriers(page: Page, within: str | None = None) -> list[str]:
    """Return what axe finds, in all of the page or `within` what a selector names."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_source())
    found: list[str] = page.evaluate(BARRIERS, within)
    return found


def an_open_deal(installation: Installation, login: dict[str, str]) -> dict[str, Any]:
    caller = installation.caller(login["email"], login["password"])
    found: dict[str, Any] = caller.get("/api/deals?status=open&sort=-amount&limit=1")["items"][0]
    return found


@pytest.mark.parametrize(("width", "theme", "lang"), LOOKS[::3])
def test_signing_in_and_being_refused(
    browser: Browser, installation: Installation, logins: dict[str, Any], width: int, theme: str, lang: str
) -> None:
    with page_of(browser, installation, None, width=width, theme=theme, lang=lang, moving=True) as page:
        page.goto(installation.address)
        expect(page.locator("input[type=password]")).to_be_visible()
        no_barrier(page)
        page.locator("input:not([type=radio]):not([type=password])").first.fill("nobody@qiming.demo")
        page.locator("input[type=password]").fill("wrong password")
        page.keyboard.press("Enter")
        expect(
            page.get_by_text(re.compile("不正确|wrong|incorrect|do not match", re.IGNORECASE)).first
        ).to_be_visible()
        page.get_by_text(logins[OPERATIONS]["name"], exact=True).click()
        expect(page).to_have_url(re.compile("/today"))


def test_what_one_does_the_other_sees(
    browser: Browser, installation: Installation, logins: dict[str, Any]
) -> None:
    login = logins[OPERATIONS]
    deal = an_open_deal(installation, login)
    other = installation.caller(login["email"], login["password"])
    before = other.get(f"/api/deals/{deal['id']}/forecast")["at"]
    with page_of(browser, installation, login, width=1440, theme="light", lang="zh", moving=True) as page:
        page.goto(f"{installation.address}/deals/{deal['id']}")
        expect(page.locator("svg path").first).to_be_visible()
        page.wait_for_timeout(1000)  # until the event socket is open
        said = {"channel": "mail", "direction": "in", "title": "两个浏览器都看得到", "at": before}
        answer = other.call("POST", f"/api/deals/{deal['id']}/communications", said)
        assert answer.status == 201, answer.body
        expect(page.get_by_text("两个浏览器都看得到").first).to_be_visible(timeout=5_000)
        for _ in range(50):
            if (scored := other.get(f"/api/deals/{deal['id']}/forecast")["at"]) > before:
                break
            page.wait_for_timeout(100)
        else:
            pytest.fail("the touched deal was not scored within 5 seconds")
        expect(page.locator(f'time[datetime="{scored}"]')).to_be_visible(timeout=5_000)


def test_the_first_load_is_small(installation: Installation) -> None:
    """What a browser fetches before anything is shown: 320 kB at most, compressed."""
    caller = Caller(installation.address)
    page = caller.call("GET", "/").body.decode()
    names = set(re.findall(r'(?:src|href)="(/assets/[^"]+\.(?:js|css))"', page))
    assert names
    assert sum(len(gzip.compress(caller.call("GET", name).body, 6)) for name in names) <= 320_000
