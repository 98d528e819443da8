"""/metrics: numbers for Prometheus, for this machine or with the token."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import DatabaseError
from procrastinate.contrib.django import app
from prometheus_client.parser import text_string_to_metric_families

from foresail.core import jobs
from foresail.people import services
from foresail.people.models import Session
from foresail.people.tests.browser import PASSWORD, Browser
from foresail.site import metrics

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 64)


@pytest.fixture(autouse=True)
def _from_nought() -> None:
    metrics.REQUESTS.clear()
    metrics.LATENCY.clear()


def scraped(browser: Browser) -> dict[tuple[str, ...], float]:
    """Return name and labels → value."""
    answer = browser.get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_requests_are_counted_by_the_template_of_their_route() -> None:
    user = services.add_user(email="li@example.com", name="Li", by=None, at=AT)
    services.set_password(user=user, password=PASSWORD, by=None, at=AT)
    browser = Browser()
    browser.sign_in()
    for number in range(3):
        browser.send("DELETE", f"/api/me/sessions/{number}")
        browser.get(f"/api/nothing/{number}")
    browser.generic("INVENTED", "/healthz")
    found = scraped(browser)
    # labels in the order of their names: method, route, status
    assert found["foresail_requests_total", "DELETE", "api/me/sessions/<session>", "404"] == 3
    assert found["foresail_requests_total", "GET", "^api(?:/.*)?$", "404"] == 3
    assert found["foresail_requests_total", "POST", "api/session", "200"] == 1
    assert found["foresail_requests_total", "other", "healthz", "403"] == 1  # refused for want of a token
    assert found["foresail_request_seconds_count", "api/me/sessions/<session>"] == 3
    assert found["foresail_request_seconds_bucket", "+Inf", "api/session"] == 1
    assert found["foresail_open_sessions",] == 1
    Session.objects.update(revoked_at=datetime.now(UTC))
    assert scraped(browser)["foresail_open_sessions",] == 0


def test_jobs_are_counted_by_queue_and_status() -> None:
    task = app.configure_task("room.verb", allow_unknown=True, queue="scoring")
    task.defer()
    task.defer()
    found = scraped(Browser())
    assert found["foresail_jobs", "scoring", "todo"] == 2
    assert found["foresail_database_up",] == 1


def test_without_a_database_that_is_what_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError

    monkeypatch.setattr(jobs, "counts", fail)
    found = scraped(Browser())
    assert found["foresail_database_up",] == 0
    assert not any(name[0] in ("foresail_jobs", "foresail_open_sessions") for name in found)


def test_others_need_the_token(settings: Any) -> None:
    away = Browser(REMOTE_ADDR="192.0.2.7")
    proxied = Browser(HTTP_X_FORWARDED_FOR="127.0.0.1")
    for token in ("", "s3cret"):
        settings.METRICS_TOKEN = token
        for shown in ("", "Bearer ", "Bearer wrong", "Bearer wröng", "s3cret"):
            for browser in (away, proxied):
                answer = browser.get("/metrics", HTTP_AUTHORIZATION=shown)
                assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert away.get("/metrics", HTTP_AUTHORIZATION="Bearer s3cret").status_code == 200
    assert Browser().get("/metrics").status_code == 200
