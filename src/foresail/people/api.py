"""Signing in and out, oneself, one's sessions and second step; users and teams."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from ninja import Router, Status

from foresail.core import clock
from foresail.core.api import Problem, Reference, address_of, is_local, live_address, request_id
from foresail.core.errors import NotFound
from foresail.people import errors, http, queries, services
from foresail.people.http import KeyAuth, SessionAuth, caller, session_of
from foresail.people.models import BusinessLine, SecondStep, Team, User
from foresail.people.offers import offers_of
from foresail.people.queries import TeamNode
from foresail.people.roles import Action
from foresail.people.rules import standing
from foresail.people.schemas import (
    ChangeMe,
    ChangePassword,
    CodeIn,
    Me,
    SecondStepConfirmed,
    SecondStepStarted,
    SessionOut,
    SignIn,
    SignInRefused,
    TeamOut,
    UserOut,
)
from foresail.people.texts import folded

DEMO: Final = "@qiming.demo"
"""How the addresses of the demo company end. Its passwords are shown on the sign-in page."""

# What the sign-in page tells apart → (status, code).
_REFUSED: Final[dict[type[errors.PeopleError], tuple[int, str]]] = {
    errors.SignInRefused: (401, "wrong_credentials"),
    errors.SecondStepNeeded: (401, "code_needed"),
    errors.CodeWrong: (401, "code_wrong"),
    errors.SignInWait: (429, "wait"),
    errors.PasswordsOff: (403, "passwords_off"),
}

# What the keys of a user's programs may ask, besides what rooms above open to them.
FOR_KEYS: Final = [KeyAuth("people"), SessionAuth()]

router = Router(tags=["people"])


@router.post("/session", response={200: Me, 401: SignInRefused, 403: Problem, 429: SignInRefused}, auth=None)
def sign_in(request: HttpRequest, response: HttpResponse, body: SignIn) -> Me | Status[SignInRefused]:
    http.require_csrf(request)
    require_here(request, email=body.email)
    at, address = clock.now(), address_of(request)
    try:
        user = services.authenticate(
            email=body.email, password=body.password, code=body.code, address=address, at=at
        )
    except tuple(_REFUSED) as refusal:
        return _refused(request, response, refusal)
    http.begin_session(request, response, user=user, at=at)
    return _me(request, user)


@router.delete("/session", response={204: None})
def sign_out(request: HttpRequest, response: HttpResponse) -> None:
    services.revoke_session(session=session_of(request), by=caller(request), at=clock.now())
    http.take_cookie(response)


@router.get("/me", response=Me, auth=FOR_KEYS)
def me(request: HttpRequest) -> Me:
    get_token(request)  # who comes back after long may have lost that cookie
    return _me(request, caller(request))


@router.patch("/me", response=Me)
def change_me(request: HttpRequest, body: ChangeMe) -> Me:
    user = caller(request)
    services.change_user(
        user=user,
        name=services.KEEP if body.name is None else body.name,
        language=services.KEEP if body.language is None else body.language,
        by=user,
        at=clock.now(),
    )
    return _me(request, user)


@router.post("/me/password", response={204: None, 400: Problem})
def change_password(request: HttpRequest, body: ChangePassword) -> Status[None]:
    user, keep = caller(request), session_of(request)
    services.set_password(user=user, password=body.new, current=body.old, keep=keep, by=user, at=clock.now())
    return Status(204, None)


@router.get("/me/sessions", response=list[SessionOut])
def my_sessions(request: HttpRequest) -> list[SessionOut]:
    user, current = caller(request), session_of(request)
    return [
        SessionOut(
            id=session.pk,
            created_at=session.created_at,
            seen_at=session.seen_at,
            address=session.address,
            agent=session.agent,
            current=session.pk == current.pk,
        )
        for session in queries.sessions(of=user, user=user, at=clock.now())
    ]


# Before the next one, whose address would match this too.
@router.post("/me/sessions/revoke-others", response={204: None})
def revoke_others(request: HttpRequest) -> None:
    services.revoke_other_sessions(keep=session_of(request), by=caller(request), at=clock.now())


@router.delete("/me/sessions/{session}", response={204: None, 404: Problem})
def revoke(request: HttpRequest, session: int) -> Status[None]:
    user, at = caller(request), clock.now()
    found = queries.sessions(of=user, user=user, at=at).select_related("user").filter(pk=session).first()
    if found is None:
        raise NotFound
    services.revoke_session(session=found, by=user, at=at)
    return Status(204, None)


@router.post("/me/second-step", response=SecondStepStarted)
def start_second_step(request: HttpRequest) -> SecondStepStarted:
    offer = services.start_second_step(by=caller(request), at=clock.now())
    return SecondStepStarted(secret=offer.secret, uri=offer.address)


@router.post("/me/second-step/confirm", response={200: SecondStepConfirmed, 400: Problem})
def confirm_second_step(request: HttpRequest, body: CodeIn) -> SecondStepConfirmed:
    codes = services.confirm_second_step(code=body.code, by=caller(request), at=clock.now())
    return SecondStepConfirmed(recovery_codes=list(codes))


@router.post("/me/second-step/remove", response={204: None, 400: Problem})
def remove_second_step(request: HttpRequest, body: ChangePassword) -> Status[None]:
    user = caller(request)
    services.stop_second_step(user=user, password=body.old, by=user, at=clock.now())
    return Status(204, None)


@router.get("/users", response=list[UserOut], auth=FOR_KEYS)
def users(request: HttpRequest) -> list[UserOut]:
    return [
        UserOut(
            id=one.key,
            name=one.name,
            email=one.email,
            team=None if one.team is None else Reference(id=one.team, name=one.team_name),
            roles=one.roles,
            active=one.active,
        )
        for one in queries.users_listed(user=caller(request))
    ]


@router.get("/teams", response=list[TeamOut], auth=FOR_KEYS)
def teams(request: HttpRequest) -> list[TeamOut]:
    return [_team(node) for node in queries.team_tree(user=caller(request))]


def require_here(request: HttpRequest, *, email: str) -> None:
    """Raise DemoOnlyHere where somebody of the demo company signs in from elsewhere."""
    if _is_demo(email) and not is_local(request):
        raise errors.DemoOnlyHere


def _is_demo(email: str) -> bool:
    return folded(email).endswith(DEMO)


def _refused(
    request: HttpRequest, response: HttpResponse, refusal: errors.PeopleError
) -> Status[SignInRefused]:
    status, code = _REFUSED[type(refusal)]
    seconds = refusal.seconds if isinstance(refusal, errors.SignInWait) else 0
    if seconds:
        response["Retry-After"] = str(seconds)
    told = SignInRefused(
        code=code, zh=refusal.zh, en=refusal.en, request=request_id(request), wait_seconds=seconds
    )
    return Status(status, told)


def _me(request: HttpRequest, user: User) -> Me:
    stands, team = standing(user=user), user.team
    return Me(
        id=user.pk,
        name=user.name,
        email=user.email,
        language="zh" if user.language == User.Language.ZH else "en",
        roles=[role.value for role in stands.roles],
        team=_reference(team),
        line=_reference(team.line) if team else None,
        offers=offers_of(user),
        scopes={action.value: stands.scope(action).name.lower() for action in Action},
        second_step=SecondStep.objects.filter(user=user, confirmed_at__isnull=False).exists(),
        live=live_address(request),
        demo=_is_demo(user.email),
        password=user.has_usable_password(),
    )


def _team(node: TeamNode) -> TeamOut:
    team: Team = node.team
    return TeamOut(
        id=team.pk,
        name=team.name,
        line=Reference(id=team.line.pk, name=team.line.name),
        manager=_reference(team.manager),
        below=[_team(below) for below in node.below],
    )


def _reference(record: BusinessLine | Team | User | None) -> Reference | None:
    return Reference(id=record.pk, name=record.name) if record else None
