"""Where signals come from, and which fields each source can bring. Rooms register theirs in their app's `ready`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

Mask = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Field:
    """`mask` makes of a value what says less; None where nothing less would be of use: then it is kept or dropped."""

    name: str
    zh: str
    en: str
    mask: Mask | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    key: str
    zh: str
    en: str
    fields: Sequence[Field]

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)


_sources: dict[str, Source] = {}


def register(*sources: Source) -> None:
    """Make `sources` known. Twice is once."""
    _sources.update({source.key: source for source in sources})


def sources() -> Mapping[str, Source]:
    return _sources


def source_of(key: str) -> Source | None:
    return _sources.get(key)


def masked(field: Field, value: Any) -> Any:
    return field.mask(value) if field.mask else None


def spelled(kind: str) -> str:
    """Return a kind of signal as it is spelled here, whatever way its sender has.

    >>> spelled("Product Viewed")
    'product_viewed'
    """
    return re.sub(r"[^a-z0-9]+", "_", kind.lower()).strip("_")


def without_query(address: Any) -> str:
    """Return an address without what was asked, its place on the page, or who signs in with it.

    >>> without_query("https://li:pw@example.com/price?mail=li@example.com#top")
    'https://example.com/price'
    """
    try:
        parts = urlsplit(str(address))
        host = parts.hostname or ""
        place = f"{host}:{parts.port}" if parts.port else host
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"}:
        return ""  # what stands behind mailto: or data: is no page
    return urlunsplit((parts.scheme, place, parts.path, "", ""))


def domain_of(email: Any) -> str:
    """Return what stands behind the @, nothing where there is none.

    >>> domain_of("li@example.com"), domain_of("13800138000")
    ('example.com', '')
    """
    name, _, domain = str(email).rpartition("@")
    return domain if name else ""


_SYSTEMS: Final = ("MicroMessenger", "iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")


def system_of(agent: Any) -> str:
    """Return the kind of device that a browser names, and nothing that tells one browser from another.

    >>> system_of("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36")
    'Windows'
    """
    return next((name for name in _SYSTEMS if name in str(agent)), "")
