"""Background work: scoring within a second, nightly scoring and training, and judging."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Exists, OuterRef
from procrastinate import JobContext
from procrastinate.contrib.django import app

from foresail.core.clock import now
from foresail.core.jobs import RETRY, once
from foresail.forecast import services
from foresail.forecast.errors import ModelMissing, TooLittle
from foresail.forecast.models import ForecastModel, Pool, Touched
from foresail.forecast.serving import able
from foresail.forecast.soon import is_training, score_anew, score_pool_soon, score_touched_soon, train_soon
from foresail.science.errors import ModelError

log = logging.getLogger(__name__)


@contextmanager
def _another_if_unfit(pool: int, *, again: bool = False) -> Iterator[None]:
    """Have another model trained where none that served can forecast, as after an update that looks at other things.

    That one then scores all; what must be done besides is tried `again`. Where it came to nothing, as with too few deals,
    the night trains the next.
    """
    try:
        yield
    except (ModelError, ModelMissing):
        if services.note_unfit(pool=pool, at=now()):
            log.exception("no model of pool %s can forecast any more: another one is trained", pool)
            if not is_training(pool):
                train_soon(pool)
        if again:
            raise


@app.task(queue="scoring", name="forecast.score_touched", retry=RETRY)
def score_touched(pool: int) -> None:
    with _another_if_unfit(pool):
        services.score_touched(pool=Pool.objects.get(pk=pool), at=now())


@app.periodic(cron="* * * * *")
@app.task(queue="default", name="forecast.score_left", queueing_lock="forecast.score_left", retry=RETRY)
def score_left(timestamp: int) -> None:  # noqa: ARG001  given by procrastinate
    """Have scored what nobody called for: whoever touched it was killed before it could."""
    touched = Exists(Touched.objects.filter(pool=OuterRef("pool")))
    for model in able().filter(touched).order_by("pool"):
        score_touched_soon(model.pool_id)


@app.task(queue="scoring", name="forecast.score_pool", retry=RETRY, pass_context=True)
def score_pool(context: JobContext, pool: int, nightly: bool = False) -> None:
    with _another_if_unfit(pool, again=nightly):
        services.score_all(pool=Pool.objects.get(pk=pool), at=now(), nightly=nightly, job=context.job.id)


@app.task(queue="scoring", name="forecast.forget_traces", retry=RETRY)
def forget_traces(deals: list[int]) -> None:
    services.forget_traces(deals=deals)


@app.task(queue="training", name="forecast.train", retry=RETRY, pass_context=True)
def train(context: JobContext, pool: int, replay: bool = False) -> None:
    """Train a pool; with `replay` the new model also forecasts the weeks that it has not seen."""
    found, job = Pool.objects.get(pk=pool), context.job.id
    try:
        if replay:
            serves = services.learn(pool=found, at=now(), job=job)
        else:
            serves = services.train(pool=found, at=now(), job=job).status == ForecastModel.Status.SERVING
    except TooLittle as reason:
        log.warning("pool %s not trained: %s", pool, reason)
        return
    with transaction.atomic():
        # A rejected one changes no score, and whoever waits for a touched deal would wait behind it.
        if serves and once(job=job, part="score"):
            score_anew(pool)


@app.periodic(cron="5 16 * * *")  # shortly after midnight where we are
@app.task(
    queue="default", name="forecast.nightly_scoring", queueing_lock="forecast.nightly_scoring", retry=RETRY
)
def nightly_scoring(timestamp: int) -> None:  # noqa: ARG001
    for pool in Pool.objects.order_by("pk"):
        score_pool_soon(pool.pk, nightly=True)


@app.periodic(cron="30 17 * * *")
@app.task(
    queue="default", name="forecast.nightly_training", queueing_lock="forecast.nightly_training", retry=RETRY
)
def nightly_training(timestamp: int) -> None:  # noqa: ARG001
    for pool in Pool.objects.order_by("pk"):
        train_soon(pool.pk)


@app.periodic(cron="20 16 * * *")
@app.task(queue="default", name="forecast.judge", retry=RETRY, queueing_lock="forecast.judge")
def judge(timestamp: int) -> None:  # noqa: ARG001
    services.judge(at=now())
