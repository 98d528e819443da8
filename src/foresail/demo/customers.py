"""The demo's customers: which deals belong to one account, what it is called, and who works there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from foresail.demo.names import chinese_name, pinyin
from foresail.demo.texts import words

DEALS_PER_ACCOUNT: Final = 3.5
ENGLISH: Final = 0.06
"""Share of accounts that are written to in English."""
SUCCESSION: Final = timedelta(days=6)
"""How long after somebody left, whoever follows can be spoken to."""

# Title, its English, what the person usually is to a deal, and how one is addressed.
_TITLES: Final = (
    ("设备部经理", "Equipment Manager", "champion", "经理"),
    ("工艺工程师", "Process Engineer", "technical", "工"),
    ("采购总监", "Purchasing Director", "economic_buyer", "总"),
    ("生产总监", "Production Director", "champion", "总"),
    ("总经理", "Managing Director", "economic_buyer", "总"),
    ("财务经理", "Finance Manager", "blocker", "经理"),
    ("自动化工程师", "Automation Engineer", "technical", "工"),
    ("车间主任", "Shop Floor Manager", "user", "主任"),
    ("质量经理", "Quality Manager", "blocker", "经理"),
)


@dataclass(slots=True)
class Person:
    """Somebody at a customer. `address` is how one speaks to them: 王总, or Ms Keller."""

    name: str
    title: str
    role: str
    address: str
    email: str
    phone: str
    since: datetime | None = None
    left_at: datetime | None = None

    def there(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and (self.left_at is None or at < self.left_at)


@dataclass(slots=True, eq=False)
class Customer:
    """An account with its deals, by their places in the table of deals."""

    owner: str
    team: str
    line: str
    region: str
    industry: str
    since: date
    deals: list[int] = field(default_factory=list)
    buys_again: bool = False
    name: str = ""
    short: str = ""
    domain: str = ""
    english: bool = False
    people: list[Person] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DealFacts:
    """What decides to which account a deal belongs."""

    opened: datetime
    owner: str
    team: str
    line: str
    region: str
    industry: str
    returning: bool
    won_at: datetime | None


def group(deals: Sequence[DealFacts], *, random: Random) -> list[Customer]:
    """Give deals of one rep, region and industry to common accounts, about DEALS_PER_ACCOUNT each.

    A deal of a returning customer goes to an account that bought before, if there is one. `deals` are ordered by
    opening; every deal is in one account.
    """
    buckets: dict[tuple[str, str, str], list[int]] = {}
    for place, deal in enumerate(deals):
        buckets.setdefault((deal.owner, deal.region, deal.industry), []).append(place)
    made: list[Customer] = []
    for places in buckets.values():
        most = max(1, round(len(places) / DEALS_PER_ACCOUNT))
        those: list[Customer] = []
        for place in places:
            deal = deals[place]
            one = _account(deal, deals, those, most=most, random=random)
            one.deals.append(place)
            if one not in those:
                those.append(one)
        made.extend(those)
    return made


def _account(
    deal: DealFacts, deals: Sequence[DealFacts], those: list[Customer], *, most: int, random: Random
) -> Customer:
    def bought(one: Customer) -> bool:
        return one.buys_again or any(
            (won := deals[place].won_at) is not None and won < deal.opened for place in one.deals
        )

    fitting = [one for one in those if bought(one) == deal.returning]
    if fitting and (deal.returning or len(those) >= most):
        return random.choice(fitting)
    if len(those) >= most:
        return random.choice(those)
    opened = deal.opened.date()
    return Customer(
        owner=deal.owner,
        team=deal.team,
        line=deal.line,
        region=deal.region,
        industry=deal.industry,
        since=opened - timedelta(days=random.randint(200, 2400)) if deal.returning else opened,
        buys_again=deal.returning,
    )


def christen(customers: Iterable[Customer], *, random: Random) -> None:
    """Give every account a name, a domain and two to four people."""
    taken: set[str] = set()
    domains: dict[str, int] = {}
    for one in customers:
        one.english = random.random() < ENGLISH
        name, short, stem = _names(one, random)
        while name in taken:
            name, short, stem = _names(one, random)
        taken.add(name)
        domains[stem] = domains.get(stem, 0) + 1
        one.name, one.short = name, short
        one.domain = f"{stem}{domains[stem] if domains[stem] > 1 else ''}.example"
        kinds = [*random.sample(_TITLES[:5], k=random.randint(2, 3))]
        if random.random() < 0.55:
            kinds.append(random.choice(_TITLES[5:]))
        for kind in kinds:
            hire(one, kind=kind, random=random)


def hire(one: Customer, *, random: Random, kind: tuple[str, str, str, str] | None = None) -> Person:
    """Add somebody to the people of an account, as a successor where no `kind` is given."""
    title, english, role, ending = kind or random.choice(_TITLES[:4])
    local, name, address = _person(one, ending, random)
    while any(name == other.name or address == other.address for other in one.people):
        local, name, address = _person(one, ending, random)
    person = Person(
        name=name,
        title=english if one.english else title,
        role=role,
        address=address,
        email=f"{local}@{one.domain}",
        phone=f"1{random.choice('3578')}{random.randrange(10**9):09d}",
    )
    one.people.append(person)
    return person


def leave(one: Customer, *, person: Person, at: datetime, random: Random) -> None:
    """Let `person` leave, and somebody follow who does not know the deals yet."""
    person.left_at = at
    following = hire(one, random=random)
    following.since = at + SUCCESSION
    following.role = "user"


def _person(one: Customer, ending: str, random: Random) -> tuple[str, str, str]:
    people = words()["people"]
    if one.english:
        first, last = random.choice(people["english_first"]), random.choice(people["english_last"])
        address = f"{'Ms' if first in people['english_female'] else 'Mr'} {last}"
        return f"{first}.{last}".lower(), f"{first} {last}", address
    name = chinese_name(random)
    return pinyin(name), name, f"{name[0]}{ending}"


def _names(one: Customer, random: Random) -> tuple[str, str, str]:
    """Return an account's name, what people call it, and the stem of its domain."""
    found, marks = words(), words()["marks"]
    kind = random.choice(found["industries"][one.industry]["company_en" if one.english else "company"])
    if one.english:
        pair = random.sample(marks["english"], k=random.choice((1, 1, 2)))
        name = f"{' & '.join(pair)} {kind}"
        return f"{name} {random.choice(marks['forms'])}", name, "".join(pair).lower()
    place = random.choice(found["places"][one.region])
    mark = "".join(random.choice(marks[name].split())[0] for name in ("first", "second"))
    form = random.choices(("有限公司", "股份有限公司", "集团有限公司"), (76, 17, 7))[0]
    return f"{place}{mark}{kind.replace('|', '')}{form}", mark + kind.partition("|")[0], pinyin(mark)
