"""How deals of a pipeline went from stage to stage: how many came how far, and how long they stayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection

from foresail.crm.queries import chosen_records, record_type
from foresail.crm.queries import pipeline as find_pipeline

if TYPE_CHECKING:
    from foresail.people.models import User

DAY: Final = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Step:
    """A stage of the funnel.

    `reached` counts the deals that came to this stage or beyond, `went_on` those of them that came beyond it (from
    the last stage: were won). `here` and `lost` count the deals that are open, or were lost, with no stage beyond it.
    `median_days` is over the deals that left it, `left` of them: who is still there has not told yet how long.
    """

    stage: int
    reached: int
    went_on: int
    here: int
    lost: int
    left: int
    median_days: float | None


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """`deals` is how many there are in all, each open, won or lost."""

    steps: Sequence[Step]
    deals: int
    open: int
    won: int
    lost: int


_QUERY: Final = """
WITH cohort (deal, status, stage_now) AS ({cohort}),
stage AS (
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::int[]) AS stage (id, key, place)
),
step AS (
    SELECT deal_id AS deal, kind, at,
        lead(at) OVER (PARTITION BY deal_id ORDER BY at, entry.id) AS until
    FROM timeline_entry entry JOIN cohort ON cohort.deal = entry.deal_id
    WHERE kind IN ('won', 'lost') OR kind LIKE 'stage\\_%%'
),
visit AS (
    SELECT step.deal, stage.place, step.at, step.until
    FROM step JOIN stage ON step.kind = 'stage_' || stage.key
),
furthest AS (
    SELECT cohort.deal, cohort.status,
        CASE WHEN cohort.status = 'won' THEN 1000000 ELSE greatest(max(visit.place), max(now.place)) END AS place
    FROM cohort JOIN stage now ON now.id = cohort.stage_now LEFT JOIN visit ON visit.deal = cohort.deal
    GROUP BY cohort.deal, cohort.status
),
stay AS (
    SELECT deal, place, sum(extract(epoch FROM until - at)) AS seconds
    FROM visit GROUP BY deal, place HAVING count(*) = count(until)
)
SELECT stage.id,
    (SELECT count(*) FROM furthest WHERE furthest.place >= stage.place),
    (SELECT count(*) FROM furthest WHERE furthest.place > stage.place),
    (SELECT count(*) FROM furthest WHERE furthest.place = stage.place AND status = 'open'),
    (SELECT count(*) FROM furthest WHERE furthest.place = stage.place AND status = 'lost'),
    (SELECT count(*) FROM stay WHERE stay.place = stage.place),
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds::float8) FROM stay WHERE stay.place = stage.place)
FROM stage ORDER BY stage.place
"""
"""A won deal went beyond every stage. A deal whose stages nobody told of has come as far as it stands."""


def funnel(
    *, user: User, pipeline: int, now: datetime, where: Mapping[str, Any] | None = None, q: str | None = None
) -> Funnel:
    """Return the funnel of those deals of a pipeline that `user` may see and that meet a condition.

    Raises NotFound or ConditionInvalid.
    """
    stages = list(find_pipeline(key=pipeline).stages.order_by("position"))
    found = chosen_records(record_type("deal"), user=user, now=now, where=where, q=q)
    deals = found.filter(pipeline=pipeline).order_by()
    try:
        cohort, parameters = deals.values("pk", "status", "stage_id").query.sql_with_params()
    except EmptyResultSet:  # it is known without asking that there are none
        cohort, parameters = "SELECT 0::bigint, '', 0::bigint WHERE false", ()
    columns = [[getattr(stage, name) for stage in stages] for name in ("pk", "key", "position")]
    with connection.cursor() as cursor:
        cursor.execute(_QUERY.replace("{cohort}", cohort), [*parameters, *columns])
        steps = [
            Step(
                stage=row[0],
                reached=row[1],
                went_on=row[2],
                here=row[3],
                lost=row[4],
                left=row[5],
                median_days=None if row[6] is None else row[6] / DAY,
            )
            for row in cursor.fetchall()
        ]
    count = {"open": 0, "won": 0, "lost": 0}
    for status in deals.values_list("status", flat=True):
        count[status] += 1
    return Funnel(steps=steps, deals=sum(count.values()), **count)
