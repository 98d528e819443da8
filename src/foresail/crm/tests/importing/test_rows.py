"""Rows add and update, duplicates are shown before, deals keep their history, and rights hold."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from foresail.core import events
from foresail.core.changes import Change
from foresail.core.search import wanted
from foresail.crm import services
from foresail.crm.errors import ImportUnready, NotAllowed
from foresail.crm.events import DealEnded, DealMoved, DealOpened, ManyTold
from foresail.crm.fields import ACCOUNT, CONTACT, DEAL, LEAD, PRODUCT, RecordType
from foresail.crm.models import (
    Account,
    Contact,
    Deal,
    FieldRule,
    Lead,
    Product,
)
from foresail.crm.services.importing import register_finder, twins
from foresail.crm.tests.conftest import AT, Company
from foresail.crm.tests.importing.conftest import NOW, USCC, bring, counts, problems, run, upload

pytestmark = pytest.mark.django_db


def test_rows_add_and_update_by_key_and_empty_cells_keep_what_is_there(company: Company) -> None:
    account = company.account
    services.change_account(account=account, code=USCC, by=None, at=AT)
    text = f"名称,统一社会信用代码,行业,地区\n上海晨光电力股份,{USCC},电网,\n新公司,,化工,华北\n"
    guessed = upload(ACCOUNT, text, by=company.ops)
    assert guessed.settings["keys"] == ["name"]  # not every row has a code
    of = bring(ACCOUNT, text, by=company.ops, keys=["code"])
    assert counts(of) == (0, 1, 0, 1)
    account.refresh_from_db()
    assert (account.name, account.industry, account.region) == ("上海晨光电力股份", "电网", "华东")
    company.deal.refresh_from_db()
    assert set(wanted("股份")) <= set(company.deal.keys)  # the deal is found by its account's new name
    again = bring(ACCOUNT, text, by=company.ops, keys=["name"], twins="add")
    assert counts(again) == (1, 0, 1, 0)


@pytest.mark.parametrize(
    ("policy", "expected"), [("add", (1, 0, 0, 1)), ("update", (0, 1, 0, 1)), ("both", (1, 1, 0, 0))]
)
def test_policy_says_what_may_happen(company: Company, policy: str, expected: tuple[int, ...]) -> None:
    text = "名称,行业\n上海晨光电力有限公司,水电\n新公司,化工\n"
    assert counts(bring(ACCOUNT, text, by=company.ops, policy=policy)) == expected


def test_duplicates_are_shown_before_and_left_out(company: Company) -> None:
    services.add_contact(
        account=company.account,
        name="王五",
        email="wang@example.com",
        phone="+86 138-0013-8000",
        by=None,
        at=AT,
    )
    text = (
        "姓名,客户,邮箱,电话\n"
        "小王,上海晨光电力有限公司,WANG@example.com,\n"
        "老王,上海晨光电力有限公司,,13800138000\n"
        "赵六,上海晨光电力有限公司,zhao@example.com,13900139000\n"
        "赵陆,上海晨光电力有限公司,zhao2@example.com,139 0013 9000\n"
    )
    of = upload(CONTACT, text, by=company.ops, keys=[])
    services.check_import(of=of, by=company.ops)
    assert of.check_result is not None
    assert of.check_result["twin_rows"] == 3
    said = {each["row"]: each["problems"][0]["zh"] for each in of.check_result["twins"]}
    assert said == {
        0: "邮箱与现有的“王五”相同。", 1: "电话与现有的“王五”相同。", 3: "电话与第 4 行相同。",
    }  # fmt: skip
    assert Contact.objects.count() == 1
    assert counts(run(of)) == (1, 0, 0, 3)


@pytest.mark.parametrize("kind", [ACCOUNT, CONTACT, LEAD])
def test_duplicates_are_looked_up_in_an_index_and_not_in_all_records(
    kind: RecordType, django_assert_max_num_queries: Any
) -> None:
    """However many records there are, a batch takes the same."""
    traits = [trait.field for trait in twins.TRAITS[kind.key]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with django_assert_max_num_queries(len(traits)) as asked:
        said = twins.Twins(kind, mapped=traits).there([dict.fromkeys(traits, "13800138000")])
    assert said == [{}]
    for query in asked.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "Index Cond:" in plan, plan
        assert "Seq Scan" not in plan, plan


def test_whom_one_may_not_see_stays_unnamed_among_duplicates(company: Company) -> None:
    services.add_account(
        name="西部秘密公司", line=company.line, owner=company.zhao, team=company.west, by=None, at=AT
    )
    of = upload(ACCOUNT, "名称\n西部 秘密公司\n", by=company.li, keys=[])
    services.check_import(of=of, by=company.li)
    assert of.check_result is not None
    [twin] = of.check_result["twins"]
    assert twin["problems"] == [
        {
            "column": 0,
            "zh": "名称与一条您无权查看的记录相同。",
            "en": "The same name as a record that you may not see.",
        }
    ]


def test_another_matcher_may_show_more(company: Company) -> None:
    register_finder(
        lambda _kind, rows: [[company.account.pk] if "晨光" in row["name"] else [] for row in rows]
    )
    of = upload(ACCOUNT, "名称\n晨光电力（上海）\n无关\n", by=company.ops)
    services.check_import(of=of, by=company.ops)
    assert of.check_result is not None
    assert of.check_result["similar"] == [{"row": 0, "records": [company.account.pk]}]
    assert counts(run(of)) == (2, 0, 0, 0)


def test_contacts_may_bring_their_accounts(company: Company) -> None:
    text = "姓名,公司\n甲,全新公司\n乙,全新公司\n丙,上海晨光电力有限公司\n"
    refused = bring(CONTACT, text, by=company.ops)
    assert counts(refused) == (1, 0, 0, 2)
    of = bring(CONTACT, text.replace("丙", "丁"), by=company.ops, create_accounts=True)
    assert counts(of) == (3, 0, 0, 0)
    assert of.accounts_made == 1
    made = Account.objects.get(name="全新公司")
    assert made.owner == company.ops
    assert set(made.contacts.values_list("name", flat=True)) == {"甲", "乙"}


def test_parents_may_stand_further_down_and_never_in_a_circle(company: Company) -> None:
    text = "account,subsidiary_of\n子公司,母公司\n母公司,\n一,二\n二,一\n孤儿,不存在\n"
    of = bring(ACCOUNT, text, by=company.ops)
    assert counts(of) == (5, 0, 0, 0)
    parents = dict(Account.objects.values_list("name", "parent__name"))
    assert parents["子公司"] == "母公司"
    assert {parents["一"], parents["二"]} == {"二", None}
    assert "没有找到上级公司“不存在”" in problems(of)[6]


# ---- deals


def test_deals_keep_who_made_them_when_they_opened_and_how_they_ended(
    company: Company, changes: list[Change]
) -> None:
    many: list[ManyTold] = []
    events.listen(ManyTold, many.append)
    text = (
        "商机编号,商机名称,客户名称,负责人,阶段,金额,立项日期,结束日期,创建时间,创建人\n"
        "D-1,一号,上海晨光电力有限公司,li@example.com,Won,12万,2025-01-02,2025-03-04,2025-01-01 08:00,Wang\n"
        "D-2,二号,上海晨光电力有限公司,Li,谈判,,2025-02-03,,,\n"
        "D-3,三号,上海晨光电力有限公司,Nobody,报价,,,,,\n"
    )
    of = bring(DEAL, text, by=company.ops)
    assert counts(of) == (2, 0, 0, 1)
    won, opened = Deal.objects.get(number="D-1"), Deal.objects.get(number="D-2")
    assert (won.status, won.amount, won.owner, won.created_by) == (
        "won",
        Decimal(120000),
        company.li,
        company.wang,
    )
    assert (won.opened_at, won.closed_at, won.created_at) == (
        datetime(2025, 1, 1, 16, tzinfo=UTC), datetime(2025, 3, 3, 16, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    assert (opened.status, opened.stage.key, opened.team) == ("open", "negotiation", company.east)
    [told] = many
    assert [(type(each), each.at) for each in told.events] == [
        (DealOpened, won.opened_at), (DealEnded, won.closed_at), (DealOpened, opened.opened_at), (DealMoved, NOW),
    ]  # fmt: skip
    assert [change.verb for change in changes] == [
        "begin_import", "start_import", "import_rows", "finish_import",
    ]  # fmt: skip
    lines = f'[0,"deal",{won.pk},"added"]\n[1,"deal",{opened.pk},"added"]\n[2,"deal",null,"rejected"]\n'
    assert dict(changes[2].values) == {
        "first": 1, "count": 3, "added": 2, "updated": 0, "same": 0, "rejected": 1,
        "sha256": hashlib.sha256(lines.encode()).hexdigest(),
    }  # fmt: skip


def test_the_words_of_other_systems_for_how_a_deal_stands_are_understood(company: Company) -> None:
    text = "编号,商机名称,客户名称,阶段,状态,结束日期\n" + "".join(
        f"S-{number},某项目,上海晨光电力有限公司,报价,{word},{day}\n"
        for number, (word, day) in enumerate(
            (("进行中", ""), ("Closed Won", "2025-03-04"), ("已成交", "2025-03-04"), ("输单", "2025-03-04"))
        )
    )
    of = bring(DEAL, text, by=company.ops)
    assert counts(of) == (4, 0, 0, 0), problems(of)
    found = Deal.objects.filter(number__startswith="S-").order_by("number")
    assert [deal.status for deal in found] == ["open", "won", "won", "lost"]


def test_numbers_are_unique_also_against_the_bin_and_updates_move_open_deals(company: Company) -> None:
    services.change_record(record=company.deal, edits={"name": services.Edit("改名")}, by=None, at=AT)
    binned = services.open_deal(
        name="旧", account=company.account, pipeline=company.pipeline, number="B-1", by=None, at=AT
    )
    services.delete_record(record=binned, by=None, at=AT)
    text = f"编号,名称,客户,阶段\nB-1,再来,上海晨光电力有限公司,报价\n{company.deal.number},改名,上海晨光电力有限公司,谈判\n"
    of = bring(DEAL, text, by=company.ops)
    assert counts(of) == (0, 1, 0, 1)
    assert "回收站" in problems(of)[2]
    company.deal.refresh_from_db()
    assert company.deal.stage.key == "negotiation"
    services.close_deal(deal=company.deal, outcome="lost", version=company.deal.version, by=None, at=AT)
    late = bring(DEAL, f"编号,名称\n{company.deal.number},又改\n", by=company.ops, policy="update")
    assert counts(late) == (0, 0, 0, 1)
    assert problems(late)[2] == "商机已经结束，不能再更改。"


def test_leads_and_products_come_too(company: Company) -> None:
    leads = bring(LEAD, "姓名,公司,手机,来源,状态\n张三,甲,13800138000,展会,跟进中\n", by=company.ops)
    assert counts(leads) == (1, 0, 0, 0)
    lead = Lead.objects.get()
    assert (lead.source, lead.status, lead.owner) == ("exhibition", "working", company.ops)
    products = bring(PRODUCT, "产品,产品编码,价格,在售\n伺服,S1,¥1,200.50,否\n".replace("¥1,200.50", '"¥1,200.50"'), by=company.ops)  # fmt: skip
    assert counts(products) == (1, 0, 0, 0)
    product = Product.objects.get()
    assert (product.price, product.active, product.currency) == (Decimal("1200.50"), False, "CNY")


# ---- rights


def test_reps_import_their_own_and_never_for_others(company: Company) -> None:
    text = "名称,负责人,创建时间,行业\n我的公司,Zhao,2020-01-01,化工\n上海晨光电力有限公司,Zhao,2020-01-01,水电\n"
    of = upload(ACCOUNT, text, by=company.li)
    assert set(of.settings["columns"].values()) == {"name", "industry"}
    run(of)
    assert counts(of) == (1, 1, 0, 0)
    mine = Account.objects.get(name="我的公司")
    assert (mine.owner, mine.team, mine.line, mine.created_at) == (
        company.li,
        company.east,
        company.line,
        NOW,
    )
    stranger = bring(ACCOUNT, "名称,行业\n上海晨光电力有限公司,盗\n", by=company.zhao)
    assert counts(stranger) == (0, 0, 0, 1)
    company.account.refresh_from_db()
    assert company.account.industry == "水电"
    with pytest.raises(NotAllowed):
        upload(PRODUCT, "产品,产品编码\n甲,1\n", by=company.li)
    with pytest.raises(NotAllowed):
        upload(ACCOUNT, "名称\n甲\n", by=company.reader)
    with pytest.raises(NotAllowed):
        services.undo_import(of=of, by=company.zhao, at=NOW)
    with pytest.raises(ImportUnready):
        upload(ACCOUNT, text, by=company.li, columns={"0": "name", "1": "owner"})


def test_field_rules_hold_for_files_too(company: Company) -> None:
    services.set_field_rule(
        kind=ACCOUNT, field="industry", role="rep", level=FieldRule.Level.READ, by=None, at=AT
    )
    of = upload(ACCOUNT, "名称,行业\n甲,化工\n", by=company.li)
    assert of.settings["columns"] == {"0": "name"}
    with pytest.raises(ImportUnready):
        upload(ACCOUNT, "名称,行业\n甲,化工\n", by=company.li, columns={"0": "name", "1": "industry"})
