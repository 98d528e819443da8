"""A real browser that looks at a Foresail which serves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from bench.figure import Skipped
from tests.journeys.installation import Caller, chromium


@contextmanager
def browser() -> Iterator[Browser]:
    """Start this machine's Chromium without a screen. Raises Skipped where it has none."""
    path = chromium()
    if path is None:
        raise Skipped("there is no Chromium here; make browser installs one")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield started
        finally:
            started.close()


@contextmanager
def page_as(caller: Caller, browser: Browser, *, still: bool = False) -> Iterator[Page]:
    """Open a page, with nothing cached, that is signed in as `caller`; `still` for who asked for less motion."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", reduced_motion="reduce" if still else None
    )
    context.add_cookies(
        [{"name": one.name, "value": one.value or "", "url": caller.address} for one in caller.jar]
    )
    try:
        yield context.new_page()
    finally:
        context.close()
