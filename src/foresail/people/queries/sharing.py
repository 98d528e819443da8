"""Who sees a record, who has a share of it, and whom it can be shared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import (
    Exists,
    OuterRef,
    Q,
    QuerySet,
)

from foresail.core.errors import NotFound
from foresail.people.models import (
    Grant,
    Guarded,
    Share,
    Team,
    User,
)
from foresail.people.queries.teams import who_is_in
from foresail.people.queries.users import active_users
from foresail.people.roles import TABLE, Action, Role, Scope
from foresail.people.rules import live_shares, live_shares_of, standing
from foresail.people.texts import plain
from foresail.people.tree import way_up


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
