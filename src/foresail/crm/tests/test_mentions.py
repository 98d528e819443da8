"""Notes name colleagues: by key, offered to who may see the record, told once, and to nobody who may not see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foresail.core import clock, events
from foresail.crm import errors, queries, services
from foresail.crm.events import NoteMentioned
from foresail.crm.mentions import seeing
from foresail.crm.models import Note, Record
from foresail.crm.tests.conftest import AT, LATER, Company
from foresail.people import services as people
from foresail.people.models import User
from foresail.people.roles import Action, Role
from foresail.people.rules import may

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATER)


@pytest.fixture
def ask() -> Ask:
    def ask(who: User, method: str, path: str, body: object = None) -> tuple[int, Any]:
        client = Client()
        _, token = people.create_session(user=who, address="192.0.2.1", agent="Tests", at=LATER)
        client.cookies["foresail_session"] = token
        data = {} if body is None else {"data": body, "content_type": "application/json"}
        answer = getattr(client, method.lower())(f"/api{path}", **data)
        return answer.status_code, answer.json() if answer.content else None

    return ask


@pytest.fixture
def told() -> list[NoteMentioned]:
    kept: list[NoteMentioned] = []
    events.listen(NoteMentioned, kept.append)
    return kept


def test_who_is_named_anew_and_may_see_the_record_is_told(
    company: Company, told: list[NoteMentioned]
) -> None:
    li, boss, zhao, reader = company.li, company.boss, company.zhao, company.reader
    text = f"@[{boss.pk}] 请看报价，@[{zhao.pk}] @[{li.pk}] @[{boss.pk}] @[999999999999999999]"
    note = services.add_note(record=company.deal, text=text, by=li, at=AT)
    assert [(each.record_type, each.record, each.people, each.actor) for each in told] == [
        ("deal", company.deal.pk, (boss.pk,), li.pk)
    ]
    services.change_note(note=note, text=f"{text} @[{reader.pk}]", by=li, at=LATER)
    assert told[1].people == (reader.pk,)
    services.change_note(note=note, text=f"@[{boss.pk}]，改一个字", by=li, at=LATER)
    services.change_note(note=note, text="@Boss", by=li, at=LATER)
    assert len(told) == 2
    people.deactivate_user(user=boss, by=None, at=LATER)
    services.add_note(record=company.deal, text=f"@[{boss.pk}]", by=li, at=LATER)
    assert len(told) == 2


def test_too_many_are_refused_and_nobody_is_told(company: Company, told: list[NoteMentioned]) -> None:
    text = " ".join(f"@[{key}]" for key in range(1, 52))
    with pytest.raises(errors.TooManyMentioned):
        services.add_note(record=company.deal, text=text, by=company.li, at=AT)
    assert not Note.objects.exists()
    assert told == []


def test_the_note_shows_names_as_they_are_now_and_who_sees_nothing_of_it(company: Company, ask: Ask) -> None:
    path, li, boss, zhao = f"/records/deal/{company.deal.pk}/notes", company.li, company.boss, company.zhao
    text = f"@[{zhao.pk}] 与 @[{boss.pk}] @[999]"
    status, note = ask(li, "POST", path, {"text": text})
    assert (status, note["text"]) == (201, text)
    people.change_user(user=boss, name="Big Boss", by=None, at=LATER)
    (shown,) = ask(boss, "GET", path)[1]
    assert shown["mentions"] == [
        {"id": zhao.pk, "name": "Zhao", "sees": False},
        {"id": boss.pk, "name": "Big Boss", "sees": True},
    ]
    share = services.share_record(record=company.deal, user=zhao, by=li, at=LATER)
    assert [each["sees"] for each in ask(zhao, "GET", path)[1][0]["mentions"]] == [True, True]
    services.end_share(share=share, record=company.deal, by=li, at=LATER)
    assert ask(zhao, "GET", path)[0] == 404
    status, note = ask(li, "PATCH", f"/notes/{note['id']}", {"text": "没有人"})
    assert (status, note["mentions"]) == (200, [])


def test_whom_one_can_name_may_see_the_record(company: Company, ask: Ask) -> None:
    path = f"/records/deal/{company.deal.pk}/notes/mentionable"
    assert [(each["name"], each["team"]) for each in ask(company.li, "GET", path)[1]] == [
        ("Boss", "华东"), ("Ops", ""), ("Reader", "华东"),
    ]  # fmt: skip
    assert [each["name"] for each in ask(company.ops, "GET", f"{path}?q=o")[1]] == ["Boss"]
    assert ask(company.zhao, "GET", path)[0] == 404
    product = services.add_product(name="控制器", code="C1", by=company.ops, at=AT)
    names = [
        each["name"] for each in ask(company.li, "GET", f"/records/product/{product.pk}/notes/mentionable")[1]
    ]
    assert names == ["Boss", "Ops", "Reader", "Wang", "Zhao"]


def test_notes_cost_as_many_queries_however_many_they_are(company: Company) -> None:
    def cost() -> int:
        notes = queries.notes_of(record=company.deal)
        with CaptureQueriesContext(connection) as asked:
            queries.mentions_in(notes=notes, record=company.deal)
        return len(asked)

    services.add_note(record=company.deal, text="没有人", by=company.li, at=AT)
    assert cost() == 0
    services.add_note(record=company.deal, text=f"@[{company.boss.pk}]", by=company.li, at=AT)
    first = cost()
    for user in (company.ops, company.zhao, company.reader):
        services.add_note(
            record=company.deal, text=f"@[{user.pk}] @[{company.wang.pk}]", by=company.li, at=AT
        )
    assert cost() == first <= 4


def test_who_sees_is_the_one_rule_asked_the_other_way_round(
    company: Company, hire: Callable[..., User]
) -> None:
    below = people.add_team(name="华东一组", line=company.line, parent=company.east, by=None, at=AT)
    other = people.add_line(name="电子", by=None, at=AT)
    far = people.add_team(name="电子组", line=other, by=None, at=AT)
    lead_of_west, both = (
        hire("West", Role.MANAGER, team=company.west),
        hire("Both", Role.REP, Role.LEGAL, team=far),
    )
    people.appoint_manager(team=company.west, manager=lead_of_west, by=None, at=AT)
    hire("Small", Role.REP, team=below)
    hire("SmallLead", Role.MANAGER, team=below)
    hire("Far", Role.READ_ONLY, team=far)
    hire("Legal", Role.LEGAL, team=company.west)
    hire("Admin", Role.ADMIN)
    hire("Nobody", team=company.east)
    gone = hire("Gone", Role.SALES_OPERATIONS)
    contact = services.add_contact(account=company.account, name="吴敏", by=None, at=AT)
    small = services.add_account(
        name="小客户", line=company.line, owner=company.li, team=below, by=None, at=AT
    )
    pool = services.add_account(name="公海客户", line=company.line, team=company.west, by=None, at=AT)
    lead = services.add_lead(line=other, owner=both, team=far, name="张三", by=None, at=AT)
    people.deactivate_user(user=gone, by=None, at=AT)
    records: list[Record] = [company.deal, company.account, contact, small, pool, lead]

    def agree() -> int:
        allowed = 0
        for record in records:
            record.refresh_from_db()
            sees = set(seeing(record).values_list("pk", flat=True))
            by_rule = {
                user.pk
                for user in User.objects.all()
                if may(user=user, action=Action.SEE, record=record).allowed
            }
            assert sees == by_rule, record
            allowed += len(sees)
        return allowed

    before = agree()
    services.share_record(record=company.account, team=company.west, below=True, by=company.li, at=AT)
    services.share_record(record=lead, user=company.wang, by=both, at=AT)
    services.share_record(record=small, team=far, right="change", by=company.li, at=AT)
    assert agree() > before
    # Another owner: what the account is shared with does not hold for its deal.
    services.assign_deal(deal=company.deal, owner=company.wang, team=company.east, by=company.ops, at=AT)
    agree()
