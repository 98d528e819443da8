"""A record is shared: seen wherever records are seen, changed where that was given, and gone when the share is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foresail.core import clock, events
from foresail.core.changes import Change
from foresail.crm import queries, services
from foresail.crm.events import RecordShared
from foresail.crm.fields import CONTACT, DEAL, record_type
from foresail.crm.models import Deal, FieldRule
from foresail.crm.queries.exporting import going
from foresail.crm.queries.listing import grouped, records
from foresail.crm.tests.conftest import AT, LATER, Company
from foresail.people import errors
from foresail.people import services as people
from foresail.people.models import Share, User
from foresail.people.roles import Action, Role
from foresail.people.rules import may

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> dict[str, datetime]:
    """The clock, to be put forward."""
    shown = {"now": LATER}
    monkeypatch.setattr(clock, "now", lambda: shown["now"])
    return shown


@pytest.fixture
def ask() -> Ask:
    def ask(who: User | str, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Ask as somebody who is signed in, or with the token of an API key."""
        if isinstance(who, str):
            client = Client(headers={"Authorization": f"Bearer {who}"})
        else:
            client = Client()
            _, token = people.create_session(user=who, address="192.0.2.1", agent="Tests", at=clock.now())
            client.cookies["foresail_session"] = token
        data = {} if body is None else {"data": body, "content_type": "application/json"}
        answer = getattr(client, method.lower())(f"/api{path}", **data)
        return answer.status_code, answer.json() if answer.content else None

    return ask


def everywhere(ask: Ask, who: User | str, deal: Deal) -> dict[str, bool]:
    """Say where `who` finds the deal."""
    base = f"/records/deal/{deal.pk}"
    listed = ask(who, "get", "/records/deal")[1]["items"]
    groups = ask(who, "get", "/records/deal-groups?by=stage&sums=amount")[1]
    return {
        "list": deal.pk in [each["id"] for each in listed],
        "old list": deal.pk in [each["id"] for each in ask(who, "get", "/deals")[1]["items"]],
        "board": sum(each["count"] for each in groups) == 1,
        "search": len(ask(who, "get", f"/search?q={deal.name}")[1]["deals"]) == 1,
        "record": ask(who, "get", base)[0] == 200,
        "page": ask(who, "get", f"/deals/{deal.pk}")[0] == 200,
        "notes": ask(who, "get", f"{base}/notes")[0] == 200,
        "tasks": ask(who, "get", f"{base}/tasks")[0] == 200,
        "attachments": ask(who, "get", f"{base}/attachments")[0] == 200,
        "history": ask(who, "get", f"{base}/history")[0] == 200,
        "timeline": ask(who, "get", f"/deals/{deal.pk}/timeline")[0] == 200,
    }


def test_shared_it_is_everywhere_and_taken_back_nowhere(company: Company, ask: Ask) -> None:
    deal, zhao, path = company.deal, company.zhao, f"/records/deal/{company.deal.pk}/shares"
    program = people.create_key(
        name="k", areas={"crm": "read", "timeline": "read"}, days=30, by=zhao, at=LATER
    )[1]
    assert not any(everywhere(ask, zhao, deal).values())
    status, told = ask(company.li, "post", path, {"user": zhao.pk, "reason": "一起投标"})
    assert status == 200
    [share] = told["items"]
    assert (share["user"]["name"], share["of"], share["right"], share["may_end"]) == (
        "Zhao",
        "西部",
        "see",
        True,
    )
    assert all(everywhere(ask, zhao, deal).values()), everywhere(ask, zhao, deal)
    assert all(everywhere(ask, program, deal).values()), everywhere(ask, program, deal)
    seen = ask(zhao, "get", f"/records/deal/{deal.pk}")[1]
    assert seen["why_zh"] == "Li于2026年3月5日将此商机共享给Zhao（可查看），长期有效。"
    assert seen["why_en"] == "Li shared this deal with Zhao, to look at, on 2026-03-05, with no end."
    rights = ("may_change", "may_assign", "may_delete", "may_share")
    assert [seen[right] for right in rights] == [False] * 4
    assert ask(company.wang, "get", f"/records/deal/{deal.pk}")[0] == 404
    assert ask(zhao, "delete", f"/shares/{share['id']}")[0] == 403
    assert ask(company.wang, "delete", f"/shares/{share['id']}")[0] == 404
    assert ask(company.li, "delete", f"/shares/{share['id']}")[0] == 204
    assert not any(everywhere(ask, zhao, deal).values())
    assert not any(everywhere(ask, program, deal).values())
    assert ask(company.li, "delete", f"/shares/{share['id']}")[0] == 404


def test_a_right_to_look_changes_nothing_and_one_to_change_neither_deletes_nor_gives(
    company: Company, ask: Ask
) -> None:
    deal, zhao, base = company.deal, company.zhao, f"/records/deal/{company.deal.pk}"
    edit = {"changes": {"next_step": {"value": "约见"}}}
    ask(company.li, "post", f"{base}/shares", {"user": zhao.pk})
    assert ask(zhao, "patch", base, edit)[0] == 403
    assert ask(zhao, "post", f"{base}/notes", {"text": "记一笔"})[0] == 403
    ask(company.li, "post", f"{base}/shares", {"user": zhao.pk, "right": "change"})
    assert Share.objects.filter(ended_at=None).count() == 1  # the same one, said otherwise
    assert ask(zhao, "patch", base, edit)[0] == 200
    assert ask(zhao, "post", f"{base}/notes", {"text": "记一笔"})[0] == 201
    stage = company.pipeline.stages.get(key="quote").pk
    deal.refresh_from_db()
    move = {"version": deal.version, "stage": stage}
    assert ask(zhao, "post", f"/deals/{deal.pk}/move", move)[0] == 200
    status, told = ask(zhao, "delete", base)
    assert (status, told["zh"]) == (403, "Zhao作为销售代表只能删除本人负责的记录，此商机不在其中。")
    assert ask(zhao, "post", f"{base}/shares", {"user": company.wang.pk})[0] == 403
    assert (
        ask(zhao, "post", f"/deals/{deal.pk}/assign", {"owner": zhao.pk, "team": company.west.pk})[0] == 403
    )
    account = f"/records/account/{company.account.pk}"
    ask(company.li, "post", f"{account}/shares", {"user": zhao.pk, "right": "change"})
    give_back = f"/pool/account/{company.account.pk}/return"
    assert ask(zhao, "post", give_back, {"reason": "不做了"})[0] == 403


def test_a_share_ends_on_its_day_and_is_told_once(
    company: Company, ask: Ask, now: dict[str, datetime], changes: list[Change]
) -> None:
    deal, zhao, path = company.deal, company.zhao, f"/records/deal/{company.deal.pk}/shares"
    assert ask(company.li, "post", path, {"user": zhao.pk, "ends_on": "2026-03-04"})[0] == 400
    assert ask(company.li, "post", path, {"user": zhao.pk, "ends_on": "2026-03-06"})[0] == 200
    assert "有效期至2026年3月6日" in ask(zhao, "get", f"/records/deal/{deal.pk}")[1]["why_zh"]
    now["now"] = datetime.fromisoformat("2026-03-06T23:59:59+08:00")
    assert all(everywhere(ask, zhao, deal).values())
    now["now"] = datetime.fromisoformat("2026-03-07T00:00:00+08:00")
    assert not any(everywhere(ask, zhao, deal).values())
    changes.clear()
    assert [services.end_due_shares(at=now["now"]), services.end_due_shares(at=now["now"])] == [1, 0]
    [told] = changes
    assert (told.verb, told.subject, told.key, told.actor) == ("end_share", "crm.Deal", str(deal.pk), None)


def test_a_team_has_it_with_those_below_and_not_beside(company: Company, hire: Callable[..., User]) -> None:
    below = people.add_team(name="西部一组", line=company.line, parent=company.west, by=None, at=AT)
    under = hire("Under", Role.REP, team=below)
    services.share_record(record=company.deal, team=company.west, by=company.li, at=LATER)
    for who, sees in ((company.zhao, True), (under, True), (company.wang, False)):
        assert may(user=who, action=Action.SEE, record=company.deal).allowed is sees
    people.deactivate_user(user=under, by=None, at=LATER)
    assert not may(user=under, action=Action.SEE, record=company.deal).allowed


def test_an_account_with_what_belongs_to_it(company: Company) -> None:
    zhao, account = company.zhao, company.account
    contact = services.add_contact(account=account, name="陈工", by=None, at=AT)
    of_wang = services.open_deal(
        name="备件", account=account, pipeline=company.pipeline, owner=company.wang, team=company.east,
        amount=None, facts={}, by=None, at=AT,
    )  # fmt: skip

    def seen(kind: str) -> list[int]:
        return [each.pk for each in records(record_type(kind), user=zhao, now=LATER).items]

    services.share_record(record=account, user=zhao, by=company.li, at=LATER)
    assert (seen("account"), seen("deal"), seen("contact")) == ([account.pk], [], [])
    services.share_record(record=account, user=zhao, below=True, by=company.li, at=LATER)
    assert (seen("deal"), seen("contact")) == ([company.deal.pk], [contact.pk])  # Wang's is not Li's to share
    assert not may(user=zhao, action=Action.SEE, record=of_wang).allowed
    why = may(user=zhao, action=Action.SEE, record=company.deal)
    assert why.because_zh == "Li于2026年3月5日将此商机所属的客户连同其商机共享给Zhao（可查看），长期有效。"
    [through] = queries.shares(user=company.li, record=company.deal)
    assert (through.through, through.may_end) == (account, False)
    with pytest.raises(errors.ShareBelowInvalid):
        services.share_record(record=company.deal, user=zhao, below=True, by=company.li, at=LATER)


def test_what_roles_do_not_allow_a_share_does_not_give(
    company: Company, ask: Ask, hire: Callable[..., User]
) -> None:
    path = f"/records/deal/{company.deal.pk}/shares"
    admin = hire("Ada", Role.ADMIN)
    for body, code in (
        ({"user": admin.pk}, "share_useless"),
        ({"user": company.reader.pk, "right": "change"}, "share_useless"),
        ({"user": company.li.pk}, "share_with_owner"),
        ({}, "share_with_one"),
        ({"user": company.zhao.pk, "team": company.west.pk}, "share_with_one"),
        ({"user": company.zhao.pk, "reason": "长" * 301}, "share_reason_invalid"),
    ):
        status, told = ask(company.li, "post", path, body)
        assert (status, told["code"]) == (400, code)
    assert ask(company.li, "post", path, {"user": 10**9})[0] == 404
    assert ask(company.wang, "post", path, {"user": company.zhao.pk})[0] == 404
    # An administrator ends what they do not see; the owner's manager and the next owner may too.
    for by in (admin, company.boss):
        ask(company.li, "post", path, {"user": company.zhao.pk})
        share = Share.objects.get(ended_at=None)
        assert ask(by, "delete", f"/shares/{share.pk}")[0] == 204
    ask(company.li, "post", path, {"user": company.zhao.pk})
    services.assign_deal(deal=company.deal, owner=company.wang, team=company.east, by=company.boss, at=LATER)
    assert ask(company.zhao, "get", f"/records/deal/{company.deal.pk}")[0] == 200
    assert ask(company.wang, "get", path)[1]["items"][0]["may_end"]


def test_field_rules_still_hide_and_sums_are_ones_own(company: Company, ask: Ask) -> None:
    FieldRule.objects.create(record_type="deal", field="amount", role="rep", level="own")
    ask(company.li, "post", f"/records/deal/{company.deal.pk}/shares", {"user": company.zhao.pk})
    assert "amount" not in ask(company.zhao, "get", f"/records/deal/{company.deal.pk}")[1]["values"]
    assert ask(company.zhao, "get", f"/deals/{company.deal.pk}")[1]["amount"] is None
    assert list(queries.visible_deals(user=company.zhao)) == [company.deal]
    assert not queries.visible_deals(user=company.zhao, shared=False).exists()


def test_it_goes_along_in_an_export_of_who_exports_at_all(company: Company) -> None:
    for who in (company.zhao, company.boss):
        if who is company.boss:
            other = services.open_deal(
                name="别处", account=company.account, pipeline=company.pipeline, owner=company.zhao,
                team=company.west, amount=None, facts={}, by=None, at=AT,
            )  # fmt: skip
            services.share_record(record=other, user=who, by=company.zhao, at=LATER)
            assert [each.pk for each in going(DEAL, user=who, now=LATER).found] == [other.pk]
        else:
            services.share_record(record=company.deal, user=who, by=company.li, at=LATER)
            assert going(DEAL, user=who, now=LATER).count == 0


def test_lists_can_be_asked_for_what_is_shared(company: Company) -> None:
    own = services.open_deal(
        name="自己的", account=company.account, pipeline=company.pipeline, owner=company.zhao, team=company.west,
        amount=None, facts={}, by=None, at=AT,
    )  # fmt: skip

    def asked(value: bool, who: User) -> list[int]:
        where = {"field": "shared_with_me", "op": "is", "value": value}
        return [each.pk for each in records(DEAL, user=who, now=LATER, where=where).items]

    assert (asked(True, company.zhao), asked(False, company.zhao)) == ([], [own.pk])
    services.share_record(record=company.deal, user=company.zhao, by=company.li, at=LATER)
    assert (asked(True, company.zhao), asked(False, company.zhao)) == ([company.deal.pk], [own.pk])
    services.share_record(record=company.deal, team=company.east, by=company.li, at=LATER)
    assert asked(True, company.li) == []


def test_it_is_told_of(
    company: Company, changes: list[Change], notices: Callable[[], list[tuple[str, int]]]
) -> None:
    told: list[RecordShared] = []
    events.listen(RecordShared, told.append)
    changes.clear()
    notices()
    share = services.share_record(
        record=company.deal, user=company.zhao, right="change", ends_on=date(2026, 4, 1), reason="张三", by=company.li,
        at=LATER,
    )  # fmt: skip
    assert notices() == [("deal", company.deal.pk), ("deals", 0)]
    [event] = told
    assert (event.record_type, event.record, event.people) == ("deal", company.deal.pk, (company.zhao.pk,))
    [change] = changes
    assert (change.verb, change.subject, change.key) == ("share_record", "crm.Deal", str(company.deal.pk))
    assert dict(change.values) == {
        "share": share.pk, "right": "change", "user": company.zhao.pk, "ends_on": "2026-04-01",
    }  # fmt: skip
    services.share_record(
        record=company.deal, user=company.zhao, right="change", ends_on=date(2026, 4, 1), reason="张三", by=company.li,
        at=LATER + timedelta(hours=1),
    )  # fmt: skip
    assert (len(changes), len(told)) == (1, 1)
    services.end_share(share=share, record=company.deal, by=company.li, at=LATER)
    assert [each.verb for each in changes] == ["share_record", "end_share"]


def test_lists_take_as_many_queries_however_many_are_shared(company: Company) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            records(DEAL, user=company.zhao, now=LATER)
            records(CONTACT, user=company.zhao, now=LATER)
            grouped(DEAL, user=company.zhao, now=LATER, by="stage")
            queries.shares(user=company.li, record=company.deal)
        return len(asked)

    def share_more() -> None:
        services.share_record(record=company.account, team=company.west, below=True, by=company.li, at=LATER)
        for n in range(5):
            deal = services.open_deal(
                name=f"D{n}", account=company.account, pipeline=company.pipeline, owner=company.li,
                team=company.east, amount=None, facts={}, by=None, at=AT,
            )  # fmt: skip
            services.share_record(record=deal, user=company.zhao, by=company.li, at=LATER)
            services.share_record(record=company.deal, user=company.wang, by=company.li, at=LATER)

    services.share_record(record=company.deal, user=company.zhao, by=company.li, at=LATER)
    few = count()
    share_more()
    assert count() == few
