"""When the forecast names an outcome for a deal, that is written down once, and judged when it is due."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from foresail.forecast.models import ForecastModel, Verdict


def hold(verdict: Verdict, *, outcome: str | None, closed_at: datetime | None) -> None:
    """Hold a verdict that is due against what became of its deal by then; its deal may have ended later."""
    ended = closed_at is not None and closed_at <= verdict.due_at
    verdict.state = outcome if ended else "open"
    verdict.right = verdict.state == verdict.side


@dataclass
class Said:
    """Which verdicts of a pool are not due yet, by deal and side, and those that are new."""

    pool: int
    horizon: int
    zone: ZoneInfo
    waiting: dict[tuple[int, str], datetime] = field(default_factory=dict)
    new: list[Verdict] = field(default_factory=list)

    @classmethod
    def read(cls, pool: int, *, horizon: int, zone: ZoneInfo, deals: Collection[int] | None = None) -> Said:
        """Read what was said of `deals`, or of all of the pool."""
        found = Verdict.objects.filter(pool=pool, right=None)
        if deals is not None:
            found = found.filter(deal__in=deals)
        rows = found.values_list("deal_id", "side", "due_at")
        return cls(pool, horizon, zone, {(deal, side): due for deal, side, due in rows})

    def note(self, at: datetime, sides: Mapping[int, str], *, model: ForecastModel) -> None:
        """Note what was said of deals at `at`; said again before it is due, it is the same verdict."""
        due = self.due(at)
        for deal, side in sides.items():
            if self.waiting.get((deal, side), at) > at:
                continue
            self.waiting[deal, side] = due
            self.new.append(
                Verdict(deal_id=deal, pool_id=self.pool, model=model, side=side, said_at=at, due_at=due)
            )

    def due(self, at: datetime) -> datetime:
        """Return the same time of day, `horizon` days later where we are."""
        local = at.astimezone(self.zone)
        day = local.date() + timedelta(days=self.horizon)
        return datetime.combine(
            day, time(local.hour, local.minute, local.second, local.microsecond), self.zone
        )
