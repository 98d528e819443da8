"""/metrics: numbers for Prometheus, for this machine or with the token."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import DatabaseError
from procrastinate.contrib.django import app
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from foresail.core import jobs
from foresail.core.home import Home
from foresail.people import services
from foresail.people.models import Session
from foresail.people.tests.browser import PASSWORD, Browser
from foresail.site import counts, metrics

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
        browser.send("DELETE", f"/api/me/sessions/{10**9 + number}")
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


def test_processes_that_share_tell_of_each_other_from_nought(settings: Any, tmp_path: Path) -> None:
    settings.HOME = Home(tmp_path)
    for _ in range(2):
        with counts.together():
            told = [apart(answers, number) for number in (1, 2)]
            assert [each["foresail_requests_total"] for each in told] == [1, 3]
            assert [each["foresail_request_seconds_count"] for each in told] == [1, 3]
    assert not list(tmp_path.rglob("*.*"))


def test_without_room_on_the_disk_a_process_tells_of_itself(settings: Any, tmp_path: Path) -> None:
    settings.HOME = Home(tmp_path)
    with counts.together():
        assert apart(answers, 1)["foresail_requests_total"] == 1
        assert apart(answers_without_room, 2)["foresail_requests_total"] == 2
        assert apart(answers, 3)["foresail_requests_total"] == 4


def test_where_not_even_a_folder_can_be_made_a_process_tells_of_itself(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    settings.HOME = Home(tmp_path)
    with counts.together():
        assert apart(answers, 2)["foresail_requests_total"] == 2


def apart(do: Callable[[int], dict[str, float]], number: int) -> dict[str, float]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as executor:
        return executor.submit(do, number).result()


def answers(number: int) -> dict[str, float]:
    """Answer so many requests, and return what a scrape of this process tells, by name."""
    counts.share()
    for _ in range(number):
        metrics.REQUESTS.labels("api/me", "GET", 200).inc()
        metrics.LATENCY.labels("api/me").observe(0.02)
    told = generate_latest(counts.counted()).decode()
    return {each.name: each.value for one in text_string_to_metric_families(told) for each in one.samples}


def answers_without_room(number: int) -> dict[str, float]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (counts.ROOM // 2, counts.ROOM // 2))
    return answers(number)


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
