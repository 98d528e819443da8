"""What is collected changes as it should: proposed by one in the browser, approved by another, and then in force."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.installation import Installation
from tests.journeys.test_browser import barriers, page_of

WORDS = {
    "zh": {
        "propose": "提出新版本", "preset": "欧盟（GDPR）", "send": "提交审批", "needed": "请写明理由，审批人会看到", "approve": "批准并生效",
        "own": "您提出的版本须由另一位数据治理小组成员审批。", "days": "395 天",
    },
    "en": {
        "propose": "Propose a version", "preset": "European Union (GDPR)", "send": "Send to be decided",
        "needed": "Say why; who decides will read it", "approve": "Approve",
        "own": "What you proposed is decided by another member of the data-governance group.", "days": "395 days",
    },
}  # fmt: skip


@pytest.mark.parametrize(("width", "theme", "lang"), [(1440, "light", "zh"), (390, "dark", "en")])
def test_one_proposes_another_approves(
    browser: Browser, installation: Installation, logins: dict[str, Any], width: int, theme: str, lang: str
) -> None:
    t = WORDS[lang]
    look: dict[str, Any] = {"width": width, "theme": theme, "lang": lang}
    ops, legal = logins["Sales operations"], logins["Legal"]
    with page_of(browser, installation, ops, **look) as page:
        page.goto(f"{installation.address}/governance")
        page.get_by_role("button", name=t["propose"]).click()
        form = page.get_by_role("dialog")
        form.get_by_role("button", name=t["preset"]).click()
        form.get_by_role("button", name=t["send"]).click()
        expect(form.get_by_text(t["needed"])).to_be_visible()
        form.locator("#reason").fill(f"欧洲客户 {lang}")
        form.get_by_role("button", name=t["send"]).click()
        expect(page.get_by_text(t["own"])).to_be_visible()
        expect(page.get_by_role("button", name=t["approve"], exact=True)).to_have_count(0)
        with page_of(browser, installation, legal, **look) as other:
            other.goto(f"{installation.address}/governance")
            expect(other.get_by_text(f"欧洲客户 {lang}")).to_be_visible()
            other.get_by_role("button", name=t["approve"], exact=True).click()
            expect(other.get_by_role("button", name=t["approve"], exact=True)).to_have_count(0)
        # Who proposed it sees that without loading the page again.
        expect(page.get_by_text(t["own"])).to_have_count(0)
        expect(page.get_by_text(t["days"]).first).to_be_visible()


@pytest.mark.parametrize(("width", "theme", "lang"), [(390, "light", "zh")])
def test_a_file_is_looked_at_before_it_is_brought(
    browser: Browser, installation: Installation, logins: dict[str, Any], width: int, theme: str, lang: str
) -> None:
    scans = "扫码时间,姓名,公司,邮箱,手机,同意,同意时间,文案版本\n"
    scans += "2026-11-20 10:00,李雷,远航科技,li.lei@example.com,,是,2026-11-20,1\n"
    scans += "2026-11-20 10:05,韩梅,海天电子,han@example.com,,,,\n昨天,王五,,,,,,\n"
    file = {"name": "工博会.csv", "mimeType": "text/csv", "buffer": scans.encode("gb18030")}
    ops = logins["Sales operations"]
    with page_of(browser, installation, ops, width=width, theme=theme, lang=lang) as page:
        page.goto(f"{installation.address}/governance?tab=files")
        page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]  # a mapping of its shape
        check = page.get_by_role("region", name="导入后会怎样")
        for told in ("拦下：没有有效的同意", "未识别：没有写明是谁"):
            expect(check.get_by_text(told)).to_be_visible()
        expect(page.get_by_role("cell", name="李雷")).to_be_visible()
        assert barriers(page, "main") == []
        page.get_by_role("button", name="开始导入").click()
        result = page.get_by_role("region", name="导入结果")
        expect(result.locator("dd").first).to_have_text("1")
        with page.expect_download() as download:
            page.get_by_role("button", name="下载未识别的行号和原因").click()
        assert "没有写明是谁" in download.value.path().read_text(encoding="utf-8-sig")


CONSENT = {
    "zh": {
        "another": "发布新版本", "own": "中文", "publish": "发布", "version": "第 {} 版 · ", "give": "登记同意", "proof": "依据",
        "needed": "请写明依据", "given": "已同意", "withdraw": "登记撤回", "now": "撤回并删除", "withdrawn": "已撤回",
        "erases": "将立即删除 0 条信号", "card": "同意",
    },
    "en": {
        "another": "Publish another version", "own": "English", "publish": "Publish", "version": "Version {} · ",
        "give": "Note consent", "proof": "What shows it", "needed": "Say what shows it", "given": "Given",
        "withdraw": "Note withdrawal", "now": "Withdraw and erase", "withdrawn": "Withdrawn",
        "erases": "Erased at once: signals, 0", "card": "Consent",
    },
}  # fmt: skip


@pytest.mark.parametrize(("width", "theme", "lang"), [(1440, "light", "zh"), (390, "dark", "en")])
def test_a_contact_agrees_to_a_wording_and_withdraws(
    browser: Browser, installation: Installation, logins: dict[str, Any], width: int, theme: str, lang: str
) -> None:
    t = CONSENT[lang]
    ops = logins["Sales operations"]
    caller = installation.caller(ops["email"], ops["password"])
    account = caller.get("/api/accounts?limit=1")["items"][0]["id"]
    body = {"values": {"name": f"同意 {lang}"}, "account": account}
    contact = caller.call("POST", "/api/records/contact", body).json["id"]
    with page_of(browser, installation, ops, width=width, theme=theme, lang=lang) as page:
        page.goto(f"{installation.address}/governance?tab=wordings")
        before = max(each["version"] for each in caller.get("/api/collecting")["wordings"])
        page.get_by_role("button", name=t["another"]).first.click()
        form = page.get_by_role("dialog")
        expect(form.get_by_role("button", name=t["publish"], exact=True)).to_be_disabled()
        form.get_by_label(t["own"]).fill(f"可以吗？ {lang}")
        form.get_by_role("button", name=t["publish"], exact=True).click()
        expect(page.get_by_text(t["version"].format(before + 1))).to_be_visible()
        assert barriers(page, "main") == []
        page.goto(f"{installation.address}/contacts/{contact}")
        card = page.get_by_role("region", name=t["card"], exact=True)
        card.get_by_role("button", name=t["give"]).first.click()
        expect(form.get_by_text(f"可以吗？ {lang}")).to_be_visible()
        form.get_by_role("button", name=t["give"]).click()
        expect(form.get_by_text(t["needed"], exact=True)).to_be_visible()
        form.get_by_label(t["proof"]).fill("第 17 号签字件")
        form.get_by_role("button", name=t["give"]).click()
        expect(card.get_by_text(t["given"], exact=True)).to_be_visible()
        expect(card.get_by_text("第 17 号签字件")).to_be_visible()
        card.get_by_role("button", name=t["withdraw"]).first.click()
        expect(form.get_by_text(t["erases"])).to_be_visible()
        assert barriers(page, "[role=dialog]") == []
        form.get_by_label(t["proof"]).fill("来电")
        form.get_by_role("button", name=t["now"]).click()
        expect(card.get_by_text(t["withdrawn"], exact=True)).to_be_visible()
