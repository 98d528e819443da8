"""For administrators: people, the organisation, and who holds which role. Links to choose a password by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.http import HttpRequest
from ninja import Router, Status

from foresail.core import clock
from foresail.core.api import Problem, Reference
from foresail.people import http, queries, services
from foresail.people.http import caller
from foresail.people.models import User
from foresail.people.roles import TABLE, Action, Role, Scope
from foresail.people.schemas import (
    ChangePerson,
    ChangeTeam,
    LineOut,
    LinkIn,
    LinkOut,
    LinkOwner,
    NewLine,
    NewPerson,
    NewTeam,
    OrganisationOut,
    PeoplePage,
    PersonOut,
    PersonWithLink,
    RoleOut,
    RolesOut,
    TeamNodeOut,
    UseLink,
    WordOut,
)
from foresail.people.words import ACTIONS, COVERAGE, ROLES

if TYPE_CHECKING:
    from datetime import datetime

    from foresail.people.models import BusinessLine, Team
    from foresail.people.queries import TeamNode

router = Router(tags=["people"])


@router.post("/session/link/owner", response={200: LinkOwner, 404: Problem}, auth=None)
def link_owner(request: HttpRequest, body: LinkIn) -> LinkOwner:
    http.require_csrf(request)
    return _owner(services.user_of_link(token=body.token, at=clock.now()))


@router.post("/session/link/use", response={200: LinkOwner, 400: Problem, 404: Problem}, auth=None)
def use_link(request: HttpRequest, body: UseLink) -> LinkOwner:
    """Choose a password by a link. Nobody is signed in by it: the second step may be on."""
    http.require_csrf(request)
    return _owner(services.use_link(token=body.token, password=body.password, at=clock.now()))


@router.get("/people", response={200: PeoplePage, 403: Problem})
def people(
    request: HttpRequest,
    q: str = "",
    team: int | None = None,
    role: Role | None = None,
    active: bool | None = None,
    after: int | None = None,
    limit: int = 50,
) -> PeoplePage:
    """Everybody, by name. `team` holds those below it; 0 is who is in none."""
    page = queries.people(
        user=caller(request),
        at=clock.now(),
        q=q,
        team=team,
        role=role,
        active=active,
        after=after,
        limit=limit,
    )
    return PeoplePage(items=[_person(one) for one in page.items], next=page.following, total=page.total)


@router.post(
    "/people", response={201: PersonWithLink, 400: Problem, 403: Problem, 404: Problem, 409: Problem}
)
def add_person(request: HttpRequest, body: NewPerson) -> Status[PersonWithLink]:
    by, at = caller(request), clock.now()
    team = None if body.team is None else queries.team(user=by, key=body.team)
    user, link = services.invite_user(
        email=body.email, name=body.name, language=body.language, team=team, roles=body.roles, by=by, at=at
    )
    return Status(201, _with_link(user, link, by, at))


@router.get("/people/{person}", response={200: PersonOut, 403: Problem, 404: Problem})
def person(request: HttpRequest, person: int) -> PersonOut:
    return _person(queries.person(user=caller(request), key=person, at=clock.now()))


@router.patch(
    "/people/{person}", response={200: PersonOut, 400: Problem, 403: Problem, 404: Problem, 409: Problem}
)
def change_person(request: HttpRequest, person: int, body: ChangePerson) -> PersonOut:
    by, at = caller(request), clock.now()
    found = queries.person(user=by, key=person, at=at)
    sent = body.model_dump(exclude_unset=True)
    changes: dict[str, Any] = {
        name: value
        for name, value in sent.items()
        if name in {"name", "email", "language"} and value is not None
    }
    if "team" in sent:
        changes["team"] = None if body.team is None else queries.team(user=by, key=body.team)
    with transaction.atomic():  # all of what was sent, or nothing
        services.change_user(user=found, **changes, by=by, at=at)
        if body.roles is not None:
            services.set_roles(user=found, roles=body.roles, by=by, at=at)
    return _person(queries.person(user=by, key=person, at=at))


@router.post(
    "/people/{person}/deactivate", response={200: PersonOut, 400: Problem, 403: Problem, 404: Problem}
)
def deactivate_person(request: HttpRequest, person: int) -> PersonOut:
    by, at = caller(request), clock.now()
    services.deactivate_user(user=queries.person(user=by, key=person, at=at), by=by, at=at)
    return _person(queries.person(user=by, key=person, at=at))


@router.post(
    "/people/{person}/reactivate", response={200: PersonWithLink, 403: Problem, 404: Problem, 409: Problem}
)
def reactivate_person(request: HttpRequest, person: int) -> PersonWithLink:
    by, at = caller(request), clock.now()
    user = queries.person(user=by, key=person, at=at)
    return _with_link(user, services.reactivate_user(user=user, by=by, at=at), by, at)


@router.post(
    "/people/{person}/reset-password",
    response={200: PersonWithLink, 400: Problem, 403: Problem, 404: Problem},
)
def reset_password(request: HttpRequest, person: int) -> PersonWithLink:
    """End the password, and give a link by which they choose another."""
    by, at = caller(request), clock.now()
    user = queries.person(user=by, key=person, at=at)
    return _with_link(user, services.offer_link(user=user, by=by, at=at), by, at)


@router.post(
    "/people/{person}/reset-second-step", response={200: PersonOut, 400: Problem, 403: Problem, 404: Problem}
)
def reset_second_step(request: HttpRequest, person: int) -> PersonOut:
    by, at = caller(request), clock.now()
    services.stop_second_step(user=queries.person(user=by, key=person, at=at), by=by, at=at)
    return _person(queries.person(user=by, key=person, at=at))


@router.post("/people/{person}/sign-out", response={200: PersonOut, 400: Problem, 403: Problem, 404: Problem})
def sign_person_out(request: HttpRequest, person: int) -> PersonOut:
    by, at = caller(request), clock.now()
    services.revoke_sessions(user=queries.person(user=by, key=person, at=at), by=by, at=at)
    return _person(queries.person(user=by, key=person, at=at))


@router.get("/organisation", response={200: OrganisationOut, 403: Problem})
def organisation(request: HttpRequest) -> OrganisationOut:
    lines, teamless = queries.organisation(user=caller(request))
    return OrganisationOut(
        lines=[
            LineOut(id=node.line.pk, name=node.line.name, teams=[_node(team) for team in node.teams])
            for node in lines
        ],
        teamless=teamless,
    )


@router.post("/organisation/lines", response={201: Reference, 400: Problem, 403: Problem, 409: Problem})
def add_line(request: HttpRequest, body: NewLine) -> Status[Reference]:
    return Status(201, _named(services.add_line(name=body.name, by=caller(request), at=clock.now())))


@router.patch(
    "/organisation/lines/{line}",
    response={200: Reference, 400: Problem, 403: Problem, 404: Problem, 409: Problem},
)
def rename_line(request: HttpRequest, line: int, body: NewLine) -> Reference:
    by = caller(request)
    found = queries.line(user=by, key=line)
    services.rename_line(line=found, name=body.name, by=by, at=clock.now())
    return _named(found)


@router.post(
    "/organisation/teams", response={201: Reference, 400: Problem, 403: Problem, 404: Problem, 409: Problem}
)
def add_team(request: HttpRequest, body: NewTeam) -> Status[Reference]:
    by, at = caller(request), clock.now()
    line = queries.line(user=by, key=body.line)
    parent = None if body.parent is None else queries.team(user=by, key=body.parent)
    manager = None if body.manager is None else queries.person(user=by, key=body.manager, at=at)
    with transaction.atomic():
        made = services.add_team(name=body.name, line=line, parent=parent, by=by, at=at)
        services.appoint_manager(team=made, manager=manager, by=by, at=at)
    return Status(201, _named(made))


@router.patch(
    "/organisation/teams/{team}",
    response={200: Reference, 400: Problem, 403: Problem, 404: Problem, 409: Problem},
)
def change_team(request: HttpRequest, team: int, body: ChangeTeam) -> Reference:
    by, at, sent = caller(request), clock.now(), body.model_dump(exclude_unset=True)
    found = queries.team(user=by, key=team)
    parent = None if body.parent is None else queries.team(user=by, key=body.parent)
    manager = None if body.manager is None else queries.person(user=by, key=body.manager, at=at)
    with transaction.atomic():
        if body.name is not None:
            services.rename_team(team=found, name=body.name, by=by, at=at)
        if "parent" in sent:
            services.move_team(team=found, parent=parent, by=by, at=at)
        if "manager" in sent:
            services.appoint_manager(team=found, manager=manager, by=by, at=at)
    return _named(found)


@router.delete("/organisation/teams/{team}", response={204: None, 403: Problem, 404: Problem, 409: Problem})
def remove_team(request: HttpRequest, team: int) -> Status[None]:
    by = caller(request)
    services.remove_team(team=queries.team(user=by, key=team), by=by, at=clock.now())
    return Status(204, None)


@router.get("/roles", response={200: RolesOut, 403: Problem})
def roles(request: HttpRequest) -> RolesOut:
    return RolesOut(
        roles=[
            RoleOut(
                key=held.role,
                zh=ROLES[held.role].zh,
                en=ROLES[held.role].en,
                scopes={action.value: TABLE[held.role][action].name.lower() for action in Action},
                holders=held.count,
                first=[_named(user) for user in held.first],
            )
            for held in queries.holders(user=caller(request))
        ],
        actions=[
            WordOut(key=action.value, zh=ACTIONS[action].zh, en=ACTIONS[action].en) for action in Action
        ],
        scopes=[
            WordOut(key=scope.name.lower(), zh=COVERAGE[scope].zh, en=COVERAGE[scope].en) for scope in Scope
        ],
    )


def _owner(user: User) -> LinkOwner:
    return LinkOwner(name=user.name, email=user.email, language=_language(user))


def _language(user: User) -> Any:
    return "zh" if user.language == User.Language.ZH else "en"


def _with_link(user: User, link: services.Link, by: User, at: datetime) -> PersonWithLink:
    return PersonWithLink(
        person=_person(queries.person(user=by, key=user.pk, at=at)),
        link=LinkOut(token=link.token, ends_at=link.ends_at),
    )


def _person(user: Any) -> PersonOut:
    """Say what `queries.person` found, which is more than a User has by itself."""
    return PersonOut(
        id=user.pk,
        name=user.name,
        email=user.email,
        language=_language(user),
        team=_maybe(user.team),
        line=_maybe(user.team.line if user.team else None),
        roles=sorted((grant.role for grant in user.grants.all()), key=[*ROLES].index),
        manages=[_named(team) for team in user.managed_teams.all()],
        active=user.active,
        joined_at=user.joined_at,
        left_at=user.left_at,
        last_seen_at=user.last_seen_at,
        sessions=user.sessions_open,
        second_step=user.step_on,
        link_ends_at=user.link_ends_at,
    )


def _node(node: TeamNode) -> TeamNodeOut:
    team: Any = node.team
    return TeamNodeOut(
        id=team.pk,
        name=team.name,
        manager=_maybe(team.manager),
        members=team.headcount,
        below=[_node(below) for below in node.below],
    )


def _named(record: BusinessLine | Team | User) -> Reference:
    return Reference(id=record.pk, name=record.name)


def _maybe(record: BusinessLine | Team | User | None) -> Reference | None:
    return _named(record) if record else None
