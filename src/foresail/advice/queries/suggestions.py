"""What is suggested, for who may see the deal or the account that it is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber

from foresail.advice.facts import FACTS, VERDICTS, Tone
from foresail.advice.models import Mute, Suggestion
from foresail.core.clock import ZONE
from foresail.crm import queries as crm
from foresail.forecast.queries import outlooks
from foresail.people.queries import managed_by
from foresail.signals.queries import topics

if TYPE_CHECKING:
    from foresail.crm.models import Account, Deal
    from foresail.people.models import User

MOST_GROUPS: Final = 100
MOST_OF_TEAM: Final = 2_000
_FIRST: Final = ("-trigger__priority", "-made_at", "pk")
_WON: Final = {each.key: each for each in VERDICTS}


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One fact that a suggestion rests on, in words. `entries` are of the timeline, `topics` keys of topics."""

    code: str
    zh: str
    en: str
    tone: Tone
    entries: Sequence[int]
    topics: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A suggestion with its reasons and its action in words."""

    suggestion: Suggestion
    reasons: Sequence[Reason]
    action_zh: str
    action_en: str


@dataclass(frozen=True, kw_only=True)
class Grouped:
    """What is suggested for a deal (None: for the account as a whole), what matters most first.

    `weighted` is amount times win chance in the house currency, where both are known and the amount may be seen.
    """

    account: Account
    deal: Deal | None
    may_change: bool
    amount: crm.Worth | None
    p_won: float | None
    change_7d: float | None
    weighted: Decimal | None
    suggestions: Sequence[Shown]


@dataclass(frozen=True, kw_only=True)
class OfSeller:
    """What is suggested to somebody that one leads, by deal; it is theirs to decide."""

    seller: User
    groups: Sequence[Grouped]


@dataclass(frozen=True, kw_only=True)
class Today:
    """One's open suggestions by deal, how many one accepted and dismissed today, and what one does not hear of.

    `team` is what stands for whom one leads, who has what matters most first.
    """

    groups: Sequence[Grouped]
    team: Sequence[OfSeller]
    accepted: int
    dismissed: int
    mutes: Sequence[Mute]


def today(*, user: User, at: datetime) -> Today:
    """Return what is suggested to `user`: for what they own, or whose team they manage, and did not mute."""
    muted = Mute.objects.filter(user=user).filter(Q(until=None) | Q(until__gt=at))
    mutes = list(muted.select_related("trigger", "deal__account").order_by("-made_at", "pk"))
    deals = [each.deal_id for each in mutes if each.deal_id is not None]
    seen = (
        set(crm.visible_deals(user=user).filter(pk__in=deals).values_list("pk", flat=True)) if deals else ()
    )
    found = _visible(_open(at), user=user)
    found = found.exclude(trigger__in=[each.trigger_id for each in mutes if each.trigger_id])
    found = found.exclude(deal__in=deals)
    owner = Q(deal__owner=user.pk) | Q(deal=None, account__owner=user.pk)
    manager = Q(deal__team__manager=user.pk) | Q(deal=None, account__team__manager=user.pk)
    mine = found.filter(Q(trigger__whose="owner") & owner | Q(trigger__whose="manager") & manager)
    led = managed_by(user=user).people - {user.pk}
    theirs = Q(deal__owner__in=led) | Q(deal=None, account__owner__in=led)
    of_team = found.filter(theirs, trigger__whose="owner").select_related("account__owner", "deal__owner")
    ranked = of_team.annotate(
        place=Window(
            RowNumber(), partition_by=Coalesce("deal__owner", "account__owner"), order_by=_FIRST,
        )
    )  # fmt: skip
    # Of each the first: by rank alone, who has nothing that matters much would not be there at all.
    team = list(ranked.filter(place__lte=max(1, MOST_OF_TEAM // len(led)))) if led else []
    own, of_sellers = _grouped(list(mine), team, user=user, at=at)
    midnight = datetime.combine(at.astimezone(ZONE).date(), time(), tzinfo=ZONE)
    decided = Suggestion.objects.filter(decided_by=user, ended_at__gte=midnight)
    return Today(
        groups=own[:MOST_GROUPS],
        team=_by_seller(of_sellers),
        accepted=decided.filter(how="accepted").count(),
        dismissed=decided.filter(how="dismissed").count(),
        mutes=[each for each in mutes if each.deal_id is None or each.deal_id in seen],
    )


def of_deal(*, user: User, deal: int, at: datetime) -> list[Shown]:
    """Return what is suggested for a deal. Raises NotFound. What is suggested for its account stands there."""
    crm.deal(user=user, key=deal)
    return _shown(list(_open(at).filter(deal=deal)), user=user)


def of_account(*, user: User, account: int, at: datetime) -> list[Shown]:
    """Return what is suggested for an account as a whole, and for its deals. Raises NotFound."""
    crm.account(user=user, key=account)
    return _shown(list(_visible(_open(at).filter(account=account), user=user)), user=user)


def shown(*, user: User, suggestion: Suggestion) -> Shown:
    """Return one that `user` may see, in words."""
    return _shown([suggestion], user=user)[0]


def _open(at: datetime) -> QuerySet[Suggestion]:
    found = Suggestion.objects.filter(ended_at=None, expires_at__gt=at).filter(
        Q(deal=None) | Q(deal__status="open")
    )
    return found.select_related("trigger", "account", "deal__account").order_by(*_FIRST)


def _visible(found: QuerySet[Suggestion], *, user: User) -> QuerySet[Suggestion]:
    deals = crm.visible_deals(user=user).order_by()
    accounts = crm.visible_records(crm.record_type("account"), user=user).order_by()
    of_deal = Exists(deals.filter(pk=OuterRef("deal_id")))
    of_account = Q(deal=None) & Exists(accounts.filter(pk=OuterRef("account_id")))
    return found.filter(Q(of_deal) | of_account)


def _grouped(*lots: Sequence[Suggestion], user: User, at: datetime) -> list[list[Grouped]]:
    """Return each of `lots` by deal, what matters most first. What must be known for that is read once for all."""
    found = [each for lot in lots for each in lot]
    deals = {each.deal_id for each in found if each.deal_id is not None}
    worth = crm.worth_of(deals, user=user)
    looks = {each.deal: each for each in outlooks(user=user, deals=deals, at=at)}
    changeable = set(crm.changeable_deals(user=user).filter(pk__in=deals).values_list("pk", flat=True))
    accounts = crm.changeable_accounts(user=user, keys={each.account_id for each in found})
    shown = iter(_shown(found, user=user))

    def group(account: int, deal: int | None, some: Sequence[Shown]) -> Grouped:
        look, amount = looks.get(deal or 0), worth.get(deal or 0)
        in_house = amount.in_house if amount else None
        return Grouped(
            account=some[0].suggestion.account,
            deal=some[0].suggestion.deal,
            may_change=deal in changeable if deal is not None else account in accounts,
            amount=amount,
            p_won=look.p_won_final if look else None,
            change_7d=look.change_7d if look else None,
            weighted=in_house * Decimal(str(look.p_won_final)) if in_house is not None and look else None,
            suggestions=some,
        )

    told = []
    for lot in lots:
        by_subject: dict[tuple[int, int | None], list[Shown]] = {}
        for each in islice(shown, len(lot)):
            by_subject.setdefault((each.suggestion.account_id, each.suggestion.deal_id), []).append(each)
        told.append(sorted((group(*subject, some) for subject, some in by_subject.items()), key=_rank))
    return told


def _by_seller(groups: Sequence[Grouped]) -> list[OfSeller]:
    """Return groups by whose they are, in their order."""
    by_seller: dict[int, list[Grouped]] = {}
    sellers: dict[int, User] = {}
    for each in groups:
        seller = (each.deal or each.account).owner
        if seller is not None:
            sellers[seller.pk] = seller
            by_seller.setdefault(seller.pk, []).append(each)
    return [OfSeller(seller=sellers[key], groups=some) for key, some in by_seller.items()]


def _rank(group: Grouped) -> tuple[Decimal, int, int]:
    first = group.suggestions[0].suggestion
    return -(first.trigger.priority * (group.weighted or Decimal(0))), -first.trigger.priority, first.pk


def _shown(found: Sequence[Suggestion], *, user: User) -> list[Shown]:
    """Put suggestions into words. Three queries; of a value that a rule hides from `user`, nothing is said.

    Who sees a deal need not see its account: then nothing is said that rests on the account, or on other deals of it.
    """
    names = {topic.pk: (topic.zh, topic.en) for topic in topics()}
    stages = {s.key: (s.name_zh, s.name_en) for pipeline in crm.pipelines() for s in pipeline.stages.all()}
    hidden = {_FIELD.get(key, key) for key in crm.hidden_fields(user=user, record_type="deal")}
    accounts = crm.visible_records(crm.record_type("account"), user=user)
    seen = set(accounts.filter(pk__in={each.account_id for each in found}).values_list("pk", flat=True))
    return [
        _one(each, names, stages, hidden if each.account_id in seen else hidden | _OF_ACCOUNTS)
        for each in found
    ]


_FIELD: Final = {"expected_close_on": "days_to_close"}
"""Which fact a field of deals is."""
_OF_ACCOUNTS: Final = frozenset(key for key, fact in FACTS.items() if "account" in fact.of)


def _one(
    each: Suggestion,
    names: Mapping[int, tuple[str, str]],
    stages: Mapping[str, tuple[str, str]],
    hidden: Collection[str],
) -> Shown:
    reasons, about = [], None
    for key, value in each.facts.items():
        fact = FACTS.get(key)
        if fact is None or value is None or value is False or key in hidden:
            continue
        behind = [topic for topic, *_ in each.evidence["topics"].get(key, ()) if topic in names]
        about = about or next((names[topic] for topic in behind), None)
        forms, tone, size = (fact.said_zh, fact.said_en), fact.tone, value
        if fact.below is not None and Decimal(value) < 0:
            forms, tone, size = (fact.below.zh, fact.below.en), fact.below.tone, -Decimal(value)
        elif fact.zero is not None and Decimal(value) == 0:
            forms, tone = (fact.zero.zh, fact.zero.en), fact.zero.tone
        said = {
            "v": _value(key, size, stages),
            "t": tuple(sep.join(names[t][place] for t in behind) for place, sep in enumerate(("、", ", "))),
        }
        zh, en = (
            form.format(v=said["v"][place], t=said["t"][place]).removesuffix("：").removesuffix(": ")
            for place, form in enumerate(forms)
        )
        entries = each.evidence["entries"].get(key, [])
        reasons.append(Reason(code=key, zh=zh, en=en, tone=tone, entries=entries, topics=behind))
    trigger = each.trigger
    deal = each.deal.name if each.deal is not None else each.account.name
    topic = (
        about or ("竞品", "the competitor")
        if trigger.topic_kind == "competitor"
        else about or ("相关话题", "the topic")
    )
    zh, en = (
        form.format(account=each.account.name, deal=deal, topic=topic[place])
        for place, form in enumerate((trigger.action_zh, trigger.action_en))
    )
    return Shown(suggestion=each, reasons=reasons, action_zh=zh, action_en=en)


def _value(key: str, value: Any, stages: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    if key == "stage":
        return stages.get(value, (value, value))
    if key == "verdict" and value in _WON:
        return _WON[value].zh, _WON[value].en
    if key == "amount":
        text = f"{Decimal(value):,.0f}"
        return text, text
    if key == "talks_ratio":
        text = f"{100 * Decimal(value):.0f}"
        return text, text
    if key.endswith("_rise"):
        value = round(Decimal(value), 1)
    text = str(value).removesuffix(".0").removesuffix(".00")
    return text, text


__all__ = ["Grouped", "OfSeller", "Reason", "Shown", "Today", "of_account", "of_deal", "shown", "today"]
