"""Withdrawing, adding up and judging at once: whoever comes first, nothing of who withdrew stands afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from foresail.advice import jobs
from foresail.advice import services as advice
from foresail.advice.models import Suggestion
from foresail.advice.tests.conftest import Company
from foresail.crm import services as crm
from foresail.governance import services as governance
from foresail.governance.collecting import Purpose
from foresail.signals import services as signals
from foresail.signals.models import Daily, Evidence, Fresh, Interest, Signal, Tie, Topic, Visitor
from foresail.signals.reading import Incoming
from foresail.signals.services import Brought, KnownKey

ROUNDS = 12
SITE = "https://www.example.com"


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.PARQUET = str(tmp_path / "parquet")


@dataclass
class Reader:
    """Somebody of the customer whose browser is known by what a server says of it, and who opens a link."""

    company: Company
    key: KnownKey
    wording: int
    link: str

    def say(self, number: int, *, given: bool) -> Brought:
        return self.brought(
            f"{number}-{given}",
            "consent_given" if given else "consent_withdrawn",
            values={"purpose": "intent"},
        )

    def brought(self, name: str, kind: str, *, values: Any, email: str = "") -> Brought:
        claims = {"email": email} if email else {}
        signal = Incoming(
            sender=SITE, id=name, source=None, kind=kind, visitor="reader", at=datetime.now(UTC), values=values,
            claims=claims,
        )  # fmt: skip
        return Brought(self.key, signal)

    def read(self, number: int) -> None:
        """Agree, read some pages, say who it is, and open the link."""
        self.note(given=True)
        pages = [
            self.brought(f"{number}-{page}", "page", values={"url": f"{SITE}/price", "title": "价格"})
            for page in range(10)
        ]
        known = self.brought(f"{number}-i", "identify", values={}, email="wang@chenguang.example")
        signals.take([self.say(number, given=True), *pages, known], at=datetime.now(UTC))
        signals.open_link(token=self.link, agent="Mozilla/5.0", at=datetime.now(UTC))

    def note(self, *, given: bool) -> None:
        crm.note_contact_consent(
            contact=self.company.contact, purpose=Purpose.INTENT, given=given, how="phone", proof="来电",
            wording=self.wording if given else None, by=self.company.li, at=datetime.now(UTC),
        )  # fmt: skip


@pytest.fixture
def reader(company: Company) -> Reader:
    now = datetime.now(UTC) - timedelta(minutes=1)
    company.agree(at=now)
    wording = governance.add_wording(
        purpose=Purpose.INTENT, zh="可以吗？", en="May we?", by=company.ops, at=now
    )
    crm.change_contact(contact=company.contact, email="wang@chenguang.example", by=None, at=now)
    Topic.objects.create(
        key="price", kind="price", zh="价格", en="price", rule={"field": "url", "op": "contains", "value": "price"},
        status="active", changed_at=now,
    )  # fmt: skip
    when = {"all": [{"field": "interest", "op": "gte", "value": "1"}]}
    values = {
        "zh": "意向上升", "en": "interest", "about": "deal", "condition": when, "action": "call", "action_zh": "联系{account}",
        "action_en": "Call {account}", "status": "active", "cooldown_days": 10, "expiry_days": 10,
    }  # fmt: skip
    advice.add_trigger(values=values, by=company.ops, at=now)
    _, token = signals.create_intake_key(
        kind="server", name="shop", sources=["web", "form"], by=company.ops, at=now
    )
    link = signals.make_link(target=f"{SITE}/a.pdf", contact=company.contact.pk, by=None, at=now)
    key = signals.known_keys()[signals.digest_of(token)]
    return Reader(company, key, wording.pk, signals.token_of(link))


def at_once(*verbs: Callable[[], object]) -> None:
    """Let each of `verbs` begin at once, in a connection of its own; raise what one of them raised."""
    together, wrong = Barrier(len(verbs)), []

    def run(verb: Callable[[], object]) -> None:
        try:
            together.wait(timeout=20)
            verb()
        except Exception as error:  # noqa: BLE001  whatever it is, it is no answer: a deadlock above all
            wrong.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(verb,)) for verb in verbs]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=30)
    if wrong:
        raise wrong[0]


def add_up() -> None:
    while signals.add_up():
        pass


def judge() -> None:
    for _ in range(3):
        advice.judge_waiting(at=datetime.now(UTC))


@pytest.mark.django_db(transaction=True)
def test_nothing_of_who_withdrew_stands_whoever_comes_first(reader: Reader) -> None:
    suggested = 0
    account = reader.company.account.pk
    try:
        for number in range(ROUNDS):
            reader.read(number)
            if number % 2:  # half of the time it was added up before
                add_up()
            suggested += Suggestion.objects.filter(facts__has_key="interest").count()

            def withdraw(number: int = number) -> None:
                reader.note(given=False)
                signals.take([reader.say(number, given=False)], at=datetime.now(UTC))

            at_once(withdraw, add_up, judge)
            add_up()
            jobs.forget_interest([account])  # as the withdrawal called for it
            for table in (Signal, Visitor, Tie, Evidence, Interest, Daily, Fresh):
                assert not table._default_manager.exists(), (number, table)
            for each in Suggestion.objects.all():
                assert not {"interest"} & each.facts.keys(), (number, each.facts)
                assert each.evidence.get("topics", {}) == {}
            advice.judge_waiting(at=datetime.now(UTC))
            assert not Suggestion.objects.filter(facts__has_key="interest").exists(), number
        assert Suggestion.objects.exists() or suggested, "somebody was judged while it stood"
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE signals_signal, signals_seen")
