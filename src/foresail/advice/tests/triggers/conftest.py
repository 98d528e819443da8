"""The company of advice, with a deal of Li's, two topics, and no trigger yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from foresail.advice import services
from foresail.advice.facts import FACTS
from foresail.advice.models import Suggestion, Trigger
from foresail.advice.past import Past
from foresail.advice.tests import conftest as advised
from foresail.advice.tests.conftest import AT, DAY
from foresail.crm import services as crm
from foresail.crm.models import Account, Deal
from foresail.signals.models import Evidence, Topic
from foresail.timeline.services import NewEntry, append


@dataclass(kw_only=True)
class Company(advised.Company):
    topics: dict[str, int]
    count: int = 0

    def open(
        self,
        name: str = "监测系统",
        *,
        amount: Decimal | None = Decimal(120_000),
        at: datetime = AT - 60 * DAY,
        **how: Any,
    ) -> Deal:
        return super().open(name, amount=amount, at=at, **how)

    def told(
        self, kind: str, *, deal: Deal | None = None, at: datetime, known_at: datetime | None = None
    ) -> None:
        deal, self.count = deal or self.deal, self.count + 1
        entry = NewEntry(
            known_at=known_at or at, at=at, kind=kind, deal_id=deal.pk, account_id=deal.account_id,
            subject=f"crm.Deal:{deal.pk}", source="test", source_id=str(self.count), basis="own_record",
        )  # fmt: skip
        append([entry], at=known_at or at)

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
    topics = {
        key: Topic.objects.create(
            key=key, kind=kind, zh=key, en=key, rule={"field": "url", "op": "contains", "value": key}, status="active",
            changed_at=AT,
        ).pk
        for key, kind in (("智远", "competitor"), ("price", "price"))
    }  # fmt: skip
    made = advised.founded(Company, began=AT - 200 * DAY, topics=topics)
    made.deal = made.open()
    crm.set_deal_contact(deal=made.deal, contact=made.contact, role="champion", by=None, at=AT - 60 * DAY)
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
