"""What a trigger would have done in the last 90 days, and how the deals it would have fired for ended."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from foresail.advice.errors import TrialRunning, TrialTooLong, TriggersReserved
from foresail.advice.facts import fields_for
from foresail.advice.past import Past
from foresail.advice.services.triggering import LAPSE, asked_of, held
from foresail.core import conditions
from foresail.core.clock import ZONE
from foresail.core.locks import try_lock
from foresail.crm import queries as crm
from foresail.science.metrics import wilson

if TYPE_CHECKING:
    from foresail.people.models import User

DAYS: Final = 90
FEW: Final = 10
"""Of fewer deals that ended nothing is told."""
SHOWN: Final = 5
LONGEST: Final = 30
"""Seconds after which a trial is stopped: whoever asked waits for the answer."""


@dataclass(frozen=True, kw_only=True)
class Firing:
    """That the trigger would have fired for a deal or an account on a day."""

    subject: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Example:
    """A firing that the user may see: of which deal or account, and how the deal stands now."""

    deal: int | None
    account: int
    name: str
    account_name: str
    on: date
    status: str | None


@dataclass(frozen=True, kw_only=True)
class Trial:
    """`fired` counts firings in `days` days, `subjects` the deals (or accounts) they were for.

    `ended` of those deals ended since their first firing, `lost` of them as lost; `low` and `high` are the 95 % interval
    of that share, None where fewer than ten ended. `usual_ended` and `usual_lost` are of all deals of the same pipelines in the
    same time.
    """

    days: int
    fired: int
    subjects: int
    ended: int
    lost: int
    low: float | None
    high: float | None
    usual_ended: int
    usual_lost: int
    examples: Sequence[Example]


def try_trigger(
    *,
    user: User,
    about: str,
    condition: Mapping[str, Any],
    cooldown_days: int,
    expiry_days: int,
    at: datetime,
) -> Trial:
    """Return what a trigger would have done, judged once a day by what was known then. Nothing is suggested by that.

    Each looks at one at a time, for LONGEST seconds at most: it grows with all there is, ninety times.

    Raises TriggersReserved, ConditionInvalid, TrialRunning or TrialTooLong.
    """
    if not crm.may_configure(user=user):
        raise TriggersReserved
    rule = conditions.parse(condition, fields=fields_for(about))
    since = at - timedelta(days=DAYS)
    instants = [since + timedelta(days=day) for day in range(1, DAYS + 1)]
    days = []
    try:
        with transaction.atomic():
            if not try_lock(f"advice trial {user.pk}"):
                raise TrialRunning
            until = monotonic() + LONGEST
            _stop(until)
            past = Past(about=about, wanted=asked_of(rule), since=since, until=at)
            for instant in instants:
                _stop(until)
                days.append((instant, held(rule, past.at(instant), at=instant)))
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        raise TrialTooLong(seconds=LONGEST) from error
    firings = firings_of(days, cooldown=timedelta(days=cooldown_days), expiry=timedelta(days=expiry_days))
    first: dict[int, datetime] = {}
    for each in firings:
        first.setdefault(each.subject, each.at)
    deals = _deals(about, first)
    ended = [deal for deal, then in deals if deal.closed_at is not None and deal.closed_at > then]
    lost = sum(deal.status == "lost" for deal in ended)
    usual = crm.ended({deal.pipeline for deal, _ in deals}, since=since, until=at) if deals else []
    low, high = wilson(lost, len(ended)) if len(ended) >= FEW else (None, None)
    return Trial(
        days=DAYS,
        fired=len(firings),
        subjects=len(first),
        ended=len(ended),
        lost=lost,
        low=low,
        high=high,
        usual_ended=len(usual),
        usual_lost=sum(deal.status == "lost" for deal in usual),
        examples=_examples(about, firings, user=user),
    )


def _stop(until: float) -> None:
    """Let no statement of this transaction go on after `until`. Raises TrialTooLong where that is over."""
    left = until - monotonic()
    if left <= 0:
        raise TrialTooLong(seconds=LONGEST)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{math.ceil(1000 * left)}ms"])


def firings_of(
    days: Iterable[tuple[datetime, Collection[int]]], *, cooldown: timedelta, expiry: timedelta
) -> list[Firing]:
    """Return when a trigger would have fired, that holds on each of `days` (in order) for these subjects.

    As in earnest: none while one is open, which it is until it expires or has not held for three days; then cool-down.
    """
    made: dict[int, datetime] = {}
    held_at: dict[int, datetime] = {}
    ended: dict[int, datetime] = {}
    firings = []
    for at, true in days:
        for subject in [each for each in made if each not in true or made[each] + expiry <= at]:
            if made[subject] + expiry <= at or held_at[subject] + LAPSE < at:
                ended[subject] = at
                del made[subject], held_at[subject]
        for subject in sorted(true):
            if subject in made:
                held_at[subject] = at
            elif subject not in ended or ended[subject] + cooldown <= at:
                firings.append(Firing(subject=subject, at=at))
                made[subject] = held_at[subject] = at
    return firings


def _deals(about: str, first: Mapping[int, datetime]) -> list[tuple[crm.DealFacts, datetime]]:
    """Return the deals that a trigger fired for (of accounts, those that were open then), with when it first did."""
    if about == "deal":
        found = crm.facts_of(first)
        return [(found[key], then) for key, then in first.items() if key in found]
    return [
        (deal, first[deal.account])
        for deal in crm.deals_at(accounts=first)
        if deal.opened_at <= first[deal.account]
        and (deal.closed_at is None or deal.closed_at > first[deal.account])
    ]


def _examples(about: str, firings: Sequence[Firing], *, user: User) -> list[Example]:
    """Return the latest that `user` may see, each deal or account once."""
    latest = {each.subject: each.at.astimezone(ZONE).date() for each in firings}
    some = sorted(latest, key=lambda key: (-latest[key].toordinal(), key))
    if about == "deal":
        seen = crm.visible_deals(user=user).select_related("account").in_bulk(some)
        return [
            Example(
                deal=deal.pk, account=deal.account_id, name=deal.name, account_name=deal.account.name,
                on=latest[key], status=deal.status,
            )
            for key in some if (deal := seen.get(key)) is not None
        ][:SHOWN]  # fmt: skip
    accounts = crm.visible_records(crm.record_type("account"), user=user).in_bulk(some)
    return [
        Example(
            deal=None, account=key, name=accounts[key].name, account_name=accounts[key].name, on=latest[key],
            status=None,
        )
        for key in some if key in accounts
    ][:SHOWN]  # fmt: skip
