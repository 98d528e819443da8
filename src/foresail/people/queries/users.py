"""Who there is, and what they are called."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.functions import Lower

from foresail.core.errors import NotFound
from foresail.people.models import (
    Grant,
    User,
)
from foresail.people.roles import Action, Scope
from foresail.people.rules import standing
from foresail.people.texts import folded


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


def active_users() -> QuerySet[User]:
    return User.objects.filter(active=True)


def colleagues_of(teams: Collection[int]) -> frozenset[int]:
    """Return the keys of the active members of `teams`: for conditions, which show nobody."""
    return frozenset(User.objects.filter(team_id__in=teams, active=True).values_list("pk", flat=True))


def user_of(*, email: str) -> User:
    """Return whose address `email` is, for Foresail itself. Raises NotFound."""
    found = User.objects.filter(email=folded(email)).first()
    if found is None:
        raise NotFound
    return found


def roles_of(*, user: User) -> frozenset[str]:
    """Return the roles that `user` holds."""
    return frozenset(Grant.objects.filter(user=user).values_list("role", flat=True))


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


def is_empty() -> bool:
    """Return whether nobody was ever added."""
    return not User.objects.exists()
