"""What notices does by the clock."""

from __future__ import annotations

from procrastinate.contrib.django import app

from foresail.core import clock
from foresail.core.jobs import RETRY
from foresail.notices import services


@app.periodic(cron="* * * * *")
@app.task(name="notices.end_quiet", queue="default", queueing_lock="notices.end_quiet", retry=RETRY)
def end_quiet(timestamp: int) -> None:
    """Tell those whose quiet is over what came in it."""
    del timestamp
    services.end_quiet(at=clock.now())


@app.periodic(cron="35 4 * * *")
@app.task(name="notices.forget_old", queue="default", queueing_lock="notices.forget_old", retry=RETRY)
def forget_old(timestamp: int) -> None:
    """Let go of what is 90 days old."""
    del timestamp
    services.forget_old(at=clock.now())
