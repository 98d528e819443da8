"""Files are read whatever their form, and none does harm; columns and cells are guessed as people write them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from foresail.core.sheets import FileUnreadable, reading
from foresail.crm import services
from foresail.crm.fields import ACCOUNT, CONTACT, DEAL
from foresail.crm.models import (
    Account,
    DealProduct,
    Import,
    Product,
)
from foresail.crm.tests.conftest import AT, Company
from foresail.crm.tests.importing.conftest import USCC, bring, counts, problems, run, upload, workbook

pytestmark = pytest.mark.django_db


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
