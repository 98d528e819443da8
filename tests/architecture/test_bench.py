"""The bench runs nowhere but where somebody measures: that it begins at all is seen here."""

import subprocess
import sys

from tests.architecture.repository import ROOT


def test_the_bench_begins() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
