"""`foresail serve`: the database, the web, the event socket and the workers, started, watched and stopped together.

Killed at any moment, nothing is left to repair: the database recovers by itself, the lock is gone with
its process, and the next start ends what is left and starts what is missing.
"""

from __future__ import annotations

import fcntl
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

from django.db import OperationalError

from foresail.core.cluster import Cluster
from foresail.core.home import Home, Unusable
from foresail.site.ground import cluster_of, prepare
from foresail.site.processes import GivenUp, Keeper, end_orphans, keep
from foresail.site.programs import load, programs

HOST: Final = "127.0.0.1"
PORT: Final = 8650
HIGHEST_PORT: Final = 65_534
"""The event socket listens one above the web."""
DATABASE_SECONDS: Final = 2.0
"""How often to look whether the database still runs."""
ORPHAN_SECONDS: Final = 5.0


class CannotServe(Exception):
    """Serving cannot begin or go on. `code` names the text to show, `told` what goes into it."""

    def __init__(self, code: str, **told: object) -> None:
        super().__init__(code)
        self.code = code
        self.told = told


@dataclass(frozen=True)
class Served:
    """Where the running Foresail is to be found."""

    address: str
    seconds: float


def serve(
    *,
    home: Home,
    host: str,
    port: int,
    ready: Callable[[Served], None],
    before: Callable[[], None] = lambda: None,
    trouble: Callable[[Unusable], None] = lambda _: None,
) -> None:
    """Serve until SIGINT or SIGTERM; call `ready` once web and event socket answer.

    `before` is called once, when the database is there and nothing else runs yet. `trouble` is called when the
    database went away later and could not be started again yet (the disk is full): that is tried until it can.

    Raises HomeUnusable, ClusterUnusable, or CannotServe where a port is taken, another Foresail serves
    this home, or the web or the event socket does not stay alive.
    """
    begun = time.perf_counter()
    home.prepare()
    with alone(home), _stopping() as asked_to_stop:
        # What was just killed may hold its port until its last thread is gone.
        patience = ORPHAN_SECONDS if end_orphans(home.folder) else 0.0
        _require_free(host, port, "serve.port", patience)
        _require_free(host, port + 1, "serve.port_live", patience)
        cluster = cluster_of(home)
        if cluster:
            cluster.start()
        try:
            _prepare(cluster)
            before()
            load()
            keep(
                [
                    Keeper(program, home.folder)
                    for program in programs(host=host, port=port, live_port=port + 1)
                ],
                stop=asked_to_stop,
                every=_guard(cluster, trouble),
                ready=lambda: ready(Served(f"http://{host}:{port}", time.perf_counter() - begun)),
            )
        except GivenUp as error:
            raise CannotServe(f"serve.dies.{error.name}", log=error.log) from error
        finally:
            if cluster:
                cluster.stop()


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """Hold the home for this process. The lock goes with the process, however that ends. Raises CannotServe."""
    with (home.folder / "lock").open("a") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # unlike flock's, no copy of this process has it
        except OSError as error:
            raise CannotServe("serve.twice", folder=home.folder) from error
        yield


@contextmanager
def _stopping() -> Iterator[Callable[[], bool]]:
    """Yield what tells whether SIGINT or SIGTERM came; the signals' former handlers come back at the end."""
    came = False

    def note(_: int, __: FrameType | None) -> None:
        nonlocal came
        came = True

    former = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: came
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _guard(cluster: Cluster | None, trouble: Callable[[Unusable], None]) -> Callable[[], None]:
    """Return what starts the database again where it is gone, looking every DATABASE_SECONDS."""
    looked = time.monotonic()
    told = ""

    def look() -> None:
        nonlocal looked, told
        if cluster and time.monotonic() - looked > DATABASE_SECONDS:
            if not cluster.running:
                try:
                    cluster.start()
                    told = ""
                except Unusable as error:
                    if str(error) != told:
                        trouble(error)
                    told = str(error)
            looked = time.monotonic()

    return look


def _prepare(cluster: Cluster | None) -> None:
    """Bring the tables up to date, also where the database is killed meanwhile."""
    try:
        prepare()
    except OperationalError:
        if cluster is None or cluster.running:
            raise
        cluster.start()
        prepare()


def _require_free(host: str, port: int, code: str, patience: float) -> None:
    end = time.monotonic() + patience
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if time.monotonic() >= end:
                    raise CannotServe(code, host=host, port=port, why=error.strerror) from error
            else:
                return
        time.sleep(0.02)
