"""The first model of a pool: it learns from what lies before the last weeks, and forecasts these day by day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from foresail.forecast.errors import TooLittle
from foresail.forecast.models import Pool
from foresail.forecast.services.replay import replay
from foresail.forecast.services.training import train
from foresail.forecast.serving import serving

Progress = Callable[[str, float], None]

UNSEEN_DAYS: Final = 42
"""Six weeks of forecasts that were honest when they were due, four of which can be judged."""


def learn(
    *,
    pool: Pool,
    at: datetime,
    progress: Progress = lambda _step, _share: None,
    resume: bool = False,
    job: int | None = None,
) -> bool:
    """Let `pool` learn and replay the weeks that it has not seen; return whether there was enough to learn from.

    With `resume` it goes on where it was cut off: a model that serves already is not made again.
    """
    if not (resume and serving(pool.pk)):
        progress("train", 0.0)
        try:
            train(pool=pool, at=at, unseen_days=UNSEEN_DAYS, job=job)
        except TooLittle:
            return False
    progress("replay", 0.0)
    replay(pool=pool, at=at, job=job)
    return True
