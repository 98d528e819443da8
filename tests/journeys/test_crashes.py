"""Killed with -9 again and again, at moments by chance: nothing is half there, lost, done twice or left to repair."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import psutil
import psycopg
import pytest

from foresail.core.cluster import Cluster
from foresail.core.home import Home
from tests.journeys.installation import PATIENCE, Caller, Installation, Running, copied

SEED = 20_261_126
KILLS = (
    *["importing"] * 7,
    *["scoring"] * 5,
    *["training"] * 4,
    *["database"] * 2,
    *["supervisor"] * 2,
    *["live"] * 7,
)
"""The last thirteen, and the workers', fall while signals come in."""
DEMO_DEALS, WRITTEN_TO = 60, 2
LOG_DEALS = 90
DEMO_POOL, DEMO_TRAINS = 1, "train-1"
MOST_ATTEMPTS = 2
"""A training that was cut off so often is let come to its end: a job that dies five times over is given up."""


@dataclass
class Besieged:
    """An installation whose processes are killed, and what goes on in it meanwhile."""

    installation: Installation
    log: Path
    random: Random = field(default_factory=lambda: Random(SEED))
    server: Running | None = None
    acknowledged: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    signals_acknowledged: list[str] = field(default_factory=list)
    signals_doubtful: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    trainings: int = 0
    import_seconds: float = 0.0
    whole: dict[str, int] = field(default_factory=dict)
    importing: Running | None = None
    began: float = 0.0
    batch: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    # What goes on

    def serve(self) -> None:
        said = self.installation.home.parent / "serve.log"
        with said.open("w") as output:
            self.server = self.installation.start(
                "serve", "--port", str(self.installation.port), output=output
            )
        self.installation.wait(self.server, said)
        # What a killed one left may still answer.
        assert wait(lambda: "Foresail is up" in said.read_text(), PATIENCE), said.read_text()

    def write_down(self) -> None:
        """Write down one thing after another, as a user does, until told to stop; note what was acknowledged."""
        caller = self.signed_in("Sales operations")
        deals = [one["id"] for one in caller.get(f"/api/deals?status=open&limit={WRITTEN_TO}")["items"]]
        for number in count():
            if self.stop.wait(0.25):
                return
            title = f"记录{number}"
            said = {
                "channel": "mail", "direction": "in", "title": title, "at": "2026-01-05T08:00:00Z",
            }  # fmt: skip
            try:
                answer = caller.call("POST", f"/api/deals/{deals[number % len(deals)]}/communications", said)
            except (OSError, http.client.HTTPException):
                self.doubtful.append(title)
            else:
                (self.acknowledged if answer.status == 201 else self.doubtful).append(title)

    def allow_signals(self) -> str:
        """Put a boundary in force, and return the key of a server."""
        admin, operations = (self.signed_in(role) for role in ("Administrator", "Sales operations"))
        assert admin.call("PUT", f"/api/collecting/guardians/{admin.get('/api/me')['id']}").status == 204
        rule = {
            "source": "product",
            "purpose": "intent",
            "basis": "contract",
            "days": 365,
            "fields": {"title": "keep", "email": "keep"},
        }
        made = operations.call(
            "POST", "/api/collecting/boundaries", {"rules": [rule], "reason": "siege"}
        ).json
        path = f"/api/collecting/boundaries/{made['id']}/decide"
        assert admin.call("POST", path, {"approved": True}).status == 200
        with self.database() as database:
            found = database.execute(
                "SELECT min(email) FROM crm_contact WHERE email <> '' GROUP BY account_id LIMIT 30"
            )
            self.emails = [email for (email,) in found]
        said = {"kind": "server", "name": "siege", "sources": ["product"]}
        token: str = operations.call("POST", "/api/intake-keys", said).json["token"]
        return token

    def send_signals(self, token: str) -> None:
        """Send signals in small batches until told to stop; what was not acknowledged is sent once more."""
        again: list[dict[str, Any]] = []
        for number in count():
            if self.stop.wait(0.1):
                return
            batch = again + [a_signal(f"{number}-{place}", self.emails) for place in range(20)]
            asked = urllib.request.Request(
                f"http://127.0.0.1:{self.installation.port + 1}/api/signals",
                json.dumps(batch).encode(),
                {"Authorization": f"Bearer {token}"},
            )
            names = [each["id"] for each in batch]
            try:
                with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                    assert json.load(answer)["accepted"] == len(batch)
            except (OSError, http.client.HTTPException):
                again = batch if not again else []
                self.signals_doubtful += names
            else:
                again = []
                self.signals_acknowledged += names

    def train(self) -> None:
        """Call for a training of the demo's pool, unless one is under way."""
        with suppress(psycopg.OperationalError), self.database() as database:
            if self.training(database) is None:
                database.execute(
                    "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)"
                    " VALUES ('training', 'forecast.train', %(lock)s, %(lock)s, %(args)s)",
                    {"lock": DEMO_TRAINS, "args": json.dumps({"pool": DEMO_POOL, "replay": False})},
                )
                self.trainings += 1

    def bring_in(self, *more: str) -> Running:
        self.began = time.monotonic()
        name = f"进口{self.batch}"
        with (self.installation.home.parent / "import.log").open("a") as output:
            return self.installation.start(
                "import", "--mapping", str(self.log), "--name", name, *more, output=output
            )

    # Who is killed

    def kill(self, victim: str) -> bool:
        """Kill `victim` at a moment by chance; return False where there was nobody to kill."""
        victims: dict[str, Callable[[], bool]] = {
            "importing": self.kill_import,
            "scoring": lambda: self.kill_worker("scoring", within=1.5),
            "training": self.kill_training,
            "database": self.kill_database,
            "supervisor": self.kill_supervisor,
            "live": lambda: self.kill_worker("live", within=1.0),
        }
        return victims[victim]()

    def kill_import(self) -> bool:
        if self.importing is None or self.importing.poll() is not None:
            self.importing = self.bring_in()
        after = self.random.uniform(0.4, 1.2) * self.import_seconds
        time.sleep(max(0.0, self.began + after - time.monotonic()))
        if self.importing.poll() is not None:
            self.batch += 1
            return False
        os.killpg(self.importing.pid, signal.SIGKILL)
        self.importing.wait()
        there = self.imported()
        assert there in ({}, self.whole), there
        if there:
            self.batch += 1  # it is all in: the next log
        return True

    def kill_worker(self, name: str, *, within: float) -> bool:
        time.sleep(self.random.uniform(0.0, within))
        return kill(self.pid(name))

    def kill_training(self) -> bool:
        self.train()
        if not wait(self.is_training, 8.0):
            return False
        return self.kill_worker("training", within=2.5)

    def kill_database(self) -> bool:
        if self.is_spared():
            return False
        time.sleep(self.random.uniform(0.0, 1.0))
        before = self.postmaster()
        killed = kill(before)
        # What it had started answers a moment longer.
        assert wait(lambda: self.postmaster() not in (0, before) and self.ready(), PATIENCE)
        return killed

    def kill_supervisor(self) -> bool:
        if self.is_spared():
            return False
        time.sleep(self.random.uniform(0.0, 1.0))
        assert self.server is not None
        self.server.kill()
        self.server.wait()
        self.serve()
        return True

    # What is seen of it

    @property
    def caller(self) -> Caller:
        return self.installation.caller()

    def signed_in(self, role: str) -> Caller:
        logins = self.caller.get("/api/entry")["demo_logins"]
        login = next(one for one in logins if one["role_en"] == role)
        return self.installation.caller(login["email"], login["password"])

    def signals(self) -> dict[str, int]:
        """Count the signals that are there, by name."""
        with self.database() as database:
            rows = database.execute(
                "SELECT values ->> 'title', count(*) FROM signals_signal WHERE source = 'product' GROUP BY 1"
            )
            return dict(rows.fetchall())

    def ready(self) -> bool:
        try:
            return self.caller.call("GET", "/readyz").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def database(self) -> psycopg.Connection[Any]:
        return psycopg.connect(Cluster(Home(self.installation.home)).address(), autocommit=True)

    def pid(self, name: str) -> int:
        note = self.installation.home / "run" / f"{name}.json"
        try:
            return int(json.loads(note.read_text())["pid"])
        except (OSError, ValueError):
            return 0

    def postmaster(self) -> int:
        return Cluster(Home(self.installation.home)).pid

    def training(self, database: psycopg.Connection[Any]) -> tuple[str, int] | None:
        """Return the status of the demo's training and how often it was cut off, None where there is none."""
        query = (
            "SELECT status, attempts FROM procrastinate_jobs WHERE lock = %s AND status IN ('todo', 'doing')"
        )
        return database.execute(query, [DEMO_TRAINS]).fetchone()

    def is_training(self) -> bool:
        with suppress(psycopg.OperationalError), self.database() as database:
            return self.training(database) in [("doing", attempts) for attempts in range(MOST_ATTEMPTS + 1)]
        return False

    def is_spared(self) -> bool:
        with suppress(psycopg.OperationalError), self.database() as database:
            found = self.training(database)
            return found is not None and found[1] > MOST_ATTEMPTS
        return True

    def imported(self) -> dict[str, int]:
        """Count what is there of the present import; nothing at all is {}."""
        name = f"进口{self.batch}"
        counts = {
            "lines": "SELECT count(*) FROM people_businessline WHERE name = %(name)s",
            "deals": "SELECT count(*) FROM crm_deal d JOIN crm_pipeline p ON p.id = d.pipeline_id WHERE p.name = %(name)s",
            "accounts": "SELECT count(*) FROM crm_account a JOIN people_businessline l ON l.id = a.line_id WHERE l.name = %(name)s",
            "entries": "SELECT count(*) FROM timeline_entry WHERE source = 'import:' || %(name)s",
            "pools": "SELECT count(*) FROM forecast_pool WHERE name = %(name)s",
        }
        with self.database() as database:
            found = {
                key: (database.execute(query, {"name": name}).fetchone() or (0,))[0]
                for key, query in counts.items()
            }
        return found if any(found.values()) else {}

    def at_rest(self) -> bool:
        """Whether nothing is left to do."""
        with suppress(psycopg.OperationalError), self.database() as database:
            (waiting,) = (
                database.execute(
                    "SELECT (SELECT count(*) FROM forecast_touched) + count(*) FROM procrastinate_jobs"
                    " WHERE status IN ('todo', 'doing') AND queue_name IN ('scoring', 'training')"
                    " AND coalesce(scheduled_at, now()) < now() + interval '5 minutes'"  # what is overdue then is for later
                ).fetchone()
                or (1,)
            )
            return waiting == 0
        return False

    def truth(self) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.journeys.truth"], env=self.installation.environment, check=False,
            capture_output=True, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told


def a_signal(name: str, emails: list[str]) -> dict[str, Any]:
    """Return a signal of one of as many visitors as there are `emails`; one in ten also says whose it is."""
    number, _, place = name.partition("-")
    who = (int(number) + int(place)) % len(emails)
    data = {"title": name} | ({"email": emails[who]} if place in {"0", "7"} else {})
    return {
        "specversion": "1.0",
        "id": name,
        "source": "siege",
        "type": "page",
        "subject": f"v{who}",
        "data": data,
    }


def kill(pid: int) -> bool:
    if not pid or not psutil.pid_exists(pid):
        return False
    os.kill(pid, signal.SIGKILL)
    return True


def wait(until: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def besieged(home_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Besieged]:
    installation = copied(tmp_path_factory, home_folder / "home", "demo", "--deals", str(DEMO_DEALS))
    folder = home_folder / "log"
    installation.run("simulate", "--deals", str(LOG_DEALS), "--seed", "4", "--out", str(folder))
    made = Besieged(installation, folder / "mapping.toml")
    made.serve()
    yield made
    made.stop.set()
    for process in (made.importing, made.server):
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)
    Cluster(Home(installation.home)).stop()


def test_killed_twenty_times_nothing_is_half_there_lost_or_done_twice(besieged: Besieged) -> None:
    assert besieged.bring_in("--no-train").wait(PATIENCE) == 0
    besieged.import_seconds = time.monotonic() - besieged.began
    besieged.whole = besieged.imported()
    assert besieged.whole["deals"] == LOG_DEALS
    besieged.batch += 1
    writer = threading.Thread(target=besieged.write_down, daemon=True)
    sender = threading.Thread(target=besieged.send_signals, args=(besieged.allow_signals(),), daemon=True)
    writer.start()
    sender.start()

    left = list(KILLS)
    besieged.random.shuffle(left)
    tries = 0
    while left:
        tries += 1
        assert tries < 4 * len(KILLS), left
        victim = left.pop(0)
        if not besieged.kill(victim):
            left.append(victim)  # nobody there: later
    # Cut off while it learns, it goes on where it was.
    learning = None
    for longest in (1.0, 0.5, 0.0, 0.0):
        learning = besieged.importing = besieged.bring_in()
        assert wait(lambda: besieged.imported() == besieged.whole, PATIENCE)
        time.sleep(besieged.random.uniform(0.0, longest))
        if learning.poll() is None:
            break
        besieged.batch += 1  # it was done already
    assert learning is not None
    os.killpg(learning.pid, signal.SIGKILL)
    learning.wait()
    besieged.stop.set()
    writer.join(PATIENCE)
    sender.join(PATIENCE)
    assert besieged.bring_in().wait(PATIENCE) == 0
    assert besieged.imported() == besieged.whole

    assert wait(besieged.at_rest, PATIENCE), besieged.truth()["jobs"]
    truth = besieged.truth()
    # What was acknowledged is there once; what was not is there once or not at all.
    assert len(besieged.acknowledged) > 20
    assert {title: truth["titles"].get(title) for title in besieged.acknowledged} == dict.fromkeys(
        besieged.acknowledged, 1
    )
    assert {truth["titles"].get(title, 0) for title in besieged.doubtful} <= {0, 1}
    signals = besieged.signals()
    assert len(besieged.signals_acknowledged) > 400
    assert {signals.get(name) for name in besieged.signals_acknowledged} == {1}
    assert {signals.get(name, 0) for name in besieged.signals_doubtful} <= {0, 1}
    # What they add up to is what they come to, and nothing waits.
    interest = truth["interest"]
    assert interest["standing"] > 200
    assert (interest["waiting"], interest["judged_otherwise"]) == (0, 0)
    assert interest["off"] < 1e-9
    # Every job was done, once in effect.
    assert truth["touched"] == 0
    assert not [name for name in truth["jobs"] if name.endswith("failed")], truth["jobs"]
    demo, first, *_, last = truth["pools"].values()
    assert demo["versions"] == list(range(1, 2 + besieged.trainings))
    assert (first["versions"], last["versions"]) == ([1], [1])
    jobs = truth["jobs"]
    scored = jobs.get("forecast.score_pool succeeded", 0), jobs.get("forecast.score_pool aborted", 0)
    assert demo["open"] > 2 * WRITTEN_TO, "or scoring those that were touched looks like a look at all"
    assert demo["looks"] <= 1 + sum(scored)
    for pool in truth["pools"].values():
        assert pool["folders"] == sorted(map(str, pool["versions"]))
        assert pool["serving"] == bool(pool["versions"])
        assert pool["nights_twice"] == 0
        assert pool is demo or {name: pool[name] for name in ("deals", "entries")} == {
            name: besieged.whole[name] for name in ("deals", "entries")
        }
    for pool in (demo, first, last):
        assert (pool["without_outlook"], pool["outlook_of_ended"], pool["old_model"]) == (0, 0, 0)
        assert pool["stale"] == []
        assert pool["off"] < 1e-9
    # Nothing to repair by hand.
    examined = besieged.installation.run("doctor")
    assert "This machine is fit" in examined, examined
