"""Wire shapes of talks."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from foresail.core.api import Schema


class NewCommunication(Schema):
    channel: Literal["mail", "call", "meeting", "visit", "chat"]
    direction: Literal["in", "out", "none"] = "none"
    title: str
    text: str = ""
    contact: int | None = None
    at: datetime
