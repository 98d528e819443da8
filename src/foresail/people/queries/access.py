"""How people get in: sessions, API keys, single sign-on."""

from __future__ import annotations

from datetime import datetime

from django.db.models import (
    QuerySet,
)

from foresail.people.errors import NotAllowed
from foresail.people.models import (
    ApiKey,
    Session,
    SingleSignOn,
    User,
)
from foresail.people.roles import Action, Scope
from foresail.people.rules import standing
from foresail.people.services.sessions import IDLE, LONGEST


def sessions(*, of: User, user: User, at: datetime) -> QuerySet[Session]:
    """Return the sessions of `of` that hold at `at`, last seen first: one's own, or anybody's for an admin."""
    stands = standing(user=user)
    if stands.user is None or (stands.user != of.pk and stands.scope(Action.ADMINISTER) is not Scope.ALL):
        return Session.objects.none()
    return holding(at).filter(user=of).order_by("-seen_at", "-pk")


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
    return holding(at).count()


def holding(at: datetime) -> QuerySet[Session]:
    return Session.objects.filter(
        revoked_at=None, user__active=True, seen_at__gt=at - IDLE, created_at__gt=at - LONGEST
    )
