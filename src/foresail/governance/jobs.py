"""What governance does in the background: read the whole chain, every night and when somebody asks."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from procrastinate.contrib.django import app

from foresail.core import clock
from foresail.core.jobs import RETRY
from foresail.governance import queries, services
from foresail.governance.errors import VerificationUnderWay
from foresail.governance.leaving import forget_leavings, write_leaving


@app.periodic(cron="20 4 * * *")
@app.task(
    name="governance.verify_nightly", queue="default", queueing_lock="governance.verify_nightly", retry=RETRY
)
def verify_nightly(timestamp: int) -> None:
    """Read the chain unless that was done in the last hours or is under way."""
    del timestamp
    at = clock.now()
    last = queries.last_verification()
    if last is not None and last.asked_at > at - timedelta(hours=12):
        return
    with suppress(VerificationUnderWay):
        services.ask_verification(by=None, at=at)


@app.task(name="governance.verify", queue="default", retry=RETRY)
def verify(verification: int) -> None:
    """Read the chain from its first row to its last, against the last head that was found to hold."""
    verdict = queries.verify(expected_head=queries.last_head(before=verification))
    services.keep_verdict(verification=verification, verdict=verdict, at=clock.now())


@app.task(name="governance.write_everything", queue="default", retry=RETRY)
def write_everything(leaving: int) -> None:
    write_leaving(key=leaving, at=clock.now())


@app.periodic(cron="35 4 * * *")
@app.task(
    name="governance.forget_leavings",
    queue="default",
    queueing_lock="governance.forget_leavings",
    retry=RETRY,
)
def forget_old_leavings(timestamp: int) -> None:
    """Remove files of everything after a week."""
    del timestamp
    forget_leavings(at=clock.now())
