"""Who may change people, and the lock under which they do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from foresail.core.locks import lock
from foresail.people.errors import NotAllowed
from foresail.people.models import Grant, User
from foresail.people.roles import Action, Role, Scope
from foresail.people.rules import scope


@contextmanager
def administering(*, by: User | None) -> Iterator[None]:
    """Open the transaction of a verb only an administrator may do. Raises NotAllowed.

    Such verbs are rare and go one after another: so the permission read here still holds at the commit, two
    admins cannot remove each other, and two moves cannot close a circle of teams.
    """
    with transaction.atomic():
        lock("people organisation")
        if not administers(by):
            raise NotAllowed
        yield


def administers(by: User | None) -> bool:
    """Return whether `by` is an administrator, or Foresail itself."""
    return by is None or scope(user=by, action=Action.ADMINISTER) is Scope.ALL


def is_last_admin(user: User) -> bool:
    """Return whether `user` is an active admin and nobody else is. Ask only inside `administering`."""
    admins = Grant.objects.filter(role=Role.ADMIN, user__active=True).values_list("user_id", flat=True)
    return list(admins) == [user.pk]
