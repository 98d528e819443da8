"""The log of a pool, as each process keeps it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from foresail.forecast.models import PoolPipeline
from foresail.science.log import DealLog
from foresail.science.time import to_datetime
from foresail.timeline.queries import DealFrames, deal_log

HISTORY: Final = timedelta(days=60)
"""A log in which nothing has happened for this long is history."""
STALE_SECONDS: Final = 900.0
"""A process that is not told which deals were touched reads the whole log again after this long."""


def pipelines_of(pool: int) -> list[int]:
    return list(
        PoolPipeline.objects.filter(pool=pool).order_by("pipeline").values_list("pipeline_id", flat=True)
    )


def pools_of(pipelines: Collection[int]) -> dict[int, int]:
    """Return the pool of each of `pipelines` that has one."""
    return dict(PoolPipeline.objects.filter(pipeline__in=pipelines).values_list("pipeline_id", "pool_id"))


@dataclass
class PoolLog:
    """The log of a pool as this process knows it: read once, then only the deals that were touched.

    `frames` are what was read last: of all deals, or of those touched.
    """

    pipelines: list[int]
    frames: DealFrames
    known: DealLog
    read_at: float

    @classmethod
    def read(cls, pool: int) -> PoolLog:
        pipelines = pipelines_of(pool)
        frames = deal_log(pipelines=pipelines)
        return cls(pipelines, frames, frames.log(), monotonic())

    def refresh(self, deals: Collection[int]) -> None:
        """Read what is known of `deals` anew."""
        self.frames = deal_log(deals=list(deals), zone=self.frames.zone)
        self.known = self.known.with_deals(self.frames.log())

    def log(self) -> DealLog:
        return self.known


def looked_from(log: DealLog, *, at: datetime) -> datetime:
    """Return the moment from which to look at `log`: `at`, or its end where nothing was known for long before.

    An imported log of years ago is looked at as on its last day. Seen from today, all its open deals would only
    have been silent for years.
    """
    end = to_datetime(log.end, zone=log.zone)
    return at if not len(log.deals) or at - end < HISTORY else end


_logs: dict[int, PoolLog] = {}


def log_of(pool: int, *, refresh: Collection[int] = (), anew: bool = False) -> PoolLog:
    """Return this process's log of `pool`, with the deals `refresh` read anew, or all of it if `anew`."""
    kept = _logs.get(pool)
    if (
        anew
        or kept is None
        or monotonic() - kept.read_at > STALE_SECONDS
        or kept.pipelines != pipelines_of(pool)
    ):
        kept = _logs[pool] = PoolLog.read(pool)
    elif refresh:
        kept.refresh(refresh)
    return kept


def forget_logs() -> None:
    """Forget what this process read: for whoever changed more than some deals."""
    _logs.clear()
