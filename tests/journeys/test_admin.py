"""Administration in the browser: somebody comes, gets a role, works, leaves, and the audit trail tells of it."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.installation import Installation
from tests.journeys.test_browser import OPERATIONS, no_barrier, page_of

ADMIN = "Administrator"
PASSWORD = "three grey herons"
WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "people": "人员", "organisation": "组织", "roles": "角色", "why": "权限说明", "audit": "审计",
        "jobs": "后台任务", "add": "添加人员", "name": "姓名", "email": "邮箱", "role": "角色", "rep": "销售代表",
        "address": "密码设置链接", "sent": "我已发送", "password": "新密码", "again": "再次输入新密码",
        "set": "设置密码", "done": "密码已设置", "search": "搜索姓名或邮箱", "work": "1 个在途商机",
        "deactivate": "停用账号", "to": "转交给", "inactive": "账号已停用", "trail": "此人的变更记录",
        "handed": "转交业务", "left": "停用账号", "granted": "授予角色", "verify": "验证全链", "whole": "完好",
        "export": "导出 CSV", "withheld": "内容属于您无权查看的记录", "manager": "团队负责人", "ask": "说明",
        "may": "不可查看", "close": "Close",
    },
    "en": {
        "people": "People", "organisation": "Organisation", "roles": "Roles", "why": "Permissions",
        "audit": "Audit", "jobs": "Background jobs", "add": "Add person", "name": "Name", "email": "E-mail",
        "role": "Role", "rep": "Sales rep", "address": "Password link", "sent": "I have sent it",
        "password": "New password", "again": "New password once more", "set": "Set password",
        "done": "Your password is set", "search": "Search name or e-mail", "work": "1 open deal",
        "deactivate": "Deactivate", "to": "Hand over to", "inactive": "is inactive now",
        "trail": "Changes to this person", "handed": "Handed work over", "left": "Deactivated",
        "granted": "Granted a role", "verify": "Verify the chain", "whole": "Whole", "export": "Export CSV",
        "withheld": "Of a record that you may not see", "manager": "Manager", "ask": "Explain",
        "may": "May not see", "close": "Close",
    },
}  # fmt: skip


@pytest.mark.parametrize(("width", "theme", "lang"), [(1440, "light", "zh"), (390, "dark", "en")])
def test_somebody_comes_works_and_leaves(
    browser: Browser, installation: Installation, logins: dict[str, Any], width: int, theme: str, lang: str
) -> None:
    t, who = WORDS[lang], {"zh": "苏晚晴", "en": "Ines Okafor"}[lang]
    email = f"new-{lang}@example.com"
    with page_of(browser, installation, logins[ADMIN], width=width, theme=theme, lang=lang) as page:
        page.goto(f"{installation.address}/admin/people")
        page.get_by_role("button", name=t["add"]).click()
        form = page.get_by_role("dialog")
        form.get_by_label(t["name"], exact=True).fill(who)
        form.get_by_label(t["email"], exact=True).fill(email)
        form.get_by_label(t["role"], exact=True).click()
        page.locator(".ant-select-item-option", has_text=t["rep"]).click()
        expect(form.locator(".ant-select-content", has_text=t["rep"])).to_be_visible()
        page.keyboard.press("Escape")
        no_barrier(page)
        form.get_by_role("button", name=t["add"]).click()
        link = page.get_by_role("textbox", name=t["address"])
        expect(link).to_have_value(re.compile(r"/welcome#[\w-]{43}$"))
        no_barrier(page)
        choose_a_password(browser, installation, link.input_value(), lang)
        page.get_by_role("button", name=t["sent"]).click()

        deal, owner = give_a_deal(installation, logins, email)
        find(page, t, who)
        drawer = page.locator(".ant-drawer-content-wrapper")
        expect(drawer.get_by_text(re.compile(t["work"]))).to_be_visible()
        no_barrier(page)
        drawer.get_by_role("button", name=t["deactivate"]).click()
        asked = page.get_by_role("dialog").last
        asked.get_by_role("combobox", name=t["to"]).fill(owner["name"])
        page.locator(".ant-select-item-option", has_text=owner["name"]).first.click()
        asked.get_by_role("button", name=t["deactivate"]).click()
        expect(page.get_by_text(re.compile(t["inactive"])).first).to_be_visible()
        seen = installation.caller(logins[OPERATIONS]["email"], logins[OPERATIONS]["password"])
        assert seen.get(f"/api/deals/{deal}")["owner"] == owner
        with pytest.raises(AssertionError, match="wrong_credentials"):
            installation.caller(email, PASSWORD)

        drawer.get_by_role("link", name=t["trail"]).click()
        rows = page.locator("main ol > li")
        for place, verb in enumerate((t["handed"], t["left"])):
            expect(rows.nth(place)).to_contain_text(verb)
            expect(rows.nth(place)).to_contain_text(who)
        expect(rows.nth(0)).to_contain_text(owner["name"])
        expect(rows.filter(has_text=t["granted"])).to_contain_text(t["rep"])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        no_barrier(page)


def choose_a_password(browser: Browser, installation: Installation, link: str, lang: str) -> None:
    t = WORDS[lang]
    with page_of(browser, installation, None, width=390, theme="light", lang=lang) as page:
        page.goto(link)
        page.get_by_label(t["password"], exact=True).fill(PASSWORD)
        page.get_by_label(t["again"], exact=True).fill(PASSWORD)
        no_barrier(page)
        page.get_by_role("button", name=t["set"]).click()
        expect(page.get_by_role("heading", name=t["done"])).to_be_visible()


def give_a_deal(installation: Installation, logins: dict[str, Any], email: str) -> tuple[int, dict[str, Any]]:
    """Let somebody own a deal as sales operations; return it and whose it was."""
    operations = installation.caller(logins[OPERATIONS]["email"], logins[OPERATIONS]["password"])
    users = {user["email"]: user["id"] for user in operations.get("/api/users")}
    deal = next(one for one in operations.get("/api/deals?status=open&limit=50")["items"] if one["owner"])
    answer = operations.call("POST", f"/api/deals/{deal['id']}/assign", {"owner": users[email], "team": None})
    assert answer.status == 200, answer.body
    return deal["id"], deal["owner"]


def find(page: Page, t: dict[str, str], who: str) -> None:
    page.get_by_role("searchbox", name=t["search"]).fill(who)
    page.get_by_role("button", name=re.compile(who)).click()


@pytest.mark.parametrize(("width", "theme", "lang"), [(390, "light", "zh")])
def test_every_section_shows_what_it_is_about_without_a_barrier(
    browser: Browser, installation: Installation, logins: dict[str, Any], width: int, theme: str, lang: str
) -> None:
    t = WORDS[lang]
    rep = installation.caller(logins["Sales rep"]["email"], logins["Sales rep"]["password"]).get("/api/me")
    with page_of(browser, installation, logins[ADMIN], width=width, theme=theme, lang=lang) as page:
        page.goto(f"{installation.address}/jobs?status=failed")
        expect(page).to_have_url(re.compile(r"/admin/jobs\?status=failed$"))
        for section in ("people", "organisation", "roles", "why", "audit", "jobs"):
            page.goto(f"{installation.address}/admin")
            if width >= 768:
                expect(page).to_have_url(re.compile("/admin/people$"))
            page.locator("main nav").get_by_role("link", name=re.compile(f"^{t[section]}")).click()
            expect(page.get_by_role("heading", name=t[section], exact=True)).to_be_visible()
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            no_barrier(page)
        page.goto(f"{installation.address}/admin/organisation?team={rep['team']['id']}")
        expect(page.get_by_role("combobox", name=t["manager"])).to_be_visible()
        expect(page.get_by_role("link", name=re.compile(rep["name"]))).to_be_visible()
        no_barrier(page)
        page.goto(f"{installation.address}/admin/why?person={rep['id']}&record=1")
        expect(page.get_by_text(re.compile(t["may"])).first).to_be_visible()
        no_barrier(page)


def test_the_trail_is_verified_and_taken_out_and_keeps_customers_to_itself(
    browser: Browser, installation: Installation, logins: dict[str, Any], tmp_path: Path
) -> None:
    t = WORDS["zh"]
    operations = installation.caller(logins[OPERATIONS]["email"], logins[OPERATIONS]["password"])
    deal = operations.get("/api/deals?status=open&limit=1")["items"][0]
    body = {"version": deal["version"], "name": "只有看得到商机的人才读得到"}
    assert operations.call("PATCH", f"/api/deals/{deal['id']}", body).status == 200
    with page_of(browser, installation, logins[ADMIN], width=1440, theme="light", lang="zh") as page:
        page.goto(f"{installation.address}/admin/audit?kind=crm.Deal&key={deal['id']}")
        expect(page.locator("main ol > li").first).to_contain_text(t["withheld"])
        expect(page.get_by_text(body["name"])).to_have_count(0)
        page.get_by_role("button", name=t["verify"]).click()
        expect(page.get_by_text(t["whole"], exact=True)).to_be_visible(timeout=60_000)
        with page.expect_download() as download:
            page.get_by_role("button", name=t["export"]).click()
        file = tmp_path / "audit.csv"
        download.value.save_as(file)
        table = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
        assert {row[5] for row in table[1:]} == {"crm.Deal"}
        assert body["name"] not in file.read_text(encoding="utf-8-sig")
        page.goto(f"{installation.address}/admin/audit?verb=exported")
        expect(page.locator("main ol > li").first).to_contain_text("crm.Deal")


def test_who_does_not_administer_is_told_so(
    browser: Browser, installation: Installation, logins: dict[str, Any]
) -> None:
    with page_of(browser, installation, logins["Sales rep"], width=1440, theme="light", lang="zh") as page:
        page.goto(f"{installation.address}/admin/audit")
        expect(page.get_by_role("alert")).to_contain_text("您没有查看这里的权限")
        expect(page.get_by_role("link", name="管理", exact=True)).to_have_count(0)
        no_barrier(page)
