"""A small company and a way to type commands."""

from pathlib import Path

import pytest

from foresail.science.simulator import simulate
from foresail.site.tests.keyboard import Run, typed


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the function that types a command, here: not on a server of one's own."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return typed


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a simulated company, too small for large models: quick to learn from."""
    folder = tmp_path_factory.mktemp("company")
    simulate(seed=5, deals=70, months=8).write(folder)
    return folder
