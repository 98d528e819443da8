"""Everything leaves in one file that can be read back: every table, every file, and no secret."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from foresail.core import everything
from foresail.core.everything import TablesUndeclared, tables, write
from foresail.core.home import Home
from foresail.crm import services
from foresail.crm.models import CustomField, FieldChange
from foresail.governance import leaving
from foresail.governance.errors import LeavingUnderWay
from foresail.governance.models import AuditRow, Leaving
from foresail.people import services as people
from foresail.people.errors import NotAllowed
from foresail.people.models import User
from foresail.people.roles import Role
from foresail.timeline.models import Entry

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def company(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    settings.HOME = Home(tmp_path)
    monkeypatch.setenv("FORESAIL_HOME", str(tmp_path))
    line = people.add_line(name="能源", by=None, at=AT)
    team = people.add_team(name="华东", line=line, by=None, at=AT)
    admin = people.add_user(email="admin@example.com", name="管", team=None, by=None, at=AT)
    people.grant_role(user=admin, role=Role.ADMIN, by=None, at=AT)
    people.set_password(user=admin, password="a password nobody guesses", by=None, at=AT)
    rep = people.add_user(email="li@example.com", name="李", team=team, by=None, at=AT)
    people.grant_role(user=rep, role=Role.REP, by=None, at=AT)
    stages = [services.StageSpec("qualified", "已确认", "qualified", 10)]
    pipeline = services.add_pipeline(name="大客户", line=line, stages=stages, by=None, at=AT)
    account = services.add_account(name='上海"晨光"\\电力', line=line, owner=rep, by=None, at=AT)
    deal = services.open_deal(
        account=account, pipeline=pipeline, name="扩容\n二期", owner=rep, amount=Decimal("120000.10"), by=None, at=AT
    )  # fmt: skip
    services.change_account(account=account, industry="电力", by=None, at=AT)
    services.add_note(record=deal, text="先谈\t价格", by=rep, at=AT)
    services.add_task(title="打电话", assignee=rep, deal=deal, by=None, at=AT)
    content = b"%PDF-1.7\n" + bytes(range(256)) * 40
    attachment = services.attach(
        record=deal, name="方案.pdf", content=io.BytesIO(content), size=len(content), by=None, at=AT
    )
    return SimpleNamespace(admin=admin, rep=rep, account=account, deal=deal, attachment=attachment, content=content)  # fmt: skip


def test_read_back_every_table_has_all_its_rows_and_every_file_its_hash(
    company: SimpleNamespace, tmp_path: Path
) -> None:
    CustomField.objects.create(
        record_type="deal", key="c_budget", kind="text", name_zh="预算", name_en="Budget", position=0
    )
    company.deal.custom = {"c_budget": "有"}
    company.deal.save()
    told = write(tmp_path / "out.zip", at=AT)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        assert set(archive.namelist()) == {each["path"] for each in manifest["files"]} | {"manifest.json"}
        for each in manifest["files"]:
            content = archive.read(each["path"])
            assert (len(content), hashlib.sha256(content).hexdigest()) == (each["bytes"], each["sha256"])
        rows = {
            each["model"]: [json.loads(line) for line in archive.read(each["path"]).splitlines()]
            for each in manifest["files"]
            if "model" in each
        }
        place = company.attachment.place
        assert archive.read(f"files/{place}") == company.content
    counts = {each["model"]: each["rows"] for each in manifest["files"] if "model" in each}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            label = model._meta.label
            assert (label in counts) != (label in manifest["left_out"]), label
            if label in counts:
                cursor.execute(f"SELECT count(*) FROM {model._meta.db_table}")
                assert cursor.fetchone() == (counts[label],) == (len(rows[label]),), label
                [path] = [p for p, s in manifest["schema"].items() if s["model"] == label]
                named = [column["name"] for column in manifest["schema"][path]["columns"]]
                assert all(list(row) == named for row in rows[label]), label
    filled = (Entry, AuditRow, FieldChange)
    assert all(counts[model._meta.label] == model.objects.count() > 0 for model in filled)
    [account], [deal] = rows["crm.Account"], rows["crm.Deal"]
    assert (account["name"], deal["name"]) == (company.account.name, company.deal.name)
    assert (deal["amount"], deal["custom"]) == ("120000.10", {"c_budget": "有"})
    assert datetime.fromisoformat(deal["opened_at"]) == AT
    assert (told.rows, told.files) == (sum(counts.values()), 1)
    assert told.sha256 == hashlib.sha256((tmp_path / "out.zip").read_bytes()).hexdigest()
    assert (tmp_path / "out.zip").stat().st_mode & 0o777 == 0o600


def test_no_secret_leaves(company: SimpleNamespace, tmp_path: Path) -> None:
    write(tmp_path / "out.zip", at=AT)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        everything_ = b"".join(archive.read(name) for name in archive.namelist()).decode(errors="replace")
    password = User.objects.get(pk=company.admin.pk).password
    assert password.startswith("argon2")
    assert password.partition("argon2")[2] not in everything_
    assert '"password"' not in everything_.replace('"left_out": [\n    "password"', "")
    secret = {"password", "secret", "key_hash", "code_hash", "state_hash"}
    for table in tables()[0]:
        assert not secret & {str(column.column) for column in table.columns}, table.path


def test_a_table_of_which_nobody_says_whether_it_leaves_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    crm: Any = apps.get_app_config("crm")
    less = {name: said for name, said in crm.everything.taken.items() if name != "Note"}
    monkeypatch.setattr(
        crm, "everything", everything.Everything(taken=less, left_out=crm.everything.left_out)
    )
    with pytest.raises(TablesUndeclared, match=r"^crm\.Note$"):
        write(tmp_path / "out.zip", at=AT)
    assert not list(tmp_path.iterdir())


def test_what_a_room_says_of_its_tables_names_tables_that_are_there() -> None:
    for config in apps.get_app_configs():
        said = getattr(config, "everything", None)
        if said is None:
            continue
        there = {model.__name__ for model in config.get_models(include_auto_created=True)}
        assert not set(said.taken) & set(said.left_out)
        assert {*said.taken, *said.left_out, *said.without, *said.files} <= there
        for name, columns in said.without.items():
            assert set(columns) <= {each.attname for each in config.get_model(name)._meta.concrete_fields}
        assert all(zh and en for zh, en in [*said.taken.values(), *said.left_out.values()])


def test_a_file_that_is_gone_is_named_and_the_rest_leaves(company: SimpleNamespace, tmp_path: Path) -> None:
    place = company.attachment.place
    (tmp_path / "attachments" / place[:2] / place).unlink()
    assert write(tmp_path / "out.zip", at=AT).files == 0
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert json.loads(archive.read("manifest.json"))["missing"] == [f"files/{place}"]


def test_an_administrator_asks_takes_and_the_trail_keeps_it(company: SimpleNamespace) -> None:
    for refused in (lambda: leaving.ask_leaving(by=company.rep, at=AT), lambda: leaving.leavings(user=company.rep)):  # fmt: skip
        with pytest.raises(NotAllowed):
            refused()
    assert not Leaving.objects.exists()
    asked = leaving.ask_leaving(by=company.admin, at=AT)
    with pytest.raises(LeavingUnderWay):
        leaving.ask_leaving(by=company.admin, at=AT)
    leaving.write_leaving(key=asked.pk, at=AT)
    leaving.write_leaving(key=asked.pk, at=AT)  # done again by a job that was thought dead: nothing happens
    asked.refresh_from_db()
    with pytest.raises(NotAllowed):
        leaving.take_leaving(key=asked.pk, by=company.rep, at=AT)
    path = leaving.take_leaving(key=asked.pk, by=company.admin, at=AT)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == asked.sha256
    trail = AuditRow.objects.filter(subject="governance.Leaving").order_by("sequence")
    assert [(row.verb, row.actor) for row in trail] == [
        (verb, company.admin.pk) for verb in ("ask_everything", "write_everything", "exported")
    ]
    assert leaving.forget_leavings(at=AT.replace(day=28)) == 1
    assert not path.exists()


def test_where_there_is_no_space_the_next_one_may_be_asked_for(
    company: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    asked = leaving.ask_leaving(by=company.admin, at=AT)
    monkeypatch.setattr(everything, "_write_table", full)
    leaving.write_leaving(key=asked.pk, at=AT)
    asked.refresh_from_db()
    assert (asked.because, asked.sha256) == ("No space left on device", "")
    assert not list(leaving.file_of(asked.pk).parent.iterdir())
    leaving.ask_leaving(by=company.admin, at=AT)
