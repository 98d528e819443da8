"""What the subjects share that look at a Foresail which serves: where it lies, who asks, and how long it took."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from bench.figure import Skipped
from tests.journeys.installation import Caller, Installation

REP, MANAGER = "Sales rep", "Sales manager"
OPERATIONS, ADMINISTRATOR = "Sales operations", "Administrator"
SHARE = 95.0
"""Per cent of the tries that a stated time covers."""


def kept(name: str) -> Installation:
    """Return the installation `name` that later runs find again, below FORESAIL_BENCH or the system's folder for this."""
    _require_own_database()
    named = os.environ.get("FORESAIL_BENCH")
    folder = Path(named).expanduser() if named else Path(tempfile.gettempdir()) / "foresail-bench"
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    return Installation(folder / name)


@contextmanager
def fresh() -> Iterator[Installation]:
    """Yield an installation in a new folder, which is deleted at the end."""
    _require_own_database()
    folder = Path(tempfile.mkdtemp(prefix="foresail-bench-"))
    folder.chmod(0o755)  # the database's own user must get through
    try:
        yield Installation(folder / "home")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _require_own_database() -> None:
    if os.environ.get("DATABASE_URL"):
        raise Skipped("DATABASE_URL names a server, and this fills a database of its own")


def login(installation: Installation, role: str) -> Caller:
    """Sign in as the demo's typical `role`."""
    found = {each["role_en"]: each for each in installation.caller().get("/api/entry")["demo_logins"]}
    return installation.caller(found[role]["email"], found[role]["password"])


def inside(installation: Installation, function: Callable[..., Any], **arguments: Any) -> Any:
    """Return what `function` of a module of `bench` gives in the product's own Django, in a process of its own."""
    name = f"{function.__module__}:{function.__name__}"
    done = subprocess.run(
        [sys.executable, "-m", "bench.inside", name, json.dumps(arguments)],
        check=True, env=installation.environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def seconds(run: Callable[[], object], *, times: int) -> list[float]:
    """Return how long each of `times` runs took, after one unmeasured."""
    run()
    return [took(run) for _ in range(times)]


def took(run: Callable[[], object]) -> float:
    begun = perf_counter()
    run()
    return perf_counter() - begun


def p95(times: Sequence[float]) -> float:
    """Return the time that 95 % of `times` do not exceed: one that was really measured."""
    return float(np.percentile(times, SHARE, method="higher"))


def median(times: Sequence[float]) -> float:
    return float(np.median(times))


def load() -> str:
    """Say what else keeps the machine busy, by its own count of the last minute."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
