"""The timeline of a deal over HTTP: what is shown, to whom, page by page."""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foresail.core import clock
from foresail.people.models import User
from foresail.people.services import create_session
from foresail.timeline import excerpts as shown
from foresail.timeline.excerpts import Excerpt
from foresail.timeline.models import Entry
from foresail.timeline.services import append
from foresail.timeline.tests.conftest import LATER, Company
from foresail.timeline.tests.making import AT, entry

Door = Callable[..., Any]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Door:
    """Ask for the timeline of a deal as a user; return the status and what was answered."""
    monkeypatch.setattr(clock, "now", lambda: LATER)
    clients: dict[int, Client] = {}

    def ask(user: User | None, deal: int, more: str = "") -> tuple[int, Any]:
        client = clients.setdefault(user.pk if user else 0, Client())
        if user and not client.cookies:
            _, token = create_session(user=user, address="192.0.2.1", agent="Tests", at=LATER)
            client.cookies["foresail_session"] = token
        answer = client.get(f"/api/deals/{deal}/timeline{more}")
        return answer.status_code, answer.json()

    return ask


def of(company: Company, source_id: str, **given: Any) -> Any:
    return entry(source_id, deal_id=company.deal.pk, account_id=company.account.pk, **given)


def test_the_newest_is_shown_first_in_the_words_of_its_kind(company: Company, ask: Door) -> None:
    append(
        [of(company, "v", kind="visit", at=AT + timedelta(hours=1), known_at=LATER, actor_label="王工")],
        at=LATER,
    )
    status, page = ask(company.li, company.deal.pk)
    assert (status, page["next"], page["counts"]) == (200, None, {"stage": 2, "visit": 1})
    visit, stage, opened = page["items"]
    assert visit == {
        "id": visit["id"], "kind": "visit", "group": "visit", "zh": "上门拜访", "en": "visit to the customer",
        "title": None, "text": None, "people": [], "at": "2026-03-02T10:00:00Z",
        "known_at": "2026-03-05T09:00:00Z", "actor": None, "actor_label": "王工", "deal": None, "source": "test",
        "basis": "legitimate_interest", "key": True, "values": {},
    }  # fmt: skip
    assert (stage["kind"], stage["actor"]) == ("stage_qualified", {"id": company.li.pk, "name": "Li"})
    assert opened["values"]["amount"] == "120000.50"
    assert ask(company.li, company.deal.pk, f"/{visit['id']}") == (200, visit)


def test_nobody_else_is_shown_anything(company: Company, ask: Door) -> None:
    append([entry("x", deal_id=company.deal.pk + 1)], at=AT)
    own, other = Entry.objects.filter(deal=company.deal.pk)[0].pk, Entry.objects.get(source_id="x").pk
    for who, deal, more, status, code in (
        (company.wang, company.deal.pk, "", 404, "not_found"),
        (company.wang, company.deal.pk, f"/{own}", 404, "not_found"),
        (company.li, company.deal.pk + 1, "", 404, "not_found"),
        (company.li, company.deal.pk, f"/{other}", 404, "not_found"),
        (company.li, company.deal.pk, f"/{2**63}", 404, "not_found"),
        (None, company.deal.pk, "", 401, "signed_out"),
    ):
        answered, problem = ask(who, deal, more)
        assert (answered, problem["code"]) == (status, code)


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        ("?groups=mail", ["chat_in", "mail_in"]),
        ("?groups=mail,signal", ["budget_frozen", "chat_in", "mail_in"]),
        ("?groups=system", ["erp_note"]),
        ("?groups=system&key=true", []),
        ("?groups=none", []),
        ("?key=true", ["stage_trial", "budget_frozen", "stage_qualified", "deal_opened"]),
        ("?groups=stage", ["stage_trial", "stage_qualified", "deal_opened"]),
    ],
)
def test_groups_and_what_matters_most_can_be_chosen(
    company: Company, ask: Door, asked: str, kinds: list[str]
) -> None:
    made = ("mail_in", "chat_in", "budget_frozen", "erp_note", "stage_trial")
    append(
        [of(company, kind, kind=kind, at=AT + timedelta(hours=n)) for n, kind in enumerate(made, 1)], at=LATER
    )
    status, page = ask(company.li, company.deal.pk, asked)
    assert (status, [each["kind"] for each in page["items"]]) == (200, kinds)
    assert page["counts"] == {"mail": 2, "signal": 1, "system": 1, "stage": 3}


def test_a_stage_and_a_kind_that_nobody_registered_are_shown_by_name(company: Company, ask: Door) -> None:
    append([of(company, "t", kind="stage_trial"), of(company, "e", kind="erp_note")], at=AT)
    words = {
        each["kind"]: (each["group"], each["en"]) for each in ask(company.li, company.deal.pk)[1]["items"]
    }
    assert words["stage_trial"] == ("stage", "moved to trial")
    assert words["erp_note"] == ("system", "erp_note")


@pytest.mark.parametrize("before", ["x", "_", "2026-03-02_1", f"{AT.isoformat()}_{2**63}", "9_9_9"])
def test_a_wrong_cursor_is_refused(company: Company, ask: Door, before: str) -> None:
    status, problem = ask(company.li, company.deal.pk, f"?before={quote(before)}")
    assert (status, problem["code"]) == (400, "cursor_invalid")


def test_ten_thousand_entries_page_through_without_gap_or_double(company: Company, ask: Door) -> None:
    # Seven of each instant, over half a year, so that pages break within an instant and across months.
    rows = [
        of(company, str(n), at=AT + timedelta(minutes=40 * (n // 7)), known_at=AT + timedelta(minutes=40 * (n // 7), days=n % 3))
        for n in range(10_000)
    ]  # fmt: skip
    assert append(rows, at=LATER) == 10_000
    seen: list[tuple[str, int]] = []
    costs: set[int] = set()
    cursor: str | None = ""
    while cursor is not None:
        more = f"?limit=200&before={cursor}" if cursor else "?limit=200"
        with CaptureQueriesContext(connection) as queries:
            status, page = ask(company.li, company.deal.pk, more)
        assert status == 200
        assert page["counts"] == ({} if cursor else {"mail": 10_000, "stage": 2})
        if cursor:
            costs.add(len(queries))
        seen += [(each["at"], each["id"]) for each in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 10_002
    assert {key for _, key in seen} == set(Entry.objects.values_list("pk", flat=True))
    assert seen == sorted(seen, key=lambda each: (each[0], each[1]), reverse=True)
    assert max(costs) - min(costs) <= 1  # the last page also names who opened the deal


def test_what_was_said_is_shown_by_the_room_that_keeps_it(
    company: Company, ask: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[set[int], int]] = []

    def read(keys: Collection[int], user: User) -> Mapping[int, Excerpt]:
        calls.append((set(keys), user.pk))
        return {7: Excerpt(title="报价单", text="请看附件", people=("吴敏",))}

    monkeypatch.setattr(shown, "_readers", {"talks.Talk": read})
    refs = (
        "talks.Talk:7",
        "talks.Talk:8",
        "talks.Talk:old",
        "https://crm.example/x",
        "",
        "7",
        "other.Room:7",
    )
    append(
        [of(company, f"r{n}", ref=ref, at=AT + timedelta(hours=n + 1)) for n, ref in enumerate(refs)],
        at=LATER,
    )
    status, page = ask(company.li, company.deal.pk, "?groups=mail")
    assert status == 200
    said = [(each["title"], each["text"], each["people"]) for each in reversed(page["items"])]
    assert said == [("报价单", "请看附件", ["吴敏"])] + [(None, None, [])] * 6
    assert calls == [({7, 8}, company.li.pk)]
