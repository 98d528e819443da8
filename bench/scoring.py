"""Forecasting 100,000 open deals, against LightGBM's own predict on their features, computed beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np

from bench.figure import Figure, once, timed
from bench.sales import EVENTS_PER_DEAL, LANDMARK, draw
from foresail.science.forecaster import DealForecaster
from foresail.science.log import DealLog
from foresail.science.time import to_datetime

DEALS = 100_000


def measure() -> Iterator[Figure]:
    past = draw(events=2_000 * EVENTS_PER_DEAL)
    log = DealLog.build(deals=past.deals, events=past.events)
    as_of = to_datetime(LANDMARK, zone=ZoneInfo("UTC")) - timedelta(days=1)
    forecaster, fit_seconds = once(lambda: DealForecaster().fit(log, as_of=as_of))
    drawn = draw(events=DEALS * EVENTS_PER_DEAL, seed=2)
    present = DealLog.build(deals=drawn.deals, events=drawn.events)
    fitted = forecaster.fitted
    assert fitted.outcome is not None
    assert fitted.horizons is not None
    trees = [fitted.outcome.trees, *(model for model in fitted.horizons.models if model is not None)]
    known, rows = forecaster.rows(present, at=LANDMARK)
    assert len(rows) == DEALS
    matrix = np.ascontiguousarray(forecaster.table(known, rows).values)
    seconds = timed(
        ours=lambda: forecaster.predict(present, at=LANDMARK),
        lightgbm=lambda: [model.raw(matrix) for model in trees],
    )
    yield Figure(
        "scoring_100k", seconds["ours"], "s", seconds["lightgbm"], "LightGBM's predict of the same trees on a ready matrix",
        at_most=20, bounds_value=True,
    )  # fmt: skip
    yield Figure("fit_2k", fit_seconds, "s")
