"""The HTTP interface of people: signing in and out, oneself, sessions, the second step, users and teams."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foresail.core import clock
from foresail.core.changes import Change
from foresail.people import services, totp
from foresail.people.jobs import forget_attempts
from foresail.people.models import SecondStep, Session, SignInAttempt, User
from foresail.people.roles import Role
from foresail.people.tests.browser import PASSWORD, Browser

Hire = Callable[..., User]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch, at: datetime) -> list[datetime]:
    """The clock at the door; put another instant in to move it."""
    hands = [at]
    monkeypatch.setattr(clock, "now", lambda: hands[0])
    return hands


@pytest.fixture
def browser(li: User) -> Browser:  # noqa: ARG001 (whose it is)
    return Browser()


@pytest.fixture
def inside(browser: Browser) -> Browser:
    assert browser.sign_in().status_code == 200
    return browser


def test_who_signs_in_gets_a_cookie_and_is_told_who_they_are(browser: Browser, li: User) -> None:
    answer = browser.sign_in(email=" LI@example.com")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "id": li.pk, "name": "Li", "email": "li@example.com", "language": "zh", "roles": ["rep"],
            "team": None, "line": None,
            "scopes": {
                "see": "own", "change": "own", "export": "none", "assign": "none", "claim": "line", "delete": "own",
                "share": "own", "configure": "none",
                "administer": "none",
            },
            "offers": [], "second_step": False, "live": "ws://127.0.0.1:8651/live", "demo": False,
            "password": True,
        },
    )  # fmt: skip
    cookie = answer.cookies["foresail_session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"], cookie["path"], cookie["max-age"]) == (
        True, "Lax", "", "/", 90 * 86400,
    )  # fmt: skip
    assert len(cookie.value) == 43
    assert cookie.value not in answer.content.decode()
    (session,) = Session.objects.all()
    assert (session.user, session.address, session.agent) == (li, "127.0.0.1", "Tests")
    assert browser.get("/api/me").json() == answer.json()


def test_over_https_the_cookies_are_for_https_alone(browser: Browser, settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    browser.defaults |= {
        "HTTP_HOST": "testserver", "HTTP_X_FORWARDED_PROTO": "https", "HTTP_REFERER": "https://testserver/",
    }  # fmt: skip
    answer = browser.sign_in()
    assert answer.cookies["foresail_session"]["secure"] is True
    assert answer.cookies["csrftoken"]["secure"] is True
    assert answer.json()["live"] == "wss://testserver/live"


def test_the_csrf_cookie_can_be_read_by_our_scripts_and_changes_at_sign_in(browser: Browser) -> None:
    first = browser.get("/api/entry").cookies["csrftoken"]
    assert (first["httponly"], first["samesite"], first["secure"]) == ("", "Lax", False)
    second = browser.sign_in().cookies["csrftoken"]
    assert first.value != second.value


@pytest.mark.parametrize(
    ("email", "password"), [("li@example.com", "wrong"), ("nobody@example.com", PASSWORD)]
)
def test_wrong_credentials_say_the_same_whatever_was_wrong(
    browser: Browser, email: str, password: str
) -> None:
    answer = browser.sign_in(email=email, password=password)
    told = answer.json()
    assert answer.status_code == 401
    assert told.pop("request") == answer["X-Request-Id"]
    assert told == {
        "code": "wrong_credentials", "zh": "邮箱或密码不正确，请检查后重试。",
        "en": "The e-mail address or the password is wrong. Check both and try again.", "fields": {},
        "wait_seconds": 0,
    }  # fmt: skip
    assert "foresail_session" not in answer.cookies
    assert not Session.objects.exists()


def test_who_guesses_waits_and_is_told_for_how_long(browser: Browser, now: list[datetime]) -> None:
    for _ in range(5):
        assert browser.sign_in(password="wrong").status_code == 401
    now[0] += timedelta(seconds=13)
    answer = browser.sign_in()
    assert (answer.status_code, answer["Retry-After"]) == (429, "47")
    told = answer.json()
    assert (told["code"], told["wait_seconds"]) == ("wait", 47)
    assert (told["zh"], told["en"]) == (
        "尝试次数过多，请在 47 秒后重试。", "Too many attempts. Try again in 47 seconds.",
    )  # fmt: skip
    now[0] += timedelta(seconds=47)
    assert browser.sign_in().status_code == 200


def test_the_second_step_is_asked_for_and_a_code_works_once(inside: Browser, now: list[datetime]) -> None:
    started = inside.send("POST", "/api/me/second-step").json()
    assert started["uri"].startswith("otpauth://totp/Foresail%3Ali%40example.com?secret=")
    wrong = inside.send("POST", "/api/me/second-step/confirm", {"code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "code_wrong")
    code = totp.code(secret=started["secret"], step=totp.step(now[0]))
    confirmed = inside.send("POST", "/api/me/second-step/confirm", {"code": code})
    assert len(set(confirmed.json()["recovery_codes"])) == 10
    assert inside.get("/api/me").json()["second_step"] is True

    other = Browser()
    needed = other.sign_in()
    assert (needed.status_code, needed.json()["code"]) == (401, "code_needed")
    used = other.sign_in(code=code)
    assert (used.status_code, used.json()["code"]) == (401, "code_wrong")
    assert "foresail_session" not in other.cookies
    now[0] += timedelta(seconds=30)
    again = totp.code(secret=started["secret"], step=totp.step(now[0]))
    assert other.sign_in(code=again).status_code == 200

    refused = inside.send("POST", "/api/me/second-step/remove", {"old": "wrong", "new": ""})
    assert (refused.status_code, refused.json()["code"]) == (400, "password_wrong")
    assert SecondStep.objects.count() == 1
    assert inside.send("POST", "/api/me/second-step/remove", {"old": PASSWORD, "new": ""}).status_code == 204
    assert inside.get("/api/me").json()["second_step"] is False


def test_without_the_csrf_token_nothing_is_done(inside: Browser, li: User, changes: list[Change]) -> None:
    for method, path, body in [
        ("PATCH", "/api/me", {"name": "Someone"}),
        ("DELETE", "/api/session", None),
        ("POST", "/api/me/sessions/revoke-others", None),
        ("POST", "/api/session", {"email": "li@example.com", "password": PASSWORD}),
    ]:
        for extra in ({"HTTP_X_CSRFTOKEN": ""}, {"HTTP_ORIGIN": "https://elsewhere.example"}):
            answer = inside.send(method, path, body, **extra)
            told = answer.json()
            assert (answer.status_code, told["code"]) == (403, "csrf_missing")
            assert told["zh"] == "无法确认此操作来自先见的页面，请刷新页面后重试。"
            assert told["request"] == answer["X-Request-Id"]
    li.refresh_from_db()
    assert (li.name, changes) == ("Li", [])
    assert Session.objects.filter(revoked_at=None).count() == 1


def test_signed_out_revoked_or_idle_for_too_long_is_401(inside: Browser, now: list[datetime]) -> None:
    token = inside.cookies["foresail_session"].value
    other = Browser()
    other.sign_in()
    ids = {each["current"]: each["id"] for each in inside.get("/api/me/sessions").json()}
    assert inside.send("DELETE", f"/api/me/sessions/{ids[False]}").status_code == 204
    answer = other.get("/api/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    assert answer.json()["en"] == "You are not signed in, or no longer. Sign in again."
    assert other.get("/api/entry").status_code == 200

    gone = inside.send("DELETE", "/api/session")
    assert (gone.status_code, gone.cookies["foresail_session"]["max-age"]) == (204, 0)
    inside.cookies["foresail_session"] = token
    assert inside.get("/api/me").status_code == 401

    other.sign_in()
    now[0] += timedelta(days=14)
    assert other.get("/api/me").status_code == 401
    other.cookies["foresail_session"] = "made up"
    assert other.send("PATCH", "/api/me", {"name": "X"}).json()["code"] == "signed_out"


def test_another_persons_session_is_not_found(inside: Browser, hire: Hire, at: datetime) -> None:
    other, _ = services.create_session(user=hire("Han"), address="192.0.2.9", agent="", at=at)
    answer = inside.send("DELETE", f"/api/me/sessions/{other.pk}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    other.refresh_from_db()
    assert other.revoked_at is None


def test_signing_in_again_ends_the_session_of_before(inside: Browser) -> None:
    inside.sign_in()
    assert Session.objects.count() == 2
    assert Session.objects.filter(revoked_at=None).count() == 1
    assert inside.get("/api/me").status_code == 200


def test_all_others_are_revoked_at_once(inside: Browser) -> None:
    others = [Browser(), Browser()]
    for each in others:
        each.sign_in()
    assert inside.send("POST", "/api/me/sessions/revoke-others").status_code == 204
    assert [each.get("/api/me").status_code for each in (inside, *others)] == [200, 401, 401]


def test_ones_name_and_language_may_be_changed(inside: Browser, li: User) -> None:
    answer = inside.send("PATCH", "/api/me", {"language": "en"})
    assert (answer.json()["name"], answer.json()["language"]) == ("Li", "en")
    answer = inside.send("PATCH", "/api/me", {"name": "  "})
    assert (answer.status_code, answer.json()["code"]) == (400, "name_invalid")
    li.refresh_from_db()
    assert (li.name, li.language) == ("Li", "en")


def test_a_new_password_signs_out_elsewhere(inside: Browser) -> None:
    other = Browser()
    other.sign_in()
    for old, new, code in [
        ("wrong", "another horse battery", "password_wrong"),
        (PASSWORD, "short", "password_too_weak"),
    ]:
        answer = inside.send("POST", "/api/me/password", {"old": old, "new": new})
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert other.get("/api/me").status_code == 200
    assert (
        inside.send("POST", "/api/me/password", {"old": PASSWORD, "new": "another horse battery"}).status_code
        == 204
    )
    assert [each.get("/api/me").status_code for each in (inside, other)] == [200, 401]


def test_users_and_teams_as_far_as_one_may_see(inside: Browser, hire: Hire, at: datetime) -> None:
    line = services.add_line(name="工业", by=None, at=at)
    north = services.add_team(name="华北", line=line, by=None, at=at)
    beijing = services.add_team(name="北京", line=line, parent=north, by=None, at=at)
    boss = hire("Han", Role.MANAGER, Role.ADMIN, team=north)
    services.set_password(user=boss, password=PASSWORD, by=None, at=at)
    services.appoint_manager(team=north, manager=boss, by=None, at=at)
    li = User.objects.get(name="Li")
    services.change_user(user=li, team=beijing, by=None, at=at)
    himself = {
        "id": li.pk, "name": "Li", "email": "li@example.com", "team": {"id": beijing.pk, "name": "北京"},
        "roles": ["rep"], "active": True,
    }  # fmt: skip
    assert inside.get("/api/users").json() == [himself]
    me = inside.get("/api/me").json()
    assert (me["team"], me["line"]) == (
        {"id": beijing.pk, "name": "北京"}, {"id": line.pk, "name": "工业"},
    )  # fmt: skip

    above = Browser()
    above.sign_in(email="han@example.com")
    with CaptureQueriesContext(connection) as asked:
        users = above.get("/api/users").json()
    assert len(asked) == 3  # the session, where one stands, users with their teams and roles
    assert users[1] == himself
    assert (users[0]["name"], users[0]["roles"]) == ("Han", ["admin", "manager"])
    assert inside.get("/api/teams").json() == [
        {
            "id": north.pk, "name": "华北", "line": {"id": line.pk, "name": "工业"},
            "manager": {"id": boss.pk, "name": "Han"},
            "below": [
                {
                    "id": beijing.pk, "name": "北京", "line": {"id": line.pk, "name": "工业"},
                    "manager": None, "below": [],
                }
            ],
        }
    ]  # fmt: skip


def test_attempts_are_forgotten_after_a_day(browser: Browser, now: list[datetime]) -> None:
    browser.sign_in(password="wrong")
    now[0] += timedelta(hours=23)
    browser.sign_in(password="wrong")
    forget_attempts(timestamp=0)
    assert SignInAttempt.objects.count() == 2
    now[0] += timedelta(hours=2)
    forget_attempts(timestamp=0)
    assert [attempt.at for attempt in SignInAttempt.objects.all()] == [now[0] - timedelta(hours=2)]


@pytest.mark.parametrize(
    "environment",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
        {"host": "testserver"},
    ],
)
def test_demo_users_sign_in_on_this_machine_alone(
    hire: Hire, at: datetime, environment: dict[str, str]
) -> None:
    demo = hire("Demo")
    services.change_user(user=demo, email="rep@qiming.demo", by=None, at=at)
    services.set_password(user=demo, password=PASSWORD, by=None, at=at)
    away = Browser(**environment)
    answer = away.sign_in(email="REP@qiming.demo ")
    assert (answer.status_code, answer.json()["code"]) == (403, "demo_only_here")
    assert answer.json()["zh"] == "演示账号只能在运行先见的这台电脑上登录。"
    assert not Session.objects.exists()
    assert not SignInAttempt.objects.exists()
    for here in (Browser(), Browser("localhost"), Browser("[::1]:8650", REMOTE_ADDR="::1")):
        answer = here.sign_in(email="rep@qiming.demo")
        assert (answer.status_code, answer.json()["demo"]) == (200, True)


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({"REMOTE_ADDR": "192.0.2.7"}, "192.0.2.7"),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_X_FORWARDED_FOR": "198.51.100.1"}, "192.0.2.7"),
        ({"HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.5"}, "203.0.113.5"),
        ({"HTTP_X_FORWARDED_FOR": "nonsense"}, "127.0.0.1"),
        ({"REMOTE_ADDR": "::ffff:192.0.2.7"}, "192.0.2.7"),
    ],
)
@pytest.mark.usefixtures("li")
def test_the_address_is_that_of_who_asks_and_no_claim(environment: dict[str, str], address: str) -> None:
    Browser(**environment).sign_in()
    assert Session.objects.get().address == address
