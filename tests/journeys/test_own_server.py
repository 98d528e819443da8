"""The whole product on a PostgreSQL server of one's own, named by DATABASE_URL: an ordinary role, an older version."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from conftest import free_port, reachable
from tests.journeys.installation import Caller, Installation

VERSIONS = range(15, 19)
PLACES = ("/usr/lib/postgresql/{}/bin", "/usr/pgsql-{}/bin", "/opt/homebrew/opt/postgresql@{}/bin")
PASSWORD = "p@ss:wort/ %41"
ROLE, DATABASE = "sales role", "销售"


def binaries() -> Path:
    """Return where the oldest server that we support lies on this machine."""
    for version in VERSIONS:
        for place in PLACES:
            if Path(place.format(version), "initdb").exists():
                return Path(place.format(version))
    pytest.skip("there is no PostgreSQL server 15 to 18 beside our own: Debian's package is postgresql")


class Server:
    """A server that listens on this machine alone."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.bin = folder, free_port(), binaries()

    def run(self, program: str, *arguments: str) -> None:
        # Its first process keeps what it is given, so a pipe would never end.
        with (self.folder / "said").open("a") as said:
            subprocess.run(
                [self.bin / program, "-D", self.folder / "data", *arguments],
                check=True, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/", **self.owner,
            )  # fmt: skip

    @property
    def owner(self) -> dict[str, Any]:
        """PostgreSQL refuses to run as root."""
        if os.geteuid():
            return {}
        found = pwd.getpwnam("postgres")
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}

    def start(self) -> None:
        secret = self.folder / "secret"
        secret.write_text("secret")
        if not os.geteuid():
            for path in (self.folder, secret):
                shutil.chown(path, "postgres")
        self.run("initdb", "-U", "boss", "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C.UTF-8")  # fmt: skip
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self.run("pg_ctl", "start", "--wait", f"--log={self.folder / 'log'}", "-o", options)
        with self.boss() as boss:
            boss.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(sql.Identifier(ROLE), PASSWORD)
            )
        self.make_database()

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def boss(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="boss", password="secret", dbname="postgres", autocommit=True
        )  # fmt: skip

    def make_database(self) -> None:
        with self.boss() as boss:
            boss.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(DATABASE)))
            boss.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(ROLE))
            )

    @property
    def url(self) -> str:
        who = f"{quote(ROLE, safe='')}:{quote(PASSWORD, safe='')}"
        return f"postgresql://{who}@127.0.0.1:{self.port}/{quote(DATABASE)}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = reachable(tmp_path) / "server"
    folder.mkdir()
    started = Server(folder)
    started.start()
    yield started
    started.stop()


def test_all_of_it_runs_on_a_server_of_ones_own(server: Server, tmp_path: Path) -> None:
    mine = Installation(tmp_path / "home", more={"DATABASE_URL": server.url}, quick=True)
    assert "No tables yet" in mine.run("doctor")
    mine.run("demo", "--deals", "60")
    with mine.serving():
        caller = operations(mine)
        found = caller.get("/api/deals?status=open&limit=1")["items"][0]
        deal = found["id"]
        before = caller.get(f"/api/deals/{deal}/forecast")
        said = {"channel": "mail", "direction": "in", "title": "自备的数据库", "at": before["at"]}
        assert caller.call("POST", f"/api/deals/{deal}/communications", said).status == 201
        newer = caller.get(f"/api/deals/{deal}/forecast")
        for _ in range(200):
            if newer["at"] > before["at"]:
                break
            time.sleep(0.05)
            newer = caller.get(f"/api/deals/{deal}/forecast")
        assert newer["at"] > before["at"]
        titles = [row["title"] for row in caller.get(f"/api/deals/{deal}/timeline?limit=5")["items"]]
        assert "自备的数据库" in titles
        hits = caller.get(f"/api/search?q={quote(found['name'])}")["deals"]
        assert deal in [one["id"] for one in hits]
    file = tmp_path / "all.foresail"
    mine.run("backup", str(file))
    before_all = answers(mine, deal)
    examined = mine.run("doctor")
    assert "DATABASE_URL" in examined
    assert "This machine is fit" in examined
    mine.run("restore", str(file), "--replace")
    assert answers(mine, deal) == before_all
    server.make_database()
    shutil.rmtree(mine.home)
    mine.run("restore", str(file))
    assert answers(mine, deal) == before_all
    assert "This machine is fit" in mine.run("doctor")
    assert not (mine.home / "postgres").exists()


def operations(mine: Installation) -> Caller:
    logins = mine.caller().get("/api/entry")["demo_logins"]
    login = next(one for one in logins if one["role_en"] == "Sales operations")
    return mine.caller(login["email"], login["password"])


def answers(mine: Installation, deal: int) -> dict[str, bytes]:
    with mine.serving():
        caller = operations(mine)
        paths = ("/api/deals?limit=100", f"/api/deals/{deal}/timeline?limit=100", "/api/forecast/models")
        return {path: caller.call("GET", path).body for path in paths}
