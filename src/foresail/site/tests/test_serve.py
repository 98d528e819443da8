"""`foresail serve`, as a process: it answers, stops whole, and starts again after any of it was killed."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from foresail.core.cluster import Cluster
from foresail.core.home import Home

LONGEST = 20.0


class Served:
    """A running `foresail serve` on a free port, and what it said."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.process = self.start()

    def start(self, *, port: int | None = None) -> subprocess.Popen[str]:
        program = "from foresail.site.cli import main; main()"
        command = [sys.executable, "-c", program, "--lang", "en", "serve", "--port", str(port or self.port)]
        environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        environment["FORESAIL_HOME"] = str(self.home)
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def get(self, path: str) -> tuple[int, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return 0, {}
        finally:
            connection.close()

    def is_up(self) -> None:
        """Wait until it says so itself: the web process of a killed one may still answer."""
        assert self.process.stdout
        said = self.process.stdout.readline()
        assert "Foresail is up" in said, said + self.process.communicate()[0]

    def ready(self) -> bool:
        return self.get("/readyz")[0] == 200

    def web(self) -> int:
        return int((self.home / "web.pid").read_text())

    def stop(self, how: signal.Signals = signal.SIGTERM) -> str:
        self.process.send_signal(how)
        return self.process.communicate(timeout=LONGEST)[0]


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST
    while not until():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


@pytest.fixture
def served(home_folder: Path) -> Iterator[Served]:
    started = Served(home_folder)
    started.is_up()
    yield started
    if started.process.poll() is None:
        started.stop()
    Cluster(Home(home_folder)).stop()


def test_it_answers_and_stops_whole(served: Served) -> None:
    assert served.get("/healthz")[1]["status"] == "ok"
    assert served.get("/readyz")[1] == {"status": "ok"}
    web = psutil.Process(served.web())
    said = served.stop(signal.SIGINT)
    assert said.rstrip().endswith("Stopped.")
    assert served.process.returncode == 0
    assert not web.is_running()
    assert not Cluster(Home(served.home)).running


def test_a_second_one_is_refused_and_the_first_goes_on(served: Served) -> None:
    second = served.start(port=served.port + 1)
    said, _ = second.communicate(timeout=LONGEST)
    assert second.returncode == 1
    assert "Another Foresail" in said
    assert served.ready()


def test_a_taken_port_is_told_in_a_sentence(served: Served) -> None:
    served.stop()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", served.port))
        taken.listen()
        second = served.start()
        said, _ = second.communicate(timeout=LONGEST)
    assert second.returncode == 1
    assert f"Port {served.port}" in said
    assert "--port" in said


def test_the_web_process_killed_comes_back(served: Served) -> None:
    killed = served.web()
    os.killpg(killed, signal.SIGKILL)
    wait(lambda: served.web() != killed and served.ready())
    assert served.process.poll() is None


def test_the_database_killed_is_told_by_readyz_alone(served: Served) -> None:
    data = Cluster(Home(served.home)).data
    os.kill(int((data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    wait(lambda: served.get("/readyz")[0] in (200, 503))
    assert served.get("/healthz")[0] == 200
    wait(served.ready)


@pytest.mark.parametrize("too", [False, True], ids=["alone", "with all others"])
def test_killed_it_starts_again(served: Served, too: bool) -> None:
    if too:
        data = Cluster(Home(served.home)).data
        os.kill(int((data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        os.killpg(served.web(), signal.SIGKILL)
    served.process.kill()
    served.process.communicate(timeout=LONGEST)
    served.process = served.start()
    served.is_up()
    assert served.ready()
    assert "Stopped." in served.stop()
