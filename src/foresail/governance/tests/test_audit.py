"""The trail as administrators read, export and verify it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foresail.core import clock
from foresail.governance import jobs, kinds, services
from foresail.governance.errors import TooMuchToExport, VerificationUnderWay
from foresail.governance.kinds import Kind
from foresail.governance.models import AuditRow, Verification
from foresail.governance.queries import Filter, audit, audit_whole, head, last_verification
from foresail.governance.tests.making import MORNING, tamper, tell, tell_of
from foresail.people import services as people
from foresail.people.models import User
from foresail.people.roles import Role

Ask = Callable[..., Any]
LATE = MORNING + timedelta(hours=3)


@pytest.fixture
def admin(db: None) -> User:  # noqa: ARG001
    user = people.add_user(email="ada@example.com", name="Ada", by=None, at=MORNING)
    people.grant_role(user=user, role=Role.ADMIN, by=None, at=MORNING)
    return user


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The accounts that anybody may see; crm's own rule does not matter here."""
    seen: set[int] = set()
    monkeypatch.setitem(
        kinds._kinds,  # put back afterwards
        "crm.Account",
        Kind(
            subject="crm.Account",
            names=lambda _, keys: {key: f"客户{key}" for key in keys if key in seen},
            called=("account",),
        ),
    )
    return seen


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setattr(clock, "now", lambda: LATE)

    def ask(user: User, method: str, path: str, body: object = None) -> Any:
        client = Client()
        _, token = people.create_session(user=user, address="192.0.2.1", agent="Tests", at=LATE)
        client.cookies["foresail_session"] = token
        data = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(client, method.lower())(f"/api{path}", **data)

    return ask


def test_rows_come_newest_first_by_pages_with_names(admin: User, accounts: set[int], ask: Ask) -> None:
    accounts.add(7)
    tell(
        key="7",
        actor=admin.pk,
        minute=1,
        values={"owner": admin.pk, "before": {"owner": None}, "stage": "won"},
    )
    tell(key="7", actor=None, minute=2, values={"stage": "lost", "before": "won", "account": 7})
    page = ask(admin, "GET", "/audit?limit=2&subject=crm.Account").json()
    newest, oldest = page["items"]
    assert page["next"] is None
    assert (newest["actor"], newest["name"], newest["at"]) == (None, "客户7", "2026-03-02T09:02:00Z")
    assert oldest["actor"] == {"id": admin.pk, "name": "Ada"}
    assert oldest["values"] == [
        {
            "name": "owner", "state": "kept", "value": admin.pk, "text": "Ada",
            "before": None, "before_text": None, "has_before": True,
        },
        {
            "name": "stage", "state": "kept", "value": "won", "text": None,
            "before": None, "before_text": None, "has_before": False,
        },
    ]  # fmt: skip
    # Beside two values, a single "before" may be either's: neither gets it.
    assert [value["has_before"] for value in newest["values"]] == [False, False]
    first = ask(admin, "GET", "/audit?limit=1").json()
    second = ask(admin, "GET", f"/audit?limit=1&before={first['next']}").json()
    assert second["items"][0]["sequence"] == first["items"][0]["sequence"] - 1


def test_filters_narrow(admin: User) -> None:
    tell(key="7", actor=admin.pk, minute=1)
    tell(key="8", actor=None, minute=2)
    tell_of("p1", key="7")

    def found(**by: Any) -> list[tuple[str, str]]:
        rows, _ = audit(user=admin, by=Filter(**by))
        return [(row.entry.verb, row.entry.key) for row in rows]

    assert found(subject="crm.Account", key="8") == [("renamed", "8")]
    assert found(actor=admin.pk) == [("renamed", "7")]
    assert [verb for verb, _ in found(actor=0)] == ["renamed", "grant_role", "add_user"]
    assert found(verb="grant_role") == [("grant_role", str(admin.pk))]
    assert found(since=MORNING + timedelta(minutes=1), until=MORNING + timedelta(minutes=2)) == [
        ("renamed", "7")
    ]
    assert found(subject="crm.Account\0", verb="no\0ne") == []


def test_the_values_of_a_record_are_shown_to_who_may_see_it_alone(
    admin: User, accounts: set[int], ask: Ask
) -> None:
    accounts.add(7)
    tell_of("p1", key="7")
    tell_of("p2", key="8")
    tell(key="", values={"count": 3, "sha256": "ab"})
    bulk, hidden, shown = ask(admin, "GET", "/audit?subject=crm.Account").json()["items"]
    assert {value["name"]: value["value"] for value in shown["values"]} == {
        "name": "王芳", "phone": "13800000000", "role": "buyer",
    }  # fmt: skip
    assert (hidden["name"], {value["state"] for value in hidden["values"]}) == (None, {"withheld"})
    assert [value["name"] for value in hidden["values"]] == ["name", "phone", "role"] or len(
        hidden["values"]
    ) == 3
    assert all(value["value"] is None for value in hidden["values"])
    assert [value["value"] for value in bulk["values"]] == [3, "ab"]
    services.erase_person(person="p1", by=admin.pk, at=MORNING)
    erased = ask(admin, "GET", "/audit?subject=crm.Account&key=7").json()["items"][0]
    assert {value["name"]: value["state"] for value in erased["values"]} == {
        "name": "erased", "phone": "erased", "role": "kept",
    }  # fmt: skip


def test_a_kind_that_nobody_registered_keeps_its_values_to_itself(admin: User, ask: Ask) -> None:
    tell()  # crm.Account, which crm registers: of a record that is not there
    (row,) = ask(admin, "GET", "/audit?subject=crm.Account").json()["items"]
    assert {value["state"] for value in row["values"]} == {"withheld"}


def test_a_page_takes_as_many_queries_whatever_its_length(admin: User, accounts: set[int]) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as done:
            audit(user=admin, by=Filter(), limit=200)
        return len(done)

    accounts.update(range(100))
    tell_of("p0", key="1")
    few = count()
    for number in range(30):
        tell_of(f"p{number}", key=str(number))
    assert count() == few


def test_an_export_is_a_table_that_no_spreadsheet_runs_and_is_kept_itself(
    admin: User, accounts: set[int], ask: Ask
) -> None:
    accounts.add(7)
    people.change_user(user=admin, name="=1+1", by=None, at=MORNING)
    tell(key="7", actor=admin.pk)
    answer = ask(admin, "POST", "/audit/export", {"subject": "crm.Account"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="foresail-audit-20260302-120000.csv"'
    text = answer.content.decode()
    assert text.startswith("\ufeff序号,")
    heading, row = csv.reader(io.StringIO(text[1:]))
    assert len(heading) == len(row) == 9
    assert row[1:] == [
        "2026-03-02T09:00:00+00:00", str(admin.pk), "'=1+1", "renamed", "crm.Account", "7", "客户7",
        '{"stage": "won"}',
    ]  # fmt: skip
    (kept,) = AuditRow.objects.filter(verb="exported")
    assert (kept.actor, kept.subject, kept.values) == (
        admin.pk, "governance.AuditRow", {"count": 1, "where": {"subject": "crm.Account"}},
    )  # fmt: skip


def test_too_much_does_not_leave_at_once(admin: User, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foresail.governance.queries.reading.LARGEST_EXPORT", 2)
    assert len(audit_whole(user=admin, by=Filter())) == 2
    tell()
    with pytest.raises(TooMuchToExport):
        audit_whole(user=admin, by=Filter())
    assert ask(admin, "POST", "/audit/export", {}).json()["code"] == "too_much_to_export"
    assert not AuditRow.objects.filter(verb="exported").exists()


def test_the_chain_is_verified_in_the_background_and_what_was_found_stays(admin: User, ask: Ask) -> None:
    told = ask(admin, "GET", "/audit/chain").json()
    assert (told["last"], told["under_way"], told["head"]["sequence"]) == (None, False, head().sequence)
    answer = ask(admin, "POST", "/audit/verify")
    assert (answer.status_code, answer.json()["ended_at"]) == (202, None)
    assert ask(admin, "POST", "/audit/verify").json()["code"] == "verification_under_way"
    assert ask(admin, "GET", "/audit/chain").json()["under_way"] is True
    run_verification()
    told = ask(admin, "GET", "/audit/chain").json()
    assert told["under_way"] is False
    assert told["last"]["asked_by"] == {"id": admin.pk, "name": "Ada"}
    rows = told["last"]["rows"]
    assert told["last"] | {"asked_by": None} == {
        "asked_at": "2026-03-02T12:00:00Z", "asked_by": None, "ended_at": "2026-03-02T12:00:00Z", "rows": rows,
        "head": {"sequence": rows, "hash": bytes(AuditRow.objects.get(sequence=rows).hash).hex()}, "broken": None,
    }  # fmt: skip

    tamper("UPDATE governance_auditrow SET verb = 'nothing' WHERE sequence = 2")
    ask(admin, "POST", "/audit/verify")
    run_verification()
    last = ask(admin, "GET", "/audit/chain").json()["last"]
    assert (last["rows"], last["head"]["sequence"]) == (1, 1)
    assert last["broken"] == {
        "sequence": 2, "what": "changed", "because": "Its hash is not that of its fields.",
    }  # fmt: skip


def run_verification() -> None:
    found = last_verification()
    assert found is not None
    jobs.verify(verification=found.pk)


def test_a_chain_made_anew_is_told_from_the_one_that_was_verified(admin: User, ask: Ask) -> None:
    ask(admin, "POST", "/audit/verify")
    run_verification()
    tamper("DELETE FROM governance_auditrow WHERE sequence >= 2")
    services.ask_verification(by=None, at=LATE)  # tells, so the chain grows again: shorter, and another
    run_verification()
    found = last_verification()
    assert found is not None
    assert found.broken_what in {"missing", "changed"}


@pytest.mark.django_db
def test_the_night_asks_where_nobody_did_and_a_lost_one_does_not_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hands = [MORNING]
    monkeypatch.setattr(clock, "now", lambda: hands[0])
    jobs.verify_nightly(timestamp=0)
    jobs.verify_nightly(timestamp=0)
    assert Verification.objects.count() == 1
    with pytest.raises(VerificationUnderWay):
        services.ask_verification(by=None, at=MORNING + timedelta(hours=5))
    services.ask_verification(by=None, at=MORNING + timedelta(hours=7))
    assert [one.asked_at for one in Verification.objects.all()] == [MORNING + timedelta(hours=7)]


def test_nobody_but_an_admin_reads_exports_or_verifies(admin: User, ask: Ask) -> None:
    del admin
    ops = people.add_user(email="ops@example.com", name="Ops", by=None, at=MORNING)
    for role in (Role.SALES_OPERATIONS, Role.MANAGER):
        people.grant_role(user=ops, role=role, by=None, at=MORNING)
    for method, path, body in (
        ("GET", "/audit", None), ("POST", "/audit/export", {}), ("GET", "/audit/chain", None),
        ("POST", "/audit/verify", None),
    ):  # fmt: skip
        answer = ask(ops, method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), path
    assert not Verification.objects.exists()
    assert not AuditRow.objects.filter(verb="exported").exists()
