"""A real worker imports, is killed in the middle, and another one finishes what it left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app

from foresail.core import jobs
from foresail.core.home import Home
from foresail.crm import services
from foresail.crm.fields import ACCOUNT
from foresail.crm.models import Account, Import, ImportRow
from foresail.people import services as people
from foresail.people.roles import Role

ROWS = 12_000
PATIENCE = 240.0
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def work(tmp_path: Path) -> Callable[[], subprocess.Popen[bytes]]:
    """Start a worker of the product on the database of this test."""
    named = connection.settings_dict
    options = named.get("OPTIONS", {})
    script = (
        "import os\n"
        "from foresail.site import settings\n"
        "settings.DATABASES['default'].update(NAME=os.environ['DB_NAME'], HOST=os.environ['DB_HOST'],"
        " PORT=os.environ['DB_PORT'], USER=os.environ['DB_USER'], PASSWORD=os.environ['DB_PASSWORD'],"
        " OPTIONS=dict(passfile=os.environ['DB_PASSFILE']) if os.environ['DB_PASSFILE'] else {})\n"
        "from foresail.site.work import work\n"
        "work('chores')\n"
    )

    def start() -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "FORESAIL_HOME": str(tmp_path), "DB_NAME": str(named["NAME"]), "DB_HOST": str(named["HOST"]),
            "DB_PORT": str(named["PORT"]), "DB_USER": str(named["USER"]), "DB_PASSWORD": str(named["PASSWORD"]),
            "DB_PASSFILE": str(options.get("passfile", "")),
        }  # fmt: skip
        environment.pop("DATABASE_URL", None)
        return subprocess.Popen([sys.executable, "-c", script], env=environment, stderr=subprocess.DEVNULL)

    return start


def until(reached: Callable[[Import], bool], of: Import, worker: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        of.refresh_from_db()
        if reached(of):
            return
        assert worker.poll() is None, "the worker ended by itself"
        time.sleep(0.02)
    raise AssertionError((of.status, of.position))


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_it_is_finished_by_another_and_nothing_is_doubled(
    settings: Any, tmp_path: Path, work: Callable[[], subprocess.Popen[bytes]]
) -> None:
    settings.HOME = Home(tmp_path)
    line = people.add_line(name="能源", by=None, at=AT)
    user = people.add_user(email="ops@example.com", name="Ops", team=None, by=None, at=AT)
    people.grant_role(user=user, role=Role.SALES_OPERATIONS, by=None, at=AT)
    text = "名称\n" + "".join(f"公司{number:06d}\n" for number in range(ROWS))
    of = services.begin_import(kind=ACCOUNT, pieces=[text.encode()], name="a.csv", by=user, at=AT)
    assert of.settings["line"] == line.pk
    Import.objects.filter(pk=of.pk).update(status="checking")
    services.run_check(key=of.pk)
    of.refresh_from_db()
    services.start_import(of=of, by=user, at=AT)
    worker = work()
    try:
        until(lambda now: now.position > 0, of, worker)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(30)
        of.refresh_from_db()
        assert 0 < of.position < ROWS
        assert of.status == "running"
        assert Account.objects.count() == of.position == of.added == ImportRow.objects.count()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
        async_to_sync(_retry_stalled)()
        worker = work()
        until(lambda now: now.status == "done", of, worker)
    finally:
        worker.kill()
        worker.wait(30)
    assert (of.position, of.added, of.rejected) == (ROWS, ROWS, 0)
    assert Account.objects.count() == Account.objects.values("name").distinct().count() == ROWS
    assert ImportRow.objects.values("row").distinct().count() == ROWS


async def _retry_stalled() -> None:
    context: Any = SimpleNamespace(app=app)
    await jobs.retry_stalled(context, timestamp=0)
