"""Who holds which role."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from foresail.people.errors import LastAdmin, RoleHeld, RoleNotHeld, UserInactive
from foresail.people.models import Grant, User
from foresail.people.roles import Role
from foresail.people.services.permission import administering, is_last_admin
from foresail.people.services.telling import tell


def grant_role(*, user: User, role: Role, by: User | None, at: datetime) -> None:
    """Give `role` to `user`. Raises NotAllowed, UserInactive or RoleHeld."""
    with administering(by=by):
        user.refresh_from_db()
        if not user.active:
            raise UserInactive(name=user.name)
        _, new = Grant.objects.get_or_create(user=user, role=Role(role))
        if not new:
            raise RoleHeld(name=user.name)
        tell("grant_role", user, {"role": role.value}, by=by, at=at)


def revoke_role(*, user: User, role: Role, by: User | None, at: datetime) -> None:
    """Take `role` from `user`. Raises NotAllowed, RoleNotHeld or LastAdmin."""
    with administering(by=by):
        held = Grant.objects.filter(user=user, role=Role(role))
        if not held.exists():
            raise RoleNotHeld(name=user.name)
        if role is Role.ADMIN and is_last_admin(user):
            raise LastAdmin(name=user.name)
        held.delete()
        tell("revoke_role", user, {"role": role.value}, by=by, at=at)


def set_roles(*, user: User, roles: Collection[Role], by: User | None, at: datetime) -> None:
    """Let `user` hold `roles` and no others. Raises NotAllowed, UserInactive for a new one, or LastAdmin."""
    with administering(by=by):
        held = {Role(role) for role in Grant.objects.filter(user=user).values_list("role", flat=True)}
        # New ones first: who would have none for a moment has none in no row of the trail.
        for role in Role:
            if role in roles and role not in held:
                grant_role(user=user, role=role, by=by, at=at)
        for role in Role:
            if role in held and role not in roles:
                revoke_role(user=user, role=role, by=by, at=at)
