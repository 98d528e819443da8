"""Who asks: the cookie of a session, with the proof that a write comes from our own pages; or an API key."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token
from ninja.security import APIKeyCookie
from ninja.security.http import HttpAuthBase
from ninja.utils import check_csrf

from foresail.core import clock
from foresail.core.api import address_of
from foresail.core.logs import Answer
from foresail.people.areas import Right
from foresail.people.errors import CsrfMissing, KeyInvalid, KeyNotAllowed, SignedOut
from foresail.people.models import ApiKey, Identity, Session, User
from foresail.people.roles import Action
from foresail.people.rules import bar, within_bounds
from foresail.people.services import create_session, revoke_session, see_key, see_session
from foresail.people.services.sessions import LONGEST

COOKIE: Final = "foresail_session"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_BEARER: Final = "bearer "


class SessionAuth(APIKeyCookie):
    """Let in who has a session that holds. Writes also need the header X-CSRFToken to match its cookie.

    Who shows a key is told whether the key is wrong, or this is nothing for keys.
    """

    param_name = COOKIE

    def __call__(self, request: HttpRequest) -> Session | None:
        return self.authenticate(request, request.COOKIES.get(COOKIE))

    def authenticate(self, request: HttpRequest, key: str | None) -> Session | None:
        if token := key_in(request):
            _seen(request, token)
            raise KeyNotAllowed
        session = session_in(request)
        if session is not None:
            require_csrf(request)
        return session


class KeyAuth(HttpAuthBase):
    """Let in a program whose key is for `area`. It comes before SessionAuth: where a key is shown, the key decides.

    A browser adds no such header by itself, so other sites cannot make it send one: no CSRF token is asked for.
    """

    openapi_scheme = "bearer"

    def __init__(self, area: str) -> None:
        super().__init__()
        self.area = area

    def __call__(self, request: HttpRequest) -> ApiKey | None:
        token = key_in(request)
        return self.authenticate(request, token) if token else None

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        key = _seen(request, token)
        right = key.areas.get(self.area)
        if right is None or (request.method not in SAFE and right != Right.WRITE):
            raise KeyNotAllowed
        bar(_BARRED if key.writes else _BARRED | _WRITING)
        return key


_BARRED: Final = frozenset({Action.ADMINISTER})
"""What no key may do: the one rule says no to it, wherever it is asked."""
_WRITING: Final = frozenset({Action.CHANGE, Action.ASSIGN, Action.CLAIM, Action.DELETE, Action.SHARE})


class Bounds:
    """What a key may not do ends with its request."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with within_bounds(only_reads=request.method in SAFE):
            return self.answer(request)


def key_in(request: HttpRequest) -> str:
    """Return the token that `request` shows in its header Authorization, empty if it shows none."""
    shown = request.headers.get("Authorization", "")
    return shown[len(_BEARER) :].strip() if shown.lower().startswith(_BEARER) else ""


def _seen(request: HttpRequest, token: str) -> ApiKey:
    key = see_key(token=token, address=address_of(request), at=clock.now())
    if key is None:
        raise KeyInvalid
    return key


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
    """Return who asks, in a session or through a key of theirs. Raises SignedOut."""
    asks = getattr(request, "auth", None)
    if not isinstance(asks, Session | ApiKey):
        raise SignedOut
    return asks.user


def begin_session(
    request: HttpRequest,
    response: HttpResponse,
    *,
    user: User,
    identity: Identity | None = None,
    provider_session: str = "",
    at: datetime,
) -> None:
    """Sign `user` in, in this browser, and end the session that it had before."""
    former = session_in(request)
    _, token = create_session(
        user=user,
        address=address_of(request),
        agent=request.headers.get("User-Agent", ""),
        identity=identity,
        provider_session=provider_session,
        at=at,
    )
    if former is not None:
        revoke_session(session=former, by=former.user, at=at)
    give_cookie(request, response, token=token)
    rotate_token(request)


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
