"""The company's open pool: what was given up or forgotten lately, what nobody took yet, and the rules behind it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final

from foresail.crm import services as crm
from foresail.crm.queries import record_type
from foresail.demo.customers import Customer, christen

if TYPE_CHECKING:
    from foresail.demo.history import Rep
    from foresail.demo.organisation import Organisation
    from foresail.people.models import User

RULES: Final[Mapping[str, Mapping[str, Any]]] = {
    "account": {
        "days": 60, "by_level": {"strategic": 0, "key": 120}, "warn_days": 7,
        "daily_quota": 10, "hold_limit": 300, "cool_down_days": 7,
    },
    "lead": {
        "days": 15, "by_level": {}, "warn_days": 3,
        "daily_quota": 20, "hold_limit": None, "cool_down_days": 7,
    },
}  # fmt: skip
RUNS: Final = (30, 17, 9, 4, 1)
"""How many days ago the rules last took something back."""
FORGOTTEN: Final = {"account": (90, 77, 77, 69, 64, 61, 60, 57, 55), "lead": (33, 24, 19, 15, 13)}
"""How many days ago somebody last touched what lies in the pool by now, or will soon."""
GIVEN_UP: Final = {
    "account": ("多次电话无人接听", "今年没有采购预算", "已与竞品签订两年框架"),
    "lead": ("号码为空号",),
}
UNTAKEN: Final = {"account": 3, "lead": 4}
HELD: Final = 20
"""Days for which somebody held what they gave up."""


def fill_pool(
    *,
    organisation: Organisation,
    reps: Sequence[Rep],
    customers: Sequence[Customer],
    seed: int,
    at: datetime,
) -> int:
    """Put accounts and leads into the pool of every line, as rules and people did; return how many are accounts."""
    random = Random(f"{seed} pool")
    planned = _plan(reps, customers, random)
    _name([one for one, *_ in planned], taken={one.name for one in customers}, random=random)
    for kind, how in RULES.items():
        for line in organisation.lines.values():
            rule = crm.draft_pool_rule(
                kind=record_type(kind), line=line, active=True, where=None, contract_field="", **how
            )
            crm.set_pool_rule(rule=rule, by=None, at=at - timedelta(days=max(RUNS) + 1))
    for one, kind, age, reason in planned:
        owner = organisation.users[one.owner] if one.owner else None
        _add(one, kind, organisation, owner=owner, reason=reason, began=at - timedelta(days=age), at=at)
    for days in RUNS:
        crm.recycle(at=at - timedelta(days=days))
    crm.recycle(at=at)
    return sum(kind == "account" for _, kind, *_ in planned)


def _plan(
    reps: Sequence[Rep], customers: Sequence[Customer], random: Random
) -> list[tuple[Customer, str, int, str]]:
    """Return customers without names, the kind of each, how many days ago it began, and why it was given up."""
    planned = []
    for line in dict.fromkeys(rep.line for rep in reps):
        ours = [rep for rep in reps if rep.line == line]
        alike = [one for one in customers if one.line == line]

        def somebody(owner: Rep | None, *, alike: Sequence[Customer] = alike, line: str = line) -> Customer:
            like = random.choice(alike)
            return Customer(
                owner=owner.name if owner else "", team=owner.team if owner else "", line=line,
                region=like.region, industry=like.industry, since=like.since,
            )  # fmt: skip

        for kind in RULES:
            turn = 0
            for age in FORGOTTEN[kind]:
                # The youngest, of which the list still warns, are the first rep's: who tries the demo is shown them.
                owner = ours[0] if age < RULES[kind]["days"] else ours[turn % len(ours)]
                planned.append((somebody(owner), kind, age, ""))
                turn += 1
            for reason in GIVEN_UP[kind]:
                planned.append((somebody(ours[turn % len(ours)]), kind, random.randint(1, 8), reason))
                turn += 1
            planned += [(somebody(None), kind, random.randint(1, 40), "") for _ in range(UNTAKEN[kind])]
    return planned


def _name(customers: Sequence[Customer], *, taken: Collection[str], random: Random) -> None:
    christen(customers, random=random)
    while again := [one for one in customers if one.name in taken]:
        christen(again, random=random)


def _add(
    one: Customer,
    kind: str,
    organisation: Organisation,
    *,
    owner: User | None,
    reason: str,
    began: datetime,
    at: datetime,
) -> None:
    """Add one, and let who has it give it up where there is a `reason`: then `began` is when."""
    line, team = organisation.lines[one.line], organisation.teams.get(one.team)
    created = began - timedelta(days=HELD) if reason else began
    person = one.people[0]
    whose: dict[str, Any] = {"line": line, "owner": owner, "team": team, "by": None, "at": created}
    record: Any
    if kind == "lead":
        record = crm.add_lead(
            name=person.name, company=one.name, title=person.title, email=person.email, phone=person.phone,
            source=("web", "exhibition", "referral", "call")[len(one.name) % 4], **whose,
        )  # fmt: skip
    else:
        record = crm.add_account(
            name=one.name,
            industry=one.industry,
            region=one.region,
            domain=one.domain,
            level="regular",
            **whose,
        )
        crm.add_contact(
            account=record, name=person.name, title=person.title, email=person.email, phone=person.phone,
            by=None, at=created,
        )  # fmt: skip
    if reason:
        crm.return_to_pool(record=record, reason=reason, by=owner, at=min(began, at))
