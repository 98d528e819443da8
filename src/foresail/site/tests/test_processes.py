"""What keeps programs alive, with programs of one line."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from foresail.site import processes
from foresail.site.processes import GivenUp, Keeper, Program, end_orphans, keep

NOWHERE = ("127.0.0.1", 1)


def sleep() -> None:
    time.sleep(60)


def stay_whatever_is_asked() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.stdout.write("1\n")
    time.sleep(60)


def say_why() -> None:
    sys.stdout.write("why\n")


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def keeper(
    folder: Path, run: Callable[[], None], *, probe: tuple[str, int] | None = None, patience: float = 5.0
) -> Keeper:
    return Keeper(Program(name="one", run=run, probe=probe, patience=patience), folder)


def pid(folder: Path) -> int:
    return int(json.loads((folder / "run" / "one.json").read_text())["pid"])


def test_what_ends_at_once_twice_is_given_up_where_it_must_answer(tmp_path: Path) -> None:
    dying = keeper(tmp_path, say_why, probe=NOWHERE)
    with pytest.raises(GivenUp) as given_up:
        keep([dying], stop=lambda: False, every=lambda: None, ready=lambda: None)
    assert (given_up.value.name, given_up.value.log) == ("one", tmp_path / "logs" / "one.log")
    assert given_up.value.log.read_text() == "why\nwhy\n"
    assert not list((tmp_path / "run").iterdir())


def test_a_worker_that_ends_is_tried_again_later_and_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    dying = keeper(tmp_path, say_why)
    began: list[float] = []
    while len(began) < 7:
        length = len(dying.log.read_text()) if dying.log.exists() else 0
        dying.watch()
        if dying._process:
            dying._process.join()
        if len(dying.log.read_text()) > length:
            began.append(now)
        now += 0.5
    pauses = [after - before for before, after in pairwise(began)]
    assert pauses == [1.5, 2.5, 4.5, 8.5, 16.5, 30.5]


def test_who_does_not_end_when_asked_is_killed(tmp_path: Path) -> None:
    kept = keeper(tmp_path, stay_whatever_is_asked, patience=0.2)
    begun = time.monotonic()
    keep(
        [kept],
        stop=lambda: kept.log.exists() and kept.log.read_text() == "1\n",
        every=lambda: None,
        ready=lambda: None,
    )
    assert 0.2 < time.monotonic() - begun < 5
    assert kept._process is None
    assert not (tmp_path / "run" / "one.json").exists()


def test_an_orphan_is_ended(tmp_path: Path) -> None:
    kept = keeper(tmp_path, sleep)
    kept.watch()
    assert kept._process
    end_orphans(tmp_path)  # also where it does not lead its group yet
    kept._process.join(5)
    assert kept._process.exitcode == -signal.SIGKILL
    assert not list((tmp_path / "run").iterdir())


def test_what_no_note_tells_of_does_not_run(tmp_path: Path) -> None:
    supervisor = subprocess.run([sys.executable, "-c", KILLED_BEFORE_IT_NOTES, tmp_path], check=False)
    assert supervisor.returncode == -signal.SIGKILL
    [left] = (tmp_path / "left").read_text().split()
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(left)).wait(5)
    assert not (tmp_path / "ran").exists()
    assert not end_orphans(tmp_path)


KILLED_BEFORE_IT_NOTES = """
import os, signal, sys
from pathlib import Path
from foresail.site.processes import Keeper, Program, psutil

folder = Path(sys.argv[1])

def die(pid):
    (folder / "left").write_text(str(pid))
    os.kill(os.getpid(), signal.SIGKILL)

psutil.Process = die
Keeper(Program(name="one", run=(folder / "ran").touch), folder).watch()
"""


def test_another_process_of_that_number_is_let_alone(
    tmp_path: Path, stranger: subprocess.Popen[bytes]
) -> None:
    (tmp_path / "run").mkdir()
    created = psutil.Process(stranger.pid).create_time()
    others: list[object] = [{"pid": stranger.pid, "created": created - 60}, {"pid": stranger.pid}, "", []]
    for told in others:
        (tmp_path / "run" / "one.json").write_text(json.dumps(told))
        end_orphans(tmp_path)
        assert stranger.poll() is None
        assert not list((tmp_path / "run").iterdir())


def test_a_long_log_is_set_aside_and_written_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LONGEST_LOG", 10)
    kept = keeper(tmp_path, sleep)
    kept.log.parent.mkdir()
    with kept.log.open("ab", buffering=0) as output:
        output.write(b"much too long")
        kept.trim()
        output.write(b"short")
        kept.trim()
    assert kept.log.read_bytes() == b"short"
    assert kept.log.with_suffix(".log.1").read_bytes() == b"much too long"
