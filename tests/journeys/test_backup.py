"""All that an installation knows comes back from one file, answer for answer."""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path

import psycopg
import pytest

from conftest import reachable
from foresail.core.cluster import Cluster
from foresail.core.home import Home
from tests.journeys.installation import Answer, Caller, Installation, copied

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
    "/api/forecast/calibration",
    "/api/forecast/alerts",
    "/api/forecast",
    "/api/forecast/changes",
)
OF_A_DEAL = ("timeline?limit=100", "forecast", "forecast/history", "what-if", "tasks", "people")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    home = reachable(tmp_path_factory.mktemp("small")) / "home"
    return copied(tmp_path_factory, home, "demo", "--deals", "60")


def answers(installation: Installation, *, attach: bytes = b"") -> dict[str, bytes]:
    """Return what the API says of everything, as sales operations sees it, once there is nothing left to do.

    A file is attached before.

    Also has the doctor follow the audit trail from end to end, on from where it was at the last examination.
    """
    with installation.serving():
        login = next(
            one
            for one in installation.caller().get("/api/entry")["demo_logins"]
            if one["role_en"] == "Sales operations"
        )
        caller: Caller = installation.caller(login["email"], login["password"])
        wait_for_workers(installation)
        assert re.search(r"Audit trail: [\d,]+ entries, the chain is whole", installation.run("doctor"))
        deals = [deal["id"] for deal in caller.get("/api/deals?status=open&limit=100")["items"][:5]]
        paths = [*PATHS, *(f"/api/deals/{deal}/{part}" for deal in deals for part in OF_A_DEAL)]
        kept = f"/api/records/deal/{deals[0]}/attachments"
        if attach:
            sent = caller.upload(kept, "offer.pdf", attach)
            assert sent.status == 201, sent.body
        [file] = caller.get(kept)
        paths += [kept, f"/api/attachments/{file['id']}"]
        return {path: timeless(path, caller.call("GET", path)) for path in paths}


def assert_same(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    assert before.keys() == after.keys()
    for path, body in before.items():
        assert after[path] == body, path


def wait_for_workers(installation: Installation) -> None:
    """Wait until every job that is due was done: a model learned, every open deal scored by it."""
    due = "SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queue_name <> 'default'"
    with psycopg.connect(Cluster(Home(installation.home)).address(), autocommit=True) as database:
        for _ in range(1200):
            if database.execute(due).fetchone() is None:
                return
            time.sleep(0.1)
    pytest.fail("the workers did not come to an end")


def timeless(path: str, answer: Answer) -> bytes:
    """Return the body; of the two answers that speak of this very moment, all but that moment.

    How much is expected in a month shrinks by the second: only what is won, in best case and in how many deals.
    """
    assert answer.status == 200, (path, answer.body)
    if path == "/api/forecast/calibration":
        # Means of many rows, which a restored database gives in another order: the same but for their last bits.
        return json.dumps(json.loads(answer.body, parse_float=lambda text: round(float(text), 12))).encode()
    if path == "/api/forecast/changes":
        return json.dumps(answer.json | {"since": None}).encode()
    if path == "/api/forecast":
        for scope in answer.json["totals"]:
            assert any(float(period["expected"]["mean"]) > 0 for period in scope["periods"]) or scope["id"]
        return re.sub(rb'"expected": ?\{[^}]*\}', b'"expected": {}', answer.body)
    return answer.body


def test_a_backup_brings_back_every_answer(small: Installation, tmp_path: Path) -> None:
    offer = b"%PDF-1.7\n" + bytes(range(256)) * 1000
    before = answers(small, attach=offer)
    assert offer in before.values()
    assert len(before["/api/deals?limit=100"]) > 1000
    assert b'"serving"' in before["/api/forecast/models"]
    file = tmp_path / "all.foresail"
    small.run("backup", str(file))
    assert file.stat().st_mode & 0o077 == 0
    refused = small.start("restore", str(file))
    said, _ = refused.communicate(timeout=120)
    assert refused.returncode == 1
    assert "--replace" in said
    small.run("restore", str(file), "--replace")
    assert_same(before, answers(small))
    shutil.rmtree(small.home)
    small.run("restore", str(file))
    assert_same(before, answers(small))


def test_a_backup_does_not_bring_back_who_withdrew_since(small: Installation, tmp_path: Path) -> None:
    file = tmp_path / "all.foresail"

    def consents(caller: Caller, contact: str) -> str:
        found: str = caller.get(f"/api/contacts/{contact}/consents")["consents"][0]["standing"]
        return found

    def ops() -> Caller:
        logins = small.caller().get("/api/entry")["demo_logins"]
        login = next(one for one in logins if one["role_en"] == "Sales operations")
        return small.caller(login["email"], login["password"])

    def noted() -> int:
        said = re.search(r"Journal of erasures: ([\d,]+) ", small.run("doctor"))
        assert said
        return int(said[1].replace(",", ""))

    before = noted()
    with small.serving():
        caller = ops()
        subjects = {each["subject"] for each in caller.get("/api/consents") if each["given"]}
        contact = min(each.removeprefix("contact:") for each in subjects if each.startswith("contact:"))
        assert consents(caller, contact) == "given"
        small.run("backup", str(file))
        said = {"purpose": "intent", "given": False, "how": "phone", "proof": "来电"}
        assert caller.call("POST", f"/api/contacts/{contact}/consents", said).status == 200
    small.run("restore", str(file), "--replace")
    assert noted() == before + 1
    with small.serving():
        caller = ops()
        assert consents(caller, contact) == "withdrawn"
        gone = caller.get(f"/api/contacts/{contact}/consents/erasing?purpose=intent")
        assert gone == {"signals": 0, "visitors": 0}


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
