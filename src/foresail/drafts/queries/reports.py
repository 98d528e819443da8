"""Reports: one's own, and those that were handed in to one."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from django.db.models import Q

from foresail.core.errors import NotFound
from foresail.drafts.models import Report

if TYPE_CHECKING:
    from foresail.people.models import User

MOST: Final = 100


def readable(user: User) -> Q:
    """Return the condition that `user` may read a report: its author, or whom it was handed in to."""
    return Q(author=user.pk) | Q(handed_to=user.pk)


def own(*, user: User) -> list[Report]:
    """Return the reports of `user`, the latest period first."""
    found = Report.objects.filter(author=user.pk, saved_at__isnull=False).select_related(
        "author", "handed_to"
    )
    return list(found.order_by("-begins_on", "-span", "-team", "-pk")[:MOST])


def handed_in(*, user: User) -> list[Report]:
    """Return what was handed in to `user`, the latest first."""
    found = Report.objects.filter(handed_to=user.pk).select_related("author", "handed_to")
    return list(found.order_by("-handed_at", "-pk")[:MOST])


def report(*, user: User, key: int) -> Report:
    """Return a report of one's own, or one that was handed in to one. Raises NotFound."""
    found = Report.objects.filter(readable(user), pk=key).select_related("author", "handed_to").first()
    if found is None:
        raise NotFound
    return found


def own_report(*, user: User, key: int) -> Report:
    """Return a report of one's own. Raises NotFound."""
    found = report(user=user, key=key)
    if found.author_id != user.pk:
        raise NotFound
    return found


def reports_called(*, user: User, keys: Collection[int]) -> dict[int, str]:
    """Return what reports are called, by key, of those that `user` may read."""
    found = Report.objects.filter(readable(user), pk__in=keys).values_list("pk", "author__name", "begins_on")
    return {key: f"{name} {begins_on}" for key, name, begins_on in found}
