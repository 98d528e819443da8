"""Who holds which role."""

from __future__ import annotations

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
