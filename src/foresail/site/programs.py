"""What Foresail consists of: the web, the event socket and the workers, each run in a process of its own."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib import import_module
from typing import Final

from django.db import connections

from foresail.site.processes import FRESH, PROCESSES, Program
from foresail.site.work import QUEUES, work

ANSWERING = min(max((os.cpu_count() or 1) // 2, 1), 4)
"""How many processes answer HTTP: each keeps one processor busy, and the database as many. On two, a second one gains
nothing."""
ALL_NEED: Final = (
    "foresail.site.urls",
    "foresail.live.serving",
    "foresail.core.jobs",
    "granian.server",
    "uvicorn",
)


def load() -> None:
    """Load what the programs need, and leave nothing open that their processes would share."""
    if FRESH:
        return
    for module in ALL_NEED:
        import_module(module)
    connections.close_all()
    gc.collect()
    gc.freeze()  # or looking for garbage would write into the memory that all share


def apart(do: Callable[[], None]) -> None:
    """Do it in a process of its own, so that no thread that it starts is left in this one. Raises what it raises.

    Where processes are no copies of this one, its threads hurt nobody.
    """
    if FRESH:
        do()
        return
    connections.close_all()
    with ProcessPoolExecutor(1, mp_context=PROCESSES) as executor:
        executor.submit(do).result()


def programs(*, host: str, port: int, live_port: int) -> Iterable[Program]:
    """Return the programs in the order in which they end: no new work first."""
    yield Program(name="web", run=partial(serve_web, host, port), probe=(host, port), patience=30.0)
    yield Program(name="live", run=partial(serve_live, host, live_port), probe=(host, live_port))
    for name in QUEUES:
        yield Program(name=name, run=partial(work, name))


def serve_web(host: str, port: int) -> None:
    """Answer HTTP until SIGINT or SIGTERM."""
    from granian.constants import Interfaces  # noqa: PLC0415  (only where it serves)
    from granian.server import Server  # noqa: PLC0415

    from foresail.site.counts import together  # noqa: PLC0415

    server = Server(
        "foresail.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=ANSWERING,
        blocking_threads=4,
        websockets=False,
    )
    with together():
        server.serve()


def serve_live(host: str, port: int) -> None:
    """Keep event sockets until SIGINT or SIGTERM."""
    import uvicorn  # noqa: PLC0415  (only where it serves)

    uvicorn.run(
        "foresail.live.app:application",
        host=host,
        port=port,
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=3,
    )
