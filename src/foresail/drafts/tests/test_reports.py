"""Drafts of reports say what the tables say, to whom they may; what was saved stays; the manager gets it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foresail.core.errors import NotFound
from foresail.crm import services as crm
from foresail.crm.fields import DEAL
from foresail.crm.models import Deal, Task
from foresail.drafts import queries, services
from foresail.drafts.errors import (
    NobodyAbove,
    NoTeam,
    PeriodInvalid,
    ReportChanged,
    ReportTextInvalid,
    ReportUnsaved,
)
from foresail.drafts.lines import plain
from foresail.drafts.models import Report
from foresail.drafts.periods import Period
from foresail.drafts.tests.conftest import AT, DAY, HOUR, Company
from foresail.forecast.models import ForecastModel, Outlook, Pool, Score
from foresail.notices.models import Notification
from foresail.people import services as people
from foresail.people.models import User
from foresail.timeline.models import Entry

pytestmark = pytest.mark.django_db

WEEK = Period.of("week", date(2026, 3, 2), at=AT)
FRIDAY = AT + 4 * DAY


def end(deal: Deal, outcome: str, *, at: datetime, reason: str = "") -> None:
    deal.refresh_from_db()
    crm.close_deal(deal=deal, outcome=outcome, reason=reason, version=deal.version, by=None, at=at)


def busy_week(company: Company) -> dict[str, Deal]:
    """What happened from Monday to Friday, and what did not belong into it."""
    made = {
        "won": company.open(name="赢了的", amount=Decimal("1000.10"), at=AT - 30 * DAY),
        "euro": company.open(name="欧元的", amount=Decimal("100.00"), currency="EUR", at=AT - 30 * DAY),
        "lost": company.open(name="丢了的", amount=Decimal("50.00"), at=AT - 30 * DAY),
        "new": company.open(name="新开的", amount=None, at=AT + DAY),
        "wang": company.open(name="王的", owner=company.wang, at=AT + DAY),
        "before": company.open(name="上周赢的", at=AT - 30 * DAY),
    }
    crm.set_rates(
        rates=[crm.Rate(currency="EUR", from_on=date(2026, 1, 1), rate=Decimal("7.5"))], by=None, at=AT
    )
    end(made["before"], "won", at=AT - 3 * DAY)
    end(made["won"], "won", at=AT + 2 * DAY)
    end(made["euro"], "won", at=AT + 3 * DAY)
    end(made["lost"], "lost", at=AT + 3 * DAY, reason="价格")
    company.move(company.deal, "solution", at=AT + DAY)
    company.say(
        "谈了付款。",
        channel="meeting",
        direction="none",
        title="付款沟通会",
        contact=company.contact,
        at=AT + DAY,
    )
    company.say("报价收到。", title="Re: 报价", contact=company.contact, at=AT + 2 * DAY)
    company.told("quote_sent", at=AT + 2 * DAY)
    done = crm.add_task(deal=company.deal, title="寄样件", assignee=company.li, by=None, at=AT)
    crm.finish_task(task=done, by=company.li, at=AT + DAY)
    crm.add_task(
        deal=company.deal, title="给答复", assignee=company.li, due_on=date(2026, 3, 10), by=None, at=AT
    )
    crm.add_task(title="交报销", assignee=company.li, due_on=date(2026, 3, 9), by=company.li, at=AT)
    return made


def test_the_figures_are_those_of_the_tables(company: Company) -> None:
    busy_week(company)
    found = queries.draft(user=company.li, period=WEEK, team=False, at=FRIDAY)
    in_week = {"closed_at__gte": WEEK.start, "closed_at__lt": FRIDAY}
    mine = Deal.objects.filter(owner=company.li)
    for status in ("won", "lost"):
        keys = tuple(mine.filter(status=status, **in_week).order_by("pk").values_list("pk", flat=True))
        assert found.figures[status].deals == keys
    rate = {"CNY": Decimal(1), "EUR": Decimal("7.5")}
    won = sum(
        each.amount * rate[each.currency] for each in mine.filter(status="won", **in_week) if each.amount
    )
    assert (found.figures["won"].total, found.figures["won"].without) == (won, 0)
    assert won == Decimal("1750.10")
    assert (found.figures["opened"].deals, found.figures["opened"].without) == (
        tuple(mine.filter(opened_at__gte=WEEK.start).values_list("pk", flat=True)), 1,
    )  # fmt: skip
    moved = Entry.objects.filter(kind="stage_solution", at__gte=WEEK.start, deal=company.deal.pk)
    assert len(found.figures["moved"].deals) == moved.count() == 1
    assert "- 赢单 2 个，合计 ¥1,750.10：" in found.text


def test_every_line_says_what_happened_and_links_to_it(company: Company) -> None:
    made = busy_week(company)
    found = queries.draft(user=company.li, period=WEEK, team=False, at=FRIDAY)
    assert found.text.startswith("# 周报 · 3/2 – 3/8 · Li\n")
    assert all("](/" in line for line in found.lines)
    here = f"- [监测系统](/deals/{company.deal.pk})："
    for line in (
        f"{here}3/3 进入“方案”阶段",
        f"{here}3/3 会议：付款沟通会",
        f"{here}3/4 发出报价",
        f"{here}往来邮件与消息 1 封",
        f"- [丢了的](/deals/{made['lost'].pk})：3/5 丢单：价格",
        f"{here}寄样件",
        f"{here}给答复（3/10 截止）",
        "- [交报销](/tasks)（3/9 截止）",
        f"### [晨光电力](/accounts/{company.account.pk})",
    ):
        assert line in found.text.splitlines(), line
    assert "上周赢的" not in found.text
    assert "王的" not in found.text


def test_in_english_for_who_reads_english(company: Company) -> None:
    busy_week(company)
    people.change_user(user=company.li, language="en", by=None, at=AT)
    company.li.refresh_from_db()
    found = queries.draft(user=company.li, period=WEEK, team=False, at=FRIDAY)
    assert found.text.startswith("# Weekly report · Mar 2 – Mar 8 · Li\n")
    assert "- Won: 2, ¥1,750.10 in all: " in found.text
    assert "## What is next" in found.text
    assert ": Mar 3 moved to Solution" in found.text


def test_what_comes_later_is_not_in_it(company: Company) -> None:
    busy_week(company)
    found = queries.draft(user=company.li, period=WEEK, team=False, at=AT + DAY + HOUR)
    assert found.figures["won"].deals == ()
    assert "发出报价" not in found.text


def test_risks_are_those_of_the_forecast(company: Company) -> None:
    pool = Pool.objects.create(name="甲")
    model = ForecastModel.objects.create(
        pool=pool, version=1, fitted_as_of=AT, created_at=AT, status="serving", folder="none"
    )
    safe = company.open(name="稳的", at=AT - 20 * DAY)
    for deal, verdict, risk in ((company.deal, "lost", 0.62), (safe, None, 0.02)):
        score = Score.objects.create(
            deal=deal, model=model, at=AT, p_won_final=0.2, p_won=0.1, p_lost=risk, p_open=0.3, chances=[], verdict=verdict,
            risk=risk, tier="full",
        )  # fmt: skip
        Outlook.objects.create(
            deal=deal, pool=pool, score=score, at=AT, p_won_final=0.2, p_won_7=0, p_won_14=0, p_won_30=0, p_won_90=0,
            verdict=verdict, risk=risk, alerted=verdict is not None,
        )  # fmt: skip
    found = queries.draft(user=company.li, period=WEEK, team=False, at=FRIDAY)
    risky = f"- [监测系统](/deals/{company.deal.pk})：定论将输，14 天内丢单风险 62%，¥120,000"
    assert [line for line in found.lines if "风险" in line] == [risky]


def test_a_team_is_reported_by_who_leads_it(company: Company) -> None:
    made = busy_week(company)
    elsewhere = company.open(name="西部的", owner=company.zhao, at=AT + DAY)
    found = queries.draft(user=company.boss, period=WEEK, team=True, at=FRIDAY)
    assert made["wang"].pk in found.figures["opened"].deals
    assert elsewhere.pk not in found.figures["opened"].deals
    assert f"寄样件 · {company.li.name}" in found.text
    assert "交报销" not in found.text  # for no record: theirs alone
    with pytest.raises(NoTeam):
        queries.draft(user=company.li, period=WEEK, team=True, at=FRIDAY)


def test_who_may_not_see_amounts_reports_none(company: Company) -> None:
    busy_week(company)
    crm.set_field_rule(kind=DEAL, field="amount", role="rep", level="hidden", by=None, at=AT)
    found = queries.draft(user=company.li, period=WEEK, team=False, at=FRIDAY)
    assert found.figures["won"].total is None
    assert "¥" not in found.text


def test_more_happened_costs_no_more_queries(company: Company) -> None:
    company.say("你好", at=AT)
    with CaptureQueriesContext(connection) as few:
        queries.draft(user=company.li, period=WEEK, team=False, at=FRIDAY)
    busy_week(company)
    with CaptureQueriesContext(connection) as many:
        queries.draft(user=company.li, period=WEEK, team=False, at=FRIDAY)
    assert len(many) == len(few)


# --- saved and handed in ------------------------------------------------------------------------------


def drafted(
    company: Company, *, user: User | None = None, at: datetime = FRIDAY
) -> tuple[Report, str, list[str]]:
    report, found, new = services.draft_report(
        span="week", begins_on=WEEK.begins_on, by=user or company.li, at=at
    )
    return report, found.text, new


def test_a_new_draft_leaves_what_was_saved_and_shows_what_is_new(company: Company) -> None:
    busy_week(company)
    report, text, new = drafted(company, at=AT + DAY + HOUR)
    assert report.text == ""
    assert new == [line for line in text.splitlines() if line.startswith("- ")]
    saved = services.save_report(
        report=report, text="# 我的话\n" + new[0], version=1, by=company.li, at=FRIDAY
    )
    again, _, later = drafted(company)
    assert again.text == saved.text == "# 我的话\n" + new[0] + "\n"
    assert again.pk == report.pk
    assert any("发出报价" in line for line in later)
    assert not set(map(plain, later)) & set(map(plain, new))
    _, _, nothing = drafted(company)
    assert nothing == []


def test_a_save_from_an_older_version_is_refused(company: Company) -> None:
    report, _, _ = drafted(company)
    services.save_report(report=report, text="一", version=1, by=company.li, at=FRIDAY)
    with pytest.raises(ReportChanged):
        services.save_report(report=report, text="二", version=1, by=company.li, at=FRIDAY)
    with pytest.raises(ReportTextInvalid):
        services.save_report(report=report, text=" \n", version=2, by=company.li, at=FRIDAY)
    assert Report.objects.get().text == "一\n"


def test_what_is_handed_in_is_told_and_read_as_it_was(company: Company) -> None:
    report, _, _ = drafted(company)
    with pytest.raises(ReportUnsaved):
        services.hand_in(report=report, version=1, by=company.li, at=FRIDAY)
    with pytest.raises(NotFound):
        queries.report(user=company.boss, key=report.pk)
    saved = services.save_report(report=report, text="一周很好", version=1, by=company.li, at=FRIDAY)
    services.hand_in(report=saved, version=2, by=company.li, at=FRIDAY)
    told = Notification.objects.get(kind="report")
    assert (told.person_id, told.kind, told.record_type, told.record) == (
        company.boss.pk,
        "report",
        "report",
        report.pk,
    )
    services.save_report(report=report, text="改了", version=3, by=company.li, at=FRIDAY)
    read = queries.report(user=company.boss, key=report.pk)
    assert read.handed_text == "一周很好\n"
    assert [each.pk for each in queries.handed_in(user=company.boss)] == [report.pk]
    for other in (company.wang, company.ops, company.admin):
        with pytest.raises(NotFound):
            queries.report(user=other, key=report.pk)
    with pytest.raises(NotFound):
        queries.own_report(user=company.boss, key=report.pk)


def test_whom_nobody_manages_cannot_hand_in(company: Company) -> None:
    report, _, _ = drafted(company, user=company.ops)
    saved = services.save_report(report=report, text="好", version=1, by=company.ops, at=FRIDAY)
    with pytest.raises(NobodyAbove):
        services.hand_in(report=saved, version=2, by=company.ops, at=FRIDAY)
    assert Report.objects.get().handed_to is None


@pytest.mark.parametrize(
    ("span", "day"), [("week", date(2026, 3, 3)), ("month", date(2026, 3, 2)), ("week", date(2026, 3, 9))]
)
def test_periods_begin_where_they_begin(company: Company, span: str, day: date) -> None:
    with pytest.raises(PeriodInvalid):
        services.draft_report(span=span, begins_on=day, by=company.li, at=FRIDAY)
    assert not Report.objects.exists()


def test_a_month_holds_its_weeks(company: Company) -> None:
    busy_week(company)
    month = Period.of("month", date(2026, 3, 1), at=FRIDAY)
    found = queries.draft(user=company.li, period=month, team=False, at=FRIDAY)
    assert found.text.startswith("# 月报 · 2026 年 3 月 · Li")
    assert len(found.figures["won"].deals) == 2


def test_over_http(company: Company) -> None:
    now = datetime.now(UTC)
    clients = {}
    for user in (company.li, company.boss):
        _, token = people.create_session(user=user, address="127.0.0.1", agent="test", at=now)
        clients[user.pk] = Client()
        clients[user.pk].cookies["foresail_session"] = token
    li, boss = clients[company.li.pk], clients[company.boss.pk]
    as_json: dict[str, Any] = {"content_type": "application/json"}
    begins = Period.holding("month", now.date()).begins_on.isoformat()
    assert li.get("/api/reports").json()["manager"]["name"] == "Boss"
    drafted = li.post("/api/reports/draft", {"span": "month", "begins_on": begins}, **as_json)
    assert drafted.status_code == 200
    report = drafted.json()["report"]
    path = f"/api/reports/{report['id']}"
    saved = li.put(path, {"text": drafted.json()["draft"], "version": report["version"]}, **as_json).json()
    assert saved["version"] == 2
    assert boss.get(path).status_code == 404
    handed = li.post(f"{path}/hand-in", {"version": 2}, **as_json)
    assert (handed.status_code, handed.json()["handed_to"]["name"]) == (200, "Boss")
    read = boss.get(path).json()
    assert (read["may_edit"], read["text"]) == (False, saved["text"])
    assert boss.put(path, {"text": "x", "version": 3}, **as_json).status_code == 404
    (told,) = boss.get("/api/notifications").json()["items"]
    assert (told["kind"], told["record"]["id"]) == ("report", report["id"])
    team = li.post("/api/reports/draft", {"span": "month", "begins_on": begins, "of_team": True}, **as_json)
    assert (team.status_code, team.json()["code"]) == (403, "no_team")
    assert Task.objects.count() == 0
