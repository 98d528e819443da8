"""A company that sells in one line: Li in the east under Boss, Zhao in the west; a deal of Li's, and no trigger yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from foresail.advice import services
from foresail.advice.facts import FACTS
from foresail.advice.models import Suggestion, Trigger
from foresail.advice.past import Past
from foresail.conversations import services as conversations
from foresail.crm import services as crm
from foresail.crm.models import Account, Contact, Deal, Pipeline
from foresail.people import services as people
from foresail.people.models import Team, User
from foresail.people.roles import Role
from foresail.signals.models import Evidence, Topic
from foresail.timeline.services import NewEntry, append

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)  # Monday, 10:00 in Shanghai
DAY = timedelta(days=1)
STAGES = tuple(
    crm.StageSpec(key, zh, key.title())
    for key, zh in (("qualified", "已确认"), ("evaluation", "技术评估"), ("quote", "报价"))
)


@dataclass
class Company:
    li: User
    zhao: User
    boss: User
    ops: User
    east: Team
    pipeline: Pipeline
    account: Account
    contact: Contact
    deal: Deal
    topics: dict[str, int]
    count: int = 0

    def open(
        self, name: str = "监测系统", *, account: Account | None = None, at: datetime = AT - 60 * DAY
    ) -> Deal:
        return crm.open_deal(
            name=name, account=account or self.account, pipeline=self.pipeline, owner=self.li, team=self.east, by=None,
            at=at, amount=Decimal(120_000),
        )  # fmt: skip

    def move(self, deal: Deal, stage: str, *, at: datetime) -> None:
        deal.refresh_from_db()
        to = self.pipeline.stages.get(key=stage)
        crm.move_deal(deal=deal, stage=to, version=deal.version, by=None, at=at)

    def end(self, deal: Deal, outcome: str, *, at: datetime) -> None:
        deal.refresh_from_db()
        crm.close_deal(deal=deal, outcome=outcome, version=deal.version, by=None, at=at)

    def told(
        self, kind: str, *, deal: Deal | None = None, at: datetime, known_at: datetime | None = None
    ) -> None:
        deal, self.count = deal or self.deal, self.count + 1
        entry = NewEntry(
            known_at=known_at or at, at=at, kind=kind, deal_id=deal.pk, account_id=deal.account_id,
            subject=f"crm.Deal:{deal.pk}", source="test", source_id=str(self.count), basis="own_record",
        )  # fmt: skip
        append([entry], at=known_at or at)

    def say(
        self,
        contact: Contact,
        *,
        at: datetime,
        direction: str = "in",
        title: str = "关于监测系统",
        deal: Deal | None = None,
    ) -> None:
        conversations.record_communication(
            deal=deal or self.deal, channel="mail", direction=direction, title=title, text="", contact=contact,
            happened_at=at, by=self.li, at=at,
        )  # fmt: skip

    def interest(
        self,
        topic: str,
        *,
        at: datetime,
        count: int = 1,
        known_at: datetime | None = None,
        account: Account | None = None,
    ) -> None:
        """Keep evidence of so many downloads, as signals would."""
        for _ in range(count):
            self.count += 1
            Evidence.objects.create(
                account=(account or self.account).pk, topic=self.topics[topic], kind="download", signal=self.count,
                visitor=self.count, at=at, on=at.date(), known_at=known_at or at, amount=1.0, topics=1,
            )  # fmt: skip


@pytest.fixture
def company(settings: Any) -> Company:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
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
    began = AT - 200 * DAY
    account = crm.add_account(name="晨光电力", line=line, owner=li, team=east, by=None, at=began)
    contact = crm.add_contact(account=account, name="王静", by=None, at=began)
    topics = {
        key: Topic.objects.create(
            key=key, kind=kind, zh=key, en=key, rule={"field": "url", "op": "contains", "value": key}, status="active",
            changed_at=AT,
        ).pk
        for key, kind in (("智远", "competitor"), ("price", "price"))
    }  # fmt: skip
    made = Company(li, zhao, boss, ops, east, pipeline, account, contact, None, topics)  # type: ignore[arg-type]
    made.deal = made.open()
    crm.set_deal_contact(deal=made.deal, contact=contact, role="champion", by=None, at=AT - 60 * DAY)
    Trigger.objects.all().delete()  # those that come with it have their own test
    return made


def condition(*tests: tuple[str, str, object]) -> dict[str, Any]:
    return {"all": [{"field": field, "op": op, "value": value} for field, op, value in tests]}


FLAGSHIP = condition(("evaluation_days", "gte", "7"), ("competitor_surging", "is", True))


@pytest.fixture
def trigger(company: Company) -> Callable[..., Trigger]:
    def make(when: Mapping[str, Any] = FLAGSHIP, **more: Any) -> Trigger:
        values = {
            "zh": f"触发器 {Trigger.objects.count()}", "en": "trigger", "about": "deal", "condition": when, "action": "call",
            "action_zh": "与{account}谈{topic}", "action_en": "Talk of {topic}", "status": "active", "cooldown_days": 10,
            "expiry_days": 10,
        }  # fmt: skip
        return services.add_trigger(values=values | more, by=company.ops, at=AT)

    return make


def stalled(company: Company) -> Deal:
    """Make the flagship's case: ten days in the evaluation, and the competitor's pages read as never before."""
    company.move(company.deal, "evaluation", at=AT - 10 * DAY)
    company.interest("智远", at=AT - 2 * DAY, count=2)
    return company.deal


def facts(company: Company, *wanted: str, at: datetime = AT, about: str = "deal") -> dict[str, object]:
    past = Past(about=about, wanted=wanted or list(FACTS), since=at, until=at)
    return past.at(at)[company.deal.pk if about == "deal" else company.account.pk].values


@pytest.fixture
def suggested(company: Company, trigger: Callable[..., Trigger]) -> Suggestion:
    stalled(company)
    trigger()
    services.judge_all(at=AT)
    return Suggestion.objects.get()
