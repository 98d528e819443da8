"""Tests that ask for a database get a real one: of the embedded server, in a folder of its own, or of DATABASE_URL's.

Its tables are made once for all processes that run tests, which copy them.
"""

import fcntl
import gc
import json
import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from hypothesis import settings

settings.register_profile("patient", deadline=None)  # a busy machine is slow now and then
settings.load_profile("patient")


def pytest_collection_finish() -> None:
    """Look for garbage only among what tests make, and seldom: to look through all that they import takes a second."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


def reachable(folder: Path) -> Path:
    """Let others pass through pytest's folders: root runs the server as another user, who must get there."""
    top = next((n for n, path in enumerate(folder.parents) if path.name.startswith("pytest-of-")), 0)
    for path in (folder, *folder.parents[: top + 1]):
        path.chmod(path.stat().st_mode | 0o011)
    return folder


def free_port() -> int:
    """Return a port such that it and the next one are free: the socket process takes that.

    Below those that systems give to whoever asks for any: one may be asked for again minutes later.
    """
    while True:
        port = random.randrange(12_000, 32_000)
        with socket.socket() as one, socket.socket() as two:
            try:
                one.bind(("127.0.0.1", port))
                two.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@cache
def contract() -> dict[str, Any]:
    """Return the API as openapi.json tells it: a test holds it to what is served, and making it anew takes seconds."""
    told: dict[str, Any] = json.loads(Path(__file__).with_name("openapi.json").read_text(encoding="utf-8"))
    return told


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Let only one of the processes that run tests be in this block."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return the folder of all processes that run tests."""
    own = factory.getbasetemp()
    return reachable(own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own)


def prepared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the folder that `make` made: once, for all processes that run tests. Copy it; nobody may change it."""
    shared = shared_folder(factory)
    home, making = shared / name, shared / f"{name}.making"
    with one_at_a_time(shared / f"{name}.lock"):
        if not home.exists():
            make(making)
            making.rename(home)
    return home


def copy(home: Path, to: Path) -> None:
    """Copy with owners and modes, which shutil leaves behind: root runs the database as another user."""
    subprocess.run(["cp", "-a", f"{home}/.", to], check=True)


def prepared_empty(factory: pytest.TempPathFactory) -> Path:
    """Return a home whose tables are made and empty."""
    from foresail.core.cluster import Cluster
    from foresail.core.home import Home

    def make(home: Path) -> None:
        home.mkdir()
        cluster = Cluster(Home(home))
        cluster.start()
        make_tables(home)
        hurry(cluster.address("postgres"))
        cluster.stop()

    return prepared(factory, "empty", make)


def make_tables(home: Path, *, url: str = "") -> None:
    """Make the tables of the database of `home`, or of the one that `url` names."""
    program = "from foresail.site.ground import prepare; prepare()"
    own = os.environ | {"FORESAIL_HOME": str(home), "DATABASE_URL": url}
    subprocess.run([sys.executable, "-c", program], env=own, check=True)


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose tables are made and empty. Copy it."""
    return prepared_empty(tmp_path_factory)


@pytest.fixture(scope="module")
def quick_trees() -> Iterator[None]:
    from tests.quick import with_quick_trees

    with with_quick_trees():
        yield


@pytest.fixture
def home_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for an installation of its own, under a short name: the path of a socket may not be long."""
    return reachable(tmp_path_factory.mktemp("h"))


@pytest.fixture
def notices(db: None) -> Callable[[], list[tuple[str, int]]]:  # noqa: ARG001 (asks for the database)
    """What open pages were told since the last call."""

    from django.db import connection

    def notices() -> list[tuple[str, int]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH gone AS (DELETE FROM core_notice RETURNING *) SELECT kind, key FROM gone ORDER BY id"
            )
            return list(cursor.fetchall())

    return notices


@pytest.fixture(scope="session", autouse=True)
def _home_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let no test write into the home of whoever runs it: its journal of erasures is no place for our inventions."""
    from django.conf import settings

    from foresail.core.home import Home

    settings.HOME = Home(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="session", autouse=True)
def _no_limits() -> None:
    """Let tests ask as often as they like: counting queries, they would count ours. Those of limits set some."""
    from django.conf import settings

    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 0)


def hurry(address: str) -> None:
    """Let a server that only tests ask not wait for the disk; what it said is kept is in the system's memory at least."""
    with psycopg.connect(address, autocommit=True) as server:
        for name in ("fsync", "full_page_writes"):
            server.execute(f"ALTER SYSTEM SET {name} = off")
        server.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session", autouse=True)
def _emptied_quickly() -> Iterator[None]:
    """Empty only what a test that commits has filled.

    Django would truncate every table, of which there are many, and then make anew what nothing here asks for.
    """
    from django.test import TransactionTestCase

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: _empty_tables())
        yield


def _empty_tables() -> None:
    from django.db import connection, transaction

    kept = {"django_content_type", "auth_permission"}  # as the migrations left them
    ours = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    tables = sorted(ours - kept | {"procrastinate_jobs"})
    with transaction.atomic(), connection.cursor() as cursor:
        look = "SELECT %s WHERE EXISTS (SELECT FROM {})"
        cursor.execute(" UNION ALL ".join(look.format(table) for table in tables), tables)
        for (table,) in cursor.fetchall():
            cursor.execute(f"TRUNCATE {table}" if table in _NEVER_FORGET else f"DELETE FROM {table}")


_NEVER_FORGET = {"governance_auditrow", "governance_consententry", "timeline_entry", "timeline_seen"}
"""They refuse to lose a row; only where the database is one of tests they may be emptied."""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[None]:
    from django.conf import settings

    from foresail.core.cluster import Cluster
    from foresail.core.home import Home

    default = settings.DATABASES["default"]
    if url := os.environ.get("DATABASE_URL"):
        request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")  # for all share one server
        default["OPTIONS"]["options"] += " -c synchronous_commit=off"  # nobody pulls the plug of it
        prepared(tmp_path_factory, TEMPLATE, lambda folder: make_template(url, folder))
        default.setdefault("TEST", {})["TEMPLATE"] = TEMPLATE
        yield
        return
    folder = reachable(tmp_path_factory.mktemp("pg"))
    copy(request.getfixturevalue("empty_home"), folder)
    cluster = Cluster(Home(folder))
    cluster.start()
    default["HOST"] = str(cluster.socket)
    default["OPTIONS"]["passfile"] = str(cluster.passfile)
    default.setdefault("TEST", {})["TEMPLATE"] = default["NAME"]  # its tables are made already
    yield
    cluster.stop()


TEMPLATE = "test_foresail_empty"


def make_template(url: str, folder: Path) -> None:
    """Make, on the server that `url` names, the database TEMPLATE with empty tables; note in `folder` that it is there."""
    folder.mkdir()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")  # a run before was killed
        server.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'")
    make_tables(folder, url=urlsplit(url)._replace(path=f"/{TEMPLATE}").geturl())


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave no database on a server that is not ours."""
    url = os.environ.get("DATABASE_URL")
    if not url or os.environ.get("PYTEST_XDIST_WORKER"):
        return
    factory = session.config._tmp_path_factory  # type: ignore[attr-defined]  # noqa: SLF001  outside fixtures nothing else tells
    noted = shared_folder(factory) / TEMPLATE
    if noted.exists():
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")
        shutil.rmtree(noted)
