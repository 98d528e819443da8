"""What came of what was sent, against similar deals without it. That the one is because of the other, it does not say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from foresail.advice.models import AssetSent
from foresail.crm.queries import visible_deals
from foresail.science.metrics import Z80, wilson
from foresail.signals.queries import openings
from foresail.timeline.queries import stood_in

if TYPE_CHECKING:
    from foresail.advice.models import Asset
    from foresail.people.models import User

AROUND: Final = timedelta(days=30)
"""So long before the first and after the last sending others may have stood in the stage to count as similar."""
LEAST: Final = 10
"""Ended deals on either side: of fewer no rate is told."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """How deals went. `rate` is the share of those that ended that were won, from `low` to `high`: 80 %, by Wilson.

    None of the three where either side has too few.
    """

    deals: int
    won: int
    lost: int
    open: int
    rate: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Results:
    """`opened` counts the deals in which it is known to have been opened; where consent is missing, nobody knows."""

    sent: Side
    opened: int
    without: Side
    enough: bool


def results(*, asset: Asset, user: User, at: datetime) -> Results:
    """Return what came of an asset, in deals that `user` may see.

    Similar are deals of the same pipeline that stood in the same stage, at some time from 30 days before it was first
    sent in that stage to 30 days after it last was, and that did not get it.
    """
    visible = visible_deals(user=user)
    rows = list(
        AssetSent.objects.filter(asset=asset.pk, deal__in=visible).values_list(
            "deal", "link", "stage__pipeline", "stage__key", "at"
        )
    )
    got = {deal for deal, *_ in rows}
    spans: dict[tuple[int, str], tuple[datetime, datetime]] = {}
    for _, _, pipeline, stage, sent_at in rows:
        first, last = spans.get((pipeline, stage), (sent_at, sent_at))
        spans[pipeline, stage] = min(first, sent_at), max(last, sent_at)
    others: set[int] = set()
    for (pipeline, stage), (first, last) in spans.items():
        others |= stood_in(pipeline=pipeline, stage=stage, since=first - AROUND, until=min(last + AROUND, at))
    others -= got
    status = dict(visible.filter(pk__in=got | others).values_list("pk", "status"))
    sent, without = _counted(got, status), _counted(others, status)
    enough = min(each.won + each.lost for each in (sent, without)) >= LEAST
    opened = openings([link for _, link, *_ in rows])
    return Results(
        sent=_rated(sent) if enough else sent,
        opened=len({deal for deal, link, *_ in rows if link in opened}),
        without=_rated(without) if enough else without,
        enough=enough,
    )


def _counted(deals: Collection[int], status: dict[int, str]) -> Side:
    counts = Counter(status[deal] for deal in deals if deal in status)
    return Side(deals=counts.total(), won=counts["won"], lost=counts["lost"], open=counts["open"])


def _rated(side: Side) -> Side:
    low, high = wilson(side.won, side.won + side.lost, z=Z80)
    rate = side.won / (side.won + side.lost)
    return Side(deals=side.deals, won=side.won, lost=side.lost, open=side.open, rate=rate, low=low, high=high)
