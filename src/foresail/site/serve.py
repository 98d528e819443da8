"""`foresail serve`: the database and the web process, started together, watched, and stopped together.

Killed at any moment, nothing is left to repair: the database recovers by itself, the lock is gone with
its process, and the next start finds the server running or starts it.
"""

from __future__ import annotations

import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Final

import psutil

from foresail.core.cluster import Cluster
from foresail.core.home import Home
from foresail.site.ground import cluster_of, prepare

HOST: Final = "127.0.0.1"
PORT: Final = 8650
APPLICATION: Final = "foresail.site.wsgi:application"
WEB: Final = "web.pid"
PATIENCE: Final = 30.0
"""Seconds that a process may take to answer, or to end."""
DATABASE_SECONDS: Final = 2.0
"""How often to look whether the database still runs."""
FEWEST_SECONDS: Final = 5.0
"""A process that lives shorter than this, twice in a row, has a fault that starting again does not mend."""


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


def serve(*, home: Home, host: str, port: int, ready: Callable[[Served], None]) -> None:
    """Serve until SIGINT or SIGTERM; call `ready` once it answers.

    Raises HomeUnusable, ClusterUnusable, or CannotServe where the port is taken, another Foresail serves
    this home, or the web process does not stay alive.
    """
    begun = time.perf_counter()
    home.prepare()
    with _alone(home), _stopping() as asked_to_stop:
        _end_orphan(home.folder)
        _require_free(host, port)
        cluster = cluster_of(home)
        if cluster:
            cluster.start()
        try:
            prepare()
            _watch(
                cluster=cluster,
                host=host,
                port=port,
                folder=home.folder,
                stop=asked_to_stop,
                ready=lambda address: ready(Served(address, time.perf_counter() - begun)),
            )
        finally:
            if cluster:
                cluster.stop()


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Hold the home for this process. The lock goes with the process, however that ends."""
    with (home.folder / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
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


def _end_orphan(folder: Path) -> None:
    """End the web process of a Foresail that was itself killed. The lock is ours: nobody else needs it."""
    try:
        orphan = psutil.Process(int((folder / WEB).read_text()))
        if APPLICATION in orphan.cmdline():
            os.killpg(orphan.pid, signal.SIGKILL)
            orphan.wait(PATIENCE)
    except (OSError, ValueError, psutil.Error):
        return


def _require_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotServe("serve.port", host=host, port=port, why=error.strerror) from error


def _watch(
    *,
    cluster: Cluster | None,
    host: str,
    port: int,
    folder: Path,
    stop: Callable[[], bool],
    ready: Callable[[str], None],
) -> None:
    """Keep the web process and the database alive until asked to stop."""
    looked = time.perf_counter()
    said = False
    short_lives = 0
    log = folder / "web.log"
    with log.open("ab") as output:
        while not stop():
            begun = time.perf_counter()
            web = _start_web(host, port, output)
            (folder / WEB).write_text(str(web.pid))
            try:
                while web.poll() is None and not stop():
                    if not said and _answers(host, port):
                        ready(f"http://{host}:{port}")
                        said = True
                    if cluster and time.perf_counter() - looked > DATABASE_SECONDS:
                        cluster.start()
                        looked = time.perf_counter()
                    time.sleep(0.05 if not said else 0.25)
            finally:
                _end(web)
            short_lives = short_lives + 1 if time.perf_counter() - begun < FEWEST_SECONDS else 0
            if short_lives == 2 and not stop():
                raise CannotServe("serve.dies", log=log)


def _start_web(host: str, port: int, output: IO[bytes]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    command += ["--workers", "1", "--blocking-threads", "4", "--no-ws", APPLICATION]
    # A group of its own: Ctrl-C in a terminal reaches us alone, and we end it in order.
    return subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)  # noqa: S603  # our own


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
