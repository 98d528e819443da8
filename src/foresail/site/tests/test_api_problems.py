"""Whatever goes wrong is a Problem: code, both languages, the request's id, and nothing of what is inside."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import DataError, OperationalError
from django.http import Http404

import foresail
from foresail.core.conditions import parse
from foresail.core.errors import Refusal
from foresail.people import queries, services
from foresail.people.models import Session, User
from foresail.people.tests.browser import PASSWORD, Browser

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 64)


@pytest.fixture(autouse=True)
def lines() -> Iterator[list[dict[str, Any]]]:
    """What was logged."""
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as kept:
        yield kept  # type: ignore[misc]


@pytest.fixture
def inside() -> Browser:
    user = services.add_user(email="li@example.com", name="Li", by=None, at=AT)
    services.set_password(user=user, password=PASSWORD, by=None, at=AT)
    browser = Browser()
    assert browser.sign_in().status_code == 200
    return browser


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Return the problem that `answer` is, having checked what all have in common."""
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    told: dict[str, Any] = answer.json()
    assert set(told) >= {"code", "zh", "en", "request", "fields"}
    assert told["code"] == code
    assert told["request"] == answer["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f-]{36}", told["request"])
    assert re.search("[一-鿿]", told["zh"])
    assert re.fullmatch("[ -~’]+", told["en"])
    return told


def test_who_is_not_signed_in_is_refused(lines: list[dict[str, Any]]) -> None:
    refused(Browser().get("/api/me"), 401, "signed_out")
    (line,) = lines
    assert (line["path"], line["status"], line["user"]) == ("/api/me", 401, None)


def test_unknown_addresses_and_methods_are_problems_too(inside: Browser) -> None:
    for path in ("/api/nothing", "/api/", "/api", "/api/me/", "/api/nothing/at/all", "/api/../api/x"):
        refused(inside.get(path), 404, "no_address")
    refused(inside.send("POST", "/api/nothing", {}), 404, "no_address")
    answer = inside.send("PUT", "/api/me", {})
    refused(answer, 405, "no_method")
    assert sorted(answer["Allow"].split(", ")) == ["GET", "PATCH"]
    refused(inside.send("POST", "/healthz", {}), 405, "no_method")


def test_what_is_not_right_is_named_in_the_callers_language(inside: Browser) -> None:
    told = refused(inside.send("POST", "/api/me/password", {"old": 7}), 422, "invalid")
    assert told["fields"] == {"old": "请填写文字。", "new": "请填写此项。"}
    assert (told["zh"], told["en"]) == (
        "有内容填写不正确，请检查后重试。", "Some values are not right. Check them and try again.",
    )  # fmt: skip
    inside.send("PATCH", "/api/me", {"language": "en"})
    told = refused(inside.send("PATCH", "/api/me", {"language": "fr"}), 422, "invalid")
    assert told["fields"] == {"language": "Choose one of the possible values."}
    told = refused(inside.send("DELETE", "/api/me/sessions/x"), 422, "invalid")
    assert told["fields"] == {"session": "Enter a whole number."}
    stranger = Browser()
    stranger.get("/api/entry")
    told = refused(stranger.send("POST", "/api/session", {}, HTTP_ACCEPT_LANGUAGE="en-GB"), 422, "invalid")
    assert told["fields"] == {"email": "Enter a value.", "password": "Enter a value."}
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1]",
        b"\xff",
        b'"x"',
        b"null",
        b'{"name": ["a"]}',
        b'{"name": "\\ud800"}',
        b'{"name": "L\\u0000i"}',
        b'{"language": NaN}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_none_is_refused(inside: Browser, body: bytes) -> None:
    token = inside.cookies["csrftoken"].value
    answer = inside.patch("/api/me", body, content_type="application/json", HTTP_X_CSRFTOKEN=token)
    assert answer.status_code in (400, 422), answer.content
    refused(answer, answer.status_code, "malformed" if answer.status_code == 400 else "invalid")
    assert User.objects.get().name == "Li"


def test_too_much_at_once_is_refused(inside: Browser) -> None:
    answer = inside.send("PATCH", "/api/me", {"name": "x" * 3_000_000})
    refused(answer, 413, "too_large")


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30, -1, 0])
def test_a_number_that_no_record_has_is_not_found(inside: Browser, number: int) -> None:
    refused(inside.send("DELETE", f"/api/me/sessions/{number}"), 404, "not_found")


def test_a_fault_tells_its_request_and_nothing_else(
    inside: Browser, monkeypatch: pytest.MonkeyPatch, lines: list[dict[str, Any]]
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("li@example.com has the secret s3cret")

    monkeypatch.setattr(queries, "team_tree", fail)
    lines.clear()
    answer = inside.get("/api/teams?token=s3cret")
    told = refused(answer, 500, "fault")
    assert told["fields"] == {}
    for hidden in ("s3cret", "Traceback", "RuntimeError", "team_tree", "foresail/"):
        assert hidden not in answer.content.decode()
    fault, request = lines
    assert (fault["event"], fault["error"], fault["request"]) == ("fault", "RuntimeError", told["request"])
    assert fault["where"][-1].endswith(" fail")
    assert (request["status"], request["path"], request["request"]) == (500, "/api/teams", told["request"])
    assert "s3cret" not in json.dumps(lines)
    assert "li@example.com" not in json.dumps(lines)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OperationalError("no connection"), 503, "unavailable"),
        (DataError("out of range"), 422, "invalid"),
        (Http404("teams"), 404, "not_found"),
        (PermissionError("x"), 500, "fault"),
    ],
)
def test_errors_of_others_become_problems(
    inside: Browser, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(queries, "team_tree", fail)
    answer = inside.get("/api/teams")
    refused(answer, status, code)
    assert answer.get("Retry-After") == ("5" if status == 503 else None)


def test_a_wrong_condition_names_its_part_in_the_callers_language(
    inside: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        parse({"all": [{"field": "secret", "op": "is", "value": "x"}]}, fields={})

    monkeypatch.setattr(queries, "team_tree", fail)
    told = refused(inside.get("/api/teams"), 422, "condition_invalid")
    assert told["fields"] == {"all.0.field": "条件不正确：没有字段“secret”，或不能按它筛选。"}
    inside.send("PATCH", "/api/me", {"language": "en"})
    told = inside.get("/api/teams").json()
    assert told["fields"] == {"all.0.field": told["en"]}


def test_another_host_is_refused_before_anything_is_looked_at(inside: Browser) -> None:
    answer = inside.get("/api/me", HTTP_HOST="evil.example")
    refused(answer, 400, "malformed")


def test_each_request_is_logged_without_data(inside: Browser, lines: list[dict[str, Any]]) -> None:
    lines.clear()
    answer = inside.get("/api/users?q=li@example.com", HTTP_X_REQUEST_ID="mine")
    (line,) = lines
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request", "log_level": "info", "method": "GET", "path": "/api/users", "status": 200,
        "user": User.objects.get().pk, "request": answer["X-Request-Id"],
    }  # fmt: skip
    Browser().sign_in(password="s3cret-wrong")
    token = inside.cookies["foresail_session"].value
    for hidden in ("li@example.com", "s3cret", token, inside.cookies["csrftoken"].value):
        assert hidden not in json.dumps(lines)


def test_what_the_browser_is_told_it_may_do(inside: Browser) -> None:
    for path in ("/api/me", "/api/nothing", "/healthz", "/deals/1"):
        answer = inside.get(path)
        assert answer["Content-Security-Policy"] == (
            "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            "connect-src 'self' ws://127.0.0.1:8651; object-src 'none'; base-uri 'self'; form-action 'self'; "
            "frame-ancestors 'none'"
        )
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Frame-Options"] == "DENY"
        assert (answer.get("Cache-Control") == "no-store") == path.startswith("/api/")


def refusals() -> list[type[Refusal]]:
    """Every refusal of every room there is."""
    for module in pkgutil.walk_packages(foresail.__path__, "foresail."):
        if module.name.rpartition(".")[2] in ("errors", "services", "problems", "jobs") and (
            ".science" not in module.name and ".cli" not in module.name
        ):
            importlib.import_module(module.name)

    def below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    return sorted(set(below(Refusal)), key=lambda kind: (kind.__module__, kind.__name__))


def test_every_refusal_has_both_languages_and_a_status() -> None:
    found = refusals()
    assert len(found) > 30
    for kind in found:
        if (kind.zh, kind.en) == ("{zh}", "{en}"):  # each of them says its own
            continue
        assert re.search("[一-鿿]", kind.zh), kind
        assert re.fullmatch("[ -~’]+", kind.en), kind
        assert kind.zh.endswith(("。", "}")), kind
        assert kind.en.endswith((".", "}")), kind
        assert re.fullmatch("[a-z][a-z_]+", kind.code), kind
        assert 400 <= kind.status < 600, kind
        zh, en = (
            {name for name in re.findall(r"{(\w*?)_?(?:zh|en)?}", text) if name}
            for text in (kind.zh, kind.en)
        )
        assert zh == en, kind
        assert not inspect.isabstract(kind)
