"""Lists leave the house: as far as the one rule says, in no form that a spreadsheet computes, and never unseen."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from foresail.core import clock, events
from foresail.core.changes import Change
from foresail.core.home import Home
from foresail.core.sheets import reading
from foresail.crm import services
from foresail.crm.fields import ACCOUNT
from foresail.crm.models import Account, FieldRule, Import
from foresail.crm.tests.conftest import AT, Company
from foresail.governance.words import EXPORTED
from foresail.people import services as people
from foresail.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> list[Change]:
    told: list[Change] = []
    events.listen(Change, told.append)
    return told


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    def client_of(user: User) -> Client:
        _, token = people.create_session(user=user, address="127.0.0.1", agent="test", at=clock.now())
        client = Client()
        client.cookies["foresail_session"] = token
        return client

    return client_of


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def post(client: Client, path: str, asked: dict[str, Any]) -> Any:
    return client.post(path, asked, content_type="application/json")


def rows_in(answer: Any) -> list[list[str]]:
    text = body(answer).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_manager_takes_out_less_than_they_see_and_is_told(
    company: Company, client_of: Callable[[User], Client], kept: list[Change]
) -> None:
    services.add_account(
        name="经理自己的", line=company.line, owner=company.boss, team=company.east, by=None, at=AT
    )
    client = client_of(company.boss)
    assert client.get("/api/records/account-export").json() == {"count": 1, "left_out": 1}
    kept.clear()
    answer = post(client, "/api/records/account-export", {"columns": "name,owner,created_at"})
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="foresail-account-')
    assert rows_in(answer) == [["名称", "负责人", "创建时间"], ["经理自己的", "Boss", "2026-03-02 17:00"]]
    [change] = [each for each in kept if each.verb == EXPORTED]
    assert (change.verb, change.subject, change.actor) == (EXPORTED, "crm.Account", company.boss.pk)
    assert change.values["count"] == 1


def test_who_may_take_nothing_out_is_refused_and_nothing_is_kept(
    company: Company, client_of: Callable[[User], Client], kept: list[Change]
) -> None:
    kept.clear()
    for user in (company.li, company.reader):
        client = client_of(user)
        assert client.get("/api/records/deal-export").json()["count"] == 0
        assert post(client, "/api/records/deal-export", {}).status_code == 403
        assert post(client, "/api/records/product-export", {}).status_code == 403
    assert [change for change in kept if change.verb == EXPORTED] == []


def test_conditions_choose_hidden_fields_stay_and_nothing_is_computed(
    company: Company, client_of: Callable[[User], Client], kept: list[Change]
) -> None:
    people.change_user(user=company.ops, team=company.east, by=None, at=AT)
    services.change_account(
        account=company.account, name="=HYPERLINK(1)", phone="+8613800138000", by=None, at=AT
    )
    services.add_account(name="别的", line=company.line, region="华北", by=None, at=AT)
    services.set_field_rule(
        kind=ACCOUNT, field="industry", role="sales_operations", level=FieldRule.Level.HIDDEN, by=None, at=AT
    )
    where = json.dumps({"field": "region", "op": "is", "value": "华东"})
    client = client_of(company.ops)
    kept.clear()
    answer = post(
        client, "/api/records/account-export", {"where": where, "columns": "name,industry,phone,level"}
    )
    assert rows_in(answer) == [["名称", "电话", "客户级别"], ["'=HYPERLINK(1)", "'+8613800138000", ""]]
    [told] = [each for each in kept if each.verb == EXPORTED]
    assert told.values["where"] == {"asked": ["region"], "searched": False, "left_out": 0}
    assert post(client, "/api/records/account-export", {"sort": "industry"}).status_code == 422
    assert post(client, "/api/records/account-export", {"where": "{"}).status_code == 422
    book = post(
        client, "/api/records/account-export", {"format": "xlsx", "where": where, "columns": "name,since"}
    )
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(body(book))).get_sheet_by_index(0)
    assert sheet.to_python() == [["名称", "成为客户日期"], ["=HYPERLINK(1)", ""]]


def test_what_left_comes_back_as_it_was(
    company: Company, client_of: Callable[[User], Client], settings: Any, tmp_path: Path
) -> None:
    settings.HOME = Home(tmp_path)
    people.change_user(user=company.ops, team=company.east, by=None, at=AT)
    services.change_account(
        account=company.account,
        name="=1+1",
        level="key",
        tags=["甲", "乙"],
        phone="+86 21 1234",
        by=None,
        at=AT,
    )
    client = client_of(company.ops)
    file = body(post(client, "/api/records/account-export", {"columns": "name,level,tags,phone,since"}))
    answer = client.post(
        "/api/imports?kind=account&name=back.csv", file, content_type="application/octet-stream"
    )
    assert answer.status_code == 201, answer.content
    of = answer.json()
    checked = client.post(f"/api/imports/{of['id']}/check").json()["check"]
    assert (checked["same"], checked["rejected"]) == (1, 0)


def test_an_import_goes_through_over_http(
    company: Company, client_of: Callable[[User], Client], settings: Any, tmp_path: Path
) -> None:
    settings.HOME = Home(tmp_path)
    client = client_of(company.li)
    assert [kind["key"] for kind in client.get("/api/imports").json()["kinds"]] == [
        "account", "contact", "lead", "deal",
    ]  # fmt: skip
    text = "姓名,客户,邮箱\n张三,上海晨光电力有限公司,zhang@example.com\n=李四,上海晨光电力有限公司,坏的\n"
    answer = client.post(
        "/api/imports?kind=contact&name=a.csv",
        text.encode("gb18030"),
        content_type="application/octet-stream",
    )
    assert answer.status_code == 201, answer.content
    of = answer.json()
    path = f"/api/imports/{of['id']}"
    assert of["settings"]["columns"] == {"0": "name", "1": "account", "2": "email"}
    preview = client.get(f"{path}/preview").json()
    assert [row["action"] for row in preview] == ["added", "rejected"]
    assert preview[1]["cells"][2]["zh"] == "不是有效的邮箱地址，请检查。"
    assert client.post(f"{path}/check").json()["check"]["added"] == 1
    assert client.post(f"{path}/run").json()["status"] == "running"
    services.run_import(key=of["id"], at=clock.now())
    rejected = body(client.get(f"{path}/rejected")).decode()
    assert rejected == (
        "\ufeff姓名,客户,邮箱,未导入原因\r\n'=李四,上海晨光电力有限公司,坏的,邮箱：不是有效的邮箱地址，请检查。\r\n"
    )
    people.change_user(user=company.li, language="en", by=None, at=AT)
    assert "E-mail" not in rejected
    assert "Why it was left out" in body(client_of(company.li).get(f"{path}/rejected")).decode()
    assert client.post(f"{path}/undo").json()["status"] == "undoing"
    stranger = client_of(company.zhao)
    for method, address in (("get", path), ("post", f"{path}/undo"), ("get", f"{path}/rejected")):
        assert getattr(stranger, method)(address).status_code == 404
    ops = client_of(company.ops)
    assert [each["id"] for each in ops.get("/api/imports").json()["items"]] == [of["id"]]


def test_a_body_that_is_too_large_is_not_even_read(
    company: Company, client_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    answer = client_of(company.ops).post(
        "/api/imports?kind=account&name=a.csv", b"x" * 101, content_type="application/octet-stream"
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "file_unreadable")
    assert not Import.objects.exists()


MAVEN = Path(__file__).parents[5] / "shared" / "data" / "maven_crm"


@pytest.fixture
def maven() -> Path:
    if not (MAVEN / "sales_pipeline.csv").exists():
        pytest.skip(f"the public data set is not at {MAVEN}")
    return MAVEN


def test_a_real_export_with_dirty_keys_is_mended_and_comes_in(
    company: Company, settings: Any, tmp_path: Path, maven: Path
) -> None:
    settings.HOME = Home(tmp_path)
    from foresail.crm.fields import DEAL
    from foresail.crm.models import Deal, DealProduct

    names = [line.split(",")[0] for line in (maven / "products.csv").read_text().splitlines()[1:]]
    for number, name in enumerate(names):
        services.add_product(name=name, code=f"M{number}", by=None, at=AT)
    at = AT
    accounts = services.begin_import(
        kind=ACCOUNT, pieces=[(maven / "accounts.csv").read_bytes()], name="a.csv", by=company.ops, at=at
    )
    services.check_import(of=accounts, by=company.ops)
    services.start_import(of=accounts, by=company.ops, at=at)
    services.run_import(key=accounts.pk, at=at)
    accounts.refresh_from_db()
    assert (accounts.added, accounts.rejected) == (85, 0)
    assert Account.objects.exclude(parent=None).count() == 15
    deals = services.begin_import(
        kind=DEAL, pieces=[(maven / "sales_pipeline.csv").read_bytes()], name="d.csv", by=company.ops, at=at
    )
    assert set(deals.settings["columns"].values()) == {
        "number", "owner", "product", "account", "stage", "opened_at", "closed_at", "amount",
    }  # fmt: skip
    places = {key: place for place, key in deals.settings["columns"].items()}
    Import.objects.filter(pk=deals.pk).update(status="checking")
    services.run_check(key=deals.pk)
    deals.refresh_from_db()
    assert deals.check_result
    unmatched = deals.check_result["unmatched"]
    [dirty] = unmatched[places["product"]]["values"]
    assert (dirty["value"], dirty["count"], dirty["offers"][0]["label"]) == ("GTXPro", 1480, "GTX Pro")
    values = {
        places["product"]: {"GTXPro": dirty["offers"][0]["key"]},
        places["owner"]: {each["value"]: "" for each in unmatched[places["owner"]]["values"]},
        places["stage"]: {"Engaging": "quote", "Prospecting": "qualified"},
    }
    services.configure_import(of=deals, settings=deals.settings | {"values": values}, by=company.ops)
    Import.objects.filter(pk=deals.pk).update(status="checking")
    services.run_check(key=deals.pk)
    deals.refresh_from_db()
    services.start_import(of=deals, by=company.ops, at=at)
    services.run_import(key=deals.pk, at=at)
    deals.refresh_from_db()
    assert (deals.added, deals.rejected) == (7375, 1425)  # 1,425 name no account
    imported = Deal.objects.exclude(pk=company.deal.pk)
    assert imported.filter(status="won").count() == 4238
    assert imported.filter(status="lost").count() == 2473
    assert DealProduct.objects.filter(product__name="GTX Pro").count() > 1000
