"""What time was saved, by week and by month: one's own, or the sum of those one leads and of nobody alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from foresail.core.clock import ZONE
from foresail.drafts.counting import seconds_of_decision, seconds_of_report
from foresail.drafts.errors import NoTeam
from foresail.drafts.models import Decision, Report, SavingSetting
from foresail.drafts.periods import Period
from foresail.people.queries import managed_by
from foresail.people.rules import Action, Scope, scope

if TYPE_CHECKING:
    from foresail.people.models import User

WEEKS, MONTHS = 12, 6
LEAST_PEOPLE: Final = 3
"""A sum of fewer people is not shown: it would tell of one of them."""
KINDS: Final = ("stage", "join", "contact", "task")


@dataclass(kw_only=True)
class Saved:
    """What was saved in a period, and what it was counted from. `seconds` is None where it would tell of single people."""

    period: Period
    seconds: float | None = 0.0
    confirmed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    characters: int = 0
    refused: int = 0
    reports: int = 0
    kept: int = 0
    typed: int = 0
    people: set[int] = field(default_factory=set)


def setting() -> SavingSetting:
    """Return how it is counted."""
    return SavingSetting.objects.first() or SavingSetting()


def may_set(*, user: User) -> bool:
    """Whether `user` says how it is counted: administrators and sales operations."""
    return Scope.ALL in {scope(user=user, action=each) for each in (Action.ADMINISTER, Action.CONFIGURE)}


def saved(*, user: User, team: bool, at: datetime) -> list[Saved]:
    """Return the last weeks and months, the present ones first. Raises NoTeam where `user` leads nobody.

    Of a team only sums that at least three people are in are shown, and never what they were counted from.
    """
    people = managed_by(user=user).people - {user.pk} if team else frozenset({user.pk})
    if not people:
        raise NoTeam
    found = list(_periods(at))
    _count(found, people, setting())
    return [_veiled(each) for each in found] if team else found


def _periods(at: datetime) -> Iterator[Saved]:
    today = at.astimezone(ZONE).date()
    for span, count in (("week", WEEKS), ("month", MONTHS)):
        period = Period.holding(span, today)
        for _ in range(count):
            yield Saved(period=period)
            period = Period.holding(span, period.begins_on - timedelta(days=1))


def _count(found: list[Saved], people: Collection[int], how: SavingSetting) -> None:
    since = min(each.period.start for each in found)
    decisions = Decision.objects.filter(by__in=people, at__gte=since)
    for by, kind, verdict, characters, at in decisions.values_list(
        "by", "kind", "verdict", "characters", "at"
    ):
        confirmed = verdict == Decision.Verdict.CONFIRMED
        seconds = seconds_of_decision(kind=kind, confirmed=confirmed, characters=characters, setting=how)
        for each in _holding(found, at.astimezone(ZONE).date()):
            each.seconds = (each.seconds or 0.0) + seconds
            each.people.add(by)
            each.characters += characters
            if confirmed:
                each.confirmed[kind] += 1
            else:
                each.refused += 1
    reports = Report.objects.filter(author__in=people, saved_at__gte=since)
    for author, kept, typed, saved_at in reports.values_list("author", "kept", "typed", "saved_at"):
        assert saved_at is not None
        for each in _holding(found, saved_at.astimezone(ZONE).date()):
            each.seconds = (each.seconds or 0.0) + seconds_of_report(kept=kept, typed=typed, setting=how)
            each.people.add(author)
            each.reports += 1
            each.kept += kept
            each.typed += typed


def _holding(found: list[Saved], day: date) -> Iterator[Saved]:
    return (each for each in found if each.period.begins_on <= day < each.period.ends_on)


def _veiled(each: Saved) -> Saved:
    if not each.people:
        return Saved(period=each.period)
    enough = len(each.people) >= LEAST_PEOPLE
    return Saved(period=each.period, seconds=each.seconds if enough else None)
