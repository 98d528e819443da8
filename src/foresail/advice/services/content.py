"""Content: what there is to send, and that it is sent, by a link whose opening is a signal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from foresail.advice.errors import AssetInvalid, AssetReserved, AssetRetired, ContactGone
from foresail.advice.models import Asset, AssetSent
from foresail.advice.services.suggesting import done_by_sending
from foresail.core.changes import Change, record
from foresail.core.outbox import tell
from foresail.crm import queries as crm
from foresail.people.rules import Action, Scope, scope
from foresail.signals import services as signals
from foresail.signals.errors import TargetInvalid
from foresail.timeline.services import NewEntry, append

if TYPE_CHECKING:
    from foresail.crm.models import Contact, Deal
    from foresail.people.models import User

PERSONAS: Final = ("economic_buyer", "champion", "technical", "user")
LISTS: Final = ("personas", "stages", "topics", "competitors", "industries")
FIELDS: Final = ("title", "summary", "language", "url", *LISTS, "active", "owner")
LONGEST: Final = {"title": 200, "summary": 1_000}
MOST: Final = 20
LONGEST_ITEM: Final = 60
_TEXT: Final = {
    "title": ("请填写标题，最多 200 个字符。", "A title has 1 to 200 characters."),
    "summary": ("简介最多 1,000 个字符。", "A summary has at most 1,000 characters."),
    "language": ("请选择中文或英文。", "The language is zh or en."),
    "personas": ("没有这个角色。", "There is no such role."),
    "stages": ("没有这个阶段。", "There is no such stage."),
    "list": (
        f"最多 {MOST} 项，每项 1 至 {LONGEST_ITEM} 个字符。",
        f"At most {MOST}, of 1 to {LONGEST_ITEM} characters each.",
    ),
    "owner": ("这位同事的账号已停用。", "This colleague's account is not active."),
}


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What was made to be sent: `token` is what stands in the address of its link."""

    sent: AssetSent
    token: str


def create_asset(*, values: Mapping[str, Any], by: User, at: datetime) -> Asset:
    """Put something into the library; `values` are those of FIELDS. Raises AssetReserved or AssetInvalid."""
    _require_keeping(by)
    given = {"summary": "", "active": True, "owner": by, **{name: [] for name in LISTS}, **values}
    with transaction.atomic():
        asset = Asset.objects.create(**_checked(given), created_at=at, changed_at=at)
        tell("assets", 0)
        _tell("create_asset", asset, _told(asset, FIELDS), by=by, at=at)
    return asset


def change_asset(*, asset: Asset, values: Mapping[str, Any], by: User, at: datetime) -> Asset:
    """Change what `values` names, of FIELDS; `active` retires it, or brings it back. Links that were sent stay.

    Raises AssetReserved or AssetInvalid.
    """
    _require_keeping(by)
    with transaction.atomic():
        asset.refresh_from_db(
            from_queryset=Asset.objects.select_for_update(of=("self",)).select_related("owner")
        )
        checked = _checked({name: getattr(asset, name) for name in FIELDS} | dict(values))
        changed = [name for name in FIELDS if getattr(asset, name) != checked[name]]
        if not changed:
            return asset
        for name in changed:
            setattr(asset, name, checked[name])
        asset.changed_at = at
        asset.save(update_fields=[*changed, "changed_at"])
        tell("assets", 0)
        _tell("change_asset", asset, _told(asset, changed), by=by, at=at)
    return asset


def send_asset(
    *,
    asset: Asset,
    deal: Deal,
    contact: Contact | None,
    suggestion: int | None = None,
    by: User,
    at: datetime,
) -> Sent:
    """Make a link to `asset`, to be copied into one's own mail or chat, and put that onto the deal's timeline.

    `suggestion` is what suggested to send something in this deal: it is accepted by that, in the same transaction.
    Raises NotFound or NotAllowed of the deal, AssetRetired or ContactGone, NotFound or SuggestionEnded of the suggestion.
    """
    with transaction.atomic():
        deal = crm.changeable_deal(user=by, key=deal.pk)
        asset.refresh_from_db(from_queryset=Asset.objects.select_for_update(no_key=True))
        if not asset.active:
            raise AssetRetired
        if contact is not None:
            contact = crm.contact_of(deal=deal, key=contact.pk)
            if contact.left_at is not None:
                raise ContactGone
        link = signals.make_link(
            target=asset.url,
            contact=None if contact is None else contact.pk,
            asset=name_of(asset.pk),
            by=by,
            at=at,
        )
        sent = AssetSent.objects.create(asset=asset, deal=deal, stage=deal.stage, link=link, by=by, at=at)
        entry = NewEntry(
            known_at=at, at=at, kind="content_sent", deal_id=deal.pk, account_id=deal.account_id, actor_id=by.pk,
            subject=f"crm.Deal:{deal.pk}", source="advice", source_id=f"sent:{sent.pk}", basis="own_record",
            values={"title": asset.title, "asset": asset.pk},
        )  # fmt: skip
        append([entry], at=at)
        if suggestion is not None:
            done_by_sending(suggestion=suggestion, deal=deal, asset=asset, by=by, at=at)
        values = {"deal": deal.pk, "contact": None if contact is None else contact.pk, "link": link.pk}
        tell("deal", deal.pk)  # not all who look at the library: what was sent concerns the deal
        _tell("send_asset", asset, values, by=by, at=at)
    return Sent(sent=sent, token=signals.token_of(link))


def forget_deals(*, deals: Collection[int], at: datetime) -> None:
    """Let go of what was sent in deals that are removed for good; its links lead nowhere any more."""
    found = AssetSent.objects.filter(deal__in=deals)
    signals.revoke_links(links=list(found.values_list("link", flat=True)), at=at)
    found.delete()


def name_of(asset: int) -> str:
    """Return what a link keeps of which asset it leads to."""
    return f"advice.Asset:{asset}"


def may_keep(*, user: User) -> bool:
    """Whether `user` keeps the library."""
    return scope(user=user, action=Action.CONFIGURE) is Scope.ALL


def _require_keeping(by: User) -> None:
    if not may_keep(user=by):
        raise AssetReserved


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` as they are kept. Raises AssetInvalid with all that is wrong."""
    kept, wrong = dict(values), {}
    for name, longest in LONGEST.items():
        kept[name] = _plain(values[name])
        if len(kept[name]) > longest or (name == "title" and not kept[name]):
            wrong[name] = _TEXT[name]
    if values["language"] not in Asset.Language.values:
        wrong["language"] = _TEXT["language"]
    try:
        signals.require_target(values["url"])
    except TargetInvalid as error:
        wrong["url"] = error.zh, error.en
    for name in LISTS:
        kept[name] = list(dict.fromkeys(_plain(each) for each in values[name]))
        if len(kept[name]) > MOST or not all(0 < len(each) <= LONGEST_ITEM for each in kept[name]):
            wrong[name] = _TEXT["list"]
    if not set(kept["personas"]) <= set(PERSONAS):
        wrong["personas"] = _TEXT["personas"]
    if kept["stages"] and not set(kept["stages"]) <= _stages():
        wrong["stages"] = _TEXT["stages"]
    if not values["owner"].active:
        wrong["owner"] = _TEXT["owner"]
    if wrong:
        raise AssetInvalid(wrong)
    return kept


def _stages() -> set[str]:
    return {stage.key for pipeline in crm.pipelines() for stage in pipeline.stages.all()}


def _plain(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())


def _told(asset: Asset, names: Sequence[str]) -> dict[str, Any]:
    return {name: asset.owner_id if name == "owner" else getattr(asset, name) for name in names}


def _tell(verb: str, asset: Asset, values: Mapping[str, Any], *, by: User, at: datetime) -> None:
    record(
        Change(actor=by.pk, verb=verb, subject="advice.Asset", key=str(asset.pk), at=at, values=dict(values))
    )
