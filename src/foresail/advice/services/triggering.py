"""When triggers fire: judged nightly for all, and within seconds for what something became known of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from foresail.advice.facts import FACTS, fields_for
from foresail.advice.models import Suggestion, Trigger, Waiting
from foresail.advice.past import Past, Standing, plain
from foresail.advice.soon import judge_soon
from foresail.core import conditions
from foresail.core.clock import ZONE
from foresail.core.locks import lock
from foresail.core.outbox import tell
from foresail.crm import queries as crm

if TYPE_CHECKING:
    from foresail.core.conditions import Condition

LAPSE: Final = timedelta(days=3)
"""A suggestion whose condition has not held for so long is over."""
MANY: Final = 500
"""Beyond this many at once, all are judged instead."""
How = Suggestion.How


def fired(trigger: Trigger, *, at: datetime, subjects: Collection[int] | None = None) -> dict[int, Standing]:
    """Return the deals (or accounts) for which the condition of `trigger` holds at `at`, as known then, with the facts.

    What was suggested already, cool-down and mutes do not matter here. A constant number of queries.
    """
    condition = conditions.parse(trigger.condition, fields=fields_for(trigger.about))
    past = Past(about=trigger.about, wanted=asked_of(condition), since=at, until=at, subjects=subjects)
    return held(condition, past.at(at), at=at)


def asked_of(condition: Condition) -> frozenset[str]:
    """Return the keys of the facts that a condition asks for."""
    return frozenset(field.key for field in conditions.fields_of(condition))


def held(condition: Condition, found: Mapping[int, Standing], *, at: datetime) -> dict[int, Standing]:
    """Return those of `found` for which the condition holds."""
    context = conditions.Context(now=at, zone=ZONE)
    return {
        key: each
        for key, each in found.items()
        if conditions.holds(condition, values=each.values, context=context)
    }


def note(*, deals: Collection[int] = (), accounts: Collection[int] = (), at: datetime) -> None:
    """Note that something became known of these, and call for the judging, both with the caller's transaction."""
    if len(deals) + len(accounts) > MANY:
        rows = [Waiting(at=at)]
    else:
        rows = [Waiting(deal=deal, at=at) for deal in deals]
        rows += [Waiting(account=account, at=at) for account in accounts]
    Waiting.objects.bulk_create(rows)
    judge_soon()


def note_all(*, at: datetime) -> None:
    """Call for the judging of all: other triggers are in force."""
    Waiting.objects.create(at=at)
    judge_soon()


def judge_waiting(*, at: datetime) -> int:
    """Judge what something became known of; return how many suggestions are new."""
    with transaction.atomic():
        lock("advice judging")
        waiting = list(Waiting.objects.values_list("pk", "deal", "account"))
        if not waiting:
            return 0
        keys = [key for key, *_ in waiting]
        if any(deal is None and account is None for _, deal, account in waiting):
            return _judge(keys, at=at, deals=None, accounts=None)
        deals = {deal for _, deal, _ in waiting if deal is not None}
        accounts = {account for *_, account in waiting if account is not None}
        accounts |= {each.account for each in crm.facts_of(deals).values()}
        deals |= {each.id for each in crm.deals_at(accounts=accounts) if each.status == "open"}
        return _judge(keys, at=at, deals=deals, accounts=accounts)


def judge_all(*, at: datetime) -> int:
    """Judge every open deal and every account that buys or bought; return how many suggestions are new."""
    with transaction.atomic():
        lock("advice judging")
        keys = list(Waiting.objects.values_list("pk", flat=True))
        return _judge(keys, at=at, deals=None, accounts=None)


def forget_deals(*, deals: Collection[int]) -> None:
    """Let go of what was suggested for deals that are removed for good."""
    Suggestion.objects.filter(deal__in=deals).delete()


def forget_interest(*, accounts: Collection[int]) -> None:
    """Take out of what was suggested what rested on interest, in the caller's transaction: some of it is erased."""
    of_interest = [key for key, fact in FACTS.items() if fact.needs in {"interest", "signal"}]
    touched = []
    for each in Suggestion.objects.select_for_update().filter(account__in=accounts):
        if not any(key in each.facts or key in each.evidence.get("topics", {}) for key in of_interest):
            continue
        each.facts = {key: value for key, value in each.facts.items() if key not in of_interest}
        topics = {key: of for key, of in each.evidence.get("topics", {}).items() if key not in of_interest}
        each.evidence = each.evidence | {"topics": topics}
        touched.append(each)
    Suggestion.objects.bulk_update(touched, ["facts", "evidence"])
    told(touched)


def forget_accounts(*, accounts: Collection[int]) -> None:
    """Let go of what was suggested for accounts that are removed for good."""
    Suggestion.objects.filter(account__in=accounts).delete()


def follow(*, gone: Collection[int], deals: Collection[int], at: datetime) -> None:
    """After a merge, or its undoing: what was suggested for `deals` is of the accounts they belong to now, and what was
    suggested for accounts that are `gone` is over.
    """
    with transaction.atomic():
        _open(deal=None, account__in=gone).update(ended_at=at, how=How.CLOSED)
        for each in crm.facts_of(deals).values():
            Suggestion.objects.filter(deal=each.id).exclude(account=each.account).update(account=each.account)


def _open(**which: Any) -> Any:
    return Suggestion.objects.filter(ended_at=None, **which)


def rule_of(trigger: Trigger) -> Condition | None:
    """Return the condition of a trigger; None where it asks of what is there no more, so that it must be mended."""
    try:
        return conditions.parse(trigger.condition, fields=fields_for(trigger.about))
    except conditions.ConditionInvalid:
        return None


def _judge(
    waited: Sequence[int], *, at: datetime, deals: Collection[int] | None, accounts: Collection[int] | None
) -> int:
    """Fire what holds, and end what is over, of these deals and accounts (None: of all); cross off what `waited`.

    All is read before the first row is written: from then on until the end, open pages hear of nothing new.
    """
    active = list(Trigger.objects.filter(status=Trigger.Status.ACTIVE).order_by("pk"))
    rules = {trigger.pk: rule for trigger in active if (rule := rule_of(trigger)) is not None}
    subjects = {"deal": deals, "account": accounts}
    true = {
        trigger.pk: held(rules[trigger.pk], found, at=at)
        for about in subjects
        if (mine := [each for each in active if each.about == about and each.pk in rules])
        for found in [_facts(about, [rules[each.pk] for each in mine], subjects[about], at=at)]
        for trigger in mine
    }
    Waiting.objects.filter(pk__in=waited).delete()
    made: list[Suggestion] = []
    touched: list[Suggestion] = []
    for trigger in active:
        if trigger.pk in rules:
            asked = [key for key in FACTS if key in asked_of(rules[trigger.pk])]
            touched += _kept_up(trigger, asked, true[trigger.pk], subjects[trigger.about], at=at)
            made += _made(trigger, asked, true[trigger.pk], at=at)
    touched += _retired(active, at=at)
    Suggestion.objects.bulk_create(made)
    told([*made, *touched])
    return len(made)


def _facts(
    about: str, rules: Sequence[Condition], subjects: Collection[int] | None, *, at: datetime
) -> dict[int, Standing]:
    wanted = {key for rule in rules for key in asked_of(rule)}
    return Past(about=about, wanted=wanted, since=at, until=at, subjects=subjects).at(at)


def _kept_up(
    trigger: Trigger,
    asked: Sequence[str],
    true: Mapping[int, Standing],
    subjects: Collection[int] | None,
    *,
    at: datetime,
) -> list[Suggestion]:
    """End what has expired, what is about a deal that ended, and what has not held for a while; note what lapses.

    What holds still, but of a trigger that was changed, or without a fact that is asked for, as where that was erased,
    rests on what there is now. Return what pages show otherwise.
    """
    name = trigger.about
    still = _open(trigger=trigger)
    if subjects is not None:
        still = still.filter(**{f"{name}__in": list(subjects)})
    changed = []
    for each in still.select_related("deal"):
        subject = each.deal_id if name == "deal" else each.account_id
        if each.deal is not None and (each.deal.status != "open" or each.deal.deleted_at is not None):
            how = How.CLOSED
        elif each.expires_at <= at:
            how = How.EXPIRED
        elif subject in true:
            if each.trigger_version != trigger.version or not each.facts.keys() >= set(asked):
                Suggestion.objects.filter(pk=each.pk).update(
                    lapsed_at=None, trigger_version=trigger.version, **_rests_on(true[subject], asked)
                )
                changed.append(each)
            elif each.lapsed_at is not None:
                Suggestion.objects.filter(pk=each.pk).update(lapsed_at=None)
            continue
        elif each.lapsed_at is None:
            Suggestion.objects.filter(pk=each.pk).update(lapsed_at=at)
            continue
        elif each.lapsed_at + LAPSE <= at:
            how = How.OVER
        else:
            continue
        Suggestion.objects.filter(pk=each.pk, ended_at=None).update(ended_at=at, how=how)
        changed.append(each)
    return changed


def _rests_on(standing: Standing, asked: Sequence[str]) -> dict[str, Any]:
    """Return what a suggestion keeps of why it was made: values, entries and topics."""
    return {
        "facts": {key: plain(standing.values[key]) for key in asked},
        "evidence": {
            "entries": {key: standing.entries[key] for key in asked if key in standing.entries},
            "topics": {key: standing.topics[key] for key in asked if standing.topics.get(key)},
        },
    }


def _made(
    trigger: Trigger, asked: Sequence[str], true: Mapping[int, Standing], *, at: datetime
) -> list[Suggestion]:
    """Return what is to be suggested: where none of the trigger is open, and the last ended long enough ago."""
    name = trigger.about
    cooling = Suggestion.objects.filter(trigger=trigger, **{f"{name}__in": list(true)}).exclude(
        ended_at__lte=at - timedelta(days=trigger.cooldown_days)
    )
    quiet = set(cooling.values_list(name, flat=True))
    return [
        Suggestion(
            trigger=trigger,
            trigger_version=trigger.version,
            deal_id=subject if name == "deal" else None,
            account_id=each.account,
            made_at=at,
            expires_at=at + timedelta(days=trigger.expiry_days),
            **_rests_on(each, asked),
        )
        for subject, each in sorted(true.items())
        if subject not in quiet
    ]


def _retired(active: Sequence[Trigger], *, at: datetime) -> list[Suggestion]:
    """End what rests on triggers that are in force no more."""
    found = list(_open().exclude(trigger__in=[trigger.pk for trigger in active]))
    Suggestion.objects.filter(pk__in=[each.pk for each in found]).update(ended_at=at, how=How.RETIRED)
    return found


def told(suggestions: Iterable[Suggestion]) -> None:
    """Let open pages load again that show `suggestions`: those of their deals, and of whose they are."""
    deals = {each.deal_id for each in suggestions if each.deal_id is not None}
    accounts = {each.account_id for each in suggestions if each.deal_id is None}
    people = crm.people_behind(deals=deals, accounts=accounts)
    if deals or accounts:
        tell("suggestions", *sorted(people))
        tell("deal_suggestions", *sorted(deals))
        tell("account", *sorted(accounts))
