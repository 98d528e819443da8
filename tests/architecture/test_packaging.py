"""What gets installed: exactly the locked versions, and all of Foresail without its tests."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.architecture.repository import PACKAGE, ROOT

LOCKS = ["run", "dev"]
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)( ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def pins(lock: str) -> dict[str, str]:
    """Return the version of each package in requirements/`lock`.txt, and fail on any other kind of line."""
    found: dict[str, str] = {}
    for line in (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").splitlines():
        if pin := PIN.match(line):
            found[pin[1]] = pin[2]
        else:
            assert HASH.match(line), line
    return found


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", text)[0].lower().replace("_", "-") for text in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_versions_and_hashes_and_nothing_else(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = names(project["project"]["dependencies"] + groups["build"])
    if lock == "dev":
        wanted |= names([text for text in groups["dev"] if isinstance(text, str)])
    assert wanted <= set(pins(lock))


def test_what_comes_as_source_alone_is_locked_beside() -> None:
    assert list(pins("spark")) == ["pyspark-client"]
    assert "pyspark-client" not in pins("dev")


def test_both_locks_agree() -> None:
    assert pins("run").items() <= pins("dev").items()


def test_the_wheel_holds_everything_but_the_tests(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("foresail/")}
        metadata = next(n for n in archive.namelist() if n.endswith("METADATA"))
        assert "License-Expression: Apache-2.0" in archive.read(metadata).decode()
    expected = {
        f"foresail/{path.relative_to(PACKAGE).as_posix()}"
        for path in PACKAGE.rglob("*")
        if path.is_file() and not {"tests", "__pycache__"} & set(path.parts)
    }
    assert packed == expected
    assert "foresail/py.typed" in packed
