"""How often one may ask: a session and a key each have an allowance of their own, all others share their address's.

Who is let in is known only after the answer. So a token that was never seen to be good is counted for its address
as well: whoever makes tokens up uses up their own allowance, and colleagues behind one address do not share one.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from prometheus_client import Counter

from foresail.core import clock, logs
from foresail.core.allowance import Allowances, Rate
from foresail.core.api import address_of, problem
from foresail.core.logs import Answer
from foresail.people.http import COOKIE, key_in
from foresail.people.texts import fingerprint
from foresail.people.throttle import network
from foresail.site.counts import REGISTRY
from foresail.site.problems import TooOften

KNOWN_GOOD: Final = timedelta(minutes=5)
"""How long a token that was let in is taken for one that will be."""
MOST_KNOWN: Final = 10_000

ALLOWANCES: Final = Allowances()
REFUSED: Final = Counter(
    "foresail_refused_requests", "Requests refused because there were too many", ["by"], registry=REGISTRY
)


class Known:
    """Tokens that were let in lately, by their fingerprints. May be asked by several threads."""

    def __init__(self) -> None:
        self._until: OrderedDict[str, datetime] = OrderedDict()
        self._lock = Lock()

    def holds(self, token: str, at: datetime) -> bool:
        with self._lock:
            return at < self._until.get(token, at)

    def note(self, token: str, at: datetime, *, good: bool) -> None:
        with self._lock:
            self._until.pop(token, None)
            if good:
                self._until[token] = at + KNOWN_GOOD
            if len(self._until) > MOST_KNOWN:
                self._until.popitem(last=False)

    def forget(self) -> None:
        with self._lock:
            self._until.clear()


KNOWN: Final = Known()


class Limited:
    """Refuse with 429 and Retry-After what is asked too often of the API."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith("/api/"):
            return self.answer(request)
        at = clock.now()
        by, token = _shown(request)
        good = token != "" and KNOWN.holds(token, at)
        asked = [(by, f"{by} {token}")] if token else []
        if not good:
            asked.append(("address", f"address {network(address_of(request))}"))
        for kind, name in asked:
            if wait := _wait(kind, name, at):
                return _refused(request, kind, wait)
        response = self.answer(request)
        if token and not good and getattr(request, "auth", None) is not None:
            KNOWN.note(token, at, good=True)
        elif good and response.status_code == 401:
            KNOWN.note(token, at, good=False)
        return response


def forget() -> None:
    """Give everybody a full allowance again, as far as this process knows."""
    ALLOWANCES.forget()
    KNOWN.forget()


def _shown(request: HttpRequest) -> tuple[str, str]:
    """Return what kind of token `request` shows, and its fingerprint; empty where it shows none."""
    if key := key_in(request):
        return "key", fingerprint(key)
    session = request.COOKIES.get(COOKIE, "")
    return "session", fingerprint(session) if session else ""


def _wait(kind: str, name: str, at: datetime) -> timedelta | None:
    number = settings.RATE_LIMITS[kind]
    if not number:
        return None
    try:
        return ALLOWANCES.spend(name=name, rate=Rate(number=number), at=at)
    except DatabaseError as error:  # it is for the answer to say so
        logs.fault(error, "limits_away")
        return None


def _refused(request: HttpRequest, kind: str, wait: timedelta) -> HttpResponse:
    REFUSED.labels(kind).inc()
    seconds = max(1, math.ceil(wait.total_seconds()))
    response = problem(request, TooOften(seconds=seconds))
    response["Retry-After"] = str(seconds)
    return response
