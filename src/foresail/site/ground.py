"""The ground that every command of the product stands on: a database that runs and has its tables."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import django
from django.core.management import call_command

from foresail.core.cluster import Cluster
from foresail.core.home import DiskFull, Home

RESTORED: Final = "restored"
"""A file that stands in the home from when a backup is put in place until who was erased since is erased again."""


def cluster_of(home: Home) -> Cluster | None:
    """Return the embedded server of `home`, None where DATABASE_URL names another one."""
    return None if os.environ.get("DATABASE_URL") else Cluster(home)


def set_up() -> None:
    """Set Django up, which the models of every room need."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foresail.site.settings")
    gc.disable()  # what is loaded stays: to look for garbage among it would take a tenth of the start
    django.setup()
    gc.freeze()
    gc.enable()


def prepare() -> None:
    """Set Django up and bring the tables up to date. The database runs already.

    Of a backup that was restored, who was erased since it was made is erased again.
    """
    set_up()
    call_command("migrate", interactive=False, verbosity=0)
    erase_again()


def erase_again() -> None:
    """Erase again, where a backup was restored, and nobody did yet; killed in between, the next start does it."""
    from foresail.core import clock  # noqa: PLC0415  needs Django set up
    from foresail.crm.queries import contacts_since  # noqa: PLC0415
    from foresail.governance import services  # noqa: PLC0415
    from foresail.governance.collecting import contact_subject  # noqa: PLC0415

    restored = Home.of_environment(os.environ).folder / RESTORED
    if restored.exists():
        at = clock.now()
        services.withdraw_again(
            begun={contact_subject(key): begun for key, begun in contacts_since().items()}, at=at
        )
        services.erase_persons_again(at=at)
        restored.unlink()


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
