"""Which topics a page is about: the rules of topics, judged on its address, title, file and what was searched for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from foresail.core import conditions
from foresail.core.clock import ZONE
from foresail.signals.models import Topic

NONE: Final = 0
"""The topic of what is about none."""
_ANYTIME: Final = conditions.Context(now=datetime(2000, 1, 1, tzinfo=UTC), zone=ZONE)
_MOST_PAGES: Final = 50_000


class Page(NamedTuple):
    """What a signal says of what was looked at, as far as the boundary let it through."""

    url: str
    title: str
    file: str
    query: str

    @property
    def words(self) -> str:
        return "\n".join(part for part in self if part)


def _text(key: str, zh: str, en: str) -> conditions.Field:
    return conditions.Field(key=key, kind="text", label_zh=zh, label_en=en, expression=key)


FIELDS: Final[Mapping[str, conditions.Field]] = {
    each.key: each
    for each in (
        _text("words", "地址、标题、文件或搜索词", "address, title, file or search"),
        _text("url", "页面地址", "page address"),
        _text("title", "页面标题", "page title"),
        _text("file", "下载的文件", "file downloaded"),
        _text("query", "站内搜索词", "site search"),
    )
}


def page_of(values: Mapping[str, Any]) -> Page:
    """Return the page that a signal was about."""
    return Page(*(str(values.get(name) or "") for name in Page._fields))


@dataclass
class Matcher:
    """Tells the topics of pages. What it was asked it remembers: a site has few pages and many readers."""

    rules: Sequence[tuple[int, conditions.Condition]]
    _known: dict[Page, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, topics: Sequence[Topic]) -> Matcher:
        """Return that of `topics`. Raises ConditionInvalid where a rule is none."""
        return cls([(topic.pk, conditions.parse(topic.rule, fields=FIELDS)) for topic in topics])

    def topics_of(self, page: Page) -> tuple[int, ...]:
        """Return the topics of a page in the order of their keys, NONE alone where it has none."""
        known = self._known.get(page)
        if known is None:
            if len(self._known) > _MOST_PAGES:
                self._known.clear()
            found = [
                topic
                for topic, rule in self.rules
                if conditions.holds(rule, values=conditions.values_of(rule, page), context=_ANYTIME)
            ]
            known = self._known[page] = tuple(sorted(found)) or (NONE,)
        return known


_kept: tuple[tuple[tuple[int, datetime], ...], Matcher] = ((), Matcher(()))


def topics_in_force() -> Matcher:
    """Return what tells the topics that count now. One query; the same one as before where none was changed since."""
    global _kept  # noqa: PLW0603  (per process)
    active = list(Topic.objects.filter(status=Topic.Status.ACTIVE).order_by("pk"))
    stand = tuple((topic.pk, topic.changed_at) for topic in active)
    if stand != _kept[0]:
        _kept = stand, Matcher.of(active)
    return _kept[1]
