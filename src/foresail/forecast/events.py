"""What forecast tells higher rooms, inside the transaction that keeps the scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class OutlooksTurned:
    """What the latest look says of deals that were forecast before: `verdicts` names the outcome of those that have
    a new one ("won" or "lost"), `alerts` those that are alerted now and were not.
    """

    verdicts: Mapping[int, str]
    alerts: tuple[int, ...]
    at: datetime
