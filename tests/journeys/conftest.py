"""One installation with a small demo company for all journeys, and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from playwright.sync_api import Browser, expect, sync_playwright

from conftest import reachable
from tests.journeys.installation import Installation, chromium, copied
from tests.journeys.world import World, build_world

DEALS = 260
SHORT_LIVED = "--js-flags=--no-opt --no-maglev"
"""A page that is looked at for seconds costs less without what makes one faster that stays open; but it is slower."""


@pytest.fixture(scope="package")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A Foresail that serves, with a trained model. Tests may add to it, and must not depend on each other."""
    home = reachable(tmp_path_factory.mktemp("journeys")) / "home"
    made = copied(tmp_path_factory, home, "demo", "--deals", str(DEALS))
    with made.serving():
        yield made


@pytest.fixture(scope="package")
def logins(installation: Installation) -> dict[str, Any]:
    """Of the demo company, by role in English."""
    found = installation.caller().get("/api/entry")["demo_logins"]
    return {login["role_en"]: login for login in found}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("there is no Chromium: make browser installs one, or says how")
    expect.set_options(timeout=20_000)  # on a machine that does much else, a click may take its time
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", SHORT_LIVED])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def built(
    django_db_setup: None,  # noqa: ARG001
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """One world for all tests of a file: it takes longer to build than to ask."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setenv("FORESAIL_HOME", str(tmp_path_factory.mktemp("home")))
        world = build_world(patch)
        connection.check_constraints()  # or the end of every test would look again at all that was built
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(built: World, db: None) -> World:  # noqa: ARG001  (each test is undone, whatever it did)
    return built


def axe_source() -> str:
    path = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
    if not path.exists():
        pytest.skip("axe-core is not here: npm ci in web/ installs it")
    return path.read_text(encoding="utf-8")
