"""A worker. Its jobs are durable: killed, another one takes them up."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from foresail.core import logs
from foresail.site.ground import set_up

QUEUES: Final = {
    "scoring": ["scoring"],
    "training": ["training"],
    "chores": ["default"],
}  # lists: they become SQL arrays
NICENESS: Final = {"scoring": 5, "training": 10, "chores": 10}
"""A score is soon enough a moment after what it follows is seen; training takes a minute of all cores and can wait.

Chores, an import among them, have a worker of their own: nobody who imports waits for a training.
"""
FINISH_SECONDS: Final = 8.0
AUTOGROUP: Final = Path("/proc/self/autogroup")
"""The session's own niceness; not every system has it."""


def work(name: str) -> None:
    """Do the jobs of the worker `name`, one after another, until SIGINT or SIGTERM."""
    step_back(NICENESS.get(name, 0))
    set_up()
    logs.configure()
    from procrastinate.contrib.django import app  # noqa: PLC0415  (only now Django is set up)

    from foresail.core.jobs import take_up  # noqa: PLC0415

    # A second app: what a task defers goes through Django's connection, into the task's own transaction.
    connector: Any = app.connector
    with take_up(worker=name, queues=QUEUES[name]):
        app.with_connector(connector.get_worker_connector()).run_worker(
            queues=QUEUES[name],
            name=name,
            concurrency=1,
            install_signal_handlers=True,
            shutdown_graceful_timeout=FINISH_SECONDS,
        )


def step_back(niceness: int) -> None:
    """Let others go first.

    Where Linux gives each session its share of the processor, niceness counts within the session alone, and a worker
    leads one of its own: so the session is told too.
    """
    os.nice(niceness)
    with suppress(OSError):
        AUTOGROUP.write_text(str(niceness), encoding="ascii")
