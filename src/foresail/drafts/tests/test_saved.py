"""Saved time is what anybody can count again from the rows, and of a team nobody's alone."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from foresail.drafts import queries, services
from foresail.drafts.counting import kept_and_typed
from foresail.drafts.errors import NoTeam, SettingInvalid, SettingReserved
from foresail.drafts.models import Decision, Report, SavingSetting
from foresail.drafts.periods import Period
from foresail.drafts.tests.conftest import AT, DAY, Company
from foresail.people import services as people
from foresail.people.models import User
from foresail.people.roles import Role

pytestmark = pytest.mark.django_db

USUAL = {"per_minute": 60, "stage": 20, "join": 15, "contact": 25, "task": 10, "confirm": 4, "refuse": 4}


def decide(
    company: Company,
    *,
    user: User | None = None,
    kind: str = "stage",
    verdict: str = "confirmed",
    **more: Any,
) -> None:
    number = Decision.objects.count()
    values = {"deal": company.deal, "mark": f"{number}", "by": user or company.li, "at": AT} | more
    Decision.objects.create(kind=kind, verdict=verdict, **values)


def this_week(company: Company, *, user: User | None = None, team: bool = False) -> queries.Saved:
    return queries.saved(user=user or company.li, team=team, at=AT + DAY)[0]


def test_a_line_counts_what_is_left_of_it() -> None:
    drafted = ["- [监测系统](/deals/1)：3/3 进入“方案”阶段", "- 拜访晨光电力，谈付款", "- 没有用到的一行"]
    text = "# 周报\n- [监测系统](/deals/1)：3/3 进入“方案”阶段\n- 拜访晨光电力，谈妥付款\n我自己写的一大段话，与草稿无关。"
    whole = len("监测系统：3/3 进入“方案”阶段")
    assert kept_and_typed(drafted, text) == (whole + len("拜访晨光电力，谈付款"), 1)
    assert kept_and_typed(drafted, "都是自己写的") == (0, 0)
    assert kept_and_typed(drafted, "") == (0, 0)


def test_the_sum_is_that_of_the_rows(company: Company) -> None:
    decide(company, kind="stage")
    decide(company, kind="task", characters=12)
    decide(company, kind="contact", characters=9)
    decide(company, kind="join")
    decide(company, kind="task", verdict="refused")
    decide(company, at=AT - 30 * DAY)
    report = {"author": company.li, "begins_on": WEEK, "created_at": AT, "text": "x", "saved_at": AT}
    Report.objects.create(span="week", kept=130, typed=10, **report)
    found = this_week(company)
    by_hand = (20 - 4) + (10 + 12 - 4) + (25 + 9 - 4) + (15 - 4) - 4 + (130 - 10)
    assert found.seconds == by_hand == 191
    assert (found.confirmed, found.refused) == ({"stage": 1, "join": 1, "contact": 1, "task": 1}, 1)
    assert (found.characters, found.reports, found.kept, found.typed) == (21, 1, 130, 10)
    month = next(
        each
        for each in queries.saved(user=company.li, team=False, at=AT + DAY)
        if each.period.span == "month"
    )
    assert month.seconds == found.seconds


WEEK = Period.holding("week", AT.date()).begins_on


def test_refusing_costs_what_it_takes(company: Company) -> None:
    decide(company, verdict="refused", characters=0)
    assert this_week(company).seconds == -4


def test_a_report_that_was_rewritten_saves_nothing_but_costs_nothing(company: Company) -> None:
    Report.objects.create(
        author=company.li, span="week", begins_on=WEEK, created_at=AT, text="x", saved_at=AT, kept=5, typed=50
    )
    assert this_week(company).seconds == 0


def test_of_a_team_only_sums_of_three_are_shown(company: Company) -> None:
    third = people.add_user(email="third@us.com", name="Third", team=company.east, by=None, at=AT)
    people.grant_role(user=third, role=Role.REP, by=None, at=AT)
    decide(company)
    decide(company, user=company.wang)
    assert this_week(company, user=company.boss, team=True).seconds is None
    decide(company, user=third)
    decide(company, user=company.zhao)  # of another team
    found = this_week(company, user=company.boss, team=True)
    assert found.seconds == 3 * 16
    assert sum(found.confirmed.values()) == found.refused == found.characters == 0  # the sum alone
    with pytest.raises(NoTeam):
        this_week(company, user=company.li, team=True)


def test_an_administrator_says_how_it_is_counted(company: Company) -> None:
    decide(company, kind="task", characters=60)
    assert this_week(company).seconds == 10 + 60 - 4
    for other in (company.li, company.boss):
        with pytest.raises(SettingReserved):
            services.set_saving(values=USUAL, by=other, at=AT)
    with pytest.raises(SettingInvalid):
        services.set_saving(values=USUAL | {"per_minute": 5}, by=company.admin, at=AT)
    with pytest.raises(SettingInvalid):
        services.set_saving(values=USUAL | {"refuse": 601}, by=company.admin, at=AT)
    assert not SavingSetting.objects.exists()
    services.set_saving(values=USUAL | {"per_minute": 120}, by=company.admin, at=AT)
    assert this_week(company).seconds == 10 + 30 - 4


def test_over_http(company: Company) -> None:
    now = datetime.now(UTC)
    clients = {}
    for user in (company.li, company.boss, company.admin):
        _, token = people.create_session(user=user, address="127.0.0.1", agent="test", at=now)
        clients[user.name] = Client()
        clients[user.name].cookies["foresail_session"] = token
    decide(company, at=now)
    told = clients["Li"].get("/api/saved").json()
    assert (told["rows"][0]["seconds"], told["rows"][0]["stage"], told["setting"]["may_change"]) == (
        16,
        1,
        False,
    )
    assert clients["Li"].get("/api/saved?of_team=true").status_code == 403
    team = clients["Boss"].get("/api/saved?of_team=true").json()
    assert team["rows"][0] | {"begins_on": ""} == {
        "span": "week", "begins_on": "", "seconds": None, "characters": 0, "refused": 0, "reports": 0, "kept": 0, "typed": 0,
        "stage": 0, "join": 0, "contact": 0, "task": 0,
    }  # fmt: skip
    put = clients["Root"].put("/api/saved/setting", USUAL | {"stage": 30}, content_type="application/json")
    assert (put.status_code, put.json()["stage"], put.json()["may_change"]) == (200, 30, True)
