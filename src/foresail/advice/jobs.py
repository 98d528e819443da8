"""What advice does in the background."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app

from foresail.advice.services import triggering
from foresail.core import clock
from foresail.core.jobs import RETRY
from foresail.core.locks import lock


@app.task(name="advice.judge_waiting", queue="scoring", retry=RETRY)
def judge_waiting() -> None:
    """Judge what something became known of."""
    triggering.judge_waiting(at=clock.now())


@app.task(name="advice.forget_interest", queue="default", retry=RETRY)
def forget_interest(accounts: list[int]) -> None:
    """Take out of suggestions what rested on interest that was erased, after whoever judges now; and have them judged."""
    with transaction.atomic():
        lock("advice judging")
        triggering.forget_interest(accounts=accounts)
        triggering.note(accounts=accounts, at=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="advice.judge_left", queue="default", queueing_lock="advice.judge_left", retry=RETRY)
def judge_left(timestamp: int) -> None:
    """Judge what nobody called for: whoever noted it was killed before it could."""
    del timestamp
    triggering.judge_waiting(at=clock.now())


@app.periodic(cron="20 19 * * *")
@app.task(name="advice.nightly", queue="default", queueing_lock="advice.nightly", retry=RETRY)
def nightly(timestamp: int) -> None:
    """Judge all: days go by without anything being told."""
    del timestamp
    triggering.judge_all(at=clock.now())
