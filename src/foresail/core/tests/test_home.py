"""The home folder: where it lies, that it can be written, and secrets that only their owner reads."""

import os
import pwd
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from foresail.core.home import Home, HomeUnusable


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Home.of_environment({"FORESAIL_HOME": "/srv/sales"}).folder == Path("/srv/sales")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert Home.of_environment({}).folder == Path("/var/lib/foresail")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("HOME", "/srv/li")
    assert Home.of_environment({}).folder == Path("/srv/li/.foresail")


def test_a_file_in_its_place_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(HomeUnusable, match="FORESAIL_HOME"):
        Home(tmp_path / "taken").prepare()


def test_a_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: home.secret("django"), range(8)))
    assert len(made) == 1
    assert len(made.pop()) == 64
    assert home.secret("django") != home.secret("database")
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    for path in (tmp_path / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert not path.name.startswith(".")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try it as another user")
def test_nobody_else_can_read_a_secret(tmp_path: Path) -> None:
    Home(tmp_path).secret("database")
    command = ["cat", str(tmp_path / "secrets" / "database")]
    nobody = pwd.getpwnam("nobody").pw_uid
    done = subprocess.run(command, user=nobody, cwd="/", check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert "Permission denied" in done.stderr
