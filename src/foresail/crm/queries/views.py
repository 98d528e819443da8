"""Which saved views somebody reads, and what of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from foresail.core.conditions import ConditionInvalid
from foresail.core.errors import NotFound
from foresail.crm.asking import require_askable
from foresail.crm.errors import FieldUnknown
from foresail.crm.fields import RecordType, fields_of, record_types
from foresail.crm.models import SavedView, ViewPin
from foresail.crm.sight import Level, Sight
from foresail.people.queries import teams_above
from foresail.people.rules import Action, Scope, standing

if TYPE_CHECKING:
    from foresail.people.models import User


@dataclass(frozen=True, kw_only=True)
class Readable:
    """A view as its reader may use it.

    `settings` name no field that the reader does not see; a view that chooses or sorts by one is not `usable`, and
    tells nothing of what it chooses.
    """

    view: SavedView
    settings: Mapping[str, Any]
    usable: bool
    pinned: bool
    may_change: bool


def views(*, user: User, kind: RecordType | None = None) -> list[Readable]:
    """Return the views that `user` reads: their own first, then by name."""
    found = _visible(user)
    if kind is not None:
        found = found.filter(record_type=kind.key)
    mine = sorted(found, key=lambda view: (view.owner_id != user.pk, view.created_at, view.pk))
    return _readable(mine, user=user)


def view(*, user: User, key: int) -> SavedView:
    """Return a view that `user` reads. Raises NotFound."""
    found = _visible(user).filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def readable(found: SavedView, *, user: User) -> Readable:
    [one] = _readable([view(user=user, key=found.pk)], user=user)
    return one


def _visible(user: User) -> QuerySet[SavedView]:
    """One's own, and shared ones: with all, or with a team that one is in, stands below, or manages."""
    stands = standing(user=user)
    if stands.user is None:
        return SavedView.objects.none()
    shared = Q(shared=SavedView.Shared.ALL)
    teams = stands.teams | (teams_above(team=stands.team) if stands.team is not None else frozenset())
    if stands.scope(Action.CONFIGURE) is Scope.ALL:
        shared |= Q(shared=SavedView.Shared.TEAM)
    else:
        shared |= Q(shared=SavedView.Shared.TEAM, team_id__in=teams)
    pinned = ViewPin.objects.filter(view=OuterRef("pk"), user=user)
    return (
        SavedView.objects.filter(Q(owner_id=stands.user) | shared)
        .select_related("owner", "team")
        .annotate(pinned=Exists(pinned))
    )


def _readable(found: Sequence[SavedView], *, user: User) -> list[Readable]:
    """Return what `user` may use of each view, in a constant number of queries for each kind of record."""
    sight, stands = Sight.of(user), standing(user=user)
    configures = stands.scope(Action.CONFIGURE) is Scope.ALL
    kinds = {kind.key: kind for kind in record_types()}
    fields = {key: fields_of(kinds[key]) for key in {each.record_type for each in found}}
    told = []
    for each in found:
        kind, known = kinds[each.record_type], fields[each.record_type]
        usable, settings = True, dict(each.settings)
        where, sort, group = (settings.get(key) for key in ("where", "sort", "group"))
        try:
            require_askable(kind, where=where, sort=sort or "", group=group or "", fields=known, sight=sight)
        except (ConditionInvalid, FieldUnknown):
            usable, settings = False, {}
        shown = {key for key, field in known.items() if sight.level(kind, field) is not Level.HIDDEN}
        if "columns" in settings:
            settings["columns"] = [key for key in settings["columns"] if key in shown]
        if "widths" in settings:
            settings["widths"] = {key: width for key, width in settings["widths"].items() if key in shown}
        shared = each.shared != SavedView.Shared.NOBODY
        told.append(
            Readable(
                view=each,
                settings=settings,
                usable=usable,
                pinned=bool(getattr(each, "pinned", False)),
                may_change=each.owner_id == user.pk or (configures and shared),
            )
        )
    return told
