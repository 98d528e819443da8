"""What people make of suggestions: accepted, dismissed, taken back, muted, and what that teaches."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from foresail.advice import queries, services
from foresail.advice.errors import (
    NotUndone,
    SuggestionEnded,
)
from foresail.advice.models import Mute, Suggestion
from foresail.advice.tests.conftest import AT, DAY
from foresail.advice.tests.triggers.conftest import FLAGSHIP, Company
from foresail.core.errors import NotFound
from foresail.core.events import emit
from foresail.crm import services as crm
from foresail.crm.errors import NotAllowed
from foresail.crm.models import Task
from foresail.people import services as people
from foresail.people.roles import Role
from foresail.signals.events import InterestTurned

pytestmark = pytest.mark.django_db


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
