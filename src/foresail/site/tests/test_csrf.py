"""No write in a session is done unless one of our own pages sent it, whatever room it belongs to."""

from __future__ import annotations

import re

import pytest

from conftest import contract
from foresail.core import clock
from foresail.people import services
from foresail.people.tests.browser import Browser


def writes() -> list[tuple[str, str]]:
    """Return what changes something in a session. What takes no session asks for the token by itself or needs none."""
    return [
        (method, path)
        for path, methods in contract()["paths"].items()
        for method, operation in methods.items()
        if method != "get" and "security" in operation
    ]


@pytest.mark.django_db
def test_every_write_in_a_session_needs_the_token_of_our_own_pages() -> None:
    at = clock.now()
    user = services.add_user(email="li@example.com", name="Li", by=None, at=at)
    _, token = services.create_session(user=user, address="127.0.0.1", agent="", at=at)
    browser = Browser()
    browser.get("/api/entry")
    browser.cookies["foresail_session"] = token
    known = writes()
    assert len(known) > 20
    for method, path in known:
        target = re.sub(r"\{[^}]+\}", "1", path)
        for extra in ({"HTTP_X_CSRFTOKEN": ""}, {"HTTP_ORIGIN": "https://elsewhere.example"}):
            answer = browser.send(method, target, {}, **extra)
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf_missing"), (method, path)
    assert browser.get("/api/me").status_code == 200, "it was not even signed out"
