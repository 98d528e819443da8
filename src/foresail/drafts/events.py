"""What drafts tells higher rooms, inside the transaction of the verb."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class ReportHandedIn:
    """`author` handed `report` in to `to`."""

    report: int
    author: int
    to: int
    at: datetime
