"""/metrics: what Prometheus scrapes. Counts and times, nobody's data."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from foresail.core import clock, jobs
from foresail.core.api import is_local, problem
from foresail.core.logs import Answer
from foresail.people import queries
from foresail.people.errors import NotAllowed
from foresail.site.counts import REGISTRY, counted

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10)


class _Database(Collector):
    """What is asked of the database at each scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        queued = GaugeMetricFamily("foresail_jobs", "Background jobs", labels=["queue", "status"])
        sessions = GaugeMetricFamily("foresail_open_sessions", "Sessions that hold")
        up = 1
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            for queue, by_status in jobs.counts().items():
                for status, number in by_status.items():
                    queued.add_metric([queue, status], number)
            sessions.add_metric([], queries.open_sessions(at=clock.now()))
        except DatabaseError:
            up = 0
        yield GaugeMetricFamily("foresail_database_up", "Whether the database answers", value=up)
        yield queued
        yield sessions

    def describe(self) -> list[GaugeMetricFamily]:
        return []  # or registering would ask the database


REQUESTS: Final = Counter(
    "foresail_requests", "Requests answered", ["route", "method", "status"], registry=REGISTRY
)
LATENCY: Final = Histogram(
    "foresail_request_seconds", "Time to answer", ["route"], buckets=SECONDS, registry=REGISTRY
)
_ASKED: Final = CollectorRegistry()
_ASKED.register(_Database())


class Measured:
    """Count and time each request by the template of its route: as many series as routes, whatever is asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.answer(request)
        match = request.resolver_match
        route = match.route if match else "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(route, method, response.status_code).inc()
        LATENCY.labels(route).observe(time.perf_counter() - began)
        return response


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer who asks on this machine, or shows the token."""
    if not is_local(request) and not _has_token(request):
        return problem(request, NotAllowed())
    told = generate_latest(counted()) + generate_latest(_ASKED)
    return HttpResponse(told, content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    shown = request.headers.get("Authorization", "").encode()
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(
        shown, f"Bearer {settings.METRICS_TOKEN}".encode()
    )
