"""Calling for background work, by the names of the tasks in `jobs`."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status

_NAME = "advice.judge_waiting"


def judge_soon() -> None:
    """Have judged what waits, once the caller's transaction is there: a job that begins before would miss it.

    Killed in between, it is judged with what waits next, within a minute.
    """
    transaction.on_commit(_once)


def _once() -> None:
    """Call for the task unless a job for it waits: one that runs already may have looked before."""
    # Asked first: the unique key would do, but each refusal is an error in the database's log.
    if not ProcrastinateJob.objects.filter(queueing_lock=_NAME, status=Status.TODO.value).exists():
        with suppress(AlreadyEnqueued), transaction.atomic():
            app.configure_task(_NAME, queue="scoring", lock=_NAME, queueing_lock=_NAME).defer()


def forget_interest_soon(accounts: Collection[int]) -> None:
    """Have what rested on interest in `accounts` taken out once more: who judges meanwhile may have looked before."""
    app.configure_task("advice.forget_interest", queue="default").defer(accounts=list(accounts))
