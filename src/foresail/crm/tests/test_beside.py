"""What stands beside records: tasks for any of them, notes, attachments and products; and what leads and contacts become."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from foresail.core import clock
from foresail.core.changes import Change
from foresail.core.errors import NotFound
from foresail.crm import errors, queries, services
from foresail.crm.fields import CONTACT, DEAL, LEAD
from foresail.crm.models import Account, Attachment, Contact, Deal, DealProduct, FieldChange, Lead, Note, Task
from foresail.crm.services.attachments import MOST_BYTES, kind_of, safe_name
from foresail.crm.tests.conftest import AT, LATER, Company
from foresail.crm.totals import exact, total
from foresail.people.models import User
from foresail.people.services import create_session

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40
Door = Callable[..., Any]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("FORESAIL_HOME", str(tmp_path))
    monkeypatch.setattr(clock, "now", lambda: LATER)
    return tmp_path


@pytest.fixture
def ask() -> Door:
    """Ask as a user; return the whole answer. `file` is sent as a form does it."""

    def ask(user: User, method: str, path: str, body: Any = None, file: Any = None) -> Any:
        client = Client()
        _, token = create_session(user=user, address="192.0.2.1", agent="Tests", at=LATER)
        client.cookies["foresail_session"] = token
        if file is not None:
            return client.post(f"/api{path}", {"file": file})
        data = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(client, method.lower())(f"/api{path}", **data)

    return ask


def a_lead(where: Company, /, **more: Any) -> Lead:
    values = {"name": "周涛", "company": "远景能源", "title": "采购经理", "email": "zhou@yuanjing.cn"} | more
    return services.add_lead(line=where.line, owner=where.li, team=where.east, by=None, at=AT, **values)


def a_contact(company: Company, **more: Any) -> Contact:
    return services.add_contact(account=company.account, by=None, at=AT, **({"name": "吴敏"} | more))


def attach(record: Any, name: str = "合同.pdf", content: bytes = PDF, by: User | None = None) -> Attachment:
    return services.attach(
        record=record, name=name, content=io.BytesIO(content), size=len(content), by=by, at=AT
    )


def ours(changes: list[Change]) -> list[Change]:
    """The changes of our records: signing in is one too."""
    return [each for each in changes if each.subject.startswith("crm.")]


def files(home: Path) -> list[Path]:
    return [path for path in (home / "attachments").rglob("*") if path.is_file()]


# Tasks


def test_tasks_are_for_any_record_or_for_none(company: Company, ask: Door, changes: list[Change]) -> None:
    contact, lead = a_contact(company), a_lead(company)
    changes.clear()
    for kind, record in (
        ("account", company.account),
        ("contact", contact),
        ("lead", lead),
        ("deal", company.deal),
    ):
        path = f"/records/{kind}/{record.pk}/tasks"
        answer = ask(company.li, "POST", path, {"title": f"给{kind}打电话", "due_on": "2026-03-09"})
        assert answer.status_code == 201, answer.content
        assert answer.json()["record"] == {"id": record.pk, "name": record.name, "type": kind}
        assert [each["title"] for each in ask(company.boss, "GET", path).json()] == [f"给{kind}打电话"]
        assert ask(company.zhao, "GET", path).status_code == 404
        assert ask(company.reader, "POST", path, {"title": "x"}).status_code == 403
    own = ask(company.li, "POST", "/tasks", {"title": "整理名片"}).json()
    assert own["record"] is None
    assert len(ask(company.li, "GET", "/tasks").json()) == 5
    assert [each.verb for each in ours(changes)] == ["add_task"] * 5
    assert "打电话" not in str([each.values for each in changes])
    # Nobody sees what somebody notes for themselves, not even who sees all else.
    for user in (company.boss, company.ops):
        assert ask(user, "PATCH", f"/tasks/{own['id']}", {"done": True}).status_code == 404
    with pytest.raises(errors.TaskOnlyOwn):
        services.add_task(title="x", assignee=company.li, by=company.boss, at=AT)
    with pytest.raises(errors.TaskOnlyOwn):
        services.finish_task(task=Task.objects.get(pk=own["id"]), by=company.boss, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(lead=lead).update(contact=contact)
    done = ask(company.li, "PATCH", f"/tasks/{own['id']}", {"done": True}).json()
    assert done["done_at"]
    assert ask(company.li, "PATCH", f"/tasks/{own['id']}", {"done": False}).json()["done_at"] is None


def test_a_task_for_a_record_one_no_longer_sees_is_gone(company: Company) -> None:
    lead = a_lead(company)
    services.add_task(lead=lead, title="回访", assignee=company.li, by=None, at=AT)
    assert len(queries.tasks(user=company.li)) == 1
    with pytest.raises(errors.AssigneeUnseeing, match="lead"):
        services.add_task(lead=lead, title="回访", assignee=company.zhao, by=None, at=AT)
    services.delete_record(record=lead, by=None, at=AT)
    assert queries.tasks(user=company.li) == []


# Notes


def test_notes_are_read_by_all_who_see_and_mended_by_who_wrote(
    company: Company, ask: Door, changes: list[Change], notices: Callable[[], list[tuple[str, int]]]
) -> None:
    path = f"/records/deal/{company.deal.pk}/notes"
    notices()
    changes.clear()
    note = ask(company.li, "POST", path, {"text": "  客户倾向\u202e分期 \n\n第二段  "}).json()
    assert note["text"] == "客户倾向 分期\n\n第二段"
    assert notices() == [("deal", company.deal.pk)]
    assert [(each.verb, dict(each.values)) for each in ours(changes)] == [
        ("add_note", {"deal": company.deal.pk})
    ]
    [seen] = ask(company.boss, "GET", path).json()
    assert (seen["text"], seen["mine"], seen["author"]["name"]) == (note["text"], False, "Li")
    assert ask(company.zhao, "GET", path).status_code == 404
    assert ask(company.reader, "POST", path, {"text": "x"}).status_code == 403
    for text in ("", " \n ", "长" * 10_001):
        assert ask(company.li, "POST", path, {"text": text}).status_code == 400
    one = f"/notes/{note['id']}"
    for method, body in (("PATCH", {"text": "改"}), ("DELETE", None)):
        assert ask(company.boss, method, one, body).json()["code"] == "note_of_another"
        assert ask(company.zhao, method, one, body).status_code == 404
    mended = ask(company.li, "PATCH", one, {"text": "客户倾向一次付清"}).json()
    assert (mended["text"], mended["changed_at"]) == ("客户倾向一次付清", "2026-03-05T09:00:00Z")
    assert ask(company.li, "DELETE", one).status_code == 204
    assert not Note.objects.exists()


# Attachments


def test_a_file_comes_back_byte_for_byte_and_is_never_shown(
    company: Company, ask: Door, home: Path, changes: list[Change]
) -> None:
    path = f"/records/account/{company.account.pk}/attachments"
    changes.clear()
    page = b"<html><script>alert(1)</script>"
    for name, content in (("合同 2026.pdf", PDF), ("page.html", page), ("a.svg", b"<svg onload=alert(1)/>")):
        made = ask(company.li, "POST", path, file=SimpleUploadedFile(name, content))
        assert made.status_code == 201, made.content
        told = made.json()
        assert (told["name"], told["size"]) == (name, len(content))
        assert told["sha256"] == hashlib.sha256(content).hexdigest()
        answer = ask(company.boss, "GET", f"/attachments/{told['id']}")
        assert answer.content == content
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment; filename")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert ask(company.zhao, "GET", f"/attachments/{told['id']}").status_code == 404
    assert [each["name"] for each in ask(company.reader, "GET", path).json()] == [
        "a.svg",
        "page.html",
        "合同 2026.pdf",
    ]
    assert ask(company.reader, "POST", path, file=SimpleUploadedFile("a.pdf", PDF)).status_code == 403
    assert "合同" not in str([each.values for each in changes])
    lying = files(home)
    assert len(lying) == 3
    assert all(file.stat().st_mode & 0o077 == 0 and file.suffix == "" for file in lying)


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("空.txt", b"", errors.FileEmpty),
        ("发票.pdf", b"MZ\x90\x00 a program", errors.FileRuns),
        ("run.bat", b"echo off", errors.FileRuns),
        ("tool", b"#!/bin/sh\nrm -rf /", errors.FileRuns),
        ("发票.pdf", b"<html></html>", errors.FileUnlike),
        ("图.png", PDF, errors.FileUnlike),
        ("表.csv", b"a,b\0c", errors.FileUnlike),
        ("大.bin", b"\1" * (MOST_BYTES + 1), errors.FileTooLarge),
    ],
)
def test_what_a_file_says_is_looked_at(
    company: Company, home: Path, name: str, content: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        attach(company.deal, name, content, by=company.li)
    with pytest.raises(error):  # nor by saying that it is smaller
        services.attach(record=company.deal, name=name, content=io.BytesIO(content), size=1, by=None, at=AT)
    assert not Attachment.objects.exists()
    assert files(home) == []


def test_a_request_too_long_is_refused_before_it_is_read(company: Company, ask: Door) -> None:
    answer = ask(
        company.li, "POST", f"/records/deal/{company.deal.pk}/attachments",
        file=SimpleUploadedFile("big.bin", b"\1" * (27 * 2**20)),
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\报价.xlsx", "报价.xlsx"),
        ("..", "未命名"),
        ("", "未命名"),
        ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie_ x=1.pdf"),
        ("invoice\u202efdp.exe", "invoice fdp.exe"),
        ('"><img src=x>.png', "___img src=x_.png"),
        (".htaccess", "htaccess"),
        ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
    ],
)
def test_hostile_names_are_harmless(company: Company, ask: Door, home: Path, name: str, safe: str) -> None:
    assert safe_name(name) == safe
    if not safe.endswith(".exe"):
        made = attach(
            company.deal,
            name,
            PDF if safe.endswith(".pdf") else b"PK\x03\x04" if safe.endswith("x") else b"\x89PNG\r\n\x1a\n",
        )
        told = ask(company.li, "GET", f"/attachments/{made.pk}")["Content-Disposition"]
        assert told.startswith("attachment;")
        assert "\n" not in told
        assert [file.parent.parent for file in files(home)] == [home / "attachments"]


def test_what_is_removed_leaves_nothing(
    company: Company, home: Path, ask: Door, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        one, other = attach(company.deal), attach(company.deal)
        lead = a_lead(company)
        attach(lead)
        services.add_note(record=lead, text="记", by=company.li, at=AT)
        services.add_task(lead=lead, title="做", assignee=company.li, by=None, at=AT)
    assert len(files(home)) == 3
    with pytest.raises(errors.NotAllowed):
        services.detach(attachment=one, by=company.reader, at=AT)
    with django_capture_on_commit_callbacks(execute=True):
        assert ask(company.li, "DELETE", f"/attachments/{one.pk}").status_code == 204
    assert len(files(home)) == 2
    services.delete_record(record=lead, by=None, at=AT)
    with pytest.raises(NotFound):
        queries.attachment(user=company.ops, key=Attachment.objects.get(record_type="lead").pk)
    with django_capture_on_commit_callbacks(execute=True):
        services.purge_bin(at=AT + timedelta(days=91))
    assert list(Attachment.objects.values_list("pk", flat=True)) == [other.pk]
    assert len(files(home)) == 1
    assert not Note.objects.exists()
    assert not Task.objects.exists()


def test_damage_is_told(company: Company, home: Path, ask: Door) -> None:
    made = attach(company.deal)
    [file] = files(home)
    file.write_bytes(PDF[:-1])
    answer = ask(company.li, "GET", f"/attachments/{made.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "file_damaged")
    file.unlink()
    assert ask(company.li, "GET", f"/attachments/{made.pk}").json()["code"] == "file_damaged"


@given(st.binary(max_size=64))
def test_any_bytes_have_a_kind(head: bytes) -> None:
    assert kind_of(head) in {
        "pdf", "png", "jpeg", "gif", "zip", "ole", "7z", "rar", "program", "webp", "text", "data",
    }  # fmt: skip


# Products


def a_product(company: Company, code: str = "S-1", **more: Any) -> Any:
    return services.add_product(name=f"伺服{code}", code=code, by=company.ops, at=AT, **more)


@given(
    st.lists(
        st.tuples(
            st.decimals("0.001", "999999999.999", places=3),
            st.decimals("0", "99999999999999.99", places=2),
            st.decimals("0", "100", places=2),
        ),
        max_size=20,
    )
)
def test_totals_are_exact_and_rounded_once(rows: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    lines = [SimpleNamespace(quantity=q, price=p, discount=d) for q, p, d in rows]
    whole = sum((Fraction(q) * Fraction(p) * (100 - Fraction(d)) / 100 for q, p, d in rows), Fraction(0))
    assert sum((Fraction(exact(line)) for line in lines), Fraction(0)) == whole
    cents = whole * 100
    assert Fraction(total(lines)) * 100 == int(cents + Fraction(1, 2))  # half upwards; nothing is negative


def test_lines_add_up_to_the_cent_and_become_the_amount(company: Company, ask: Door) -> None:
    product, path = a_product(company), f"/deals/{company.deal.pk}/products"
    lines = [{"product": product.pk, "quantity": "1", "price": "0.99", "discount": "50"}] * 3
    body = {"version": company.deal.version, "lines": lines}
    assert ask(company.reader, "PUT", path, body).status_code == 403
    told = ask(company.li, "PUT", path, body).json()
    # Three times 0.495: each shown as 0.50, together 1.49 (1.485), not 1.50.
    assert [each["total"] for each in told["lines"]] == ["0.50"] * 3
    assert told["total"] == "1.49" == str(Decimal("1.485").quantize(Decimal("0.01"), ROUND_HALF_UP))
    assert told["version"] == company.deal.version + 1
    assert ask(company.li, "PUT", path, body).json()["code"] == "changed_meanwhile"
    taken = ask(company.li, "POST", f"{path}/take-over", {"version": told["version"]})
    assert taken.status_code == 200, taken.content
    assert Deal.objects.get().amount == Decimal("1.49")
    change = FieldChange.objects.get(field="amount")
    assert (change.before, change.after) == ("120000.50", "1.49")
    services.close_deal(deal=company.deal, outcome="won", version=3, by=None, at=LATER)
    assert ask(company.li, "PUT", path, body | {"version": 4}).json()["code"] == "deal_closed"


@pytest.mark.parametrize(
    "line",
    [
        {"quantity": "0"},
        {"quantity": "-1"},
        {"quantity": "0.0001"},
        {"price": "-0.01"},
        {"price": "0.001"},
        {"price": "1e15"},
        {"discount": "100.01"},
        {"discount": "-1"},
        {"product": 0},
    ],
)
def test_lines_that_are_not_right_change_nothing(company: Company, ask: Door, line: dict[str, Any]) -> None:
    product = a_product(company)
    good = {"product": product.pk, "quantity": "2", "price": "10", "discount": "0"}
    path = f"/deals/{company.deal.pk}/products"
    answer = ask(company.li, "PUT", path, {"version": 1, "lines": [good, good | line]})
    assert (answer.status_code, answer.json()["code"]) == (422, "lines_invalid")
    assert "2" in answer.json()["zh"]
    assert not DealProduct.objects.exists()
    assert Deal.objects.get().version == 1
    assert ask(company.li, "POST", f"{path}/take-over", {"version": 1}).status_code == 422


def test_what_is_off_sale_stays_where_it_is_and_comes_nowhere_else(company: Company) -> None:
    product = a_product(company)
    line = services.NewLine(product=product.pk, quantity=Decimal(1), price=Decimal(1))
    services.set_lines(deal=company.deal, lines=[line], version=1, by=None, at=AT)
    services.change_record(record=product, edits={"active": services.Edit(False)}, by=None, at=AT)
    services.set_lines(deal=company.deal, lines=[line, line], version=2, by=None, at=AT)
    services.set_lines(deal=company.deal, lines=[], version=3, by=None, at=AT)
    with pytest.raises(errors.LinesInvalid, match="on sale"):
        services.set_lines(deal=company.deal, lines=[line], version=4, by=None, at=AT)


def test_who_does_not_see_the_amount_sees_no_prices(company: Company, ask: Door) -> None:
    product = a_product(company)
    line = services.NewLine(product=product.pk, quantity=Decimal(3), price=Decimal(7))
    services.set_lines(deal=company.deal, lines=[line], version=1, by=None, at=AT)
    services.set_field_rule(kind=DEAL, field="amount", role="manager", level="hidden", by=None, at=AT)
    told = ask(company.boss, "GET", f"/deals/{company.deal.pk}/products").json()
    assert (told["total"], told["lines"][0]["price"], told["lines"][0]["quantity"]) == (None, None, "3.000")
    refused = ask(company.boss, "POST", f"/deals/{company.deal.pk}/products/take-over", {"version": 2})
    assert refused.json()["code"] == "field_unknown"


# Leads


def test_a_lead_becomes_an_account_a_contact_and_a_deal(
    company: Company, ask: Door, changes: list[Change]
) -> None:
    lead = a_lead(company, source="referral")
    changes.clear()
    body = {
        "account_values": {"name": "远景能源有限公司", "domain": "yuanjing.cn"},
        "pipeline": company.pipeline.pk,
        "deal_values": {"name": "储能监测", "amount": "88000"},
        "role": "champion",
    }
    answer = ask(company.li, "POST", f"/leads/{lead.pk}/convert", body)
    assert answer.status_code == 200, answer.content
    account, contact, deal = (
        Account.objects.get(name="远景能源有限公司"),
        Contact.objects.get(),
        Deal.objects.get(name="储能监测"),
    )
    assert answer.json() == {
        "account": {"id": account.pk, "name": account.name},
        "contact": {"id": contact.pk, "name": "周涛"},
        "deal": {"id": deal.pk, "name": "储能监测"},
    }
    assert (contact.account, contact.title, contact.email) == (account, "采购经理", "zhou@yuanjing.cn")
    assert (deal.account, deal.owner, deal.amount, deal.facts["source"]) == (
        account,
        company.li,
        Decimal(88000),
        "转介绍",
    )
    assert deal.people.get().role == "champion"
    lead.refresh_from_db()
    assert (lead.status, lead.account, lead.contact, lead.deal, lead.ended_at) == (
        "converted",
        account,
        contact,
        deal,
        LATER,
    )
    assert [each.verb for each in ours(changes)] == [
        "add_account",
        "add_contact",
        "open_deal",
        "set_deal_contact",
        "convert_lead",
    ]
    shown = ask(company.li, "GET", f"/records/lead/{lead.pk}").json()["values"]
    assert (shown["deal"]["name"], shown["account"]["id"]) == ("储能监测", account.pk)
    for verb, sent in (("convert", {}), ("discard", {"reason": "x"}), ("take-up", None)):
        assert ask(company.li, "POST", f"/leads/{lead.pk}/{verb}", sent).json()["code"] == "lead_ended"


def test_converting_is_all_or_nothing(company: Company, ask: Door) -> None:
    lead = a_lead(company)
    for body in (
        {"pipeline": company.pipeline.pk, "deal_values": {"amount": "a lot"}},
        {"contact_values": {"email": "nobody"}},
        {"account_values": {"name": ""}},
        {"account": 0},
        {"account": company.account.pk, "contact": 0},
    ):
        assert ask(company.li, "POST", f"/leads/{lead.pk}/convert", body).status_code in {404, 422}
    assert ask(company.reader, "POST", f"/leads/{lead.pk}/convert", {}).status_code == 403
    assert ask(company.zhao, "POST", f"/leads/{lead.pk}/convert", {}).status_code == 404
    assert (Account.objects.count(), Contact.objects.count(), Deal.objects.count()) == (1, 0, 1)
    assert Lead.objects.get().status == "new"


def test_a_lead_joins_what_is_there(company: Company, ask: Door) -> None:
    services.change_record(
        record=company.account, edits={"domain": services.Edit("chenguang.com")}, by=None, at=AT
    )
    theirs = services.add_account(
        name="晨光电力西安", line=company.line, owner=company.zhao, team=company.west, by=None, at=AT
    )
    contact = a_contact(company, name="周涛", email="zhou@chenguang.com")
    lead = a_lead(company, company="晨光电力", email="zhou@chenguang.com")
    [like] = ask(company.li, "GET", f"/leads/{lead.pk}/accounts-like").json()
    assert (like["id"], [each["id"] for each in like["contacts"]]) == (company.account.pk, [contact.pk])
    assert {each.pk for each in queries.accounts_like(user=company.ops, lead=lead)} == {
        company.account.pk,
        theirs.pk,
    }
    free = a_lead(company, company="", email="x@qq.com")
    assert queries.accounts_like(user=company.ops, lead=free) == []
    other = services.add_contact(account=theirs, name="别人", by=None, at=AT)
    with pytest.raises(errors.ContactElsewhere):
        services.convert_lead(lead=lead, account=company.account, contact=other, by=None, at=AT)
    body = {"account": company.account.pk, "contact": contact.pk}
    assert ask(company.li, "POST", f"/leads/{lead.pk}/convert", body).json()["deal"] is None
    assert Contact.objects.filter(account=company.account).count() == 1


def test_leads_are_taken_up_and_given_up(company: Company, ask: Door) -> None:
    lead = a_lead(company)
    told = ask(company.li, "POST", f"/leads/{lead.pk}/take-up").json()
    assert told["values"]["status"] == "working"
    assert ask(company.li, "POST", f"/leads/{lead.pk}/take-up").json()["version"] == told["version"]
    assert ask(company.li, "POST", f"/leads/{lead.pk}/discard", {"reason": " "}).status_code == 400
    told = ask(company.li, "POST", f"/leads/{lead.pk}/discard", {"reason": "没有预算"}).json()
    assert (told["values"]["status"], told["values"]["reason"]) == ("discarded", "没有预算")
    history = ask(company.li, "GET", f"/records/lead/{lead.pk}/history").json()
    assert {(each["field"], each["after"]) for each in history} == {
        ("status", "working"), ("status", "discarded"), ("reason", "没有预算"),
    }  # fmt: skip
    pool = services.add_lead(line=company.line, name="无主", by=None, at=AT)
    services.take_up_lead(lead=pool, by=company.ops, at=AT)
    pool.refresh_from_db()
    assert (pool.owner, pool.status) == (company.ops, "working")


# Contacts


def test_who_left_is_noted_and_may_come_back(company: Company, ask: Door) -> None:
    contact = a_contact(company)
    assert ask(company.li, "POST", f"/contacts/{contact.pk}/left", {"reason": "rumour"}).status_code == 422
    assert ask(company.reader, "POST", f"/contacts/{contact.pk}/left", {"reason": "told"}).status_code == 403
    told = ask(company.li, "POST", f"/contacts/{contact.pk}/left", {"reason": "bounce"}).json()
    assert (told["values"]["left_reason"], told["values"]["left_at"][:10]) == ("bounce", "2026-03-05")
    assert (
        ask(company.li, "POST", f"/contacts/{contact.pk}/left", {"reason": "told"}).json()["code"]
        == "contact_has_left"
    )
    told = ask(company.li, "POST", f"/contacts/{contact.pk}/stays").json()
    assert (told["values"]["left_reason"], told["values"]["left_at"]) == (None, None)
    assert ask(company.li, "POST", f"/contacts/{contact.pk}/stays").json()["code"] == "contact_stays"


def test_a_contact_s_deals_are_those_one_sees(company: Company, ask: Door) -> None:
    contact = a_contact(company)
    other = services.open_deal(
        name="别人的", account=company.account, pipeline=company.pipeline, owner=company.zhao, team=company.west,
        by=None, at=AT,
    )  # fmt: skip
    for deal in (company.deal, other):
        services.set_deal_contact(deal=deal, contact=contact, role="champion", by=None, at=AT)
    found = ask(company.li, "GET", f"/contacts/{contact.pk}/deals").json()
    assert [(each["deal"]["name"], each["role"]) for each in found] == [("变电站监测系统", "champion")]
    assert len(ask(company.ops, "GET", f"/contacts/{contact.pk}/deals").json()) == 2
    assert ask(company.zhao, "GET", f"/contacts/{contact.pk}/deals").status_code == 404


def test_the_same_person_elsewhere(company: Company, ask: Door) -> None:
    contact = a_contact(company, phone="13800000000", title="总工", email="wu@chenguang.com")
    path = f"/contacts/{contact.pk}/new-employer"
    assert ask(company.li, "POST", path, {"account": company.account.pk}).json()["code"] == "employer_same"
    assert ask(company.li, "POST", path, {"account_values": {"name": " "}}).status_code == 422
    contact.refresh_from_db()
    assert contact.left_at is None
    made = ask(
        company.li, "POST", path, {"account_values": {"name": "远景能源"}, "values": {"title": "副总"}}
    )
    assert made.status_code == 201, made.content
    told = made.json()["values"]
    assert (told["name"], told["title"], told["phone"], told["email"]) == (
        "吴敏",
        "副总",
        "13800000000",
        None,
    )
    assert told["previous"] == {"id": contact.pk, "name": "吴敏"}
    left = Contact.objects.get(pk=contact.pk)
    assert (left.left_at, left.left_reason) == (LATER, "told")
    found = ask(
        company.li, "GET",
        f'/records/contact?where={{"field":"previous","op":"in","value":[{contact.pk}]}}',
    ).json()  # fmt: skip
    assert [each["id"] for each in found["items"]] == [made.json()["id"]]


def test_what_one_may_not_see_has_no_name(company: Company, ask: Door) -> None:
    mother = services.add_account(
        name="秘密集团", line=company.line, owner=company.zhao, team=company.west, by=None, at=AT
    )
    services.change_record(record=company.account, edits={"parent": services.Edit(mother.pk)}, by=None, at=AT)
    path = f"/records/account/{company.account.pk}"
    assert ask(company.li, "GET", path).json()["values"]["parent"] == {"id": mother.pk, "name": ""}
    assert ask(company.ops, "GET", path).json()["values"]["parent"]["name"] == "秘密集团"


# Search


@pytest.mark.parametrize("q", ["周涛", "zhoutao", "zt", "远景", "yjny", "zhou@yuanjing.cn"])
def test_search_finds_leads_as_they_sound(company: Company, ask: Door, q: str) -> None:
    lead = a_lead(company)
    found = ask(company.li, "GET", f"/search?q={q}").json()
    assert [(each["id"], each["company"], each["status"]) for each in found["leads"]] == [
        (lead.pk, "远景能源", "new")
    ]
    assert ask(company.zhao, "GET", f"/search?q={q}").json()["leads"] == []


def test_search_finds_products_deals_and_accounts(company: Company, ask: Door) -> None:
    product = a_product(company, code="SV-7")
    assert [each["id"] for each in ask(company.zhao, "GET", "/search?q=sv-7").json()["products"]] == [
        product.pk
    ]
    found = ask(company.li, "GET", "/search?q=cgdl").json()
    assert ([each["id"] for each in found["accounts"]], [each["id"] for each in found["deals"]]) == (
        [company.account.pk], [company.deal.pk],
    )  # fmt: skip
    assert (
        ask(company.li, "GET", f"/search?q={company.deal.number}").json()["deals"][0]["id"] == company.deal.pk
    )
    assert ask(company.li, "GET", "/search?q=%2D%2D").json()["deals"] == []


def test_a_hidden_number_is_not_found_out_by_asking(company: Company, ask: Door) -> None:
    contact = a_contact(company, phone="13912345678")
    asks = "/search?q=13912345678", "/records/contact?q=13912345678"
    services.set_field_rule(kind=CONTACT, field="phone", role="manager", level="hidden", by=None, at=AT)
    assert ask(company.li, "GET", asks[0]).json()["contacts"][0]["id"] == contact.pk
    assert ask(company.boss, "GET", asks[0]).json()["contacts"] == []
    assert ask(company.boss, "GET", asks[1]).json()["total"] == 0
    assert ask(company.boss, "GET", "/search?q=吴敏").json()["contacts"][0]["id"] == contact.pk


# The bin


def test_the_bin_says_who_and_until_when(company: Company, ask: Door) -> None:
    lead, other = a_lead(company), a_lead(company, name="后删")
    services.delete_record(record=lead, by=company.li, at=AT)
    services.delete_record(record=other, by=company.li, at=LATER)
    found = ask(company.boss, "GET", "/records/lead-bin").json()["items"]
    assert [(each["title"], each["deleted_by"]) for each in found] == [("后删", "Li"), ("周涛", "Li")]
    assert found[1]["gone_at"] == "2026-05-31T09:00:00Z"
    assert date.fromisoformat(found[1]["deleted_at"][:10]) == AT.date()
    assert LEAD.key == "lead"
