"""Signing in through the company's provider: there, back, out; and how an administrator sets it up.

The browser is sent there and comes back by plain links. What goes wrong on the way is told on the sign-in page, which
asks `/api/entry` for the sentence.
"""

from __future__ import annotations

import re
from typing import Final, Literal, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from ninja import Router, Status

from foresail.core import clock
from foresail.core.api import Problem, Schema
from foresail.people import http, queries, services
from foresail.people.api import require_here
from foresail.people.errors import PeopleError, SignInDeclined, SingleSignOnRefused
from foresail.people.http import caller
from foresail.people.models import SingleSignOn

STATE_COOKIE: Final = "foresail_sign_in"
FOLDER: Final = "/api/sign-in"
BACK: Final = f"{FOLDER}/back"
BACK_CHANNEL: Final = f"{FOLDER}/provider-sign-out"

NewcomerRole = Literal["rep", "manager", "sales_operations", "legal", "engineering", "logistics", "read_only"]

router = Router(tags=["people"])


class SignInSettings(Schema):
    """How people sign in. The secret is never told, only whether there is one.

    `back` and `back_channel` are what the provider has to know of us.
    """

    enabled: bool
    issuer: str
    client: str
    has_secret: bool
    name_zh: str
    name_en: str
    domains: list[str]
    newcomer_role: NewcomerRole | None
    passwords: bool
    back: str
    back_channel: str


class ChangeSignIn(Schema):
    """`secret` null keeps what there is, empty removes it. `newcomer_role` null refuses whom nobody added."""

    enabled: bool
    issuer: str
    client: str
    secret: str | None = None
    name_zh: str
    name_en: str
    domains: list[str]
    newcomer_role: NewcomerRole | None
    passwords: bool


class IssuerIn(Schema):
    issuer: str


@router.get("/sign-in", auth=None, response={302: None})
def depart(request: HttpRequest, next: str = "/") -> HttpResponse:  # noqa: A002  (as the page calls it)
    """Send the browser to the company's provider."""
    goal = _inside(next)
    try:
        departure = services.depart(back=_address(request, BACK), next=goal, at=clock.now())
    except SingleSignOnRefused as refusal:
        return _told(refusal, goal)
    response = HttpResponseRedirect(departure.address)
    response.set_cookie(
        STATE_COOKIE,
        departure.state,
        max_age=services.PATIENCE,
        path=FOLDER,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


@router.get("/sign-in/back", auth=None, response={302: None})
def arrive(
    request: HttpRequest, code: str = "", state: str = "", error: str = "", iss: str | None = None
) -> HttpResponse:
    """Where the provider sends the browser back to."""
    at = clock.now()
    response: HttpResponse
    try:
        services.require_state(state=state, cookie=request.COOKIES.get(STATE_COOKIE, ""))
        if error or not code:
            raise SignInDeclined
        arrival = services.arrive(code=code, state=state, issuer=iss, back=_address(request, BACK), at=at)
        require_here(request, email=arrival.user.email)
        response = HttpResponseRedirect(arrival.next)
        http.begin_session(
            request,
            response,
            user=arrival.user,
            identity=arrival.identity,
            provider_session=arrival.provider_session,
            at=at,
        )
    except PeopleError as refusal:
        response = _told(refusal, "/")
    response.delete_cookie(STATE_COOKIE, path=FOLDER, samesite="Lax")
    return response


@router.post("/sign-in/provider-sign-out", auth=None, response={204: None, 401: Problem})
def provider_sign_out(request: HttpRequest) -> Status[None]:
    """What the provider calls when somebody signs out there, with `logout_token` in a form (back-channel logout)."""
    services.sign_out_by_provider(token=request.POST.get("logout_token", ""), at=clock.now())
    return Status(204, None)


@router.get("/admin/sign-in", response={200: SignInSettings, 403: Problem})
def sign_in_settings(request: HttpRequest) -> SignInSettings:
    return _settings(request, queries.single_sign_on(user=caller(request)))


@router.put("/admin/sign-in", response={200: SignInSettings, 400: Problem, 403: Problem, 502: Problem})
def set_sign_in(request: HttpRequest, body: ChangeSignIn) -> SignInSettings:
    kept = services.set_single_sign_on(
        enabled=body.enabled,
        issuer=body.issuer,
        client=body.client,
        secret=services.KEEP if body.secret is None else body.secret,
        name_zh=body.name_zh,
        name_en=body.name_en,
        domains=body.domains,
        newcomer_role=body.newcomer_role,
        passwords=body.passwords,
        by=caller(request),
        at=clock.now(),
    )
    return _settings(request, kept)


@router.post("/admin/sign-in/check", response={204: None, 400: Problem, 403: Problem, 502: Problem})
def check_issuer(request: HttpRequest, body: IssuerIn) -> Status[None]:
    """Ask whether a provider answers there."""
    services.check_provider(issuer=body.issuer, by=caller(request), at=clock.now())
    return Status(204, None)


def _settings(request: HttpRequest, kept: SingleSignOn) -> SignInSettings:
    return SignInSettings(
        enabled=kept.enabled,
        issuer=kept.issuer,
        client=kept.client,
        has_secret=bool(kept.secret),
        name_zh=kept.name_zh,
        name_en=kept.name_en,
        domains=kept.domains,
        newcomer_role=cast("NewcomerRole | None", kept.newcomer_role),  # the database keeps to them
        passwords=kept.passwords,
        back=_address(request, BACK),
        back_channel=_address(request, BACK_CHANNEL),
    )


def _told(refusal: PeopleError, goal: str) -> HttpResponse:
    """Send the browser to the sign-in page, which says why."""
    asked = {"refused": refusal.code} | ({} if goal == "/" else {"next": goal})
    return HttpResponseRedirect(f"/sign-in?{urlencode(asked)}")


def _inside(goal: str) -> str:
    r"""Return `goal` if it is a page of ours, else the first one: the address may have been written by others.

    >>> [_inside(each) for each in ("/deals?q=1", "//evil.example", "/\\evil.example", "https://evil.example")]
    ['/deals?q=1', '/', '/', '/']
    """
    fine = re.fullmatch(r"/(?![/\\])[^\x00-\x20\\]*", goal) and len(goal) <= 400
    return goal if fine else "/"


def _address(request: HttpRequest, path: str) -> str:
    """Return `path` as the provider knows it: ALLOWED_HOSTS has seen to the host."""
    return f"{request.scheme}://{request.get_host()}{path}"
