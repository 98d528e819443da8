"""How the company is built: lines, teams, who leads whom, and the places whose sums somebody sees."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Q,
    QuerySet,
)

from foresail.people.models import (
    BusinessLine,
    Team,
    User,
)
from foresail.people.queries.users import users_visible_to
from foresail.people.roles import Action, Scope
from foresail.people.rules import standing
from foresail.people.tree import keys_below, managers_above, way_up


@dataclass(frozen=True, kw_only=True)
class TeamNode:
    """A team with those directly below it, by name."""

    team: Team
    below: tuple[TeamNode, ...]


def team_tree(*, user: User) -> tuple[TeamNode, ...]:
    """Return the topmost teams with all below them, in two queries. Who is active may see how the company is built."""
    if standing(user=user).user is None:
        return ()
    by_parent: dict[int | None, list[Team]] = {}
    for team in Team.objects.select_related("line", "manager").order_by("line__name", "name"):
        by_parent.setdefault(team.parent_id, []).append(team)

    return nodes_of(by_parent.get(None, ()), by_parent)


def nodes_of(teams: Iterable[Team], by_parent: Mapping[int | None, Sequence[Team]]) -> tuple[TeamNode, ...]:
    return tuple(TeamNode(team=team, below=nodes_of(by_parent.get(team.pk, ()), by_parent)) for team in teams)


def members(*, team: Team, below: bool = False, user: User) -> QuerySet[User]:
    """Return the active members of `team` whom `user` may see; with `below`, also those of the teams below it."""
    teams = keys_below(team=team.pk) if below else {team.pk}
    return users_visible_to(user=user).filter(team_id__in=teams, active=True).order_by("name", "pk")


@dataclass(frozen=True, kw_only=True)
class Managed:
    """Whom somebody leads: the active members of the teams they manage and of those below, and the teams below."""

    people: frozenset[int]
    teams_below: frozenset[int]


def managed_by(*, user: User) -> Managed:
    """Return whom `user` leads; nobody where they are not active. Three queries."""
    stands = standing(user=user)
    own = set(Team.objects.filter(manager=stands.user).values_list("pk", flat=True)) if stands.user else set()
    children: dict[int | None, list[int]] = {}
    for key, parent in Team.objects.values_list("pk", "parent_id"):
        children.setdefault(parent, []).append(key)
    below: set[int] = set()
    waiting = [key for team in own for key in children.get(team, [])]
    while waiting:
        key = waiting.pop()
        if key not in below:
            below.add(key)
            waiting += children.get(key, [])
    people = User.objects.filter(team_id__in=own | below, active=True).values_list("pk", flat=True)
    return Managed(people=frozenset(people), teams_below=frozenset(below))


def leaders_of(*, people: Collection[int]) -> frozenset[int]:
    """Return who leads any of `people`, as `managed_by` tells it. One query."""
    return managers_above(people=people) if people else frozenset()


def leads(*, user: User) -> bool:
    """Whether `user` leads anybody but themselves."""
    return bool(managed_by(user=user).people - {user.pk})


def manager_above(*, user: User) -> User | None:
    """Return who manages `user`: the manager of their team, or of the first one above whose manager is somebody else."""
    if user.team_id is None:
        return None
    managers = [each.manager for each in way_up(team=user.team_id) if each.manager not in {None, user.pk}]
    here = User.objects.filter(pk__in=managers, active=True).in_bulk()
    return next((here[key] for key in managers if key in here), None)


def manages(*, user: User, team: int) -> bool:
    """Return whether `user` is the manager of `team`, or of one above it."""
    stands = standing(user=user)
    return stands.user is not None and any(each.manager == stands.user for each in way_up(team=team))


def teams_below(*, team: int) -> frozenset[int]:
    """Return the keys of `team` and of every team below it."""
    return keys_below(team=team)


def teams_above(*, team: int) -> frozenset[int]:
    """Return the keys of `team` and of every team above it."""
    return frozenset(each.key for each in way_up(team=team))


def who_is_in(*, team: int) -> frozenset[int]:
    """Return the keys of the active people in `team` and below it, and of who manages one of these."""
    teams = keys_below(team=team)
    found = User.objects.filter(Q(team__in=teams) | Q(managed_teams__in=teams), active=True)
    return frozenset(found.values_list("pk", flat=True))


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A place in the organisation: all, a line, a team with those below it, or a person. `above` is where it belongs."""

    kind: str
    key: int
    name: str
    above: tuple[str, int] | None = None
    teams: tuple[int, ...] = ()


def seats(*, user: User) -> list[Seat]:
    """Return the places whose sums `user` may see, topmost first, each before those below it.

    That is as far as they see records: oneself and one's teams at least; who sees a line or all, those.
    """
    stands = standing(user=user)
    if stands.user is None:
        return []
    reach = stands.scope(Action.SEE)
    people: dict[int, list[User]] = {}
    for person in users_visible_to(user=user).filter(active=True, team__isnull=False).order_by("name", "pk"):
        people.setdefault(person.team_id or 0, []).append(person)
    found: list[Seat] = []
    if reach is Scope.ALL:
        found.append(Seat(kind="all", key=0, name=""))
    lines: set[int] = set()

    def walk(node: TeamNode, above: tuple[str, int] | None) -> None:
        team = node.team
        if reach is Scope.ALL or (reach >= Scope.LINE and stands.line == team.line_id):
            top = ("all", 0) if reach is Scope.ALL else None
            if team.line_id not in lines:
                lines.add(team.line_id)
                found.append(Seat(kind="line", key=team.line_id, name=team.line.name, above=top))
            above = above or ("line", team.line_id)
            seen = True
        else:
            seen = team.pk in stands.teams or team.pk == stands.team
        here = ("team", team.pk) if seen else above
        if seen:
            found.append(Seat(kind="team", key=team.pk, name=team.name, above=above, teams=_keys(node)))
        found.extend(
            Seat(kind="person", key=person.pk, name=person.name, above=here)
            for person in people.get(team.pk, [])
        )
        for below in node.below:
            walk(below, here)

    for node in team_tree(user=user):
        walk(node, None)
    return found


def _keys(node: TeamNode) -> tuple[int, ...]:
    return (node.team.pk, *(key for below in node.below for key in _keys(below)))


def line_named(name: str) -> BusinessLine | None:
    """Return the line of business called `name`, whatever its case."""
    return BusinessLine.objects.filter(name__iexact=name.strip()).first()


def is_somewhere(*, kind: str, key: int) -> bool:
    """Whether there is such a person, team or line."""
    found: dict[str, QuerySet[Any]] = {
        "person": User.objects.all(), "team": Team.objects.all(), "line": BusinessLine.objects.all(),
    }  # fmt: skip
    return found[kind].filter(pk=key).exists()
