"""A talk is recorded over HTTP and answered as the timeline shows it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from foresail.conversations.models import Communication
from foresail.conversations.tests.conftest import Company
from foresail.core import clock
from foresail.people.http import COOKIE
from foresail.people.models import User
from foresail.people.services import create_session


@pytest.fixture
def signed_in() -> Any:
    def signed_in(user: User) -> Client:
        _, token = create_session(user=user, address="192.0.2.1", agent="Tests", at=clock.now())
        client = Client()
        client.cookies[COOKIE] = token
        return client

    return signed_in


def body(**other: Any) -> dict[str, Any]:
    given = {"channel": "call", "title": "确认交期", "text": "电话确认交期八周。"}
    return given | {"at": (clock.now() - timedelta(hours=1)).isoformat()} | other


def test_a_call_is_recorded_and_answered_as_an_entry(company: Company, signed_in: Any) -> None:
    answer = signed_in(company.li).post(
        f"/api/deals/{company.deal.pk}/communications",
        body(contact=company.contact.pk),
        content_type="application/json",
    )
    assert answer.status_code == 201, answer.content
    entry = answer.json()
    assert (entry["kind"], entry["zh"], entry["title"], entry["text"]) == (
        "call",
        "电话",
        "确认交期",
        "电话确认交期八周。",
    )
    assert entry["people"] == ["王静 · 采购总监"]
    assert entry["actor"] == {"id": company.li.pk, "name": "Li"}
    shown = signed_in(company.li).get(f"/api/deals/{company.deal.pk}/timeline?groups=call").json()
    assert shown["items"] == [entry]


@pytest.mark.parametrize(
    ("who", "other", "status", "code"),
    [
        ("li", {"title": ""}, 400, "title_invalid"),
        ("li", {"channel": "mail"}, 400, "direction_missing"),
        ("li", {"at": "2999-01-01T00:00:00Z"}, 400, "in_the_future"),
        ("li", {"contact": 10**9}, 404, "not_found"),
        ("zhao", {}, 403, "not_allowed"),
    ],
)
def test_what_is_refused_is_told_and_leaves_nothing(
    company: Company, signed_in: Any, who: str, other: dict[str, Any], status: int, code: str
) -> None:
    answer = signed_in(getattr(company, who)).post(
        f"/api/deals/{company.deal.pk}/communications", body(**other), content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Communication.objects.exists()
