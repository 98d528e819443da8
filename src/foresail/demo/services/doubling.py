"""What was entered twice, as it happens: somebody who did not look first, a name by heart, a card from a fair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

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
    twice, also = list(islice(chosen, ACCOUNTS)), list(islice(chosen, CONTACTS))
    again = crm.add_accounts(
        [
            crm.NewAccount(
                name=f"{one.name.removesuffix('有限公司')}公司",
                line=organisation.lines[one.line].pk,
                owner=organisation.users[one.owner].pk,
                team=organisation.teams[one.team].pk,
                industry=one.industry,
                region=one.region,
                domain=one.domain,
            )
            for one in twice
        ],
        by=None,
        at=at,
    )
    entered = [
        crm.NewContact(account=key, name=person.name, title=person.title, phone=person.phone)
        for key, person in zip(again, (one.people[0] for one in twice), strict=True)
    ]
    for one in also:
        person, key = one.people[0], accounts[id(one)]
        phone = f"+86 {person.phone[:3]} {person.phone[3:7]} {person.phone[7:]}"
        entered.append(crm.NewContact(account=key, name=person.name, phone=phone))
    crm.add_contacts(entered, by=None, at=at)
    return len(twice)


def find_doubles(*, accounts: int, at: datetime) -> None:
    """Look for duplicates, as every night: the list of them is there from the first day."""
    for kind in crm.MATCHED if accounts <= FEW else ():
        crm.find_duplicates(kind=queries.record_type(kind), at=at)
