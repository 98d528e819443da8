"""What there is, as far as one may see it: lists, pages, search, and plain reads for higher rooms."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foresail.core.errors import NotFound
from foresail.crm import errors, queries, services
from foresail.crm.models import Deal
from foresail.crm.tests.conftest import AT, LATER, Company
from foresail.people.services import add_team

Counted = Callable[..., Any]


def fill(company: Company, count: int, **values: Any) -> list[int]:
    """Add deals that often share what they are sorted by."""

    def given(n: int) -> dict[str, Any]:
        return {
            "name": f"项目 {n}",
            "account": company.account.pk,
            "pipeline": company.pipeline.pk,
            "stage": company.pipeline.stages.get(position=1).pk,
            "opened_at": AT + timedelta(days=n % 3),
            "amount": None if n % 4 == 0 else Decimal(n % 5),
            "expected_close_on": None if n % 3 == 0 else date(2026, 4, 1 + n % 2),
            "owner": company.li.pk,
            "team": company.east.pk,
        }

    return services.add_deals(
        [services.NewDeal(**given(n) | values) for n in range(count)], by=None, at=LATER
    )


NEVER = date.max
ORDERS: dict[str, Callable[[Deal], Any]] = {
    "opened_at": lambda deal: (deal.opened_at, deal.pk),
    "-opened_at": lambda deal: (-deal.opened_at.timestamp(), -deal.pk),
    "amount": lambda deal: (deal.amount is None, deal.amount or 0, deal.pk),
    "-amount": lambda deal: (deal.amount is None, -(deal.amount or 0), -deal.pk),
    "expected_close_on": lambda deal: (deal.expected_close_on or NEVER, deal.pk),
}


@pytest.mark.parametrize("sort", ORDERS)
def test_pages_have_no_gaps_and_no_doubles(company: Company, sort: str) -> None:
    fill(company, 40)
    seen: list[int] = []
    after = None
    while True:
        page = queries.deals(user=company.ops, sort=sort, after=after, limit=7)
        assert page.total == 41
        seen += [deal.pk for deal in page.items]
        after = page.next
        if after is None:
            break
        assert len(page.items) == 7
    assert seen == [deal.pk for deal in sorted(Deal.objects.all(), key=ORDERS[sort])]


def test_pages_of_accounts_and_contacts(company: Company) -> None:
    rows = [services.NewAccount(name=f"电力 {n % 3}", line=company.line.pk) for n in range(10)]
    accounts = services.add_accounts(rows, by=None, at=AT)
    people = [services.NewContact(account=accounts[n], name=f"吴 {n % 2}") for n in range(10)]
    contacts = services.add_contacts(people, by=None, at=AT)
    for walk, keys in ((queries.accounts, [*accounts, company.account.pk]), (queries.contacts, contacts)):
        seen: list[Any] = []
        after = None
        while after is not None or not seen:
            page = walk(user=company.ops, after=after, limit=3)
            seen, after = [*seen, *page.items], page.next
        assert [each.pk for each in seen] == [
            each.pk for each in sorted(seen, key=lambda each: (each.name, each.pk))
        ]
        assert {each.pk for each in seen} == set(keys)
        assert len(seen) == len(keys)
    assert [each.pk for each in queries.accounts(user=company.ops, q="力 2").items] == [
        accounts[2],
        accounts[5],
        accounts[8],
    ]
    assert [each.pk for each in queries.contacts(user=company.ops, account=accounts[4]).items] == [
        contacts[4]
    ]


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        ("opened_at", "Index Scan using deal_by_opening"),
        ("-opened_at", "Index Scan Backward using deal_by_opening"),
        ("amount", "Index Scan using deal_by_amount_up"),
        ("-amount", "Index Scan Backward using deal_by_amount_down"),
        ("expected_close_on", "Index Scan using deal_by_close"),
    ],
)
def test_a_page_is_read_from_its_index(company: Company, sort: str, index: str) -> None:
    fill(company, 10)
    after = queries.deals(user=company.ops, sort=sort, limit=3).next
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_incremental_sort = off")
        with CaptureQueriesContext(connection) as asked:
            queries.deals(user=company.ops, sort=sort, after=after, limit=3)
        page = next(each["sql"] for each in asked if "ROW(" in each["sql"])
        cursor.execute(f"EXPLAIN {page}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert index in plan
    assert "Index Cond: (ROW(" in plan


@pytest.mark.parametrize(
    "cursor", ["", "x", "%%%", "bnVsbA", "WyIxIiwgMV0", "WzEsIDJd", "WyJOYU4iLCAxXQ", "é"]
)
def test_a_cursor_that_is_none_is_refused(company: Company, cursor: str) -> None:
    for sort in ("-opened_at", "amount", "expected_close_on"):
        if (sort, cursor) == ("amount", "WyIxIiwgMV0"):  # ["1", 1] is a place among amounts
            continue
        with pytest.raises(errors.CursorInvalid):
            queries.deals(user=company.ops, sort=sort, after=cursor)


def test_what_is_seen_follows_the_rules(company: Company) -> None:
    west = services.open_deal(
        name="西部",
        account=company.account,
        pipeline=company.pipeline,
        owner=company.zhao,
        team=company.west,
        by=None,
        at=AT,
    )
    both = {company.deal.pk, west.pk}
    for who, sees in (
        ("li", {company.deal.pk}),
        ("wang", set()),
        ("zhao", {west.pk}),
        ("boss", {company.deal.pk}),
        ("ops", both),
        ("reader", both),
    ):
        user = getattr(company, who)
        page = queries.deals(user=user)
        assert ({deal.pk for deal in page.items}, page.total) == (sees, len(sees)), who
        assert {deal.pk for deal in queries.visible_deals(user=user)} == sees
        for key in both - sees:
            with pytest.raises(NotFound):
                queries.deal(user=user, key=key)
        for key in sees:
            found = queries.deal(user=user, key=key)
            assert queries.why(user=user, deal=found).allowed
    with pytest.raises(errors.NotAllowed):
        queries.changeable_deal(user=company.reader, key=west.pk)
    assert queries.changeable_deal(user=company.li, key=company.deal.pk) == company.deal
    for key in (0, -1, 10**30):
        with pytest.raises(NotFound):
            queries.deal(user=company.ops, key=key)


def test_filters_narrow(company: Company) -> None:
    below = add_team(name="上海", line=company.line, parent=company.east, by=None, at=AT)
    (lower,) = fill(company, 1, team=below.pk, owner=company.wang.pk, number="QM-0001")
    (lost,) = fill(
        company,
        1,
        status="lost",
        closed_at=LATER,
        stage=company.pipeline.stages.get(position=2).pk,
        name="光伏_50%",
    )
    deal = company.deal.pk
    for wanted, keys in (
        ({}, {deal, lower, lost}),
        ({"status": "lost"}, {lost}),
        ({"pipeline": company.pipeline.pk}, {deal, lower, lost}),
        ({"pipeline": 0}, set()),
        ({"stage": company.pipeline.stages.get(position=2).pk}, {lost}),
        ({"owner": company.wang.pk}, {lower}),
        ({"team": company.east.pk}, {deal, lower, lost}),
        ({"team": below.pk}, {lower}),
        ({"team": company.west.pk}, set()),
        ({"team": 10**30}, set()),
        ({"line": company.line.pk, "status": "open"}, {deal, lower}),
        ({"account": company.account.pk}, {deal, lower, lost}),
        ({"account": 10**30}, set()),
        ({"q": "晨光"}, {deal, lower, lost}),
        ({"q": " 电站监 "}, {deal}),
        ({"q": "qm-"}, {lower}),
        ({"q": "M-0001"}, set()),
        ({"q": "光伏_50%"}, {lost}),
        ({"q": "光伏%"}, set()),
        ({"q": "  "}, {deal, lower, lost}),
        ({"q": "\0"}, {deal, lower, lost}),
    ):
        page = queries.deals(user=company.ops, **wanted)
        assert ({each.pk for each in page.items}, page.total) == (keys, len(keys)), wanted


def test_lists_cost_the_same_whatever_they_hold(company: Company, django_assert_num_queries: Counted) -> None:
    def look() -> None:
        for deal in queries.deals(user=company.boss, team=company.east.pk, q="项目").items:
            assert deal.account.name
            assert deal.owner
            assert deal.team
            assert deal.line.name
            assert deal.stage.key
        for account in queries.accounts(user=company.boss).items:
            assert account.owner
            assert account.line.name
        for contact in queries.contacts(user=company.boss).items:
            assert contact.account.name
        queries.search(user=company.boss, q="项目")
        for pipeline in queries.pipelines():
            assert [stage.key for stage in pipeline.stages.all()]
            assert pipeline.line.name

    for count in (2, 30):
        fill(company, count)
        services.add_contacts(
            [services.NewContact(account=company.account.pk, name="吴敏")] * count, by=None, at=AT
        )
        # deals: standing, standing and tree of teams, page, total; accounts: two standings, page;
        # contacts: standing, page; search: fields that are seen (two), four times standing and records,
        # which deals, products;
        # pipelines: they and their stages
        with django_assert_num_queries(5 + 3 + 2 + 12 + 2):
            look()


def test_of_many_deals_found_the_open_and_latest_come_first_as_of_few(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = fill(company, 9, status="won", closed_at=LATER) + fill(company, 3)
    few = [deal.pk for deal in queries.search(user=company.ops, q="项目", limit=8).deals]
    latest = sorted(
        Deal.objects.filter(pk__in=made), key=lambda deal: (deal.opened_at, deal.pk), reverse=True
    )
    latest.sort(key=lambda deal: deal.status != "open")
    assert few == [deal.pk for deal in latest[:8]]
    monkeypatch.setattr("foresail.crm.queries.finding.MANY", 3)
    assert [deal.pk for deal in queries.search(user=company.ops, q="项目", limit=8).deals] == few
    assert [deal.pk for deal in queries.search(user=company.ops, q="项目", limit=2).deals] == few[:2]


def test_search_finds_parts_of_names_and_only_what_may_be_seen(company: Company) -> None:
    services.add_contact(account=company.account, name="欧阳建国", by=None, at=AT)
    hidden = services.add_account(
        name="西安晨光机械", line=company.line, owner=company.zhao, team=company.west, by=None, at=AT
    )
    services.add_contact(account=hidden, name="欧阳娜", by=None, at=AT)
    theirs = services.open_deal(
        name="西安变电站",
        account=hidden,
        pipeline=company.pipeline,
        owner=company.zhao,
        team=company.west,
        number="QM0007",
        by=None,
        at=AT,
    )

    def found(who: str, q: str, **more: int) -> tuple[list[str], list[str], list[str]]:
        result = queries.search(user=getattr(company, who), q=q, **more)
        return (
            [each.name for each in result.accounts],
            [each.name for each in result.contacts],
            [each.name for each in result.deals],
        )

    assert found("li", "晨光") == (["上海晨光电力有限公司"], [], ["变电站监测系统"])
    assert found("ops", "晨光") == (
        ["上海晨光电力有限公司", "西安晨光机械"],
        [],
        ["西安变电站", "变电站监测系统"],
    )
    assert found("ops", "西安") == (["西安晨光机械"], [], ["西安变电站"])
    assert found("zhao", "阳") == ([], ["欧阳娜"], [])
    assert found("li", "欧阳") == ([], ["欧阳建国"], [])
    assert found("wang", "晨光") == ([], [], [])
    assert found("ops", "qm00") == ([], [], ["西安变电站"])
    assert found("ops", "晨光", limit=1)[0] == ["上海晨光电力有限公司"]
    services.close_deal(deal=theirs, outcome="lost", version=1, by=None, at=LATER)
    assert found("ops", "变电站")[2] == ["变电站监测系统", "西安变电站"]  # open ones first
    for nothing in ("", "  ", "\0", "%", "_"):
        assert found("ops", nothing) == ([], [], [])


def test_an_account_counts_the_open_deals_one_may_see(company: Company) -> None:
    fill(company, 3)
    fill(company, 2, status="won", closed_at=LATER)
    fill(company, 1, owner=company.zhao.pk, team=company.west.pk)
    for who, count in (("ops", 5), ("boss", 4), ("reader", 5)):
        user: Any = queries.account(user=getattr(company, who), key=company.account.pk)
        assert user.open_deals == count
    with pytest.raises(NotFound):
        queries.account(user=company.zhao, key=company.account.pk)


def test_missing_roles_are_those_nobody_present_has(company: Company) -> None:
    deal = company.deal
    for name, role in (("吴敏", "champion"), ("孙洋", "technical"), ("钱多", "blocker")):
        contact = services.add_contact(account=company.account, name=name, by=None, at=AT)
        services.set_deal_contact(deal=deal, contact=contact, role=role, by=None, at=AT)
        if role == "technical":
            services.contact_left(contact=contact, by=None, at=AT)
    people = queries.people_of(deal=deal)
    assert [(each.contact.name, each.role) for each in people] == [
        ("吴敏", "champion"),
        ("孙洋", "technical"),
        ("钱多", "blocker"),
    ]
    assert queries.missing_roles(people) == ["economic_buyer", "technical"]


def test_my_tasks_are_those_of_deals_i_see(company: Company) -> None:
    def added(title: str, due_on: date | None) -> Any:
        return services.add_task(
            deal=company.deal, title=title, assignee=company.li, due_on=due_on, by=None, at=AT
        )

    added("无期限", None)
    done = added("已完成", date(2026, 3, 1))
    added("后", date(2026, 3, 9))
    added("先", date(2026, 3, 8))
    services.finish_task(task=done, by=None, at=LATER)
    assert [task.title for task in queries.tasks(user=company.li)] == ["先", "后", "无期限"]
    assert [task.title for task in queries.tasks(user=company.li, done=True)] == ["已完成"]
    assert [task.title for task in queries.tasks_of(record=company.deal)] == ["先", "后", "无期限", "已完成"]
    assert queries.tasks(user=company.ops) == []
    assert queries.task(user=company.ops, key=done.pk) == done
    with pytest.raises(NotFound):
        queries.task(user=company.wang, key=done.pk)
    services.assign_deal(deal=company.deal, owner=company.wang, team=company.east, by=None, at=LATER)
    assert queries.tasks(user=company.li) == []


def test_higher_rooms_read_deals_as_they_stand(company: Company) -> None:
    (won,) = fill(company, 1, status="won", closed_at=LATER, owner=None, team=None, number="QM1")
    pipelines = [company.pipeline.pk]
    assert queries.deal_keys(pipelines) == [company.deal.pk, won]
    (opened,) = queries.open_deals(pipelines)
    assert opened == queries.DealFacts(
        id=company.deal.pk,
        number=company.deal.number,
        name="变电站监测系统",
        account=company.account.pk,
        account_name="上海晨光电力有限公司",
        pipeline=company.pipeline.pk,
        stage="qualified",
        owner=company.li.pk,
        owner_name="Li",
        team=company.east.pk,
        line=company.line.pk,
        status="open",
        amount=Decimal("120000.50"),
        currency="CNY",
        opened_at=AT,
        closed_at=None,
        expected_close_on=None,
        facts=company.deal.facts,
    )
    assert [each.number for each in queries.ended(pipelines, since=LATER)] == ["QM1"]
    assert queries.ended(pipelines, since=AT, until=LATER) == []
    assert queries.ended([], since=AT) == queries.open_deals([0]) == []
    assert list(queries.facts_of([won, 0])) == [won]
    assert queries.facts_of([won])[won].owner_name is None


def test_nobody_without_a_role_sees_anything(company: Company, hire: Counted) -> None:
    nobody = hire("Nobody", team=company.east)
    assert queries.deals(user=nobody).items == []
    assert queries.accounts(user=nobody).items == []
    assert queries.contacts(user=nobody).items == []
