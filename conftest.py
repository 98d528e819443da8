"""Tests that ask for a database get a real one: the embedded server, in a folder of its own, or DATABASE_URL."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


def reachable(folder: Path) -> Path:
    """Let others pass through pytest's folders: root runs the server as another user, who must get there."""
    top = next((n for n, path in enumerate(folder.parents) if path.name.startswith("pytest-of-")), 0)
    for path in (folder, *folder.parents[: top + 1]):
        path.chmod(path.stat().st_mode | 0o011)
    return folder


@pytest.fixture
def home_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for an installation of its own, under a short name: the path of a socket may not be long."""
    return reachable(tmp_path_factory.mktemp("h"))


@pytest.fixture(scope="session", autouse=True)
def _no_limits() -> None:
    """Let tests ask as often as they like: counting queries, they would count ours. Those of limits set some."""
    from django.conf import settings

    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 0)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    from django.conf import settings

    from foresail.core.cluster import Cluster
    from foresail.core.home import Home

    if os.environ.get("DATABASE_URL"):
        yield
        return
    cluster = Cluster(Home(reachable(tmp_path_factory.mktemp("pg"))))
    cluster.start()
    reach = {"HOST": str(cluster.socket), "OPTIONS": {"passfile": str(cluster.passfile)}}
    settings.DATABASES["default"].update(reach)
    yield
    cluster.stop()
