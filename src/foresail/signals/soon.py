"""Calling for background work, by the names of the tasks in `jobs`."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status


def add_up_soon() -> None:
    """Have added up what the caller's transaction takes in, once that is there: a job that begins before would miss it.

    Killed in between, what came in is added up with what comes next, within a minute.
    """
    transaction.on_commit(lambda: _once("add_up", queue="scoring"))


def judge_all_soon() -> None:
    """Have everything judged anew, once the caller's transaction is there: other topics count, or other weights."""
    transaction.on_commit(lambda: _once("judge_all", queue="default"))


def write_months_soon() -> None:
    """Have files written again that were deleted: once for all of ten minutes, for nobody misses them before night."""
    transaction.on_commit(lambda: _once("write_months", queue="default", minutes=10))


def _once(task: str, *, queue: str, minutes: int = 0) -> None:
    """Call for a task unless a job for it waits: one that runs already may have looked before."""
    name = f"signals.{task}"
    # Asked first: the unique key would do, but each refusal is an error in the database's log.
    if not ProcrastinateJob.objects.filter(queueing_lock=name, status=Status.TODO.value).exists():
        with suppress(AlreadyEnqueued), transaction.atomic():
            # Not "in no minutes": by the database's clock that may not be over when a worker looks.
            later = {"minutes": minutes} if minutes else None
            app.configure_task(name, queue=queue, lock=name, queueing_lock=name, schedule_in=later).defer()
