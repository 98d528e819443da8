"""Logs are lines of JSON, and of an error they tell where, never what the values were."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import logging
from foresail.core import logs
logs.configure()
try:
    try:
        {}["li@example.com"]
    except KeyError as error:
        raise ValueError("s3cret") from error
except ValueError as error:
    logs.fault(error)
    logging.getLogger("somebody").exception("it broke")
    logging.getLogger("django.request").error("s3cret", exc_info=True)
logs.log.info("request", path="/客户")
logging.getLogger("somebody").info("too little to say")
logging.getLogger("procrastinate.worker").info("job %s", 3)
"""


def test_each_line_is_json_and_holds_no_data() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, env=os.environ
    )
    fault, foreign, request, job = map(json.loads, done.stdout.splitlines())
    assert done.stderr == ""
    assert "s3cret" not in done.stdout
    assert "li@example.com" not in done.stdout
    for line in (fault, foreign):
        assert (line["level"], line["error"]) == ("error", "ValueError < KeyError")
        assert line["where"] == ["<string>:9 <module>"]
    assert foreign["event"] == "it broke"
    assert (request["event"], request["path"], request["level"]) == ("request", "/客户", "info")
    assert request["at"].endswith("Z")
    assert (job["event"], job["logger"]) == ("job 3", "procrastinate.worker")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_costs_lines_and_nothing_else() -> None:
    script = SCRIPT + "import sys; sys.stderr.write('went on'); sys.stderr.flush()\nimport os; os._exit(0)"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-u", "-c", script], stdout=full, stderr=subprocess.PIPE, text=True, check=True,
            env=os.environ,
        )  # fmt: skip
    assert done.stderr.endswith("went on")
