"""`/l/<token>`: a tracked link is followed at once, and that it was opened is kept afterwards."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final

from django.db import Error as DatabaseError
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from foresail.core import clock, logs
from foresail.core.errors import Refusal
from foresail.live.asking import Django
from foresail.live.intake import AGAIN_SECONDS, Intake
from foresail.signals.services import Brought, Opened, followed, is_person, name_in

SLOWEST_SECONDS: Final = 2.0
"""For so long somebody waits for the database."""
MOST_WAITING: Final = 200
PER_MINUTE: Final = 60
"""So often an opening of one link counts; beyond it the link leads where it leads, and nobody's interest is told."""
MOST_COUNTED: Final = 10_000
SIZE: Final = 1_000
"""About so many bytes an opening takes while it waits to be written."""
HEADERS: Final = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
}
_PAGE: Final = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{zh}</title><style>
:root {{ color-scheme: light dark }}
body {{ max-width: 26rem; margin: 20vh auto 0; padding: 0 1.5rem; font: 1rem/1.7 system-ui, sans-serif }}
p + p {{ opacity: .75 }}
</style></head><body><p>{zh}{more_zh}</p><p lang="en">{en} {more_en}</p></body></html>"""
_GONE: Final = _PAGE.format(
    zh="链接无效或已过期。", more_zh="请向发送链接的人索取新的链接。",
    en="This link does not hold, or not any more.", more_en="Ask who sent it for a new one.",
)  # fmt: skip
_LATER: Final = _PAGE.format(
    zh="暂时打不开。", more_zh="请稍后再试。",
    en="This cannot be opened for the moment.", more_en="Try again a little later.",
)  # fmt: skip


@dataclass
class Links:
    """Asks where links lead, apart from what is taken in; and counts how often each is opened."""

    _django: Django = field(default_factory=Django)
    _waiting: int = 0
    _opened: dict[str, tuple[float, int]] = field(default_factory=dict)

    async def leads(self, token: str, *, agent: str, person: bool) -> Opened | None:
        """Return where a link leads. Raises TimeoutError or a database error where that cannot be known soon."""
        if self._waiting >= MOST_WAITING:
            raise TimeoutError
        self._waiting += 1
        try:
            asked = self._django.ask(followed, token=token, agent=agent, person=person, at=clock.now())
            return await asyncio.wait_for(asked, SLOWEST_SECONDS)
        finally:
            self._waiting -= 1

    def too_often(self, name: str) -> bool:
        """Count one opening; say whether there were more than PER_MINUTE within a minute."""
        now = time.monotonic()
        if len(self._opened) > MOST_COUNTED:
            self._opened = {each: kept for each, kept in self._opened.items() if kept[0] > now - 60}
        begun, count = self._opened.get(name, (now, 0))
        begun, count = (now, 0) if begun <= now - 60 else (begun, count)
        self._opened[name] = begun, count + 1
        return count >= PER_MINUTE

    def close(self) -> None:
        self._django.close()


def routes() -> list[Route]:
    return [Route("/l/{token:path}", _follow, methods=["GET"])]  # and HEAD, as Starlette adds it


async def _follow(request: Request) -> Response:
    """Lead to where a link was made for; whoever it is, the answer is the same.

    Only what we signed is looked up. Whether it is kept that the link was opened, no answer tells.
    """
    links: Links = request.app.state.links
    token = request.path_params["token"]
    name = name_in(token)
    if name is None:
        return _page(404)
    headers = request.headers
    agent = headers.get("user-agent", "")
    purpose = " ".join(headers.get(each, "") for each in ("purpose", "sec-purpose", "x-purpose", "x-moz"))
    person = is_person(method=request.method, agent=agent, purpose=purpose) and not links.too_often(name)
    try:
        opened = await links.leads(token, agent=agent, person=person)
    except (DatabaseError, TimeoutError) as error:
        logs.fault(error, "link_not_followed")
        return _page(503)
    if opened is None:
        return _page(404)
    after = None
    if opened.brought is not None:
        after = BackgroundTask(_keep, request.app.state.intake, opened.brought)
    return RedirectResponse(opened.location, 302, headers=HEADERS, background=after)


async def _keep(intake: Intake, brought: Brought) -> None:
    """Keep that a link was opened. Where that fails it is lost, and the log says so: nobody can be asked to click again."""
    try:
        await intake.take([brought], size=SIZE)
    except Refusal as error:
        logs.fault(error, "opening_lost")


def _page(status: int) -> Response:
    answer = HTMLResponse(_GONE if status == 404 else _LATER, status, headers=HEADERS)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    if status != 404:
        answer.headers["Retry-After"] = str(AGAIN_SECONDS)
    return answer
