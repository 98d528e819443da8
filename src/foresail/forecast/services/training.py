"""Training: a candidate forecasts weeks it has not seen, and serves only if it does better there."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db import transaction

from foresail.core.jobs import once
from foresail.core.outbox import tell
from foresail.forecast.errors import ModelMissing, TooLittle
from foresail.forecast.logs import PoolLog, looked_from
from foresail.forecast.models import ForecastModel, Pool
from foresail.forecast.services.models import put_to_serve
from foresail.forecast.serving import keep_files, load, serving
from foresail.science import metrics
from foresail.science.ablation import ablate, said
from foresail.science.errors import LogError, ModelError
from foresail.science.forecaster import DealForecaster
from foresail.science.landmarks import add_days, open_rows, states
from foresail.science.log import DealLog, Outcome
from foresail.science.metrics import DealBootstrap
from foresail.science.time import to_instant
from foresail.timeline import traces

UNSEEN_DAYS: Final = 28
EVERY: Final = 2
SEED: Final = 0


def train(
    *, pool: Pool, at: datetime, unseen_days: int = UNSEEN_DAYS, job: int | None = None
) -> ForecastModel:
    """Fit a candidate on what was known `unseen_days` before `at`, judge it on the days since, and keep it.

    It serves if nothing does yet that can forecast, or if its state log loss there is lower than that of the serving
    model on the same rows; else it is kept as rejected. A company too young for that learns from all there is, unjudged.
    A `job` that is done again after its worker was killed makes no second version. Raises TooLittle.
    """
    log = PoolLog.read(pool.pk).log
    if not log.dated:  # science would learn from it as from a table without dates
        raise TooLittle(why="")
    today = looked_from(log, at=at).astimezone(log.zone).date()
    as_of = today - timedelta(days=unseen_days)
    judged = to_instant(as_of, zone=log.zone) > log.first
    try:
        candidate = DealForecaster(seed=SEED).fit(log, as_of=as_of if judged else today)
    except LogError as error:
        raise TooLittle(why=str(error)) from error
    present = serving(pool.pk)
    rival = _able(present, log, at=today) if present else None
    figures: dict[str, Any] = compare(candidate, rival, log, first=as_of, stop=today) if judged else {"n": 0}
    better = rival is None or (figures["n"] > 0 and (figures["gain"]["value"] or 0.0) > 0)
    figures["zh"], figures["en"] = _reason(figures, first=rival is None)
    card = candidate.card.to_dict()
    if better and judged:
        card["traces"] = helped_by_traces(candidate, log, as_of=as_of, stop=today)
    with transaction.atomic():
        Pool.objects.select_for_update(no_key=True).get(pk=pool.pk)
        last = ForecastModel.objects.filter(pool=pool).order_by("-version").first()
        if not once(job=job, part="train") and last is not None:
            return last
        # Under the lock: nobody else takes this number, and what is in its folder is of no row.
        version = last.version + 1 if last else 1
        folder = keep_files(candidate, pool=pool.pk, version=version)
        model = ForecastModel.objects.create(
            pool=pool,
            version=version,
            fitted_as_of=datetime.combine(as_of if judged else today, datetime.min.time(), tzinfo=log.zone),
            created_at=at,
            status=ForecastModel.Status.REJECTED,
            figures=figures | {"against": present.version if present and rival else None},
            card=card,
            folder=folder,
        )
        if better:
            put_to_serve(model)
        tell("forecast", 0)
    return model


def helped_by_traces(
    candidate: DealForecaster, log: DealLog, *, as_of: date, stop: date
) -> dict[str, Any] | None:
    """Return by how much `candidate` forecasts better for the traces it learned from, as `ablate` tells it.

    It takes a second fit, so only one that will serve is asked. None where it learned from none, or nothing is known
    of those days yet.
    """
    kinds = traces.kinds()
    if kinds.isdisjoint(candidate.fitted.vocabulary.kinds):
        return None
    found = ablate(candidate, log, kinds, as_of=as_of, stop=stop, every=EVERY)
    return None if found is None else found.to_dict()


def _able(model: ForecastModel, log: DealLog, *, at: date) -> DealForecaster | None:
    """Return the forecaster of `model`; None where it is lost, or of another version and does not fit the log."""
    try:
        forecaster = load(model)
        forecaster.predict(log, at=at)
    except (ModelMissing, ModelError):
        return None
    return forecaster


def compare(
    candidate: DealForecaster, rival: DealForecaster | None, log: DealLog, *, first: date, stop: date
) -> dict[str, Any]:
    """Return how `candidate` forecast the deals open on days from `first` before `stop`, and `rival` the same rows.

    `gain` is how much lower the candidate's log loss is. Every figure has its interval, by deal.
    """
    days = [first + timedelta(days=n) for n in range(0, (stop - first).days, EVERY)]
    landmarks = np.array([to_instant(day, zone=log.zone) for day in days], dtype=np.int64)
    rows = open_rows(log, landmarks=landmarks[landmarks <= log.end])
    state = states(log, rows, until=add_days(rows.at, candidate.horizon, zone=log.zone))
    known = state >= 0
    if not known.any():
        return {"n": 0}
    outcome = log.deals.outcome[rows.deal]
    final = known & (outcome != Outcome.OPEN)
    boot, last = DealBootstrap(rows.deal[known], seed=SEED), DealBootstrap(rows.deal[final], seed=SEED)
    mine, mine_final = said(candidate, log, rows)
    figures: dict[str, Any] = {
        "n": int(known.sum()),
        "deals": len(np.unique(rows.deal[known])),
        "first": first.isoformat(),
        "stop": stop.isoformat(),
        "log_loss": boot.metric(
            lambda w: metrics.multiclass_log_loss(state[known], mine[known], weight=w)
        ).to_dict(),
    }

    def on_ended(prefix: str, p: Any) -> None:
        if final.any():
            won = outcome[final] == Outcome.WON
            figures[f"{prefix}auc"] = last.metric(metrics.Ranked(won, p[final]).auc).to_dict()
            figures[f"{prefix}brier"] = last.metric(
                lambda w: metrics.brier(won, p[final], weight=w)
            ).to_dict()

    on_ended("", mine_final)
    if rival is not None:
        theirs, theirs_final = said(rival, log, rows)
        on_ended("rival_", theirs_final)

        def gain(w: Any) -> Any:
            return metrics.multiclass_log_loss(
                state[known], theirs[known], weight=w
            ) - metrics.multiclass_log_loss(state[known], mine[known], weight=w)

        figures["rival_log_loss"] = boot.metric(
            lambda w: metrics.multiclass_log_loss(state[known], theirs[known], weight=w)
        ).to_dict()
        figures["gain"] = boot.metric(gain).to_dict()
    return figures


def _reason(figures: dict[str, Any], *, first: bool) -> tuple[str, str]:
    """Say in zh and en why the candidate serves, or does not."""
    if first:
        return "此前没有可用的模型，直接启用。", "No other model could serve."
    if not figures["n"]:
        return (
            "近期没有可供比较的结果，保留原模型。",
            "Nothing recent to compare on: the present model stays.",
        )
    mine, theirs = figures["log_loss"]["value"], figures["rival_log_loss"]["value"]
    if mine < theirs:
        return (
            f"对数损失 {mine:.4f}，低于现用模型的 {theirs:.4f}，予以启用。",
            f"Its log loss, {mine:.4f}, is below the present model's {theirs:.4f}: it serves.",
        )
    return (
        f"对数损失 {mine:.4f}，没有低于现用模型的 {theirs:.4f}，不予启用。",
        f"Its log loss, {mine:.4f}, is not below the present model's {theirs:.4f}: it does not serve.",
    )
