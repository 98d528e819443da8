"""A duplicate is entered, found, merged with the keyboard and taken apart again; somebody who left is confirmed."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.installation import PATIENCE, Caller, Installation
from tests.journeys.test_browser import LOOKS, OPERATIONS, no_barrier, page_of

REP = "Sales rep"


@pytest.fixture(scope="module")
def twin(installation: Installation, logins: dict[str, Any]) -> dict[str, Any]:
    """An account entered twice, found as a pair; and a mail that came back."""
    caller = installation.caller(logins[OPERATIONS]["email"], logins[OPERATIONS]["password"])
    deal = caller.get("/api/deals?status=open&sort=-amount&limit=1")["items"][0]
    account = caller.get(f"/api/records/account/{deal['account']['id']}")
    values = {"name": f"{account['title']}（集团）", "phone": "021-65432100", "tags": ["重点"]}
    asked = caller.call("POST", "/api/records/account-check", {"values": values}).json
    assert account["id"] in {match["id"] for match in asked["matches"]}
    body = {"values": values, "line": account["values"]["line"]["id"], "owner": deal["owner"]["id"]}
    added = caller.call("POST", "/api/records/account", body)
    assert added.status == 201, added.body
    assert caller.call("POST", "/api/duplicates/search", {}).status == 202
    found = wait_for_pair(caller, {account["id"], added.json["id"]})
    people = caller.get(f"/api/deals/{deal['id']}/people")["contacts"]
    contact = next(each["contact"] for each in people if each["contact"]["left_at"] is None)
    talk = {
        "channel": "mail", "direction": "in", "title": "Undeliverable: 报价", "text": "550 5.1.1 user unknown",
        "contact": contact["id"], "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60)),
    }  # fmt: skip
    told = caller.call("POST", f"/api/deals/{deal['id']}/communications", talk)
    assert told.status == 201, told.body
    return {"pair": found, "account": account, "gone": added.json, "contact": contact}


def wait_for_pair(caller: Caller, keys: set[int]) -> dict[str, Any]:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for pair in caller.get("/api/duplicates?limit=100")["items"]:
            if {pair["low"]["id"], pair["high"]["id"]} == keys:
                found: dict[str, Any] = pair
                return found
        time.sleep(0.5)
    raise AssertionError("the pair was not found")


@pytest.mark.parametrize(("width", "theme", "lang"), LOOKS[::3])
def test_the_queue_has_no_barrier(
    browser: Browser,
    installation: Installation,
    logins: dict[str, Any],
    twin: dict[str, Any],
    width: int,
    theme: str,
    lang: str,
) -> None:
    with page_of(
        browser, installation, logins[OPERATIONS], width=width, theme=theme, lang=lang
    ) as page:  # fmt: skip
        for tab, shows in (
            ("duplicates", twin["gone"]["title"]),
            ("departures", twin["contact"]["name"]),
            ("settings", ""),
        ):
            page.goto(f"{installation.address}/admin/quality?tab={tab}")
            if shows:
                expect(page.get_by_role("region").filter(has_text=shows).first).to_be_visible()
            no_barrier(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_two_become_one_by_keys_and_two_again(
    browser: Browser, installation: Installation, logins: dict[str, Any], twin: dict[str, Any]
) -> None:
    caller = installation.caller(logins[OPERATIONS]["email"], logins[OPERATIONS]["password"])
    with page_of(browser, installation, logins[OPERATIONS], width=1440, theme="light", lang="zh") as page:
        page.goto(f"{installation.address}/admin/quality")
        sides = [twin["pair"][side]["title"] for side in ("low", "high")]
        card = page.get_by_role("region", name=re.compile(f"：{' 与 '.join(map(re.escape, sides))}$"))
        expect(card).to_be_visible()
        card.locator("th").first.click()
        page.keyboard.press("l")
        expect(card.get_by_role("button", name="保留右侧")).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("k")
        expect(card.get_by_role("button", name="保留左侧")).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("m")
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("radio", name="021-65432100")).to_be_checked()
        no_barrier(page)
        dialog.get_by_role("button", name="合并").click()
        expect(card).to_have_count(0)
        low, high = twin["pair"]["low"]["id"], twin["pair"]["high"]["id"]
        assert caller.get(f"/api/records/account/{high}")["id"] == low
        assert caller.get(f"/api/records/account/{low}")["values"]["tags"] == ["重点"]
        page.get_by_role("button", name="撤销合并").click()
        expect(page.get_by_text("两条记录恢复原样")).to_be_visible()
        expect(card).to_be_visible()
    assert caller.get(f"/api/records/account/{high}")["id"] == high
    assert caller.get(f"/api/records/account/{low}")["values"] == twin["account"]["values"] | {
        "changed_at": caller.get(f"/api/records/account/{low}")["values"]["changed_at"]
    }


def test_who_left_is_confirmed(
    browser: Browser, installation: Installation, logins: dict[str, Any], twin: dict[str, Any]
) -> None:
    name = twin["contact"]["name"]
    with page_of(browser, installation, logins[OPERATIONS], width=390, theme="light", lang="en") as page:
        page.goto(f"{installation.address}/admin/quality?tab=departures")
        card = page.get_by_role("region", name=name, exact=True)
        expect(card.get_by_text("Mail came back for good")).to_be_visible()
        card.get_by_role("button", name="Confirm: left").click()
        expect(card).to_have_count(0)
    caller = installation.caller(logins[OPERATIONS]["email"], logins[OPERATIONS]["password"])
    assert caller.get(f"/api/records/contact/{twin['contact']['id']}")["values"]["left_at"]


def test_a_rep_is_told_no_value_of_what_is_not_theirs(
    installation: Installation, logins: dict[str, Any]
) -> None:
    rep = installation.caller(logins[REP]["email"], logins[REP]["password"])
    own = {each["id"] for each in rep.get("/api/records/account?limit=200")["items"]}
    operations = installation.caller(logins[OPERATIONS]["email"], logins[OPERATIONS]["password"])
    everything = operations.get("/api/records/account?limit=200")["items"]
    theirs = next(each for each in everything if each["id"] not in own)
    answer = rep.call("POST", "/api/records/account-check", {"values": {"name": theirs["title"]}}).json
    assert answer["matches"] == []
    assert [set(each) for each in answer["hidden"]] == [{"team"}]
