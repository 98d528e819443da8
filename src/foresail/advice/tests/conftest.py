"""A company that sells in one line: Li in the east under Boss, Zhao in the west; with a deal of Li's, and a library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from django.db import transaction

from foresail.advice import services
from foresail.advice.models import Asset
from foresail.conversations import services as conversations
from foresail.crm import services as crm
from foresail.crm.models import Account, Contact, Deal, Pipeline
from foresail.governance import services as governance
from foresail.governance.collecting import PRESETS, Purpose
from foresail.people import services as people
from foresail.people.models import Team, User
from foresail.people.roles import Role
from foresail.signals.models import Evidence, Topic

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)  # Monday, 10:00 in Shanghai
DAY = timedelta(days=1)
STAGES = (
    crm.StageSpec("qualified", "已确认", "Qualified"),
    crm.StageSpec("evaluation", "技术评估", "Evaluation"),
    crm.StageSpec("quote", "报价", "Quote"),
)


@dataclass(kw_only=True)
class Company:
    east: Team
    li: User
    zhao: User
    boss: User
    ops: User
    admin: User
    pipeline: Pipeline
    account: Account
    contact: Contact
    deal: Deal

    def open(
        self,
        name: str = "监测系统",
        *,
        account: Account | None = None,
        owner: User | None = None,
        amount: Decimal | None = None,
        at: datetime = AT,
    ) -> Deal:
        owner = owner or self.li
        return crm.open_deal(
            name=name, account=account or self.account, pipeline=self.pipeline, owner=owner, team=owner.team,
            amount=amount, by=None, at=at,
        )  # fmt: skip

    def say(
        self,
        text: str = "",
        *,
        title: str = "关于项目",
        contact: Contact | None = None,
        direction: str = "in",
        at: datetime = AT - DAY,
    ) -> None:
        conversations.record_communication(
            deal=self.deal, channel="mail", direction=direction, title=title, text=text,
            contact=contact or self.contact, happened_at=at, by=self.li, at=at,
        )  # fmt: skip

    def move(self, deal: Deal, stage: str, *, at: datetime) -> None:
        deal.refresh_from_db()
        to = self.pipeline.stages.get(key=stage)
        crm.move_deal(deal=deal, stage=to, version=deal.version, by=None, at=at)

    def end(self, deal: Deal, outcome: str, *, at: datetime) -> None:
        deal.refresh_from_db()
        crm.close_deal(deal=deal, outcome=outcome, version=deal.version, by=None, at=at)

    def read(
        self,
        zh: str,
        *,
        en: str = "",
        kind: str = "competitor",
        value: str = "/x",
        ago: int = 2,
        count: int = 2,
    ) -> int:
        """Keep evidence that somebody of the account read of a topic `ago` days before AT, as signals would."""
        topic, _ = Topic.objects.get_or_create(
            zh=zh, kind=kind,
            defaults={
                "key": f"t-{Topic.objects.count()}", "en": en or zh, "status": "active", "changed_at": AT,
                "rule": {"field": "words", "op": "contains", "value": value},
            },
        )  # fmt: skip
        at = AT - ago * DAY
        for _ in range(count):
            number = 10**6 + Evidence.objects.count()  # no signal or visitor that the intake knows
            Evidence.objects.create(
                account=self.account.pk, topic=topic.pk, kind="download", signal=number, visitor=number, at=at,
                on=at.date(), known_at=at, amount=1.0, topics=1,
            )  # fmt: skip
        return topic.pk

    def agree(self, *, at: datetime = AT) -> None:
        """Allow links on consent, and let the contact give it."""
        governance.add_guardian(person=self.boss, by=self.admin, at=at)
        made = governance.propose_boundary(rules=PRESETS[0].rules(), reason="test", by=self.ops, at=at)
        governance.decide_boundary(boundary=made, approved=True, note="", by=self.boss, at=at)
        said = governance.ConsentGiven(
            subject=f"contact:{self.contact.pk}", purpose=Purpose.INTENT, given=True, at=at, source="form"
        )
        with transaction.atomic():
            governance.note_consents([said], by=None, at=at)


Kind = TypeVar("Kind", bound=Company)


def founded(kind: type[Kind], *, began: datetime, **more: Any) -> Kind:
    """Return the company before its first deal: its account is there since `began`."""
    line = people.add_line(name="能源", by=None, at=AT)
    east, west = (people.add_team(name=name, line=line, by=None, at=AT) for name in ("华东", "西部"))

    def hire(name: str, role: Role, team: Team | None) -> User:
        user = people.add_user(email=f"{name}@us.com", name=name, team=team, by=None, at=AT)
        people.grant_role(user=user, role=role, by=None, at=AT)
        return user

    li, zhao = hire("Li", Role.REP, east), hire("Zhao", Role.REP, west)
    boss, ops = hire("Boss", Role.MANAGER, east), hire("Ops", Role.SALES_OPERATIONS, None)
    people.appoint_manager(team=east, manager=boss, by=None, at=AT)
    pipeline = crm.add_pipeline(name="大客户", line=line, stages=STAGES, by=None, at=AT)
    account = crm.add_account(
        name="晨光电力", line=line, owner=li, team=east, industry="锂电", by=None, at=began
    )
    contact = crm.add_contact(account=account, name="王静", by=None, at=began)
    return kind(
        east=east, li=li, zhao=zhao, boss=boss, ops=ops, admin=hire("Root", Role.ADMIN, None), pipeline=pipeline,
        account=account, contact=contact, deal=None,  # type: ignore[arg-type]  # opened by who asks
        **more,
    )  # fmt: skip


@pytest.fixture
def company(settings: Any, db: None) -> Company:  # noqa: ARG001 (asks for the database)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    company = founded(Company, began=AT - 100 * DAY)
    company.deal = company.open(at=AT - 40 * DAY)
    crm.set_deal_contact(
        deal=company.deal, contact=company.contact, role="technical", by=None, at=AT - 40 * DAY
    )
    company.move(company.deal, "evaluation", at=AT - 30 * DAY)
    company.deal.refresh_from_db()
    return company


@pytest.fixture
def put(company: Company) -> Callable[..., Asset]:
    """Put something into the library."""

    def put(title: str = "选型手册", *, at: datetime = AT, **values: Any) -> Asset:
        given = {"title": title, "language": "zh", "url": "https://www.example.com/a.pdf", **values}
        return services.create_asset(values=given, by=company.ops, at=at)

    return put
