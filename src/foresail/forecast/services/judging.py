"""Judging: what was said is held against what came."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from foresail.core.outbox import tell
from foresail.crm.queries import facts_of
from foresail.forecast.models import Estimate, Verdict
from foresail.forecast.periods import Period
from foresail.forecast.queries.totals import won_in
from foresail.forecast.services.verdicts import hold


def judge(*, at: datetime) -> int:
    """Judge verdicts that are due at `at`, and estimates of periods that are over; return how many.

    A deal that ended earlier waits for its day too: else those that came true would be counted first.
    """
    with transaction.atomic():
        waiting = list(Verdict.objects.select_for_update().filter(right=None, due_at__lte=at))
        deals = facts_of({verdict.deal_id for verdict in waiting})
        for verdict in waiting:
            deal = deals[verdict.deal_id]
            hold(verdict, outcome=deal.status, closed_at=deal.closed_at)
        Verdict.objects.bulk_update(waiting, ["state", "right"], batch_size=1_000)
        over = [
            estimate
            for estimate in Estimate.objects.select_for_update().filter(actual=None)
            if Period.named(estimate.period).end <= at
        ]
        for estimate in over:
            period = Period.named(estimate.period)
            estimate.actual = won_in(period, kind=estimate.kind, scope=estimate.scope)
            estimate.judged_at = at
        Estimate.objects.bulk_update(over, ["actual", "judged_at"])
        if waiting or over:
            tell("forecast", 0)
    return len(waiting) + len(over)
