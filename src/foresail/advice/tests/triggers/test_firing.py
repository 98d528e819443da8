"""When a trigger suggests something, to whom, and when that ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from foresail.advice import queries, services
from foresail.advice.facts import fields_for
from foresail.advice.models import Suggestion, Trigger, Waiting
from foresail.advice.queries import suggestions
from foresail.advice.shipped import SHIPPED
from foresail.advice.tests.conftest import AT, DAY
from foresail.advice.tests.triggers.conftest import Company, condition, stalled
from foresail.core import conditions
from foresail.core.models import Notice
from foresail.crm.models import Deal
from foresail.people import services as people
from foresail.people.models import Team, User
from foresail.people.roles import Role

pytestmark = pytest.mark.django_db


def test_one_suggestion_while_it_is_open_with_reasons_and_evidence(
    company: Company, trigger: Callable[..., Trigger]
) -> None:
    stalled(company)
    trigger()
    assert services.judge_all(at=AT) == 1
    assert services.judge_all(at=AT + DAY) == 0
    made = Suggestion.objects.get()
    assert made.facts == {"evaluation_days": 10, "competitor_surging": True}
    (entry,) = made.evidence["entries"]["evaluation_days"]
    assert made.evidence["topics"] == {"competitor_surging": [[company.topics["智远"], 47.1, 9.0]]}
    (group,) = queries.today(user=company.li, at=AT).groups
    (shown,) = group.suggestions
    assert [(each.zh, each.tone, list(each.entries)) for each in shown.reasons] == [
        ("技术评估停滞 10 天", "bad", [entry]),
        ("竞品关注上升：智远", "bad", []),
    ]
    assert shown.action_zh == "与晨光电力谈智远"
    assert queries.today(user=company.boss, at=AT).groups == []  # it is the owner's


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (
            "p_won_change",
            "4.5",
            ("14 天内赢率上升 4.5 个百分点", "win chance up 4.5 points in 14 days", "ok"),
        ),
        (
            "p_won_change",
            "-12",
            ("14 天内赢率下降 12 个百分点", "win chance down 12 points in 14 days", "bad"),
        ),
        ("p_won_change", "0.0", ("14 天内赢率持平", "win chance unchanged in 14 days", "plain")),
        ("days_to_close", 3, ("距预计成交 3 天", "3 days to the expected close", "warn")),
        ("days_to_close", -3, ("已过预计成交日 3 天", "3 days past the expected close", "bad")),
    ],
)
def test_a_rise_is_no_fall_and_a_day_gone_by_is_not_ahead(
    company: Company, trigger: Callable[..., Trigger], key: str, value: object, said: tuple[str, str, str]
) -> None:
    made = Suggestion.objects.create(
        trigger=trigger(), trigger_version=1, deal=company.deal, account=company.account, facts={key: value},
        evidence={"entries": {}, "topics": {}}, made_at=AT, expires_at=AT + DAY,
    )  # fmt: skip
    (reason,) = queries.shown(user=company.li, suggestion=made).reasons
    assert (reason.zh, reason.en, reason.tone) == said


def test_who_leads_sees_what_stands_for_each_of_the_team_beside_their_own(
    company: Company, trigger: Callable[..., Trigger]
) -> None:
    stalled(company)
    rule = trigger()
    trigger(condition(("days_in_stage", "gte", "9")), whose="manager")
    services.judge_all(at=AT)
    found = queries.today(user=company.boss, at=AT)
    assert [[one.suggestion.trigger.whose for one in each.suggestions] for each in found.groups] == [
        ["manager"]
    ]
    ((seller, (group,)),) = ((each.seller, each.groups) for each in found.team)
    assert (seller, group.deal, [each.suggestion.trigger for each in group.suggestions]) == (
        company.li, company.deal, [rule],
    )  # fmt: skip
    for who in (company.li, company.zhao, company.ops):  # leads nobody
        assert list(queries.today(user=who, at=AT).team) == []
    services.mute(trigger=rule, muted=True, by=company.boss, at=AT)
    assert list(queries.today(user=company.boss, at=AT).team) == []
    assert len(queries.today(user=company.li, at=AT).groups) == 1  # a mute is one's own


def test_who_leads_from_further_up_hears_that_the_card_of_their_team_changed(
    company: Company, trigger: Callable[..., Trigger]
) -> None:
    def lead(name: str, below: Team, *, active: bool = True) -> tuple[User, Team]:
        above = people.add_team(name=name, line=company.east.line, by=None, at=AT)
        leader = people.add_user(email=f"{name}@us.com", name=name, team=above, by=None, at=AT)
        people.grant_role(user=leader, role=Role.MANAGER, by=None, at=AT)
        people.appoint_manager(team=above, manager=leader, by=None, at=AT)
        Team.objects.filter(pk=below.pk).update(parent=above)
        if not active:
            User.objects.filter(pk=leader.pk).update(active=False, left_at=AT)
        return leader, above

    gone, area = lead("Area", company.east, active=False)
    director, _ = lead("Director", area)
    elsewhere, _ = lead("Elsewhere", Team.objects.get(name="西部"))
    stalled(company)
    trigger()
    Notice.objects.all().delete()
    services.judge_all(at=AT)
    told = set(Notice.objects.filter(kind="suggestions").values_list("key", flat=True))
    assert told == {company.li.pk, company.boss.pk, director.pk}
    assert not told & {gone.pk, elsewhere.pk, company.zhao.pk}
    assert [each.seller for each in queries.today(user=director, at=AT).team] == [company.li]
    assert list(queries.today(user=elsewhere, at=AT).team) == []


def test_of_many_suggestions_each_seller_keeps_the_first(
    company: Company, trigger: Callable[..., Trigger], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggestions, "MOST_OF_TEAM", 4)  # two for each
    wu = people.add_user(email="wu@us.com", name="Wu", team=company.east, by=None, at=AT)
    people.grant_role(user=wu, role=Role.REP, by=None, at=AT)
    stalled(company)
    for number in range(3):
        company.move(company.open(f"另一个 {number}"), "evaluation", at=AT - 10 * DAY)
    minor = company.open("小单")
    Deal.objects.filter(pk=minor.pk).update(owner=wu)
    trigger(condition(("evaluation_days", "gte", "7")), priority=5)
    trigger(condition(("days_in_stage", "gte", "50")), priority=1)
    services.judge_all(at=AT)
    assert Suggestion.objects.count() == 5
    team = {each.seller: each.groups for each in queries.today(user=company.boss, at=AT).team}
    assert {seller: len(groups) for seller, groups in team.items()} == {company.li: 2, wu: 1}


def test_today_looks_up_once_what_is_told_of_ones_own_and_the_teams(
    company: Company, trigger: Callable[..., Trigger]
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as counted:
            queries.today(user=company.boss, at=AT)
        return len(counted)

    stalled(company)
    trigger()
    services.judge_all(at=AT)
    alone = asked()
    trigger(condition(("days_in_stage", "gte", "9")), whose="manager")
    services.judge_all(at=AT)
    found = queries.today(user=company.boss, at=AT)
    assert (len(found.groups), len(found.team)) == (1, 1)
    assert asked() == alone


def test_several_of_a_deal_are_one_row_the_more_important_first(
    company: Company, trigger: Callable[..., Trigger]
) -> None:
    stalled(company)
    trigger(condition(("days_in_stage", "gte", "5")), priority=2)
    first = trigger(priority=5)
    services.judge_all(at=AT)
    (group,) = queries.today(user=company.li, at=AT).groups
    leading, _ = group.suggestions
    assert leading.suggestion.trigger == first


def test_it_ends_by_itself_once_its_condition_has_not_held_for_three_days_and_then_cools_down(
    company: Company, trigger: Callable[..., Trigger]
) -> None:
    deal = stalled(company)
    trigger(condition(("evaluation_days", "gte", "7")), expiry_days=100)
    services.judge_all(at=AT)
    company.move(deal, "quote", at=AT + DAY)
    services.judge_all(at=AT + DAY)
    services.judge_all(at=AT + 3 * DAY)
    made = Suggestion.objects.get()
    assert (made.lapsed_at, made.ended_at) == (AT + DAY, None)
    services.judge_all(at=AT + 4 * DAY)
    made.refresh_from_db()
    assert (made.how, made.ended_at) == ("over", AT + 4 * DAY)
    company.move(deal, "evaluation", at=AT + 5 * DAY)
    assert services.judge_all(at=AT + 13 * DAY) == 0  # true again, and it ended nine days ago
    assert services.judge_all(at=AT + 14 * DAY) == 1


def test_what_still_holds_rests_on_the_trigger_as_it_was_changed(
    company: Company, trigger: Callable[..., Trigger]
) -> None:
    stalled(company)
    rule = trigger()
    services.judge_all(at=AT)
    services.change_trigger(
        trigger=rule, values={"condition": condition(("days_in_stage", "gte", "5"))}, by=company.ops, at=AT
    )
    services.judge_all(at=AT + DAY)
    made = Suggestion.objects.get()
    assert (made.trigger_version, made.facts, made.ended_at) == (2, {"days_in_stage": 11}, None)


def test_it_expires_ends_with_its_deal_and_with_its_trigger(
    company: Company, trigger: Callable[..., Trigger]
) -> None:
    stalled(company)
    other = company.open("另一个", at=AT - 30 * DAY)
    rule = trigger(condition(("days_in_stage", "gte", "1")), expiry_days=5)
    services.judge_all(at=AT)
    company.end(other, "won", at=AT + DAY)
    services.judge_all(at=AT + DAY)
    assert Suggestion.objects.get(deal=other).how == "closed"
    services.judge_all(at=AT + 5 * DAY)
    assert Suggestion.objects.get(deal=company.deal).how == "expired"
    services.judge_all(at=AT + 15 * DAY)
    services.change_trigger(trigger=rule, values={"status": "retired"}, by=company.ops, at=AT + 16 * DAY)
    services.judge_all(at=AT + 16 * DAY)
    assert set(Suggestion.objects.values_list("how", flat=True)) == {"closed", "expired", "retired"}


def test_what_becomes_known_is_judged_alone_and_at_once(
    company: Company, trigger: Callable[..., Trigger], django_capture_on_commit_callbacks: Any
) -> None:
    trigger(condition(("competitor_mentions", "gte", "1")))
    Waiting.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        company.told("competitor_mentioned", at=AT)
    called = ProcrastinateJob.objects.filter(task_name="advice.judge_waiting", status="todo")
    assert called.count() == 1
    assert services.judge_waiting(at=AT) == 1
    assert not Waiting.objects.exists()
    assert services.judge_waiting(at=AT) == 0


def test_an_existing_customer_about_to_leave_needs_no_open_deal(
    company: Company, trigger: Callable[..., Trigger]
) -> None:
    for days in range(15, 98, 7):
        company.told("call", at=AT - days * DAY)
    company.end(company.deal, "won", at=AT - 15 * DAY)
    company.interest("智远", at=AT - DAY, count=2)
    shipped = next(each for each in SHIPPED if each["key"] == "customer-leaving")
    trigger(shipped["condition"], about="account")
    services.judge_all(at=AT)
    made = Suggestion.objects.get()
    assert (made.deal, made.account) == (None, company.account)
    assert [each.deal for each in queries.today(user=company.li, at=AT).groups] == [None]
    assert len(queries.of_account(user=company.li, account=company.account.pk, at=AT)) == 1


def test_those_that_come_with_it_are_valid_and_installed_once(company: Company) -> None:
    services.install_shipped(at=AT)
    services.install_shipped(at=AT)
    assert Trigger.objects.filter(shipped=True, status="active").count() == 6
    for each in Trigger.objects.all():
        rule = conditions.parse(each.condition, fields=fields_for(each.about))
        assert conditions.to_json(rule) == each.condition
    stalled(company)
    services.judge_all(at=AT)
    assert [each.trigger.key for each in Suggestion.objects.all()] == ["evaluation-stalled-competitor"]
