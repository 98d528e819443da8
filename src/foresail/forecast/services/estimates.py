"""A manager's own number for a period, kept beside the model's."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.db import transaction

from foresail.core.changes import Change, record
from foresail.core.outbox import tell
from foresail.forecast.errors import AmountInvalid, NotAllowed, PeriodInvalid
from foresail.forecast.models import Estimate
from foresail.forecast.periods import ahead
from foresail.forecast.queries.totals import totals
from foresail.people.queries import manages
from foresail.people.rules import Action, Scope
from foresail.people.rules import scope as reach_of

if TYPE_CHECKING:
    from foresail.people.models import User

MOST: Final = Decimal(10**14)


def estimate(
    *, kind: str, scope: int, period: str, amount: Decimal, reason: str, by: User, at: datetime
) -> Estimate:
    """Keep what `by` expects of a team they manage; sales operations may say it of everybody.

    Raises NotAllowed, PeriodInvalid or AmountInvalid.
    """
    scope = 0 if kind == "all" else scope
    everything = reach_of(user=by, action=Action.CONFIGURE) is Scope.ALL
    if not everything and not (kind == "team" and manages(user=by, team=scope)):
        raise NotAllowed
    if period not in {each.name for each in ahead(at)}:
        raise PeriodInvalid(period=period)
    if not (amount.is_finite() and 0 <= amount < MOST and amount == round(amount, 2)):
        raise AmountInvalid
    said = next(
        (
            total.expected
            for each in totals(user=by, at=at).totals
            if (each.kind, each.id) == (kind, scope)
            for total in each.periods
            if total.period == period
        ),
        None,
    )
    if said is None:
        raise NotAllowed
    with transaction.atomic():
        made = Estimate.objects.create(
            user=by, kind=kind, scope=scope, period=period, amount=amount, reason=reason.strip()[:500], made_at=at,
            model_mean=said.mean, model_low=said.low, model_high=said.high,
        )  # fmt: skip
        tell("forecast", 0)
        record(
            Change(
                actor=by.pk, verb="estimate", subject="forecast.Estimate", key=str(made.pk), at=at,
                values={"kind": kind, "scope": scope, "period": period, "amount": str(amount), "model": str(said.mean)},
            )
        )  # fmt: skip
    return made
