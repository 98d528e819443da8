"""The processes that a supervisor keeps alive: started, watched, started again, ended in order.

Each begins as a copy of the supervisor, which has loaded everything once: it is there at once, after a fall too, and
shares the memory. Each leads a group of its own: Ctrl-C in a terminal reaches the supervisor alone, and what a process
started ends with it. Which process was started is written down, so that the next supervisor finds what a killed one
left.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

import psutil
from setproctitle import setproctitle

LONGEST_LOG: Final = 10 * 2**20
SHORT_LIFE: Final = 5.0
"""Seconds. A process that lives shorter, twice in a row, has a fault that starting again does not mend."""
LONGEST_PAUSE: Final = 30.0
SAME_SECONDS: Final = 2.0
"""How far two readings of when a process began may lie apart: the system's clock may have been set."""

FRESH: Final = sys.platform == "darwin"
"""Whether processes load everything anew: copies are not safe on macOS, whose own libraries run threads."""
PROCESSES: Final[SpawnContext | ForkContext] = (
    multiprocessing.get_context("spawn") if FRESH else multiprocessing.get_context("fork")
)


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run, a function of a module.

    `probe` is a port whose /readyz tells that it answers; one that has none is kept trying for ever.
    """

    name: str
    run: Callable[[], None]
    probe: tuple[str, int] | None = None
    patience: float = 10.0
    """Seconds that it may take to end before it is killed."""


class GivenUp(Exception):
    """A program ends as soon as it starts."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(name)
        self.name = name
        self.log = log


@dataclass
class Keeper:
    """Keeps one program alive. `folder` is the home folder."""

    program: Program
    folder: Path
    _process: BaseProcess | None = None
    _started: float = 0.0
    _short_lives: int = 0
    _not_before: float = field(default=0.0)

    @property
    def log(self) -> Path:
        return self.folder / "logs" / f"{self.program.name}.log"

    @property
    def note(self) -> Path:
        return self.folder / "run" / f"{self.program.name}.json"

    def watch(self) -> None:
        """Start the program if it does not run and its time has come. Raises GivenUp."""
        if self._process is not None and _lives(_pid(self._process)):
            return
        now = time.monotonic()
        if self._process is not None:
            self._bury(now)
            if self.program.probe and self._short_lives >= 2:
                raise GivenUp(self.program.name, self.log)
        if now >= self._not_before:
            self._start()

    def answers(self) -> bool:
        """Whether it lives and, where it can be asked, says that it is ready."""
        if self._process is None or not _lives(_pid(self._process)):
            return False
        return self.program.probe is None or _is_ready(*self.program.probe)

    def trim(self) -> None:
        """Set the log aside where it is too long. Who writes it goes on at its new beginning."""
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > LONGEST_LOG:
                with suppress(OSError):  # on a full disk, cutting the log is what matters
                    shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
                os.truncate(self.log, 0)

    def ask_to_end(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def end(self, *, by: float) -> None:
        """Wait until `by` (monotonic) for it to end, then kill it and what it started."""
        if self._process is not None:
            _wait([_pid(self._process)], by=by)
            self._bury(time.monotonic())
        self.note.unlink(missing_ok=True)

    def _start(self) -> None:
        self.trim()
        for place in (self.log, self.note):
            place.parent.mkdir(mode=0o700, exist_ok=True)
        hears, tells = PROCESSES.Pipe(duplex=False)
        with hears, tells:
            self._process = PROCESSES.Process(target=_begin, args=(self.program, self.log, hears, tells))
            self._process.start()
            self._started = time.monotonic()
            pid = _pid(self._process)
            with suppress(OSError):  # a full disk ends nothing that runs
                self.note.write_text(json.dumps({"pid": pid, "created": psutil.Process(pid).create_time()}))
            with suppress(OSError):  # it is gone already
                tells.send_bytes(b"noted")

    def _bury(self, now: float) -> None:
        """End what is left of its group, and say when to start it again."""
        assert self._process is not None
        killed = self._process.exitcode == -signal.SIGKILL  # by somebody else: no fault of its own
        _kill_group(_pid(self._process))
        self._process.kill()  # one that does not lead its group yet
        self._process.join()
        self._process = None
        self._short_lives = self._short_lives + 1 if now - self._started < SHORT_LIFE and not killed else 0
        pause = min(2.0 ** (self._short_lives - 1), LONGEST_PAUSE) if self._short_lives else 0.0
        self._not_before = now + (0.0 if self.program.probe else pause)


def _begin(program: Program, log: Path, hears: Connection, tells: Connection) -> None:
    """Run `program`, in the process that was made for it, apart from who made it: once that has noted it.

    A supervisor killed before would leave a process that no other knows of, and that may hold a port.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.setsid()
    tells.close()  # the supervisor's alone is left open, as long as it lives
    with hears:
        try:
            hears.recv_bytes()
        except EOFError:
            return
    with log.open("ab") as output, Path(os.devnull).open("rb") as nothing:
        for number, file in enumerate((nothing, output, output)):
            os.dup2(file.fileno(), number)
    sys.stdout, sys.stderr = (
        open(number, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
        for number in (1, 2)
    )
    setproctitle(f"foresail: {program.name}")
    program.run()


def _pid(process: BaseProcess) -> int:
    assert process.pid is not None, "it was started"
    return process.pid


def keep(
    keepers: Sequence[Keeper],
    *,
    stop: Callable[[], bool],
    every: Callable[[], None],
    ready: Callable[[], None],
) -> None:
    """Keep all alive until `stop`, then end them, first the first. Raises GivenUp.

    Those with a probe come first: once all of these answer, `ready` is called and the others are started.
    `every` is called every now and then.
    """
    first = [keeper for keeper in keepers if keeper.program.probe]
    said, trimmed = False, time.monotonic()
    try:
        while not stop():
            for keeper in keepers if said else first:
                keeper.watch()
            if not said and all(keeper.answers() for keeper in first):
                ready()
                said = True
            if time.monotonic() > trimmed + 60:
                trimmed = time.monotonic()
                for keeper in keepers:
                    keeper.trim()
            every()
            time.sleep(0.25 if said else 0.05)
    finally:
        for keeper in keepers:
            keeper.ask_to_end()
            if keeper.program.probe:
                keeper.end(by=time.monotonic() + keeper.program.patience)
        for keeper in keepers:
            keeper.end(by=time.monotonic() + keeper.program.patience)


def end_orphans(folder: Path) -> bool:
    """End what a supervisor of this home left that was killed itself; return whether one was killed.

    A number that is now another's is let alone. What ends by itself just now counts too: its port may still be taken.
    """
    notes = list((folder / "run").glob("*.json"))
    for note in notes:
        with suppress(OSError, ValueError, KeyError, TypeError):
            told: Mapping[str, float] = json.loads(note.read_text())
            _end_orphan(int(told["pid"]), float(told["created"]))
        note.unlink(missing_ok=True)
    return bool(notes)


def _end_orphan(pid: int, created: float) -> None:
    left = list(_group(pid))
    try:
        first = psutil.Process(pid)
        ours = abs(first.create_time() - created) <= SAME_SECONDS
        if ours and first not in left:  # it did not come so far as to lead its group
            first.kill()
            left.append(first)
    except psutil.Error:
        # Its first process is gone. No other can have its number while one of its group lives.
        ours = all(each.exe() == psutil.Process().exe() for each in left)
    if left and ours:
        _kill_group(pid)
        _wait([each.pid for each in left], by=time.monotonic() + LONGEST_PAUSE)


def _group(pid: int) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(OSError, psutil.Error):
            if os.getpgid(process.pid) == pid and process.uids().real == os.getuid():
                yield process


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _wait(pids: Collection[int], *, by: float) -> None:
    """Wait until none of `pids` runs, but not longer than until `by` (monotonic)."""
    while any(map(_lives, pids)) and time.monotonic() < by:
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    """Whether it runs; one that ended and is not yet waited for does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _is_ready(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
