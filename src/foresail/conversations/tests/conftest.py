"""A deal of Li's, a contact of its account and one of another's, and somebody who may not change it."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from foresail.crm import services as crm
from foresail.crm.models import Contact, Deal
from foresail.people import services as people
from foresail.people.models import User
from foresail.people.roles import Role

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(kw_only=True)
class Company:
    li: User
    zhao: User
    deal: Deal
    contact: Contact
    stranger: Contact


@pytest.fixture
def company(db: None) -> Company:  # noqa: ARG001 (asks for the database)
    line = people.add_line(name="运动控制", by=None, at=AT)
    team = people.add_team(name="一组", line=line, by=None, at=AT)
    users = [
        people.add_user(email=f"{name}@example.com", name=name, team=team, by=None, at=AT)
        for name in ("Li", "Zhao")
    ]
    people.grant_role(user=users[0], role=Role.REP, by=None, at=AT)
    people.grant_role(user=users[1], role=Role.LEGAL, by=None, at=AT)
    stages = (crm.StageSpec("qualified", "已确认", "Qualified"),)
    pipeline = crm.add_pipeline(name="运动控制", line=line, stages=stages, by=None, at=AT)
    accounts = [
        crm.add_account(name=name, line=line, owner=users[0], team=team, by=None, at=AT)
        for name in ("苏州锐航精密机械有限公司", "常州同辉光伏科技有限公司")
    ]
    contacts = [
        crm.add_contact(account=account, name=name, title="采购总监", by=None, at=AT)
        for account, name in zip(accounts, ("王静", "郑磊"), strict=True)
    ]
    deal = crm.open_deal(
        name="锐航精密 伺服驱动器",
        account=accounts[0],
        pipeline=pipeline,
        owner=users[0],
        team=team,
        by=None,
        at=AT,
    )
    return Company(li=users[0], zhao=users[1], deal=deal, contact=contacts[0], stranger=contacts[1])
