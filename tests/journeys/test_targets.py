"""A manager sets a target in the browser, and the rep sees it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, expect

from tests.journeys.installation import Installation
from tests.journeys.test_browser import no_barrier, page_of

MANAGER, REP = "Sales manager", "Sales rep"


def test_a_target_is_set_and_seen(
    browser: Browser, installation: Installation, logins: dict[str, Any]
) -> None:
    with page_of(browser, installation, logins[MANAGER], width=1440, theme="light", lang="zh") as page:
        page.goto(f"{installation.address}/targets?period=year")
        no_barrier(page)
        row = page.get_by_role("row").filter(has=page.get_by_role("button", name="的目标")).first
        name = row.get_by_role("rowheader").inner_text().strip()
        row.get_by_role("button", name="的目标").click()
        page.get_by_label("全年合计").fill("1200万")
        page.get_by_role("button", name="平均分到各月").click()
        page.get_by_label("11月挑战目标", exact=True).fill("1")
        expect(page.get_by_role("button", name="保存")).to_be_disabled()
        page.get_by_label("11月挑战目标", exact=True).fill("150万")
        no_barrier(page)
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("row", name=name).get_by_text("¥1,200万")).to_be_visible()
    with page_of(browser, installation, logins[REP], width=390, theme="dark", lang="en") as page:
        page.goto(f"{installation.address}/targets")
        expect(page.get_by_role("heading", name="Targets")).to_be_visible()
        expect(page.get_by_role("button", name="Set the targets")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        no_barrier(page)
