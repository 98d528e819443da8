"""What drafts does by the clock."""

from __future__ import annotations

from procrastinate.contrib.django import app

from foresail.core import clock
from foresail.core.jobs import RETRY
from foresail.drafts import services


@app.periodic(cron="25 3 * * *")
@app.task(name="drafts.learn_habits", queue="default", queueing_lock="drafts.learn_habits", retry=RETRY)
def learn_habits(timestamp: int) -> None:
    """Learn where deals stand after what happened in them."""
    del timestamp
    services.learn_habits(at=clock.now())
