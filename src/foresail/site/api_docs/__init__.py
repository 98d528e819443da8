"""/api/docs: the API for people who write programs, for who is signed in. Every file lies here or in django-ninja."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import ninja
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from foresail.core.api import problem
from foresail.people.errors import SignedOut
from foresail.people.http import session_in
from foresail.site.api import api
from foresail.site.pages import Asset, answer
from foresail.site.problems import no_address

HERE: Final = Path(__file__).parent
SWAGGER: Final = Path(ninja.__file__).parent / "static" / "ninja"
FILES: Final = {
    "page.css": HERE,
    "page.js": HERE,
    "swagger-ui.css": SWAGGER,
    "swagger-ui-bundle.js": SWAGGER,
}


@require_safe
def page(request: HttpRequest) -> HttpResponseBase:
    """Show the API, or the sign-in page first."""
    if session_in(request) is None:
        return HttpResponseRedirect(f"/sign-in?{urlencode({'next': request.path})}")
    return answer(request, _asset("page.html"))


@require_safe
def file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer with one of the page's files."""
    if session_in(request) is None:
        return problem(request, SignedOut())
    return answer(request, _asset(name)) if name in FILES else no_address(request)


@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """Answer with the OpenAPI description, which says what a program may ask."""
    if session_in(request) is None:
        return problem(request, SignedOut())
    return JsonResponse(_schema())


@lru_cache(maxsize=8)
def _asset(name: str) -> Asset:
    return Asset(FILES.get(name, HERE) / name, name)


@lru_cache(maxsize=1)
def _schema() -> dict[str, object]:
    return dict(api.get_openapi_schema(path_prefix="/api/"))


URLS: Final[list[URLPattern]] = [
    path("api/docs", page),
    path("api/docs/<str:name>", file),
    path("api/openapi.json", description),
]
