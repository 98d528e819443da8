"""Many records get another owner at once: by the right of who gives them, told of once, and back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foresail.core import clock, events
from foresail.core.changes import Change
from foresail.crm import errors, services
from foresail.crm.events import DealAmended, ManyTold, OwnersChanged
from foresail.crm.fields import ACCOUNT, CONTACT, DEAL, LEAD
from foresail.crm.models import Account, Contact, Deal, FieldChange, Lead, PoolMove
from foresail.crm.tests.conftest import AT, LATER, Company
from foresail.people import services as people
from foresail.people.models import User


def deals(company: Company, count: int, owner: User | None) -> list[Deal]:
    return [
        services.open_deal(
            name=f"单{n}", account=company.account, pipeline=company.pipeline, owner=owner,
            team=owner.team if owner else None, by=None, at=AT,
        )
        for n in range(count)
    ]  # fmt: skip


def whose(model: Any) -> dict[int, tuple[int | None, int | None]]:
    return {key: (owner, team) for key, owner, team in model.objects.values_list("pk", "owner", "team")}


def test_who_may_gives_the_rest_stays_and_all_comes_back(company: Company, changes: list[Change]) -> None:
    told: list[Any] = []
    for kind in (OwnersChanged, ManyTold, DealAmended):
        events.listen(kind, told.append)
    [pooled] = deals(company, 1, None)
    [elsewhere] = deals(company, 1, company.zhao)
    told.clear()
    before = whose(Deal)
    batch = services.assign_many(
        kind=DEAL, found=Deal.objects.all(), owner=company.wang, by=company.boss, at=LATER
    )
    mine = company.deal.pk
    assert batch.changed == [mine]
    assert {key: type(each) for key, each in batch.refused.items()} == {
        pooled.pk: errors.NotAllowed,
        elsewhere.pk: errors.NotAllowed,
    }
    assert batch.names == {pooled.pk: pooled.name, elsewhere.pk: elsewhere.name}
    assert whose(Deal) == before | {mine: (company.wang.pk, company.east.pk)}
    assert [type(each) for each in told] == [ManyTold, OwnersChanged]
    assert told[0].events[0].changed == ("owner",)
    assert told[1].changes == ((mine, company.li.pk, company.wang.pk),)
    [kept] = [each for each in changes if each.verb == "assign_deal"]
    assert (kept.key, kept.actor, kept.values) == (str(mine), company.boss.pk, {"owner": company.wang.pk})
    company.deal.refresh_from_db()
    assert company.deal.version == 2

    with pytest.raises(errors.NotAllowed):
        services.undo_batch(batch=batch.id, by=company.wang, at=LATER)
    services.undo_batch(batch=batch.id, by=company.boss, at=LATER)
    assert whose(Deal) == before
    assert told[-1].changes == ((mine, company.wang.pk, company.li.pk),)
    with pytest.raises(errors.NothingToUndo):
        services.undo_batch(batch=batch.id, by=company.boss, at=LATER)


def test_nobody_gets_what_they_could_not_see_or_beyond_the_right_of_who_gives(
    company: Company, hire: Any
) -> None:
    found, before = Deal.objects.all(), whose(Deal)
    roleless = hire("Nobody", team=company.east)
    for owner, by, refusal in (
        (roleless, company.ops, errors.SuccessorUnseeing),
        (company.zhao, company.boss, errors.NotAllowed),  # the west is not hers
        (company.wang, company.li, errors.NotAllowed),  # a rep assigns nothing
    ):
        batch = services.assign_many(kind=DEAL, found=found, owner=owner, by=by, at=LATER)
        assert (batch.changed, [type(each) for each in batch.refused.values()]) == ([], [refusal])
    people.deactivate_user(user=company.wang, by=None, at=LATER)
    with pytest.raises(errors.OwnerInactive):
        services.assign_many(kind=DEAL, found=found, owner=company.wang, by=company.ops, at=LATER)
    assert whose(Deal) == before


def test_contacts_go_along_with_their_account_and_come_back_to_whose_they_were(company: Company) -> None:
    _, apart = [
        services.add_contact(account=company.account, name=name, by=None, at=AT) for name in ("孙洋", "吴敏")
    ]
    found = Contact.objects.filter(pk=apart.pk)
    services.assign_many(kind=CONTACT, found=found, owner=company.zhao, by=company.ops, at=LATER)
    assert whose(Contact)[apart.pk] == (company.zhao.pk, company.west.pk)
    before = whose(Contact), whose(Account)
    batch = services.assign_many(
        kind=ACCOUNT, found=Account.objects.all(), owner=company.zhao, team=company.east, by=company.ops, at=LATER
    )  # fmt: skip
    assert batch.changed == [company.account.pk]
    assert whose(Account) == {company.account.pk: (company.zhao.pk, company.east.pk)}
    assert set(whose(Contact).values()) == {(company.zhao.pk, company.east.pk)}
    undone = services.undo_batch(batch=batch.id, by=company.ops, at=LATER)
    assert undone.changed == [company.account.pk]
    assert (whose(Contact), whose(Account)) == before


def test_what_lies_in_the_pool_comes_out_and_goes_back(company: Company) -> None:
    lead = services.add_lead(name="周涛", line=company.line, by=None, at=AT)
    ended = services.add_lead(
        name="钱进", line=company.line, owner=company.li, team=company.east, by=None, at=AT
    )
    services.discard_lead(lead=ended, reason="不需要", by=company.li, at=AT)
    batch = services.assign_many(
        kind=LEAD, found=Lead.objects.all(), owner=company.li, by=company.ops, at=LATER
    )
    assert (batch.changed, [type(each) for each in batch.refused.values()]) == ([lead.pk], [errors.LeadEnded])
    [move] = PoolMove.objects.all()
    assert (move.record, move.kind, move.to_owner, move.by) == (lead.pk, "assigned", company.li, company.ops)
    lead.refresh_from_db()
    services.take_up_lead(lead=lead, by=company.li, at=LATER)
    services.undo_batch(batch=batch.id, by=company.ops, at=LATER)
    lead.refresh_from_db()
    assert (lead.owner, lead.team, lead.status) == (None, None, "new")
    assert not PoolMove.objects.exists()


def test_queries_do_not_grow_with_rows(company: Company) -> None:
    counts = []
    assert company.wang.team == company.east  # read once
    for more in (2, 20):
        mine = [each.pk for each in deals(company, more, company.li)]
        found = Deal.objects.filter(pk__in=mine)
        with CaptureQueriesContext(connection) as queries:
            batch = services.assign_many(
                kind=DEAL, found=found, owner=company.wang, by=company.boss, at=LATER
            )
        assert batch.changed == mine
        assert FieldChange.objects.filter(batch=batch.id).count() == more  # their team is the same
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_over_http_those_that_stay_are_named(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATER)
    deals(company, 1, company.zhao)
    _, token = people.create_session(user=company.ops, address="127.0.0.1", agent="test", at=LATER)
    client = Client()
    client.cookies["foresail_session"] = token
    roleless = people.add_user(email="n@example.com", name="N", team=company.east, by=None, at=AT)

    def assign(owner: int, **body: Any) -> Any:
        answer = client.post(
            "/api/records/deal-assignments", {"owner": owner, **body}, content_type="application/json"
        )
        return answer.status_code, answer.json()

    status, answer = assign(company.wang.pk, where='{"field": "owner", "op": "in", "value": ["me"]}')
    assert (status, answer["changed"], answer["refused"]) == (200, [], [])
    status, answer = assign(roleless.pk, ids=[company.deal.pk])
    assert [(each["title"], each["code"]) for each in answer["refused"]] == [
        (company.deal.name, "successor_unseeing")
    ]
    status, answer = assign(company.wang.pk, q="变电站")
    assert (status, answer["changed"], answer["refused"]) == (200, [company.deal.pk], [])
    assert assign(0)[0] == 404
    services.assign_deal(deal=company.deal, owner=company.zhao, team=company.west, by=None, at=LATER)
    assert client.post(f"/api/changes/{answer['batch']}/undo").json()["code"] == "nothing_to_undo"
    services.assign_deal(deal=company.deal, owner=company.wang, team=company.east, by=None, at=LATER)
    undone = client.post(f"/api/changes/{answer['batch']}/undo")
    assert (undone.status_code, undone.json()["changed"]) == (200, [company.deal.pk])
    assert client.post("/api/records/product-assignments").status_code in {404, 405}
