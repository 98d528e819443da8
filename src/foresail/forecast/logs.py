"""The log of a pool, as each process keeps it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock, Thread
from typing import Final

from django.db import connection, transaction
from django.db.models import Max

from foresail.forecast.models import PoolPipeline, ReadAnew
from foresail.science.growing import GrowingLog
from foresail.science.log import DealLog
from foresail.science.time import to_datetime, to_instant
from foresail.timeline.queries import DealFrames, deal_log

HISTORY: Final = timedelta(days=60)
"""A log in which nothing has happened for this long is history."""
BEFORE: Final = timedelta(hours=1)
"""What began so long before a log was read is still served from it."""
AGE: Final = timedelta(days=1)
"""A log that was read longer ago is read again as a whole."""
REMEMBERED: Final = 2 * AGE
"""For how long it is remembered which deals were read anew."""
MANY: Final = 5_000
"""Where so many were, the whole log is as soon read."""


def pipelines_of(pool: int) -> list[int]:
    return list(
        PoolPipeline.objects.filter(pool=pool).order_by("pipeline").values_list("pipeline_id", flat=True)
    )


def pools_of(pipelines: Collection[int]) -> dict[int, int]:
    """Return the pool of each of `pipelines` that has one."""
    return dict(PoolPipeline.objects.filter(pipeline__in=pipelines).values_list("pipeline_id", "pool_id"))


@dataclass(frozen=True)
class PoolLog:
    """The log of a pool, whole, and the tables that it was made of; `place` is that of the last deal read anew before."""

    pipelines: list[int]
    place: int
    frames: DealFrames
    log: DealLog

    @classmethod
    def read(cls, pool: int) -> PoolLog:
        pipelines, place = pipelines_of(pool), _place_of(pool)
        frames = deal_log(pipelines=pipelines)
        return cls(pipelines, place, frames, frames.log())


def _place_of(pool: int) -> int:
    return ReadAnew.objects.filter(pool=pool).aggregate(last=Max("pk"))["last"] or 0


def looked_from(log: DealLog, *, at: datetime) -> datetime:
    """Return the moment from which to look at `log`: `at`, or its end where nothing was known for long before.

    An imported log of years ago is looked at as on its last day. Seen from today, all its open deals would only
    have been silent for years.
    """
    end = to_datetime(log.end, zone=log.zone)
    return at if not len(log.deals) or at - end < HISTORY else end


@dataclass(frozen=True)
class KeptLog:
    """What this process keeps of the log of a pool, to forecast now this and now that deal of it.

    It knows what was read anew up to `place`.
    """

    pipelines: list[int]
    place: int
    log: GrowingLog
    read_at: datetime

    @classmethod
    def of(cls, whole: PoolLog, *, at: datetime) -> KeptLog:
        since = min(to_instant(at - BEFORE, zone=whole.log.zone), whole.log.end)
        return cls(whole.pipelines, whole.place, GrowingLog.of(whole.log, since=since), at)

    def behind(self, pool: int, *, at: datetime) -> dict[int, int] | None:
        """Return the deals that others read anew since, by place; None where for `at` the whole is to be read anew."""
        old = at - self.read_at >= AGE or to_instant(at, zone=self.log.near.zone) < self.log.since
        if old or self.pipelines != pipelines_of(pool):
            return None
        found = ReadAnew.objects.filter(pool=pool, pk__gt=self.place).order_by("pk")
        rows = list(found.values_list("pk", "deal")[: MANY + 1])
        new = {place: deal for place, deal in rows if deal is not None}
        return None if len(rows) > MANY or len(new) < len(rows) else new


_kept: dict[int, KeptLog] = {}
_reading: defaultdict[int, Lock] = defaultdict(Lock)


def keep(pool: int, whole: PoolLog, *, at: datetime) -> None:
    """Let this process know `whole` as the log of `pool`, for forecasts at `at` or later."""
    _kept[pool] = KeptLog.of(whole, at=at)


def log_with(pool: int, deals: Collection[int], *, at: datetime) -> tuple[GrowingLog, DealFrames]:
    """Return the log of `pool` for forecasts of `deals` at `at` or later, and what is now known of those.

    Known anew is also what others read anew since this process did.
    """
    with _reading[pool]:  # who asks meanwhile waits for it, and does not read it too
        kept = _kept.get(pool)
        new = kept.behind(pool, at=at) if kept else None
        if kept is None or new is None:
            keep(pool, PoolLog.read(pool), at=at)
            kept, new = _kept[pool], {}
    frames = deal_log(deals=list({*deals, *new.values()}), zone=kept.log.near.zone)
    log = kept.log.with_deals(frames.log())
    # Whole: of two threads at once the later one may know less, and then says so.
    _kept[pool] = replace(kept, log=log, place=max(new, default=kept.place))
    return log, frames


def read_ahead(pool: int, *, at: datetime) -> None:
    """Read the log of `pool` beside what is done now, since it will be asked for soon: a large one takes long."""
    if _reading[pool].locked():
        return

    def read() -> None:
        try:
            log_with(pool, [], at=at)
        finally:
            connection.close()

    # A thread has a connection of its own, which sees only what is committed.
    transaction.on_commit(Thread(target=read, daemon=True).start)


def caught_up(pool: int, *, place: int) -> None:
    """Note that this process knows of all that was read anew up to `place`, since it read it itself."""
    if kept := _kept.get(pool):
        _kept[pool] = replace(kept, place=place)


def forget_logs() -> None:
    """Forget what this process read."""
    _kept.clear()
