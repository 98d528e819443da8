"""What is done once deals are there: their pool learns, and every open deal gets its forecast."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction

from foresail.forecast import services as forecast
from foresail.forecast.errors import TooLittle
from foresail.forecast.soon import train_soon

if TYPE_CHECKING:
    from foresail.forecast.models import Pool

Progress = Callable[[str, float], None]

UNSEEN_DAYS: Final = 42
"""The first model learns from what lies before these days, and so can say honestly what it would have said on each."""


def learn(*, pool: Pool, train: bool, at: datetime, progress: Progress | None = None) -> bool:
    """Let `pool` learn, replay the last weeks and forecast every open deal.

    Returns whether there is a model now: without `train` the worker does it, and from too few deals nobody can.
    """
    tell = progress or (lambda _step, _share: None)
    if not train:
        with transaction.atomic():
            train_soon(pool.pk, unseen_days=UNSEEN_DAYS, replay=True)
        return False
    tell("train", 0.0)
    try:
        forecast.train(pool=pool, at=at, unseen_days=UNSEEN_DAYS)
    except TooLittle:
        return False
    tell("replay", 0.0)
    forecast.replay(pool=pool, at=at)
    tell("score", 0.0)
    forecast.score_all(pool=pool, at=at)
    return True
