"""The HTTP interface: what is shown, what is done, and what is refused, in the shapes of the contract."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foresail.core import clock
from foresail.core.changes import Change
from foresail.crm import services
from foresail.crm.models import Deal, Task
from foresail.crm.tests.conftest import AT, LATER, Company
from foresail.people.models import User
from foresail.people.services import create_session

Door = Callable[..., Any]


@pytest.fixture(autouse=True)
def _late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATER)


@pytest.fixture
def ask() -> Door:
    """Ask as a user; return the status and what was answered."""

    def ask(user: User, method: str, path: str, body: object = None) -> tuple[int, Any]:
        client = Client()
        _, token = create_session(user=user, address="192.0.2.1", agent="Tests", at=LATER)
        client.cookies["foresail_session"] = token
        data = {} if body is None else {"data": body, "content_type": "application/json"}
        answer = getattr(client, method.lower())(f"/api{path}", **data)
        return answer.status_code, answer.json()

    return ask


def kept() -> list[dict[str, Any]]:
    return [dict(row) for row in Deal.objects.order_by("pk").values()]


def test_nothing_is_shown_to_who_is_not_signed_in(company: Company) -> None:
    assert Client().get("/api/deals").status_code == 401
    assert Client().get(f"/api/deals/{company.deal.pk}").status_code == 401


def test_a_deal_is_shown_with_why(company: Company, ask: Door) -> None:
    stages: list[dict[str, Any]] = [
        {
            "id": stage.pk,
            "key": stage.key,
            "zh": stage.name_zh,
            "en": stage.name_en,
            "position": stage.position,
            "usual_days": stage.usual_days,
            "category": "pipeline",
            "requires": [],
            "retired": False,
        }
        for stage in company.pipeline.stages.order_by("position")
    ]
    line = {"id": company.line.pk, "name": "能源"}
    row = {
        "id": company.deal.pk,
        "number": company.deal.number,
        "name": "变电站监测系统",
        "account": {"id": company.account.pk, "name": "上海晨光电力有限公司"},
        "owner": {"id": company.li.pk, "name": "Li"},
        "team": {"id": company.east.pk, "name": "华东"},
        "line": line,
        "pipeline": company.pipeline.pk,
        "stage": stages[0],
        "status": "open",
        "amount": "120000.50",
        "currency": "CNY",
        "opened_at": "2026-03-02T09:00:00Z",
        "closed_at": None,
        "expected_close_on": None,
        "version": 1,
    }
    assert ask(company.li, "GET", f"/deals/{company.deal.pk}") == (
        200,
        row
        | {
            "facts": company.deal.facts,
            "close_reason": "",
            "stage_path": stages,
            "may_change": True,
            "may_assign": False,
            "may_share": True,
            "shares": 0,
            "why_zh": "Li是此商机的负责人；销售代表可以查看本人负责的记录。",
            "why_en": "Li owns this deal; as rep they may see what they own.",
        },
    )
    assert ask(company.li, "GET", "/deals") == (200, {"items": [row], "next": None, "total": 1})
    assert ask(company.li, "GET", "/pipelines") == (
        200,
        [
            {
                "id": company.pipeline.pk,
                "name": "大客户",
                "line": line,
                "currency": "CNY",
                "stages": stages,
            }
        ],
    )
    status, shown = ask(company.reader, "GET", f"/deals/{company.deal.pk}")
    assert (status, shown["may_change"], shown["may_assign"]) == (200, False, False)
    status, shown = ask(company.boss, "GET", f"/deals/{company.deal.pk}")
    assert (shown["may_change"], shown["may_assign"]) == (True, True)


def test_pages_follow_each_other(company: Company, ask: Door) -> None:
    for name in ("二期", "三期"):
        services.open_deal(
            name=name,
            account=company.account,
            pipeline=company.pipeline,
            owner=company.li,
            amount=Decimal(5),
            by=None,
            at=AT,
        )
    _, first = ask(company.li, "GET", "/deals?sort=-amount&limit=2&status=open")
    assert ([deal["name"] for deal in first["items"]], first["total"]) == (["变电站监测系统", "三期"], 3)
    _, second = ask(company.li, "GET", f"/deals?sort=-amount&limit=2&status=open&after={first['next']}")
    assert ([deal["name"] for deal in second["items"]], second["next"]) == (["二期"], None)
    status, problem = ask(company.li, "GET", "/deals?after=x")
    assert (status, problem["code"]) == (400, "cursor_invalid")


def test_a_deal_goes_its_way(company: Company, ask: Door) -> None:
    status, deal = ask(
        company.li,
        "POST",
        "/deals",
        {
            "name": "二期",
            "account": company.account.pk,
            "pipeline": company.pipeline.pk,
            "amount": "100.5",
            "facts": {"source": "展会"},
        },
    )
    assert (status, deal["owner"]["name"], deal["team"]["name"]) == (201, "Li", "华东")
    assert (deal["amount"], deal["facts"]["source"], deal["version"]) == ("100.50", "展会", 1)
    path = f"/deals/{deal['id']}"
    status, deal = ask(
        company.li, "PATCH", path, {"version": 1, "name": "三期", "expected_close_on": "2026-06-30"}
    )
    assert (status, deal["name"], deal["expected_close_on"], deal["amount"]) == (
        200,
        "三期",
        "2026-06-30",
        "100.50",
    )
    status, deal = ask(company.li, "PATCH", path, {"version": 2, "amount": None, "name": None})
    assert (deal["amount"], deal["name"], deal["version"]) == (None, "三期", 3)
    quote = company.pipeline.stages.get(key="quote").pk
    status, deal = ask(company.li, "POST", f"{path}/move", {"version": 3, "stage": quote})
    assert (status, deal["stage"]["key"], deal["version"]) == (200, "quote", 4)
    status, deal = ask(company.boss, "POST", f"{path}/assign", {"owner": company.wang.pk, "team": None})
    assert (status, deal["owner"]["name"], deal["team"]["name"], deal["version"]) == (
        200,
        "Wang",
        "华东",
        5,
    )
    status, deal = ask(
        company.wang, "POST", f"{path}/end", {"version": 5, "outcome": "lost", "reason": "价格"}
    )
    assert (status, deal["status"], deal["close_reason"], deal["closed_at"]) == (
        200,
        "lost",
        "价格",
        "2026-03-05T09:00:00Z",
    )
    status, problem = ask(company.wang, "POST", f"{path}/move", {"version": 6, "stage": quote})
    assert (status, problem["code"]) == (409, "deal_closed")


@pytest.mark.parametrize(
    ("who", "method", "path", "body", "status", "code"),
    [
        ("wang", "GET", "", None, 404, "not_found"),
        ("wang", "PATCH", "", {"version": 1, "name": "x"}, 404, "not_found"),
        ("wang", "GET", "/people", None, 404, "not_found"),
        ("wang", "GET", "/tasks", None, 404, "not_found"),
        ("reader", "PATCH", "", {"version": 1, "name": "x"}, 403, "not_allowed"),
        ("reader", "POST", "/end", {"version": 1, "outcome": "won"}, 403, "not_allowed"),
        ("li", "POST", "/assign", {"owner": None, "team": None}, 403, "not_allowed"),
        ("boss", "POST", "/assign", {"owner": 0, "team": None}, 404, "not_found"),
        ("boss", "POST", "/assign", {"owner": None, "team": 0}, 404, "not_found"),
        ("li", "PATCH", "", {"version": 2, "name": "x"}, 409, "changed_meanwhile"),
        ("li", "PATCH", "", {"version": 1, "name": " "}, 422, "value_invalid"),
        ("li", "PATCH", "", {"version": 1, "amount": "-1"}, 422, "value_invalid"),
        ("li", "POST", "/move", {"version": 1, "stage": 0}, 404, "not_found"),
        ("li", "POST", "/end", {"version": 1, "outcome": "open"}, 422, "invalid"),
    ],
)
def test_what_is_refused_says_so_and_changes_nothing(
    company: Company,
    changes: list[Change],
    ask: Door,
    who: str,
    method: str,
    path: str,
    body: object,
    status: int,
    code: str,
) -> None:
    before = kept()
    answered, problem = ask(getattr(company, who), method, f"/deals/{company.deal.pk}{path}", body)
    assert (answered, problem["code"]) == (status, code)
    assert problem["zh"]
    assert kept() == before
    assert [change for change in changes if change.subject.startswith("crm.")] == []


def test_who_opens_a_deal_sees_the_account(company: Company, ask: Door) -> None:
    body = {"name": "二期", "account": company.account.pk, "pipeline": company.pipeline.pk}
    assert ask(company.wang, "POST", "/deals", body)[0] == 404
    assert ask(company.reader, "POST", "/deals", body)[0] == 403
    assert ask(company.li, "POST", "/deals", body | {"owner": company.wang.pk})[0] == 404
    assert ask(company.boss, "POST", "/deals", body | {"owner": company.wang.pk})[0] == 201


def test_people_of_a_deal(company: Company, ask: Door) -> None:
    wu = services.add_contact(
        account=company.account, name="吴敏", title="总工", email="wu@example.cn", by=None, at=AT
    )
    path = f"/deals/{company.deal.pk}/people"
    shown = {
        "id": wu.pk,
        "name": "吴敏",
        "title": "总工",
        "email": "wu@example.cn",
        "phone": "",
        "account": {"id": company.account.pk, "name": "上海晨光电力有限公司"},
        "left_at": None,
    }
    assert ask(company.li, "PUT", f"{path}/{wu.pk}", {"role": "champion"}) == (
        200,
        {"contacts": [{"contact": shown, "role": "champion"}], "missing": ["economic_buyer", "technical"]},
    )
    assert ask(company.reader, "PUT", f"{path}/{wu.pk}", {"role": None})[0] == 403
    assert ask(company.li, "PUT", f"{path}/0", {"role": None})[0] == 404
    assert ask(company.li, "PUT", f"{path}/{wu.pk}", {"role": "friend"})[0] == 422
    assert len(ask(company.li, "GET", path)[1]["contacts"]) == 1
    assert ask(company.li, "PUT", f"{path}/{wu.pk}", {"role": None})[1]["contacts"] == []
    assert ask(company.li, "GET", f"/contacts?account={company.account.pk}") == (
        200,
        {"items": [shown], "next": None},
    )


def test_tasks(company: Company, ask: Door) -> None:
    body = {"deal": company.deal.pk, "title": "回访", "due_on": "2026-03-09"}
    status, task = ask(company.li, "POST", "/tasks", body)
    assert (status, task) == (
        201,
        {
            "id": task["id"],
            "record": {"id": company.deal.pk, "name": "变电站监测系统", "type": "deal"},
            "deal": {"id": company.deal.pk, "name": "变电站监测系统"},
            "title": "回访",
            "due_on": "2026-03-09",
            "assignee": {"id": company.li.pk, "name": "Li"},
            "done_at": None,
            "created_at": "2026-03-05T09:00:00Z",
        },
    )
    assert ask(company.li, "GET", "/tasks") == (200, [task])
    assert ask(company.boss, "GET", f"/deals/{company.deal.pk}/tasks") == (200, [task])
    path = f"/tasks/{task['id']}"
    status, done = ask(company.li, "PATCH", path, {"done": True, "due_on": None})
    assert (status, done) == (200, task | {"done_at": "2026-03-05T09:00:00Z", "due_on": None})
    assert ask(company.li, "GET", "/tasks") == (200, [])
    assert ask(company.li, "GET", "/tasks?done=true") == (200, [done])
    assert ask(company.wang, "PATCH", path, {"done": False})[0] == 404
    assert ask(company.reader, "PATCH", path, {"done": False})[0] == 403
    assert ask(company.li, "PATCH", path, {"done": False})[1]["done_at"] is None
    assert ask(company.boss, "POST", "/tasks", body | {"assignee": company.wang.pk})[1]["code"] == (
        "assignee_unseeing"
    )
    assert ask(company.reader, "POST", "/tasks", body)[0] == 403
    assert Task.objects.count() == 1


def test_accounts_and_search(company: Company, ask: Door) -> None:
    shown = {
        "id": company.account.pk,
        "name": "上海晨光电力有限公司",
        "industry": "电力",
        "region": "华东",
        "domain": "",
        "owner": {"id": company.li.pk, "name": "Li"},
        "team": {"id": company.east.pk, "name": "华东"},
        "line": {"id": company.line.pk, "name": "能源"},
        "open_deals": 1,
    }
    assert ask(company.li, "GET", f"/accounts/{company.account.pk}") == (200, shown)
    assert ask(company.li, "GET", "/accounts?q=晨光") == (200, {"items": [shown], "next": None})
    assert ask(company.wang, "GET", f"/accounts/{company.account.pk}")[0] == 404
    status, found = ask(company.li, "GET", "/search?q=监测")
    assert (status, found["accounts"], found["contacts"], [deal["id"] for deal in found["deals"]]) == (
        200,
        [],
        [],
        [company.deal.pk],
    )
    assert ask(company.wang, "GET", "/search?q=监测")[1] == {
        "accounts": [],
        "contacts": [],
        "deals": [],
        "leads": [],
        "products": [],
    }


def test_a_list_costs_the_same_whatever_it_holds(company: Company, ask: Door) -> None:
    costs = set()
    for count in (1, 20):
        services.add_deals(
            [
                services.NewDeal(
                    name="储能",
                    account=company.account.pk,
                    pipeline=company.pipeline.pk,
                    stage=company.pipeline.stages.get(position=1).pk,
                    opened_at=AT,
                    owner=company.li.pk,
                    team=company.east.pk,
                )
            ]
            * count,
            by=None,
            at=AT,
        )
        with CaptureQueriesContext(connection) as queries:
            assert ask(company.li, "GET", "/deals?q=储")[0] == 200
        costs.add(len(queries))
    assert len(costs) == 1
