"""The web app keeps its own checks and tests, and speaks the API as it is."""

import json
import subprocess
from pathlib import Path

import pytest

from foresail.site.api import api
from foresail.site.cli.outputs import write_json
from hatch_build import WebAppNotBuilt, environment_of, system_node, wheel_node
from tests.architecture.repository import ROOT

WEB = ROOT / "web"
CLIENT = WEB / "src" / "generated" / "api.d.ts"


def npm(*arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        node = system_node() or wheel_node()
    except WebAppNotBuilt as reason:
        pytest.skip(str(reason))
    return subprocess.run(
        [*node[1], *arguments], cwd=WEB, env=environment_of(node), capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    """The build leaves out what only checks need."""
    if not (WEB / "node_modules" / "vitest").is_dir():
        done = npm("ci", "--no-audit", "--no-fund")
        assert done.returncode == 0, done.stderr


def test_the_contract_is_the_api_as_it_is(tmp_path: Path) -> None:
    write_json(tmp_path / "now.json", api.get_openapi_schema(path_prefix="/api/"))
    now = (tmp_path / "now.json").read_text(encoding="utf-8")
    assert (ROOT / "openapi.json").read_text(encoding="utf-8") == now, (
        "Run: foresail openapi --out openapi.json"
    )


def test_the_client_is_made_from_the_contract(tmp_path: Path) -> None:
    made = tmp_path / "api.d.ts"
    done = npm("exec", "--", "openapi-typescript", str(ROOT / "openapi.json"), "-o", str(made))
    assert done.returncode == 0, done.stderr
    assert made.read_text() == CLIENT.read_text(), "Run: npm run api, in web/"


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_web_app_passes_its_own(script: str) -> None:
    done = npm("run", script)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_lock_names_no_download_address() -> None:
    packages = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, one in packages.items() if "resolved" in one] == []
