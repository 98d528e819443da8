"""What of the library fits a deal best, with the reasons in words: by what is known of it, and what was said and read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from foresail.advice.models import Asset, AssetSent, Suggestion, Trigger
from foresail.advice.queries.content import MOST
from foresail.conversations.queries import Talk, talks
from foresail.core.folding import fold
from foresail.crm import queries as crm
from foresail.people.rules import Action, may
from foresail.signals.queries import interest_in, topics, words_of

if TYPE_CHECKING:
    from foresail.crm.models import Contact, Deal, DealContact
    from foresail.people.models import User

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
    """Why something fits, in words. `kind` is one of WEIGHTS, which counts `times`."""

    kind: str
    zh: str
    en: str
    times: int = 1


@dataclass(frozen=True, kw_only=True)
class Advised:
    """Something to send; `contact` is who in the deal it is written for, where that is somebody.

    `suggestion` is the open one that is done by sending it: it is about a topic of that.
    """

    asset: Asset
    score: int
    reasons: Sequence[Reason]
    contact: Contact | None
    suggestion: int | None


def best_for(
    *, deal: Deal, user: User, at: datetime, contact: int | None = None, limit: int = 3
) -> Sequence[Advised]:
    """Return what fits an open deal best, for `contact` alone or whoever decides in it. Raises NotFound.

    What is suggested to be sent stands first. Else it fits by what it says it is for: the stage, who decides, the
    account's industry, what the customer spoke of in the last 90 days or reads of more than usual, and competitors of
    both. What is for another industry, against a competitor nobody there named or reads about, or in another language than
    the customer's, is left out; what is for another stage too, unless the customer spoke or reads of it; so is what was
    sent in the deal in the last 90 days.
    """
    deal = crm.deal(user=user, key=deal.pk)
    if deal.status != "open":
        return []
    lately = AssetSent.objects.filter(deal=deal.pk, at__gt=at - NOT_AGAIN).values("asset")
    offered = Asset.objects.filter(active=True).exclude(pk__in=lately).select_related("owner").order_by("-pk")
    customer = _customer(deal, user=user, contact=contact, at=at)
    found = [fitting for each in offered[:MOST] if (fitting := _fit(each, customer)) is not None]
    found.sort(
        key=lambda each: (
            each[0],
            -each[1].score,
            -each[1].asset.changed_at.timestamp(),
            each[1].asset.pk,
        )
    )
    return [advised for _, advised in found[:limit]]


@dataclass(frozen=True, kw_only=True)
class _Topic:
    """A topic that the account reads of, and all it may be called by; `suggestion` suggests to send something of it."""

    zh: str
    en: str
    words: Sequence[str]
    rises: bool
    competitor: bool
    suggestion: int | None


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
    reads: Sequence[_Topic]


def _customer(deal: Deal, *, user: User, contact: int | None, at: datetime) -> _Customer:
    people = [each for each in crm.people_of(deal=deal) if each.contact.left_at is None]
    if contact is not None:
        people = [each for each in people if each.contact_id == contact]
    heard = [
        each for each in talks(deals=[deal.pk], since=at - LATELY, known_by=at) if each.direction != "out"
    ]
    # What is the account's is for who sees that.
    seen = may(user=user, action=Action.SEE, record=deal.account).allowed
    shown = seen and crm.sees_field(user=user, record_type="account", field="industry")
    return _Customer(
        stage=deal.stage.key,
        stage_zh=deal.stage.name_zh,
        stage_en=deal.stage.name_en,
        people=people,
        industry=deal.account.industry if shown else "",
        language=_language(heard, account=deal.account.name),
        said=fold("\n".join(f"{each.title}\n{each.text}" for each in heard)),
        reads=_read_of(deal, at=at) if seen else (),
    )


def _read_of(deal: Deal, *, at: datetime) -> list[_Topic]:
    """Return the topics that the account reads of: those of what is suggested to be sent, then what rises, most first."""
    # As triggers look at it: what is suggested and what fits must not differ by what became known later.
    interest = interest_in(accounts=[deal.account_id], at=at, as_known_then=True).get(deal.account_id)
    surging = [each for each in interest.topics if each.rise.surging] if interest else []
    rising = [each.topic for each in sorted(surging, key=lambda each: (-each.rise.ratio, each.topic))]
    suggested = _to_send(deal, at=at)
    if not suggested and not rising:
        return []
    known = {each.pk: each for each in topics()}
    found: dict[int, tuple[int | None, bool]] = {}
    for key, suggestion, kind, rose in suggested:
        if key in known and kind in {"", known[key].kind}:
            found.setdefault(key, (suggestion, rose or key in rising))
    for key in rising:
        if key in known:
            found.setdefault(key, (None, True))
    return [
        _Topic(
            zh=known[key].zh, en=known[key].en, words=words_of(topic=known[key]), rises=rises,
            competitor=known[key].kind == "competitor", suggestion=suggestion,
        )
        for key, (suggestion, rises) in found.items()
    ]  # fmt: skip


def _to_send(deal: Deal, *, at: datetime) -> list[tuple[int, int, str, bool]]:
    """Return the topics of which it is suggested to send something, what matters most first.

    Each with the suggestion, the kind of topic that it is about ("" for any), and whether interest rose.
    """
    found = Suggestion.objects.filter(
        deal=deal.pk, ended_at=None, expires_at__gt=at, trigger__action=Trigger.Action.SEND_CONTENT
    ).order_by("-trigger__priority", "-made_at", "pk")
    return [
        (topic, key, kind, "surging" in fact)
        for key, evidence, kind in found.values_list("pk", "evidence", "trigger__topic_kind")
        for fact, behind in evidence["topics"].items()
        for topic, *_ in behind
    ]


def _fit(asset: Asset, customer: _Customer) -> tuple[int, Advised] | None:
    """Return why `asset` fits, None where it does not; before it, at which place what it is suggested for stands."""
    if asset.language != customer.language:
        return None
    reasons: list[Reason] = []
    named = _named(asset.competitors, customer.said)
    rivals = [each for each in customer.reads if each.competitor and _about(each, asset.competitors)]
    if asset.competitors and not named and not rivals:
        return None
    reasons += [_read(each) for each in rivals[:1]]
    reasons += [
        Reason(kind="competitor", zh=f"客户提到竞品“{each}”", en=f"they named {each}") for each in named[:1]
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
        reasons.append(
            Reason(kind="topic", zh=f"客户近期谈到{zh}", en=f"they spoke of {en} lately", times=len(spoken))
        )
    read = [each for each in customer.reads if not each.competitor and _about(each, asset.topics)]
    reasons += [_read(each) for each in read[: MOST_TOPICS - len(spoken)]]
    if customer.stage in asset.stages:
        reasons.append(
            Reason(kind="stage", zh=f"适合“{customer.stage_zh}”阶段", en=f"for the stage {customer.stage_en}")
        )
    elif asset.stages and not {"competitor", "topic"} & {each.kind for each in reasons}:
        return None
    if not reasons:
        return None
    reasons.sort(key=lambda each: -WEIGHTS[each.kind])
    places = [
        place for place, each in enumerate(customer.reads) if each.suggestion and each in (*rivals, *read)
    ]
    first = places[0] if places else len(customer.reads)
    advised = Advised(
        asset=asset,
        score=sum(WEIGHTS[each.kind] * each.times for each in reasons),
        reasons=reasons,
        contact=person.contact if person else None,
        suggestion=customer.reads[first].suggestion if places else None,
    )
    return first, advised


def _read(topic: _Topic) -> Reason:
    what = f"竞品“{topic.zh}”" if topic.competitor else f"“{topic.zh}”"
    return Reason(
        kind="competitor" if topic.competitor else "topic",
        zh=f"近期访问中对{what}的关注上升" if topic.rises else f"近期访问中关注{what}",
        en=f"their visits show {'rising ' if topic.rises else ''}interest in {topic.en}",
    )


def _about(topic: _Topic, names: Iterable[str]) -> bool:
    """Whether one of `names` is of `topic`: it stands in what that is called by, or that in it."""
    called = "\n".join(map(fold, topic.words))
    return any(_named([name], called) or _named(topic.words, fold(name)) for name in names)


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
