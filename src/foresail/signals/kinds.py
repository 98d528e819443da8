"""Kinds of signals: how much each counts where nothing was learned yet, and how soon that fades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

MOST_SECONDS: Final = 600.0
USUAL_SECONDS: Final = 120.0


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`weight` is what one counts, `half_life` the days in which that becomes half."""

    key: str
    zh: str
    en: str
    weight: float
    half_life: float


OTHER: Final = Kind(key="other", zh="其他", en="other", weight=1.0, half_life=14.0)
KINDS: Final[Mapping[str, Kind]] = {
    kind.key: kind
    for kind in (
        Kind(key="page", zh="浏览页面", en="read a page", weight=1.0, half_life=14.0),
        Kind(key="dwell", zh="停留阅读", en="stayed on a page", weight=1.5, half_life=14.0),
        Kind(key="download", zh="下载资料", en="downloaded", weight=4.0, half_life=30.0),
        Kind(key="search", zh="站内搜索", en="searched the site", weight=3.0, half_life=14.0),
        Kind(key="form_sent", zh="提交表单", en="sent a form", weight=6.0, half_life=30.0),
        Kind(key="link_opened", zh="打开发送的内容", en="opened what was sent", weight=3.0, half_life=21.0),
        Kind(key="fair_scan", zh="展会扫码", en="scanned at a fair", weight=5.0, half_life=45.0),
        Kind(key="visit_note", zh="拜访记录", en="visit", weight=4.0, half_life=30.0),
        Kind(key="social", zh="社交媒体互动", en="social media", weight=2.0, half_life=14.0),
        OTHER,
    )
}
NO_INTEREST: Final = frozenset({"identify", "alias", "group", "scroll"})
"""What says who somebody is, not what interests them."""
_SAME: Final = {"screen": "page", "product_viewed": "page", "form": "form_sent", "site_search": "search"}
"""What other trackers call the same."""


def kind_of(spelled: str) -> Kind:
    """Return the kind of evidence that signals of a kind are.

    >>> kind_of("product_viewed").key, kind_of("wishlist").key
    ('page', 'other')
    """
    return KINDS.get(_SAME.get(spelled, spelled), OTHER)


def size_of(kind: Kind, values: Mapping[str, Any]) -> float:
    """Return how much of a kind a signal is: two minutes on a page are one, ten or more are five; all else is one."""
    if kind.key != "dwell":
        return 1.0
    seconds = values.get("seconds")
    return (
        min(max(float(seconds), 0.0), MOST_SECONDS) / USUAL_SECONDS
        if isinstance(seconds, int | float)
        else 0.0
    )
