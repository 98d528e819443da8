"""Calling for background work, by the names of the tasks in `jobs`, in the caller's own transaction."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status


def score_touched_soon(pool: int) -> None:
    """Have the touched deals of `pool` scored. One waiting job is enough."""
    _once("score_touched", queue="scoring", lock=f"score-{pool}", queueing_lock=f"touched-{pool}", pool=pool)


def score_pool_soon(pool: int, *, nightly: bool = False) -> None:
    """Have every open deal of `pool` scored."""
    waits = f"pool-{pool}-nightly" if nightly else f"pool-{pool}"
    _once(
        "score_pool", queue="scoring", lock=f"score-{pool}", queueing_lock=waits, pool=pool, nightly=nightly
    )


def forget_traces_soon(pool: int, deals: Collection[int]) -> None:
    """Have reasons of `deals` forgotten once more, after the scoring that may be under way with what it read before."""
    _once("forget_traces", queue="scoring", lock=f"score-{pool}", deals=sorted(deals))


def train_soon(pool: int, *, replay: bool = False, after: timedelta | None = None) -> None:
    """Have a candidate trained; with `replay` it also forecasts the weeks that it has not seen.

    Who trains it now, and might be killed over it, has it trained `after` a while unless it is called off.
    """
    lock = f"train-{pool}"
    _once("train", queue="training", lock=lock, queueing_lock=lock, after=after, pool=pool, replay=replay)


def is_training(pool: int) -> bool:
    """Whether a candidate of `pool` is being trained."""
    return bool(list(app.job_manager.list_jobs(lock=f"train-{pool}", status=Status.DOING.value)))


def call_off_training(pool: int) -> None:
    """Have no candidate trained: it was done meanwhile. What is under way goes on."""
    waiting = app.job_manager.list_jobs(lock=f"train-{pool}", status=Status.TODO.value)
    for key in [job.id for job in waiting if job.id is not None]:
        app.job_manager.cancel_job_by_id(key, delete_job=True)


def _once(
    task: str,
    *,
    queue: str,
    lock: str,
    queueing_lock: str | None = None,
    after: timedelta | None = None,
    **arguments: Any,
) -> None:
    job = app.configure_task(
        f"forecast.{task}",
        queue=queue,
        lock=lock,
        queueing_lock=queueing_lock,
        schedule_in=None if after is None else {"seconds": round(after.total_seconds())},
    )
    # Inside a savepoint: that one waits already must not break the caller's transaction.
    with suppress(AlreadyEnqueued), transaction.atomic():
        job.defer(**arguments)
