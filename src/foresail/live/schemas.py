"""What a browser may say to the event socket."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

Kind = Annotated[str, Field(max_length=20)]
Key = Annotated[int, Field(strict=True, ge=0, lt=2**63)]


class Said(BaseModel):
    subscribe: list[tuple[Kind, Key]] = []
    unsubscribe: list[tuple[Kind, Key]] = []
