"""The wizard as people use it: a file is dropped, read, checked, mended, imported, and taken back."""

from __future__ import annotations

import re
import urllib.parse
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.installation import Installation
from tests.journeys.test_browser import OPERATIONS, no_barrier, page_of

FILE = (
    "姓名,公司,邮箱,手机\n"
    "导入甲,旅程试验有限公司,journey-a@example.com,13700000001\n"
    "导入乙,旅程试验有限公司,不是邮箱,13700000002\n"
)
LOOKS = [(1440, "light", "zh"), (390, "dark", "en")]
WORDS = {
    "zh": ("联系人", "文件里的客户不存在时自动新建", "保存并检查", "开始导入 1 行", "已完成", "撤销导入", "撤销", "已撤销"),
    "en": (
        "contact", "Make accounts that the file names and nobody has", "Save and check", "Import 1 row", "Done",
        "Undo import", "Undo", "Undone",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("width", "theme", "lang"), LOOKS)
def test_a_file_comes_in_and_is_taken_back(
    browser: Browser, installation: Installation, logins: dict[str, Any], width: int, theme: str, lang: str
) -> None:
    kind, make, check, run, done, undo, yes, undone = WORDS[lang]
    login = logins[OPERATIONS]
    caller = installation.caller(login["email"], login["password"])
    with page_of(browser, installation, login, width=width, theme=theme, lang=lang) as page:
        page.goto(f"{installation.address}/imports/new")
        page.get_by_role("main").get_by_text(kind, exact=True).click()
        no_barrier(page)
        page.locator("input[type=file]").set_input_files(
            {"name": "展会.csv", "mimeType": "text/csv", "buffer": FILE.encode("gb18030")}
        )
        expect(page.get_by_text(re.compile("journey-a@example.com")).first).to_be_visible()
        page.get_by_label(make).check()
        fits(page, width)
        no_barrier(page)
        page.get_by_role("button", name=check).click()
        start = page.get_by_role("button", name=run)
        expect(start).to_be_visible()
        no_barrier(page)
        start.click()
        expect(page.get_by_text(done, exact=True).first).to_be_visible(timeout=60_000)
        found = caller.get("/api/records/contact?q=journey-a")
        assert [each["title"] for each in found["items"]] == ["导入甲"]
        no_barrier(page)
        fits(page, width)
        page.get_by_role("button", name=undo).click()
        page.get_by_role("button", name=yes, exact=True).last.click()
        expect(page.get_by_text(undone, exact=True).first).to_be_visible(timeout=60_000)
        assert caller.get("/api/records/contact?q=journey-a")["total"] == 0
        query = urllib.parse.quote("旅程试验")
        assert caller.get(f"/api/records/account?q={query}")["total"] == 0
        page.goto(f"{installation.address}/imports")
        expect(page.get_by_text("展会.csv").first).to_be_visible()
        fits(page, width)
        no_barrier(page)


def fits(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width
