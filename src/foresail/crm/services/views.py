"""Saved views: lists under a name, one's own or shared. They choose among what their reader sees anyway."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction

from foresail.core.outbox import tell
from foresail.crm.asking import require_askable
from foresail.crm.errors import FieldUnknown, NotYourView, ViewInvalid, ViewNameTaken
from foresail.crm.fields import DEAL, RecordType, fields_of, record_type
from foresail.crm.models import Pipeline, SavedView, ViewPin
from foresail.crm.services.telling import keep
from foresail.crm.services.values import plain
from foresail.crm.sight import Level, Sight
from foresail.people.rules import Action, Scope, scope
from foresail.people.services import KEEP
from foresail.people.services.users import Keep

if TYPE_CHECKING:
    from foresail.people.models import User

LONGEST_NAME: Final = 60
LONGEST_WORDS: Final = 200
MOST_VIEWS: Final = 100
NARROWEST: Final = 60
WIDEST: Final = 640


def add_view(
    *,
    kind: RecordType,
    name: str,
    settings: Mapping[str, Any],
    shared: str = SavedView.Shared.NOBODY,
    by: User,
    at: datetime,
) -> SavedView:
    """Keep a list under a name. Raises ViewInvalid, ViewNameTaken, FieldUnknown or ConditionInvalid."""
    with transaction.atomic():
        if SavedView.objects.filter(owner=by, record_type=kind.key).count() >= MOST_VIEWS:
            raise ViewInvalid(
                zh=f"每人最多保存 {MOST_VIEWS} 个视图。", en=f"one has at most {MOST_VIEWS} views."
            )
        view = SavedView(
            record_type=kind.key,
            name=_named(name),
            owner=by,
            settings=_settings(kind, settings, by=by),
            created_at=at,
            changed_at=at,
        )
        _share(view, shared)
        _save(view)
        _told("add_view", view, by=by, at=at)
        return view


def change_view(
    *,
    view: SavedView,
    name: str | Keep = KEEP,
    settings: Mapping[str, Any] | Keep = KEEP,
    shared: str | Keep = KEEP,
    by: User,
    at: datetime,
) -> None:
    """Change a view that `by` may read. Raises NotYourView, and what `add_view` does."""
    with transaction.atomic():
        _hold(view, by=by)
        if not isinstance(name, Keep):
            view.name = _named(name)
        if not isinstance(settings, Keep):
            view.settings = _settings(record_type(view.record_type), settings, by=by)
        if not isinstance(shared, Keep):
            _share(view, shared)
        view.changed_at = at
        _save(view)
        _told("change_view", view, by=by, at=at)


def delete_view(*, view: SavedView, by: User, at: datetime) -> None:
    """Remove a view, for everybody it was shared with. Raises NotYourView."""
    with transaction.atomic():
        _hold(view, by=by)
        _told("delete_view", view, by=by, at=at)
        view.delete()


def pin_view(*, view: SavedView, pinned: bool, by: User) -> None:
    """Keep a view that `by` may read in their navigation, or no longer. Their own matter: the audit trail is not told."""
    with transaction.atomic():
        if pinned:
            ViewPin.objects.get_or_create(view=view, user=by)
        else:
            ViewPin.objects.filter(view=view, user=by).delete()
        tell("views", 0)


def _hold(view: SavedView, *, by: User) -> None:
    """Hold `view` for a change by its owner, or, where it is shared, by sales operations."""
    view.refresh_from_db(from_queryset=SavedView.objects.select_for_update(no_key=True))
    if view.owner_id != by.pk and not (
        view.shared != SavedView.Shared.NOBODY and scope(user=by, action=Action.CONFIGURE) is Scope.ALL
    ):
        raise NotYourView(who=view.owner.name)


def _save(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        if "view_name_once_for_somebody" not in str(error):
            raise
        raise ViewNameTaken(name=view.name) from error


def _share(view: SavedView, shared: str) -> None:
    if shared not in SavedView.Shared.values:
        raise ViewInvalid(zh="共享范围不存在。", en="it can be shared with nobody, a team or all.")
    view.shared = shared
    view.team = view.owner.team if shared == SavedView.Shared.TEAM else None
    if shared == SavedView.Shared.TEAM and view.team is None:
        raise ViewInvalid(zh="您还没有所属团队，不能共享给团队。", en="you have no team to share it with.")


def _named(name: str) -> str:
    kept = plain(name)
    if not 0 < len(kept) <= LONGEST_NAME:
        raise ViewInvalid(
            zh=f"名称须为 1 至 {LONGEST_NAME} 个字符。", en=f"its name has 1 to {LONGEST_NAME} characters."
        )
    return kept


def _settings(kind: RecordType, wanted: Mapping[str, Any], *, by: User) -> dict[str, Any]:
    """Return the settings as they are kept: what is as usual is left out, and what nobody asked for is refused."""
    kept = {key: value for key, value in wanted.items() if value not in (None, "", [], {})}
    where, q, sort, group = (kept.get(key) for key in ("where", "q", "sort", "group"))
    if where is not None and not isinstance(where, dict):
        raise ViewInvalid(zh="筛选条件的格式不对。", en="its condition is no condition.")
    fields, sight = fields_of(kind), Sight.of(by)
    require_askable(kind, where=where, sort=sort or "", group=group or "", fields=fields, sight=sight)
    if kept.get("layout", "table") != "table" and kind is not DEAL:
        raise ViewInvalid(zh="只有商机可以用看板和漏斗显示。", en="only deals have a board and a funnel.")
    if (pipeline := kept.get("pipeline")) and not Pipeline.objects.filter(pk=pipeline).exists():
        raise ViewInvalid(zh="销售流程不存在。", en="there is no such pipeline.")
    columns = kept.get("columns", [])
    widths = kept.get("widths", {})
    for key in {*columns, *widths}:
        if key not in fields or sight.level(kind, fields[key]) is Level.HIDDEN:
            raise FieldUnknown(zh=kind.zh, en=kind.en, field=key)
    if len(set(columns)) < len(columns):
        raise ViewInvalid(zh="列不能重复。", en="each column stands once.")
    if not all(NARROWEST <= width <= WIDEST for width in widths.values()):
        raise ViewInvalid(
            zh=f"列宽须为 {NARROWEST} 至 {WIDEST} 像素。",
            en=f"a column is {NARROWEST} to {WIDEST} pixels wide.",
        )
    if q is not None and len(q) > LONGEST_WORDS:
        raise ViewInvalid(
            zh=f"搜索词最多 {LONGEST_WORDS} 个字符。",
            en=f"at most {LONGEST_WORDS} characters are looked for.",
        )
    return kept


def _told(verb: str, view: SavedView, *, by: User, at: datetime) -> None:
    """Names and conditions stay out of the trail, which cannot forget: they may name somebody."""
    tell("views", 0)
    values = {
        "record_type": view.record_type,
        "shared": view.shared,
        "team": view.team_id,
        "owner": view.owner_id,
        "settings": sorted(view.settings),
    }
    keep(verb, view, values, by=by, at=at)
