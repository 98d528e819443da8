"""What administrators see of people, teams, lines and roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from django.db.models import (
    Count,
    Exists,
    Model,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber

from foresail.core.errors import NotFound
from foresail.people.errors import NotAllowed
from foresail.people.models import (
    BusinessLine,
    Grant,
    PasswordLink,
    SecondStep,
    Session,
    Team,
    User,
)
from foresail.people.queries.access import holding
from foresail.people.queries.teams import TeamNode, nodes_of
from foresail.people.roles import Action, Role, Scope
from foresail.people.rules import standing
from foresail.people.texts import plain
from foresail.people.tree import keys_below

LONGEST_PAGE: Final = 200
Kept = TypeVar("Kept", bound=Model)


@dataclass(frozen=True, kw_only=True)
class People:
    """A page of users by name; `following` is the key behind which the next begins, None on the last."""

    items: Sequence[User]
    following: int | None
    total: int


@dataclass(frozen=True, kw_only=True)
class LineNode:
    """A line of business with its topmost teams; each team has `headcount`, its own active members."""

    line: BusinessLine
    teams: tuple[TeamNode, ...]


@dataclass(frozen=True, kw_only=True)
class RoleHolders:
    """Who holds a role and is active: how many, and the first of them by name."""

    role: Role
    count: int
    first: tuple[User, ...]


def require_admin(*, user: User) -> None:
    """Raise NotAllowed unless `user` administers."""
    if standing(user=user).scope(Action.ADMINISTER) is not Scope.ALL:
        raise NotAllowed


def people(
    *,
    user: User,
    at: datetime,
    q: str = "",
    team: int | None = None,
    role: Role | None = None,
    active: bool | None = None,
    after: int | None = None,
    limit: int = 50,
) -> People:
    """Return a page of users, as `person` gives them, for an admin. `q` is part of a name or an address.

    `team` holds the teams below it, 0 is who is in none. Raises NotAllowed. The queries are as many whatever is found.
    """
    require_admin(user=user)
    found = User.objects.all()
    if wanted := plain(q):
        found = found.filter(Q(name__icontains=wanted) | Q(email__icontains=wanted))
    if team is not None:
        found = found.filter(team_id__in=keys_below(team=team)) if team else found.filter(team=None)
    if role is not None:
        found = found.filter(Exists(Grant.objects.filter(user=OuterRef("pk"), role=role)))
    if active is not None:
        found = found.filter(active=active)
    total = found.count()
    if after is not None:
        last = Subquery(User.objects.filter(pk=after).values("name"))
        found = found.filter(Q(name__gt=last) | Q(name=last, pk__gt=after))
    limit = min(max(limit, 1), LONGEST_PAGE)
    page = list(_told(found, at).order_by("name", "pk")[: limit + 1])
    more = len(page) > limit
    return People(items=page[:limit], following=page[limit - 1].pk if more else None, total=total)


def person(*, user: User, key: int, at: datetime) -> User:
    """Return one user, with `sessions_open`, `last_seen_at`, `step_on` and `link_ends_at`, for an admin.

    Raises NotAllowed or NotFound.
    """
    require_admin(user=user)
    found = _told(User.objects.filter(pk=key), at).first()
    if found is None:
        raise NotFound
    return found


def _told(users: QuerySet[User], at: datetime) -> QuerySet[User]:
    of = {"user": OuterRef("pk")}
    held = holding(at).filter(**of).order_by().values("user").annotate(n=Count("pk")).values("n")
    links = PasswordLink.objects.filter(ends_at__gt=at, **of).values("ends_at")
    managed = Prefetch("managed_teams", Team.objects.order_by("name"))
    return (
        users.select_related("team__line")
        .prefetch_related("grants", managed)
        .annotate(
            sessions_open=Coalesce(Subquery(held), Value(0)),
            last_seen_at=Subquery(Session.objects.filter(**of).order_by("-seen_at").values("seen_at")[:1]),
            step_on=Exists(SecondStep.objects.filter(confirmed_at__isnull=False, **of)),
            link_ends_at=Subquery(links),
        )
    )


def organisation(*, user: User) -> tuple[tuple[LineNode, ...], int]:
    """Return all lines with their teams, and how many active people are in none, for an admin. Raises NotAllowed."""
    require_admin(user=user)
    counts = dict(User.objects.filter(active=True).order_by().values_list("team_id").annotate(Count("pk")))
    by_parent: dict[int | None, list[Team]] = {}
    for team in Team.objects.select_related("manager").order_by("name"):
        team.headcount = counts.get(team.pk, 0)  # type: ignore[attr-defined]  # only said on the way out
        by_parent.setdefault(team.parent_id, []).append(team)
    lines = tuple(
        LineNode(
            line=line,
            teams=nodes_of([team for team in by_parent.get(None, ()) if team.line_id == line.pk], by_parent),
        )
        for line in BusinessLine.objects.order_by("name")
    )
    return lines, counts.get(None, 0)


def team(*, user: User, key: int) -> Team:
    """Return a team, for an admin. Raises NotAllowed or NotFound."""
    require_admin(user=user)
    return _one(Team.objects.select_related("line", "manager"), key)


def line(*, user: User, key: int) -> BusinessLine:
    """Return a line of business, for an admin. Raises NotAllowed or NotFound."""
    require_admin(user=user)
    return _one(BusinessLine.objects.all(), key)


def holders(*, user: User, first: int = 8) -> tuple[RoleHolders, ...]:
    """Return who holds which role, for an admin: of each role the first few. Raises NotAllowed. Two queries."""
    require_admin(user=user)
    held = Grant.objects.filter(user__active=True).annotate(
        place=Window(RowNumber(), partition_by="role", order_by=("user__name", "user_id")),
        of=Window(Count("pk"), partition_by="role"),
    )
    rows = list(held.filter(place__lte=first).select_related("user").order_by("place"))
    return tuple(
        RoleHolders(
            role=role,
            count=next((row.of for row in rows if row.role == role), 0),
            first=tuple(row.user for row in rows if row.role == role),
        )
        for role in Role
    )


def _one(found: QuerySet[Kept], key: int) -> Kept:
    one = found.filter(pk=key).first()
    if one is None:
        raise NotFound
    return one
