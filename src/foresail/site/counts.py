"""What several processes count together, so that whichever is scraped tells of all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from django.conf import settings
from prometheus_client import CollectorRegistry, values
from prometheus_client.multiprocess import MultiProcessCollector

from foresail.core import logs
from foresail.core.home import Home

REGISTRY: Final = CollectorRegistry()
"""Of what is counted."""
ROOM: Final = 2**20
"""Bytes for what a process counts of a kind: some thousands of series."""
_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus_client looks for the folder in which processes count together."""


@contextmanager
def together() -> Iterator[None]:
    """Let processes `share` what they count meanwhile, from nought."""
    folder = _folder()
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # a full disk keeps nobody from answering
        folder.mkdir(mode=0o700, parents=True)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def share() -> None:
    """Count together with the other processes from now on.

    They count in files mapped into memory, whose room is taken beforehand: who writes to such a file where the disk
    has none dies. A process that finds no room counts for itself.
    """
    folder = _folder()
    try:
        for kind in ("counter", "histogram"):
            _take_room(folder / f"{kind}_{os.getpid()}.db")
    except OSError as error:
        logs.fault(error, "metrics_apart")
        return
    os.environ[_FOLDER] = str(folder)
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]


def counted() -> CollectorRegistry:
    """Return what all processes that `share` have counted; else this one."""
    folder = os.environ.get(_FOLDER)
    if not folder:
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared, folder)  # type: ignore[no-untyped-call]
    return shared


def _folder() -> Path:
    home: Home = settings.HOME
    return home.folder / "run" / "counts"


def _take_room(path: Path) -> None:
    making = path.with_suffix(".making")
    try:
        making.write_bytes(bytes(ROOM))
        making.rename(path)  # whole: another process may read it at once
    finally:
        making.unlink(missing_ok=True)
