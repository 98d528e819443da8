"""The embedded server: it starts, survives being killed, and lets nobody in without the password."""

import os
import signal
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from foresail.core.cluster import Cluster, ClusterUnusable
from foresail.core.home import Home


@pytest.fixture
def cluster(home_folder: Path) -> Iterator[Cluster]:
    made = Cluster(Home(home_folder))
    yield made
    made.stop()


def connect(cluster: Cluster, **changed: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(make_conninfo(cluster.address(), connect_timeout=5, **changed))


def test_it_starts_once_and_keeps_what_it_was_given(cluster: Cluster) -> None:
    cluster.start()
    pid = cluster.pid
    cluster.start()
    assert cluster.pid == pid
    with connect(cluster) as connection:
        connection.execute("CREATE TABLE kept AS SELECT '先见' AS name")
    cluster.stop()
    assert not cluster.running
    cluster.start()
    with connect(cluster) as connection:
        assert connection.execute("SELECT name FROM kept").fetchone() == ("先见",)
        assert connection.execute("SELECT current_setting('server_encoding')").fetchone() == ("UTF8",)
        (collation,) = connection.execute(
            "SELECT datcollate FROM pg_database WHERE datname = current_database()"
        ).fetchone() or ("",)
    assert collation == "C.utf8"


def test_a_home_that_was_moved_starts_where_it_is(home_folder: Path) -> None:
    first, moved = home_folder / "a", home_folder / "it's moved"
    cluster = Cluster(Home(first))
    cluster.start()
    cluster.stop()
    first.rename(moved)
    cluster = Cluster(Home(moved))
    cluster.start()
    with connect(cluster) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    cluster.stop()


def test_killed_in_the_middle_it_starts_again(cluster: Cluster) -> None:
    cluster.start()
    with connect(cluster) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
        connection.commit()
        os.kill(cluster.pid, signal.SIGKILL)
    while cluster.running:
        time.sleep(0.01)
    cluster.start()
    with connect(cluster) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (1,)


def test_what_is_left_in_a_long_query_holds_up_no_start(cluster: Cluster) -> None:
    cluster.start()
    connection = connect(cluster)
    left = psutil.Process(connection.info.backend_pid)

    def ask() -> None:
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT count(*) FROM generate_series(1, 10000000000)")

    asked = threading.Thread(target=ask)
    asked.start()
    while left.cpu_times().user < 0.2:
        time.sleep(0.01)
    os.kill(cluster.pid, signal.SIGKILL)
    asked.join(0.5)
    assert left.is_running()  # it does not notice
    cluster.start()
    asked.join(10)
    assert not asked.is_alive()
    with connect(cluster) as again:
        assert again.execute("SELECT 1").fetchone() == (1,)


def test_a_server_that_cannot_finish_is_cut_off(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foresail.core.cluster.STOP_SECONDS", 2)
    cluster.start()
    children = psutil.Process(cluster.pid).children()
    stuck = next(child for child in children if "checkpointer" in " ".join(child.cmdline()))
    stuck.suspend()
    cluster.stop()
    assert not cluster.running
    cluster.start()


def test_a_server_that_ends_while_it_is_asked_to_has_stopped(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = cluster._run

    def late(_: Cluster, program: str, *arguments: str) -> None:
        run("pg_ctl", "stop", "--wait", "--mode=immediate")
        run(program, *arguments)  # finds none, and fails

    cluster.start()
    monkeypatch.setattr(Cluster, "_run", late)
    cluster.stop()
    assert not cluster.running


def test_the_log_says_what_failed_and_nobodys_values(cluster: Cluster) -> None:
    cluster.start()
    value = "somebody@recognised.example"
    with connect(cluster) as connection:
        connection.execute("CREATE TEMP TABLE kept (email text UNIQUE CHECK (length(email) < 40))")
        for wrong in (
            f"INSERT INTO kept VALUES ('{value}'), ('{value}')",
            f"INSERT INTO kept VALUES ('{value * 2}')",
            f"SELECT nothing FROM kept WHERE email = '{value}'",
        ):
            with pytest.raises(psycopg.Error), connection.transaction():
                connection.execute(wrong)
        into = "COPY kept (email) FROM STDIN"
        with pytest.raises(psycopg.Error), connection.transaction(), connection.cursor().copy(into) as copy:
            copy.write(f"{value}\t{value}\n")
    said = cluster.said()
    assert said.count("ERROR:") == 4
    assert "recognised" not in said


def test_what_an_older_server_wrote_into_the_log_is_soon_gone(cluster: Cluster) -> None:
    cluster.start()
    log = cluster.folder / "log"
    log.write_text("STATEMENT:  INSERT INTO kept VALUES ('somebody@recognised.example')")
    for _ in range(2):
        cluster.stop()
        cluster.start()
    assert log.exists()
    assert not any("recognised" in each.read_text() for each in cluster.folder.glob("log*"))


def test_nobody_comes_in_without_the_password(cluster: Cluster, tmp_path: Path) -> None:
    cluster.start()
    none = tmp_path / "none"
    none.touch(mode=0o600)
    for changed in (
        {"passfile": str(none)},
        {"password": "guess"},
        {"user": "postgres"},
        {"host": "127.0.0.1"},
    ):
        with pytest.raises(psycopg.OperationalError):
            connect(cluster, **changed).close()
    for folder in (cluster.folder, cluster.socket, cluster.data):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(cluster.passfile.stat().st_mode) == 0o600


def test_rights_up_the_tree_stay_as_they_were(home_folder: Path) -> None:
    home = home_folder / "home"
    home.mkdir(mode=0o711)
    cluster = Cluster(Home(home))
    above = [(path, path.stat().st_mode) for path in (home, *home.parents)]
    try:
        cluster.start()
        assert [(path, path.stat().st_mode) for path, _ in above] == above
    finally:
        cluster.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_a_path_of_roots_own_folders_stands_in_nobodys_way(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "test").symlink_to("/usr/bin/test")
    monkeypatch.setenv("PATH", str(closed))
    cluster.start()
    assert cluster.running


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_a_home_that_the_servers_user_cannot_reach_is_told_in_a_sentence(home_folder: Path) -> None:
    home_folder.mkdir(exist_ok=True)
    home_folder.chmod(0o700)
    with pytest.raises(ClusterUnusable, match="Choose another FORESAIL_HOME"):
        Cluster(Home(home_folder / "below")).start()


def test_data_of_another_version_is_not_left_behind_silently(cluster: Cluster) -> None:
    (cluster.folder / "data-15").mkdir(parents=True)
    assert cluster.stranded == (15,)
    with pytest.raises(ClusterUnusable, match="PostgreSQL 15"):
        cluster.start()


def test_a_broken_data_folder_is_told_with_the_servers_own_words(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    (cluster.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(ClusterUnusable, match="could not be started"):
        cluster.start()


def test_a_path_too_long_for_a_socket_is_told_before_anything_is_made(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 25)
    with pytest.raises(ClusterUnusable, match="FORESAIL_HOME"):
        Cluster(Home(home)).start()
    assert not (home / "postgres").exists()
