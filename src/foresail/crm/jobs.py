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


@app.task(name="crm.check_import", queue="default", retry=RETRY)
def check_import(key: int) -> None:
    services.run_check(key=key)


@app.task(name="crm.run_import", queue="default", retry=RETRY)
def run_import(key: int) -> None:
    services.run_import(key=key, at=clock.now())


@app.task(name="crm.undo_import", queue="default", retry=RETRY)
def undo_import(key: int) -> None:
    services.run_undo(key=key, at=clock.now())


@app.periodic(cron="25 4 * * *")
@app.task(name="crm.forget_imports", queue="default", queueing_lock="crm.forget_imports", retry=RETRY)
def forget_imports(timestamp: int) -> None:
    """Let go of uploaded files after 30 days."""
    del timestamp
    services.forget_imports(at=clock.now())
