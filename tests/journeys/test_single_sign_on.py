"""Single sign-on in a real browser, through a real OpenID provider; and what a provider that lies gets."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from conftest import free_port
from foresail.people.tests.forger import CLIENT, SECRET, Forger, forging, new_key
from hatch_build import WebAppNotBuilt, environment_of, system_node, wheel_node
from tests.journeys.installation import Caller, Installation
from tests.journeys.test_browser import LOOKS, no_barrier

HERE = Path(__file__).parent / "provider"
SECRET_OF_CLIENT = "a secret of enough length for a client"
ADMIN, PASSWORD = "access-admin@example.com", "correct horse battery"
EMAILS = {"alice": "alice@example.com", "mallory": "mallory@example.com", "eve": "eve@example.com"}


@pytest.fixture(scope="module")
def admin(installation: Installation) -> Caller:
    """An administrator and a rep, added from the shell."""
    for email, role in ((ADMIN, "admin"), (EMAILS["alice"], "rep")):
        command = [sys.executable, "-c", "from foresail.site.cli import main; main()", "user", email]
        command += ["--name", email.partition("@")[0], "--role", role]
        subprocess.run(command, input=f"{PASSWORD}\n", env=installation.environment, text=True, check=True)
    return installation.caller(ADMIN, PASSWORD)


@pytest.fixture(scope="module")
def node() -> list[list[str]]:
    """How to call node and npm, with the provider installed."""
    try:
        found = system_node() or wheel_node()
    except WebAppNotBuilt as reason:
        pytest.skip(str(reason))
    if not (HERE / "node_modules" / "oidc-provider").is_dir():
        command = [*found[1], "ci", "--no-audit", "--no-fund"]
        done = subprocess.run(
            command, cwd=HERE, env=environment_of(found), capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.skip(f"the provider cannot be installed: {done.stderr[-500:]}")
    return found


@pytest.fixture(scope="module")
def issuer(node: list[list[str]], installation: Installation) -> Iterator[str]:
    """A real provider that knows Alice, Mallory, whose address it never verified, and Eve, whom we do not know."""
    port = free_port()
    people = {
        login: {"email": email, "email_verified": login != "mallory", "name": login.title()}
        for login, email in EMAILS.items()
    }
    client = {
        "client_id": "foresail",
        "client_secret": SECRET_OF_CLIENT,
        "redirect_uris": [f"{installation.address}/api/sign-in/back"],
        "backchannel_logout_uri": f"{installation.address}/api/sign-in/provider-sign-out",
        "backchannel_logout_session_required": True,
    }
    environment = environment_of(node) | {
        "PORT": str(port), "SETUP": json.dumps({"client": client, "people": people}),
    }  # fmt: skip
    process = subprocess.Popen(
        [*node[0], "provider.mjs"], cwd=HERE, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    yield f"http://127.0.0.1:{port}"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)


STALE = "这次登录已过期，或不是从当前浏览器发起的|This sign-in has expired, or was not begun in this browser"
"""In either language: who signs in takes their own along."""


def settings(issuer: str, **changed: Any) -> dict[str, Any]:
    return {
        "enabled": True, "issuer": issuer, "client": "foresail", "secret": SECRET_OF_CLIENT,
        "name_zh": "公司账号", "name_en": "your company account", "domains": ["example.com"],
        "newcomer_role": None, "passwords": True,
    } | changed  # fmt: skip


@contextmanager
def set_up(admin: Caller, **given: Any) -> Iterator[None]:
    """Let people sign in so until the block ends."""
    kept = admin.call("PUT", "/api/admin/sign-in", given)
    assert kept.status == 200, kept.body
    try:
        yield
    finally:
        off = given | {"enabled": False, "passwords": True}
        assert admin.call("PUT", "/api/admin/sign-in", off).status == 200


@contextmanager
def opened(browser: Browser, *, lang: str = "zh", width: int = 1440, theme: Any = "light") -> Iterator[Page]:
    context = browser.new_context(
        locale={"zh": "zh-CN", "en": "en-US"}[lang],
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        reduced_motion="reduce",
    )
    faults: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: faults.append(told.text) if "Content Security" in told.text else None)
    yield page
    context.close()
    assert faults == []


def to_provider(page: Page, installation: Installation, goal: str = "/me") -> None:
    page.goto(installation.address + goal)
    page.get_by_role("link", name=re.compile("公司账号|company account")).click()


def at_provider(page: Page, login: str) -> None:
    """Sign in on the provider's own pages, and agree to what it asks."""
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill("anything")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def refused(page: Page, installation: Installation, said: str) -> None:
    expect(page.get_by_role("alert")).to_contain_text(re.compile(said))
    assert urlsplit(page.url).path == "/sign-in"
    answer = page.request.get(f"{installation.address}/api/me")
    assert answer.status == 401


def test_somebody_signs_in_through_the_provider_and_is_signed_out_by_it(
    browser: Browser, installation: Installation, admin: Caller, issuer: str
) -> None:
    with set_up(admin, **settings(issuer)), opened(browser) as page:
        to_provider(page, installation)
        at_provider(page, "alice")
        expect(page).to_have_url(f"{installation.address}/me")
        expect(page.get_by_text(EMAILS["alice"]).first).to_be_visible()
        # Again, when the provider knows who it is: nothing is asked.
        page.context.clear_cookies(name="foresail_session")
        to_provider(page, installation)
        expect(page).to_have_url(f"{installation.address}/me")
        expect(page.get_by_text(EMAILS["alice"]).first).to_be_visible()
        page.goto(f"{issuer}/session/end")
        page.get_by_role("button", name="Yes, sign me out").click()
        for _ in range(50):
            if page.request.get(f"{installation.address}/api/me").status == 401:
                break
            page.wait_for_timeout(100)
        else:
            pytest.fail("the provider signed her out, and she was still in after 5 seconds")


def test_a_wrong_state_or_a_code_used_before_is_refused(
    browser: Browser, installation: Installation, admin: Caller, issuer: str
) -> None:
    came_back: list[str] = []
    with set_up(admin, **settings(issuer)), opened(browser) as page:
        page.on(
            "request", lambda sent: came_back.append(sent.url) if "/api/sign-in/back?" in sent.url else None
        )
        to_provider(page, installation)
        at_provider(page, "alice")
        expect(page).to_have_url(f"{installation.address}/me")
        (address,) = came_back
        page.context.clear_cookies(name="foresail_session")
        page.goto(address)
        refused(page, installation, STALE)
        page.goto(re.sub(r"state=[^&]+", "state=made-up", address))
        refused(page, installation, STALE)
        # With the cookie of that sign-in put back, the state is still used up.
        state = re.search(r"state=([^&]+)", address)
        assert state
        page.context.add_cookies(
            [{"name": "foresail_sign_in", "value": state[1], "url": f"{installation.address}/api/sign-in"}]
        )
        page.goto(address)
        refused(page, installation, STALE)


@pytest.mark.parametrize(
    ("login", "lang", "said"),
    [
        ("eve", "zh", "您已通过公司登录验证，但在先见中还没有账号"),
        ("eve", "en", "Your company knows you, but you have no account here yet"),
        ("mallory", "zh", "公司登录系统没有提供经过验证的邮箱"),
    ],
)
def test_who_is_not_known_or_not_verified_is_told_so(
    browser: Browser, installation: Installation, admin: Caller, issuer: str, login: str, lang: str, said: str
) -> None:
    with set_up(admin, **settings(issuer)), opened(browser, lang=lang) as page:
        to_provider(page, installation)
        at_provider(page, login)
        refused(page, installation, said)


def test_who_declines_is_told_so_and_may_try_again(
    browser: Browser, installation: Installation, admin: Caller, issuer: str
) -> None:
    with set_up(admin, **settings(issuer)), opened(browser, lang="en") as page:
        to_provider(page, installation)
        page.get_by_role("link", name="Cancel").click()
        refused(page, installation, "Single sign-on was not completed")
        page.get_by_role("link", name="Sign in with your company account").click()
        at_provider(page, "alice")
        expect(page).to_have_url(re.compile("/today"))


def test_a_provider_that_is_gone_is_told_of(
    browser: Browser, installation: Installation, admin: Caller
) -> None:
    with forging() as forger:
        kept = settings(forger.issuer, client=CLIENT, secret=SECRET)
        assert admin.call("PUT", "/api/admin/sign-in", kept).status == 200
    try:
        with opened(browser) as page:
            page.goto(f"{installation.address}/sign-in?refused=provider_away")
            refused(page, installation, "暂时连不上公司登录系统")
        check = admin.call("POST", "/api/admin/sign-in/check", {"issuer": forger.issuer})
        assert (check.status, check.json["code"]) == (502, "provider_away")
        with opened(browser, lang="en") as page:
            to_provider(page, installation)
            refused(page, installation, "Your company's sign-in cannot be reached")
    finally:
        assert admin.call("PUT", "/api/admin/sign-in", kept | {"enabled": False}).status == 200


@pytest.mark.parametrize(
    ("bent", "said"),
    [
        ({"signing_key": new_key()}, "无法确认公司登录系统返回的身份"),
        ({"claims": {"nonce": "another"}}, "无法确认公司登录系统返回的身份"),
        ({"claims": {"aud": "another"}}, "无法确认公司登录系统返回的身份"),
        ({"claims": {"iss": "https://elsewhere.example"}}, "无法确认公司登录系统返回的身份"),
        ({"algorithm": "none"}, "无法确认公司登录系统返回的身份"),
        ({"claims": {"exp": 1_700_000_000, "iat": 1_699_999_000}}, "先见与公司登录系统的时间不一致"),
    ],
)
def test_a_forged_id_token_lets_nobody_in(
    browser: Browser, installation: Installation, admin: Caller, bent: dict[str, Any], said: str
) -> None:
    with forging() as forger, set_up(admin, **settings(forger.issuer, client=CLIENT, secret=SECRET)):
        forger.claims = {"email": EMAILS["alice"], "sub": "alice"}
        bend(forger, bent)
        with opened(browser) as page:
            to_provider(page, installation)
            refused(page, installation, said)
        assert len(forger.asked) == 1


def bend(forger: Forger, bent: dict[str, Any]) -> None:
    for name, value in bent.items():
        setattr(forger, name, forger.claims | value if name == "claims" else value)


@pytest.mark.parametrize(("width", "theme", "lang"), LOOKS[::3])
def test_the_pages_of_signing_in_have_no_barrier(
    browser: Browser, installation: Installation, admin: Caller, width: int, theme: str, lang: str
) -> None:
    admin.call("PATCH", "/api/me", {"language": lang})
    new, create, revoke = {"zh": ("新建密钥", "创建", "撤销"), "en": ("New key", "Create", "Revoke")}[lang]
    with forging() as forger:
        given = settings(forger.issuer, client=CLIENT, secret=SECRET)
        with set_up(admin, **given), opened(browser, lang=lang, width=width, theme=theme) as page:
            page.goto(f"{installation.address}/sign-in?refused=unknown_person")
            expect(page.get_by_role("alert")).to_be_visible()
            look(page, f"sign-in-{width}-{theme}-{lang}", width)
            admin.call("PUT", "/api/admin/sign-in", given | {"passwords": False})
            page.goto(f"{installation.address}/sign-in")
            expect(page.locator("input[type=password]")).to_be_hidden()
            look(page, f"company-only-{width}-{theme}-{lang}", width)
            page.get_by_role(
                "button", name=re.compile("系统管理员使用密码登录|Administrators: use a password")
            ).click()
            page.locator("input[type=email]").fill(ADMIN)
            page.locator("input[type=password]").fill(PASSWORD)
            page.keyboard.press("Enter")
            expect(page).to_have_url(re.compile("/(jobs|admin|deals|me)"))
            page.goto(f"{installation.address}/admin/sign-in")
            expect(page.locator("#issuer")).to_have_value(forger.issuer)
            page.get_by_role("button", name=re.compile("测试连接|^Test$")).click()
            expect(page.get_by_text(re.compile("连接正常|It answers"))).to_be_visible()
            look(page, f"settings-{width}-{theme}-{lang}", width)
            page.goto(f"{installation.address}/me")
            page.get_by_role("button", name=new).click()
            dialog = page.get_by_role("dialog")
            dialog.locator("input#name").fill("weekly report")
            dialog.get_by_text(re.compile("^(只读|Read)$")).first.click()
            look(page, f"new-key-{width}-{theme}-{lang}", width)
            page.get_by_role("button", name=create, exact=True).click()
            token = page.get_by_role("dialog").locator("code").inner_text()
            assert re.fullmatch(r"fsk_[\w-]{43}", token)
            look(page, f"key-made-{width}-{theme}-{lang}", width)
            page.get_by_role("button", name=re.compile("我已保存|I have kept it")).click()
            expect(page.get_by_text(token[:10])).to_be_visible()
            look(page, f"keys-{width}-{theme}-{lang}", width)
            asked = page.request.get(
                f"{installation.address}/api/deals",
                headers={"Authorization": f"Bearer {token}", "Cookie": ""},
            )
            assert asked.status == 200
            page.get_by_role("button", name=re.compile(f"{revoke}.*weekly report")).first.click()
            page.get_by_role("tooltip").get_by_role("button", name=revoke, exact=True).click()
            expect(page.get_by_text(token[:10])).to_have_count(0)


@pytest.mark.usefixtures("admin")
def test_the_reference_of_the_api_works_under_the_policy(
    browser: Browser, installation: Installation
) -> None:
    with opened(browser) as page:
        elsewhere: list[str] = []
        page.on(
            "request",
            lambda sent: (
                elsewhere.append(sent.url)
                if not sent.url.startswith((installation.address, "data:"))
                else None
            ),
        )
        page.goto(f"{installation.address}/api/docs")
        page.locator("input[type=email]").fill(ADMIN)
        page.locator("input[type=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{installation.address}/api/docs")
        page.locator("#operations-tag-crm").click()
        page.locator(".opblock-get .opblock-summary-path[data-path='/api/deals']").click()
        expect(page.get_by_role("button", name="Try it out")).to_be_visible()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()
        expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
        shoot(page, "api-docs")
        assert elsewhere == []


def look(page: Page, name: str, width: int) -> None:
    """Hold the page to what every page promises."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    no_barrier(page)
    shoot(page, name)


def shoot(page: Page, name: str) -> None:
    """Keep a picture where FORESAIL_PICTURES says."""
    if folder := os.environ.get("FORESAIL_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
