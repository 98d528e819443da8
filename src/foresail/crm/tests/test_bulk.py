"""Many records at once: in order, all or none, told of once."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from foresail.core.changes import Change
from foresail.core.search import keys_of
from foresail.crm import errors, services
from foresail.crm.models import Account, Contact, Deal, DealContact, DealProduct, Task
from foresail.crm.tests.conftest import AT, LATER, Company, begun

Notices = Callable[[], list[tuple[str, int]]]


def some(company: Company, **values: Any) -> services.NewDeal:
    first = company.pipeline.stages.get(position=1)
    given: dict[str, Any] = {
        "name": "储能",
        "account": company.account.pk,
        "pipeline": company.pipeline.pk,
        "stage": first.pk,
        "opened_at": AT,
    }
    return services.NewDeal(**given | values)


def test_accounts_and_contacts_come_in_order(
    company: Company, changes: list[Change], notices: Notices
) -> None:
    notices()
    rows = [
        services.NewAccount(
            name=name, line=company.line.pk, owner=company.li.pk, team=company.east.pk, since=date(2020, 1, 2)
        )
        for name in ("丙", "甲", "乙")
    ]
    accounts = services.add_accounts(rows, by=company.ops, at=AT)
    assert [Account.objects.get(pk=key).name for key in accounts] == ["丙", "甲", "乙"]
    contacts = services.add_contacts(
        [
            services.NewContact(account=accounts[2], name="孙洋", title="总工", email="s@example.cn"),
            services.NewContact(account=accounts[0], name='吴\t"敏"\\N', left_at=LATER),
        ],
        by=None,
        at=AT,
    )
    assert [
        Contact.objects.filter(pk=key)
        .values_list("name", "account", "owner", "team", "line", "left_at")
        .get()
        for key in contacts
    ] == [
        ("孙洋", accounts[2], company.li.pk, company.east.pk, company.line.pk, None),
        ('吴 "敏"\\N', accounts[0], company.li.pk, company.east.pk, company.line.pk, LATER),
    ]
    assert [(change.verb, change.subject, change.key, change.values["count"]) for change in changes] == [
        ("add_accounts", "crm.Account", "", 3),
        ("add_contacts", "crm.Contact", "", 2),
    ]
    lines = "".join(
        f'{{"domain":"","industry":"","line":{company.line.pk},"name":"{name}","owner":{company.li.pk},'
        f'"region":"","since":"2020-01-02","team":{company.east.pk}}}\n'
        for name in ("丙", "甲", "乙")
    )
    assert changes[0].values["sha256"] == hashlib.sha256(lines.encode()).hexdigest()
    assert notices() == []


def test_deals_come_as_they_stand(
    company: Company, changes: list[Change], emitted: list[Any], notices: Notices
) -> None:
    notices()
    last = company.pipeline.stages.get(position=3)
    keys = services.add_deals(
        [
            some(
                company,
                number="QM0001",
                stage=last.pk,
                owner=company.li.pk,
                team=company.east.pk,
                amount=Decimal("12.30"),
                currency="EUR",
                status="won",
                closed_at=LATER,
                close_reason="价格\n合适",
                expected_close_on=date(2026, 4, 1),
                facts={"产品": '储能 "二"\\期'},
            ),
            some(company),
        ],
        by=None,
        at=LATER,
    )
    first, second = (Deal.objects.filter(pk=key).values().get() for key in keys)
    assert first == begun(at=AT, by=None) | {
        "keys": keys_of("储能", "QM0001", "上海晨光电力有限公司"),
        "category": "",
        "next_step": "",
        "id": keys[0],
        "owner_id": company.li.pk,
        "team_id": company.east.pk,
        "line_id": company.line.pk,
        "number": "QM0001",
        "name": "储能",
        "account_id": company.account.pk,
        "pipeline_id": company.pipeline.pk,
        "stage_id": last.pk,
        "status": "won",
        "amount": Decimal("12.30"),
        "currency": "EUR",
        "opened_at": AT,
        "closed_at": LATER,
        "expected_close_on": date(2026, 4, 1),
        "close_reason": "价格\n合适",
        "facts": {"产品": '储能 "二"\\期'},
    }
    assert not second["owner_id"]
    assert (second["number"], second["currency"], second["status"]) == (f"SJ{keys[1]:06d}", "CNY", "open")
    assert [(change.verb, change.values["count"]) for change in changes] == [("add_deals", 2)]
    assert (emitted, notices()) == ([], [("deals", 0)])


def test_roles_and_tasks_come_in_order(company: Company, changes: list[Change]) -> None:
    wu = services.add_contact(account=company.account, name="吴敏", by=None, at=AT)
    sun = services.add_contact(account=company.account, name="孙洋", by=None, at=AT)
    changes.clear()
    deal = company.deal.pk
    roles = services.add_deal_contacts(
        [
            services.NewDealContact(deal=deal, contact=sun.pk, role="champion"),
            services.NewDealContact(deal=deal, contact=wu.pk, role="blocker"),
        ],
        by=company.ops,
        at=AT,
    )
    assert list(DealContact.objects.filter(pk__in=roles).order_by("pk").values_list("contact", "role")) == [
        (sun.pk, "champion"),
        (wu.pk, "blocker"),
    ]
    tasks = services.add_tasks(
        [
            services.NewTask(
                deal=deal, title=title, assignee=company.li.pk, created_at=AT, due_on=date(2026, 3, 9)
            )
            for title in ("乙", "甲")
        ],
        by=company.ops,
        at=AT,
    )
    assert [Task.objects.get(pk=key).title for key in tasks] == ["乙", "甲"]
    assert [change.values["count"] for change in changes] == [2, 2]
    assert services.add_tasks([], by=None, at=AT) == []


def wrong_rows(company: Company) -> dict[str, tuple[services.NewDeal, str]]:
    other = services.add_pipeline(
        name="渠道",
        line=company.line,
        stages=[services.StageSpec("quote", "报价", "quote")],
        by=None,
        at=AT,
    )
    good = some(company)
    return {
        "account": (replace(good, account=0), "第 2 行有误：没有编号为 0 的客户。"),
        "pipeline": (replace(good, pipeline=0), "第 2 行有误：没有编号为 0 的销售流程。"),
        "stage": (replace(good, pipeline=other.pk), "第 2 行有误：阶段不属于该销售流程。"),
        "name": (replace(good, name=""), "第 2 行有误：名称须为 1 至 200 个字符，请修改。"),
        "number": (replace(good, number="长" * 51), "第 2 行有误：编号须为 1 至 50 个字符，请修改。"),
        "status": (replace(good, status="won"), "第 2 行有误：结束时间与状态不一致。"),
        "unknown status": (replace(good, status="gone"), "第 2 行有误：没有名为“gone”的状态。"),
        "open and closed": (replace(good, closed_at=LATER), "第 2 行有误：结束时间与状态不一致。"),
        "closed before": (
            replace(good, status="lost", opened_at=LATER, closed_at=AT),
            "第 2 行有误：结束时间早于创建时间。",
        ),
        "amount": (
            replace(good, amount=Decimal("1.005")),
            "第 2 行有误：金额须不小于 0、小于 100 万亿，且最多两位小数，请检查。",
        ),
    }


@pytest.mark.parametrize(
    "case",
    [
        *("account", "pipeline", "stage", "name", "number"),
        *("status", "unknown status", "open and closed", "closed before", "amount"),
    ],
)
def test_one_wrong_row_stops_all(
    company: Company, changes: list[Change], notices: Notices, case: str
) -> None:
    row, said = wrong_rows(company)[case]
    changes.clear()
    notices()
    with pytest.raises(errors.RowInvalid) as refused:
        services.add_deals([some(company), row], by=None, at=AT)
    assert (refused.value.zh, refused.value.row) == (said, 2)
    assert (Deal.objects.count(), changes, notices()) == (1, [], [])


def test_numbers_are_given_once(company: Company, changes: list[Change]) -> None:
    for numbers in (("A1", "A1"), ("A1", company.deal.number)):
        with pytest.raises(errors.NumberTaken):
            services.add_deals([some(company, number=number) for number in numbers], by=None, at=AT)
    assert (Deal.objects.count(), changes) == (1, [])


def test_an_unknown_owner_stops_all(company: Company, changes: list[Change]) -> None:
    with pytest.raises(IntegrityError):
        services.add_deals([some(company), some(company, owner=10**9)], by=None, at=AT)
    assert (Deal.objects.count(), changes) == (1, [])


def test_a_role_is_for_a_contact_of_the_account(company: Company) -> None:
    other = services.add_account(name="北方钢铁", line=company.line, by=None, at=AT)
    stranger = services.add_contact(account=other, name="孙洋", by=None, at=AT)
    with pytest.raises(errors.RowInvalid):
        services.add_deal_contacts(
            [services.NewDealContact(deal=company.deal.pk, contact=stranger.pk, role="user")], by=None, at=AT
        )
    assert not DealContact.objects.exists()


def test_what_a_deal_is_about_is_brought_in_once(company: Company) -> None:
    pump = services.add_product(name="泵", code="P-1", by=None, at=AT)
    row = services.NewDealProduct(
        deal=company.deal.pk, product=pump.pk, quantity=Decimal(3), price=Decimal("9.50")
    )
    services.add_deal_products([row], by=None, at=AT)
    [line] = company.deal.products.all()
    assert (line.product, line.quantity, line.price) == (pump, Decimal(3), Decimal("9.50"))
    bare = services.open_deal(name="二期", account=company.account, pipeline=company.pipeline, by=None, at=AT)
    other = replace(row, deal=bare.pk)
    for wrong in (
        row,
        replace(row, deal=10**9),
        replace(other, product=10**9),
        replace(other, price=Decimal(-1)),
    ):
        with pytest.raises(errors.RowInvalid) as refused:
            services.add_deal_products([other, wrong], by=None, at=AT)
        assert refused.value.row == 2
    assert DealProduct.objects.count() == 1


@pytest.mark.parametrize("who", ["li", "boss", "reader"])
def test_only_sales_operations_brings_in_many(company: Company, changes: list[Change], who: str) -> None:
    by = getattr(company, who)
    doors: list[Callable[[], object]] = [
        lambda: services.add_accounts([services.NewAccount(name="甲", line=company.line.pk)], by=by, at=AT),
        lambda: services.add_contacts(
            [services.NewContact(account=company.account.pk, name="吴敏")], by=by, at=AT
        ),
        lambda: services.add_deals([some(company)], by=by, at=AT),
        lambda: services.add_deal_contacts([], by=by, at=AT),
        lambda: services.add_deal_products([], by=by, at=AT),
        lambda: services.add_tasks([], by=by, at=AT),
    ]
    for door in doors:
        with pytest.raises(errors.NotAllowed):
            door()
    assert (Account.objects.count(), Contact.objects.count(), Deal.objects.count(), changes) == (1, 0, 1, [])
