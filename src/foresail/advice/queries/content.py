"""What there is to send, and what of it fits a deal best, with the reasons in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Q

from foresail.advice.models import Asset, AssetSent
from foresail.conversations.queries import Talk, talks
from foresail.core.errors import NotFound
from foresail.core.folding import fold
from foresail.crm import queries as crm
from foresail.people.rules import Action, may
from foresail.signals.queries import Opening, openings
from foresail.signals.services import token_of

if TYPE_CHECKING:
    from foresail.crm.models import Contact, Deal, DealContact
    from foresail.people.models import User

MOST: Final = 500
NOT_AGAIN: Final = timedelta(days=90)
LATELY: Final = timedelta(days=90)
"""For so long what the customer said counts."""
WEIGHTS: Final = {"competitor": 4, "persona": 3, "topic": 3, "stage": 2, "industry": 2}
MOST_TOPICS: Final = 2
"""So many topics count at most: a long list of them is no merit."""
ROLES: Final = {
    "economic_buyer": ("决策人", "the economic buyer"),
    "champion": ("支持者", "the champion"),
    "technical": ("技术评估人", "the technical evaluator"),
    "user": ("使用者", "users"),
}
_CHINESE: Final = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why something fits, in words. `kind` is one of WEIGHTS."""

    kind: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Advised:
    """Something to send; `contact` is who in the deal it is written for, where that is somebody."""

    asset: Asset
    score: int
    reasons: Sequence[Reason]
    contact: Contact | None


@dataclass(frozen=True, kw_only=True)
class SentRow:
    """What was sent; `token` is there for who sent it. `opening` is None where none is known of."""

    sent: AssetSent
    contact: Contact | None
    opening: Opening | None
    token: str | None


@dataclass(frozen=True, kw_only=True)
class Tally:
    """In how many deals something was sent, and in how many of these it is known to have been opened."""

    deals: int = 0
    opened: int = 0


def asset(*, key: int) -> Asset:
    """Return one. Whoever is signed in may see the library. Raises NotFound."""
    found = Asset.objects.select_related("owner").filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def assets(
    *,
    q: str = "",
    language: str | None = None,
    persona: str | None = None,
    stage: str | None = None,
    topic: str | None = None,
    competitor: str | None = None,
    industry: str | None = None,
    active: bool | None = True,
) -> Sequence[Asset]:
    """Return what fits, the latest change first, at most MOST. What an asset does not name, it is for all of."""
    found = Asset.objects.select_related("owner").order_by("-changed_at", "-pk")
    if active is not None:
        found = found.filter(active=active)
    if wanted := " ".join(q.split()):
        found = found.filter(Q(title__icontains=wanted) | Q(summary__icontains=wanted))
    if language is not None:
        found = found.filter(language=language)
    lists = {
        "personas": persona,
        "stages": stage,
        "topics": topic,
        "competitors": competitor,
        "industries": industry,
    }
    for name, value in lists.items():
        if value is not None:
            found = found.filter(Q(**{name: []}) | Q(**{f"{name}__contains": [value]}))
    return list(found[:MOST])


def tallies(*, user: User) -> Mapping[int, Tally]:
    """Return by asset what `user` may see of what was sent. Three queries."""
    sent = AssetSent.objects.filter(deal__in=crm.visible_deals(user=user))
    deals = dict(sent.order_by().values_list("asset").annotate(Count("deal", distinct=True)))
    links = {link: (key, deal) for link, key, deal in sent.values_list("link", "asset", "deal")}
    opened = Counter(key for key, _ in {links[link] for link in openings(links)})
    return {key: Tally(deals=count, opened=opened[key]) for key, count in deals.items()}


def sent_in(*, deal: Deal, user: User) -> Sequence[SentRow]:
    """Return what was sent in a deal, for who may see it, the last first."""
    found = AssetSent.objects.filter(deal=deal.pk).select_related("asset", "by", "link__contact")
    rows = list(found.order_by("-at", "-pk")[:MOST])
    opened = openings([row.link_id for row in rows])
    return [
        SentRow(
            sent=row,
            contact=row.link.contact,
            opening=opened.get(row.link_id),
            token=token_of(row.link) if row.by_id == user.pk else None,
        )
        for row in rows
    ]


def best_for(
    *, deal: Deal, user: User, at: datetime, contact: int | None = None, limit: int = 3
) -> Sequence[Advised]:
    """Return what fits an open deal best, for `contact` alone or whoever decides in it. Raises NotFound.

    It fits by what it says it is for: the stage, who decides, the account's industry, what the customer spoke of in the
    last 90 days, and competitors they named. What is for another industry, against a competitor nobody named, or in
    another language than the customer's, is left out; what is for another stage too, unless the customer spoke of it; so
    is what was sent in the deal in the last 90 days.
    """
    deal = crm.deal(user=user, key=deal.pk)
    if deal.status != "open":
        return []
    lately = AssetSent.objects.filter(deal=deal.pk, at__gt=at - NOT_AGAIN).values("asset")
    offered = Asset.objects.filter(active=True).exclude(pk__in=lately).select_related("owner").order_by("-pk")
    customer = _customer(deal, user=user, contact=contact, at=at)
    found = [advised for each in offered[:MOST] if (advised := _fit(each, customer)) is not None]
    found.sort(key=lambda each: (-each.score, -each.asset.changed_at.timestamp(), each.asset.pk))
    return found[:limit]


@dataclass(frozen=True, kw_only=True)
class _Customer:
    """What is known of who is to get it."""

    stage: str
    stage_zh: str
    stage_en: str
    people: Sequence[DealContact]
    industry: str
    language: str
    said: str


def _customer(deal: Deal, *, user: User, contact: int | None, at: datetime) -> _Customer:
    people = [each for each in crm.people_of(deal=deal) if each.contact.left_at is None]
    if contact is not None:
        people = [each for each in people if each.contact_id == contact]
    heard = [
        each for each in talks(deals=[deal.pk], since=at - LATELY, known_by=at) if each.direction != "out"
    ]
    shown = crm.sees_field(user=user, record_type="account", field="industry")
    shown = shown and may(user=user, action=Action.SEE, record=deal.account).allowed
    return _Customer(
        stage=deal.stage.key,
        stage_zh=deal.stage.name_zh,
        stage_en=deal.stage.name_en,
        people=people,
        industry=deal.account.industry if shown else "",
        language=_language(heard, account=deal.account.name),
        said=fold("\n".join(f"{each.title}\n{each.text}" for each in heard)),
    )


def _fit(asset: Asset, customer: _Customer) -> Advised | None:
    """Return why `asset` fits, None where it does not."""
    if asset.language != customer.language:
        return None
    reasons: list[Reason] = []
    rivals = _named(asset.competitors, customer.said)
    if asset.competitors and not rivals:
        return None
    reasons += [
        Reason(kind="competitor", zh=f"客户提到竞品“{each}”", en=f"they named {each}") for each in rivals[:1]
    ]
    if asset.industries and customer.industry:
        if fold(customer.industry) not in map(fold, asset.industries):
            return None
        reasons.append(
            Reason(
                kind="industry",
                zh=f"同属{customer.industry}行业",
                en=f"from their industry, {customer.industry}",
            )
        )
    person = next((each for role in asset.personas for each in customer.people if each.role == role), None)
    if person is not None:
        zh, en = ROLES[person.role]
        reasons.append(Reason(kind="persona", zh=f"写给{zh}", en=f"written for {en}"))
    spoken = _named(asset.topics, customer.said)[:MOST_TOPICS]
    if spoken:
        zh, en = "".join(f"“{each}”" for each in spoken), " and ".join(spoken)
        reasons.append(Reason(kind="topic", zh=f"客户近期谈到{zh}", en=f"they spoke of {en} lately"))
    if customer.stage in asset.stages:
        reasons.append(
            Reason(kind="stage", zh=f"适合“{customer.stage_zh}”阶段", en=f"for the stage {customer.stage_en}")
        )
    elif asset.stages and not {"competitor", "topic"} & {each.kind for each in reasons}:
        return None
    if not reasons:
        return None
    reasons.sort(key=lambda each: -WEIGHTS[each.kind])
    score = sum(WEIGHTS[each.kind] * (len(spoken) if each.kind == "topic" else 1) for each in reasons)
    return Advised(asset=asset, score=score, reasons=reasons, contact=person.contact if person else None)


def _named(names: Collection[str], said: str) -> list[str]:
    """Return which of `names` stand in `said`, which is folded; a Latin word stands there as a whole.

    >>> _named(["节拍", "PLC", "AI"], "节拍要提高，plc 要兼容，aisle")
    ['节拍', 'PLC']
    """
    found = []
    for name in names:
        folded = fold(name)
        before = "(?<![a-z0-9])" if folded[0].isascii() else ""
        behind = "(?![a-z0-9])" if folded[-1].isascii() else ""
        if re.search(f"{before}{re.escape(folded)}{behind}", said):
            found.append(name)
    return found


def _language(heard: Sequence[Talk], *, account: str) -> str:
    """Return the language in which the customer speaks, or is called where they said nothing."""
    texts = [each.text or each.title for each in heard if each.direction == "in"]
    chinese = sum(bool(_CHINESE.search(text)) for text in texts)
    return "zh" if (2 * chinese >= len(texts) if texts else _CHINESE.search(account)) else "en"
