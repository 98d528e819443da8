"""`foresail user`: the first administrator, from the shell; refused whole or done whole."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from conftest import copy, reachable
from foresail.core.cluster import Cluster
from foresail.core.home import Home
from foresail.site.backup import AUDIT_HEAD
from tests import warm

PASSWORD = "correct horse battery staple"
Foresail = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def server(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server with empty tables, and a copy of them."""
    home = reachable(tmp_path_factory.mktemp("h"))
    copy(empty_home, home)
    made = Cluster(Home(home))
    made.start()
    duplicate(made, source="foresail", to="empty")
    yield made
    made.stop()


@pytest.fixture
def cluster(server: Cluster) -> Cluster:
    duplicate(server, source="empty", to="foresail")
    return server


def duplicate(server: Cluster, *, source: str, to: str) -> None:
    with psycopg.connect(server.address("postgres"), autocommit=True) as connection:
        names = {"source": sql.Identifier(source), "to": sql.Identifier(to)}
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {to} WITH (FORCE)").format(**names))
        connection.execute(sql.SQL("CREATE DATABASE {to} TEMPLATE {source}").format(**names))


@pytest.fixture(scope="module")
def foresail(server: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Foresail:
    """Return what runs a command on the server's home."""
    files = [tmp_path_factory.mktemp("said") / name for name in ("typed", "out", "err")]
    own = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}

    def run(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        files[0].write_text(typed)
        with files[0].open() as keys, files[1].open("w") as out, files[2].open("w") as err:
            home = {"FORESAIL_HOME": str(server.home.folder)}
            begun = warm.begin(words, environment=own | home, typed=keys, output=out, errors=err)
        code = begun.wait(timeout=60)
        return subprocess.CompletedProcess(words, code, files[1].read_text(), files[2].read_text())

    return run


def rows(cluster: Cluster, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(cluster.address()) as connection:
        return connection.execute(query).fetchall()


def test_an_administrator_is_added_and_the_trail_tells_of_it(cluster: Cluster, foresail: Foresail) -> None:
    done = foresail(
        "--lang", "zh", "user", "Li@example.com", "--name", "李雷", "--role", "admin", typed=f"{PASSWORD}\n"
    )
    assert done.returncode == 0, done.stderr
    assert "已添加 Li@example.com" in done.stdout
    assert rows(cluster, "SELECT name, language FROM people_user") == [("李雷", "zh")]
    assert rows(cluster, "SELECT role FROM people_grant") == [("admin",)]
    (kept,) = rows(cluster, "SELECT password FROM people_user")
    assert str(kept[0]).startswith("argon2")
    examined = foresail("--lang", "zh", "doctor")
    assert "✓ 审计记录: 3 条，首尾相连" in examined.stdout
    assert cluster.running, "it ran before, and goes on"
    with psycopg.connect(cluster.address()) as connection:
        connection.execute("DROP TABLE governance_auditrow CASCADE")
    for _ in range(2):
        assert "✗ 审计记录" in foresail("--lang", "zh", "doctor").stdout
        (cluster.home.folder / AUDIT_HEAD).unlink(missing_ok=True)  # nor where nobody noted how far it went


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (["li@example.com", "--name", "李雷"], "short", "密码至少需要 12 个字符"),
        (["li@example.com", "--name", "李雷", "--role", "boss"], PASSWORD, "没有角色 boss"),
        (["nowhere", "--name", "李雷"], PASSWORD, "不是有效的邮箱"),
    ],
)
def test_what_is_refused_leaves_nothing(
    cluster: Cluster, foresail: Foresail, words: list[str], typed: str, said: str
) -> None:
    done = foresail("--lang", "zh", "user", *words, typed=f"{typed}\n")
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert rows(cluster, "SELECT * FROM people_user") == []
    assert rows(cluster, "SELECT * FROM governance_auditrow") == []


def test_somebody_known_gets_a_password_and_a_role_from_the_shell(
    cluster: Cluster, foresail: Foresail
) -> None:
    foresail("user", "li@example.com", "--name", "李雷", "--role", "rep", typed=f"{PASSWORD}\n")
    (before,) = rows(cluster, "SELECT password FROM people_user")
    done = foresail(
        "--lang", "zh", "user", "Li@example.com", "--existing", "--role", "admin", "--role", "rep",
        typed="another horse battery\n",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "已为 Li@example.com 设置新密码" in done.stdout
    assert rows(cluster, "SELECT role FROM people_grant ORDER BY role") == [("admin",), ("rep",)]
    assert rows(cluster, "SELECT password FROM people_user") != [before]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody@example.com", "--existing"], "没有找到"),
        (["li@example.com", "--existing", "--name", "李雷"], "两者只能选一个"),
        (["li@example.com"], "两者只能选一个"),
    ],
)
@pytest.mark.usefixtures("cluster")
def test_who_is_not_known_is_refused(foresail: Foresail, words: list[str], said: str) -> None:
    done = foresail("--lang", "zh", "user", *words, typed=f"{PASSWORD}\n")
    assert done.returncode in (1, 2)
    assert said in done.stderr
