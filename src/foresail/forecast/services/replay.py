"""Replay: what the serving model would have said on past days, from what was known then.

It was fitted before those days, so what it says of them is as honest as a live forecast. A new installation
has a past of forecasts, and a record of how they came out, from its first hour.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from foresail.core.jobs import once
from foresail.crm.queries import facts_of
from foresail.forecast.logs import PoolLog, looked_from
from foresail.forecast.models import Pool, Score, Verdict
from foresail.forecast.services.scoring import BATCH, make_scores, most_at_risk, reasons_of
from foresail.forecast.services.verdicts import Said, hold
from foresail.forecast.serving import load, serving

WITH_REASONS_DAYS: Final = 8
"""Days back to which reasons are kept: as far as a page asks what changed since last week."""
MOST_ROWS: Final = 60_000
"""A large company is replayed on fewer days: every second, every third …"""


def replay(*, pool: Pool, at: datetime, job: int | None = None) -> int:
    """Score the days from the serving model's fit up to `at`, each at its midnight; return how many rows.

    Days that have a score of this model are left as they are. Raises ModelMissing.
    """
    model = serving(pool.pk)
    if model is None:
        return 0
    forecaster = load(model)
    known = PoolLog.read(pool.pk)
    log, zone = known.log, known.frames.zone
    at = looked_from(log, at=at)
    first, today = model.fitted_as_of.astimezone(zone).date(), at.astimezone(zone).date()
    done = {
        when.astimezone(zone).date()
        for when in Score.objects.filter(model=model, nightly=True).values_list("at", flat=True).distinct()
    }
    days = [day for n in range(1, (today - first).days + 1) if (day := first + timedelta(days=n)) not in done]
    if not days:
        return 0
    width = len(forecaster.predict(log, at=days[-1]))
    days = days[:: -(-(width * len(days)) // MOST_ROWS)] or days
    table = forecaster.predict(log, at=days).sort("at", "deal")
    amounts = {
        str(key): each.amount for key, each in facts_of([int(d) for d in table["deal"].unique()]).items()
    }
    since = datetime.combine(today - timedelta(days=WITH_REASONS_DAYS), datetime.min.time(), tzinfo=zone)
    said = Said.read(pool.pk, horizon=forecaster.horizon, zone=zone)
    scores: list[Score] = []
    for (when,), rows in table.group_by("at", maintain_order=True):
        assert isinstance(when, datetime)
        reasons = reasons_of(forecaster.explain(log, at=when), known.frames) if when >= since else {}
        made = make_scores(
            rows,
            model=model,
            amounts=amounts,
            reasons=reasons,
            nightly=True,
            alerted=most_at_risk(rows),
            replayed=True,
        )
        said.note(when, {score.deal_id: score.verdict for score in made if score.verdict}, model=model)
        scores += made
    ends = {
        int(deal): end for deal, *end in known.frames.deals.select("deal", "outcome", "closed").iter_rows()
    }
    for verdict in said.new:
        if verdict.due_at <= at:
            outcome, closed_at = ends[verdict.deal_id]
            hold(verdict, outcome=outcome, closed_at=closed_at)
    with transaction.atomic():
        if not once(job=job, part="replay"):
            return 0
        Score.objects.bulk_create(scores, batch_size=BATCH, ignore_conflicts=True)
        Verdict.objects.bulk_create(said.new, batch_size=BATCH, ignore_conflicts=True)
    return len(scores)
