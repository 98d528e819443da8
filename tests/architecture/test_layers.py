"""The direction of imports: kept by the code, and really enforced by the contracts."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT


def lint_imports(folder: Path) -> tuple[int, str]:
    """Run the repository's contracts on the package `foresail` in `folder`."""
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    shutil.copy(ROOT / "pyproject.toml", folder / "pyproject.toml")
    run = subprocess.run(
        [sys.executable, "-c", command], cwd=folder, capture_output=True, check=False, text=True
    )
    return run.returncode, run.stdout + run.stderr


def write_package(folder: Path, files: dict[str, str]) -> None:
    for name, text in {"__init__.py": "", "science/__init__.py": "", "site/__init__.py": "", **files}.items():
        path = folder / "foresail" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_this_code_keeps_the_contracts(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src" / "foresail", tmp_path / "foresail")
    code, said = lint_imports(tmp_path)
    assert code == 0, said


def test_downward_imports_and_tests_are_free(tmp_path: Path) -> None:
    write_package(
        tmp_path,
        {
            "site/cli.py": "import rich\nimport foresail.science",
            "science/tests/__init__.py": "",
            "science/tests/test_speed.py": "import duckdb",
            "science/report/__init__.py": "",
            "science/report/tests/__init__.py": "",
            "science/report/tests/test_it.py": "import subprocess",
        },
    )
    code, said = lint_imports(tmp_path)
    assert code == 0, said


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        (
            {"science/log.py": "import foresail.site"},
            "foresail.science is not allowed to import foresail.site",
        ),
        (
            {"core/__init__.py": "from foresail import crm", "crm/__init__.py": ""},
            "foresail.core -> foresail.crm",
        ),
        ({"coaching/__init__.py": "import foresail.incentives", "incentives/__init__.py": ""}, "coaching"),
        ({"utils/__init__.py": ""}, "foresail.utils"),
        ({"science/a.py": "import duckdb"}, "foresail.science.a -> duckdb"),
        ({"science/a.py": "from urllib import request"}, "foresail.science.a -> urllib"),
        (
            {"science/a.py": "import foresail.science.b", "science/b.py": "import foresail.science.a"},
            "- .b -> .a",
        ),
    ],
    ids=["upward", "between rooms", "blind pair", "no place", "database", "network", "cycle"],
)
def test_a_breach_is_found(tmp_path: Path, files: dict[str, str], complaint: str) -> None:
    write_package(tmp_path, files)
    code, said = lint_imports(tmp_path)
    assert code == 1
    assert complaint in said
