"""The ground that every command of the product stands on: a database that runs and has its tables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.core.management import call_command

from foresail.core.cluster import Cluster
from foresail.core.home import DiskFull, Home


def cluster_of(home: Home) -> Cluster | None:
    """Return the embedded server of `home`, None where DATABASE_URL names another one."""
    return None if os.environ.get("DATABASE_URL") else Cluster(home)


def set_up() -> None:
    """Set Django up, which the models of every room need."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foresail.site.settings")
    django.setup()


def prepare() -> None:
    """Set Django up and bring the tables up to date. The database runs already."""
    set_up()
    call_command("migrate", interactive=False, verbosity=0)


@contextmanager
def database_of(home: Home) -> Iterator[None]:
    """Have the database server at hand for a while: the one that runs, else one that is started and stopped again.

    Raises HomeUnusable or ClusterUnusable, DiskFull also for whatever fails for that meanwhile.
    """
    cluster = cluster_of(home)
    started = cluster is not None and not cluster.running
    if cluster:
        cluster.start()
    written = cluster.log_size if cluster else 0
    try:
        yield
    except Exception as error:
        if cluster and cluster.ran_out_of_space(since=written):
            raise DiskFull(home.folder) from error
        raise
    finally:
        if cluster and started:
            cluster.stop()


@contextmanager
def ground(home: Home) -> Iterator[None]:
    """Have the database at hand, with its tables up to date. Raises HomeUnusable or ClusterUnusable."""
    with database_of(home):
        prepare()
        yield
