"""When triggers fire: judged nightly for all, and within seconds for what something became known of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction

from foresail.advice.facts import FACTS, Past, Standing, fields_for, plain
from foresail.advice.models import Suggestion, Trigger, Waiting
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
        # Held before the rows are taken: who took others is done with them.
        lock("advice judging")
        waiting = _taken()
        if not waiting:
            return 0
        if (None, None) in waiting:
            return _judge(at=at, deals=None, accounts=None)
        accounts = {account for _, account in waiting if account is not None}
        deals = {deal for deal, _ in waiting if deal is not None}
        facts = crm.facts_of(deals)
        accounts |= {each.account for each in facts.values()}
        deals |= {each.id for each in crm.deals_at(accounts=accounts) if each.status == "open"}
        return _judge(at=at, deals=deals, accounts=accounts)


def judge_all(*, at: datetime) -> int:
    """Judge every open deal and every account that buys or bought; return how many suggestions are new."""
    with transaction.atomic():
        lock("advice judging")
        _taken()
        return _judge(at=at, deals=None, accounts=None)


def forget_deals(*, deals: Collection[int]) -> None:
    """Let go of what was suggested for deals that are removed for good."""
    Suggestion.objects.filter(deal__in=deals).delete()


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


def _taken() -> set[tuple[int | None, int | None]]:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM advice_waiting RETURNING deal, account")
        return set(cursor.fetchall())


def _judge(*, at: datetime, deals: Collection[int] | None, accounts: Collection[int] | None) -> int:
    """Fire what holds, and end what is over, of these deals and accounts (None: of all)."""
    active = list(Trigger.objects.filter(status=Trigger.Status.ACTIVE).order_by("pk"))
    made: list[Suggestion] = []
    touched: list[Suggestion] = []
    for about, subjects in (("deal", deals), ("account", accounts)):
        mine = [trigger for trigger in active if trigger.about == about]
        rules = {
            trigger.pk: conditions.parse(trigger.condition, fields=fields_for(about)) for trigger in mine
        }
        wanted = {key for rule in rules.values() for key in asked_of(rule)}
        past = Past(about=about, wanted=wanted, since=at, until=at, subjects=subjects)
        found = past.at(at) if mine else {}
        for trigger in mine:
            true = held(rules[trigger.pk], found, at=at)
            touched += _ended(trigger, true, subjects, at=at)
            made += _made(trigger, rules[trigger.pk], true, at=at)
    touched += _retired(active, at=at)
    Suggestion.objects.bulk_create(made)
    told([*made, *touched])
    return len(made)


def _ended(
    trigger: Trigger, true: Mapping[int, Standing], subjects: Collection[int] | None, *, at: datetime
) -> list[Suggestion]:
    """End what has expired, what is about a deal that ended, and what has not held for a while; note what lapses."""
    name = trigger.about
    still = _open(trigger=trigger)
    if subjects is not None:
        still = still.filter(**{f"{name}__in": list(subjects)})
    ended = []
    for each in still.select_related("deal"):
        subject = each.deal_id if name == "deal" else each.account_id
        if each.deal is not None and (each.deal.status != "open" or each.deal.deleted_at is not None):
            how = How.CLOSED
        elif each.expires_at <= at:
            how = How.EXPIRED
        elif subject in true:
            if each.lapsed_at is not None:
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
        ended.append(each)
    return ended


def _made(
    trigger: Trigger, condition: Condition, true: Mapping[int, Standing], *, at: datetime
) -> list[Suggestion]:
    """Return what is to be suggested: where none of the trigger is open, and the last ended long enough ago."""
    name = trigger.about
    cooling = Suggestion.objects.filter(trigger=trigger, **{f"{name}__in": list(true)}).exclude(
        ended_at__lte=at - timedelta(days=trigger.cooldown_days)
    )
    quiet = set(cooling.values_list(name, flat=True))
    asked = [key for key in FACTS if key in asked_of(condition)]
    return [
        Suggestion(
            trigger=trigger,
            trigger_version=trigger.version,
            deal_id=subject if name == "deal" else None,
            account_id=each.account,
            facts={key: plain(each.values[key]) for key in asked},
            evidence={
                "entries": {key: each.entries[key] for key in asked if key in each.entries},
                "topics": {key: each.topics[key] for key in asked if each.topics.get(key)},
            },
            made_at=at,
            expires_at=at + timedelta(days=trigger.expiry_days),
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
