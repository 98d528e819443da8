"""A company that sells in one line: Li in the east under Boss, Zhao in the west; with a deal of Li's."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from foresail.conversations import services as conversations
from foresail.crm import services as crm
from foresail.crm.models import Account, Contact, Deal, Pipeline
from foresail.people import services as people
from foresail.people.models import Team, User
from foresail.people.roles import Role
from foresail.timeline.services import NewEntry, append

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)  # Monday, 10:00 in Shanghai
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
STAGES = (
    crm.StageSpec("qualified", "已确认", "Qualified"),
    crm.StageSpec("solution", "方案", "Solution"),
    crm.StageSpec("quote", "报价", "Quote"),
    crm.StageSpec("negotiation", "谈判", "Negotiation"),
)


@dataclass(kw_only=True)
class Company:
    east: Team
    li: User
    wang: User
    zhao: User
    boss: User
    ops: User
    admin: User
    pipeline: Pipeline
    account: Account
    contact: Contact
    deal: Deal

    def open(
        self, *, name: str = "监测系统", owner: User | None = None, at: datetime = AT, **more: Any
    ) -> Deal:
        owner = owner or self.li
        more = {"amount": Decimal(120_000)} | more
        return crm.open_deal(
            name=name,
            account=self.account,
            pipeline=self.pipeline,
            owner=owner,
            team=owner.team,
            by=None,
            at=at,
            **more,
        )

    def say(
        self,
        text: str,
        *,
        deal: Deal | None = None,
        channel: str = "mail",
        direction: str = "in",
        title: str = "关于监测系统",
        contact: Contact | None = None,
        at: datetime = AT,
        by: User | None = None,
    ) -> None:
        conversations.record_communication(
            deal=deal or self.deal, channel=channel, direction=direction, title=title, text=text, contact=contact,
            happened_at=at, by=by or self.li, at=at,
        )  # fmt: skip

    def told(
        self, kind: str, *, deal: Deal | None = None, at: datetime, known_at: datetime | None = None
    ) -> None:
        deal = deal or self.deal
        entry = NewEntry(
            known_at=known_at or at, at=at, kind=kind, deal_id=deal.pk, account_id=deal.account_id, subject=f"crm.Deal:{deal.pk}",
            source="test", source_id=f"{kind}:{deal.pk}:{at}", basis="own_record", actor_id=deal.owner_id,
        )  # fmt: skip
        append([entry], at=known_at or at)

    def move(self, deal: Deal, stage: str, *, at: datetime) -> None:
        to = self.pipeline.stages.get(key=stage)
        deal.refresh_from_db()
        crm.move_deal(deal=deal, stage=to, version=deal.version, by=None, at=at)


@pytest.fixture
def company(settings: Any, db: None) -> Company:  # noqa: ARG001 (asks for the database)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    line = people.add_line(name="能源", by=None, at=AT)
    east, west = (people.add_team(name=name, line=line, by=None, at=AT) for name in ("华东", "西部"))

    def hire(name: str, role: Role, team: Team | None) -> User:
        user = people.add_user(email=f"{name}@us.com", name=name, team=team, by=None, at=AT)
        people.grant_role(user=user, role=role, by=None, at=AT)
        return user

    li, wang, zhao = hire("Li", Role.REP, east), hire("Wang", Role.REP, east), hire("Zhao", Role.REP, west)
    boss, ops = hire("Boss", Role.MANAGER, east), hire("Ops", Role.SALES_OPERATIONS, None)
    people.appoint_manager(team=east, manager=boss, by=None, at=AT)
    pipeline = crm.add_pipeline(name="大客户", line=line, stages=STAGES, by=None, at=AT)
    account = crm.add_account(
        name="晨光电力", line=line, owner=li, team=east, domain="cg.com", by=None, at=AT - 100 * DAY
    )
    contact = crm.add_contact(
        account=account, name="王静", title="采购经理", email="wj@cg.com", by=None, at=AT - 100 * DAY
    )
    company = Company(
        east=east, li=li, wang=wang, zhao=zhao, boss=boss, ops=ops, admin=hire("Root", Role.ADMIN, None),
        pipeline=pipeline, account=account, contact=contact, deal=None,  # type: ignore[arg-type]  # opened below
    )  # fmt: skip
    company.deal = company.open(at=AT - 40 * DAY)
    crm.set_deal_contact(deal=company.deal, contact=contact, role="champion", by=None, at=AT - 40 * DAY)
    return company
