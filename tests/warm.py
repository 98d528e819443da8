"""Commands that begin as copies of a process which has loaded all of Foresail: in a tenth of a second, not in two.

Whoever tests asks that process, which copies itself once for who watches over the command, and that one for the command.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import IO, Any, NoReturn

LONGEST = 2**17


class Command:
    """What one does with a `subprocess.Popen`, of a command that somebody else began: `told` and `said` are files of ours."""

    def __init__(self, told: int, said: int | None) -> None:
        self._told, self._said = told, said
        self.pid = _number(told)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return with what code it ended, None while it runs; below zero the signal that ended it."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """Return all that it said. Raises subprocess.TimeoutExpired."""
        parts, until = [b""], time.monotonic() + (timeout or 1e9)
        while self._said is not None:
            left = until - time.monotonic()
            if left < 0 or not select.select([self._said], [], [], left)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            parts.append(os.read(self._said, LONGEST))
            if not parts[-1]:
                os.close(self._said)
                self._said = None
        self.wait(timeout)
        return b"".join(parts).decode(), None

    def send_signal(self, which: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, which)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], timeout)[0]:
            self.returncode = _number(self._told)
            os.close(self._told)
        return self.returncode


def _number(told: int) -> int:
    return int.from_bytes(os.read(told, 4), "little", signed=True)


def _tell(told: int, number: int) -> None:
    os.write(told, number.to_bytes(4, "little", signed=True))


def begin(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    typed: IO[str] | None = None,
    output: IO[str] | None = None,
    errors: IO[str] | None = None,
) -> Command:
    """Begin `foresail ARGUMENTS`: it reads what was `typed`, or nothing, and writes into `output`, or to who asks for it.

    Its errors go there too, unless into `errors`. No model that it trains is asked what traces help.
    """
    wanted = json.dumps({"arguments": list(arguments), "environment": dict(environment)})
    told, tell = os.pipe()
    said, say = (None, os.dup(output.fileno())) if output else os.pipe()
    type_in = os.dup(typed.fileno()) if typed else os.open(os.devnull, os.O_RDONLY)
    theirs = [type_in, say, os.dup(errors.fileno() if errors else say), tell]
    with socket.socket(fileno=os.dup(_door())) as door:
        socket.send_fds(door, [wanted.encode()], theirs)
    for file in theirs:
        os.close(file)
    return Command(told, said)


@cache
def _door() -> int:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        theirs.set_inheritable(True)
        os.posix_spawn(
            sys.executable, [sys.executable, "-m", "tests.warm", str(theirs.fileno())],
            os.environ | {"FORESAIL_HOME": "/nowhere", "LANG": "C.UTF-8"}, setsid=True,
        )  # fmt: skip
    return ours.detach()


# ---- the process that has loaded everything


def _serve(door: socket.socket) -> None:
    from foresail.site import programs
    from foresail.site.ground import set_up

    set_up()
    from foresail.forecast.services import training

    programs.load()
    training.helped_by_traces = _unasked  # takes a second model each time; its own tests ask
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how those ended who watch
    while True:
        text, files, _, _ = socket.recv_fds(door, LONGEST, 4)
        if not text:
            return
        if os.fork() == 0:
            door.close()
            _watch(files, **json.loads(text))
        for file in files:
            os.close(file)


def _unasked(*_: object, **__: object) -> None:
    """What a model learned from traces, where it learned from none."""


def _watch(files: list[int], *, arguments: list[str], environment: dict[str, str]) -> NoReturn:
    *streams, tell = files
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        os.close(tell)
        os.setsid()
        for place, file in enumerate(streams):
            os.dup2(file, place)
            os.close(file)
        _become(arguments, environment)
    for file in streams:
        os.close(file)
    _tell(tell, child)
    _, status = os.waitpid(child, 0)
    _tell(tell, os.waitstatus_to_exitcode(status))
    os._exit(0)


def _become(arguments: list[str], environment: dict[str, str]) -> NoReturn:
    """Run a command as if this were its own process: all that its environment says is read again."""
    from django.conf import settings
    from django.db import connections
    from django.db.utils import ConnectionHandler
    from django.utils.functional import empty

    from foresail.site import cli
    from foresail.site import settings as ours

    os.environ.clear()
    os.environ.update(environment)
    importlib.reload(ours)
    untyped: Any = settings
    untyped._wrapped = empty
    connections.settings["default"].update(ConnectionHandler(ours.DATABASES).settings["default"])
    sys.argv[1:] = arguments
    cli.main()
    raise AssertionError("a command ends its process")


if __name__ == "__main__":
    from tests.quick import with_quick_trees

    with with_quick_trees(), socket.socket(fileno=int(sys.argv[1])) as asked:
        _serve(asked)
