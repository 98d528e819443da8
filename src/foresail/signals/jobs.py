"""What signals do at night."""

from __future__ import annotations

from procrastinate.contrib.django import app

from foresail.core import clock
from foresail.core.jobs import RETRY
from foresail.signals import services


@app.periodic(cron="20 2 * * *")
@app.task(name="signals.forget_old", queue="default", queueing_lock="signals.forget_old", retry=RETRY)
def forget_old(timestamp: int) -> None:
    """Erase signals whose time is over."""
    del timestamp
    services.forget_old(at=clock.now())
