"""Background jobs through HTTP: for administrators alone, and kept in the audit trail."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from procrastinate.contrib.django import app

from foresail.governance.models import AuditRow
from foresail.people import services
from foresail.people.roles import Role
from foresail.people.tests.browser import PASSWORD, Browser

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 64)


@pytest.fixture
def failed() -> int:
    key = app.configure_task("forecast.train", allow_unknown=True, queue="training").defer(pool=1)
    with connection.cursor() as cursor:
        for status in ("doing", "failed"):
            cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, key])
    return key


def signed_in(*roles: Role) -> Browser:
    user = services.add_user(email="li@example.com", name="Li", by=None, at=AT)
    for role in roles:
        services.grant_role(user=user, role=role, by=None, at=AT)
    services.set_password(user=user, password=PASSWORD, by=None, at=AT)
    browser = Browser()
    assert browser.sign_in().status_code == 200
    return browser


def state(key: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [key])
        return str(cursor.fetchone()[0])


def test_an_admin_sees_the_jobs_and_tries_a_failed_one_again(failed: int) -> None:
    admin = signed_in(Role.ADMIN)
    told = admin.get("/api/jobs?queue=training&status=failed").json()
    assert told["counts"] == {"training": {"failed": 1}}
    (job,) = told["jobs"]
    started, ended = job.pop("started_at"), job.pop("ended_at")
    assert started.endswith("Z")
    assert ended.endswith("Z")
    assert job == {
        "id": failed, "task": "forecast.train", "queue": "training", "status": "failed", "attempts": 0,
        "scheduled_at": None, "arguments": {"pool": 1},
    }  # fmt: skip
    assert admin.get("/api/jobs?queue=scoring").json()["jobs"] == []
    assert admin.send("POST", f"/api/jobs/{failed}/retry").status_code == 204
    assert state(failed) == "todo"
    row = AuditRow.objects.latest("pk")
    assert (row.verb, row.subject, row.key) == ("retry_job", "core.Job", str(failed))
    again = admin.send("POST", f"/api/jobs/{failed}/retry")
    assert (again.status_code, again.json()["code"]) == (409, "job_not_failed")
    unknown = admin.send("POST", f"/api/jobs/{failed + 1}/retry")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


def test_nobody_else_sees_or_changes_any(failed: int) -> None:
    other = signed_in(Role.SALES_OPERATIONS, Role.MANAGER)
    rows = AuditRow.objects.count()
    for answer in (other.get("/api/jobs"), other.send("POST", f"/api/jobs/{failed}/retry")):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert (state(failed), AuditRow.objects.count()) == ("failed", rows)
    assert Browser().get("/api/jobs").status_code == 401
