"""Where things lie, for the checks beside this file."""

import ast
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "foresail"
DATA = ROOT.parent / "shared" / "data"


def sources(folder: Path) -> list[Path]:
    """Return the Python files under `folder` that ship: all but tests."""
    return [path for path in sorted(folder.rglob("*.py")) if "tests" not in path.parts]


def tracked_texts() -> Iterator[tuple[str, str]]:
    """Yield the name and text of each file that git tracks or would add; skip the test without git."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files are tracked")
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    for name in sorted(set(listed.stdout.split("\0")) - {""}):
        try:
            yield name, (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):  # a picture, or a file removed but not committed
            continue


def dotted_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield every name used in `tree` as it is imported (`datetime.datetime.now`), with its line."""
    imported: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                imported[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield f"{node.module}.{alias.name}", node.lineno
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            parts: list[str] = []
            inner: ast.expr = node
            while isinstance(inner, ast.Attribute):
                parts.append(inner.attr)
                inner = inner.value
            if isinstance(inner, ast.Name):
                parts.append(imported.get(inner.id, inner.id))
                yield ".".join(reversed(parts)), node.lineno
