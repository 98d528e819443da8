"""What accounts care about: found on the map by keys alone, explained to the last point, and shaped by sales operations."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.installation import Installation
from tests.journeys.test_browser import no_barrier, page_of


def parts_add_up(panel: Locator) -> None:
    """What the signals make is the strength, as it is called above them."""
    expect(panel.locator("[data-sum]")).to_be_visible()
    total = float(panel.locator("[data-sum]").get_attribute("data-sum") or "nan")
    parts = panel.locator("[data-points]").evaluate_all("(all) => all.map((one) => +one.dataset.points)")
    assert parts
    assert sum(parts) == pytest.approx(total)
    assert (
        f"{total:.0f}"
        in panel.get_by_role("heading").or_(panel.locator(".ant-drawer-title")).first.inner_text()
    )


def at(page: Page) -> str | None:
    found: str | None = page.evaluate("document.activeElement.dataset.at")
    return found


def test_a_rep_asks_why_with_keys_alone(
    browser: Browser, installation: Installation, logins: dict[str, Any]
) -> None:
    rep = logins["Sales rep"]
    with page_of(browser, installation, rep, width=1440, theme="light", lang="zh") as page:
        page.goto(f"{installation.address}/interest")
        grid = page.get_by_role("grid")
        expect(grid.get_by_role("row").nth(2)).to_be_visible()
        assert grid.get_attribute("aria-colcount") == "30"
        # One stop for all cells.
        assert grid.locator("[data-at][tabindex='0']").count() == 1
        grid.locator("[data-at][tabindex='0']").focus()
        for key in ("ArrowDown", "End", "Home", "ArrowRight"):
            page.keyboard.press(key)
        assert at(page) == "1-1"
        page.keyboard.press("Enter")
        panel = page.get_by_role("dialog")
        parts_add_up(panel)
        expect(panel.get_by_text("采集依据").first).to_be_visible()
        no_barrier(page)
        page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
        assert at(page) == "1-1"
        # A day on which something happened, as it is read out.
        cell = grid.get_by_role("gridcell", name="意向").locator("visible=true").nth(-1)
        cell.click()
        parts_add_up(panel)
        assert "day=" in page.url


def test_sales_operations_try_a_topic_before_it_counts(
    browser: Browser, installation: Installation, logins: dict[str, Any]
) -> None:
    with page_of(
        browser, installation, logins["Sales operations"], width=1440, theme="light", lang="zh"
    ) as page:
        page.goto(f"{installation.address}/interest/topics")
        page.get_by_role("button", name="新建话题").click()
        form = page.get_by_role("dialog")
        form.get_by_label("中文名称").fill("选型")
        form.get_by_label("英文名称").fill("Choosing")
        form.get_by_role("button", name="添加条件", exact=True).click()
        form.get_by_label("值", exact=True).fill("/price")
        form.get_by_role("button", name="用近 90 天的数据试算").click()
        for found in ("signals", "visitors", "accounts"):
            expect(form.locator(f"[data-found={found}] b")).not_to_have_text("0")
        no_barrier(page)
        form.get_by_role("radio", name="使用中").check()
        form.get_by_role("button", name="保存").click()
        row = page.get_by_role("listitem").filter(has_text="选型")
        expect(row.get_by_text("使用中")).to_be_visible()
        no_barrier(page)
    with page_of(
        browser, installation, logins["Sales operations"], width=390, theme="dark", lang="en"
    ) as page:
        page.goto(f"{installation.address}/interest?by=topic")
        expect(page.get_by_text("Choosing").first).to_be_visible()  # counted by now, and looked at anew
        page.get_by_role("button", name="Why").first.click()
        parts_add_up(page.get_by_role("dialog"))
        no_barrier(page)
