"""What API keys can be for: parts of the API, each to read or also to write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Right(StrEnum):
    """What a key may do in an area; to write holds to read."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, kw_only=True)
class Area:
    """`writable`: whether a key may change anything there at all."""

    zh: str
    en: str
    writable: bool = True


# A room is closed to keys until it stands here and `site.api` opens it.
AREAS: Final[Mapping[str, Area]] = MappingProxyType(
    {
        "crm": Area(zh="客户与商机", en="Customers and deals"),
        "timeline": Area(zh="时间线", en="Timeline"),
        "conversations": Area(zh="沟通记录", en="Conversations"),
        "forecast": Area(zh="预测", en="Forecast"),
        "people": Area(zh="人员与团队", en="People and teams", writable=False),
    }
)
