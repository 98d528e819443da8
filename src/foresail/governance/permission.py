"""Who may say what is collected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foresail.people.roles import Action, Scope
from foresail.people.rules import scope

if TYPE_CHECKING:
    from foresail.people.models import User


def may_propose(user: User) -> bool:
    """Whether `user` shapes or administers Foresail."""
    return any(
        scope(user=user, action=action) is Scope.ALL for action in (Action.CONFIGURE, Action.ADMINISTER)
    )


def may_appoint(user: User) -> bool:
    """Whether `user` says who belongs to the data-governance group."""
    return scope(user=user, action=Action.ADMINISTER) is Scope.ALL
