"""Background jobs, for administrators: what waits, runs and failed, and once more for what failed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from foresail.core import clock, jobs
from foresail.core.api import Problem, Schema
from foresail.people.errors import NotAllowed
from foresail.people.http import caller
from foresail.people.roles import Action, Scope
from foresail.people.rules import scope


class JobOut(Schema):
    id: int
    task: str
    queue: str
    status: str
    attempts: int
    scheduled_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    arguments: dict[str, Any]


class JobsOut(Schema):
    """`counts`: queue → status → number."""

    counts: dict[str, dict[str, int]]
    jobs: list[JobOut]


router = Router(tags=["jobs"])


@router.get("/jobs", response={200: JobsOut, 403: Problem})
def job_list(request: HttpRequest, queue: str | None = None, status: str | None = None) -> JobsOut:
    _require_admin(request)
    rows = [
        JobOut(
            id=job.pk,
            task=job.task_name,
            queue=job.queue_name,
            status=job.status,
            attempts=job.attempts,
            scheduled_at=job.scheduled_at,
            started_at=job.started_at,
            ended_at=job.ended_at,
            arguments=job.args,
        )
        for job in jobs.listing(queue=queue, status=status)
    ]
    return JobsOut(counts=jobs.counts(), jobs=rows)


@router.post("/jobs/{job}/retry", response={204: None, 403: Problem, 404: Problem, 409: Problem})
def retry_job(request: HttpRequest, job: int) -> Status[None]:
    _require_admin(request)
    jobs.retry_failed(job=job, by=caller(request).pk, at=clock.now())
    return Status(204, None)


def _require_admin(request: HttpRequest) -> None:
    if scope(user=caller(request), action=Action.ADMINISTER) is not Scope.ALL:
        raise NotAllowed
