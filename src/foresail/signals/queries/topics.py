"""Topics, what a rule would find in the past, and which pages no topic knows yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.db import connection

from foresail.core import conditions
from foresail.core.errors import NotFound
from foresail.crm.queries import may_configure
from foresail.people.errors import NotAllowed
from foresail.signals.kinds import NO_INTEREST
from foresail.signals.models import KindWeight, Topic
from foresail.signals.topics import FIELDS, NONE, Matcher, Page, topics_in_force

if TYPE_CHECKING:
    from foresail.people.models import User

PAST: Final = timedelta(days=90)
MOST_PAGES: Final = 20
MOST_SUGGESTED: Final = 12
LEAST_READ: Final = 3
_PAGES: Final = """
    SELECT coalesce(values->>'url', ''), coalesce(values->>'title', ''), coalesce(values->>'file', ''),
        coalesce(values->>'query', ''), count(*), array_agg(DISTINCT signal.visitor_id),
        array_agg(DISTINCT tie.account_id) FILTER (WHERE tie.account_id IS NOT NULL)
    FROM signals_signal signal LEFT JOIN signals_tie tie ON tie.visitor_id = signal.visitor_id AND tie.ended_at IS NULL
    WHERE signal.known_at > %s AND kind <> ALL(%s) GROUP BY 1, 2, 3, 4
"""
"""Pages, not people: what they say of who read them is how many."""


@dataclass(frozen=True, kw_only=True)
class PageRead:
    page: Page
    signals: int


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a rule would have found in the last 90 days, and the pages most read of it."""

    signals: int
    visitors: int
    accounts: int
    pages: Sequence[PageRead]


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """Pages below one address that no topic knows: how often they were read, and a rule that finds them."""

    zh: str
    rule: Mapping[str, Any]
    signals: int
    pages: Sequence[PageRead]


def topics(*, active: bool = False) -> list[Topic]:
    """Return all topics in the order of their names' making, or those that count. Anybody may see what is looked for."""
    found = Topic.objects.select_related("changed_by").order_by("pk")
    return list(found.filter(status=Topic.Status.ACTIVE) if active else found)


def topic(*, key: int) -> Topic:
    """Return one. Raises NotFound."""
    found = Topic.objects.filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def words_of(*, topic: Topic) -> list[str]:
    """Return what a topic is called elsewhere: its names, and what its rule looks for."""
    try:
        rule = conditions.parse(topic.rule, fields=FIELDS)
    except conditions.ConditionInvalid:
        return [topic.zh, topic.en]
    return [topic.zh, topic.en, *_wanted(rule)]


def _wanted(rule: conditions.Condition) -> Iterator[str]:
    match rule:
        case conditions.Leaf(_, "contains" | "is" | "starts", str(value)):
            yield value
        case conditions.AllOf(nodes) if len(nodes) > 1:
            pass  # one of several things that must all stand there is no name of it
        case conditions.AllOf(nodes) | conditions.AnyOf(nodes):
            for node in nodes:
                yield from _wanted(node)


def kept_weights() -> Mapping[str, KindWeight]:
    """Return the kinds of evidence whose weight is not as shipped."""
    return {each.kind: each for each in KindWeight.objects.select_related("edited_by")}


def try_topic(*, user: User, rule: Mapping[str, Any], at: datetime) -> Trial:
    """Return what a rule would have found. Raises NotAllowed or ConditionInvalid."""
    if not may_configure(user=user):
        raise NotAllowed
    matcher = Matcher([(1, conditions.parse(rule, fields=FIELDS))])
    found = [each for each in _pages(at) if matcher.topics_of(each[0]) == (1,)]
    return Trial(
        signals=sum(count for _, count, _, _ in found),
        visitors=len({visitor for _, _, visitors, _ in found for visitor in visitors}),
        accounts=len({account for _, _, _, accounts in found for account in accounts}),
        pages=_most_read([(page, count) for page, count, _, _ in found], MOST_PAGES),
    )


def suggest_topics(*, user: User, at: datetime) -> list[Suggestion]:
    """Return what is read often and no topic knows, by the first steps of the address. Raises NotAllowed."""
    if not may_configure(user=user):
        raise NotAllowed
    matcher = topics_in_force()
    below: dict[str, list[tuple[Page, int]]] = {}
    for page, count, _, _ in _pages(at):
        steps = [step for step in urlsplit(page.url).path.split("/") if step]
        if steps and matcher.topics_of(page) == (NONE,):
            below.setdefault("/" + "/".join(steps[:2]), []).append((page, count))
    ranked = sorted(below.items(), key=lambda each: (-sum(count for _, count in each[1]), each[0]))
    return [
        Suggestion(
            zh=_name_of(pages, path),
            rule={"field": "url", "op": "contains", "value": path},
            signals=sum(count for _, count in pages),
            pages=_most_read(pages, 3),
        )
        for path, pages in ranked[:MOST_SUGGESTED]
        if sum(count for _, count in pages) >= LEAST_READ
    ]


def _name_of(pages: Sequence[tuple[Page, int]], path: str) -> str:
    """Return what to call pages: the title that most of their readers saw, else the last step of their address."""
    titles: Counter[str] = Counter()
    for page, count in pages:
        titles[page.title] += count
    del titles[""]
    return titles.most_common(1)[0][0][:60] if titles else path.rpartition("/")[2]


def _pages(at: datetime) -> list[tuple[Page, int, list[int], list[int]]]:
    with connection.cursor() as cursor:
        cursor.execute(_PAGES, [at - PAST, list(NO_INTEREST)])
        return [
            (Page(*row[:4]), row[4], row[5], row[6] or [])
            for row in cursor.fetchall()
            if any(row[:4])
        ]  # fmt: skip


def _most_read(pages: Sequence[tuple[Page, int]], most: int) -> list[PageRead]:
    ranked = sorted(pages, key=lambda each: (-each[1], each[0]))
    return [PageRead(page=page, signals=count) for page, count in ranked[:most]]
