"""What crm tells becomes entries: each fact one, inside the transaction of the verb."""

from decimal import Decimal
from typing import Any

import pytest

from foresail.crm import services as crm
from foresail.crm.errors import ChangedMeanwhile
from foresail.crm.models import Task
from foresail.timeline.models import Entry
from foresail.timeline.queries import deal_log
from foresail.timeline.tests.conftest import LATER, Company
from foresail.timeline.tests.making import AT


def kept(*columns: str) -> list[Any]:
    return list(Entry.objects.order_by("pk").values_list(*columns, flat=len(columns) == 1))


def test_an_opened_deal_is_two_entries(company: Company) -> None:
    opening = {
        "pipeline": company.pipeline.pk,
        "amount": "120000.50",
        "owner": f"u{company.li.pk}",
        "facts": {"product": "监测", "customer": "晨光电力", "team": "华东", "line": "能源"},
    }
    assert kept("kind", "values") == [
        ("deal_opened", opening),
        ("stage_qualified", {"stage": "qualified"}),
    ]
    alike = ("at", "known_at", "deal", "account", "actor", "actor_label", "subject", "source", "basis", "ref")
    deal = company.deal.pk
    assert set(kept(*alike)) == {
        (AT, AT, deal, company.account.pk, company.li.pk, None, f"crm.Deal:{deal}", "crm", "own_record", None)
    }


def test_the_course_of_a_deal_is_on_its_timeline_and_in_its_log(company: Company) -> None:
    deal, li = company.deal, company.li
    crm.change_deal(deal=deal, version=1, amount=Decimal(90000), by=li, at=LATER)
    crm.move_deal(deal=deal, stage=company.pipeline.stages.get(key="quote"), version=2, by=li, at=LATER)
    crm.close_deal(deal=deal, outcome="won", reason="价格", version=3, by=None, at=LATER)
    assert kept("kind", "at", "actor", "values")[2:] == [
        ("deal_amended", LATER, li.pk, {"changed": ["amount"]}),
        ("stage_quote", LATER, li.pk, {"stage": "quote"}),
        ("won", LATER, None, None),
    ]
    frames = deal_log(pipelines=[company.pipeline.pk])
    known = frames.deals.row(0, named=True)
    assert (known["deal"], known["opened"], known["owner"], known["amount"], known["product"]) == (
        str(deal.pk), AT, f"u{li.pk}", 120000.5, "监测",
    )  # fmt: skip
    assert (known["closed"], known["outcome"]) == (LATER, "won")
    events = frames.events.sort("at", "kind").select("kind", "actor", "stage").rows()
    assert events == [
        ("stage_qualified", f"u{li.pk}", "qualified"),
        ("stage_quote", f"u{li.pk}", "quote"),
        ("won", None, None),
    ]


def test_facts_of_one_instant_are_each_kept(company: Company) -> None:
    deal, account = company.deal, company.account
    people = [crm.add_contact(account=account, name=name, by=None, at=AT) for name in ("吴敏", "郑伟")]
    tasks = [
        crm.add_task(deal=deal, title=title, assignee=company.li, by=None, at=AT)
        for title in ("报价", "回访")
    ]
    for person in people:
        crm.set_deal_contact(deal=deal, contact=person, role="champion", by=None, at=AT)
        crm.contact_left(contact=person, by=None, at=LATER)
    for task in tasks:
        crm.finish_task(task=task, by=None, at=LATER)
    crm.change_deal(deal=deal, version=1, name="二期", by=None, at=LATER)
    crm.assign_deal(deal=deal, owner=company.wang, team=deal.team, by=None, at=LATER)
    assert kept("kind", "values")[2:] == [
        *(("contact_left", {"contact": person.pk}) for person in people),
        *(("task_done", {"task": task.pk}) for task in tasks),
        ("deal_amended", {"changed": ["name"]}),
        ("deal_amended", {"changed": ["owner"]}),
    ]


def test_a_task_done_again_is_another_entry(company: Company) -> None:
    task = crm.add_task(deal=company.deal, title="报价", assignee=company.li, by=None, at=AT)
    crm.finish_task(task=task, by=None, at=AT)
    crm.finish_task(task=task, by=None, at=LATER)
    crm.reopen_task(task=task, by=None, at=LATER)
    crm.finish_task(task=Task.objects.get(), by=None, at=LATER)
    assert kept("kind", "at")[2:] == [("task_done", AT), ("task_done", LATER)]


def test_what_crm_refuses_is_not_on_the_timeline(company: Company) -> None:
    with pytest.raises(ChangedMeanwhile):
        crm.close_deal(deal=company.deal, outcome="won", version=7, by=company.li, at=LATER)
    assert kept("kind") == ["deal_opened", "stage_qualified"]
