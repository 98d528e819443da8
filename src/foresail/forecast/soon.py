"""Calling for background work, by the names of the tasks in `jobs`, in the caller's own transaction."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def score_touched_soon(pool: int) -> None:
    """Have the touched deals of `pool` scored. One waiting job is enough."""
    _once("score_touched", queue="scoring", lock=f"score-{pool}", queueing_lock=f"touched-{pool}", pool=pool)


def score_pool_soon(pool: int, *, nightly: bool = False) -> None:
    """Have every open deal of `pool` scored."""
    waits = f"pool-{pool}-nightly" if nightly else f"pool-{pool}"
    _once(
        "score_pool", queue="scoring", lock=f"score-{pool}", queueing_lock=waits, pool=pool, nightly=nightly
    )


def train_soon(pool: int, *, replay: bool = False) -> None:
    """Have a candidate trained; with `replay` it also forecasts the weeks that it has not seen."""
    lock = f"train-{pool}"
    _once("train", queue="training", lock=lock, queueing_lock=lock, pool=pool, replay=replay)


def _once(task: str, *, queue: str, lock: str, queueing_lock: str, **arguments: Any) -> None:
    job = app.configure_task(f"forecast.{task}", queue=queue, lock=lock, queueing_lock=queueing_lock)
    # Inside a savepoint: that one waits already must not break the caller's transaction.
    with suppress(AlreadyEnqueued), transaction.atomic():
        job.defer(**arguments)
