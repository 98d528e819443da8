"""Scoring: every open deal each night, a touched one within a second."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import polars as pl
from django.db import transaction

from foresail.core.events import emit
from foresail.core.jobs import once
from foresail.core.outbox import tell
from foresail.crm.queries import facts_of, open_deals
from foresail.forecast.events import OutlooksTurned
from foresail.forecast.logs import REMEMBERED, PoolLog, caught_up, keep, log_with, looked_from, pools_of
from foresail.forecast.models import HORIZONS, ForecastModel, Outlook, Pool, ReadAnew, Score, Touched, Verdict
from foresail.forecast.services.models import note_fit
from foresail.forecast.services.verdicts import Said
from foresail.forecast.serving import usable
from foresail.science.forecaster.explain import Explanation
from foresail.science.growing import GrowingLog
from foresail.science.log import DealLog
from foresail.timeline.queries import DealFrames

ALERT_SHARE: Final = 10
"""One open deal in ten is alerted, those most likely to be lost."""
BATCH: Final = 2_000


def touch(*, deals: Collection[int], at: datetime) -> dict[int, int]:
    """Note that something new is known of `deals`; return how many of each pool that has a model."""
    ready = set(
        ForecastModel.objects.filter(status=ForecastModel.Status.SERVING).values_list("pool_id", flat=True)
    )
    # What is in the bin stays in the log, and is read anew there.
    about = facts_of(deals, binned=True).values() if deals and ready else ()
    pools = pools_of({each.pipeline for each in about})
    rows = [
        Touched(deal=each.id, pool_id=pools[each.pipeline], at=at)
        for each in about
        if pools.get(each.pipeline) in ready
    ]
    Touched.objects.bulk_create(rows, batch_size=BATCH)
    counts: dict[int, int] = {}
    for row in rows:
        counts[row.pool_id] = counts.get(row.pool_id, 0) + 1
    return counts


def score_touched(*, pool: Pool, at: datetime) -> int:
    """Score the deals of `pool` that were touched since they were last scored; return how many are open.

    Which were touched is read before the log, and only those are crossed off: what comes in between is done by
    the job that it called for. Killed before the commit, nothing is crossed off.
    """
    touched = dict(Touched.objects.filter(pool=pool).values_list("pk", "deal"))
    if not touched:
        return 0
    deals = set(touched.values())
    log, frames = log_with(pool.pk, deals, at=at)
    amounts = {each.id: each.amount for each in facts_of(deals).values() if each.status == "open"}
    return _score(pool, log, frames, at=at, now=at, amounts=amounts, deals=deals, touched=touched)


def score_all(*, pool: Pool, at: datetime, nightly: bool = False, job: int | None = None) -> int:
    """Score every open deal of `pool`; return how many. `nightly` makes it a look by which forecasts are judged.

    For a `job` that is done again after its worker was killed there is no second look.
    """
    touched = dict(Touched.objects.filter(pool=pool).values_list("pk", "deal"))
    whole = PoolLog.read(pool.pk)
    # Kept, since what is crossed off here is not read again for the next deal that is touched.
    keep(pool.pk, whole, at=at)
    amounts = {each.id: each.amount for each in open_deals(whole.pipelines)}
    return _score(
        pool,
        whole.log,
        whole.frames,
        at=looked_from(whole.log, at=at),
        now=at,
        amounts=amounts,
        touched=touched,
        nightly=nightly,
        job=job,
    )


def _score(
    pool: Pool,
    log: DealLog | GrowingLog,
    frames: DealFrames,
    *,
    at: datetime,
    now: datetime,
    amounts: Mapping[int, Decimal | None],
    touched: Mapping[int, int],
    deals: Collection[int] | None = None,
    nightly: bool = False,
    job: int | None = None,
) -> int:
    """Score `deals` (None: all) as seen `at`, as far as they are open, which those with `amounts` are."""
    model, forecaster = usable(pool.pk) or (None, None)
    names = None if deals is None else [str(deal) for deal in deals]
    table, told = (
        forecaster.predict_with_reasons(log, at=at, deals=names)
        if forecaster
        else (pl.DataFrame({"deal": []}), ())
    )
    known = {str(deal): amount for deal, amount in amounts.items()}
    alerted = most_at_risk(table) if nightly else set()
    table = table.filter(pl.col("deal").is_in(list(known)))
    scores: list[Score] = []
    if model and forecaster and len(table):
        scores = make_scores(
            table,
            model=model,
            amounts=known,
            reasons=reasons_of(told, frames),
            nightly=nightly,
            alerted=alerted,
        )
    with transaction.atomic():
        if not once(job=job, part="look"):
            return 0
        Score.objects.bulk_create(scores, batch_size=BATCH, ignore_conflicts=True)
        kept = Score.objects.filter(model=model, at=at, deal__in=[score.deal_id for score in scores])
        former = Outlook.objects.filter(deal__in=[score.deal_id for score in scores])
        before = {
            deal: (verdict, alert)
            for deal, verdict, alert in former.values_list("deal", "verdict", "alerted")
        }
        keep_outlooks(pool, list(kept), alerts=nightly)
        if deals is None:
            gone = Outlook.objects.filter(pool=pool).exclude(deal__in=list(amounts))
        else:
            gone = Outlook.objects.filter(deal__in=[deal for deal in deals if deal not in amounts])
        ended = list(gone.values_list("deal_id", flat=True))
        gone.delete()
        if model and forecaster:
            note_fit(pool=pool.pk)
            said = Said.read(pool.pk, horizon=forecaster.horizon, zone=frames.zone, deals=deals)
            said.note(at, {s.deal_id: s.verdict for s in scores if s.verdict}, model=model)
            Verdict.objects.bulk_create(said.new, batch_size=BATCH, ignore_conflicts=True)
            _tell_of_turns(before, said.new, alerted=[s.deal_id for s in scores if s.alerted], at=at)
        _cross_off(pool, touched, whole=deals is None, now=now)
        changed = sorted({score.deal_id for score in scores} | set(ended))
        if deals is not None:
            tell("deal_score", *changed)  # not "deal": all that hangs on one would be fetched again
        if changed:
            tell("forecast", 0)
    return len(scores)


def _cross_off(pool: Pool, touched: Mapping[int, int], *, whole: bool, now: datetime) -> None:
    """Cross off who is scored, and note what was read anew for it: these deals, or the `whole` log."""
    Touched.objects.filter(pk__in=list(touched)).delete()
    ReadAnew.objects.filter(pool=pool, at__lt=now - REMEMBERED).delete()
    deals = [None] if whole else sorted({*touched.values()})
    made = ReadAnew.objects.bulk_create(
        [ReadAnew(deal=deal, pool=pool, at=now) for deal in deals], batch_size=BATCH
    )
    transaction.on_commit(lambda: caught_up(pool.pk, place=made[-1].pk))


def _tell_of_turns(
    before: Mapping[int, tuple[str | None, bool]],
    verdicts: Iterable[Verdict],
    *,
    alerted: Iterable[int],
    at: datetime,
) -> None:
    """Tell which deals turned. A first look turns nothing: there was none from which it could."""
    sides = {
        each.deal_id: each.side for each in verdicts if before.get(each.deal_id, (each.side,))[0] != each.side
    }
    alerts = tuple(deal for deal in alerted if deal in before and not before[deal][1])
    if sides or alerts:
        emit(OutlooksTurned(verdicts=sides, alerts=alerts, at=at))


def most_at_risk(table: pl.DataFrame) -> set[str]:
    """Return the tenth of the deals of one look that is most likely to be lost within the horizon."""
    most = table.sort("risk", descending=True).head(math.ceil(len(table) / ALERT_SHARE))
    return set(most["deal"].to_list())


def make_scores(
    table: pl.DataFrame,
    *,
    model: ForecastModel,
    amounts: Mapping[str, Decimal | None],
    reasons: Mapping[str, dict[str, Any]],
    nightly: bool,
    alerted: Collection[str],
    replayed: bool = False,
) -> list[Score]:
    """Return the rows of a forecast, as `DealForecaster.predict` makes it, as scores not yet kept."""
    swing = ("swing_low", "swing_low50", "swing_mid", "swing_high50", "swing_high")
    return [
        Score(
            deal_id=int(row["deal"]),
            model=model,
            at=row["at"],
            p_won_final=row["p_won_final"],
            p_won=row["p_won"],
            p_lost=row["p_lost"],
            p_open=row["p_open"],
            chances=[[row[f"p_{state}_{days}"] for state in ("won", "lost", "open")] for days in HORIZONS],
            swing=None if row["swing_mid"] is None else [row[name] for name in swing],
            close_early=row["close_early"],
            close_mid=row["close_mid"],
            close_late=row["close_late"],
            verdict=row["verdict"],
            risk=row["risk"],
            tier=row["tier"],
            amount=amounts.get(row["deal"]),
            reasons=reasons.get(row["deal"], {}),
            nightly=nightly,
            alerted=row["deal"] in alerted,
            replayed=replayed,
        )
        for row in table.iter_rows(named=True)
    ]


def keep_outlooks(pool: Pool, scores: Iterable[Score], *, alerts: bool) -> None:
    """Let `scores` be the latest of their deals. Only a nightly look decides who is alerted."""
    fields = [
        "score",
        "at",
        "p_won_final",
        *(f"p_won_{days}" for days in HORIZONS),
        "close_mid",
        "verdict",
        "risk",
    ]
    Outlook.objects.bulk_create(
        [
            Outlook(
                deal_id=score.deal_id,
                pool=pool,
                score=score,
                at=score.at,
                p_won_final=score.p_won_final,
                close_mid=score.close_mid,
                verdict=score.verdict,
                risk=score.risk,
                alerted=score.alerted,
                **{f"p_won_{days}": chance[0] for days, chance in zip(HORIZONS, score.chances, strict=True)},
            )
            for score in scores
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["deal"],
        update_fields=[*fields, *(["alerted"] if alerts else [])],
    )


def reasons_of(told: Iterable[Explanation], frames: DealFrames) -> dict[str, dict[str, Any]]:
    """Return why each deal stands where it does, with the timeline entries behind each driver."""
    told = list(told)
    named = pl.DataFrame(
        [(one.deal, ref.kind, ref.at) for one in told for driver in one.drivers for ref in driver.events],
        schema={"deal": pl.String, "kind": pl.String, "at": pl.Int64},
        orient="row",
    ).unique()
    kept = frames.events.drop_nulls("entry")  # traces are no entries
    found = kept.with_columns(pl.col("at").dt.epoch("us")).join(named, on=["deal", "kind", "at"])
    entries: dict[tuple[str, str, int], list[int]] = {}
    for deal, kind, at, entry in found.select("deal", "kind", "at", "entry").iter_rows():
        entries.setdefault((deal, kind, at), []).append(entry)
    return {
        one.deal: {
            "base": one.base,
            "rest": one.rest,
            "others": one.others,
            "calibration": one.calibration,
            "drivers": [
                {
                    "code": driver.code,
                    "zh": driver.zh,
                    "en": driver.en,
                    "log_odds": driver.log_odds,
                    "points": driver.points,
                    "entries": sorted(
                        e for ref in driver.events for e in entries.get((one.deal, ref.kind, ref.at), [])
                    ),
                }
                for driver in one.drivers
            ],
        }
        for one in told
    }
