"""What crm does by the clock."""

from __future__ import annotations

from procrastinate.contrib.django import app

from foresail.core import clock
from foresail.core.jobs import RETRY
from foresail.crm import services


@app.periodic(cron="10 4 * * *")
@app.task(name="crm.purge_bin", queue="default", queueing_lock="crm.purge_bin", retry=RETRY)
def purge_bin(timestamp: int) -> None:
    """Remove for good what has lain in the bin for 90 days."""
    del timestamp
    services.purge_bin(at=clock.now())
