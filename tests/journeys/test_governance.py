"""What is collected changes as it should: proposed by one in the browser, approved by another, and then in force."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.installation import Installation
from tests.journeys.test_browser import page_of

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
