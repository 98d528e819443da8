"""Who visits the website: customers at their own pace, strangers, and a few whose behaviour should be noticed.

Planted beside them are deals whose evaluation stands still while somebody there reads about a competitor, and cases that
look alike and are none: a standstill alone, curiosity alone, curiosity that is usual, or of people who do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Final, Literal, NamedTuple

from foresail.core.clock import ZONE
from foresail.demo.customers import Customer, Person
from foresail.demo.services.collecting import LINES, SITE, Rival, Site, rivals
from foresail.signals import services as signals

DAYS: Final = 112
"""So long ago the first visit was: sixteen weeks, of which twelve show what is usual."""
MOST_ACTIVE: Final = 160
ACTIVE: Final = 0.55
"""Which share of accounts visits at all that have an open deal, or had one in these weeks.

Whatever became of it: else visits would tell of deals what nobody could know then, and a forecast would learn that.
"""
ACTIVE_LATER: Final = 0.15
"""And of the others."""
CURIOUS: Final = 0.06
"""Share of usual visits in which somebody also compares: most interest in a competitor means nothing."""
STRANGERS: Final = 36
STRANGE_DAYS: Final = 14
AGREE: Final = 0.7
STOOD: Final = 8
"""An evaluation that stands so many days stands still; one that stands fewer than MOVED does not."""
MOVED: Final = 6

Case = Literal["stalled_and_rising", "stalled", "rising", "usual", "left", "free_mail", "withdrew"]


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """An open deal: `stood` is for how many days its evaluation has stood, None where it is in another stage."""

    deal: int
    customer: Customer
    line: str
    stood: float | None


class _Page(NamedTuple):
    path: str
    title: str
    usual: float


@dataclass(slots=True)
class _Visitor:
    """One person's browser. `email` is with what they sign in, from the visit `told` on; None for strangers."""

    name: str
    email: str | None = None
    told: int = 0
    visits: int = 0


@dataclass(slots=True)
class _Visit:
    at: datetime
    visitor: _Visitor
    pages: Sequence[_Page]
    withdraws: bool = False


_STALLED: Final[Sequence[Case]] = (
    *("stalled", "stalled_and_rising", "usual", "stalled_and_rising"),
    *("stalled_and_rising", "free_mail", "stalled_and_rising", "left", "withdrew"),
)
_GENERAL: Final = (
    _Page("/cases/automotive", "案例：汽车零部件", 60), _Page("/cases/battery", "案例：锂电产线", 60),
    _Page("/support/delivery", "交付与售后", 30), _Page("/security", "信息安全与合规", 40), _Page("/price", "价格与选型", 75),
)  # fmt: skip
_FILES: Final = {"motion": "servo-selection", "vision": "vision-datasheet", "line": "line-references"}


@dataclass
class Visiting:
    """One fill under way. `planted` are the deals of each case."""

    site: Site
    random: Random
    at: datetime
    planted: dict[Case, list[int]] = field(default_factory=dict)
    _visits: list[_Visit] = field(default_factory=list)
    _count: int = 0

    def run(
        self,
        prospects: Sequence[Prospect],
        recent: Sequence[tuple[Customer, str]],
        others: Sequence[Customer],
    ) -> None:
        """Let customers and strangers visit; keep it all, and add it up. `recent` are those whose deals ended lately."""
        cases = self._cases(prospects)
        by_customer = {id(each.customer): each for each in prospects}
        usual = [
            *((each.customer, each.line) for each in by_customer.values() if each.deal not in cases),
            *recent,
        ]
        active = [one for one in self.random.sample(usual, len(usual)) if self.random.random() < ACTIVE]
        for customer, line in active[:MOST_ACTIVE]:
            self._usual(customer, line)
        later = [one for one in others if self.random.random() < ACTIVE_LATER]
        for one in later[: MOST_ACTIVE // 2]:
            self._usual(one, one.line)
        for prospect in prospects:
            if (case := cases.get(prospect.deal)) is not None:
                self._plant(case, prospect)
        self._strangers()
        self._keep()

    def _cases(self, prospects: Sequence[Prospect]) -> Mapping[int, Case]:
        """Choose what to plant where, one case for each account."""
        found: dict[int, Case] = {}
        evaluated: dict[int, list[Prospect]] = {}
        for prospect in prospects:
            if prospect.stood is not None and _present(prospect.customer, self.at):
                evaluated.setdefault(id(prospect.customer), []).append(prospect)
        stalled = 0
        for deals in self.random.sample(list(evaluated.values()), len(evaluated)):
            stood = [each.stood or 0.0 for each in deals]
            if min(stood) >= STOOD:
                case = _STALLED[stalled % len(_STALLED)]
                stalled += 1
                if case == "left" and not _gone(deals[0].customer, self.at):
                    case = "stalled"
            elif max(stood) < MOVED:
                case = "rising"
            else:
                continue
            found[deals[0].deal] = case
            self.planted.setdefault(case, []).extend(each.deal for each in deals)
        return found

    def _plant(self, case: Case, prospect: Prospect) -> None:
        one, line = prospect.customer, prospect.line
        rival = self.random.choice(rivals(line))
        person = self.random.choice(_present(one, self.at))
        if case in {"stalled", "usual", "stalled_and_rising", "rising"}:
            self._usual(one, line)
        if case in {"stalled_and_rising", "rising"}:
            self._compare(self._visitor(person), rival, self._lately())
        elif case == "usual":
            self._compare(self._visitor(person), rival, [1.5 + 3.5 * each for each in range(30)])
        elif case == "left":
            self._compare(self._visitor(self.random.choice(_gone(one, self.at))), rival, self._lately())
        elif case == "free_mail":
            stranger = self._visitor(person)
            stranger.email = f"{self._name()[:8]}@qq.com"
            self._compare(stranger, rival, self._lately())
        elif case == "withdrew":
            visitor = self._visitor(person)
            self._compare(visitor, rival, [3 + each for each in self._lately()])
            self._visits.append(_Visit(self.at - timedelta(days=1), visitor, (), withdraws=True))

    def _lately(self) -> list[float]:
        """Return how many days ago somebody came who comes ever more often: twice to five times within six days."""
        return sorted(self.random.sample([0.4, 1.2, 2.1, 3.2, 4.1, 5.1], self.random.choice((2, 3, 3, 4, 5))))

    def _compare(self, visitor: _Visitor, rival: Rival, agos: Iterable[float]) -> None:
        for ago in agos:
            pages = [_comparing(rival), self.random.choice(_GENERAL)]
            self._visits.append(_Visit(self._hour(ago), visitor, pages))

    def _usual(self, one: Customer, line: str) -> None:
        """Let some of an account's people come at their own pace."""
        pages = [
            *_GENERAL,
            _Page(f"/products/{LINES[line]}", f"{line}产品", 50),
            _Page(f"/files/{LINES[line]}", f"{line}资料", 40),
        ]
        people = _present(one, self.at)
        for person in self.random.sample(people, min(len(people), self.random.choice((1, 1, 2)))):
            visitor, pace = self._visitor(person), self.random.uniform(9, 35)
            ago = DAYS - self.random.uniform(0, pace)
            while ago > 0.2:
                chosen = self.random.choices(pages, k=self.random.randint(1, 3))
                if self.random.random() < CURIOUS:
                    chosen.append(_comparing(self.random.choice(rivals(line))))
                self._visits.append(_Visit(self._hour(ago), visitor, chosen))
                ago -= self.random.expovariate(1 / pace)

    def _strangers(self) -> None:
        for number in range(STRANGERS):
            visitor = _Visitor(self._name())
            pages = self.random.choices(_GENERAL, k=self.random.randint(1, 5))
            came = self.at - timedelta(days=self.random.uniform(0.1, STRANGE_DAYS))
            self._visits.append(_Visit(came, visitor, pages))
            if self.random.random() > AGREE:
                visitor.told = -1  # never agreed
            elif number % 12 == 5:
                self._visits.append(_Visit(came + timedelta(minutes=30), visitor, (), withdraws=True))

    def _visitor(self, person: Person) -> _Visitor:
        return _Visitor(self._name(), person.email, told=self.random.choice((0, 0, 1)))

    def _name(self) -> str:
        return f"{self.random.getrandbits(128):032x}"

    def _hour(self, ago: float) -> datetime:
        """Return a moment of that day's working hours, never one still to come."""
        day = (self.at - timedelta(days=ago)).astimezone(ZONE)
        at = day.replace(hour=self.random.randint(9, 17), minute=self.random.randint(0, 59))
        return min(at, self.at - timedelta(minutes=30))

    def _keep(self) -> None:
        """Bring it all, day by day, as it would have come."""
        days: dict[date, list[_Visit]] = {}
        for visit in sorted(self._visits, key=lambda each: each.at):
            days.setdefault(visit.at.astimezone(ZONE).date(), []).append(visit)
        for visits in days.values():
            brought = [each for visit in visits for each in self._brought(visit)]
            latest = max(each.signal.at for each in brought)
            signals.take(brought, at=min(max(latest, visits[-1].at), self.at))
        while signals.add_up():
            pass

    def _brought(self, visit: _Visit) -> Iterable[signals.Brought]:
        visitor, now = visit.visitor, visit.at
        if visit.withdraws:
            yield self._signal("consent_withdrawn", visitor, now, {"how": "banner"})
            return
        if visitor.visits == 0 and visitor.told >= 0:
            said = {"purpose": "intent", "wording": self.site.wording, "how": "banner"}
            yield self._signal("consent_given", visitor, now, said)
        if visitor.email is not None and visitor.visits == visitor.told:
            yield signals.Brought(
                self.site.portal,
                signals.Incoming(
                    sender=SITE, id=self._number(), source="form", kind="identify", visitor=visitor.name, at=now, values={},
                    claims={"email": visitor.email},
                ),
            )  # fmt: skip
        visitor.visits += 1
        for page in visit.pages:
            address = {"url": SITE + page.path, "title": page.title}
            if page.path.startswith("/files/"):
                file = f"{SITE}/files/{_FILES[page.path.removeprefix('/files/')]}.pdf"
                yield self._signal("download", visitor, now, {**address, "file": file})
                continue
            yield self._signal("page", visitor, now, {**address, "language": "zh-CN", "agent": "Windows"})
            seconds = round(self.random.uniform(0.5, 1.6) * page.usual, 1)
            now = min(now + timedelta(seconds=seconds), self.at)
            yield self._signal("dwell", visitor, now, {**address, "seconds": seconds})

    def _signal(
        self, kind: str, visitor: _Visitor, at: datetime, values: Mapping[str, object]
    ) -> signals.Brought:
        return signals.Brought(
            self.site.browser,
            signals.Incoming(
                sender=SITE, id=self._number(), source="web", kind=kind, visitor=visitor.name, at=at, values=values
            ),
        )  # fmt: skip

    def _number(self) -> str:
        self._count += 1
        return str(self._count)


def _comparing(rival: Rival) -> _Page:
    return _Page(rival.path, f"与{rival.zh}对比", 150)


def _present(one: Customer, at: datetime) -> list[Person]:
    return [person for person in one.people if person.there(at) and person.left_at is None]


def _gone(one: Customer, at: datetime) -> list[Person]:
    """Return who left an account long enough ago that none of their last visits was made while they were there."""
    return [each for each in one.people if each.left_at is not None and each.left_at < at - timedelta(days=8)]
