"""Pipelines, accounts, contacts and tasks."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from foresail.core import events
from foresail.core.changes import Change
from foresail.core.search import keys_of
from foresail.crm import errors, services
from foresail.crm.events import ContactLeft, TaskFinished
from foresail.crm.models import Account, Contact, Pipeline, Stage, Task
from foresail.crm.tests.conftest import AT, LATER, STAGES, Company, begun
from foresail.governance import services as governance
from foresail.governance.queries import verify
from foresail.people.roles import Role

Notices = Callable[[], list[tuple[str, int]]]


def test_a_pipeline_has_stages_in_order(company: Company, changes: list[Change]) -> None:
    pipeline = services.add_pipeline(name="渠道", line=company.line, stages=STAGES, by=company.ops, at=AT)
    assert list(
        Stage.objects.filter(pipeline=pipeline)
        .order_by("position")
        .values_list("key", "name_zh", "name_en", "position", "usual_days")
    ) == [
        ("qualified", "已确认", "qualified", 1, 10),
        ("quote", "报价", "quote", 2, 14),
        ("negotiation", "谈判", "negotiation", 3, None),
    ]
    assert [(change.verb, change.values) for change in changes] == [
        (
            "add_pipeline",
            {
                "name": "渠道",
                "line": company.line.pk,
                "currency": "CNY",
                "stages": ["qualified", "quote", "negotiation"],
            },
        )
    ]


@pytest.mark.parametrize(
    ("name", "stages", "who", "refusal"),
    [
        ("渠道", STAGES, "boss", errors.NotAllowed),
        ("渠道", STAGES, "reader", errors.NotAllowed),
        ("渠道", (), "ops", errors.StagesInvalid),
        ("渠道", (STAGES[0], STAGES[0]), "ops", errors.StagesInvalid),
        ("大客户", STAGES, "ops", errors.PipelineTaken),
    ],
)
def test_no_pipeline_is_made(
    company: Company,
    changes: list[Change],
    name: str,
    stages: tuple[services.StageSpec, ...],
    who: str,
    refusal: type[errors.CrmError],
) -> None:
    with pytest.raises(refusal):
        services.add_pipeline(name=name, line=company.line, stages=stages, by=getattr(company, who), at=AT)
    assert (Pipeline.objects.count(), Stage.objects.count(), changes) == (1, 3, [])


def test_an_account_is_added_and_changed(company: Company, changes: list[Change], notices: Notices) -> None:
    notices()
    account = services.add_account(
        name="北方钢铁",
        line=company.line,
        owner=company.li,
        team=company.east,
        since=date(2020, 1, 2),
        by=company.li,
        at=AT,
    )
    services.change_account(account=account, industry="钢铁", name="北方钢铁", by=company.li, at=AT)
    services.change_account(account=account, industry="钢铁", by=company.li, at=AT)
    assert Account.objects.filter(pk=account.pk).values().get() == begun(at=AT, by=company.li, version=2) | {
        "keys": keys_of("北方钢铁"),
        **dict.fromkeys(("code", "level", "phone", "address"), ""),
        "parent_id": None,
        "id": account.pk,
        "owner_id": company.li.pk,
        "team_id": company.east.pk,
        "line_id": company.line.pk,
        "name": "北方钢铁",
        "industry": "钢铁",
        "region": "",
        "domain": "",
        "since": date(2020, 1, 2),
    }
    assert [(change.verb, change.values.get("since")) for change in changes] == [
        ("add_account", "2020-01-02"),
        ("change_account", None),
    ]
    assert changes[1].values == {"industry": "钢铁"}
    assert notices() == [("account", account.pk), ("accounts", 0)] * 2


def test_no_account_is_added_for_others(company: Company, changes: list[Change]) -> None:
    for who in ("wang", "reader"):
        with pytest.raises(errors.NotAllowed):
            services.add_account(
                name="北方钢铁", line=company.line, owner=company.li, by=getattr(company, who), at=AT
            )
    assert (Account.objects.count(), changes) == (1, [])


def test_a_contact_belongs_where_the_account_does(company: Company, changes: list[Change]) -> None:
    contact = services.add_contact(
        account=company.account, name="吴敏", title="总工", email="wu@example.cn", by=company.li, at=AT
    )
    services.change_contact(contact=contact, phone="+86 21 5555 0100", by=company.li, at=LATER)
    row = Contact.objects.get()
    assert (row.owner_id, row.team_id, row.line_id) == (company.li.pk, company.east.pk, company.line.pk)
    assert (row.name, row.title, row.email, row.phone, row.left_at) == (
        "吴敏",
        "总工",
        "wu@example.cn",
        "+86 21 5555 0100",
        None,
    )
    person = f"crm.Contact:{contact.pk}"
    assert [
        (change.verb, sorted(change.values), sorted(change.personal), change.person) for change in changes
    ] == [
        (
            "add_contact",
            ["account", "email", "line", "name", "owner", "team", "title"],
            ["email", "name", "title"],
            person,
        ),
        ("change_contact", ["phone"], ["phone"], person),
    ]
    with pytest.raises(errors.NotAllowed):
        services.change_contact(contact=contact, phone="", by=company.wang, at=LATER)
    assert Contact.objects.get().phone == "+86 21 5555 0100"


def test_a_contact_leaves_their_open_deals(
    company: Company, changes: list[Change], emitted: list[Any], notices: Notices
) -> None:
    contact = services.add_contact(account=company.account, name="吴敏", by=None, at=AT)
    ended, untouched = (
        services.open_deal(name=name, account=company.account, pipeline=company.pipeline, by=None, at=AT)
        for name in ("一期", "三期")
    )
    for deal in (company.deal, ended):
        services.set_deal_contact(deal=deal, contact=contact, role="champion", by=None, at=AT)
    services.close_deal(deal=ended, outcome="lost", version=1, by=None, at=AT)
    changes.clear()
    emitted.clear()
    notices()
    with pytest.raises(errors.NotAllowed):
        services.contact_left(contact=contact, by=company.reader, at=LATER)
    assert (Contact.objects.get().left_at, emitted, changes) == (None, [], [])
    services.contact_left(contact=contact, by=company.li, at=LATER)
    assert Contact.objects.get().left_at == LATER
    assert emitted == [
        ContactLeft(
            contact=contact.pk,
            account=company.account.pk,
            deals=(company.deal.pk,),
            actor=company.li.pk,
            at=LATER,
        )
    ]
    assert untouched.pk not in emitted[0].deals
    assert notices() == [
        ("account", company.account.pk),
        ("contact", contact.pk),
        ("contacts", 0),
        ("deal", company.deal.pk),
        ("deals", 0),
    ]
    assert [change.verb for change in changes] == ["contact_left"]
    with pytest.raises(errors.ContactHasLeft):
        services.contact_left(contact=contact, by=company.li, at=LATER)


def test_a_task_is_done_once(
    company: Company, changes: list[Change], emitted: list[Any], notices: Notices
) -> None:
    notices()
    task = services.add_task(
        deal=company.deal,
        title="发方案给吴总",
        assignee=company.li,
        due_on=date(2026, 3, 9),
        by=company.boss,
        at=AT,
    )
    services.change_task(task=task, title="发方案", due_on=None, by=company.li, at=AT)
    for _ in range(2):
        services.finish_task(task=task, by=company.li, at=LATER)
    row = Task.objects.get()
    assert (row.title, row.due_on, row.done_at, row.created_at) == ("发方案", None, LATER, AT)
    assert emitted == [
        TaskFinished(
            task=task.pk,
            deal=company.deal.pk,
            account=company.account.pk,
            title="发方案",
            actor=company.li.pk,
            at=LATER,
        )
    ]
    for _ in range(2):
        services.reopen_task(task=task, by=company.li, at=LATER)
    assert Task.objects.get().done_at is None
    assert [(change.verb, change.values) for change in changes] == [
        (
            "add_task",
            {"deal": company.deal.pk, "assignee": company.li.pk, "due_on": "2026-03-09"},
        ),
        ("change_task", {"changed": ["due_on", "title"], "due_on": None}),
        ("finish_task", {"done_at": LATER}),
        ("reopen_task", {"done_at": None}),
    ]
    assert notices() == [
        ("deal", company.deal.pk), ("deal_tasks", company.deal.pk), ("tasks", company.li.pk)
    ] * 4  # fmt: skip


def test_who_has_a_task_may_finish_it_as_long_as_they_see_the_deal(
    company: Company, hire: Callable[..., Any], emitted: list[Any]
) -> None:
    lawyer = hire("Lin", Role.LEGAL, team=company.east)
    with pytest.raises(errors.AssigneeUnseeing):
        services.add_task(deal=company.deal, title="审合同", assignee=company.wang, by=company.li, at=AT)
    assert not Task.objects.exists()
    task = services.add_task(deal=company.deal, title="审合同", assignee=lawyer, by=company.li, at=AT)
    for who in (company.reader, company.wang):
        with pytest.raises(errors.NotAllowed):
            services.finish_task(task=task, by=who, at=LATER)
    assert (Task.objects.get().done_at, emitted) == (None, [])
    services.finish_task(task=task, by=lawyer, at=LATER)
    assert Task.objects.get().done_at == LATER


def test_the_audit_trail_takes_every_change(company: Company) -> None:
    events.listen(Change, governance.keep)
    account = services.add_account(name="北方钢铁", line=company.line, since=date(2020, 1, 2), by=None, at=AT)
    services.change_account(account=account, since=date(2021, 1, 2), by=None, at=AT)
    contact = services.add_contact(account=account, name="吴敏", by=None, at=AT)
    services.change_contact(contact=contact, title="总工", by=None, at=AT)
    deal = services.open_deal(
        name="二期",
        account=account,
        pipeline=company.pipeline,
        expected_close_on=date(2026, 6, 30),
        by=None,
        at=AT,
    )
    services.change_deal(deal=deal, version=1, expected_close_on=date(2026, 7, 1), by=None, at=AT)
    services.assign_deal(deal=deal, owner=company.li, team=company.east, by=None, at=AT)
    services.set_deal_contact(deal=deal, contact=contact, role="user", by=None, at=AT)
    task = services.add_task(
        deal=deal, title="回访", assignee=company.li, due_on=date(2026, 3, 9), by=None, at=AT
    )
    services.change_task(task=task, due_on=date(2026, 3, 10), by=None, at=AT)
    services.finish_task(task=task, by=None, at=AT)
    services.contact_left(contact=contact, by=None, at=AT)
    services.close_deal(deal=deal, outcome="won", version=3, by=None, at=LATER)
    verified = verify()
    assert (verified.broken, verified.rows) == (None, 13)
