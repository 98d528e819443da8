"""A deal of Li's that Wang may not see."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest

from foresail.crm import services as crm
from foresail.crm.models import Account, Deal, Pipeline
from foresail.people import services as people
from foresail.people.models import User
from foresail.people.roles import Role
from foresail.timeline.tests.making import AT

STAGES = (
    crm.StageSpec("qualified", "已确认", "qualified", 10),
    crm.StageSpec("quote", "报价", "quote", 14),
)


@dataclass(kw_only=True)
class Company:
    li: User
    wang: User
    pipeline: Pipeline
    account: Account
    deal: Deal


@pytest.fixture
def company(db: None) -> Company:  # noqa: ARG001  # asks for the database
    line = people.add_line(name="能源", by=None, at=AT)
    team = people.add_team(name="华东", line=line, by=None, at=AT)

    def hire(name: str) -> User:
        user = people.add_user(email=f"{name}@example.com", name=name, team=team, by=None, at=AT)
        people.grant_role(user=user, role=Role.REP, by=None, at=AT)
        return user

    li, wang = hire("Li"), hire("Wang")
    pipeline = crm.add_pipeline(name="大客户", line=line, stages=STAGES, by=None, at=AT)
    account = crm.add_account(name="晨光电力", line=line, owner=li, team=team, by=None, at=AT)
    deal = crm.open_deal(
        name="监测系统",
        account=account,
        pipeline=pipeline,
        owner=li,
        team=team,
        amount=Decimal("120000.50"),
        facts={"product": "监测"},
        by=li,
        at=AT,
    )
    return Company(li=li, wang=wang, pipeline=pipeline, account=account, deal=deal)


LATER = AT + timedelta(days=3)
