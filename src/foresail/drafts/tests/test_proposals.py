"""What is proposed, from what, to whom; and that it comes once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foresail.core.errors import NotFound
from foresail.crm import services as crm
from foresail.crm.errors import StageAsks, TaskDone
from foresail.crm.models import Contact, DealContact, FieldChange, Task
from foresail.drafts import queries, services
from foresail.drafts.errors import NotTakenBack, ProposalGone
from foresail.drafts.models import Decision, Habit
from foresail.drafts.queries import Proposal
from foresail.drafts.tests.conftest import AT, DAY, HOUR, Company
from foresail.governance.models import AuditRow
from foresail.people import services as people
from foresail.people.models import User
from foresail.timeline.models import Entry

pytestmark = pytest.mark.django_db


def proposed(company: Company, *, user: User | None = None, at: datetime = AT) -> list[Proposal]:
    found = queries.of_deal(deal=company.deal, user=user or company.li, at=at)
    for each in found:  # whatever it is: there is evidence, known by then, of this deal
        entries = Entry.objects.filter(pk__in=[one.entry for one in each.evidence])
        assert entries
        assert all(one.deal == company.deal.pk and one.known_at <= at for one in entries)
    return found


def kinds(company: Company, **how: Any) -> list[tuple[str, str]]:
    return [(each.kind, each.why) for each in proposed(company, **how)]


def history(company: Company, *, quoted: int, elsewhere: int = 0) -> None:
    """Deals of the past in which a quote was sent: so many stood in "quote" a week later, others in "solution"."""
    for number in range(quoted + elsewhere):
        deal = company.open(name=f"从前 {number}", owner=company.wang, at=AT - 90 * DAY)
        company.move(deal, "solution", at=AT - 80 * DAY)
        company.told("quote_sent", deal=deal, at=AT - 70 * DAY)
        if number < quoted:
            company.move(deal, "quote", at=AT - 68 * DAY)


# --- moves --------------------------------------------------------------------------------------------


def test_a_quote_proposes_the_stage_in_which_deals_go_on(company: Company) -> None:
    history(company, quoted=19, elsewhere=3)
    assert services.learn_habits(at=AT) == 1
    habit = Habit.objects.get()
    assert (habit.kind, habit.stage.key, habit.cases, habit.reached) == ("quote_sent", "quote", 22, 19)
    assert proposed(company) == []  # nothing happened in this deal
    company.told("quote_sent", at=AT - 2 * DAY)
    (move,) = proposed(company)
    assert (move.kind, move.why, move.stage and move.stage.key) == ("stage", "habit", "quote")
    assert [each.kind for each in move.evidence] == ["quote_sent"]


@pytest.mark.parametrize(("quoted", "elsewhere"), [(19, 0), (17, 5)])  # too few; too small a share
def test_too_few_cases_or_too_small_a_share_propose_nothing(
    company: Company, quoted: int, elsewhere: int
) -> None:
    history(company, quoted=quoted, elsewhere=elsewhere)
    services.learn_habits(at=AT)
    assert not Habit.objects.filter(stage__key="quote").exists()
    company.told("quote_sent", at=AT - 2 * DAY)
    assert all(each.stage is None or each.stage.key != "quote" for each in proposed(company))


def test_what_is_learned_is_what_was_known_then(company: Company) -> None:
    history(company, quoted=20)
    services.learn_habits(at=AT - 66 * DAY)  # a week after the quotes was not over
    assert not Habit.objects.exists()
    services.learn_habits(at=AT - 62 * DAY)
    assert Habit.objects.get().cases == 20


def test_an_event_before_the_last_move_proposes_none(company: Company) -> None:
    history(company, quoted=20)
    services.learn_habits(at=AT)
    company.told("quote_sent", at=AT - 5 * DAY)
    company.move(company.deal, "solution", at=AT - 4 * DAY)  # somebody decided, and knew of the quote
    assert proposed(company) == []
    company.told("quote_sent", at=AT - 3 * DAY)
    assert kinds(company) == [("stage", "habit")]
    assert kinds(company, at=AT - 4 * DAY) == []


def test_a_confirmed_move_is_an_ordinary_move(company: Company) -> None:
    history(company, quoted=20)
    services.learn_habits(at=AT)
    company.told("quote_sent", at=AT - DAY)
    (move,) = proposed(company)
    decision = services.confirm(deal=company.deal, mark=move.mark, by=company.li, at=AT)
    company.deal.refresh_from_db()
    assert company.deal.stage.key == "quote"
    change = FieldChange.objects.filter(record_type="deal", record=company.deal.pk, field="stage").latest(
        "pk"
    )
    assert change.actor_id == company.li.pk
    verbs = list(AuditRow.objects.order_by("-pk").values_list("verb", flat=True)[:2])
    assert verbs == ["confirm_proposal", "move_deal"]
    assert proposed(company) == []
    services.take_back(decision=decision, by=company.li, at=AT + HOUR)
    company.deal.refresh_from_db()
    assert company.deal.stage.key == "qualified"
    assert not Decision.objects.exists()


def test_a_stage_that_asks_leaves_nothing_decided(company: Company) -> None:
    history(company, quoted=20)
    services.learn_habits(at=AT)
    stage = company.pipeline.stages.get(key="quote")
    crm.change_stage(stage=stage, requires=["expected_close_on"], by=None, at=AT)
    company.told("quote_sent", at=AT - DAY)
    (move,) = proposed(company)
    with pytest.raises(StageAsks):
        services.confirm(deal=company.deal, mark=move.mark, by=company.li, at=AT)
    assert not Decision.objects.exists()
    assert [each.mark for each in proposed(company)] == [move.mark]
    crm.change_record(
        record=company.deal, edits={"expected_close_on": crm.Edit(date(2026, 6, 1))}, by=company.li, at=AT
    )
    services.confirm(deal=company.deal, mark=move.mark, by=company.li, at=AT)
    company.deal.refresh_from_db()
    assert company.deal.stage == stage


# --- tasks --------------------------------------------------------------------------------------------


def test_an_unanswered_message_becomes_a_task(company: Company) -> None:
    company.say("李工您好，单价能不能再低一些？盼复。", title="单价", contact=company.contact, at=AT - DAY)
    (task,) = proposed(company)
    assert (task.kind, task.why, task.title, task.due_on) == (
        "task",
        "unanswered",
        "回复王静：单价",
        date(2026, 3, 2),
    )
    assert task.evidence[0].quote == "李工您好，单价能不能再低一些？"
    assert proposed(company, at=AT - DAY + HOUR) == []  # nobody need hurry
    company.say("可以谈。", direction="out", at=AT - 2 * HOUR)
    assert proposed(company) == []


def test_thanks_need_no_answer(company: Company) -> None:
    company.say("收到，谢谢！", contact=company.contact, at=AT - DAY)
    assert proposed(company) == []


@pytest.mark.parametrize(
    ("text", "direction", "why", "due_on", "quote"),
    [
        ("您好，资料收到。我们周五前发报价给您。", "out", "ours", date(2026, 3, 6), "我们周五前发报价给您"),
        (
            "Dear Jing, next Tuesday we will send the samples. Regards",
            "out",
            "ours",
            date(2026, 3, 10),
            "next Tuesday we will send the samples",
        ),
        ("您好，请于3月12日前提供测试报告。", "in", "asked", date(2026, 3, 12), "请于3月12日前提供测试报告"),
        ("我们月底前给您答复。", "in", "theirs", date(2026, 3, 31), "我们月底前给您答复"),
        ("讨论了价格。客户下周三前确认合同。", "none", "theirs", date(2026, 3, 11), "客户下周三前确认合同"),
    ],
)
def test_a_promise_becomes_a_task_with_its_words(
    company: Company, text: str, direction: str, why: str, due_on: date, quote: str
) -> None:
    channel = "meeting" if direction == "none" else "mail"
    company.say(text, direction=direction, channel=channel, contact=company.contact, at=AT)
    (task,) = proposed(company, at=AT + HOUR)
    assert (task.kind, task.why, task.due_on) == ("task", why, due_on)
    assert task.evidence[0].quote == quote
    assert quote in text
    services.confirm(deal=company.deal, mark=task.mark, by=company.li, at=AT + HOUR)
    made = Task.objects.get()
    assert (made.deal_id, made.assignee_id, made.due_on) == (company.deal.pk, company.li.pk, due_on)
    assert quote in made.title
    assert proposed(company, at=AT + HOUR) == []


def test_a_kept_promise_proposes_nothing(company: Company) -> None:
    company.say("我们周五前发报价给您。", direction="out", at=AT - DAY)
    assert kinds(company) == [("task", "ours")]
    company.told("quote_sent", at=AT - HOUR)
    assert kinds(company) == []


def test_who_made_the_task_already_is_not_asked(company: Company) -> None:
    company.say("我们周五前发报价给您。", direction="out", at=AT - DAY)
    crm.add_task(deal=company.deal, title="给晨光报价", assignee=company.li, by=company.li, at=AT - HOUR)
    assert kinds(company) == []


def test_what_was_asked_and_answered_proposes_nothing(company: Company) -> None:
    company.say("能否改到下周三下午？", contact=company.contact, at=AT - DAY)
    assert kinds(company) == [("task", "asked")]
    company.say("没问题，会议邀请已更新。", direction="out", at=AT - HOUR)
    assert kinds(company) == []


def test_each_promise_stands_for_itself(company: Company) -> None:
    company.say("我们周五前发报价给您。", direction="out", at=AT - 2 * DAY)
    company.say("样件我们周四前寄出。", direction="out", at=AT - DAY)
    first, second = proposed(company)
    services.confirm(deal=company.deal, mark=first.mark, by=company.li, at=AT)
    assert [each.mark for each in proposed(company)] == [second.mark]


# --- people -------------------------------------------------------------------------------------------


def test_who_talked_with_us_is_proposed_for_the_deal(company: Company) -> None:
    engineer = crm.add_contact(account=company.account, name="李雷", title="工艺工程师", by=None, at=AT)
    company.say("测试很顺利。", channel="meeting", direction="none", contact=engineer, at=AT)
    (join,) = proposed(company)
    assert (join.kind, join.contact and join.contact.id, join.role) == ("join", engineer.pk, "technical")
    decision = services.confirm(
        deal=company.deal, mark=join.mark, choice=services.Choice(role="blocker"), by=company.li, at=AT
    )
    assert DealContact.objects.get(contact=engineer).role == "blocker"
    services.take_back(decision=decision, by=company.li, at=AT)
    assert not DealContact.objects.filter(contact=engineer).exists()


def test_who_is_named_and_no_contact_is_proposed_as_one(company: Company) -> None:
    text = "客户方参会人员：王静、韩梅（设备主管）\n我方参会：Wang\n会后讨论了安装。"
    company.say(text, channel="meeting", direction="none", contact=company.contact, at=AT)
    (new,) = proposed(company)
    assert (new.kind, dict(new.names), new.role) == (
        "contact",
        {"name": "韩梅", "title": "设备主管"},
        "technical",
    )
    decision = services.confirm(deal=company.deal, mark=new.mark, by=company.li, at=AT)
    made = Contact.objects.get(name="韩梅")
    assert (made.account_id, made.title) == (company.account.pk, "设备主管")
    assert DealContact.objects.get(contact=made).role == "technical"
    assert Decision.objects.get().characters == len("韩梅设备主管")
    services.take_back(decision=decision, by=company.li, at=AT)
    assert not Contact.objects.filter(name="韩梅").exists()
    assert proposed(company) == []  # in the bin: somebody did not want them


def test_addresses_of_others_are_no_contacts(company: Company) -> None:
    text = (
        "抄送：赵敏（财务）<zm@cg.com>, Li Ning <ln@us.com>, 刘洋 <ly@qq.com>, 陈晨 <cc@else.com>\n请查收。"
    )
    company.say(text, contact=company.contact, at=AT)
    (new,) = [each for each in proposed(company) if each.kind == "contact"]
    assert dict(new.names) == {"name": "赵敏", "title": "财务", "email": "zm@cg.com"}


def test_nothing_comes_from_who_has_left(company: Company) -> None:
    engineer = crm.add_contact(account=company.account, name="李雷", email="ll@cg.com", by=None, at=AT)
    company.say("请周五前提供报价。客户参会：韩梅", contact=engineer, at=AT)
    company.say("会议纪要", channel="meeting", direction="none", contact=engineer, at=AT)
    assert {kind for kind, _ in kinds(company, at=AT + 5 * HOUR)} == {"task", "join"}
    crm.contact_left(contact=engineer, by=None, at=AT + 5 * HOUR)
    assert proposed(company, at=AT + 6 * HOUR) == []
    # Named again by another, they are still not proposed.
    company.say(
        "抄送：李雷 <ll@cg.com>",
        channel="meeting",
        direction="none",
        contact=company.contact,
        at=AT + 6 * HOUR,
    )
    assert proposed(company, at=AT + 7 * HOUR) == []


# --- once, and to whom --------------------------------------------------------------------------------


def test_what_was_refused_comes_back_with_new_evidence_alone(company: Company) -> None:
    company.say("单价能再低吗？", title="单价", at=AT - DAY)
    (task,) = proposed(company)
    decision = services.refuse(deal=company.deal, mark=task.mark, by=company.li, at=AT)
    assert proposed(company) == []
    assert proposed(company, at=AT + 9 * DAY) == []
    assert proposed(company, user=company.boss) == []  # it is the deal's, not the person's
    with pytest.raises(ProposalGone):
        services.confirm(deal=company.deal, mark=task.mark, by=company.li, at=AT)
    company.say("单价的事有消息吗？", title="单价", at=AT + HOUR)
    (again,) = proposed(company, at=AT + 9 * HOUR)
    assert again.mark != task.mark
    services.take_back(decision=decision, by=company.li, at=AT + HOUR)
    assert not Task.objects.exists()


def test_only_who_may_change_the_deal_is_proposed_anything(company: Company) -> None:
    company.say("单价能再低吗？", at=AT - DAY)
    (task,) = proposed(company)
    assert proposed(company, user=company.boss)
    for other in (company.wang, company.zhao, company.admin):
        assert proposed(company, user=other) == []
        with pytest.raises(ProposalGone):
            services.confirm(deal=company.deal, mark=task.mark, by=other, at=AT)
    assert [each.deal.pk for each in queries.mine(user=company.li, at=AT)] == [company.deal.pk]
    assert queries.mine(user=company.boss, at=AT) == []  # theirs to change, not theirs to be asked of
    crm.close_deal(deal=company.deal, outcome="lost", version=company.deal.version, by=None, at=AT)
    assert proposed(company) == []


def test_late_entries_count_from_when_they_were_known(company: Company) -> None:
    history(company, quoted=20)
    services.learn_habits(at=AT - 10 * DAY)
    company.told("quote_sent", at=AT - 5 * DAY, known_at=AT - DAY)
    assert kinds(company, at=AT - 2 * DAY) == []
    assert kinds(company) == [("stage", "habit")]


def test_of_anothers_decision_nobody_takes_back_anything(company: Company) -> None:
    company.say("单价能再低吗？", at=AT - DAY)
    (task,) = proposed(company)
    decision = services.confirm(deal=company.deal, mark=task.mark, by=company.li, at=AT)
    with pytest.raises(NotFound):
        services.take_back(decision=decision, by=company.boss, at=AT)
    crm.finish_task(task=Task.objects.get(), by=company.li, at=AT)
    with pytest.raises(TaskDone):
        services.take_back(decision=decision, by=company.li, at=AT)
    assert Decision.objects.exists()


def test_a_contact_that_was_changed_since_is_not_taken_back(company: Company) -> None:
    company.say("客户方参会人员：韩梅", channel="meeting", direction="none", contact=company.contact, at=AT)
    (new,) = proposed(company)
    decision = services.confirm(deal=company.deal, mark=new.mark, by=company.li, at=AT)
    made = Contact.objects.get(name="韩梅")
    crm.change_contact(contact=made, title="主任", by=company.li, at=AT)
    with pytest.raises(NotTakenBack):
        services.take_back(decision=decision, by=company.li, at=AT)
    assert DealContact.objects.filter(contact=made).exists()


def test_many_deals_cost_no_more_queries(company: Company) -> None:
    company.say("单价能再低吗？", at=AT - DAY)
    with CaptureQueriesContext(connection) as one:
        queries.mine(user=company.li, at=AT)
    for number in range(5):
        deal = company.open(name=f"{number}", at=AT - 30 * DAY)
        company.say("单价能再低吗？客户参会：韩梅", deal=deal, at=AT - DAY)
    with CaptureQueriesContext(connection) as many:
        found = queries.mine(user=company.li, at=AT)
    assert len({each.deal.pk for each in found}) == 6
    assert len(many) == len(one)


def test_over_http(company: Company) -> None:
    now = datetime.now(UTC)
    deal = company.open(name="当下", at=now - 20 * DAY)
    company.say("单价能再低吗？", title="单价", deal=deal, contact=company.contact, at=now - DAY)
    _, token = people.create_session(user=company.li, address="127.0.0.1", agent="test", at=now)
    client = Client()
    client.cookies["foresail_session"] = token
    (told,) = [each for each in client.get("/api/proposals").json() if each["kind"] == "task"]
    assert (told["deal"]["id"], told["title"], told["why"]) == (deal.pk, "回复王静：单价", "unanswered")
    assert told["evidence"][0]["zh"] == "客户来信"
    page = client.get(f"/api/deals/{deal.pk}/proposals").json()
    assert [each["mark"] for each in page["items"] if each["kind"] == "task"] == [told["mark"]]
    assert page["last_touch"]["zh"] == "客户来信"
    path = f"/api/deals/{deal.pk}/proposals/{told['mark']}"
    done = client.post(f"{path}/confirm", {"due_on": "2030-01-02"}, content_type="application/json")
    assert (done.status_code, done.json()["verdict"]) == (200, "confirmed")
    assert Task.objects.get().due_on == date(2030, 1, 2)
    again = client.post(f"{path}/refuse")
    assert (again.status_code, again.json()["code"]) == (409, "proposal_gone")
    back = client.post(f"/api/decisions/{done.json()['id']}/take-back")
    assert back.status_code == 204
    assert not Task.objects.exists()


def test_a_deal_removed_for_good_takes_its_decisions_along(company: Company) -> None:
    company.say("单价能再低吗？", at=AT - DAY)
    (task,) = proposed(company)
    services.refuse(deal=company.deal, mark=task.mark, by=company.li, at=AT)
    crm.delete_record(record=company.deal, by=None, at=AT)
    crm.purge_bin(at=AT + timedelta(days=120))
    assert not Decision.objects.exists()
