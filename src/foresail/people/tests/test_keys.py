"""API keys: a program asks in somebody's name, for less than they may do themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from foresail.core import clock
from foresail.core.changes import Change
from foresail.people import rules, services
from foresail.people.errors import PeopleError
from foresail.people.models import ApiKey, User
from foresail.people.roles import Action, Role, Scope
from foresail.people.tests.browser import PASSWORD, Browser

Hire = Callable[..., User]
NEW = {"name": "报表脚本", "areas": {"crm": "read", "people": "read"}, "days": 30}


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch, at: datetime) -> list[datetime]:
    hands = [at]
    monkeypatch.setattr(clock, "now", lambda: hands[0])
    return hands


@pytest.fixture
def inside(li: User) -> Browser:  # noqa: ARG001 (who signs in)
    browser = Browser()
    assert browser.sign_in().status_code == 200
    return browser


def program(token: str, **environment: Any) -> Client:
    return Client(
        enforce_csrf_checks=True,
        headers={"Authorization": f"Bearer {token}", "Host": "127.0.0.1:8650"},
        **environment,
    )


def made(browser: Browser, **changed: Any) -> str:
    answer = browser.send("POST", "/api/me/keys", NEW | changed)
    assert answer.status_code == 201, answer.content
    token: str = answer.json()["token"]
    return token


def test_a_key_is_told_once_and_kept_as_a_hash(
    inside: Browser, li: User, at: datetime, changes: list[Change]
) -> None:
    answer = inside.send("POST", "/api/me/keys", NEW)
    token = answer.json()["token"]
    assert token.startswith("fsk_")
    assert len(token) == 47
    listed = inside.get("/api/me/keys").json()
    assert listed["keys"] == [answer.json()["key"]]
    assert listed["keys"][0] | {"id": 0} == {
        "id": 0, "name": "报表脚本", "prefix": token[:10], "areas": NEW["areas"],
        "created_at": "2026-03-02T09:00:00Z", "expires_at": "2026-04-01T09:00:00Z", "seen_at": None,
        "address": None,
    }  # fmt: skip
    assert token not in str(ApiKey.objects.values_list()) + repr(changes)
    (change,) = changes
    assert (change.verb, change.actor, change.key) == ("create_key", li.pk, str(li.pk))
    assert change.values["areas"] == NEW["areas"]
    assert change.values["expires_at"] == at + timedelta(days=30)
    assert {area["area"]: area["writable"] for area in listed["areas"]} == {
        "crm": True, "timeline": True, "conversations": True, "forecast": True, "people": False,
    }  # fmt: skip


def test_a_key_asks_as_its_owner_without_cookie_or_csrf_token(inside: Browser, li: User) -> None:
    asks = program(made(inside), REMOTE_ADDR="192.0.2.7")
    assert asks.get("/api/me").json()["id"] == li.pk
    assert [user["id"] for user in asks.get("/api/users").json()] == [li.pk]
    key = inside.get("/api/me/keys").json()["keys"][0]
    assert (key["seen_at"], key["address"]) == ("2026-03-02T09:00:00Z", "192.0.2.7")
    assert "foresail_session" not in asks.cookies


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/me/keys", None),
        ("POST", "/api/me/keys", NEW),
        ("DELETE", "/api/me/keys/1", None),
        ("PATCH", "/api/me", {"name": "Someone"}),
        ("POST", "/api/me/password", {"old": PASSWORD, "new": "another horse battery"}),
        ("GET", "/api/me/sessions", None),
        ("DELETE", "/api/session", None),
        ("POST", "/api/me/sessions/revoke-others", None),
        ("POST", "/api/me/second-step", None),
        ("GET", "/api/admin/keys", None),
        ("DELETE", "/api/admin/keys/1", None),
        ("GET", "/api/admin/sign-in", None),
        ("GET", "/api/jobs", None),
    ],
)
def test_what_only_a_person_should_do_no_key_does(
    inside: Browser, li: User, at: datetime, method: str, path: str, body: object
) -> None:
    services.grant_role(user=li, role=Role.ADMIN, by=None, at=at)
    asks = program(made(inside, areas={"crm": "write", "people": "read"}))
    answer = asks.generic(method, path, "" if body is None else json.dumps(body))
    assert (answer.status_code, answer.json()["code"]) == (403, "key_not_allowed")
    assert answer.json()["zh"] == "此 API 密钥的权限范围不包含该操作。"
    assert ApiKey.objects.count() == 1


def test_a_key_is_for_its_areas_and_its_right_alone(inside: Browser) -> None:
    reads = program(made(inside, areas={"crm": "read"}))
    assert reads.get("/api/deals").status_code == 200
    assert reads.get("/api/users").json()["code"] == "key_not_allowed"
    assert reads.get("/api/forecast/models").json()["code"] == "key_not_allowed"
    refused = reads.patch("/api/deals/1", {}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "key_not_allowed")
    writes = program(made(inside, areas={"crm": "write"}))
    assert writes.get("/api/deals").status_code == 200
    found = writes.patch("/api/deals/1", {"version": 1}, content_type="application/json")
    assert found.json()["code"] == "not_found"


def test_a_wrong_ended_or_revoked_key_is_401_even_beside_a_session(
    inside: Browser, now: list[datetime], at: datetime
) -> None:
    token = made(inside, days=1)
    inside.defaults["HTTP_AUTHORIZATION"] = "Bearer fsk_made_up"
    for path in ("/api/me", "/api/me/sessions"):
        answer = inside.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "key_invalid")
    del inside.defaults["HTTP_AUTHORIZATION"]
    asks = program(token)
    now[0] = at + timedelta(hours=24) - timedelta(seconds=1)
    assert asks.get("/api/me").status_code == 200
    now[0] = at + timedelta(hours=24)
    assert asks.get("/api/me").status_code == 401
    assert inside.get("/api/me/keys").json()["keys"] == []
    now[0] = at
    key = inside.get("/api/me/keys").json()["keys"][0]["id"]
    assert inside.send("DELETE", f"/api/me/keys/{key}").status_code == 204
    assert asks.get("/api/me").status_code == 401
    assert inside.send("DELETE", f"/api/me/keys/{key}").status_code == 404


def test_the_keys_of_who_left_are_dead_for_good(inside: Browser, li: User, at: datetime) -> None:
    asks = program(made(inside))
    services.deactivate_user(user=li, by=None, at=at)
    assert asks.get("/api/me").json()["code"] == "key_invalid"
    User.objects.filter(pk=li.pk).update(active=True, left_at=None)
    assert asks.get("/api/me").json()["code"] == "key_invalid"


def test_what_the_owner_loses_the_key_loses(inside: Browser, hire: Hire, li: User, at: datetime) -> None:
    services.grant_role(user=li, role=Role.SALES_OPERATIONS, by=None, at=at)
    hire("Han")
    asks = program(made(inside))
    assert len(asks.get("/api/users").json()) == 2
    services.revoke_role(user=li, role=Role.SALES_OPERATIONS, by=None, at=at)
    assert len(asks.get("/api/users").json()) == 1


def test_no_key_administers_and_one_that_only_reads_changes_nothing_wherever_it_is_asked(
    li: User, at: datetime
) -> None:
    for role in (Role.ADMIN, Role.SALES_OPERATIONS):
        services.grant_role(user=li, role=role, by=None, at=at)
    with rules.within_bounds():
        rules.bar(frozenset({Action.ADMINISTER, Action.CHANGE}))
        assert rules.scope(user=li, action=Action.ADMINISTER) is Scope.NONE
        assert rules.standing(user=li).role(Action.CHANGE) is None
        assert rules.scope(user=li, action=Action.SEE) is Scope.ALL
        with pytest.raises(PeopleError) as refused:
            services.add_line(name="工业", by=li, at=at)
        assert refused.value.code == "not_allowed"
    assert rules.scope(user=li, action=Action.ADMINISTER) is Scope.ALL


def test_the_bounds_of_a_key_end_with_its_request(inside: Browser, li: User, at: datetime) -> None:
    services.grant_role(user=li, role=Role.ADMIN, by=None, at=at)
    scopes = program(made(inside)).get("/api/me").json()["scopes"]
    assert (scopes["administer"], scopes["change"], scopes["see"]) == ("none", "none", "own")
    assert inside.get("/api/me").json()["scopes"]["administer"] == "all"
    scopes = program(made(inside, areas={"crm": "write", "people": "read"})).get("/api/me").json()["scopes"]
    assert (scopes["administer"], scopes["change"]) == ("none", "own")


@pytest.mark.parametrize(
    ("changed", "code", "status"),
    [
        ({"name": " "}, "name_invalid", 400),
        ({"areas": {}}, "key_areas_invalid", 400),
        ({"areas": {"jobs": "read"}}, "key_areas_invalid", 400),
        ({"areas": {"people": "write"}}, "key_areas_invalid", 400),
        ({"areas": {"crm": "all"}}, "invalid", 422),
        ({"days": 0}, "key_expiry_invalid", 400),
        ({"days": 367}, "key_expiry_invalid", 400),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(
    inside: Browser, changed: dict[str, Any], code: str, status: int
) -> None:
    answer = inside.send("POST", "/api/me/keys", NEW | changed)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not ApiKey.objects.exists()


def test_nobody_has_more_than_twenty(inside: Browser) -> None:
    for _ in range(20):
        made(inside)
    answer = inside.send("POST", "/api/me/keys", NEW)
    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_keys")


def test_an_administrator_sees_and_revokes_everybodys(
    inside: Browser, admin: User, li: User, at: datetime, changes: list[Change]
) -> None:
    token = made(inside)
    services.set_password(user=admin, password=PASSWORD, by=None, at=at)
    above = Browser()
    above.sign_in("ada@example.com")
    (key,) = above.get("/api/admin/keys").json()
    assert (key["user"], key["prefix"]) == ({"id": li.pk, "name": "Li"}, token[:10])
    assert inside.get("/api/admin/keys").status_code == 403
    assert inside.send("DELETE", f"/api/admin/keys/{key['id']}").status_code == 403
    assert above.send("DELETE", f"/api/me/keys/{key['id']}").status_code == 404
    assert program(token).get("/api/me").status_code == 200
    changes.clear()
    assert above.send("DELETE", f"/api/admin/keys/{key['id']}").status_code == 204
    assert [(change.verb, change.actor, change.key) for change in changes] == [
        ("revoke_key", admin.pk, str(li.pk))
    ]
    assert program(token).get("/api/me").status_code == 401


def test_without_the_csrf_token_no_key_is_made(inside: Browser) -> None:
    answer = inside.send("POST", "/api/me/keys", NEW, HTTP_X_CSRFTOKEN="")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_missing")
    assert not ApiKey.objects.exists()
