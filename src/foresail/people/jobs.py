"""What people does by the clock."""

from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app

from foresail.core import clock
from foresail.core.jobs import RETRY
from foresail.people import services


@app.periodic(cron="50 3 * * *")
@app.task(name="people.forget_attempts", queue="default", queueing_lock="people.forget_attempts", retry=RETRY)
def forget_attempts(timestamp: int) -> None:
    """Delete sign-in attempts that no wait looks at any more, and who never came back from the provider."""
    del timestamp
    yesterday = clock.now() - timedelta(days=1)
    services.forget_attempts(before=yesterday)
    services.forget_pending(before=yesterday)
