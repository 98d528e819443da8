"""What changed since a week ago, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

from foresail.core.clock import ZONE
from foresail.crm.queries import all_deals, rate, visible_deals
from foresail.forecast.models import Score
from foresail.forecast.queries.about import as_table
from foresail.forecast.queries.totals import cents
from foresail.forecast.schemas import ChangesOut, ChangeStep, MovedDeal
from foresail.people.queries import teams_below

if TYPE_CHECKING:
    from foresail.crm.models import Deal
    from foresail.people.models import User

Step = Literal["before", "new", "won", "lost", "up", "down", "amount", "now"]
STEPS: Final[tuple[Step, ...]] = ("before", "new", "won", "lost", "up", "down", "amount", "now")
SHOWN: Final = 10
LONGEST_SILENCE: Final = timedelta(days=60)
"""A score older than this, seen from the day asked about, says nothing of that day."""
_NOTHING: Final = {"zh": "没有单一的主要原因", "en": "no single reason stands out"}
_NEW: Final = {"zh": "新商机", "en": "new deal"}
_EFFECTS: Final = """
WITH mine (deal, status, amount, rate) AS MATERIALIZED ({mine}),
look AS (
    SELECT mine.deal, mine.status, outlook.score_id AS score_after, before.id AS score_before,
        before.p_won_final AS p_before, outlook.p_won_final AS p_after,
        before.p_won_final * coalesce(before.amount * mine.rate, 0)::float8 AS was,
        before.p_won_final * coalesce(mine.amount * mine.rate, 0)::float8 AS would_be,
        outlook.p_won_final * coalesce(mine.amount * mine.rate, 0)::float8 AS worth
    FROM mine LEFT JOIN forecast_outlook AS outlook ON outlook.deal_id = mine.deal
    LEFT JOIN LATERAL (
        SELECT id, p_won_final, amount FROM forecast_score AS score
        WHERE score.deal_id = mine.deal AND score.at <= %s AND score.at > %s
        ORDER BY score.at DESC, score.id DESC LIMIT 1
    ) AS before ON true
    WHERE outlook.deal_id IS NOT NULL OR before.id IS NOT NULL
),
effect AS MATERIALIZED (
    SELECT *, would_be - was AS of_amount, worth - was - (would_be - was) AS of_chance FROM look
)
SELECT
    sum(was) AS before_sum, count(was) AS before_deals,
    sum(worth) FILTER (WHERE was IS NULL) AS new_sum, count(*) FILTER (WHERE was IS NULL) AS new_deals,
    -sum(was) FILTER (WHERE worth IS NULL AND status = 'won') AS won_sum,
    count(*) FILTER (WHERE worth IS NULL AND status = 'won') AS won_deals,
    -sum(was) FILTER (WHERE worth IS NULL AND status <> 'won') AS lost_sum,
    count(*) FILTER (WHERE worth IS NULL AND status <> 'won') AS lost_deals,
    sum(of_chance) FILTER (WHERE of_chance >= 0) AS up_sum, count(*) FILTER (WHERE of_chance >= 0) AS up_deals,
    sum(of_chance) FILTER (WHERE of_chance < 0) AS down_sum, count(*) FILTER (WHERE of_chance < 0) AS down_deals,
    sum(of_amount) FILTER (WHERE worth IS NOT NULL AND of_amount <> 0) AS amount_sum,
    count(*) FILTER (WHERE worth IS NOT NULL AND of_amount <> 0) AS amount_deals,
    sum(worth) AS now_sum, count(worth) AS now_deals,
    (
        SELECT jsonb_agg(jsonb_build_array(deal, p_before, p_after, effect, score_before, score_after))
        FROM (
            SELECT *, coalesce(of_chance, worth) AS effect FROM effect
            WHERE of_chance <> 0 OR was IS NULL ORDER BY abs(coalesce(of_chance, worth)) DESC, deal LIMIT %s
        ) AS most
    ) AS moved
FROM effect
"""


class Move(NamedTuple):
    """A deal that moved: p(won finally) and the scores before (None: it is new) and after."""

    deal: int
    before: float | None
    after: float
    effect: float
    score_before: int | None
    score_after: int


def changes(*, user: User, kind: str, scope: int, days: int, at: datetime) -> ChangesOut:
    """Return how the expected value (p(won finally) × amount) of a scope went from `days` ago to now, in steps.

    In the house currency, at one rate before and after: that rates change is no step.
    A deal counts once: as new, won, lost, up or down. Won deals leave it with what was expected of them.
    """
    since = at - timedelta(days=min(max(days, 1), 90))
    deals = _within(visible_deals(user=user, shared=False), kind, scope).order_by()
    found = _effects(deals, since, at)
    return ChangesOut(
        since=since,
        steps=[
            ChangeStep(code=code, amount=cents(found[f"{code}_sum"] or 0.0), deals=found[f"{code}_deals"])
            for code in STEPS
        ],
        moved=_moved([Move(*row) for row in json.loads(found["moved"] or "[]")]),
    )


def _effects(deals: QuerySet[Deal], since: datetime, at: datetime) -> dict[str, Any]:
    """Return sum and number of each step, and the moves that changed most.

    The database does it: it looks at each deal's last score before `since` in an index, and only few rows leave it.
    """
    # Said so that the database may look up both in indexes.
    deals = deals.filter(Q(status="open") | ~Q(status="open") & Q(closed_at__gt=since))
    worth = rate(today=at.astimezone(ZONE).date())
    try:
        mine, given = as_table(deals.annotate(rate=worth).values_list("pk", "status", "amount", "rate"))
    except EmptyResultSet:
        mine, given = "SELECT NULL::bigint, NULL::text, NULL::numeric, NULL::numeric WHERE false", ()
    with connection.cursor() as cursor:
        cursor.execute(_EFFECTS.format(mine=mine), [*given, since, since - LONGEST_SILENCE, SHOWN])
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def _within(deals: QuerySet[Deal], kind: str, scope: int) -> QuerySet[Deal]:
    if kind == "line":
        return deals.filter(line=scope)
    if kind == "team":
        return deals.filter(team__in=teams_below(team=scope))
    return deals


def _why(before: Mapping[str, Any], after: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the driver that moved most between two looks, as the later one says it where it can."""
    old = {driver["code"]: driver for driver in before.get("drivers", ())}
    new = {driver["code"]: driver for driver in after.get("drivers", ())}
    effects = {
        code: new.get(code, {}).get("log_odds", 0.0) - old.get(code, {}).get("log_odds", 0.0)
        for code in new or old
    }
    if not effects:
        return _NOTHING
    code = max(effects, key=lambda each: (abs(effects[each]), each))
    return (
        new[code]
        if code in new
        else {"zh": f"不再有：{old[code]['zh']}", "en": f"no longer: {old[code]['en']}"}
    )


def _moved(moves: Sequence[Move]) -> list[MovedDeal]:
    """Say of each of `moves` which deal it is, and why it moved."""
    deals = all_deals().select_related("account", "owner").in_bulk([move.deal for move in moves])
    scores = {score for move in moves for score in (move.score_before, move.score_after) if score is not None}
    reasons = dict(Score.objects.filter(pk__in=scores).values_list("pk", "reasons"))
    shown = []
    for move in moves:
        deal = deals[move.deal]
        why = (
            _NEW if move.score_before is None else _why(reasons[move.score_before], reasons[move.score_after])
        )
        shown.append(
            MovedDeal(
                deal=deal.pk,
                name=deal.name,
                account=deal.account.name,
                owner=deal.owner.name if deal.owner else None,
                amount=deal.amount,
                currency=deal.currency,
                before=move.before,
                after=move.after,
                effect=cents(move.effect),
                zh=why["zh"],
                en=why["en"],
            )
        )
    return shown
