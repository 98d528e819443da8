"""What somebody leaves goes to somebody else; and why somebody may see a record."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foresail.core import clock
from foresail.core.changes import Change
from foresail.crm import errors, queries, services
from foresail.crm.models import Account, Contact, Deal, FieldChange, Lead, Task
from foresail.crm.tests.conftest import AT, LATER, Company
from foresail.people import services as people
from foresail.people.models import Team, User
from foresail.people.roles import Role

Notices = Callable[[], list[tuple[str, int]]]
Hire = Callable[..., User]


def open_deal(company: Company, name: str, owner: User, team: Team) -> Deal:
    return services.open_deal(
        name=name, account=company.account, pipeline=company.pipeline, owner=owner, team=team, by=None, at=AT
    )


def kept() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Deal, Account, Contact, Lead, Task)]


def test_all_that_somebody_leaves_goes_to_the_successor_and_is_told_of_each_by_itself(
    company: Company, changes: list[Change], emitted: list[Any], notices: Notices
) -> None:
    contact = services.add_contact(account=company.account, name="吴敏", by=None, at=AT)
    ended = open_deal(company, "一期", company.li, company.east)
    services.close_deal(deal=ended, outcome="won", version=1, by=None, at=AT)
    theirs = open_deal(company, "王的商机", company.wang, company.east)
    lead = services.add_lead(
        name="钱工", line=company.line, owner=company.li, team=company.east, by=None, at=AT
    )
    services.add_task(deal=company.deal, title="回电", assignee=company.li, by=None, at=AT)
    done = services.add_task(deal=company.deal, title="旧事", assignee=company.li, by=None, at=AT)
    services.finish_task(task=done, by=None, at=AT)
    before = company.deal.version
    people.deactivate_user(user=company.li, by=None, at=AT)
    changes.clear()
    emitted.clear()
    notices()
    done_by = services.hand_over(of=company.li, to=company.zhao, by=company.ops, at=LATER)
    assert done_by == services.HandedOver(deals=1, accounts=1, leads=1, tasks=1, returned=0)
    company.deal.refresh_from_db()
    ended.refresh_from_db()
    theirs.refresh_from_db()
    contact.refresh_from_db()
    company.account.refresh_from_db()
    lead.refresh_from_db()
    for record in (company.deal, company.account, contact, lead):
        assert (record.owner_id, record.team_id) == (company.zhao.pk, company.west.pk)
    assert company.deal.version == before + 1
    assert (ended.owner_id, theirs.owner_id) == (company.li.pk, company.wang.pk)
    assert dict(Task.objects.values_list("title", "assignee")) == {
        "回电": company.zhao.pk,
        "旧事": company.li.pk,
    }
    owned = {"owner": company.zhao.pk, "team": company.west.pk}
    assert [(change.verb, change.subject, change.values) for change in changes] == [
        ("assign_deal", "crm.Deal", owned),
        ("assign_account", "crm.Account", owned),
        ("assign_lead", "crm.Lead", owned),
        ("assign_task", "crm.Task", {"assignee": company.zhao.pk, "before": {"assignee": company.li.pk}}),
        (
            "hand_over",
            "people.User",
            {"to": company.zhao.pk, "deals": 1, "accounts": 1, "leads": 1, "tasks": 1, "returned": 0},
        ),
    ]
    history = FieldChange.objects.filter(at=LATER).order_by("record_type", "field")
    assert [(each.record_type, each.field, each.before, each.after) for each in history] == [
        (kind, field, before, after)
        for kind in ("account", "deal", "lead")
        for field, before, after in (
            ("owner", company.li.pk, company.zhao.pk),
            ("team", company.east.pk, company.west.pk),
        )
    ]
    assert len({each.batch for each in history}) == 1
    assert {change.actor for change in changes} == {company.ops.pk}
    assert [(event.deal, event.changed) for event in emitted] == [(company.deal.pk, ("owner", "team"))]
    assert set(notices()) == {
        ("deal", company.deal.pk), ("deals", 0), ("account", company.account.pk), ("accounts", 0),
        ("contacts", 0), ("lead", lead.pk), ("leads", 0), ("tasks", company.li.pk), ("tasks", company.zhao.pk),
    }  # fmt: skip


def test_a_task_in_a_deal_that_the_successor_may_not_see_goes_back_to_its_owner(company: Company) -> None:
    theirs = open_deal(company, "王的商机", company.wang, company.east)
    pool = services.open_deal(name="公海", account=company.account, pipeline=company.pipeline, by=None, at=AT)
    lawyer = company.reader  # sees the line, owns nothing
    for deal in (theirs, pool):
        services.add_task(deal=deal, title=deal.name, assignee=lawyer, by=None, at=AT)
    people.deactivate_user(user=lawyer, by=None, at=AT)
    done = services.hand_over(of=lawyer, to=company.zhao, by=None, at=LATER)
    assert (done.tasks, done.returned) == (0, 1)
    assert dict(Task.objects.values_list("title", "assignee")) == {
        "王的商机": company.wang.pk,
        "公海": lawyer.pk,  # nobody owns it: its task waits for who takes it over
    }


def test_tasks_go_with_whatever_they_are_for_and_own_reminders_stay(company: Company) -> None:
    lead = services.add_lead(
        name="钱工", line=company.line, owner=company.li, team=company.east, by=None, at=AT
    )
    for title, beside in (("客户", {"account": company.account}), ("线索", {"lead": lead}), ("自己", {})):
        services.add_task(title=title, assignee=company.li, by=company.li, at=AT, **beside)
    counted = queries.holdings(of=company.li, user=company.ops)
    done = services.hand_over(of=company.li, to=company.zhao, by=company.ops, at=LATER)
    assert (counted.tasks, done.tasks, done.returned) == (2, 2, 0)
    assert {task.title: task.assignee_id for task in Task.objects.all()} == {
        "客户": company.zhao.pk, "线索": company.zhao.pk, "自己": company.li.pk,
    }  # fmt: skip


def test_an_admin_hands_over_for_who_has_left_and_sees_nothing_by_it(
    company: Company, hire: Hire, changes: list[Change]
) -> None:
    admin = hire("Ada", Role.ADMIN)
    before = kept()
    with pytest.raises(errors.NotAllowed):
        services.hand_over(of=company.li, to=company.zhao, by=admin, at=LATER)
    assert (kept(), [change.verb for change in changes]) == (before, ["add_user", "grant_role"])
    assert queries.holdings(of=company.li, user=admin) == queries.Holdings(
        deals=1, ended=0, accounts=1, leads=0, tasks=0
    )
    people.deactivate_user(user=company.li, by=admin, at=LATER)
    services.hand_over(of=company.li, to=company.zhao, by=admin, at=LATER)
    assert list(queries.visible_deals(user=admin)) == []
    assert [deal.name for deal in queries.visible_deals(user=company.zhao)] == ["变电站监测系统"]


def test_a_manager_hands_over_within_their_teams_and_only_what_is_in_them(
    company: Company, changes: list[Change]
) -> None:
    far = open_deal(company, "西部的商机", company.li, company.west)
    assert queries.holdings(of=company.li, user=company.boss).deals == 1
    before = kept()
    changes.clear()
    for leave in (False, True):  # a manager's rule is the same for who has left
        if leave:
            people.deactivate_user(user=company.li, by=None, at=AT)
            changes.clear()
        with pytest.raises(errors.NotAllowed):
            services.hand_over(of=company.li, to=company.zhao, by=company.boss, at=LATER)
        assert (kept(), changes) == (before, [])
    done = services.hand_over(of=company.li, to=company.wang, by=company.boss, at=LATER)
    assert (done.deals, done.accounts) == (1, 1)
    far.refresh_from_db()
    assert far.owner_id == company.li.pk


@pytest.mark.parametrize(
    ("to", "by", "refusal"),
    [
        ("li", "ops", errors.SuccessorSame),
        ("gone", "ops", errors.OwnerInactive),
        ("idle", "ops", errors.SuccessorUnseeing),
        ("wang", "wang", errors.NotAllowed),
        ("wang", "reader", errors.NotAllowed),
        ("wang", "li", errors.NotAllowed),
    ],
)
def test_nothing_is_handed_over_where_that_is_refused(
    company: Company, hire: Hire, changes: list[Change], to: str, by: str, refusal: type[Exception]
) -> None:
    gone, idle = hire("Gone", Role.REP), hire("Idle")
    people.deactivate_user(user=gone, by=None, at=AT)
    who = {"gone": gone, "idle": idle}
    before = kept()
    changes.clear()
    with pytest.raises(refusal):
        services.hand_over(
            of=company.li, to=who.get(to) or getattr(company, to), by=getattr(company, by), at=LATER
        )
    assert (kept(), changes) == (before, [])


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, Any]]:
    monkeypatch.setattr(clock, "now", lambda: LATER)

    def ask(user: User, method: str, path: str, body: object = None) -> tuple[int, Any]:
        client = Client()
        _, token = people.create_session(user=user, address="192.0.2.1", agent="Tests", at=LATER)
        client.cookies["foresail_session"] = token
        data = {} if body is None else {"data": body, "content_type": "application/json"}
        answer = getattr(client, method.lower())(f"/api{path}", **data)
        return answer.status_code, answer.json()

    return ask


def test_over_http(company: Company, hire: Hire, ask: Callable[..., tuple[int, Any]]) -> None:
    admin = hire("Ada", Role.ADMIN)
    path = f"/people/{company.li.pk}"
    counted = {"deals": 1, "ended": 0, "accounts": 1, "leads": 0, "tasks": 0}
    assert ask(admin, "GET", f"{path}/holdings") == (200, counted)
    assert ask(company.boss, "GET", f"{path}/holdings") == (200, counted)
    assert ask(company.wang, "GET", f"{path}/holdings")[0] == 404  # whom a rep cannot see
    assert ask(company.reader, "GET", f"{path}/holdings")[0] == 403
    assert ask(admin, "POST", f"{path}/hand-over", {"to": company.wang.pk})[0] == 403
    assert ask(admin, "POST", f"{path}/hand-over", {"to": 999_999})[0] == 404
    people.deactivate_user(user=company.li, by=None, at=AT)
    assert ask(admin, "POST", f"{path}/hand-over", {"to": company.wang.pk}) == (
        200, {"deals": 1, "accounts": 1, "leads": 0, "tasks": 0, "returned": 0},
    )  # fmt: skip
    assert ask(admin, "GET", f"{path}/holdings")[1]["deals"] == 0


def test_each_record_takes_few_queries_however_many_there_are(company: Company) -> None:
    def count(number: int) -> int:
        for place in range(number):
            open_deal(company, f"商机{place}", company.li, company.east)
        with CaptureQueriesContext(connection) as done:
            services.hand_over(of=company.li, to=company.wang, by=company.ops, at=LATER)
        services.hand_over(of=company.wang, to=company.li, by=company.ops, at=LATER)
        return len(done)

    one, ten = count(1), count(10)
    # Nobody listens here. Of each: saved, its history within a savepoint, and notices for two kinds of open pages.
    assert ten - one == 10 * 7


def test_the_rule_explains_itself_to_an_admin(
    company: Company, hire: Hire, ask: Callable[..., tuple[int, Any]]
) -> None:
    admin = hire("Ada", Role.ADMIN)
    both = hire("Both", Role.ADMIN, Role.SALES_OPERATIONS)
    number = company.deal.number.lower()
    path = f"/permissions?about={company.wang.pk}&kind=deal&record={number}"
    status, told = ask(admin, "GET", path)
    assert (status, told["key"], told["number"], told["name"]) == (
        200, company.deal.pk, company.deal.number, None,
    )  # fmt: skip
    assert told["decisions"][0] == {
        "action": "see",
        "allowed": False,
        "scope": "own",
        "zh": "Wang作为销售代表只能查看本人负责的记录，此商机不在其中。",
        "en": "As rep, Wang may see only what they own, and this deal is not among it.",
    }
    assert [one["action"] for one in told["decisions"]] == ["see", "change", "assign", "export"]
    assert ask(both, "GET", path)[1]["name"] == "变电站监测系统"
    told = ask(admin, "GET", f"/permissions?about={company.li.pk}&kind=account&record={company.account.pk}")[
        1
    ]
    assert (told["number"], [one["allowed"] for one in told["decisions"]]) == (
        None,
        [True, True, False, False],
    )
    for record in ("SJ9", "", "٣", "9" * 30):
        status, told = ask(admin, "GET", f"/permissions?about={company.li.pk}&kind=deal&record={record}")
        assert (status, told["code"]) == (404, "no_such_record")
    assert ask(company.ops, "GET", path)[0] == 403


def test_amounts_stay_to_the_cent(company: Company) -> None:
    services.hand_over(of=company.li, to=company.wang, by=company.ops, at=LATER)
    company.deal.refresh_from_db()
    assert company.deal.amount == Decimal("120000.50")
