"""Jobs: what failed is tried again, what a dead worker left is taken up, and what an administrator is shown."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate import jobs as procrastinate_jobs
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from foresail.core import events, jobs
from foresail.core.changes import Change
from foresail.core.errors import NotFound
from foresail.core.models import Effect, Notice

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
Defer = Callable[..., int]


@pytest.fixture(autouse=True)
def changes(monkeypatch: pytest.MonkeyPatch) -> list[Change]:
    told: list[Change] = []
    monkeypatch.setattr(events, "_listeners", {})
    events.listen(Change, told.append)
    return told


@pytest.fixture
def defer() -> Defer:
    def defer(queue: str = "scoring", status: str = "todo", attempts: int = 0, **options: object) -> int:
        """Keep a job, and let it come to `status` as a worker would."""
        key = app.configure_task("room.verb", allow_unknown=True, queue=queue, **options).defer(pool=1)
        with connection.cursor() as cursor:
            if status != "todo":
                cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [key])
            if status not in ("todo", "doing"):
                cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, key])
            cursor.execute("UPDATE procrastinate_jobs SET attempts = %s WHERE id = %s", [attempts, key])
        return key

    return defer


@pytest.fixture
def empty() -> None:
    """Forget the jobs of tests that commit: Django does not empty tables that it does not manage."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def worker(*, seconds: int) -> int:
    """Register a worker that was last heard of so many seconds ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id",
            [seconds],
        )
        return int(cursor.fetchone()[0])


def give(job: int, to: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET worker_id = %s WHERE id = %s", [to, job])


def states() -> dict[int, tuple[str, int]]:
    return {
        key: (status, attempts)
        for key, status, attempts in ProcrastinateJob.objects.values_list("pk", "status", "attempts")
    }


def run(task: Callable[..., Any]) -> None:
    async def once() -> None:
        await task(SimpleNamespace(app=app), timestamp=0)

    async_to_sync(once)()


def test_what_failed_is_tried_again_later_and_later_then_left() -> None:
    waits = []
    for attempts in range(6):
        job = procrastinate_jobs.Job(
            id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts
        )
        decision = jobs.RETRY.get_retry_decision(exception=ValueError(), job=job)
        if decision is not None:
            assert decision.retry_at is not None
            waits.append(round((decision.retry_at - datetime.now(UTC)).total_seconds()))
    assert waits == [4, 16, 64, 256, 1024]


def test_jobs_of_a_dead_worker_are_taken_up_and_those_of_a_living_one_are_not(defer: Defer) -> None:
    dead, alive = worker(seconds=61), worker(seconds=59)
    orphan, held, done, waiting = (
        defer(status="doing"),
        defer(status="doing"),
        defer(status="succeeded"),
        defer(),
    )
    give(orphan, dead)
    give(held, alive)
    give(done, dead)
    forgotten = defer(status="doing")  # its worker was struck off the list
    run(jobs.retry_stalled)
    assert states() == {
        orphan: ("todo", 1), held: ("doing", 0), done: ("succeeded", 0), waiting: ("todo", 0),
        forgotten: ("todo", 1),
    }  # fmt: skip


def test_a_job_that_kills_its_workers_is_left_as_failed(defer: Defer) -> None:
    killer = defer(status="doing", attempts=jobs.MOST_ATTEMPTS)
    run(jobs.retry_stalled)
    assert states() == {killer: ("failed", 6)}


@pytest.mark.django_db(transaction=True)  # a worker's statements stand alone
@pytest.mark.usefixtures("empty")
def test_where_the_same_waits_already_the_stalled_one_ends(defer: Defer) -> None:
    stalled = defer(status="doing", queueing_lock="touched-1")
    waiting, other = defer(queueing_lock="touched-1"), defer(status="doing")
    run(jobs.retry_stalled)
    assert states() == {stalled: ("aborted", 1), waiting: ("todo", 0), other: ("todo", 1)}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty")
def test_what_a_killed_worker_left_is_taken_up_at_once_by_the_next_of_its_name(defer: Defer) -> None:
    mine, others, waiting = defer("scoring", "doing"), defer("training", "doing"), defer("scoring")
    killer = defer("scoring", "doing", attempts=jobs.MOST_ATTEMPTS)
    with jobs.take_up(worker="scoring", queues=["scoring"]):
        taken = {mine: ("todo", 1), others: ("doing", 0), waiting: ("todo", 0), killer: ("failed", 6)}
        assert states() == taken
        under_way = defer("scoring", "doing")
        # While one of its name lives, another of that name takes nothing of what it is at.
        with jobs.take_up(worker="scoring", queues=["scoring"]):
            assert states() == taken | {under_way: ("doing", 0)}
        with jobs.take_up(worker="training", queues=["training"]):
            assert states()[others] == ("todo", 1)
    with jobs.take_up(worker="scoring", queues=["scoring"]):
        assert states()[under_way] == ("todo", 1)


def test_a_part_of_a_job_has_its_effect_once_and_none_where_it_was_undone() -> None:
    assert [jobs.once(job=7, part="look") for _ in range(2)] == [True, False]
    assert jobs.once(job=7, part="replay")
    assert jobs.once(job=8, part="look")
    assert all(jobs.once(job=None, part="look") for _ in range(2))
    with suppress(ZeroDivisionError), transaction.atomic():
        assert jobs.once(job=9, part="look")
        raise ZeroDivisionError
    assert jobs.once(job=9, part="look")


def test_effects_are_forgotten_with_their_jobs(defer: Defer) -> None:
    here = defer(status="doing")
    assert jobs.once(job=here, part="look")
    assert jobs.once(job=here + 1000, part="look")
    run(jobs.forget_old)
    assert list(Effect.objects.values_list("job", flat=True)) == [here]


def test_jobs_that_ended_long_ago_are_forgotten(defer: Defer) -> None:
    old, failed, fresh = defer(status="succeeded"), defer(status="failed"), defer(status="succeeded")
    running = defer(status="doing")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - interval '49 hours' WHERE job_id = ANY(%s)",
            [[old, failed, running]],
        )
    run(jobs.forget_old)
    assert set(states()) == {failed, fresh, running}


def test_both_are_asked_for_by_the_clock() -> None:
    known = {periodic.task.name: periodic.cron for periodic in app.periodic_registry.periodic_tasks.values()}
    assert known["core.retry_stalled"] == "* * * * *"
    assert known["core.forget_old"] == "40 3 * * *"


def test_jobs_are_counted_and_listed_with_their_times(defer: Defer) -> None:
    failed = defer("training", "failed")
    doing = defer("scoring", "doing")
    todo = defer("scoring")
    assert jobs.counts() == {"scoring": {"doing": 1, "todo": 1}, "training": {"failed": 1}}
    with CaptureQueriesContext(connection) as asked:
        listed = jobs.listing()
    assert len(asked) == 1
    assert [(job.pk, job.started_at is not None, job.ended_at is not None, job.args) for job in listed] == [
        (todo, False, False, {"pool": 1}),
        (doing, True, False, {"pool": 1}),
        (failed, True, True, {"pool": 1}),
    ]
    assert [job.pk for job in jobs.listing(queue="scoring", status="todo")] == [todo]
    assert [job.pk for job in jobs.listing(status="nonsense")] == []


def test_a_failed_job_is_tried_again_and_the_trail_is_told(defer: Defer, changes: list[Change]) -> None:
    failed = defer(status="failed", attempts=5)
    jobs.retry_failed(job=failed, by=7, at=AT)
    assert states() == {failed: ("todo", 6)}
    (change,) = changes
    assert (change.actor, change.verb, change.subject, change.key, change.values) == (
        7, "retry_job", "core.Job", str(failed), {"task": "room.verb"},
    )  # fmt: skip
    assert list(Notice.objects.values_list("kind", "key")) == [("jobs", 0)]


def test_what_did_not_fail_or_waits_already_is_not_tried_again(defer: Defer, changes: list[Change]) -> None:
    failed = defer(status="failed", queueing_lock="touched-1")
    waiting = defer(queueing_lock="touched-1")
    before = states()
    for key, refusal in [
        (waiting, jobs.JobNotFailed), (failed, jobs.JobWaiting), (failed + 99, NotFound), (10**30, NotFound),
    ]:  # fmt: skip
        with pytest.raises(refusal):
            jobs.retry_failed(job=key, by=7, at=AT)
    assert (states(), changes, Notice.objects.count()) == (before, [], 0)
