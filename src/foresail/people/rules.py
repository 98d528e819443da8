"""The one rule of who may see and do what. Lists, single records and sentences all follow from `Standing`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet

from foresail.core import clock
from foresail.core.clock import ZONE
from foresail.people.models import Guarded, Share, User
from foresail.people.roles import BY_SHARE, TABLE, TO_RECORDS, TO_THE_OWNERLESS, Action, Role, Scope
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
    "live_shares",
    "live_shares_of",
    "may",
    "scope",
    "shared_with",
    "standing",
    "within_bounds",
]

Record = TypeVar("Record", bound=Guarded)

_barred: Final = ContextVar[frozenset[Action]]("barred", default=frozenset())
_read: Final = ContextVar["dict[tuple[int, frozenset[Action]], Standing] | None"]("read", default=None)
"""Where people stand, as read since the block of `within_bounds` began; None where it is read anew each time."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whether it is allowed, how far the user's roles reach for that action, and why, in one sentence."""

    allowed: bool
    scope: Scope
    because_zh: str
    because_en: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where somebody stands in the organisation, as the database has it now. Nobody stands inactive.

    `teams` are those they reach: their own, those they manage, and all below. `within` are those they belong to: their
    own, those they manage, and all above. `shared` are the kinds of records of which some are shared with them.
    """

    user: int | None
    roles: tuple[Role, ...] = ()
    team: int | None = None
    line: int | None = None
    teams: frozenset[int] = frozenset()
    within: frozenset[int] = frozenset()
    shared: frozenset[str] = frozenset()
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
def within_bounds(*, only_reads: bool = False) -> Iterator[None]:
    """Let what `bar` forbids hold until the block ends. Every request is such a block.

    Where it `only_reads`, where somebody stands is read once: a page asks for it once for each of its parts.
    """
    barred, read = _barred.set(frozenset()), _read.set({} if only_reads else None)
    try:
        yield
    finally:
        _barred.reset(barred)
        _read.reset(read)


def bar(actions: frozenset[Action]) -> None:
    """Let nobody do `actions`, whatever their roles say, until `within_bounds` ends: a key does less than its owner."""
    _barred.set(actions)


def standing(*, user: User) -> Standing:
    """Return where `user` stands, read in one query. What the caller's object says of itself is not believed."""
    known, key = _read.get(), (user.pk, _barred.get())
    if known is None:
        return _standing(user)
    if key not in known:
        known[key] = _standing(user)
    return known[key]


def _standing(user: User) -> Standing:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE up (id, parent_id) AS (
                SELECT team.id, team.parent_id FROM people_team team
                WHERE team.manager_id = %(user)s
                    OR team.id = (SELECT team_id FROM people_user WHERE id = %(user)s)
                UNION SELECT above.id, above.parent_id FROM people_team above JOIN up ON above.id = up.parent_id
            ), share AS (
                SELECT kind, ends_at FROM people_share WHERE user_id = %(user)s AND ended_at IS NULL
                UNION ALL
                SELECT kind, ends_at FROM people_share WHERE team_id IN (SELECT id FROM up) AND ended_at IS NULL
            )
            SELECT person.team_id, team.line_id,
                ARRAY(SELECT role FROM people_grant WHERE user_id = person.id),
                ARRAY(
                    WITH RECURSIVE below (id) AS (
                        SELECT id FROM people_team WHERE id = person.team_id OR manager_id = person.id
                        UNION SELECT child.id FROM people_team child JOIN below ON child.parent_id = below.id
                    ) SELECT id FROM below
                ),
                ARRAY(SELECT id FROM up),
                ARRAY(SELECT DISTINCT kind FROM share WHERE ends_at IS NULL OR ends_at > %(now)s)
            FROM people_user person LEFT JOIN people_team team ON team.id = person.team_id
            WHERE person.id = %(user)s AND person.active
            """,
            {"user": user.pk, "now": clock.now()},
        )
        found = cursor.fetchone()
    if found is None:
        return Standing(user=None)
    team, line, roles, teams, within, shared = found
    held = tuple(role for role in Role if role in roles)
    return Standing(
        user=user.pk, roles=held, team=team, line=line, teams=frozenset(teams), within=frozenset(within),
        shared=frozenset(shared), barred=_barred.get(),
    )  # fmt: skip


def scope(*, user: User, action: Action) -> Scope:
    """Return how far `user` may do `action`: the widest scope of all roles held. One query."""
    return standing(user=user).scope(action)


def limited(
    queryset: QuerySet[Record], *, user: User, action: Action, shared: bool = True
) -> QuerySet[Record]:
    """Return those records of `queryset` for which `may` says yes. One query for the standing, none per record.

    Without `shared`, what somebody sees by their roles alone: for sums that are theirs to answer for.
    """
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
    if shared:
        for way in _ways(queryset.model, stands, action):
            condition |= way.condition()
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
    elif stands.relation(record) > reach and (found := _share_of(record, stands, action)):
        because = _told_of_share(user, record, *found)
        return Decision(allowed=True, scope=reach, because_zh=because.zh, because_en=because.en)
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


@dataclass(frozen=True, kw_only=True)
class _Way:
    """One way in which records of a kind are shared with somebody: themselves, or what they belong to (`above`)."""

    shares: QuerySet[Share]
    above: type[Guarded] | None = None
    column: str = "pk"

    def condition(self) -> Q:
        """Return what holds for the records. The keys are looked up once, and an index finds the records by them."""
        found = Q(_IsAnyOf(F(self.column), ArraySubquery(self.shares.values("record"))))
        if self.above is None:
            return found
        above = self.above._base_manager.filter(pk=OuterRef(self.column), owner=OuterRef("owner_id"))  # noqa: SLF001  # documented by Django
        return found & Q(Exists(above.filter(Q(team=None) | Q(team=OuterRef("team_id")))))

    def share(self, record: Guarded) -> Share | None:
        """Return the share by which this way leads to `record`: of several, the one with the widest right."""
        key = getattr(record, self.column)
        if key is None:
            return None
        if self.above is not None:
            above = self.above._base_manager.filter(pk=key, owner=record.owner_id)  # noqa: SLF001
            if record.owner_id is None or not above.filter(Q(team=None) | Q(team=record.team_id)).exists():
                return None
        found = self.shares.filter(record=key).select_related("user", "team", "shared_by")
        return found.order_by("right", "pk").first()  # "change" comes before "see"


class _IsAnyOf(Func):
    """`column = ANY (ARRAY (subquery))`: other than IN, it lets indexes find the records beside other conditions."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


def _ways(model: type[Guarded], stands: Standing, action: Action) -> Iterator[_Way]:
    """Yield how records of `model` may be shared with who stands there; nothing where none is. No query."""
    kind = str(model._meta.model_name)  # noqa: SLF001  # documented by Django
    if action not in BY_SHARE or not stands.shared.intersection({kind, *model.within}):
        return
    live = live_shares().filter(Q(user=stands.user) | Q(team__in=stands.within))
    live = live.filter(right__in=sorted(BY_SHARE[action]))
    if kind in stands.shared:
        yield _Way(shares=live.filter(kind=kind))
    for above, relation in model.within.items():
        if above in stands.shared:
            field: Any = model._meta.get_field(relation)  # noqa: SLF001
            yield _Way(
                shares=live.filter(kind=above, below=True), above=field.related_model, column=field.attname
            )


def shared_with(model: type[Guarded], stands: Standing | None) -> Q | None:
    """Return the condition that records of `model` are shared with who stands there, None where none is."""
    found = Q()
    for way in _ways(model, stands, Action.SEE) if stands is not None else ():
        found |= way.condition()
    return found or None


def live_shares() -> QuerySet[Share]:
    """Return the shares that hold now."""
    return Share.objects.filter(Q(ends_at=None) | Q(ends_at__gt=clock.now()), ended_at=None)


def live_shares_of(record: Guarded) -> QuerySet[Share]:
    """Return the shares by which somebody has `record` now: of itself, or of what it belongs to."""
    kind = str(record._meta.model_name)  # noqa: SLF001  # documented by Django
    found = Q(kind=kind, record=record.pk)
    for above, relation in record.within.items():
        held_by = getattr(record, relation)
        if (
            held_by is not None
            and record.owner_id is not None
            and held_by.owner_id == record.owner_id
            and held_by.team_id in {None, record.team_id}
        ):
            found |= Q(kind=above, record=held_by.pk, below=True)
    return live_shares().filter(found)


def _share_of(record: Guarded, stands: Standing, action: Action) -> tuple[Share, _Way] | None:
    for way in _ways(type(record), stands, action):
        if (share := way.share(record)) is not None:
            return share, way
    return None


def _told_of_share(user: User, record: Guarded, share: Share, way: _Way) -> Text:
    """Say who shared `record` with `user`, when, and until when."""
    by = share.shared_by.name if share.shared_by else None
    on = share.shared_at.astimezone(ZONE).date()
    if share.team is not None:
        to_zh, to_en = (
            f"{user.name}所在的团队“{share.team.name}”",
            f"team {share.team.name}, to which {user.name} belongs",
        )
    else:
        to_zh, to_en = user.name, user.name
    if way.above is None:
        what_zh, what_en = f"此{record.noun_zh}", f"this {record.noun_en}"
    else:
        what_zh = f"此{record.noun_zh}所属的{way.above.noun_zh}连同其{record.noun_zh}"
        what_en = f"the {way.above.noun_en} of this {record.noun_en}, with what belongs to it,"
    right = share.right == Share.Right.CHANGE
    until = share.ends_on
    return Text(
        zh=f"{by or '先见'}于{on:%Y年}{on.month}月{on.day}日将{what_zh}共享给{to_zh}（{'可编辑' if right else '可查看'}），"
        + (f"有效期至{until:%Y年}{until.month}月{until.day}日。" if until else "长期有效。"),
        en=f"{by or 'Foresail'} shared {what_en} with {to_en}, to {'change' if right else 'look at'}, on {on}, "
        + (f"until {until}." if until else "with no end."),
    )


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
