"""The other door: who there is, already limited to what the asking user may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from foresail.people.models import BusinessLine, Session, Team, User
from foresail.people.roles import Action, Scope
from foresail.people.rules import standing
from foresail.people.services.sessions import IDLE, LONGEST
from foresail.people.tree import keys_below, way_up


@dataclass(frozen=True, kw_only=True)
class TeamNode:
    """A team with those directly below it, by name."""

    team: Team
    below: tuple[TeamNode, ...]


def users_visible_to(*, user: User) -> QuerySet[User]:
    """Return the users, also those who left, that `user` may see: oneself, and as far as one may see records.

    An admin sees all, for administering them.
    """
    stands = standing(user=user)
    reach = stands.scope(Action.SEE)
    if Scope.ALL in {reach, stands.scope(Action.ADMINISTER)}:
        return User.objects.all()
    condition = Q(pk=stands.user)
    if reach >= Scope.TEAM:
        condition |= Q(team_id__in=stands.teams)
    if reach >= Scope.LINE and stands.line is not None:
        condition |= Q(team__line_id=stands.line)
    return User.objects.filter(condition) if stands.user is not None else User.objects.none()


def team_tree(*, user: User) -> tuple[TeamNode, ...]:
    """Return the topmost teams with all below them, in two queries. Who is active may see how the company is built."""
    if standing(user=user).user is None:
        return ()
    by_parent: dict[int | None, list[Team]] = {}
    for team in Team.objects.select_related("line", "manager").order_by("line__name", "name"):
        by_parent.setdefault(team.parent_id, []).append(team)

    def nodes(teams: Iterable[Team]) -> tuple[TeamNode, ...]:
        return tuple(TeamNode(team=team, below=nodes(by_parent.get(team.pk, ()))) for team in teams)

    return nodes(by_parent.get(None, ()))


def members(*, team: Team, below: bool = False, user: User) -> QuerySet[User]:
    """Return the active members of `team` whom `user` may see; with `below`, also those of the teams below it."""
    teams = keys_below(team=team.pk) if below else {team.pk}
    return users_visible_to(user=user).filter(team_id__in=teams, active=True).order_by("name", "pk")


def colleagues_of(teams: Collection[int]) -> frozenset[int]:
    """Return the keys of the active members of `teams`: for conditions, which show nobody."""
    return frozenset(User.objects.filter(team_id__in=teams, active=True).values_list("pk", flat=True))


def sessions(*, of: User, user: User, at: datetime) -> QuerySet[Session]:
    """Return the sessions of `of` that hold at `at`, last seen first: one's own, or anybody's for an admin."""
    stands = standing(user=user)
    if stands.user is None or (stands.user != of.pk and stands.scope(Action.ADMINISTER) is not Scope.ALL):
        return Session.objects.none()
    return _holding(at).filter(user=of).order_by("-seen_at", "-pk")


def open_sessions(*, at: datetime) -> int:
    """Return how many sessions hold at `at`, whosesoever. A number alone: anybody may know it."""
    return _holding(at).count()


def _holding(at: datetime) -> QuerySet[Session]:
    return Session.objects.filter(
        revoked_at=None, user__active=True, seen_at__gt=at - IDLE, created_at__gt=at - LONGEST
    )


def line_named(name: str) -> BusinessLine | None:
    """Return the line of business called `name`, whatever its case."""
    return BusinessLine.objects.filter(name__iexact=name.strip()).first()


def names_of(users: Collection[int]) -> dict[int, str]:
    """Return the names of `users` by key, for records that name them: who may see the record may see the name."""
    return dict(User.objects.filter(pk__in=users).values_list("pk", "name")) if users else {}


def teams_below(*, team: int) -> frozenset[int]:
    """Return the keys of `team` and of every team below it."""
    return keys_below(team=team)


def teams_above(*, team: int) -> frozenset[int]:
    """Return the keys of `team` and of every team above it."""
    return frozenset(each.key for each in way_up(team=team))


def manages(*, user: User, team: int) -> bool:
    """Return whether `user` is the manager of `team`, or of one above it."""
    stands = standing(user=user)
    return stands.user is not None and any(each.manager == stands.user for each in way_up(team=team))


def is_empty() -> bool:
    """Return whether nobody was ever added."""
    return not User.objects.exists()
