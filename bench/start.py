"""From typing `foresail serve` until it answers: on an empty folder, and where it served before."""

from __future__ import annotations

import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from bench.figure import Figure
from bench.served import fresh, load, median
from tests.journeys.installation import PATIENCE, Installation

COLD, WARM = 3, 5
"""How often each is tried."""
LOOK_SECONDS = 0.02


def measure() -> Iterator[Figure]:
    cold, warm, stop = [], [], []
    for place in range(COLD):
        with fresh() as installation:
            cold.append(_start(installation)[0])
            for _ in range(WARM if place == COLD - 1 else 0):
                begun, ended = _start(installation)
                warm.append(begun)
                stop.append(ended)
    yield Figure(
        "start_cold", median(cold), "s", against=f"initdb and all tables, longest {max(cold):.1f} s; {load()}"
    )
    yield Figure(
        "start_again",
        max(warm),
        "s",
        against=f"the slowest of {WARM}, median {median(warm):.1f} s",
        at_most=5,
    )
    yield Figure("stop", median(stop), "s")


def _start(installation: Installation) -> tuple[float, float]:
    """Serve until web and event socket are ready; return the seconds until then, and those it takes to stop."""
    begun = perf_counter()
    with Path(os.devnull).open("w") as nowhere:
        process = installation.start("serve", "--port", str(installation.port), output=nowhere)
    try:
        ports = [installation.port, installation.port + 1]
        while not all(_ready(port) for port in ports):
            assert process.poll() is None, "it ended"
            assert perf_counter() - begun < PATIENCE, "it does not answer"
            time.sleep(LOOK_SECONDS)
        ready = perf_counter() - begun
    finally:
        asked = perf_counter()
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
    return ready, perf_counter() - asked


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
