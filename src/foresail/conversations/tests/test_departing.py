"""Who has left: gathered from talks, weighed, proposed, decided; and a merge that takes talks along and back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from foresail.conversations import services
from foresail.conversations.departing import says_left
from foresail.conversations.models import Communication, Repointed
from foresail.conversations.services import NewCommunication
from foresail.conversations.tests.conftest import AT, Company
from foresail.crm import errors, queries
from foresail.crm import services as crm
from foresail.crm.models import Contact, Departure
from foresail.crm.services.departures import REASON
from foresail.timeline import queries as timeline

DAY = timedelta(days=1)
LATER = AT + 30 * DAY


def mail(
    company: Company, *, at: datetime = AT, contact: Contact | None = None, **other: Any
) -> Communication:
    given: dict[str, Any] = {
        "deal": company.deal, "channel": "mail", "direction": "in", "title": "关于报价", "text": "请确认交期。",
        "contact": contact or company.contact, "happened_at": at, "by": company.li, "at": at,
    }  # fmt: skip
    return services.record_communication(**given | other)


def bounced(company: Company, at: datetime = AT, **other: Any) -> Communication:
    return mail(company, at=at, title="Undeliverable: 报价", text="550 5.1.1 user unknown", **other)


def proposal(company: Company) -> Departure | None:
    found: Departure | None = Departure.objects.filter(contact=company.contact).first()
    return found


def counted(company: Company) -> list[str]:
    """Return the kinds of what the forecast reads of the deal, without the moves of stages."""
    kinds = timeline.deal_log(deals=[company.deal.pk]).events.sort("known")["kind"].to_list()
    return [kind for kind in kinds if not kind.startswith("stage_")]


def test_a_mail_that_comes_back_for_good_is_asked_about(company: Company) -> None:
    bounced(company)
    found = proposal(company)
    assert found is not None
    assert (found.state, found.confidence) == ("proposed", 0.75)
    assert [(sign["kind"], sign["times"], sign["weight"]) for sign in found.signs] == [("bounced", 1, 0.75)]
    company.contact.refresh_from_db()
    assert company.contact.left_at is None


def test_a_full_mail_box_kills_nobody(company: Company) -> None:
    for day in range(20):
        mail(company, at=AT + day * DAY, title="退信：报价", text="452 4.2.2 邮箱已满，稍后重试")
    assert proposal(company) is None
    crm.set_quality(hidden_matches="team", departs_from=0.6, by=None, at=AT)
    assert crm.judge_departures(at=LATER) == 0
    company.contact.refresh_from_db()
    assert company.contact.left_at is None


def test_who_writes_afterwards_is_still_there(company: Company) -> None:
    bounced(company)
    assert proposal(company) is not None
    mail(company, at=AT + DAY)
    crm.judge_departures(at=LATER)
    assert proposal(company) is None


@pytest.mark.parametrize(
    ("text", "name", "left"),
    [
        ("您好，王静女士已经离职，后续请联系李雷。", "王静", True),
        ("王静已于上月正式离职。", "王静", False),
        ("王静已离开本公司。", "王静", True),
        ("李雷已离职，王静接手。", "王静", False),
        ("王静没有离职。", "王静", False),
        ("I have left the company.", "", True),
        ("She has not left the company.", "", False),
        ("Anna Li no longer works here. Bob does.", "Anna Li", True),
        ("我们已经离开会议室", "", False),
    ],
)
def test_what_says_that_somebody_left(text: str, name: str, *, left: bool) -> None:
    assert says_left(text, name=name) == left


def test_a_colleague_tells(company: Company) -> None:
    mate = crm.add_contact(account=company.deal.account, name="李雷", by=None, at=AT)
    mail(company, contact=mate, text="您好，王静已离职，后续请与我联系。")
    found = proposal(company)
    assert found is not None
    assert (found.confidence, found.signs[0]["kind"]) == (0.9, "told")
    assert not Departure.objects.filter(contact=mate).exists()


def test_long_silence_alone_is_not_enough_and_adds_to_others(company: Company) -> None:
    for week in range(6):
        mail(company, at=AT + 7 * week * DAY)
    silent = AT + 120 * DAY
    crm.judge_departures(at=silent)
    assert proposal(company) is None
    bounced(company, at=silent - DAY)
    crm.judge_departures(at=silent)
    found = proposal(company)
    assert found is not None
    assert [sign["kind"] for sign in found.signs] == ["bounced", "silent"]
    assert found.signs[1]["days"] == 85
    assert found.confidence == round(1 - 0.25 * 0.65, 4)


def test_another_title_is_a_weak_sign_and_one_that_says_so_a_strong_one(company: Company) -> None:
    edit = crm.Edit("技术总监")
    crm.change_record(record=company.contact, edits={"title": edit}, by=None, at=AT)
    crm.judge_departures(at=LATER)
    assert proposal(company) is None
    crm.change_record(record=company.contact, edits={"title": crm.Edit("前技术总监（离职）")}, by=None, at=AT)
    crm.judge_departures(at=LATER)
    found = proposal(company)
    assert found is not None
    assert [sign["kind"] for sign in found.signs] == ["told", "title"]


def test_confirmed_by_a_person_the_contact_stays_with_its_history(company: Company) -> None:
    crm.set_deal_contact(deal=company.deal, contact=company.contact, role="champion", by=None, at=AT)
    talk = mail(company)
    bounced(company, at=AT + DAY)
    found = proposal(company)
    assert found is not None
    assert queries.missing_roles(queries.people_of(deal=company.deal)) == ["economic_buyer", "technical"]
    with pytest.raises(errors.NotAllowed):
        crm.confirm_departure(departure=found, by=company.zhao, at=LATER)
    crm.confirm_departure(departure=found, by=company.li, at=LATER)
    company.contact.refresh_from_db()
    assert (company.contact.left_at, company.contact.left_reason) == (LATER, REASON)
    assert (proposal(company) or found).state == "confirmed"
    assert queries.missing_roles(queries.people_of(deal=company.deal)) == [
        "economic_buyer",
        "champion",
        "technical",
    ]
    talk.refresh_from_db()
    assert talk.contact == company.contact
    assert counted(company) == ["mail_in", "contact_left"]
    with pytest.raises(errors.DepartureDecided):
        crm.dismiss_departure(departure=found, by=company.li, at=LATER)


def test_dismissed_it_comes_again_only_with_something_new(company: Company) -> None:
    bounced(company)
    found = proposal(company)
    assert found is not None
    crm.dismiss_departure(departure=found, by=company.li, at=AT + DAY)
    assert crm.judge_departures(at=LATER) == 0
    assert (proposal(company) or found).state == "dismissed"
    bounced(company, at=AT + 2 * DAY)
    assert (proposal(company) or found).state == "proposed"


def test_above_the_threshold_nobody_is_asked(company: Company) -> None:
    crm.set_quality(hidden_matches="team", departs_from=0.97, by=None, at=AT)
    bounced(company)
    company.contact.refresh_from_db()
    assert company.contact.left_at is None
    mail(company, at=AT + DAY, title="自动回复：报价", text="本人已离职，请联系李雷。")
    company.contact.refresh_from_db()
    assert company.contact.left_at == AT + DAY
    found = proposal(company)
    assert found is not None
    assert (found.state, found.decided_by, found.confidence) == ("confirmed", None, 0.975)


def test_what_nobody_wrote_and_who_has_left_does_not_move_the_forecast(company: Company) -> None:
    crm.set_deal_contact(deal=company.deal, contact=company.contact, role="champion", by=None, at=AT)
    mail(company)
    mail(company, at=AT + DAY, title="自动回复：报价", text="本周休假。")
    bounced(company, at=AT + 2 * DAY)
    crm.contact_left(contact=company.contact, by=None, at=AT + 3 * DAY)
    mail(company, at=AT + 4 * DAY)
    mail(company, at=AT + 5 * DAY, happened_at=AT + 2 * DAY, title="补录：离职前来信")
    row = NewCommunication(
        deal=company.deal.pk, account=company.deal.account_id, channel="chat", direction="in", title="微信",
        text="在吗", at=AT + 6 * DAY, known_at=AT + 6 * DAY, source="x", source_id="1", contact=company.contact.pk,
    )  # fmt: skip
    services.add_communications([row], at=AT + 7 * DAY)
    assert counted(company) == ["mail_in", "contact_left", "mail_in"]
    shown = timeline.of_deal(user=company.li, deal=company.deal.pk, groups={"mail"}).items
    assert sorted(item.kind for item in shown) == [*["mail_auto"] * 2, *["mail_in"] * 2, *["talk_left"] * 2]


def told() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM conversations_communication ORDER BY id")
        return list(cursor.fetchall())


def test_talks_follow_a_merge_and_its_undoing(company: Company) -> None:
    twin = crm.add_account(name="锐航精密", line=company.deal.line, owner=company.li, by=None, at=AT)
    person = crm.add_contact(account=company.deal.account, name="王 静", by=None, at=AT)
    mail(company)
    mail(company, at=AT + DAY, contact=person)
    before = told()
    people = crm.merge_records(keep=company.contact, gone=[person], by=company.li, at=LATER)
    assert set(Communication.objects.values_list("contact", flat=True)) == {company.contact.pk}
    firms = crm.merge_records(keep=twin, gone=[company.deal.account], by=None, at=LATER)
    assert set(Communication.objects.values_list("account", flat=True)) == {twin.pk}
    entries = timeline.of_deal(user=company.li, deal=company.deal.pk, groups={"mail"}).items
    assert len(entries) == 2
    services.record_communication(
        deal=type(company.deal).objects.get(pk=company.deal.pk), channel="call", title="合并之后", happened_at=LATER,
        by=company.li, at=LATER,
    )  # fmt: skip
    later = Communication.objects.latest("pk")
    crm.undo_merge(merge=firms, by=None, at=LATER)
    crm.undo_merge(merge=people, by=company.li, at=LATER)
    assert told()[:2] == before
    assert not Repointed.objects.exists()
    later.refresh_from_db()
    assert later.account_id == company.deal.account_id
