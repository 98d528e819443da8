"""All that an installation knows comes back from one file, answer for answer."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import reachable
from tests.journeys.installation import Caller, Installation

PATHS = (
    "/api/deals?limit=100",
    "/api/accounts?limit=100",
    "/api/contacts?limit=100",
    "/api/pipelines",
    "/api/users",
    "/api/teams",
    "/api/forecast/models",
    "/api/forecast/verdicts?judged=true",
    "/api/tasks",
)


@pytest.fixture
def small(tmp_path: Path) -> Installation:
    installation = Installation(reachable(tmp_path) / "home")
    installation.run("demo", "--deals", "60", "--no-train")
    return installation


def answers(installation: Installation) -> dict[str, bytes]:
    """Return what the API says of everything, as sales operations sees it."""
    with installation.serving():
        login = next(
            one
            for one in installation.caller().get("/api/entry")["demo_logins"]
            if one["role_en"] == "Sales operations"
        )
        caller: Caller = installation.caller(login["email"], login["password"])
        deals = [deal["id"] for deal in caller.get("/api/deals?limit=100")["items"][:5]]
        paths = [*PATHS, *(f"/api/deals/{deal}/timeline?limit=100" for deal in deals)]
        return {path: caller.call("GET", path).body for path in paths}


def test_a_backup_brings_back_every_answer(small: Installation, tmp_path: Path) -> None:
    before = answers(small)
    assert len(before["/api/deals?limit=100"]) > 1000
    file = tmp_path / "all.foresail"
    small.run("backup", str(file))
    assert file.stat().st_mode & 0o077 == 0
    refused = small.start("restore", str(file))
    said, _ = refused.communicate(timeout=120)
    assert refused.returncode == 1
    assert "--replace" in said
    small.run("restore", str(file), "--replace")
    assert answers(small) == before
    shutil.rmtree(small.home)
    small.run("restore", str(file))
    assert answers(small) == before


def test_a_damaged_backup_changes_nothing(small: Installation, tmp_path: Path) -> None:
    file = tmp_path / "all.foresail"
    small.run("backup", str(file))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    file.write_bytes(content)
    refused = small.start("restore", str(file), "--replace")
    said, _ = refused.communicate(timeout=120)
    assert refused.returncode == 1
    assert "damaged" in said


def test_a_place_that_cannot_be_written_is_told_in_a_sentence(small: Installation) -> None:
    refused = small.start("backup", "/proc/nowhere/all.foresail")
    said, _ = refused.communicate(timeout=120)
    assert refused.returncode == 1
    assert "/proc/nowhere/all.foresail cannot be written" in said
    assert "Traceback" not in said
