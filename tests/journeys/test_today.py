"""Sales operations puts a trigger in force, and the rep does what it suggests: seen at once, decided with one key."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, expect

from tests.journeys.installation import Installation
from tests.journeys.test_browser import OPERATIONS, no_barrier, page_of

REP = "Sales rep"


def test_what_is_suggested_is_seen_at_once_and_decided_with_one_key(
    browser: Browser, installation: Installation, logins: dict[str, Any]
) -> None:
    with page_of(browser, installation, logins[REP], width=1440, theme="light", lang="zh") as page:
        page.goto(f"{installation.address}/today")
        expect(page.get_by_role("heading", name="今日")).to_be_visible()
        trigger = {
            "zh": "例行回访", "en": "routine call", "condition": {"field": "days_in_stage", "op": "gte", "value": "0"},
            "action": "call", "action_zh": "回访{account}", "action_en": "Call {account}", "priority": 5, "status": "active",
        }  # fmt: skip
        operations = installation.caller(logins[OPERATIONS]["email"], logins[OPERATIONS]["password"])
        answer = operations.call("POST", "/api/triggers", trigger)
        assert answer.status == 201
        rows = page.locator("[data-row]")
        expect(rows.filter(has_text="回访").first).to_be_visible()
        before = rows.count()
        no_barrier(page)
        page.keyboard.press("j")
        expect(rows.first).to_be_focused()
        page.keyboard.press("e")
        expect(page.get_by_text("已采纳并建任务").first).to_be_visible()
        expect(page.get_by_text("已采纳 1 ")).to_be_visible()
        rows.first.get_by_role("button", name="不采纳").first.click()
        page.get_by_role("menuitem", name="情况不符").click()
        expect(page.get_by_text("不采纳 1", exact=False).first).to_be_visible()
        assert rows.count() <= before
        # Live counts may come before the message of this decision, while that of the one before still offers to undo.
        page.get_by_text("已记下：情况不符").get_by_role("button", name="撤销").click()
        expect(page.get_by_text("不采纳 0", exact=False).first).to_be_visible()
    with page_of(browser, installation, logins[OPERATIONS], width=390, theme="dark", lang="en") as page:
        page.goto(f"{installation.address}/triggers")
        page.get_by_role("button", name="Edit: routine call").click()
        page.get_by_role("button", name="Try it on the past").click()
        expect(page.get_by_text("Would have fired")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        no_barrier(page)
