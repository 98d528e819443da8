"""The page for people who write programs: for who is signed in, and from here alone."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from foresail.core import clock
from foresail.people import services
from foresail.people.tests.browser import Browser

FILES = ("page.css", "page.js", "swagger-ui.css", "swagger-ui-bundle.js")


@pytest.fixture
def inside(db: None) -> Browser:  # noqa: ARG001 (asks for the database)
    at: datetime = clock.now()
    user = services.add_user(email="li@example.com", name="Li", by=None, at=at)
    _, token = services.create_session(user=user, address="127.0.0.1", agent="", at=at)
    browser = Browser()
    browser.cookies["foresail_session"] = token
    return browser


@pytest.mark.django_db
def test_who_is_not_signed_in_is_sent_to_do_so() -> None:
    answer = Browser().get("/api/docs")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in?next=%2Fapi%2Fdocs")
    for path in ("/api/openapi.json", *(f"/api/docs/{name}" for name in FILES)):
        told = Browser().get(path)
        assert (told.status_code, told.json()["code"]) == (401, "signed_out")


def test_the_page_and_all_it_needs_come_from_here_without_a_script_inside(inside: Browser) -> None:
    page = inside.get("/api/docs")
    text = page.content.decode()
    assert page["Content-Type"] == "text/html; charset=utf-8"
    named = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert {f"/api/docs/{name}" for name in FILES} <= set(named)
    assert all(address.startswith("/") and not address.startswith("//") for address in named)
    assert re.findall(r"<script[^>]*>([^<]*)</script>", text) == ["", ""]
    assert not re.search(r"\son[a-z]+=|style=|javascript:", text)
    for name in FILES:
        answer = inside.get(f"/api/docs/{name}")
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/css" if name.endswith("css") else "text/javascript")
    packed = inside.get("/api/docs/swagger-ui-bundle.js", headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < 600_000


def test_no_other_file_is_handed_out(inside: Browser) -> None:
    for name in ("page.html", "__init__.py", "..%2Fsettings.py", "redoc.standalone.js"):
        answer = inside.get(f"/api/docs/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_address")


def test_the_description_says_what_is_for_keys(inside: Browser) -> None:
    described = inside.get("/api/openapi.json").json()
    assert described["components"]["securitySchemes"]["KeyAuth"] == {"type": "http", "scheme": "bearer"}
    paths = described["paths"]
    assert {"KeyAuth": []} in paths["/api/deals"]["get"]["security"]
    assert paths["/api/me/keys"]["get"]["security"] == [{"SessionAuth": []}]
