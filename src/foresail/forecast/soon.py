"""Calling for background work, by the names of the tasks in `jobs`.

Scoring is called for once the caller's transaction is there, all else in it.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status

from foresail.core.jobs import call_once


def score_touched_soon(pool: int) -> None:
    """Have the touched deals of `pool` scored. Killed before that is called for, they are scored within a minute."""
    call_once(
        "forecast.score_touched", queue="scoring", lock=f"score-{pool}", waiting=f"touched-{pool}", pool=pool
    )


def score_pool_soon(pool: int, *, nightly: bool = False) -> None:
    """Have every open deal of `pool` scored."""
    waiting = f"pool-{pool}-nightly" if nightly else f"pool-{pool}"
    call_once(
        "forecast.score_pool",
        queue="scoring",
        lock=f"score-{pool}",
        waiting=waiting,
        pool=pool,
        nightly=nightly,
    )


def score_anew(pool: int) -> None:
    """Have every open deal of `pool` scored by the model that serves from this transaction on.

    By a job of its own: one that waits may begin before the commit, and score by the model that served before.
    """
    app.configure_task("forecast.score_pool", queue="scoring", lock=f"score-{pool}").defer(pool=pool)


def forget_traces_soon(pool: int, deals: Collection[int]) -> None:
    """Have reasons of `deals` forgotten once more, after the scoring that may be under way with what it read before."""
    job = app.configure_task("forecast.forget_traces", queue="scoring", lock=f"score-{pool}")
    job.defer(deals=[*sorted(deals)])


def train_soon(pool: int, *, replay: bool = False, after: timedelta | None = None) -> None:
    """Have a candidate trained; with `replay` it also forecasts the weeks that it has not seen.

    Who trains it now, and might be killed over it, has it trained `after` a while unless it is called off.
    """
    lock = f"train-{pool}"
    job = app.configure_task(
        "forecast.train", queue="training", lock=lock, queueing_lock=lock,
        schedule_in=None if after is None else {"seconds": round(after.total_seconds())},
    )  # fmt: skip
    # Inside a savepoint: that one waits already must not break the caller's transaction.
    with suppress(AlreadyEnqueued), transaction.atomic():
        job.defer(pool=pool, replay=replay)


def is_training(pool: int) -> bool:
    """Whether a candidate of `pool` is being trained."""
    return bool(list(app.job_manager.list_jobs(lock=f"train-{pool}", status=Status.DOING.value)))


def call_off_training(pool: int) -> None:
    """Have no candidate trained: it was done meanwhile. What is under way goes on."""
    waiting = app.job_manager.list_jobs(lock=f"train-{pool}", status=Status.TODO.value)
    for key in [job.id for job in waiting if job.id is not None]:
        app.job_manager.cancel_job_by_id(key, delete_job=True)
