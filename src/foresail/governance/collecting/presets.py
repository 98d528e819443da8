"""Boundaries to begin from. Each is proposed and approved like any other: a preset allows nothing by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from foresail.governance.collecting.sources import Source, sources

_IDENTIFYING: Final = frozenset({"ip", "agent", "email", "phone", "name", "screen"})
"""What is masked where it can be and left out where it cannot, unless the person gave it themselves in a form."""
_WITH_MORE: Final = frozenset({"url", "referrer", "file"})
"""Addresses, which may carry anything behind their question mark: masked wherever they come from."""
_GIVEN: Final = frozenset({"form", "fair_scan", "visit_note"})


@dataclass(frozen=True, kw_only=True)
class Preset:
    key: str
    zh: str
    en: str
    why_zh: str
    why_en: str
    days: int
    own_days: int

    def rules(self) -> Sequence[Mapping[str, Any]]:
        """Return its rules for all sources that are registered."""
        return [self._rule(source) for _, source in sorted(sources().items())]

    def _rule(self, source: Source) -> dict[str, Any]:
        given = source.key in _GIVEN
        return {
            "source": source.key,
            "purpose": "intent",
            "basis": "consent",
            "days": self.own_days if given else self.days,
            "fields": dict(_treated(source, whole=given)),
            "kinds": [],
        }


def _treated(source: Source, *, whole: bool) -> Iterable[tuple[str, str]]:
    for field in source.fields:
        if field.name not in _WITH_MORE and (whole or field.name not in _IDENTIFYING):
            yield field.name, "keep"
        elif field.mask is not None:
            yield field.name, "mask"


PRESETS: Final[Sequence[Preset]] = (
    Preset(
        key="pipl",
        zh="中国（个人信息保护法）",
        en="China (PIPL)",
        why_zh="一律以本人同意为依据（第十三、十四条）；只取最小范围（第六条），保存期限取最短（第十九条）：网页行为 180 天，本人主动提供的 365 天。",
        why_en="Everything rests on consent (articles 13 and 14), no more than is needed (6), and no longer (19): "
        "180 days of behaviour, 365 of what people gave themselves.",
        days=180,
        own_days=365,
    ),
    Preset(
        key="gdpr",
        zh="欧盟（GDPR）",
        en="European Union (GDPR)",
        why_zh="以同意为依据（第六条一款 a 项），数据最小化与存储限制（第五条）：网页行为 395 天（13 个月），本人主动提供的 730 天。",
        why_en="Rests on consent (article 6 (1) a), with minimisation and limited storage (5): 395 days of behaviour, "
        "which are 13 months, and 730 of what people gave themselves.",
        days=395,
        own_days=730,
    ),
)
