"""A Foresail of its own, as somebody runs it: commands in processes, HTTP with cookies, and the event socket."""

from __future__ import annotations

import http.cookiejar
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pytest

from conftest import copy, free_port, prepared, prepared_empty
from tests import warm

PATIENCE = 90.0
Running = subprocess.Popen[str] | warm.Command
ROOT = Path(__file__).parents[2]


def chromium() -> str | None:
    """Return where this machine has a Chromium, None where it has none: rather the one without windows, which costs less."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Caller:
    """Somebody with a browser's cookies."""

    address: str
    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        request = urllib.request.Request(self.address + path, method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if token := self.cookie("csrftoken"):
            request.add_header("X-CSRFToken", token)
            request.add_header("Referer", self.address + "/")
        try:
            with opener.open(request, timeout=PATIENCE) as answer:
                return Answer(answer.status, answer.read(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read(), dict(error.headers))

    def upload(self, path: str, name: str, content: bytes) -> Answer:
        """Send a file as a form does."""
        edge = "an-edge-that-no-file-holds"
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        request = urllib.request.Request(self.address + path, data=body, method="POST")
        request.add_header("Content-Type", f"multipart/form-data; boundary={edge}")
        request.add_header("X-CSRFToken", self.cookie("csrftoken") or "")
        request.add_header("Referer", self.address + "/")
        try:
            with opener.open(request, timeout=PATIENCE) as answer:
                return Answer(answer.status, answer.read(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read(), dict(error.headers))

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status == 200, (path, answer.status, answer.body[:500])
        return answer.json

    def cookie(self, name: str) -> str | None:
        return next((cookie.value for cookie in self.jar if cookie.name == name), None)

    def sign_in(self, email: str, password: str) -> Any:
        self.get("/api/entry")
        answer = self.call("POST", "/api/session", {"email": email, "password": password})
        assert answer.status == 200, answer.body
        return answer.json


def copied(factory: pytest.TempPathFactory, home: Path, *arguments: str) -> Installation:
    """Return an installation at `home` for which `foresail ARGUMENTS` was run: once for all tests, the rest are copies."""

    def make(at: Path) -> None:
        at.mkdir()
        copy(prepared_empty(factory), at)
        Installation(at, quick=True).run(*arguments)

    copy(prepared(factory, "-".join(part.strip("-") for part in arguments), make), home)
    return Installation(home, quick=True)


@dataclass
class Installation:
    """`home` is its folder; `port` where its web process answers; `more` of its environment.

    A `quick` one takes a third of the time for its models, which are rougher, and its commands are loaded already.
    """

    home: Path
    port: int = field(default_factory=free_port)
    more: dict[str, str] = field(default_factory=dict)
    quick: bool = False

    @property
    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        path = os.pathsep.join(filter(None, (str(ROOT), own.get("PYTHONPATH"))))
        return own | {"FORESAIL_HOME": str(self.home), "LANG": "C.UTF-8", "PYTHONPATH": path} | self.more

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *arguments: str, output: IO[str] | None = None) -> Running:
        said = ["--lang", "en", *arguments]
        if self.quick:
            return warm.begin(said, environment=self.environment, output=output)
        return subprocess.Popen(
            [sys.executable, "-c", "from foresail.site.cli import main; main()", *said],
            env=self.environment, text=True, start_new_session=True,
            stdout=output or subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, *arguments: str, seconds: float = 600) -> str:
        """Run a command to its end and return what it said. Fails where the command did."""
        process = self.start(*arguments)
        said, _ = process.communicate(timeout=seconds)
        assert process.returncode == 0, said
        return said

    @contextmanager
    def serving(self, *arguments: str) -> Iterator[Running]:
        """Serve until the block ends; waits until it answers."""
        log = self.home.parent / f"{self.home.name}.serve.log"
        with log.open("a") as output:
            process = self.start("serve", "--port", str(self.port), *arguments, output=output)
            try:
                self.wait(process, log)
                yield process
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGINT)
                    process.wait(PATIENCE)

    def wait(self, process: Running, log: Path) -> None:
        until = time.monotonic() + PATIENCE * 4
        while time.monotonic() < until:
            assert process.poll() is None, log.read_text()
            try:
                if Caller(self.address).call("GET", "/readyz").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError(log.read_text())

    def caller(self, email: str | None = None, password: str = "") -> Caller:
        caller = Caller(self.address)
        if email:
            caller.sign_in(email, password)
        return caller
