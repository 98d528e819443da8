"""What crm does by the clock."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from foresail.core import clock
from foresail.core.jobs import RETRY
from foresail.crm import services
from foresail.crm.fields import record_type


@app.periodic(cron="10 4 * * *")
@app.task(name="crm.purge_bin", queue="default", queueing_lock="crm.purge_bin", retry=RETRY)
def purge_bin(timestamp: int) -> None:
    """Remove for good what has lain in the bin for 90 days."""
    del timestamp
    services.purge_bin(at=clock.now())


@app.periodic(cron="2 16 * * *")  # when a day is over where we are
@app.task(name="crm.end_shares", queue="default", queueing_lock="crm.end_shares", retry=RETRY)
def end_shares(timestamp: int) -> None:
    """Tell of the shares whose last day is over."""
    del timestamp
    services.end_due_shares(at=clock.now())


@app.task(name="crm.check_import", queue="default", retry=RETRY)
def check_import(key: int) -> None:
    services.run_check(key=key)


@app.task(name="crm.run_import", queue="default", retry=RETRY)
def run_import(key: int) -> None:
    services.run_import(key=key, at=clock.now())
    # What came in is looked through at once, so that the next check knows it.
    for kind in services.MATCHED:
        find_duplicates_soon(kind)


@app.task(name="crm.undo_import", queue="default", retry=RETRY)
def undo_import(key: int) -> None:
    services.run_undo(key=key, at=clock.now())


@app.periodic(cron="25 4 * * *")
@app.task(name="crm.forget_imports", queue="default", queueing_lock="crm.forget_imports", retry=RETRY)
def forget_imports(timestamp: int) -> None:
    """Let go of uploaded files after 30 days."""
    del timestamp
    services.forget_imports(at=clock.now())


@app.task(name="crm.find_duplicates", queue="default", retry=RETRY)
def find_duplicates(kind: str) -> None:
    """Look for records of one customer among all of a kind."""
    services.find_duplicates(kind=record_type(kind), at=clock.now())


@app.periodic(cron="40 17 * * *")  # in the night where we are
@app.task(
    name="crm.find_all_duplicates", queue="default", queueing_lock="crm.find_all_duplicates", retry=RETRY
)
def find_all_duplicates(timestamp: int) -> None:
    del timestamp
    for kind in services.MATCHED:
        find_duplicates_soon(kind)


@app.periodic(cron="50 17 * * *")
@app.task(name="crm.judge_departures", queue="default", queueing_lock="crm.judge_departures", retry=RETRY)
def judge_departures(timestamp: int) -> None:
    """Weigh what speaks for contacts having left."""
    del timestamp
    services.judge_departures(at=clock.now())


@app.periodic(cron="10 18 * * *")  # ten past two in the night where we are
@app.task(name="crm.recycle_to_pool", queue="default", queueing_lock="crm.recycle_to_pool", retry=RETRY)
def recycle_to_pool(timestamp: int) -> None:
    """Let rules of the open pool take back what nobody touched, and tell what they will."""
    del timestamp
    services.recycle(at=clock.now())


def find_duplicates_soon(kind: str) -> bool:
    """Have duplicates of a kind looked for; return whether it was not waiting to be done already."""
    lock = f"crm.find_duplicates-{kind}"
    job = app.configure_task("crm.find_duplicates", queue="default", lock=lock, queueing_lock=lock)
    # Inside a savepoint: that one waits already must not break the caller's transaction.
    with suppress(AlreadyEnqueued), transaction.atomic():
        job.defer(kind=kind)
        return True
    return False
