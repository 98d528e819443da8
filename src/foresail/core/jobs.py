"""Background jobs: how they are tried again, and what an administrator sees of them.

A room's tasks stand in its `jobs.py`: `@app.task(queue=…, name="room.verb", retry=RETRY)` with the `app` of
`procrastinate.contrib.django`. A job is kept in the transaction that defers it, so it is neither lost nor early.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from foresail.core import outbox
from foresail.core.changes import Change, record
from foresail.core.errors import NotFound, Refusal

MOST_ATTEMPTS: Final = 5
RETRY: Final = RetryStrategy(max_attempts=MOST_ATTEMPTS, exponential_wait=4)
"""Tries again after 4, 16, 64, 256 and 1,024 seconds, then leaves the job as failed."""
ENDS: Final = ("succeeded", "failed", "cancelled", "aborted")
LONGEST_LIST: Final = 200
KEPT_SUCCEEDED, KEPT_ENDED = 48, 30 * 24
"""Hours that a job that succeeded, or that ended at all, can be looked at."""


class JobNotFailed(Refusal):
    code = "job_not_failed"
    status = 409
    zh = "只有失败的任务才能重试；此任务的状态是“{state}”。"
    en = "Only a job that failed can be tried again; this one is {state}."


class JobWaiting(Refusal):
    code = "job_waiting"
    status = 409
    zh = "同样的任务已在排队，无需重试。"
    en = "The same job is waiting already. There is nothing to try again."


@app.periodic(cron="* * * * *")
@app.task(name="core.retry_stalled", queue="default", queueing_lock="core.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Try jobs again whose worker died over them, unless they have died too often: they may be what kills it."""
    del timestamp
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=settings.STALLED_SECONDS):
        assert job.id is not None
        if job.attempts >= MOST_ATTEMPTS:
            await manager.finish_job_by_id_async(job.id, status=Status.FAILED, delete_job=False)
            continue
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # another that does the same waits already
            await manager.finish_job_by_id_async(job.id, status=Status.ABORTED, delete_job=False)


@app.periodic(cron="40 3 * * *")
@app.task(name="core.forget_old", queue="default", queueing_lock="core.forget_old", pass_context=True)
async def forget_old(context: JobContext, timestamp: int) -> None:
    """Delete jobs that ended long ago."""
    del timestamp
    manager = context.app.job_manager
    await manager.delete_old_jobs(nb_hours=KEPT_SUCCEEDED)
    await manager.delete_old_jobs(
        nb_hours=KEPT_ENDED, include_failed=True, include_cancelled=True, include_aborted=True
    )


def counts() -> dict[str, dict[str, int]]:
    """Return how many jobs there are: queue → status → number."""
    told: dict[str, dict[str, int]] = {}
    rows = ProcrastinateJob.objects.values_list("queue_name", "status").annotate(number=Count("pk"))
    for queue, status, number in rows.order_by("queue_name", "status"):
        told.setdefault(queue, {})[status] = number
    return told


def listing(*, queue: str | None = None, status: str | None = None) -> Sequence[Any]:
    """Return the newest jobs, at most 200, each with `started_at` of its last start and `ended_at`. One query."""
    if status and status not in ProcrastinateJob.STATUSES:
        return []
    wanted = {"queue_name": queue, "status": status}
    jobs = ProcrastinateJob.objects.filter(**{name: value for name, value in wanted.items() if value})
    ended = Max("procrastinateevent__at", filter=Q(procrastinateevent__type__in=ENDS, status__in=ENDS))
    started = Max("procrastinateevent__at", filter=Q(procrastinateevent__type="started"))
    return list(jobs.annotate(started_at=started, ended_at=ended).order_by("-pk")[:LONGEST_LIST])


def retry_failed(*, job: int, by: int | None, at: datetime) -> None:
    """Try the failed job with the key `job` again, now. Raises NotFound, JobNotFailed or JobWaiting.

    Who may do so, the caller has asked: this room knows no users.
    """
    with transaction.atomic():
        found = ProcrastinateJob.objects.select_for_update().filter(pk=job).first()
        if found is None:
            raise NotFound
        if found.status != Status.FAILED.value:
            raise JobNotFailed(state=found.status)
        try:
            with transaction.atomic():
                app.job_manager.retry_job_by_id(job, retry_at=at)
        except UniqueViolation as error:
            raise JobWaiting from error
        record(
            Change(
                actor=by,
                verb="retry_job",
                subject="core.Job",
                key=str(job),
                at=at,
                values={"task": found.task_name},
            )
        )
        outbox.tell("jobs", 0)
