"""One record from its first word to the bin and back, as people go through it with mouse and keyboard."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.sync_api import Browser, Page, Route, expect

from tests.journeys.installation import Installation
from tests.journeys.test_browser import OPERATIONS, no_barrier, page_of

SECONDS = 15_000
"""Patience for what a busy machine does in a tenth of it."""


def begin_lead(page: Page, installation: Installation, company: str) -> None:
    """Create a lead from the palette, with the keyboard alone."""
    page.goto(f"{installation.address}/tasks")
    expect(page.get_by_role("heading", name="任务", exact=True)).to_be_visible(timeout=SECONDS)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("新建线索")
    expect(page.get_by_role("option", name="新建线索")).to_be_visible()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("姓名").fill("周海涛")
    dialog.get_by_label("公司").fill(company)
    no_barrier(page)
    dialog.get_by_role("button", name=re.compile("^创\\s?建$")).click()
    expect(page).to_have_url(re.compile(r"/leads/\d+$"), timeout=SECONDS)
    expect(page.get_by_role("heading", name="周海涛")).to_be_visible()


def convert(page: Page, company: str) -> None:
    page.get_by_role("button", name=re.compile("^转\\s?化$")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("公司名称")).to_have_value(company, timeout=SECONDS)
    dialog.get_by_label("商机名称").fill("装配线视觉检测")
    dialog.get_by_label("金额").fill("86万")
    no_barrier(page)
    dialog.get_by_role("button", name=re.compile("^转\\s?化$")).click()
    expect(page).to_have_url(re.compile(r"/deals/\d+$"), timeout=SECONDS)
    expect(page.get_by_role("heading", name="装配线视觉检测")).to_be_visible(timeout=SECONDS)
    page.get_by_role("link", name=company).first.click()
    expect(page).to_have_url(re.compile(r"/accounts/\d+"), timeout=SECONDS)
    expect(page.get_by_role("link", name="装配线视觉检测")).to_be_visible(timeout=SECONDS)


def edit(page: Page, label: str, value: str) -> None:
    page.get_by_role("button", name=f"修改{label}", exact=True).click()
    page.get_by_role("textbox", name=label, exact=True).fill(value)
    page.keyboard.press("Enter")


def fact(page: Page, label: str) -> Any:
    return page.locator("dl > div").filter(has=page.locator("dt", has_text=label)).locator("dd").first


def test_what_looks_like_one_that_is_there_is_shown_before(
    browser: Browser, installation: Installation, logins: dict[str, Any]
) -> None:
    with page_of(browser, installation, logins[OPERATIONS], width=1440, theme="light", lang="zh") as page:
        company = f"云帆{uuid4().hex[:6]}智能装备有限公司"
        begin_lead(page, installation, company)
        first = page.url
        page.keyboard.press("c")
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("线索", exact=True).first.click()
        dialog.get_by_label("姓名").fill("周海涛")
        dialog.get_by_label("公司").fill(company)
        dialog.get_by_role("button", name=re.compile(r"^创\s?建$")).click()
        told = dialog.get_by_role("alert").filter(has_text="可能已经有了")
        expect(told.get_by_role("link", name="周海涛")).to_be_visible(timeout=SECONDS)
        no_barrier(page)
        # Another name is another customer, and asked about anew.
        dialog.get_by_label("姓名").fill("周海")
        expect(told).to_have_count(0)
        dialog.get_by_label("姓名").fill("周海涛")
        dialog.get_by_role("button", name=re.compile(r"^创\s?建$")).click()
        dialog.get_by_role("button", name="仍然创建").click()
        expect(page).to_have_url(re.compile(r"/leads/\d+$"), timeout=SECONDS)
        expect(page).not_to_have_url(first, timeout=SECONDS)


def test_a_lead_becomes_a_customer_who_is_looked_after(
    browser: Browser, installation: Installation, logins: dict[str, Any], tmp_path: Path
) -> None:
    login = logins[OPERATIONS]
    other = installation.caller(login["email"], login["password"])
    with page_of(browser, installation, login, width=1440, theme="light", lang="zh") as page:
        company = f"云帆{uuid4().hex[:6]}智能装备有限公司"
        begin_lead(page, installation, company)
        lead = int(page.url.rsplit("/", 1)[1])
        convert(page, company)
        account = int(re.sub(r"\D", "", page.url.rsplit("/", 1)[1]))
        path = f"/api/records/account/{account}"

        # A field, edited where it stands; then by two people at once.
        edit(page, "行业", "工业自动化")
        expect(fact(page, "行业")).to_have_text("工业自动化")
        for _ in range(100):
            if other.get(path)["values"]["industry"] == "工业自动化":
                break
            page.wait_for_timeout(100)
        page.get_by_role("button", name="修改行业", exact=True).click()
        changed = other.call("PATCH", path, {"changes": {"industry": {"value": "机器人"}}})
        assert changed.status == 200, changed.body
        page.get_by_role("textbox", name="行业", exact=True).fill("智能制造")
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("机器人")).to_be_visible(timeout=SECONDS)
        expect(dialog.get_by_text("智能制造")).to_be_visible()
        expect(dialog.get_by_text(login["name"]).first).to_be_visible()
        no_barrier(page)
        assert other.get(path)["values"]["industry"] == "机器人"
        dialog.get_by_role("button", name="改成我的").click()
        expect(fact(page, "行业")).to_have_text("智能制造", timeout=SECONDS)

        # What it was comes back, and that is taken back too.
        page.get_by_role("tab", name="修改记录").click()
        page.get_by_role("button", name=re.compile("恢复为修改前的值")).first.click()
        expect(fact(page, "行业")).to_have_text("机器人", timeout=SECONDS)
        no_barrier(page)
        page.get_by_role("button", name=re.compile("^撤\\s?销$")).click()
        expect(fact(page, "行业")).to_have_text("智能制造", timeout=SECONDS)
        assert other.get(path)["values"]["industry"] == "智能制造"

        # A note and a file, which comes back byte for byte and is saved, not shown.
        page.get_by_role("tab", name="备注").click()
        page.get_by_role("textbox", name="备注内容").fill("九月签框架协议")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("九月签框架协议", exact=True)).to_be_visible(timeout=SECONDS)
        content = b"<html><script>document.title = 'shown'</script></html>" * 50
        sent = tmp_path / "报价 说明.html"
        sent.write_bytes(content)
        page.get_by_role("tab", name="附件").click()
        page.get_by_role("button", name="上传附件").wait_for()
        page.locator("input[type=file]").set_input_files(sent)
        link = page.get_by_role("link", name="报价 说明.html")
        expect(link).to_be_visible(timeout=SECONDS)
        with page.expect_download() as download:
            link.click()
        assert Path(download.value.path()).read_bytes() == content
        assert download.value.suggested_filename == sent.name
        no_barrier(page)

        # Deleted with the keyboard's menu, found in the bin, brought back.
        page.goto(f"{installation.address}/leads/{lead}")
        page.get_by_role("button", name="更多操作").click()
        page.get_by_role("menuitem", name=re.compile("^删\\s?除$")).click()
        expect(page).to_have_url(re.compile("/bin"), timeout=SECONDS)
        row = page.get_by_role("listitem").filter(has_text="周海涛")
        expect(row).to_be_visible(timeout=SECONDS)
        assert other.call("GET", f"/api/records/lead/{lead}").status == 404
        no_barrier(page)
        row.get_by_role("button", name=re.compile("^恢\\s?复$")).click()
        expect(row).to_have_count(0, timeout=SECONDS)
        assert other.get(f"/api/records/lead/{lead}")["values"]["account"]["id"] == account


def test_what_is_being_typed_outlasts_a_look_that_is_refused(
    browser: Browser, installation: Installation, logins: dict[str, Any]
) -> None:
    login = logins[OPERATIONS]
    other = installation.caller(login["email"], login["password"])
    path = f"/api/records/account/{other.get('/api/records/account?limit=1')['items'][0]['id']}"

    def refuse(route: Route) -> None:
        told = {"code": "too_often", "zh": "请求太频繁", "en": "Too often", "request": "", "fields": {}}
        route.fulfill(status=429, json=told)

    with page_of(browser, installation, login, width=1440, theme="light", lang="zh") as page:
        page.goto(f"{installation.address}{path.replace('/api/records/account', '/accounts')}")
        page.get_by_role("button", name="修改行业", exact=True).click()
        typing = page.get_by_role("textbox", name="行业", exact=True)
        typing.fill("储能")
        page.route(f"**{path}", refuse)
        with page.expect_response(lambda answer: answer.status == 429):
            assert other.call("PATCH", path, {"changes": {"industry": {"value": "风电"}}}).status == 200
        page.wait_for_timeout(300)  # until what came of it would be on the screen
        expect(typing).to_have_value("储能")
        page.unroute(f"**{path}")
        typing.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("风电")).to_be_visible(timeout=SECONDS)
        expect(dialog.get_by_text("储能")).to_be_visible()


def test_tasks_are_ticked_and_what_they_are_for_opens_beside(
    browser: Browser, installation: Installation, logins: dict[str, Any]
) -> None:
    login = logins[OPERATIONS]
    other = installation.caller(login["email"], login["password"])
    accounts = other.get("/api/accounts?limit=2")["items"]
    for account, title in zip(accounts, ("回访甲", "回访乙"), strict=True):
        body = {"title": title, "due_on": "2020-01-0" + ("1" if title == "回访甲" else "2")}
        assert other.call("POST", f"/api/records/account/{account['id']}/tasks", body).status == 201
    with page_of(browser, installation, login, width=1440, theme="dark", lang="zh") as page:
        page.goto(f"{installation.address}/tasks")
        row = page.get_by_role("listitem").filter(has_text="回访甲")
        row.get_by_role("link", name=accounts[0]["name"]).click()
        panel = page.get_by_role("complementary", name="客户详情")
        expect(panel.get_by_role("heading", name=accounts[0]["name"])).to_be_visible(timeout=SECONDS)
        no_barrier(page)
        page.locator("body").press("j")  # the first of the list
        page.locator("body").press("j")
        expect(panel.get_by_role("heading", name=accounts[1]["name"])).to_be_visible(timeout=SECONDS)
        page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
        row.get_by_role("checkbox").click()  # not check: who is ticked goes at once
        expect(row).to_have_count(0, timeout=SECONDS)
        page.get_by_role("button", name=re.compile("^撤\\s?销$")).click()
        expect(row).to_be_visible(timeout=SECONDS)
        assert {task["title"] for task in other.get("/api/tasks")} >= {"回访甲", "回访乙"}
