"""Who asks: the cookie of a session, and the proof that a write comes from our own pages."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja.security import APIKeyCookie
from ninja.utils import check_csrf

from foresail.core import clock
from foresail.people.errors import CsrfMissing, SignedOut
from foresail.people.models import Session, User
from foresail.people.services import see_session
from foresail.people.services.sessions import LONGEST

COOKIE: Final = "foresail_session"


class SessionAuth(APIKeyCookie):
    """Let in who has a session that holds. Writes also need the header X-CSRFToken to match its cookie."""

    param_name = COOKIE

    def __call__(self, request: HttpRequest) -> Session | None:
        return self.authenticate(request, request.COOKIES.get(COOKIE))

    def authenticate(self, request: HttpRequest, key: str | None) -> Session | None:
        session = session_in(request)
        if session is not None:
            require_csrf(request)
        return session


def session_in(request: HttpRequest) -> Session | None:
    """Return the session whose cookie `request` carries, if it holds. For routes that let anybody in."""
    token = request.COOKIES.get(COOKIE)
    return see_session(token=token, at=clock.now()) if token else None


def require_csrf(request: HttpRequest) -> None:
    """Raise CsrfMissing for a write without the CSRF token, or from another site's page."""
    if check_csrf(request) is not None:
        raise CsrfMissing


def session_of(request: HttpRequest) -> Session:
    """Return the session in which `request` is made. Raises SignedOut."""
    session = getattr(request, "auth", None)
    if not isinstance(session, Session):
        raise SignedOut
    return session


def caller(request: HttpRequest) -> User:
    """Return who is signed in and asks. Raises SignedOut."""
    return session_of(request).user


def give_cookie(request: HttpRequest, response: HttpResponse, *, token: str) -> None:
    """Let the browser keep `token`, out of reach of scripts and of other sites' posts."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=LONGEST,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
        path=settings.CSRF_COOKIE_PATH,
    )


def take_cookie(response: HttpResponse) -> None:
    """Let the browser forget its session."""
    response.delete_cookie(COOKIE, path=settings.CSRF_COOKIE_PATH, samesite="Lax")
