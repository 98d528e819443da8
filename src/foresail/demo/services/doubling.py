"""What was entered twice, as it happens: somebody who did not look first, a name by heart, a card from a fair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

from foresail.crm import queries
from foresail.crm import services as crm
from foresail.demo.customers import Customer
from foresail.demo.organisation import Organisation

ACCOUNTS, CONTACTS = 3, 4
FEW: Final = 5_000
"""Among more accounts it takes minutes to find duplicates: that is left to the night."""


def fill_doubles(
    customers: Sequence[Customer], *, accounts: Mapping[int, int], organisation: Organisation, at: datetime
) -> int:
    """Enter some accounts and contacts a second time; return how many are accounts.

    `accounts` are the keys of `customers` by their identity.
    """
    chosen = (
        one for one in customers if one.name.endswith("有限公司") and one.people and one.people[0].phone
    )
    twice = list(islice(chosen, ACCOUNTS))
    for one in twice:
        person = one.people[0]
        again = crm.add_account(
            name=f"{one.name.removesuffix('有限公司')}公司", industry=one.industry, region=one.region,
            domain=one.domain, **_whose(one, organisation), by=None, at=at,
        )  # fmt: skip
        crm.add_contact(
            account=again, name=person.name, title=person.title, phone=person.phone, by=None, at=at
        )
    for one in islice(chosen, CONTACTS):
        person = one.people[0]
        crm.add_contact(
            account=queries.record_type("account").model.objects.get(pk=accounts[id(one)]), name=person.name, title="",
            phone=f"+86 {person.phone[:3]} {person.phone[3:7]} {person.phone[7:]}", by=None, at=at,
        )  # fmt: skip
    return len(twice)


def find_doubles(*, accounts: int, at: datetime) -> None:
    """Look for duplicates, as every night: the list of them is there from the first day."""
    for kind in crm.MATCHED if accounts <= FEW else ():
        crm.find_duplicates(kind=queries.record_type(kind), at=at)


def _whose(one: Customer, organisation: Organisation) -> dict[str, Any]:
    return {
        "line": organisation.lines[one.line], "owner": organisation.users[one.owner], "team": organisation.teams[one.team],
    }  # fmt: skip
