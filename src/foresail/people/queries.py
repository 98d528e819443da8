"""The other door: who there is, already limited to what the asking user may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
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
from django.db.models.functions import Coalesce, Lower, RowNumber

from foresail.core.errors import NotFound
from foresail.people.errors import NotAllowed
from foresail.people.models import (
    ApiKey,
    BusinessLine,
    Grant,
    Guarded,
    PasswordLink,
    SecondStep,
    Session,
    Share,
    SingleSignOn,
    Team,
    User,
)
from foresail.people.roles import TABLE, Action, Role, Scope
from foresail.people.rules import live_shares, live_shares_of, standing
from foresail.people.services.sessions import IDLE, LONGEST
from foresail.people.texts import folded, plain
from foresail.people.tree import keys_below, way_up

LONGEST_PAGE: Final = 200
Kept = TypeVar("Kept", bound=Model)


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


class UserRow(NamedTuple):
    """A user as lists of names have them."""

    key: int
    name: str
    email: str
    active: bool
    team: int | None
    team_name: str
    roles: list[str]


def users_listed(*, user: User) -> list[UserRow]:
    """Return the users that `user` may see, by name. Every page asks for them: in one query, and without objects."""
    roles = ArraySubquery(Grant.objects.filter(user=OuterRef("pk")).order_by("role").values("role"))
    found = users_visible_to(user=user).order_by("name", "pk")
    return [
        UserRow(*row)
        for row in found.values_list("pk", "name", "email", "active", "team", "team__name", roles)
    ]


def team_tree(*, user: User) -> tuple[TeamNode, ...]:
    """Return the topmost teams with all below them, in two queries. Who is active may see how the company is built."""
    if standing(user=user).user is None:
        return ()
    by_parent: dict[int | None, list[Team]] = {}
    for team in Team.objects.select_related("line", "manager").order_by("line__name", "name"):
        by_parent.setdefault(team.parent_id, []).append(team)

    return _nodes(by_parent.get(None, ()), by_parent)


def _nodes(teams: Iterable[Team], by_parent: Mapping[int | None, Sequence[Team]]) -> tuple[TeamNode, ...]:
    return tuple(TeamNode(team=team, below=_nodes(by_parent.get(team.pk, ()), by_parent)) for team in teams)


def members(*, team: Team, below: bool = False, user: User) -> QuerySet[User]:
    """Return the active members of `team` whom `user` may see; with `below`, also those of the teams below it."""
    teams = keys_below(team=team.pk) if below else {team.pk}
    return users_visible_to(user=user).filter(team_id__in=teams, active=True).order_by("name", "pk")


def active_users() -> QuerySet[User]:
    return User.objects.filter(active=True)


def who_sees(*, record: Guarded) -> QuerySet[User]:
    """Return the active users who may see `record`: whom `may` allows it, asked the other way round.

    For telling them of the record, or offering whom to tell. Two queries, and one for each team it is shared with.
    """
    up = way_up(team=record.team_id) if record.team_id is not None else ()
    above = {each.key for each in up}
    led = {each.manager for each in up if each.manager is not None}
    seen = (
        Q(_holds(Scope.ALL))
        | Q(_holds(Scope.LINE), team__line=record.line_id)
        | Q(_holds(Scope.TEAM), Q(team__in=above) | Q(pk__in=led))
        | Q(_holds(Scope.OWN), _shared_to(record) | Q(pk=record.owner_id))
    )
    return active_users().filter(seen)


def _holds(reach: Scope) -> Exists:
    """Return whether somebody holds a role that sees records as far as `reach`, or further."""
    roles = [role.value for role in Role if TABLE[role][Action.SEE] >= reach]
    return Exists(Grant.objects.filter(user=OuterRef("pk"), role__in=roles))


def _shared_to(record: Guarded) -> Q:
    """Return the condition that somebody has a share of `record`, or is in a team that has one."""
    found = Q(pk__in=())
    for share in live_shares_of(record):
        found |= Q(pk=share.user_id) if share.team_id is None else Q(pk__in=who_is_in(team=share.team_id))
    return found


def colleagues_of(teams: Collection[int]) -> frozenset[int]:
    """Return the keys of the active members of `teams`: for conditions, which show nobody."""
    return frozenset(User.objects.filter(team_id__in=teams, active=True).values_list("pk", flat=True))


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


def shares_of(*, record: Guarded) -> list[Share]:
    """Return who has a share of `record` now, the oldest first, for who may see it: of itself, then of what holds it."""
    kind = str(record._meta.model_name)  # noqa: SLF001  # documented by Django
    shares = live_shares_of(record).select_related("user__team", "team__line", "shared_by")
    return sorted(shares.order_by("shared_at", "pk"), key=lambda share: share.kind != kind)


def live_share(*, key: int) -> Share:
    """Return a share that holds; what of it somebody may know, is asked of its record. Raises NotFound."""
    found = live_shares().filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """Whom a record can be shared with."""

    people: Sequence[User]
    teams: Sequence[Team]


def recipients(*, user: User, q: str = "", limit: int = 20) -> Recipients:
    """Return active colleagues who see records at all, and teams, by a part of their name, for who may share.

    Other than with `users_visible_to`, these are of the whole company: one shares with whom one does not see.
    """
    if standing(user=user).scope(Action.SHARE) is Scope.NONE:
        return Recipients(people=(), teams=())
    text = plain(q)
    people = User.objects.filter(active=True, name__icontains=text).exclude(pk=user.pk)
    seeing = [role.value for role in Role if TABLE[role][Action.SEE] > Scope.NONE]
    holding = Grant.objects.filter(user=OuterRef("pk"), role__in=seeing)
    people = people.filter(Exists(holding)).select_related("team").order_by("name", "pk")
    teams = Team.objects.filter(name__icontains=text).select_related("line").order_by("name", "pk")
    return Recipients(people=list(people[:limit]), teams=list(teams[:limit]))


def recipient(*, user: int | None, team: int | None) -> tuple[User | None, Team | None]:
    """Return the colleague or the team with that key, to share with. Raises NotFound."""
    to_user = User.objects.filter(pk=user, active=True).first() if user is not None else None
    to_team = Team.objects.filter(pk=team).first() if team is not None else None
    if (user is not None and to_user is None) or (team is not None and to_team is None):
        raise NotFound
    return to_user, to_team


def who_is_in(*, team: int) -> frozenset[int]:
    """Return the keys of the active people in `team` and below it, and of who manages one of these."""
    teams = keys_below(team=team)
    found = User.objects.filter(Q(team__in=teams) | Q(managed_teams__in=teams), active=True)
    return frozenset(found.values_list("pk", flat=True))


def is_somewhere(*, kind: str, key: int) -> bool:
    """Whether there is such a person, team or line."""
    found: dict[str, QuerySet[Any]] = {
        "person": User.objects.all(), "team": Team.objects.all(), "line": BusinessLine.objects.all(),
    }  # fmt: skip
    return found[kind].filter(pk=key).exists()


def _keys(node: TeamNode) -> tuple[int, ...]:
    return (node.team.pk, *(key for below in node.below for key in _keys(below)))


def sessions(*, of: User, user: User, at: datetime) -> QuerySet[Session]:
    """Return the sessions of `of` that hold at `at`, last seen first: one's own, or anybody's for an admin."""
    stands = standing(user=user)
    if stands.user is None or (stands.user != of.pk and stands.scope(Action.ADMINISTER) is not Scope.ALL):
        return Session.objects.none()
    return _holding(at).filter(user=of).order_by("-seen_at", "-pk")


def keys(*, of: User | None, user: User, at: datetime) -> QuerySet[ApiKey]:
    """Return the API keys that hold at `at`, newest first: one's own, or those of all (`of` None) for an admin.

    Raises NotAllowed where all are asked for by another.
    """
    stands = standing(user=user)
    if of is None and stands.scope(Action.ADMINISTER) is not Scope.ALL:
        raise NotAllowed
    kept = ApiKey.objects.select_related("user").filter(revoked_at=None, user__active=True, expires_at__gt=at)
    if of is not None:
        kept = kept.filter(user=of) if stands.user == of.pk else kept.none()
    return kept.order_by("-created_at", "-pk")


def single_sign_on(*, user: User) -> SingleSignOn:
    """Return the settings of single sign-on, for an admin. Raises NotAllowed."""
    if standing(user=user).scope(Action.ADMINISTER) is not Scope.ALL:
        raise NotAllowed
    return SingleSignOn.objects.first() or SingleSignOn()


def ways_in() -> SingleSignOn:
    """Return how people sign in, for the page that asks: whether the provider serves, its names, and passwords."""
    found = SingleSignOn.objects.only("enabled", "name_zh", "name_en", "passwords").first()
    return found or SingleSignOn()


def open_sessions(*, at: datetime) -> int:
    """Return how many sessions hold at `at`, whosesoever. A number alone: anybody may know it."""
    return _holding(at).count()


def _holding(at: datetime) -> QuerySet[Session]:
    return Session.objects.filter(
        revoked_at=None, user__active=True, seen_at__gt=at - IDLE, created_at__gt=at - LONGEST
    )


def user_of(*, email: str) -> User:
    """Return whose address `email` is, for Foresail itself. Raises NotFound."""
    found = User.objects.filter(email=folded(email)).first()
    if found is None:
        raise NotFound
    return found


def roles_of(*, user: User) -> frozenset[str]:
    """Return the roles that `user` holds."""
    return frozenset(Grant.objects.filter(user=user).values_list("role", flat=True))


def line_named(name: str) -> BusinessLine | None:
    """Return the line of business called `name`, whatever its case."""
    return BusinessLine.objects.filter(name__iexact=name.strip()).first()


def names_of(users: Collection[int]) -> dict[int, str]:
    """Return the names of `users` by key, for records that name them: who may see the record may see the name."""
    return dict(User.objects.filter(pk__in=users).values_list("pk", "name")) if users else {}


def colleagues_called(*, names: Collection[str], addresses: Collection[str]) -> frozenset[str]:
    """Return those of `names` and e-mail `addresses`, in lower case, that are of users of ours, also of former ones."""
    wanted = {each.casefold() for each in names}
    found = User.objects.annotate(low=Lower("name")).filter(
        Q(low__in=wanted) | Q(email__in=[folded(each) for each in addresses])
    )
    return frozenset(text.casefold() for row in found.values_list("name", "email") for text in row)


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


# --- for administrators -----------------------------------------------------------------------------


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
    held = _holding(at).filter(**of).order_by().values("user").annotate(n=Count("pk")).values("n")
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
            teams=_nodes([team for team in by_parent.get(None, ()) if team.line_id == line.pk], by_parent),
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
