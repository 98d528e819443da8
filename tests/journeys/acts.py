"""What people do in the app, for tests and for the bench."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.journeys.installation import Caller

TASKS = ("先打电话", "再发资料", "最后约拜访")


def add_tasks(caller: Caller) -> dict[str, Any]:
    """Give an open deal of the caller's tasks; return it with their titles in `tasks`."""
    owner = caller.get("/api/me")["id"]
    found = caller.get("/api/deals?status=open&sort=-amount&limit=50")["items"]
    deal: dict[str, Any] = next(one for one in found if one["owner"] and one["owner"]["id"] == owner)
    titles = [f"{title}（{uuid4().hex[:6]}）" for title in TASKS]
    for title in titles:
        assert caller.call("POST", "/api/tasks", {"deal": deal["id"], "title": title}).status == 201
    return deal | {"tasks": titles}


def look_at(page: Page, address: str, deal: dict[str, Any]) -> None:
    """Open a deal that `add_tasks` returned, until all of it is there and what changes is told."""
    with page.expect_websocket() as socket:
        page.goto(f"{address}/deals/{deal['id']}")
    socket.value.wait_for_event("framereceived")  # the answer to what it watches
    expect(page.get_by_text(deal["tasks"][-1])).to_be_visible(timeout=20_000)
    expect(page.locator("svg path").first).to_be_visible(timeout=20_000)


def set_amount(page: Page, ten_thousands: int) -> None:
    """Change the amount of the deal that the page shows."""
    page.locator("main header button[aria-haspopup=dialog]").first.click()
    page.get_by_label("金额", exact=True).fill(f"{ten_thousands}万")
    page.locator(".ant-popover button[type=submit]").click()
