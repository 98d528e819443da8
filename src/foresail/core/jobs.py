"""Background jobs: how they are tried again, and what an administrator sees of them.

A room's tasks stand in its `jobs.py`: `@app.task(queue=…, name="room.verb", retry=RETRY)` with the `app` of
`procrastinate.contrib.django`. A job is kept in the transaction that defers it, so it is neither lost nor early.
A worker may be killed between a job's commit and the note that it ended; the job is then done again. What must not
happen twice asks `once`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import psycopg
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Max, Q
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from psycopg.errors import LockNotAvailable

from foresail.core import allowance, clock, outbox
from foresail.core.changes import Change, record
from foresail.core.errors import NotFound, Refusal
from foresail.core.models import Effect

MOST_ATTEMPTS: Final = 5
RETRY: Final = RetryStrategy(max_attempts=MOST_ATTEMPTS, exponential_wait=4)
"""Tries again after 4, 16, 64, 256 and 1,024 seconds, then leaves the job as failed."""
ENDS: Final = ("succeeded", "failed", "cancelled", "aborted")
LONGEST_LIST: Final = 200
KEPT_SUCCEEDED, KEPT_ENDED = 48, 30 * 24
"""Hours that a job that succeeded, or that ended at all, can be looked at."""
LEASE: Final = 8650
"""What sets our advisory locks apart from those of others in the same database."""
LEASE_WAIT: Final = "2s"


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
    await _again(manager, await manager.get_stalled_jobs(seconds_since_heartbeat=settings.STALLED_SECONDS))


def take_up(*, worker: str, queues: Collection[str]) -> psycopg.Connection[Any]:
    """Try again at once what the last worker of this name left when it was killed; return the lease, to be kept.

    Nobody else may have been at these `queues` for that: a lease is free as soon as the process that held it is
    gone. Where another worker of this name lives, `retry_stalled` tells the dead from the living by their silence.
    """
    reach = connection.get_connection_params()
    reach = {name: value for name, value in reach.items() if name not in {"context", "cursor_factory"}}
    lease: psycopg.Connection[Any] = psycopg.connect(**reach, autocommit=True)
    # The server needs a moment to notice that who held it is gone.
    lease.execute("SELECT set_config('lock_timeout', %s, false)", [LEASE_WAIT])
    try:
        lease.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [LEASE, worker])
    except LockNotAvailable:
        return lease
    manager = app.job_manager
    left = [job for queue in queues for job in manager.list_jobs(queue=queue, status=Status.DOING.value)]
    async_to_sync(_again)(manager, left)
    return lease


async def _again(manager: JobManager, stalled: Iterable[Job]) -> None:
    for job in stalled:
        assert job.id is not None
        if job.attempts >= MOST_ATTEMPTS:
            await manager.finish_job_by_id_async(job.id, status=Status.FAILED, delete_job=False)
            continue
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # another that does the same waits already
            await manager.finish_job_by_id_async(job.id, status=Status.ABORTED, delete_job=False)


def once(*, job: int | None, part: str) -> bool:
    """Note in the caller's transaction that `part` of `job` has its effect; return False where it has had it before.

    Where the same job is under way elsewhere, this waits for its end. What no job calls for (None) is always new.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{part} was noted outside a transaction.")
    if job is None:
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_effect (job, part) VALUES (%s, %s) ON CONFLICT DO NOTHING", [job, part]
        )
        return bool(cursor.rowcount)


def call_once(
    task: str, *, queue: str, lock: str = "", waiting: str = "", minutes: int = 0, **arguments: Any
) -> None:
    """Call for a task in `minutes`, once the caller's transaction is there, unless a job for it waits by then.

    Jobs with the same `lock` are done one after the other, and one `waiting` is enough; both are the task, if not said.
    In the transaction itself it could be missed: a job that waits already may begin before the commit, and not see it.
    Killed between commit and call, nobody is called: who must not wait for the next looks from time to time.
    """
    lock, waiting = lock or task, waiting or task

    def call() -> None:
        # Asked first: the unique key would do, but each refusal is an error in the database's log.
        if not ProcrastinateJob.objects.filter(queueing_lock=waiting, status=Status.TODO.value).exists():
            with suppress(AlreadyEnqueued), transaction.atomic():
                # Not "in no minutes": by the database's clock that may not be over when a worker looks.
                later = {"minutes": minutes} if minutes else None
                app.configure_task(
                    task, queue=queue, lock=lock, queueing_lock=waiting, schedule_in=later
                ).defer(**arguments)

    transaction.on_commit(call)


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
    await Effect.objects.exclude(job__in=ProcrastinateJob.objects.values("pk")).adelete()


@app.periodic(cron="45 * * * *")
@app.task(name="core.forget_allowances", queue="default", queueing_lock="core.forget_allowances", retry=RETRY)
def forget_allowances(timestamp: int) -> None:
    """Delete the allowances of who has not asked for a while."""
    del timestamp
    allowance.forget(before=clock.now())


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
