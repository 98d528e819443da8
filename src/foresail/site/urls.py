"""Every address of the web process."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from foresail import __version__
from foresail.site import api_docs, pages, problems
from foresail.site.api import api
from foresail.site.metrics import metrics


@require_safe
def healthz(_: HttpRequest) -> JsonResponse:
    """Say that the process answers, whatever the database does."""
    return JsonResponse({"status": "ok", "version": __version__})


@require_safe
def readyz(_: HttpRequest) -> JsonResponse:
    """Say whether work can be done: the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/", csrf_exempt(problems.no_address)),
    *api_docs.URLS,
    path("api/", api.urls),
    re_path(r"^api(?:/.*)?$", csrf_exempt(problems.no_address)),
    re_path(r"^(?P<path>.*)$", pages.page),
]

handler400 = "foresail.site.problems.bad_request"
handler404 = "foresail.site.problems.no_address"
handler500 = "foresail.site.problems.server_error"
