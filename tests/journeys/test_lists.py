"""Lists as people use them: found, kept as views, changed in a cell, many at once, on a board, by keyboard."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, quote, urlparse

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.installation import Caller, Installation
from tests.journeys.test_browser import OPERATIONS, no_barrier, page_of


@pytest.fixture
def caller(installation: Installation, logins: dict[str, Any]) -> Caller:
    login = logins[OPERATIONS]
    return installation.caller(login["email"], login["password"])


@contextmanager
def opened(
    browser: Browser, installation: Installation, logins: dict[str, Any], path: str, role: str = OPERATIONS
) -> Iterator[Page]:
    with page_of(browser, installation, logins[role], width=1440, theme="light", lang="zh") as page:
        page.goto(installation.address + path)
        yield page


def where(*tests: dict[str, Any]) -> str:
    return quote(json.dumps({"all": list(tests)}))


def some_deals(caller: Caller, count: int, **values: Any) -> tuple[str, list[dict[str, Any]]]:
    """Open deals of our own in the first stage, which a word in their names finds: tests share the company."""
    word = f"看板{uuid.uuid4().hex[:6]}"
    account = caller.get("/api/records/account?limit=1")["items"][0]["id"]
    pipeline = caller.get("/api/pipelines")[0]["id"]
    made = []
    for number in range(count):
        body = {"values": {"name": f"{word} {number}", **values}, "account": account, "pipeline": pipeline}
        answer = caller.call("POST", "/api/records/deal", body)
        assert answer.status == 201, answer.body
        made.append(answer.json)
    return word, made


def value(caller: Caller, deal: dict[str, Any], field: str) -> Any:
    return caller.get(f"/api/records/deal/{deal['id']}")["values"][field]


def becomes(page: Page, caller: Caller, deal: dict[str, Any], field: str, wanted: Any) -> bool:
    """Whether the server comes to have a value: pages show a change before it is agreed to."""
    for _ in range(50):
        found = value(caller, deal, field)
        if (found["name"] if isinstance(found, dict) else found) == wanted:
            return True
        page.wait_for_timeout(100)
    return False


def rows(page: Page) -> Locator:
    return page.locator(".ant-table-tbody-virtual .ant-table-row")


def row(page: Page, name: str) -> Locator:
    return rows(page).filter(has_text=name)


def test_a_list_is_filtered_and_kept_as_a_view(
    browser: Browser, installation: Installation, logins: dict[str, Any], caller: Caller
) -> None:
    name = f"大额{uuid.uuid4().hex[:6]}"
    big = {"field": "amount", "op": "gte", "value": "1000000"}
    wanted = {"all": [{"field": "status", "op": "in", "value": ["open"]}, big]}
    count = caller.get(f"/api/records/deal?where={quote(json.dumps(wanted))}")["total"]
    with opened(browser, installation, logins, "/deals") as page:
        page.get_by_role("button", name="筛选").click()
        page.get_by_role("button", name="添加条件", exact=True).click()
        page.get_by_label("字段", exact=True).last.click()
        page.keyboard.type("金额")
        page.keyboard.press("Enter")
        page.get_by_label("比较方式", exact=True).last.click()
        page.get_by_title("不小于").click()
        page.get_by_label("值", exact=True).last.fill("100万")
        expect(page.get_by_role("status").filter(has_text=f"共 {count} 条")).to_be_visible()
        assert json.loads(parse_qs(urlparse(page.url).query)["where"][0]) == wanted
        no_barrier(page)
        page.keyboard.press("Escape")

        # The address alone shows the same to somebody else.
        page.goto(page.url)
        expect(page.get_by_role("status").filter(has_text=f"共 {count} 条")).to_be_visible()
        page.get_by_role("button", name="另存为视图").click()
        page.get_by_role("textbox", name="名称").fill(name)
        page.get_by_text("所有人", exact=True).click()
        page.get_by_role("button", name=re.compile("保\\s*存")).click()
        expect(page).to_have_url(re.compile(r"/deals\?view=\d+$"))
        expect(page.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
        page.get_by_role("button", name=f"“{name}”的更多操作").click()
        page.get_by_text("固定到导航").click()
        expect(page.get_by_role("group", name="固定的视图").get_by_role("link", name=name)).to_be_visible()
        page.reload()
        expect(page.get_by_role("status").filter(has_text=f"共 {count} 条")).to_be_visible()

    # A rep reads the same view, and sees only their own deals in it.
    rep = logins["Sales rep"]
    own = installation.caller(rep["email"], rep["password"])
    mine = own.get(f"/api/records/deal?where={quote(json.dumps(wanted))}")["total"]
    assert mine < count
    with opened(browser, installation, logins, "/deals", "Sales rep") as page:
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("status").filter(has_text=f"共 {mine} 条")).to_be_visible()
        page.get_by_role("button", name=f"“{name}”的更多操作").click()
        expect(page.get_by_text("只读")).to_be_visible()
        expect(page.get_by_text("删除视图")).to_have_count(0)
    view = next(each for each in caller.get("/api/views") if each["name"] == name)
    assert caller.call("DELETE", f"/api/views/{view['id']}").status == 204


def test_a_cell_is_edited_and_others_see_it(
    browser: Browser, installation: Installation, logins: dict[str, Any], caller: Caller
) -> None:
    word, [deal] = some_deals(caller, 1, amount="120000")
    path = f"/deals?q={quote(word)}"
    with (
        opened(browser, installation, logins, path) as page,
        opened(browser, installation, logins, path) as other,
    ):
        for each in (page, other):
            expect(row(each, word)).to_be_visible()
        page.wait_for_timeout(1000)  # until both event sockets are open
        row(page, word).get_by_text("¥12万").hover()
        row(page, word).get_by_role("button", name=re.compile("金额")).click()
        page.get_by_label(re.compile("金额")).locator("visible=true").last.fill("28.6万")
        page.keyboard.press("Enter")
        expect(row(page, word).get_by_text("¥28.6万")).to_be_visible()
        expect(row(other, word).get_by_text("¥28.6万")).to_be_visible(timeout=10_000)
        assert value(caller, deal, "amount") == "286000.00"

        # What the server refuses goes back to what it was, and is said.
        row(page, word).get_by_text("¥28.6万").hover()
        row(page, word).get_by_role("button", name=re.compile("金额")).click()
        page.keyboard.type("很多")
        page.keyboard.press("Enter")
        expect(page.get_by_text(re.compile("填写有误：“金额”"))).to_be_visible()
        expect(row(page, word).get_by_text("¥28.6万")).to_be_visible()

        # Esc takes nothing.
        row(page, word).get_by_role("button", name=re.compile("金额")).click()
        page.keyboard.type("1")
        page.keyboard.press("Escape")
        expect(row(page, word).get_by_text("¥28.6万")).to_be_visible()
        assert value(caller, deal, "amount") == "286000.00"


def test_who_was_slower_decides(
    browser: Browser, installation: Installation, logins: dict[str, Any], caller: Caller
) -> None:
    word, [deal] = some_deals(caller, 1, next_step="约技术总监")
    with opened(browser, installation, logins, f"/deals?q={quote(word)}") as page:
        cell = row(page, word)
        cell.get_by_text("约技术总监").hover()
        cell.get_by_role("button", name=re.compile("下一步")).click()
        answer = caller.call(
            "PATCH", f"/api/records/deal/{deal['id']}", {"changes": {"next_step": {"value": "送样"}}}
        )
        assert answer.status == 200
        page.keyboard.type("报价")
        page.keyboard.press("Enter")
        asked = page.get_by_role("dialog")
        expect(asked.get_by_text("送样")).to_be_visible()
        expect(asked.get_by_text("报价")).to_be_visible()
        asked.get_by_role("button", name="改成我的").click()
        expect(cell.get_by_text("报价")).to_be_visible()
        assert becomes(page, caller, deal, "next_step", "报价")


def test_many_are_changed_deleted_and_brought_back(
    browser: Browser, installation: Installation, logins: dict[str, Any], caller: Caller
) -> None:
    word, deals = some_deals(caller, 3, next_step="先打电话")
    with opened(browser, installation, logins, f"/deals?q={quote(word)}") as page:
        expect(rows(page)).to_have_count(3)
        page.get_by_role("checkbox").first.check()
        expect(page.get_by_text("已选 3 条")).to_be_visible()
        page.get_by_role("button", name="批量修改").click()
        page.get_by_role("combobox", name="字段").click()
        page.locator(".ant-select-item").get_by_text("下一步", exact=True).click()
        page.get_by_label("改为", exact=True).fill("发送报价单")
        page.get_by_role("dialog").get_by_role("button", name=re.compile("修\\s*改")).click()
        expect(page.get_by_text("已修改 3 条的下一步")).to_be_visible()
        expect(rows(page).filter(has_text="发送报价单")).to_have_count(3)
        page.get_by_role("button", name=re.compile("撤\\s*销")).last.click()
        expect(rows(page).filter(has_text="先打电话")).to_have_count(3)
        assert all(becomes(page, caller, deal, "next_step", "先打电话") for deal in deals)

        page.get_by_role("checkbox").nth(1).check()
        page.get_by_role("button", name=re.compile("^删\\s*除$")).click()
        page.get_by_role("dialog").get_by_role("button", name=re.compile("删\\s*除")).click()
        expect(rows(page)).to_have_count(2)
        expect(page.get_by_text("已删除 1 条")).to_be_visible()
        page.get_by_role("button", name=re.compile("撤\\s*销")).last.click()
        expect(rows(page)).to_have_count(3)


def test_rows_are_grouped_given_away_and_their_columns_set(
    browser: Browser, installation: Installation, logins: dict[str, Any], caller: Caller
) -> None:
    word, deals = some_deals(caller, 3, amount="1000000")
    stage = caller.get("/api/pipelines")[0]["stages"][0]["zh"]
    mine = caller.get("/api/me")["name"]
    rep = next(
        each["name"] for each in caller.get("/api/users") if each["email"] == logins["Sales rep"]["email"]
    )
    with opened(browser, installation, logins, f"/deals?group=stage&q={quote(word)}") as page:
        head = page.get_by_role("button", name=stage)
        expect(head).to_have_attribute("aria-expanded", "false")
        expect(rows(page).get_by_text("¥300万")).to_be_visible()
        expect(rows(page)).to_have_count(1)
        page.keyboard.press("j")
        page.keyboard.press("ArrowRight")
        expect(rows(page)).to_have_count(4)
        no_barrier(page)

        page.get_by_role("checkbox").first.check()
        page.get_by_role("button", name=re.compile("^分\\s*配$")).click()
        page.get_by_role("combobox", name="分配给").click()
        page.keyboard.type(rep)
        page.keyboard.press("Enter")
        page.get_by_role("dialog").get_by_role("button", name=re.compile("^分\\s*配$")).click()
        expect(page.get_by_text(f"已将 3 条分配给{rep}")).to_be_visible()
        assert becomes(page, caller, deals[0], "owner", rep)
        page.get_by_role("button", name=re.compile("^撤\\s*销$")).last.click()
        expect(page.get_by_text("已撤销")).to_be_visible()
        assert all(becomes(page, caller, deal, "owner", mine) for deal in deals)

        edge = page.get_by_role("separator", name="“金额”的列宽")
        before = edge.get_attribute("aria-valuenow")
        edge.press("ArrowRight")
        expect(edge).not_to_have_attribute("aria-valuenow", str(before))
        title, target = (
            page.locator(f"th[data-column={key}]").bounding_box() for key in ("owner", "account")
        )
        assert title
        assert target
        page.mouse.move(title["x"] + 20, title["y"] + 20)
        page.mouse.down()
        page.mouse.move(target["x"] + 10, target["y"] + 20, steps=6)
        page.mouse.up()
        expect(page.locator("th[data-column]").nth(1)).to_have_attribute("data-column", "owner")
        asked = parse_qs(urlparse(page.url).query)
        assert asked["columns"][0].startswith("name,owner,account")
        assert "amount:" in asked["widths"][0]
        assert "sort" not in asked  # a head that was dragged was not clicked


def test_a_list_is_walked_by_keyboard(
    browser: Browser, installation: Installation, logins: dict[str, Any], caller: Caller
) -> None:
    word, deals = some_deals(caller, 2)
    with opened(browser, installation, logins, f"/deals?sort=name&q={quote(word)}") as page:
        expect(rows(page)).to_have_count(2)
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(page.get_by_text("已选 1 条")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_text("已选 1 条")).to_have_count(0)
        page.keyboard.press("e")
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(f"{word} 改名")
        page.keyboard.press("Enter")
        expect(row(page, f"{word} 改名")).to_be_visible()
        assert becomes(page, caller, deals[1], "name", f"{word} 改名")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"open={deals[1]['id']}"))
        page.goto(f"{installation.address}/deals?sort=name&q={quote(word)}")
        expect(rows(page)).to_have_count(2)
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        page.keyboard.press("ControlOrMeta+Enter")
        expect(page).to_have_url(re.compile(f"/deals/{deals[0]['id']}$"))
        page.goto(f"{installation.address}/deals")
        expect(rows(page).first).to_be_visible()
        page.keyboard.press("c")
        expect(page.get_by_role("dialog").get_by_text("新建商机")).to_be_visible()


def test_a_deal_is_dragged_and_moved_by_keyboard(
    browser: Browser, installation: Installation, logins: dict[str, Any], caller: Caller
) -> None:
    word, deals = some_deals(caller, 2, amount="1000000")
    stages = [stage["zh"] for stage in caller.get("/api/pipelines")[0]["stages"]]
    with opened(browser, installation, logins, f"/deals?layout=board&q={quote(word)}") as page:

        def column(place: int) -> Locator:
            return page.get_by_role("region", name=stages[place], exact=True)

        expect(column(0).get_by_text("¥200万")).to_be_visible()
        card = column(0).get_by_role("button").filter(has_text=f"{word} 0")
        start, end = card.bounding_box(), column(1).bounding_box()
        assert start
        assert end
        page.mouse.move(start["x"] + 40, start["y"] + 30)
        page.mouse.down()
        page.mouse.move(start["x"] + 60, start["y"] + 40, steps=4)
        page.mouse.move(end["x"] + 120, end["y"] + 140, steps=12)
        page.mouse.up()
        expect(column(1).get_by_text(f"{word} 0")).to_be_visible()
        expect(column(0).get_by_text(f"{word} 0")).to_have_count(0)
        expect(column(1).get_by_text("¥100万").first).to_be_visible()
        assert becomes(page, caller, deals[0], "stage", stages[1])

        column(0).get_by_role("button").filter(has_text=f"{word} 1").focus()
        page.keyboard.press("Space")
        page.wait_for_timeout(300)  # it is measured where everything stands
        for _ in range(2):
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(300)
        page.keyboard.press("Space")
        expect(column(2).get_by_text(f"{word} 1")).to_be_visible()
        assert becomes(page, caller, deals[1], "stage", stages[2])
