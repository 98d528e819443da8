"""The one rule of who may see and do what. Lists, single records and sentences all follow from `Standing`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, TypeVar

from django.db import connection
from django.db.models import Q, QuerySet

from foresail.people.models import Guarded, User
from foresail.people.roles import TABLE, TO_RECORDS, TO_THE_OWNERLESS, Action, Role, Scope
from foresail.people.tree import way_up
from foresail.people.words import ACTIONS, COVERAGE, ROLES, Text

__all__ = [
    "TABLE",
    "Action",
    "Decision",
    "Role",
    "Scope",
    "bar",
    "limited",
    "may",
    "scope",
    "standing",
    "within_bounds",
]

Record = TypeVar("Record", bound=Guarded)

_barred: Final = ContextVar[frozenset[Action]]("barred", default=frozenset())


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whether it is allowed, how far the user's roles reach for that action, and why, in one sentence."""

    allowed: bool
    scope: Scope
    because_zh: str
    because_en: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where somebody stands in the organisation, as the database has it now. Nobody stands inactive."""

    user: int | None
    roles: tuple[Role, ...] = ()
    team: int | None = None
    line: int | None = None
    teams: frozenset[int] = frozenset()
    barred: frozenset[Action] = frozenset()

    def role(self, action: Action) -> Role | None:
        """Return the role that reaches furthest for `action`, None where no role allows it."""
        allowing = [role for role in self.roles if self._reach(role, action) > Scope.NONE]
        return max(allowing, key=lambda role: TABLE[role][action], default=None)

    def scope(self, action: Action) -> Scope:
        return max((self._reach(role, action) for role in self.roles), default=Scope.NONE)

    def _reach(self, role: Role, action: Action) -> Scope:
        return Scope.NONE if action in self.barred else TABLE[role][action]

    def relation(self, record: Guarded) -> Scope:
        """Return the narrowest scope that holds `record`."""
        if self.user is not None and record.owner_id == self.user:
            return Scope.OWN
        if record.team_id is not None and record.team_id in self.teams:
            return Scope.TEAM
        if self.line is not None and record.line_id == self.line:
            return Scope.LINE
        return Scope.ALL


@contextmanager
def within_bounds() -> Iterator[None]:
    """Let what `bar` forbids hold until the block ends. Every request is such a block."""
    token = _barred.set(frozenset())
    try:
        yield
    finally:
        _barred.reset(token)


def bar(actions: frozenset[Action]) -> None:
    """Let nobody do `actions`, whatever their roles say, until `within_bounds` ends: a key does less than its owner."""
    _barred.set(actions)


def standing(*, user: User) -> Standing:
    """Read where `user` stands, in one query. What the caller's object says of itself is not believed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT person.team_id, team.line_id,
                ARRAY(SELECT role FROM people_grant WHERE user_id = person.id),
                ARRAY(
                    WITH RECURSIVE below (id) AS (
                        SELECT id FROM people_team WHERE id = person.team_id OR manager_id = person.id
                        UNION SELECT child.id FROM people_team child JOIN below ON child.parent_id = below.id
                    ) SELECT id FROM below
                )
            FROM people_user person LEFT JOIN people_team team ON team.id = person.team_id
            WHERE person.id = %s AND person.active
            """,
            [user.pk],
        )
        found = cursor.fetchone()
    if found is None:
        return Standing(user=None)
    team, line, roles, teams = found
    held = tuple(role for role in Role if role in roles)
    return Standing(
        user=user.pk, roles=held, team=team, line=line, teams=frozenset(teams), barred=_barred.get()
    )


def scope(*, user: User, action: Action) -> Scope:
    """Return how far `user` may do `action`: the widest scope of all roles held. One query."""
    return standing(user=user).scope(action)


def limited(queryset: QuerySet[Record], *, user: User, action: Action) -> QuerySet[Record]:
    """Return those records of `queryset` for which `may` says yes. One query for the standing, none per record."""
    stands = standing(user=user)
    reach = stands.scope(action) if action in TO_RECORDS else Scope.NONE
    if reach is Scope.NONE:
        return queryset.none()
    if action in TO_THE_OWNERLESS:
        queryset = queryset.filter(owner=None)
    if reach is Scope.ALL:
        return queryset
    condition = Q(owner_id=stands.user)
    if reach >= Scope.TEAM:
        condition |= Q(team_id__in=stands.teams)
    if reach >= Scope.LINE and stands.line is not None:
        condition |= Q(line_id=stands.line)
    return queryset.filter(condition)


def may(*, user: User, action: Action, record: Guarded) -> Decision:
    """Return whether `user` may do `action` to `record`, with the reason. For lists use `limited`."""
    stands = standing(user=user)
    reach, role = stands.scope(action), stands.role(action)
    if stands.user is None:
        because = Text(
            zh=f"{user.name}的账号已停用，不能进行任何操作。",
            en=f"{user.name}'s account is not active, so nothing is allowed.",
        )
    elif action not in TO_RECORDS:
        because = Text(
            zh=f"“{ACTIONS[action].zh}”针对系统本身，不适用于{record.noun_zh}。",
            en=f"To {ACTIONS[action].en} is about Foresail itself, not about a {record.noun_en}.",
        )
    elif role is None:
        because = Text(
            zh=f"{user.name}的角色都不允许{ACTIONS[action].zh}{record.noun_zh}；如有需要，请联系系统管理员授予角色。",
            en=f"No role of {user.name}'s allows to {ACTIONS[action].en} a {record.noun_en}; "
            "an administrator can grant one that does.",
        )
    elif action in TO_THE_OWNERLESS and record.owner_id is not None:
        because = Text(
            zh=f"此{record.noun_zh}已有负责人，不能{ACTIONS[action].zh}。",
            en=f"This {record.noun_en} has an owner already, so nobody may {ACTIONS[action].en} it.",
        )
    elif stands.relation(record) > reach:
        because = Text(
            zh=f"{user.name}作为{ROLES[role].zh}只能{ACTIONS[action].zh}{COVERAGE[reach].zh}，此{record.noun_zh}不在其中。",
            en=f"As {ROLES[role].en}, {user.name} may {ACTIONS[action].en} only {COVERAGE[reach].en}, "
            f"and this {record.noun_en} is not among it.",
        )
    else:
        relation = _told(user, stands, record)
        because = Text(
            zh=f"{relation.zh}；{ROLES[role].zh}可以{ACTIONS[action].zh}{COVERAGE[reach].zh}。",
            en=f"{relation.en}; as {ROLES[role].en} they may {ACTIONS[action].en} {COVERAGE[reach].en}.",
        )
        return Decision(allowed=True, scope=reach, because_zh=because.zh, because_en=because.en)
    reach = reach if action in TO_RECORDS else Scope.NONE
    return Decision(allowed=False, scope=reach, because_zh=because.zh, because_en=because.en)


def _told(user: User, stands: Standing, record: Guarded) -> Text:
    """Say how `user` and `record` belong together, by the narrowest tie."""
    relation, zh, en = stands.relation(record), record.noun_zh, record.noun_en
    if relation is Scope.OWN:
        return Text(zh=f"{user.name}是此{zh}的负责人", en=f"{user.name} owns this {en}")
    if relation is Scope.TEAM and record.team_id is not None:
        return _told_of_team(user, stands, record, record.team_id)
    if relation is Scope.LINE:
        return Text(
            zh=f"此{zh}与{user.name}同属业务线“{record.line.name}”",
            en=f"This {en} belongs to the line {record.line.name}, as does {user.name}",
        )
    return Text(zh=f"{user.name}的权限覆盖全公司", en=f"{user.name} works for the whole company")


def _told_of_team(user: User, stands: Standing, record: Guarded, team: int) -> Text:
    up = way_up(team=team)
    root = next(each for each in up if each.manager == stands.user or each.key == stands.team)
    zh, en = ("负责人", "manager of") if root.manager == stands.user else ("成员", "in")
    if root.steps == 0:
        return Text(
            zh=f"{user.name}是团队“{root.name}”的{zh}，此{record.noun_zh}属于该团队",
            en=f"{user.name} is {en} team {root.name}, to which this {record.noun_en} belongs",
        )
    return Text(
        zh=f"{user.name}是团队“{root.name}”的{zh}，此{record.noun_zh}属于其下级团队“{up[0].name}”",
        en=f"{user.name} is {en} team {root.name}, and this {record.noun_en} belongs to team {up[0].name} below it",
    )
