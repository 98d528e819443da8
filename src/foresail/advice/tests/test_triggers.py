"""Triggers: facts as known then, firing and ending, what people make of suggestions, and trials on the past."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from foresail.advice import queries, services
from foresail.advice.errors import (
    NotUndone,
    SuggestionEnded,
    TrialRunning,
    TrialTooLong,
    TriggerInvalid,
    TriggersReserved,
)
from foresail.advice.facts import FACTS, fields_for
from foresail.advice.models import Mute, Suggestion, Trigger, Waiting
from foresail.advice.past import Past
from foresail.advice.queries import suggestions, trials
from foresail.advice.queries.trials import firings_of
from foresail.advice.shipped import SHIPPED
from foresail.conversations import services as conversations
from foresail.core import conditions
from foresail.core.errors import NotFound
from foresail.core.events import emit
from foresail.core.models import Notice
from foresail.crm import services as crm
from foresail.crm.errors import NotAllowed
from foresail.crm.models import Account, Contact, Deal, Pipeline, Task
from foresail.people import services as people
from foresail.people.models import Team, User
from foresail.people.roles import Role
from foresail.signals.events import InterestTurned
from foresail.signals.models import Evidence, Topic
from foresail.timeline.services import NewEntry, append

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)  # Monday, 10:00 in Shanghai
DAY = timedelta(days=1)
STAGES = tuple(
    crm.StageSpec(key, zh, key.title())
    for key, zh in (("qualified", "已确认"), ("evaluation", "技术评估"), ("quote", "报价"))
)


@dataclass
class Company:
    li: User
    zhao: User
    boss: User
    ops: User
    east: Team
    pipeline: Pipeline
    account: Account
    contact: Contact
    deal: Deal
    topics: dict[str, int]
    count: int = 0

    def open(
        self, name: str = "监测系统", *, account: Account | None = None, at: datetime = AT - 60 * DAY
    ) -> Deal:
        return crm.open_deal(
            name=name, account=account or self.account, pipeline=self.pipeline, owner=self.li, team=self.east, by=None,
            at=at, amount=Decimal(120_000),
        )  # fmt: skip

    def move(self, deal: Deal, stage: str, *, at: datetime) -> None:
        deal.refresh_from_db()
        to = self.pipeline.stages.get(key=stage)
        crm.move_deal(deal=deal, stage=to, version=deal.version, by=None, at=at)

    def end(self, deal: Deal, outcome: str, *, at: datetime) -> None:
        deal.refresh_from_db()
        crm.close_deal(deal=deal, outcome=outcome, version=deal.version, by=None, at=at)

    def told(
        self, kind: str, *, deal: Deal | None = None, at: datetime, known_at: datetime | None = None
    ) -> None:
        deal, self.count = deal or self.deal, self.count + 1
        entry = NewEntry(
            known_at=known_at or at, at=at, kind=kind, deal_id=deal.pk, account_id=deal.account_id,
            subject=f"crm.Deal:{deal.pk}", source="test", source_id=str(self.count), basis="own_record",
        )  # fmt: skip
        append([entry], at=known_at or at)

    def say(
        self,
        contact: Contact,
        *,
        at: datetime,
        direction: str = "in",
        title: str = "关于监测系统",
        deal: Deal | None = None,
    ) -> None:
        conversations.record_communication(
            deal=deal or self.deal, channel="mail", direction=direction, title=title, text="", contact=contact,
            happened_at=at, by=self.li, at=at,
        )  # fmt: skip

    def interest(
        self,
        topic: str,
        *,
        at: datetime,
        count: int = 1,
        known_at: datetime | None = None,
        account: Account | None = None,
    ) -> None:
        """Keep evidence of so many downloads, as signals would."""
        for _ in range(count):
            self.count += 1
            Evidence.objects.create(
                account=(account or self.account).pk, topic=self.topics[topic], kind="download", signal=self.count,
                visitor=self.count, at=at, on=at.date(), known_at=known_at or at, amount=1.0, topics=1,
            )  # fmt: skip


@pytest.fixture
def company(settings: Any) -> Company:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    line = people.add_line(name="能源", by=None, at=AT)
    east, west = (people.add_team(name=name, line=line, by=None, at=AT) for name in ("华东", "西部"))

    def hire(name: str, role: Role, team: Team | None) -> User:
        user = people.add_user(email=f"{name}@us.com", name=name, team=team, by=None, at=AT)
        people.grant_role(user=user, role=role, by=None, at=AT)
        return user

    li, zhao = hire("Li", Role.REP, east), hire("Zhao", Role.REP, west)
    boss, ops = hire("Boss", Role.MANAGER, east), hire("Ops", Role.SALES_OPERATIONS, None)
    people.appoint_manager(team=east, manager=boss, by=None, at=AT)
    pipeline = crm.add_pipeline(name="大客户", line=line, stages=STAGES, by=None, at=AT)
    began = AT - 200 * DAY
    account = crm.add_account(name="晨光电力", line=line, owner=li, team=east, by=None, at=began)
    contact = crm.add_contact(account=account, name="王静", by=None, at=began)
    topics = {
        key: Topic.objects.create(
            key=key, kind=kind, zh=key, en=key, rule={"field": "url", "op": "contains", "value": key}, status="active",
            changed_at=AT,
        ).pk
        for key, kind in (("智远", "competitor"), ("price", "price"))
    }  # fmt: skip
    made = Company(li, zhao, boss, ops, east, pipeline, account, contact, None, topics)  # type: ignore[arg-type]
    made.deal = made.open()
    crm.set_deal_contact(deal=made.deal, contact=contact, role="champion", by=None, at=AT - 60 * DAY)
    Trigger.objects.all().delete()  # those that come with it have their own test
    return made


def condition(*tests: tuple[str, str, object]) -> dict[str, Any]:
    return {"all": [{"field": field, "op": op, "value": value} for field, op, value in tests]}


FLAGSHIP = condition(("evaluation_days", "gte", "7"), ("competitor_surging", "is", True))


@pytest.fixture
def trigger(company: Company) -> Callable[..., Trigger]:
    def make(when: Mapping[str, Any] = FLAGSHIP, **more: Any) -> Trigger:
        values = {
            "zh": f"触发器 {Trigger.objects.count()}", "en": "trigger", "about": "deal", "condition": when, "action": "call",
            "action_zh": "与{account}谈{topic}", "action_en": "Talk of {topic}", "status": "active", "cooldown_days": 10,
            "expiry_days": 10,
        }  # fmt: skip
        return services.add_trigger(values=values | more, by=company.ops, at=AT)

    return make


def stalled(company: Company) -> Deal:
    """Make the flagship's case: ten days in the evaluation, and the competitor's pages read as never before."""
    company.move(company.deal, "evaluation", at=AT - 10 * DAY)
    company.interest("智远", at=AT - 2 * DAY, count=2)
    return company.deal


def facts(company: Company, *wanted: str, at: datetime = AT, about: str = "deal") -> dict[str, object]:
    past = Past(about=about, wanted=wanted or list(FACTS), since=at, until=at)
    return past.at(at)[company.deal.pk if about == "deal" else company.account.pk].values


# ---- facts


def test_facts_are_those_of_a_plain_count(company: Company) -> None:
    new = crm.add_contact(account=company.account, name="新人", by=None, at=AT - DAY)
    company.say(company.contact, at=AT - 40 * DAY)
    company.say(company.contact, at=AT - 23 * DAY)
    company.say(company.contact, at=AT - 2 * DAY, direction="out")
    company.say(company.contact, at=AT - DAY, title="自动回复：关于监测系统")
    company.say(new, at=AT - 4 * DAY)
    stalled(company)
    for days in (1, 3, 20, 50):
        company.told("competitor_mentioned", at=AT - days * DAY)
    company.interest("price", at=AT - 3 * DAY, count=2)
    before = company.open("上一期", at=AT - 150 * DAY)
    company.told("call", deal=before, at=AT - 50 * DAY)
    company.end(before, "won", at=AT - 100 * DAY)
    found = facts(company)
    assert {key: found[key] for key in found if "interest" not in key and "rise" not in key} == {
        "stage": "evaluation", "days_in_stage": 10, "evaluation_days": 10, "days_since_customer": 4,
        "days_since_champion": 23, "new_people": 1, "amount": Decimal("120000.00"), "days_to_close": None,
        "p_won": None, "p_won_change": None, "verdict": None,
        "competitor_mentions": 2, "competitor_mentions_usual": Decimal("0.33"),
        "competitor_surging": True, "price_surging": True, "surging_topics": 2, "days_since_signal": 2,
        "won_deals": 1, "customer_days": 100, "days_since_talk": 2, "talks": 2, "talks_usual": Decimal("0.5"),
        "talks_ratio": Decimal("2.0"), "complaints": 0,
    }  # fmt: skip
    # Two downloads are 8 in the week, against nothing: (8 + 1) / (0 + 1).
    assert found["competitor_rise"] == Decimal("9.0")
    assert found["price_rise"] == Decimal("9.0")
    alone = facts(company, "won_deals", "talks_ratio", "competitor_surging", about="account")
    assert alone == {"won_deals": 1, "talks_ratio": Decimal("2.0"), "competitor_surging": True}


def test_what_became_known_later_changes_nothing_that_was_known_then(company: Company) -> None:
    company.move(company.deal, "evaluation", at=AT - 30 * DAY)
    company.told("evaluation_passed", at=AT - 20 * DAY, known_at=AT - 5 * DAY)
    company.interest("智远", at=AT - 12 * DAY, count=3, known_at=AT - 9 * DAY)
    company.told("competitor_mentioned", at=AT - 15 * DAY, known_at=AT - DAY)
    wanted = ("evaluation_days", "competitor_surging", "competitor_mentions")
    late = Past(about="deal", wanted=wanted, since=AT - 20 * DAY, until=AT)

    def then(days: int) -> tuple[object, ...]:
        return tuple(late.at(AT - days * DAY)[company.deal.pk].values[key] for key in wanted)

    assert then(10) == (20, False, 0)  # the visits were not known yet
    assert then(8) == (22, True, 0)
    assert then(2) == (None, False, 0)  # passed, as told five days ago; the mention is not known
    assert then(0)[2] == 0  # it is known by now, and two weeks old
    # Asked as of then alone, the answer is the same.
    for days in (10, 8, 2):
        assert facts(company, *wanted, at=AT - days * DAY) == dict(zip(wanted, then(days), strict=True))


def test_an_evaluation_stands_still_since_its_last_step(company: Company) -> None:
    company.told("visit", at=AT - 21 * DAY)  # before it came there
    company.move(company.deal, "evaluation", at=AT - 20 * DAY)
    company.told("call", at=AT - 2 * DAY)  # asks, and nothing goes on by that
    assert facts(company, "evaluation_days", "days_in_stage") == {"evaluation_days": 20, "days_in_stage": 20}
    company.told("demo", at=AT - 6 * DAY, known_at=AT - 3 * DAY)
    assert facts(company, "evaluation_days", "days_in_stage") == {"evaluation_days": 6, "days_in_stage": 20}
    assert facts(company, "evaluation_days", at=AT - 4 * DAY) == {"evaluation_days": 16}  # not known yet


def test_a_deal_is_open_from_when_until_it_was_known_to_be(company: Company) -> None:
    company.end(company.deal, "lost", at=AT - 3 * DAY)
    past = Past(about="deal", wanted=["stage"], since=AT - 90 * DAY, until=AT)
    assert [company.deal.pk in past.at(AT - days * DAY) for days in (61, 59, 4, 2)] == [
        False,
        True,
        True,
        False,
    ]


def test_the_usual_is_no_rise_and_facts_take_few_queries(
    company: Company, trigger: Callable[..., Trigger]
) -> None:
    company.move(company.deal, "evaluation", at=AT - 10 * DAY)
    for week in range(13):
        company.interest("智远", at=AT - (2 + 7 * week) * DAY, count=2)
    rule = trigger()
    assert services.fired(rule, at=AT) == {}
    for number in range(5):
        company.open(f"另一个 {number}")
    with CaptureQueriesContext(connection) as counted:
        services.fired(rule, at=AT)
    few = len(counted)
    for number in range(20):
        company.open(f"又一个 {number}")
    with CaptureQueriesContext(connection) as counted:
        services.fired(rule, at=AT)
    assert len(counted) == few <= 12


# ---- firing


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


# ---- what people make of them


@pytest.fixture
def suggested(company: Company, trigger: Callable[..., Trigger]) -> Suggestion:
    stalled(company)
    trigger()
    services.judge_all(at=AT)
    return Suggestion.objects.get()


def test_accepting_makes_a_task_for_the_owner_and_undoing_drops_it(
    company: Company, suggested: Suggestion
) -> None:
    wanted = services.TaskWanted(title="发对比材料", due_on=AT.date())
    services.accept(suggestion=suggested.pk, task=wanted, by=company.boss, at=AT)
    task = Task.objects.get()
    assert (task.title, task.assignee, task.deal) == ("发对比材料", company.li, company.deal)
    with pytest.raises(SuggestionEnded):
        services.accept(suggestion=suggested.pk, by=company.li, at=AT)
    with pytest.raises(NotFound):
        services.undo(suggestion=suggested.pk, by=company.li, at=AT)  # another accepted it
    services.undo(suggestion=suggested.pk, by=company.boss, at=AT + DAY)
    assert not Task.objects.exists()
    assert Suggestion.objects.get().ended_at is None


def test_only_who_may_change_the_deal_decides_and_who_does_not_see_it_finds_nothing(
    company: Company, suggested: Suggestion
) -> None:
    for verb in (services.accept, services.undo):
        with pytest.raises(NotFound):
            verb(suggestion=suggested.pk, by=company.zhao, at=AT)
    with pytest.raises(NotFound):
        queries.of_deal(user=company.zhao, deal=company.deal.pk, at=AT)
    chief = people.add_user(email="chief@us.com", name="Chief", team=company.east, by=None, at=AT)
    people.grant_role(user=chief, role=Role.READ_ONLY, by=None, at=AT)
    with pytest.raises(NotAllowed):  # sees everything, changes no deal
        services.dismiss(suggestion=suggested.pk, reason="done", by=chief, at=AT)
    assert Suggestion.objects.get().ended_at is None


def test_who_sees_the_deal_alone_hears_nothing_of_its_account(
    company: Company, suggested: Suggestion
) -> None:
    crm.share_record(record=company.deal, user=company.zhao, by=company.li, at=AT)
    (shown,) = queries.of_deal(user=company.zhao, deal=company.deal.pk, at=AT)
    assert shown.suggestion == suggested
    assert [each.code for each in shown.reasons] == ["evaluation_days"]
    assert "智远" not in shown.action_zh


def test_interest_that_is_erased_leaves_nothing_in_what_was_suggested(
    company: Company, suggested: Suggestion
) -> None:
    with transaction.atomic():
        emit(InterestTurned(accounts=(company.account.pk,), at=AT, erased=True))
    kept = Suggestion.objects.get(pk=suggested.pk)
    assert kept.facts == {"evaluation_days": 10}
    assert kept.evidence["topics"] == {}
    assert kept.evidence["entries"].keys() == {"evaluation_days"}
    # What is left may still be enough: then that is what it rests on.
    services.judge_all(at=AT)
    again = Suggestion.objects.get(pk=suggested.pk)
    assert (again.facts, again.evidence) == (suggested.facts, suggested.evidence)


def test_three_not_useful_in_a_month_make_a_trigger_quiet_and_undoing_takes_that_back(
    company: Company, suggested: Suggestion
) -> None:
    for number in range(2):
        other = company.open(f"另一个 {number}", at=AT - 30 * DAY)
        company.move(other, "evaluation", at=AT - 9 * DAY)
    services.judge_all(at=AT)
    first, second, third = Suggestion.objects.order_by("pk")
    for each in (first, second):
        _, quiet = services.dismiss(suggestion=each.pk, reason="not_useful", by=company.li, at=AT)
        assert quiet is None
    _, quiet = services.dismiss(suggestion=third.pk, reason="not_useful", by=company.li, at=AT)
    assert quiet is not None
    assert quiet.until == AT + 30 * DAY
    late = company.open("第四个", at=AT - 30 * DAY)
    company.move(late, "evaluation", at=AT - 9 * DAY)
    services.judge_all(at=AT)
    told = queries.today(user=company.li, at=AT)
    assert (list(told.groups), told.dismissed, len(told.mutes)) == ([], 3, 1)
    services.undo(suggestion=third.pk, by=company.li, at=AT + timedelta(hours=1))
    assert not Mute.objects.exists()
    assert len(queries.today(user=company.li, at=AT + timedelta(hours=1)).groups) == 2
    share = queries.shares(at=AT)[suggested.trigger_id]
    assert (share.made, share.open, share.dismissed, share.reasons) == (4, 2, 2, {"not_useful": 2})


def test_not_true_too_often_asks_to_look_at_the_trigger() -> None:
    share = queries.Share(accepted=12, dismissed=3, reasons={"not_true": 3})
    assert share.look_again
    assert not queries.Share(accepted=13, dismissed=3, reasons={"not_true": 3}).look_again


@pytest.mark.usefixtures("suggested")
def test_a_mute_is_ones_own(company: Company) -> None:
    services.mute(deal=company.deal, muted=True, by=company.li, at=AT)
    assert list(queries.today(user=company.li, at=AT).groups) == []
    assert len(queries.of_deal(user=company.li, deal=company.deal.pk, at=AT)) == 1
    services.mute(deal=company.deal, muted=False, by=company.li, at=AT)
    assert len(queries.today(user=company.li, at=AT).groups) == 1


def test_undoing_is_refused_a_day_later_or_where_another_is_open(
    company: Company, suggested: Suggestion
) -> None:
    services.dismiss(suggestion=suggested.pk, reason="not_now", by=company.li, at=AT)
    with pytest.raises(NotUndone):
        services.undo(suggestion=suggested.pk, by=company.li, at=AT + DAY + timedelta(seconds=1))


# ---- triggers


def test_only_sales_operations_shapes_triggers_and_what_is_wrong_is_told(
    company: Company, trigger: Callable[..., Trigger]
) -> None:
    made = trigger()
    with pytest.raises(TriggersReserved):
        services.change_trigger(trigger=made, values={"status": "retired"}, by=company.boss, at=AT)
    with pytest.raises(TriggerInvalid):
        trigger(action_zh="致电{phone}")
    with pytest.raises(TriggerInvalid):
        trigger({"all": []})
    with pytest.raises(conditions.ConditionInvalid):  # an account has no stage
        trigger(about="account")
    changed = services.change_trigger(trigger=made, values={"priority": 5}, by=company.ops, at=AT)
    assert (changed.version, changed.priority) == (2, 5)


def test_a_condition_on_what_is_there_no_more_holds_up_no_other(
    company: Company, trigger: Callable[..., Trigger]
) -> None:
    broken = trigger()
    Trigger.objects.filter(pk=broken.pk).update(condition=condition(("stage", "in", ["gone"])))
    trigger(condition(("days_in_stage", "gte", "1")))
    assert services.judge_all(at=AT) == 1
    assert company.deal == Suggestion.objects.get().deal


# ---- trials


def test_a_trial_fires_as_in_earnest() -> None:
    """Against a plain walk: open while it holds and three days beyond, until it expires, then cool-down."""
    days = [AT + number * DAY for number in range(40)]
    true = {*range(5), *range(6, 8), *range(15, 33)}
    found = firings_of(
        [(at, {7} if number in true else set()) for number, at in enumerate(days)],
        cooldown=5 * DAY,
        expiry=12 * DAY,
    )
    # Open from 0, last true on 7, so over on 11; cool until 16; expires on 28; cool until 33, when it is true no more.
    assert [(each.at - AT).days for each in found] == [0, 16]


def test_a_trial_counts_what_would_have_happened_and_how_it_ended(company: Company) -> None:
    lost, won, still = (company.open(name, at=AT - 60 * DAY) for name in ("丢的", "赢的", "在谈的"))
    quiet = company.open("没有停滞的", at=AT - 60 * DAY)
    for deal in (lost, won, still):
        company.move(deal, "evaluation", at=AT - 40 * DAY)
    company.end(lost, "lost", at=AT - 5 * DAY)
    company.end(won, "won", at=AT - 4 * DAY)
    company.end(quiet, "lost", at=AT - 3 * DAY)
    trial = queries.try_trigger(
        user=company.ops, about="deal", condition=condition(("evaluation_days", "gte", "7")), cooldown_days=90,
        expiry_days=14, at=AT,
    )  # fmt: skip
    assert (trial.fired, trial.subjects, trial.ended, trial.lost) == (3, 3, 2, 1)
    assert (trial.low, trial.high) == (None, None)  # too few to tell
    assert (trial.usual_ended, trial.usual_lost) == (3, 2)
    assert {each.name for each in trial.examples} == {"丢的", "赢的", "在谈的"}
    with pytest.raises(TriggersReserved):
        queries.try_trigger(
            user=company.li, about="deal", condition=FLAGSHIP, cooldown_days=1, expiry_days=1, at=AT
        )


def test_a_trial_is_one_at_a_time_and_ends_in_time(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def attempt(by: User = company.ops) -> queries.Trial:
        return queries.try_trigger(
            user=by, about="deal", condition=condition(("evaluation_days", "gte", "7")), cooldown_days=1, expiry_days=1, at=AT
        )  # fmt: skip

    reach = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name not in {"context", "cursor_factory"}
    }
    with psycopg.connect(**reach) as other:
        for held, refused in ((f"foresail.advice trial {company.ops.pk}", True), ("foresail.another", False)):
            other.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [held])
            if refused:
                with pytest.raises(TrialRunning):
                    attempt()
            else:
                attempt()
            other.rollback()

    class Slow:
        def __init__(self, **_: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(30)")

    monkeypatch.setattr(trials, "LONGEST", 0.05)
    monkeypatch.setattr(trials, "Past", Slow)
    with pytest.raises(TrialTooLong):
        attempt()
    monkeypatch.setattr(trials, "LONGEST", 0)
    with pytest.raises(TrialTooLong):
        attempt()
    assert Deal.objects.exists()  # the connection is as it was


# ---- HTTP


def test_over_http(company: Company, suggested: Suggestion, client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("foresail.core.clock.now", lambda: AT)
    _, token = people.create_session(user=company.li, address="192.0.2.1", agent="Tests", at=AT)
    client.cookies["foresail_session"] = token

    def post(path: str, **body: Any) -> Any:
        return client.post(path, json.dumps(body), content_type="application/json")

    today = client.get("/api/suggestions").json()
    (group,) = today["groups"]
    assert group["deal"]["name"] == "监测系统"
    assert group["suggestions"][0]["reasons"][0]["zh"] == "技术评估停滞 10 天"
    assert len(client.get(f"/api/deals/{company.deal.pk}/suggestions").json()) == 1
    dismissed = post(f"/api/suggestions/{suggested.pk}/dismiss", reason="not_true")
    assert dismissed.json()["suggestion"]["how"] == "dismissed"
    assert post(f"/api/suggestions/{suggested.pk}/dismiss", reason="done").status_code == 409
    assert post(f"/api/suggestions/{suggested.pk}/undo").json()["ended_at"] is None
    assert post("/api/suggestions/mute", trigger=suggested.trigger_id).status_code == 204
    assert client.get("/api/suggestions").json()["mutes"][0]["trigger"]["id"] == suggested.trigger_id
    listed = client.get("/api/triggers").json()
    assert (listed["may_shape"], listed["items"][0]["share"]) == (False, None)
    assert listed["items"][0]["says_zh"] == "技术评估停滞天数 ≥ 7 且 竞品关注上升 为 是"
    assert post("/api/triggers/try", condition=FLAGSHIP).status_code == 403
