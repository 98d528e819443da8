"""A full disk is told in one sentence, loses nothing, and needs nobody once there is space again."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from foresail.core.cluster import Cluster
from foresail.core.home import Home
from tests.journeys.installation import PATIENCE, Installation, copied

FULL = "The disk of {home} is full. Free some space and try again: what was kept is not lost."
WRITES = 400
"""More than the logs of the server's that are there already can take in."""

Disk = Callable[[str], Path]


@pytest.fixture
def disk(home_folder: Path) -> Iterator[Disk]:
    """Return what gives a disk of its own so large ("20m")."""
    folder = home_folder / "disk"

    def give(size: str) -> Path:
        folder.mkdir()
        given = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", folder], check=False
        )
        if given.returncode:
            pytest.skip("a disk of its own for a test can only be had as root")
        return folder

    yield give
    until = time.monotonic() + PATIENCE
    while folder.is_mount() and subprocess.run(["umount", folder], check=False).returncode:
        if time.monotonic() > until:
            subprocess.run(["umount", "--lazy", folder], check=True)
            raise AssertionError(f"Something of Foresail's still runs on {folder}.")
        time.sleep(0.2)


@pytest.mark.parametrize("size", ["20m", "60m"], ids=["for a server", "for the demo"])
def test_too_little_space_to_begin_with(disk: Disk, size: str) -> None:
    installation = Installation(disk(size) / "home", quick=True)
    refused = installation.start("demo", "--deals", "60", "--no-train")
    said, _ = refused.communicate(timeout=120)
    assert refused.returncode == 1
    assert said.strip().splitlines()[-1].endswith(FULL.format(home=installation.home))
    assert "Traceback" not in said


def test_it_runs_full_and_goes_on_once_there_is_space(
    disk: Disk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = disk("110m")
    installation = copied(tmp_path_factory, folder / "home", "demo", "--deals", "60")
    (Cluster(Home(installation.home)).data / "postgresql.auto.conf").write_text("")  # it waits for the disk
    with installation.serving():
        login = next(
            one
            for one in installation.caller().get("/api/entry")["demo_logins"]
            if one["role_en"] == "Sales operations"
        )
        caller = installation.caller(login["email"], login["password"])
        deal = caller.get("/api/deals?status=open&limit=1")["items"][0]
        path = f"/api/deals/{deal['id']}/communications"
        said = {"channel": "mail", "direction": "in", "text": "长" * 15_000, "at": deal["opened_at"]}
        ballast = folder / "ballast"
        subprocess.run(
            ["dd", "if=/dev/zero", f"of={ballast}", "bs=1k"], check=False, stderr=subprocess.DEVNULL
        )
        kept, answer = 0, caller.call("POST", path, said | {"title": "满盘0"})
        while answer.status == 201 and kept < WRITES:
            kept += 1
            answer = caller.call("POST", path, said | {"title": f"满盘{kept}"})
        assert (answer.status, answer.json["code"]) in [(503, "disk_full"), (503, "unavailable")]
        ballast.unlink()
        for _ in range(300):
            if caller.call("POST", path, said | {"title": "又有空间"}).status == 201:
                break
            time.sleep(0.1)
        page = caller.get(f"/api/deals/{deal['id']}/timeline?limit=200&groups=mail")
        titles = [row["title"] for row in page["items"] if row["title"]]
        assert "又有空间" in titles
        assert {f"满盘{number}" for number in range(kept)} == {t for t in titles if t.startswith("满盘")}
