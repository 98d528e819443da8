"""What happened to a deal calls for a new score."""

from __future__ import annotations

from typing import Final

from foresail.core.events import listen
from foresail.forecast import services
from foresail.forecast.soon import score_pool_soon, score_touched_soon
from foresail.timeline.events import Appended

MANY: Final = 500
"""Beyond this many deals at once, all are scored instead."""


def listen_to_timeline() -> None:
    listen(Appended, _appended)


def _appended(event: Appended) -> None:
    for pool, count in services.touch(deals=event.deals, at=event.at).items():
        if count > MANY:
            score_pool_soon(pool)
        else:
            score_touched_soon(pool)
