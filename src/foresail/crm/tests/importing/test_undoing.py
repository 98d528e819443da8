"""What was begun goes on, and an import is taken back whole."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from foresail.core import events
from foresail.core.changes import Change
from foresail.crm import services
from foresail.crm.errors import ImportBusy, ImportUnready
from foresail.crm.events import RecordsLeave, RecordsPurged
from foresail.crm.fields import ACCOUNT, CONTACT, DEAL, PRODUCT
from foresail.crm.models import (
    Account,
    Import,
    ImportRow,
    MatchKey,
)
from foresail.crm.services.importing import files, planning, running, writing
from foresail.crm.tests.conftest import Company
from foresail.crm.tests.importing.conftest import NOW, bring, counts, problems, tables, upload

pytestmark = pytest.mark.django_db


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
