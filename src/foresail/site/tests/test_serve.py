"""`foresail serve`, as a process: it answers, stops whole, and starts again after any of it was killed."""

from __future__ import annotations

import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from conftest import copy, free_port
from foresail.core.cluster import Cluster
from foresail.core.home import Home

LONGEST, LONGEST_START = 20.0, 90.0
"""Seconds. On a machine that does much else, half a minute goes by before all processes have started."""
QUIET = {"foresail", "python", "python3", "jemalloc_bg_thd", "polars-ooc-clea"}
"""Threads that the supervisor may have while it forks: itself, and what polars starts and takes care of in copies."""
ANEW = (
    "import multiprocessing; from foresail.site import processes; "
    "processes.FRESH, processes.PROCESSES = True, multiprocessing.get_context('spawn'); "
)
"""As on macOS."""
TWO = "from foresail.site import programs; programs.ANSWERING = 2; "
"""As on four processors."""
NAMES = ("web", "live", "scoring", "training", "chores")


class Served:
    """A running `foresail serve` on a free port, and what it said."""

    def __init__(self, home: Path, *, port: int | None = None) -> None:
        self.home = home
        self.port = port or free_port()
        self.process = self.start()

    def start(self, *, port: int | None = None, before: str = "") -> subprocess.Popen[str]:
        program = f"{before}from foresail.site.cli import main; main()"
        command = [sys.executable, "-c", program, "--lang", "en", "serve", "--port", str(port or self.port)]
        environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        environment["FORESAIL_HOME"] = str(self.home)
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def get(self, path: str, *, above: int = 0) -> tuple[int, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port + above, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return 0, {}
        finally:
            connection.close()

    def answered(self, route: str) -> float:
        """Return how many requests of `route` were answered, as whichever process answers now tells."""
        with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
            told = text_string_to_metric_families(answer.read().decode())
        return sum(
            each.value
            for family in told
            for each in family.samples
            if each.name == "foresail_requests_total" and each.labels["route"] == route
        )

    def is_up(self) -> None:
        """Wait until it says so itself: the web process of a killed one may still answer."""
        assert self.process.stdout
        heard, _, _ = select.select([self.process.stdout], [], [], LONGEST_START)
        assert heard, self.logs()
        said = self.process.stdout.readline()
        assert "Foresail is up" in said, said + self.process.communicate()[0] + self.logs()

    def logs(self) -> str:
        return "\n".join(f"{log.name}:\n{log.read_text()}" for log in (self.home / "logs").glob("*.log"))

    def ready(self) -> bool:
        return self.get("/readyz")[0] == 200 and self.get("/healthz", above=1)[0] == 200

    def pid(self, name: str) -> int:
        """Return the process that runs `name`, 0 if none is noted."""
        note = self.home / "run" / f"{name}.json"
        return int(json.loads(note.read_text() or '{"pid": 0}')["pid"]) if note.exists() else 0

    def works(self, queue: str) -> bool:
        """Whether a job given to `queue` now is done in time."""
        with psycopg.connect(Cluster(Home(self.home)).address(), autocommit=True) as database:
            job = database.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES (%s, %s, %s) RETURNING id",
                [queue, "builtin:procrastinate.builtin_tasks.remove_old_jobs", '{"max_hours": 72}'],
            ).fetchone()
            asked = "SELECT 1 FROM procrastinate_jobs WHERE id = %s AND status = 'succeeded'"
            wait(lambda: database.execute(asked, job).fetchone() is not None)
        return True

    def stop(self, how: signal.Signals = signal.SIGTERM) -> str:
        self.process.send_signal(how)
        return self.process.communicate(timeout=LONGEST)[0]


def threads(pid: int) -> set[str]:
    """Return the names of a process's threads, where the system tells them."""
    return {name.read_text().strip() for name in Path(f"/proc/{pid}/task").glob("*/comm")}


def runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST
    while not until():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


@pytest.fixture
def served(home_folder: Path, empty_home: Path) -> Iterator[Served]:
    copy(empty_home, home_folder)
    started = Served(home_folder)
    try:
        started.is_up()
        yield started
    finally:
        if started.process.poll() is None:
            started.stop()
        Cluster(Home(home_folder)).stop()


def test_it_answers_and_stops_whole(served: Served) -> None:
    assert served.get("/healthz")[1]["status"] == "ok"
    assert served.get("/readyz")[1] == {"status": "ok"}
    assert served.get("/healthz", above=1) == (200, {"status": "ok"})
    wait(lambda: all(map(served.pid, NAMES)))
    running = [psutil.Process(served.pid(name)) for name in NAMES]
    wait(lambda: [os.getpgid(each.pid) for each in running] == [each.pid for each in running])
    wait(lambda: [each.nice() for each in running] == [0, 0, 5, 10, 10])
    session = Path(f"/proc/{running[-1].pid}/autogroup")
    wait(lambda: not session.exists() or session.read_text().endswith(" nice 10\n"))
    assert all(map(served.works, ("scoring", "training", "default")))
    assert threads(served.process.pid) <= QUIET
    said = served.stop(signal.SIGINT)
    assert said.rstrip().endswith("Stopped.")
    assert served.process.returncode == 0
    assert not any(runs(each) for each in running)
    assert not list((served.home / "run").iterdir())
    assert not Cluster(Home(served.home)).running


def test_where_copies_are_not_safe_the_processes_load_everything_anew(served: Served) -> None:
    served.stop()
    served.process = served.start(before=ANEW)
    served.is_up()
    assert served.ready()
    wait(lambda: all(map(served.pid, NAMES)))
    assert served.works("scoring")
    assert "Stopped." in served.stop()


def test_several_processes_answer_and_each_tells_what_all_have_counted(served: Served) -> None:
    served.stop()
    served.process = served.start(before=TWO)
    served.is_up()
    for _ in range(20):  # each a connection of its own: now this process answers, now that
        served.get("/healthz")
    assert len(psutil.Process(served.pid("web")).children()) == 2
    assert [served.answered("healthz") for _ in range(10)] == [20] * 10
    assert "Stopped." in served.stop()


def test_a_second_one_is_refused_and_the_first_goes_on(served: Served) -> None:
    second = served.start(port=free_port())
    said, _ = second.communicate(timeout=LONGEST)
    assert second.returncode == 1
    assert "Another Foresail" in said
    assert served.ready()


@pytest.mark.parametrize("above", [0, 1], ids=["web", "live"])
def test_a_taken_port_is_told_in_a_sentence(home_folder: Path, above: int) -> None:
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + above))
        taken.listen()
        refused = Served(home_folder, port=port)
        said, _ = refused.process.communicate(timeout=LONGEST)
    assert refused.process.returncode == 1
    assert f"Port {port + above}" in said
    assert "--port" in said
    assert not (home_folder / "postgres").exists()


def test_each_process_killed_comes_back(served: Served) -> None:
    wait(lambda: all(map(served.pid, NAMES)))
    killed = {name: served.pid(name) for name in NAMES}
    started = [each for pid in killed.values() for each in psutil.Process(pid).children()]
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)
    wait(lambda: all(served.pid(name) not in (0, killed[name]) for name in NAMES) and served.ready())
    assert not any(runs(each) for each in started)
    assert served.process.poll() is None


def test_the_database_killed_is_told_by_readyz_alone(served: Served) -> None:
    os.kill(Cluster(Home(served.home)).pid, signal.SIGKILL)
    wait(lambda: served.get("/readyz")[0] in (200, 503))
    assert served.get("/healthz")[0] == 200
    wait(served.ready)


@pytest.mark.parametrize("too", [False, True], ids=["alone", "with all others"])
def test_killed_it_starts_again(served: Served, too: bool) -> None:
    wait(lambda: all(map(served.pid, NAMES)))
    left = [psutil.Process(served.pid(name)) for name in NAMES]
    left += [child for each in left for child in each.children()]
    served.process.kill()
    served.process.communicate(timeout=LONGEST)
    assert all(runs(each) for each in left)
    if too:
        os.kill(Cluster(Home(served.home)).pid, signal.SIGKILL)
        for name in NAMES:  # of the web, what it started lives on and holds the port
            os.kill(served.pid(name), signal.SIGKILL)
    served.process = served.start()
    served.is_up()
    assert served.ready()
    assert not any(runs(each) for each in left)
    assert "Stopped." in served.stop()
