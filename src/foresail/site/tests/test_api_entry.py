"""What the sign-in page is told, what becomes of the secret key, and the description of the interface."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conftest import contract
from foresail import __version__
from foresail.core.api import Schema
from foresail.demo.organisation import PASSWORD
from foresail.people import services
from foresail.people.roles import Role
from foresail.people.tests.browser import Browser
from foresail.site.api import api

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LOGIN = {
    "email": "rep@qiming.demo", "password": PASSWORD, "name": "陈晨", "role_zh": "销售代表",
    "role_en": "Sales rep",
}  # fmt: skip
PLAIN = {"version": __version__, "company": None, "passwords": True, "refused": None}


@pytest.fixture
def _demo(db: None) -> None:  # noqa: ARG001 (asks for the database)
    """Let there be somebody of the demo company."""
    user = services.add_user(email=LOGIN["email"], name=LOGIN["name"], by=None, at=AT)
    services.grant_role(user=user, role=Role.REP, by=None, at=AT)


@pytest.mark.usefixtures("_demo")
def test_demo_logins_are_told_on_this_machine_alone() -> None:
    here = Browser().get("/api/entry")
    assert (here.status_code, here.json()) == (200, {"demo_logins": [LOGIN]} | PLAIN)
    assert len(here.cookies["csrftoken"].value) == 32
    for away in (
        Browser(REMOTE_ADDR="192.0.2.7"),
        Browser(HTTP_X_FORWARDED_FOR="127.0.0.1"),
        Browser(HTTP_X_REAL_IP="192.0.2.7"),
        Browser("testserver"),
    ):
        answer = away.get("/api/entry")
        assert answer.json() == {"demo_logins": []} | PLAIN
        assert "csrftoken" in answer.cookies


@pytest.mark.django_db
def test_without_the_demo_nobody_is_told_of() -> None:
    assert Browser().get("/api/entry").json()["demo_logins"] == []


@pytest.mark.django_db
def test_why_a_single_sign_on_failed_is_told_in_both_languages() -> None:
    told = Browser().get("/api/entry", {"refused": "unknown_person"}).json()["refused"]
    assert told == {
        "code": "unknown_person",
        "zh": "您已通过公司登录验证，但在先见中还没有账号，请联系系统管理员开通。",
        "en": "Your company knows you, but you have no account here yet. Ask an administrator to add you.",
        "request": "",
        "fields": {},
    }
    for other in ("name_taken", "<script>", ""):
        assert Browser().get("/api/entry", {"refused": other}).json()["refused"] is None


def test_no_folder_is_made_before_the_secret_key_is_needed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    script = (
        "import django; from django.conf import settings; django.setup(); import os; "
        "print(os.path.exists(settings.HOME.folder)); key = str(settings.SECRET_KEY); "
        "print(len(key) >= 50, (settings.HOME.folder / 'secrets' / 'django').read_text() == key)"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "foresail.site.settings", "FORESAIL_HOME": str(home),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True", "True"]


def test_hosts_of_ours_are_named_in_the_environment(tmp_path: Path) -> None:
    script = (
        "from foresail.site import settings as s; "
        "import json; print(json.dumps([s.ALLOWED_HOSTS, s.CSRF_TRUSTED_ORIGINS, s.SECURE_PROXY_SSL_HEADER]))"
    )
    told = []
    for hosts in ("", "crm.example.com, .example.org"):
        environment = os.environ | {"FORESAIL_HOME": str(tmp_path), "FORESAIL_HOSTS": hosts}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        told.append(json.loads(done.stdout))
    local = ["127.0.0.1", "localhost", "[::1]"]
    assert told == [
        [local, [], None],
        [
            [*local, "crm.example.com", ".example.org"],
            ["https://crm.example.com", "https://*.example.org"],
            ["HTTP_X_FORWARDED_PROTO", "https"],
        ],
    ]


def test_the_interface_describes_itself_the_same_each_time(tmp_path: Path) -> None:
    """As it did when the contract was written, whatever order Python keeps sets in."""
    out = tmp_path / "now.json"
    subprocess.run(
        [sys.executable, "-c", "from foresail.site.cli import main; main()", "openapi", "--out", str(out)],
        env=os.environ | {"PYTHONHASHSEED": "2", "FORESAIL_HOME": str(tmp_path / "home")},
        check=True,
    )
    described = json.loads(out.read_text())
    assert json.dumps(described) == json.dumps(contract())
    assert not (tmp_path / "home").exists()
    assert described["openapi"] == "3.1.0"
    ids = [one["operationId"] for paths in described["paths"].values() for one in paths.values()]
    assert len(set(ids)) == len(ids)
    assert {"people_sign_in", "people_entry", "jobs_retry_job"} <= set(ids)
    closed = {
        (path, method)
        for path, methods in described["paths"].items()
        for method, one in methods.items()
        if "security" not in one
    }
    links = {(f"/api/session/link/{what}", "post") for what in ("owner", "use")}
    assert (
        closed
        == {
            ("/api/entry", "get"),
            ("/api/session", "post"),
            ("/api/sign-in", "get"),
            ("/api/sign-in/back", "get"),
            ("/api/sign-in/provider-sign-out", "post"),
        }
        | links
    ), "all else needs a session"


def test_no_two_shapes_share_a_name() -> None:
    """The OpenAPI keeps one shape for each name: of two, one would be described wrongly, whichever came last."""
    found: dict[str, set[str]] = {}
    assert api.urls_namespace  # every room is imported
    waiting = list(Schema.__subclasses__())
    while waiting:
        shape = waiting.pop()
        waiting += shape.__subclasses__()
        if shape.__module__.startswith("foresail."):
            found.setdefault(shape.__name__, set()).add(shape.__module__)
    assert {name: rooms for name, rooms in found.items() if len(rooms) > 1} == {}
