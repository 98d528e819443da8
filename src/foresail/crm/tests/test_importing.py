"""Files become records: read whatever their form, checked before, written in batches, taken back whole."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.db import connection

from foresail.core import events
from foresail.core.changes import Change
from foresail.core.home import Home
from foresail.core.search import wanted
from foresail.core.sheets import FileUnreadable, reading
from foresail.crm import services
from foresail.crm.errors import ImportBusy, ImportUnready, NotAllowed
from foresail.crm.events import DealEnded, DealMoved, DealOpened, ManyTold, RecordsLeave, RecordsPurged
from foresail.crm.fields import ACCOUNT, CONTACT, DEAL, LEAD, PRODUCT, RecordType
from foresail.crm.models import (
    Account,
    Contact,
    Deal,
    DealProduct,
    FieldRule,
    Import,
    ImportRow,
    Lead,
    MatchKey,
    Product,
)
from foresail.crm.services.importing import files, planning, register_finder, running, twins, writing
from foresail.crm.tests.conftest import AT, Company
from foresail.people.models import User

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
USCC = "91310000607378135B"
"""Of a valid check digit."""


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HOME = Home(tmp_path)
    monkeypatch.setattr(twins, "_finders", [])


def upload(
    kind: RecordType, content: bytes | str, *, by: User, name: str = "名单.csv", **settings: Any
) -> Import:
    raw = content.encode() if isinstance(content, str) else content
    of = services.begin_import(kind=kind, pieces=[raw], name=name, by=by, at=NOW)
    if settings:
        wanted = {k: v for k, v in of.settings.items() if k != "remembered"} | settings
        services.configure_import(of=of, settings=wanted, by=by)
    return of


def run(of: Import, *, at: datetime = NOW) -> Import:
    services.check_import(of=of, by=of.by)
    services.start_import(of=of, by=of.by, at=at)
    services.run_import(key=of.pk, at=at)
    of.refresh_from_db()
    return of


def bring(kind: RecordType, content: bytes | str, *, by: User, **settings: Any) -> Import:
    return run(upload(kind, content, by=by, **settings))


def counts(of: Import) -> tuple[int, int, int, int]:
    return of.added, of.updated, of.same, of.rejected


def problems(of: Import) -> dict[int, str]:
    """Line of the file → what was said of it, in Chinese."""
    rows = of.outcomes.exclude(problems=None).order_by("row")
    return {row.row + 2: "；".join(each["zh"] for each in row.problems or []) for row in rows}


def tables(*leaving: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of this room."""
    names = [
        name
        for name in connection.introspection.table_names()
        if name.startswith("crm_") and name not in {"crm_import", "crm_importmapping", *leaving}
    ]
    found = {}
    with connection.cursor() as cursor:
        for name in sorted(names):
            cursor.execute(f"SELECT r::text FROM {name} r ORDER BY 1")
            found[name] = cursor.fetchall()
    return found


def workbook(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(place, column, cell, day)
                else:
                    sheet.write(place, column, cell)
    return out.getvalue()


# ---- files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_is_read_in_whatever_encoding_and_with_whatever_separator(
    company: Company, encoding: str, separator: str
) -> None:
    text = f"客户名称{separator}行业\n深圳远航科技{separator}制造\n“引号”公司{separator}化工\n"
    of = bring(ACCOUNT, text.encode(encoding), by=company.ops)
    assert of.columns == ["客户名称", "行业"]
    assert counts(of) == (2, 0, 0, 0)
    assert set(Account.objects.filter(industry__in=["制造", "化工"]).values_list("name", "industry")) == {
        ("深圳远航科技", "制造"), ("“引号”公司", "化工"),
    }  # fmt: skip


def test_a_workbook_gives_days_numbers_and_results_of_formulas(company: Company) -> None:
    rows: list[list[Any]] = [
        ["名称", "成为客户日期", "电话", "备注"],
        ["甲公司", date(2024, 3, 1), 13800138000, "=1+1"],
    ]
    of = bring(ACCOUNT, workbook(rows), by=company.ops, columns={"0": "name", "1": "since", "2": "phone"})
    assert counts(of) == (1, 0, 0, 0)
    found = Account.objects.get(name="甲公司")
    assert (found.since, found.phone) == (date(2024, 3, 1), "13800138000")


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(700):
                part.write(bytes(1 << 20))
    return out.getvalue()


def _lying() -> bytes:
    """Return an archive whose directory says that a part of 700 MB has one byte."""
    raw = bytearray(_bomb())
    end = raw.rindex(b"PK\x05\x06")
    place = struct.unpack("<I", raw[end + 16 : end + 20])[0]
    for _ in range(2):
        struct.pack_into("<I", raw, place + 24, 1)
        name, extra, comment = struct.unpack("<HHH", raw[place + 28 : place + 34])
        place += 46 + name + extra + comment
    return bytes(raw)


def _sparse() -> bytes:
    """Return a workbook of a few bytes whose only cells lie in opposite corners of the largest sheet there can be."""
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        "</sheetData></worksheet>"
    )
    raw, out = io.BytesIO(workbook([["a"], ["b"]])), io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, sheet if name.endswith("sheet1.xml") else source.read(name))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        ("名称,行业\n".encode(), "empty"),
        (b"%PDF-1.7 ...", "format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "format"),
        (b"PK\x03\x04" + bytes(100), "damaged"),
        ("名称," + ",".join(f"c{n}" for n in range(300)) + "\n甲\n", "columns"),
    ],
)
def test_what_is_no_table_is_refused(
    company: Company, content: bytes | str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(FileUnreadable) as refused:
        upload(ACCOUNT, content, by=company.ops)
    assert refused.value.reason == reason
    assert not Import.objects.exists()
    assert not (tmp_path / "imports").exists()


@pytest.mark.parametrize("make", [_bomb, _lying, _sparse])
def test_a_workbook_made_to_do_harm_ends_nothing_but_its_reading(
    company: Company, make: Callable[[], bytes]
) -> None:
    with pytest.raises(FileUnreadable) as refused:
        upload(ACCOUNT, make(), by=company.ops)
    assert refused.value.reason in {"bomb", "rows", "damaged", "columns"}


def test_too_many_rows_and_too_many_bytes_are_refused(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    with pytest.raises(FileUnreadable) as rows:
        upload(ACCOUNT, "名称\n甲\n乙\n丙\n", by=company.ops)
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    with pytest.raises(FileUnreadable) as size:
        upload(ACCOUNT, "名称\n甲公司\n乙公司\n", by=company.ops)
    assert (rows.value.reason, size.value.reason) == ("rows", "large")


def test_names_nul_and_formulas_do_no_harm(company: Company, tmp_path: Path) -> None:
    of = bring(
        ACCOUNT,
        b"\xef\xbb\xbf" + "名称,地址\n=cmd|'/c calc'!A1,'=1+1\n空\x00字节,一行\n".encode(),
        by=company.ops,
        name="../../etc/passwd\x00.csv",
    )
    assert of.file_name == "passwd .csv"
    assert {path.parent for path in tmp_path.rglob("*.parquet")} == {tmp_path / "imports" / str(of.pk)}
    found = dict(Account.objects.filter(address__in=["=1+1", "一行"]).values_list("address", "name"))
    assert found == {"=1+1": "=cmd|'/c calc'!A1", "一行": "空字节"}


# ---- columns and cells


def test_columns_are_guessed_by_header_and_by_content_and_remembered(company: Company) -> None:
    text = (
        "姓名,公司,邮件地址,联系方式,职位,x\n"
        "张三,上海晨光电力有限公司,zhang@example.com,13800138000,采购经理,1\n"
    )
    of = upload(CONTACT, text, by=company.ops)
    assert of.settings["columns"] == {"0": "name", "1": "account", "2": "email", "3": "phone", "4": "title"}
    assert of.settings["keys"] == ["email"]
    chosen = {"0": "name", "1": "account", "2": "email"}
    run(upload(CONTACT, text, by=company.ops, columns=chosen, values={"1": {"x": "1"}}))
    again = upload(CONTACT, text, by=company.ops)
    assert (again.settings["columns"], again.settings["remembered"]) == (chosen, True)
    other = upload(CONTACT, text, by=company.li)
    assert other.settings["columns"] == chosen
    assert other.settings["values"] == {}
    assert other.settings["owner"] == company.li.pk


def test_cells_are_read_as_people_write_them(company: Company) -> None:
    services.add_custom_field(
        kind=ACCOUNT, key="grade", name_zh="等级", name_en="Grade", type="choice",
        choices=[{"key": "a", "zh": "甲等", "en": "First"}, {"key": "b", "zh": "乙等", "en": "Second"}], by=None, at=AT,
    )  # fmt: skip
    of = bring(
        ACCOUNT,
        "名称,成为客户日期,客户级别,标签,统一社会信用代码,等级\n"
        f"甲公司,2024年3月1日,重点,老客户；华东,{USCC.lower()},First\n"
        "乙公司,2024/13/01,Strategic,,,乙等\n"
        "丙公司,1 March 2024,金牌,,123,丙等\n",
        by=company.ops,
    )
    assert counts(of) == (1, 0, 0, 2)
    found = Account.objects.get(name="甲公司")
    assert (found.since, found.level, found.tags, found.code) == (
        date(2024, 3, 1),
        "key",
        ["老客户", "华东"],
        USCC,
    )
    assert found.custom == {"grade": "a"}
    said = problems(of)
    assert said[3] == "须为日期，例如 2026-03-02。"
    assert said[4].count("没有找到这个名称") == 2
    assert "统一社会信用代码" in said[4]
    check = of.check_result
    assert check is not None
    assert (check["added"], check["rejected"]) == (1, 2)
    assert check["unmatched"]["2"]["values"] == [{"value": "金牌", "count": 1, "offers": []}]
    assert {"key": "key", "label": "重点"} in check["unmatched"]["2"]["options"]


def test_a_value_that_names_nothing_is_offered_what_comes_closest(company: Company) -> None:
    for name, code in (("GTX Pro", "G1"), ("GTX Basic", "G2")):
        services.add_product(name=name, code=code, by=None, at=AT)
    text = (
        "商机名称,客户,产品,金额\n一,上海晨光电力有限公司,GTXPro,3万\n二,上海晨光电力有限公司,GTX Basic,1\n"
    )
    of = upload(DEAL, text, by=company.ops)
    services.check_import(of=of, by=company.ops)
    place = next(place for place, key in of.settings["columns"].items() if key == "product")
    assert of.check_result is not None
    [unmatched] = of.check_result["unmatched"][place]["values"]
    pro = Product.objects.get(code="G1")
    assert (unmatched["value"], unmatched["count"]) == ("GTXPro", 1)
    assert unmatched["offers"][0] == {"key": str(pro.pk), "label": "GTX Pro", "score": 1.0}
    settings = of.settings | {"values": {place: {"GTXPro": str(pro.pk)}}}
    services.configure_import(of=of, settings=settings, by=company.ops)
    run(of)
    assert counts(of) == (2, 0, 0, 0)
    line = DealProduct.objects.get(product=pro)
    assert (line.deal.name, line.price, line.deal.amount) == ("一", Decimal(30000), Decimal(30000))
    assert line.deal.facts["product"] == "GTX Pro"


# ---- adding, updating, duplicates


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


# ---- resuming and undoing


def test_what_was_begun_goes_on_where_it_was_and_nothing_is_doubled(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 3)
    text = "名称\n" + "".join(f"公司{n % 7}\n" for n in range(10))
    of = upload(ACCOUNT, text, by=company.ops)
    services.check_import(of=of, by=company.ops)
    services.start_import(of=of, by=company.ops, at=NOW)
    written = writing.write
    calls = 0

    def dying(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        done = written(*arguments, **named)
        if calls == 2:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(running, "write", dying)
    with pytest.raises(KeyboardInterrupt):
        services.run_import(key=of.pk, at=NOW)
    of.refresh_from_db()
    assert (of.position, of.added, Account.objects.count()) == (3, 3, 4)
    monkeypatch.setattr(running, "write", written)
    services.run_import(key=of.pk, at=NOW)
    services.run_import(key=of.pk, at=NOW)
    of.refresh_from_db()
    assert (of.status, of.position, counts(of)) == ("done", 10, (7, 0, 0, 3))
    assert ImportRow.objects.filter(of=of).count() == 10
    assert problems(of)[9] == "与第 2 行重复（匹配列相同）。"


def test_a_row_that_a_race_made_impossible_is_left_out_alone(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = upload(PRODUCT, "产品,产品编码\n甲,1\n乙,2\n丙,3\n丁,4\n戊,5\n", by=company.ops, keys=[])
    services.check_import(of=of, by=company.ops)
    services.start_import(of=of, by=company.ops, at=NOW)
    services.add_product(name="抢先", code="3", by=None, at=NOW)
    monkeypatch.setattr(planning.Planner, "_numbers", lambda *_: None)
    services.run_import(key=of.pk, at=NOW)
    of.refresh_from_db()
    assert counts(of) == (4, 0, 0, 1)
    assert problems(of) == {4: "与刚刚写入的其他记录冲突。"}


def test_undone_nothing_is_left_but_the_audit(company: Company, changes: list[Change]) -> None:
    company.account.tags = ["老"]
    company.account.save()
    before = tables()
    text = "名称,行业,地区,标签,上级公司\n上海晨光电力有限公司,水电,华北,新,\n子,化工,,,母\n母,,,,\n"
    accounts = bring(ACCOUNT, text, by=company.ops)
    assert counts(accounts) == (2, 1, 0, 0)
    contacts = bring(CONTACT, "姓名,公司,邮箱\n甲,全新,a@example.com\n乙,母,b@example.com\n", by=company.ops, create_accounts=True)  # fmt: skip
    deals = bring(
        DEAL, f"编号,名称,客户,阶段\nX-1,新,母,Lost\n{company.deal.number},改名,,谈判\n", by=company.ops
    )
    assert (counts(contacts), counts(deals)) == ((2, 0, 0, 0), (1, 1, 0, 0))
    assert tables() != before
    for of in (deals, contacts, accounts):
        services.undo_import(of=of, by=company.ops, at=NOW + timedelta(days=1))
        services.run_undo(key=of.pk, at=NOW)
        of.refresh_from_db()
        assert (of.status, of.stayed) == ("undone", [])
        assert not files.is_kept(of.pk)
    assert tables() == before
    assert changes[-1].verb == "import_undone"
    again = bring(ACCOUNT, text, by=company.ops)
    assert counts(again) == (2, 1, 0, 0)


def test_what_others_touched_or_hang_on_stays_and_is_named(company: Company) -> None:
    events.listen(RecordsLeave, lambda event: event.staying.update(_kept(event)))
    text = "名称,行业\n上海晨光电力有限公司,水电\n甲,化工\n乙,化工\n丙,化工\n丁,化工\n"
    of = bring(ACCOUNT, text, by=company.ops)
    found = {each.name: each for each in Account.objects.all()}
    services.add_contact(account=found["甲"], name="某", by=None, at=NOW)
    services.change_account(account=found["乙"], industry="钢铁", by=None, at=NOW)
    services.change_account(account=company.account, industry="火电", region="西北", by=None, at=NOW)
    services.undo_import(of=of, by=company.ops, at=NOW)
    services.run_undo(key=of.pk, at=NOW)
    of.refresh_from_db()
    assert {each["name"]: each["zh"] for each in of.stayed} == {
        "甲": "名下有联系人", "乙": "之后被修改过", "丙": "别处要用",
        "上海晨光电力有限公司": "行业之后又被修改，保留现值",
    }  # fmt: skip
    assert not Account.with_deleted.filter(name="丁").exists()
    company.account.refresh_from_db()
    assert (company.account.industry, company.account.region) == ("火电", "西北")


def test_what_stands_beside_a_record_keeps_it(company: Company) -> None:
    of = bring(ACCOUNT, "名称\n甲\n乙\n丙\n", by=company.ops)
    one, other = Account.objects.get(name="甲"), Account.objects.get(name="乙")
    services.add_task(title="打电话", assignee=company.ops, account=one, by=None, at=NOW)
    services.add_note(record=other, text="老客户", by=company.ops, at=NOW)
    services.undo_import(of=of, by=company.ops, at=NOW)
    services.run_undo(key=of.pk, at=NOW)
    of.refresh_from_db()
    assert {each["name"]: each["zh"] for each in of.stayed} == {"甲": "有任务", "乙": "有备注"}
    assert not Account.with_deleted.filter(name="丙").exists()


def test_many_are_taken_back_in_as_few_statements_as_few(
    company: Company, django_assert_max_num_queries: Any, emitted: list[Any]
) -> None:
    def taken_back(rows: int) -> int:
        names = "".join(f"甲{rows}-{number}\n" for number in range(rows))
        of = bring(ACCOUNT, f"名称\n{names}", by=company.ops)
        services.find_duplicates(kind=ACCOUNT, at=NOW)
        assert MatchKey.objects.count() > rows
        services.undo_import(of=of, by=company.ops, at=NOW)
        with django_assert_max_num_queries(200) as captured:
            services.run_undo(key=of.pk, at=NOW)
        return len(captured)

    few = taken_back(3)
    emitted.clear()
    assert taken_back(300) == few
    [purged] = [each for each in emitted if isinstance(each, RecordsPurged)]
    assert len(purged.records) == 300
    assert set(MatchKey.objects.values_list("record", flat=True)) == {company.account.pk}


def _kept(event: RecordsLeave) -> dict[int, tuple[str, str]]:
    return {
        key: ("别处要用", "needed elsewhere")
        for key in event.records
        if event.record_type == "account" and Account.objects.get(pk=key).name == "丙"
    }


def test_an_import_under_way_can_be_undone(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tables()
    of = upload(ACCOUNT, "名称\n甲\n乙\n丙\n", by=company.ops)
    services.check_import(of=of, by=company.ops)
    services.start_import(of=of, by=company.ops, at=NOW)
    monkeypatch.setattr(running, "BATCH", 2)
    written = writing.write

    def undoing(*arguments: Any, **named: Any) -> Any:
        done = written(*arguments, **named)
        Import.objects.filter(pk=of.pk).update(status="undoing")
        arguments[0].status = "undoing"
        return done

    monkeypatch.setattr(running, "write", undoing)
    services.run_import(key=of.pk, at=NOW)
    assert Account.objects.count() == 3
    services.run_undo(key=of.pk, at=NOW)
    assert tables() == before


def test_after_thirty_days_it_can_no_longer_be_undone_and_is_forgotten(
    company: Company, tmp_path: Path
) -> None:
    of = bring(ACCOUNT, "名称\n甲\n", by=company.ops)
    draft = upload(ACCOUNT, "名称\n乙\n", by=company.ops)
    with pytest.raises(ImportBusy):
        services.undo_import(of=of, by=company.ops, at=NOW + timedelta(days=31))
    assert services.forget_imports(at=NOW + timedelta(days=29)) == 0
    assert services.forget_imports(at=NOW + timedelta(days=31)) == 2
    assert not list((tmp_path / "imports").iterdir())
    assert not Import.objects.filter(pk=draft.pk).exists()
    of.refresh_from_db()
    assert (of.status, of.added, of.outcomes.count()) == ("done", 1, 0)
    with pytest.raises(ImportBusy):
        services.undo_import(of=of, by=company.ops, at=NOW)


def test_what_makes_no_sense_is_refused_before_anything_happens(company: Company) -> None:
    of = upload(ACCOUNT, "行业\n化工\n", by=company.ops)
    with pytest.raises(ImportUnready):
        services.check_import(of=of, by=company.ops)
    with pytest.raises(ImportBusy):
        services.start_import(of=of, by=company.ops, at=NOW)
    for wrong in ({"columns": {"0": "no"}}, {"columns": {"9": "name"}}, {"policy": "update", "keys": []}):
        with pytest.raises(ImportUnready):
            services.configure_import(of=of, settings=of.settings | wrong, by=company.ops)
