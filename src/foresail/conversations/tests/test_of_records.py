"""The timelines of accounts, contacts and leads: what happened in their deals and to themselves, for who may see it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foresail.conversations.services import record_communication
from foresail.conversations.tests.conftest import AT, Company
from foresail.core import clock
from foresail.crm import services as crm
from foresail.crm.models import Account, Contact, Deal, FieldRule, Lead
from foresail.people import services as people
from foresail.people.models import User
from foresail.people.roles import Role
from foresail.timeline.services import append
from foresail.timeline.tests.making import entry

HOUR = timedelta(hours=1)
LATER = AT + timedelta(days=3)
Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Ask for the timeline of a record as a user; return the status and what was answered."""
    monkeypatch.setattr(clock, "now", lambda: LATER)

    def ask(user: User, kind: str, key: int, more: str = "") -> tuple[int, Any]:
        client = Client()
        _, token = people.create_session(user=user, address="192.0.2.1", agent="Tests", at=LATER)
        client.cookies["foresail_session"] = token
        answer = client.get(f"/api/records/{kind}/{key}/timeline{more}")
        return answer.status_code, answer.json()

    return ask


@dataclass(kw_only=True)
class World:
    wang: User
    account: Account
    other: Deal
    lead: Lead
    empty: Account


@pytest.fixture
def world(company: Company) -> World:
    """A second deal of the account that is Wang's, a role of the contact in Li's, a lead, and an account without deals."""
    account, li, team = company.deal.account, company.li, company.deal.team
    assert team is not None
    wang = people.add_user(email="wang@example.com", name="Wang", team=team, by=None, at=AT)
    people.grant_role(user=wang, role=Role.REP, by=None, at=AT)
    other = crm.open_deal(
        name="二期",
        account=account,
        pipeline=company.deal.pipeline,
        owner=wang,
        team=team,
        by=None,
        at=AT + HOUR,
    )
    crm.set_deal_contact(deal=company.deal, contact=company.contact, role="champion", by=None, at=AT)
    lead = crm.add_lead(line=account.line, owner=li, team=team, name="张三", company="锐航", by=None, at=AT)
    empty = crm.add_account(name="空客户", line=account.line, owner=li, team=team, by=None, at=AT)
    return World(wang=wang, account=account, other=other, lead=lead, empty=empty)


def talk(deal: Deal, title: str, by: User, *, contact: Contact | None = None, after: int = 2) -> None:
    record_communication(
        deal=deal,
        channel="call",
        title=title,
        contact=contact,
        happened_at=AT + after * HOUR,
        at=LATER,
        by=by,
    )


def said(page: Any) -> list[tuple[str, str | None, str | None]]:
    """Return kind, title and deal of each entry."""
    return [(each["kind"], each["title"], each["deal"] and each["deal"]["name"]) for each in page["items"]]


def test_an_account_shows_its_deals_as_far_as_each_may_be_seen(
    company: Company, world: World, ask: Ask
) -> None:
    talk(company.deal, "谈价", company.li)
    talk(world.other, "谈二期", world.wang, after=3)
    task = crm.add_task(title="年度拜访", account=world.account, assignee=company.li, by=company.li, at=AT)
    crm.finish_task(task=task, by=company.li, at=AT + 4 * HOUR)
    status, page = ask(company.li, "account", world.account.pk)
    assert status == 200
    assert said(page) == [
        ("task_done", None, None),
        ("call", "谈价", "锐航精密 伺服驱动器"),
        ("stage_qualified", None, "锐航精密 伺服驱动器"),
        ("deal_opened", None, "锐航精密 伺服驱动器"),
    ]
    assert page["counts"] == {"task": 1, "call": 1, "stage": 2}
    assert said(ask(company.li, "account", world.account.pk, "?groups=call")[1]) == [
        ("call", "谈价", "锐航精密 伺服驱动器")
    ]
    assert ask(world.wang, "account", world.account.pk)[0] == 404
    assert said(ask(company.li, "account", world.empty.pk)[1]) == []
    # Shared, the account is seen, and its deals still only where these are.
    crm.share_record(record=world.account, user=world.wang, by=company.li, at=LATER)
    assert {deal for _, _, deal in said(ask(world.wang, "account", world.account.pk)[1])} == {"二期", None}


def test_a_contact_shows_what_they_took_part_in(company: Company, world: World, ask: Ask) -> None:
    talk(company.deal, "与王静", company.li, contact=company.contact)
    talk(company.deal, "与别人", company.li)
    talk(world.other, "王的", world.wang, contact=company.contact, after=3)
    assert said(ask(company.li, "contact", company.contact.pk)[1]) == [
        ("call", "与王静", "锐航精密 伺服驱动器")
    ]
    twin = crm.add_contact(account=world.account, name="王 静", by=None, at=AT)
    crm.contact_left(contact=twin, by=None, at=AT + 5 * HOUR)
    assert said(ask(company.li, "contact", twin.pk)[1]) == [("contact_left", None, None)]
    crm.merge_records(keep=company.contact, gone=[twin], by=None, at=LATER)
    crm.contact_left(contact=company.contact, by=None, at=AT + 6 * HOUR)
    assert said(ask(company.li, "contact", company.contact.pk)[1]) == [
        ("contact_left", None, "锐航精密 伺服驱动器"),
        ("contact_left", None, None),
        ("call", "与王静", "锐航精密 伺服驱动器"),
    ]
    assert ask(world.wang, "contact", company.contact.pk)[0] == 404


def test_a_lead_goes_on_as_its_deal(company: Company, world: World, ask: Ask) -> None:
    lead, li = world.lead, company.li
    crm.take_up_lead(lead=lead, by=li, at=AT + HOUR)
    done = crm.convert_lead(
        lead=lead,
        account=world.account,
        pipeline=company.deal.pipeline,
        deal_values={"name": "三期"},
        by=li,
        at=AT + 2 * HOUR,
    )
    assert done.deal is not None
    talk(done.deal, "首次沟通", li, after=3)
    of_lead = said(ask(li, "lead", lead.pk)[1])
    assert of_lead[0] == ("call", "首次沟通", "三期")
    assert [kind for kind, _, _ in of_lead[1:]] == [
        "lead_converted",
        "stage_qualified",
        "deal_opened",
        "lead_taken_up",
    ]
    assert ("lead_converted", None, None) in said(ask(li, "account", world.account.pk)[1])
    crm.assign_deal(deal=done.deal, owner=world.wang, team=world.account.team, by=None, at=LATER)
    assert {kind for kind, _, _ in said(ask(li, "lead", lead.pk)[1])} == {"lead_converted", "lead_taken_up"}
    other = crm.add_lead(line=lead.line, owner=li, team=lead.team, name="李四", by=None, at=AT)
    crm.discard_lead(lead=other, reason="空号", by=li, at=LATER)
    page = ask(li, "lead", other.pk)[1]
    assert said(page) == [("lead_discarded", None, None)]
    assert page["items"][0]["values"] == {}


def test_what_a_field_rule_hides_is_in_no_entry(company: Company, world: World, ask: Ask) -> None:
    deal = crm.open_deal(
        name="改造", account=world.empty, pipeline=company.deal.pipeline, owner=company.li, team=world.account.team,
        amount=Decimal("120000.50"), facts={"product": "监测"}, by=None, at=AT,
    )  # fmt: skip
    crm.change_deal(deal=deal, version=1, amount=None, by=company.li, at=LATER)
    opened = ask(company.li, "account", world.empty.pk)[1]["items"]
    assert opened[-1]["values"]["amount"] == "120000.50"
    assert opened[0]["values"] == {"changed": ["amount"]}
    FieldRule.objects.create(record_type="deal", field="amount", role=Role.REP.value, level="hidden")
    hidden = ask(company.li, "account", world.empty.pk)[1]["items"]
    assert "amount" not in hidden[-1]["values"]
    assert hidden[0]["values"] == {"changed": []}
    assert hidden[-1]["values"]["facts"]["product"] == "监测"


def test_pages_go_on_and_cost_the_same(company: Company, world: World, ask: Ask) -> None:
    append(
        [
            entry(str(n), deal_id=company.deal.pk, account_id=world.account.pk, at=AT + timedelta(minutes=n // 3), known_at=LATER)
            for n in range(300)
        ],
        at=LATER,
    )  # fmt: skip
    seen: list[int] = []
    costs: list[int] = []
    cursor = ""
    while True:
        with CaptureQueriesContext(connection) as asked:
            page = ask(company.li, "account", world.account.pk, f"?limit=50{cursor}")[1]
        costs.append(len(asked))
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&before={page['next']}"
    assert len(seen) == len(set(seen)) == 302
    assert max(costs[1:]) - min(costs[1:]) <= 1  # the last page also names who opened the deal
    crm.open_deal(
        name="四期", account=world.account, pipeline=company.deal.pipeline, owner=company.li, team=world.account.team,
        by=None, at=LATER,
    )  # fmt: skip
    with CaptureQueriesContext(connection) as more:
        ask(company.li, "account", world.account.pk, "?limit=50")
    assert len(more) <= costs[0] + 1


def test_open_pages_are_told_of_the_account_and_the_contact(
    company: Company, world: World, notices: Callable[[], list[tuple[str, int]]]
) -> None:
    notices()
    talk(company.deal, "谈价", company.li, contact=company.contact)
    expected = {("account", world.account.pk), ("contact", company.contact.pk), ("deal", company.deal.pk)}
    assert expected <= set(notices())
    crm.take_up_lead(lead=world.lead, by=company.li, at=LATER)
    assert ("lead", world.lead.pk) in notices()
