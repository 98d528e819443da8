"""The open pool: what nobody touches comes back, is claimed once, and every move says why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foresail.core import clock
from foresail.core.changes import Change
from foresail.core.errors import NotFound, Refusal
from foresail.crm import errors, pooling, services, touching
from foresail.crm.fields import ACCOUNT, LEAD
from foresail.crm.models import Account, Contact, FieldChange, FieldRule, Lead, PoolDue, PoolMove, PoolRule
from foresail.crm.queries import pool
from foresail.crm.queries.listing import records
from foresail.crm.tests.conftest import AT, Company
from foresail.people import services as people
from foresail.people.models import User
from foresail.people.roles import Role

Notices = Callable[[], list[tuple[str, int]]]
DAY = timedelta(days=1)
TODAY = date(2026, 3, 2)


@pytest.fixture
def touches(monkeypatch: pytest.MonkeyPatch) -> dict[int, Any]:
    """What a higher room says of deals."""
    told: dict[int, Any] = {}
    monkeypatch.setattr(touching, "_readers", [lambda deals: {k: v for k, v in told.items() if k in deals}])
    return told


def rule_for(company: Company, kind: str = "account", **more: Any) -> PoolRule:
    values: dict[str, Any] = {
        "active": True, "days": 30, "by_level": {}, "where": None, "contract_field": "", "warn_days": 7,
        "daily_quota": None, "hold_limit": None, "cool_down_days": 0,
    }  # fmt: skip
    of = LEAD if kind == "lead" else ACCOUNT
    drafted = pooling.draft(kind=of, line=company.line, **(values | more))
    return services.set_pool_rule(rule=drafted, by=company.ops, at=AT)


def account(company: Company, name: str, owner: User | None = None, **values: Any) -> Account:
    team = owner.team if owner else None
    return services.add_account(
        name=name, line=company.line, owner=owner, team=team, by=None, at=AT, **values
    )


def lead(of: Company, name: str, owner: User | None = None, **values: Any) -> Lead:
    team = owner.team if owner else None
    return services.add_lead(name=name, line=of.line, owner=owner, team=team, by=None, at=AT, **values)


def owner_of(record: Any) -> int | None:
    record.refresh_from_db()
    found: int | None = record.owner_id
    return found


def test_what_nobody_touched_goes_back_in_the_night_after_so_many_whole_days(
    company: Company, changes: list[Change], notices: Notices
) -> None:
    quiet = account(company, "久未联系", company.li)
    contact = services.add_contact(account=quiet, name="吴敏", phone="13800138000", by=None, at=AT)
    rule = rule_for(company)
    changes.clear()
    notices()
    assert services.recycle(at=AT + 30 * DAY) == 0
    due = PoolDue.objects.get()
    assert (due.record, due.returns_on, due.last_touch_at) == (quiet.pk, TODAY + 31 * DAY, AT)
    assert ("account", quiet.pk) in notices()
    assert services.recycle(at=AT + 31 * DAY) == 1
    contact.refresh_from_db()
    assert (owner_of(quiet), quiet.team_id, contact.owner_id, contact.team_id) == (None, None, None, None)
    move = PoolMove.objects.get()
    assert (move.kind, move.rule_id, move.days, move.last_touch_at, move.by_id) == (
        "recycled",
        rule.pk,
        30,
        AT,
        None,
    )
    assert (move.from_owner_id, move.to_owner_id) == (company.li.pk, None)
    assert not PoolDue.objects.exists()
    assert [(each.verb, each.subject, each.values) for each in changes] == [
        ("recycle_to_pool", "crm.Account", {"owner": None, "team": None})
    ]
    history = FieldChange.objects.filter(record_type="account", record=quiet.pk, field="owner")
    assert [(each.before, each.after) for each in history] == [(company.li.pk, None)]
    assert {"pool", "accounts", "contacts"} <= {kind for kind, _ in notices()}
    # Once is once.
    assert services.recycle(at=AT + 31 * DAY) == 0
    assert PoolMove.objects.count() == 1


def test_every_kind_of_touch_counts_and_so_does_when_it_came_to_its_owner(
    company: Company, touches: dict[int, Any]
) -> None:
    names = ("备注", "任务", "联系人任务", "商机任务", "商机沟通", "刚转来", "无人理会")
    of = {name: account(company, name, company.li) for name in names}
    later = AT + 20 * DAY
    services.add_note(record=of["备注"], text="打过电话", by=company.li, at=later)
    person = services.add_contact(account=of["联系人任务"], name="吴敏", by=None, at=AT)
    deals = {
        name: services.open_deal(
            name=name, account=of[name], pipeline=company.pipeline, owner=company.li, team=company.east, by=None, at=AT
        )
        for name in ("商机任务", "商机沟通")
    }  # fmt: skip
    for on in ({"account": of["任务"]}, {"contact": person}, {"deal": deals["商机任务"]}):
        task = services.add_task(**on, title="回访", assignee=company.li, by=None, at=AT)
        services.finish_task(task=task, by=None, at=later)
    touches[deals["商机沟通"].pk] = later
    for deal in deals.values():
        deal.refresh_from_db()
        services.close_deal(deal=deal, outcome="lost", version=deal.version, by=None, at=AT)
    services.return_to_pool(record=of["刚转来"], reason="转给王", by=company.li, at=later)
    services.assign_pooled(record=of["刚转来"], owner=company.wang, by=company.boss, at=later)
    rule = rule_for(company)
    found = {each.record: each.last_touch_at for each in pooling.due(rule, at=AT + 31 * DAY, ahead=40)}
    assert found == {each.pk: AT if name == "无人理会" else later for name, each in of.items()}
    assert services.recycle(at=AT + 31 * DAY) == 1
    assert owner_of(of["无人理会"]) is None
    assert services.recycle(at=later + 31 * DAY) == 6


def test_accounts_with_a_deal_under_way_or_a_running_contract_are_spared(company: Company) -> None:
    services.add_custom_field(
        kind=ACCOUNT,
        key="contract_end",
        type="date",
        name_zh="合同到期",
        name_en="Contract end",
        by=None,
        at=AT,
    )
    running = account(company, "合同未到期", company.li, contract_end="2026-06-30")
    ended = account(company, "合同已到期", company.li, contract_end="2026-03-31")
    never = account(company, "没有合同", company.li)
    rule_for(company, contract_field="contract_end")
    services.recycle(at=AT + 40 * DAY)
    assert {each.pk: owner_of(each) for each in (company.account, running, ended, never)} == {
        company.account.pk: company.li.pk, running.pk: company.li.pk, ended.pk: None, never.pk: None,
    }  # fmt: skip
    services.recycle(at=AT + 140 * DAY)
    assert owner_of(running) is None
    assert owner_of(company.account) == company.li.pk
    with pytest.raises(errors.PoolBusy):
        services.return_to_pool(record=company.account, reason="不做了", by=company.li, at=AT)
    company.deal.refresh_from_db()
    services.close_deal(deal=company.deal, outcome="lost", version=company.deal.version, by=None, at=AT)
    services.return_to_pool(record=company.account, reason="不做了", by=company.li, at=AT)
    assert owner_of(company.account) is None


def test_levels_and_a_condition_say_otherwise(company: Company) -> None:
    levels = {"strategic": 0, "key": 60}
    of = {
        level: account(company, level or "未分级", company.li, level=level)
        for level in ("strategic", "key", "")
    }
    south = account(company, "华南", company.li, region="华南")
    where = {"not": {"field": "region", "op": "is", "value": "华南"}}
    rule_for(company, by_level=levels, where=where)
    assert services.recycle(at=AT + 31 * DAY) == 1
    assert owner_of(of[""]) is None
    assert services.recycle(at=AT + 61 * DAY) == 1
    assert owner_of(of["key"]) is None
    assert services.recycle(at=AT + 900 * DAY) == 0
    assert (owner_of(of["strategic"]), owner_of(south)) == (company.li.pk, company.li.pk)


def test_a_touch_between_the_look_and_the_night_saves_the_record(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = account(company, "久未联系", company.li)
    rule_for(company)
    at = AT + 31 * DAY
    look = pooling.due

    def touched_meanwhile(rule: PoolRule, **asked: Any) -> Any:
        found = list(look(rule, **asked))
        if asked.get("records") is None:
            services.add_note(record=quiet, text="刚刚打过电话", by=company.li, at=at)
        return iter(found)

    monkeypatch.setattr("foresail.crm.services.pool.due", touched_meanwhile)
    assert services.recycle(at=at) == 0
    assert owner_of(quiet) == company.li.pk


def test_a_dry_run_takes_nothing_and_tells_what_a_rule_would(company: Company) -> None:
    quiet = account(company, "久未联系", company.li)
    rule = rule_for(company, active=False)
    assert services.recycle(at=AT + 90 * DAY) == 0
    found = pool.dry_run(rule, user=company.ops, at=AT + 30 * DAY)
    assert (found.total, [each.record for each in found.first]) == (1, [quiet.pk])
    assert pool.dry_run(rule, user=company.ops, at=AT + 29 * DAY).total == 0
    assert owner_of(quiet) == company.li.pk
    with pytest.raises(errors.NotAllowed):
        pool.dry_run(rule, user=company.boss, at=AT)


def test_leads_go_back_as_new_ones_and_ended_ones_stay(company: Company) -> None:
    working, ended = (lead(company, name, company.li) for name in ("跟进中", "已放弃"))
    services.take_up_lead(lead=working, by=company.li, at=AT + 5 * DAY)
    services.discard_lead(lead=ended, reason="无预算", by=company.li, at=AT)
    rule_for(company, "lead")
    assert services.recycle(at=AT + 31 * DAY) == 0
    assert services.recycle(at=AT + 36 * DAY) == 1
    assert (owner_of(working), working.status) == (None, "new")
    assert owner_of(ended) == company.li.pk
    with pytest.raises(errors.LeadEnded):
        services.return_to_pool(record=ended, reason="再试试", by=company.li, at=AT)


def test_claiming_takes_a_record_with_its_contacts_and_says_so(
    company: Company, changes: list[Change], notices: Notices
) -> None:
    free = account(company, "公海客户")
    contact = services.add_contact(account=free, name="吴敏", by=None, at=AT)
    changes.clear()
    notices()
    services.claim(record=free, by=company.zhao, at=AT)
    contact.refresh_from_db()
    assert (owner_of(free), free.team_id, contact.owner_id) == (
        company.zhao.pk,
        company.west.pk,
        company.zhao.pk,
    )
    move = PoolMove.objects.get()
    assert (move.kind, move.to_owner_id, move.by_id) == ("claimed", company.zhao.pk, company.zhao.pk)
    assert [(each.verb, each.subject) for each in changes] == [("claim_from_pool", "crm.Account")]
    assert ("pool", 0) in notices()
    with pytest.raises(errors.PoolTaken):
        services.claim(record=free, by=company.li, at=AT)


def test_only_people_of_the_line_claim(company: Company, hire: Callable[..., User]) -> None:
    other = people.add_line(name="化工", by=None, at=AT)
    far = hire("Far", Role.REP, team=people.add_team(name="华南", line=other, by=None, at=AT))
    nobody = hire("Nobody", team=company.east)
    for user in (far, nobody, company.ops, company.reader, hire("Teamless", Role.REP)):
        free = account(company, f"公海{user.name}")
        with pytest.raises(errors.NotAllowed):
            services.claim(record=free, by=user, at=AT)
        assert owner_of(free) is None
    assert not PoolMove.objects.exists()


def test_quota_limit_and_cool_down(company: Company) -> None:
    rule_for(company, daily_quota=2, cool_down_days=10)
    first, second, third = (account(company, f"公海{n}") for n in range(3))
    for each in (first, second):
        services.claim(record=each, by=company.zhao, at=AT)
    with pytest.raises(errors.PoolQuotaUsed):
        services.claim(record=third, by=company.zhao, at=AT)
    services.claim(record=third, by=company.wang, at=AT)
    # Midnight is that of where we are: eight hours before that of UTC.
    services.return_to_pool(record=first, reason="联系不上", by=company.zhao, at=AT + timedelta(hours=6))
    with pytest.raises(errors.PoolCooling):
        services.claim(record=first, by=company.zhao, at=AT + timedelta(hours=8))
    services.claim(record=first, by=company.li, at=AT + timedelta(hours=8))
    services.return_to_pool(record=first, reason="重复", by=company.li, at=AT + timedelta(hours=8))
    services.claim(record=first, by=company.zhao, at=AT + 10 * DAY + timedelta(hours=6))
    rule_for(company, hold_limit=2)
    fourth = account(company, "公海4")
    with pytest.raises(errors.PoolHeldFull):
        services.claim(record=fourth, by=company.zhao, at=AT + 20 * DAY)
    assert owner_of(fourth) is None


def test_a_manager_gives_records_to_their_own_team_and_no_other(company: Company) -> None:
    free = account(company, "公海客户")
    with pytest.raises(errors.NotAllowed):
        services.assign_pooled(record=free, owner=company.zhao, by=company.boss, at=AT)
    with pytest.raises(errors.NotAllowed):
        services.assign_pooled(record=free, owner=company.li, by=company.li, at=AT)
    services.assign_pooled(record=free, owner=company.wang, by=company.boss, at=AT)
    assert owner_of(free) == company.wang.pk
    assert PoolMove.objects.get().kind == "assigned"
    with pytest.raises(errors.PoolTaken):
        services.assign_pooled(record=free, owner=company.zhao, by=company.ops, at=AT)


def test_returning_needs_a_reason_and_the_right_to_change(company: Company) -> None:
    mine = account(company, "我的客户", company.li)
    for by, reason, error in (
        (company.wang, "联系不上", errors.NotAllowed),
        (company.li, "  ", errors.TextInvalid),
        (company.li, "长" * 301, errors.TextInvalid),
    ):
        with pytest.raises(error):
            services.return_to_pool(record=mine, reason=reason, by=by, at=AT)
    assert owner_of(mine) == company.li.pk
    services.return_to_pool(record=mine, reason=" 联系\n不上 ", by=company.li, at=AT)
    assert PoolMove.objects.get().reason == "联系 不上"
    with pytest.raises(errors.PoolHasIt):
        services.return_to_pool(record=mine, reason="再退", by=company.ops, at=AT)


def test_rules_are_for_sales_operations_and_refuse_what_makes_no_sense(company: Company) -> None:
    rule = rule_for(company)
    with pytest.raises(errors.NotAllowed):
        services.set_pool_rule(rule=rule, by=company.boss, at=AT)
    with pytest.raises(errors.NotAllowed):
        services.delete_pool_rule(rule=rule, by=company.boss, at=AT)
    for wrong in (
        {"days": 0}, {"days": 3651}, {"daily_quota": 0}, {"warn_days": -1}, {"by_level": {"best": 3}},
        {"by_level": {"key": -1}}, {"contract_field": "name"}, {"contract_field": "returns_on"},
        {"where": {"field": "nothing", "op": "is", "value": 1}},
    ):  # fmt: skip
        with pytest.raises(Refusal):
            rule_for(company, **wrong)
    with pytest.raises(errors.FieldUnknown):
        rule_for(company, "lead", by_level={"key": 3})
    again = rule_for(company, days=60)
    assert (again.pk, PoolRule.objects.get().days) == (rule.pk, 60)
    quiet = account(company, "久未联系", company.li)
    services.recycle(at=AT + 60 * DAY)
    assert PoolDue.objects.get().record == quiet.pk
    services.delete_pool_rule(rule=again, by=company.ops, at=AT)
    assert not PoolRule.objects.exists()
    assert not PoolDue.objects.exists()


def test_the_pool_shows_a_fixed_safe_set_and_no_way_to_reach_anybody(company: Company, zhao: Client) -> None:
    free = account(
        company, "公海客户", industry="电力", region="华东", phone="02112345678", address="某路 1 号"
    )
    services.add_contact(
        account=free, name="吴敏", email="wu@example.com", phone="13800138000", by=None, at=AT
    )
    one = lead(company, "钱工", company="钱氏公司", phone="13900139000", email="qian@example.com")
    account(company, "别人的", company.li)
    page = zhao.get("/api/pool/account").json()
    assert [row["title"] for row in page["items"]] == ["公海客户"]
    assert set(page["items"][0]["values"]) == {"name", "level", "industry", "region", "line"}
    assert page["items"][0] | {"values": {}} == {
        "id": free.pk, "title": "公海客户", "values": {}, "since": "2026-03-02T09:00:00Z", "why": None,
        "may_claim": True, "claim_from": None, "may_see": False,
    }  # fmt: skip
    leads = zhao.get("/api/pool/lead").json()
    assert leads["items"][0]["values"] == {
        "name": "钱工", "company": "钱氏公司", "source": None, "line": {"id": company.line.pk, "name": "能源"},
    }  # fmt: skip
    for q in ("13900139000", "qian@example.com"):
        assert zhao.get("/api/pool/lead", {"q": q}).json()["total"] == 0
    assert zhao.get("/api/pool/lead", {"q": "钱氏"}).json()["total"] == 1
    assert zhao.get(f"/api/records/lead/{one.pk}").status_code == 404
    for n in range(20):
        account(company, f"又一家{n}")
    with CaptureQueriesContext(connection) as asked:
        assert len(zhao.get("/api/pool/account").json()["items"]) == 21
    assert len(asked) <= 20, [each["sql"] for each in asked]
    FieldRule.objects.create(record_type="account", field="industry", role="rep", level="own")
    assert "industry" not in zhao.get("/api/pool/account").json()["items"][0]["values"]


def test_the_pool_over_http_from_claim_to_return(
    company: Company, zhao: Client, li: Client, ops: Client
) -> None:
    first, second = (account(company, f"公海{n}") for n in range(2))
    body = {"active": True, "days": 30, "daily_quota": 2, "cool_down_days": 5}
    put = ops.put(f"/api/pool/account-rules/{company.line.pk}", body, content_type="application/json")
    assert (put.status_code, put.json()["daily_quota"]) == (200, 2)
    assert (
        zhao.put(
            f"/api/pool/account-rules/{company.line.pk}", body, content_type="application/json"
        ).status_code
        == 403
    )
    claimed = zhao.post(f"/api/pool/account/{first.pk}/claim")
    assert (claimed.status_code, claimed.json()["may_change"]) == (200, True)
    late = li.post(f"/api/pool/account/{first.pk}/claim")
    assert (late.status_code, late.json()["code"]) == (409, "pool_taken")
    ids = {"ids": [first.pk, second.pk, 999]}
    many = li.post("/api/pool/account-claims", ids, content_type="application/json").json()
    assert many["changed"] == [second.pk]
    assert {each["id"]: each["code"] for each in many["refused"]} == {
        first.pk: "pool_taken",
        999: "not_found",
    }
    share = zhao.get("/api/pool").json()["kinds"][0]
    assert (share["total"], share["allowance"]) == (0, {"claimed": 1, "quota": 2, "held": 1, "limit": None})
    sent = zhao.post(
        f"/api/pool/account/{first.pk}/return", {"reason": "联系不上"}, content_type="application/json"
    )
    assert sent.status_code == 204
    row = zhao.get("/api/pool/account").json()["items"][0]
    assert (row["why"]["kind"], row["why"]["reason"], row["why"]["from_owner"]) == (
        "returned",
        "联系不上",
        "Zhao",
    )
    assert row["claim_from"] is not None
    standing = li.get(f"/api/pool/account/{first.pk}").json()
    assert (standing["in_pool"], [each["kind"] for each in standing["moves"]]) == (
        True,
        ["returned", "claimed"],
    )
    assert li.get(f"/api/pool/account/{second.pk}").json()["may_return"] is True
    assert zhao.get(f"/api/pool/account/{second.pk}").status_code == 404
    run = ops.post(
        f"/api/pool/account-rules/{company.line.pk}/dry-run", body, content_type="application/json"
    )
    assert (run.status_code, run.json()["total"]) == (200, 0)
    assert [each["days"] for each in ops.get("/api/pool/rules").json()] == [30]
    assert ops.delete(f"/api/pool/account-rules/{company.line.pk}").status_code == 204


def test_of_a_record_that_never_lay_there_nothing_is_told(company: Company) -> None:
    theirs = account(company, "别人的", company.li)
    with pytest.raises(NotFound):
        pool.pooled_record(ACCOUNT, user=company.zhao, key=theirs.pk, at=AT)
    free = account(company, "公海客户")
    services.claim(record=free, by=company.li, at=AT)
    with pytest.raises(errors.PoolTaken):
        pool.pooled_record(ACCOUNT, user=company.zhao, key=free.pk, at=AT)
    with pytest.raises(NotFound):
        pool.pooled_record(ACCOUNT, user=company.zhao, key=free.pk, at=AT + DAY)


def test_lists_tell_when_a_record_will_return(company: Company) -> None:
    quiet, other = account(company, "久未联系", company.li), account(company, "乙", company.li)
    rule_for(company)
    services.add_note(record=other, text="来电", by=company.li, at=AT + 20 * DAY)
    services.recycle(at=AT + 28 * DAY)
    where = {"field": "returns_on", "op": "filled"}
    found = records(ACCOUNT, user=company.li, now=AT, where=where, sort="returns_on")
    assert [each.pk for each in found.items] == [quiet.pk]
    assert found.items[0].field_returns_on == TODAY + 31 * DAY


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_once_one_gets_it(company: Company) -> None:
    free = account(company, "公海客户")
    together, came = Barrier(2), []

    def attempt(user: User) -> None:
        record = Account.objects.get(pk=free.pk)
        together.wait(timeout=20)
        try:
            services.claim(record=record, by=user, at=AT)
            came.append("got")
        except errors.PoolTaken:
            came.append("taken")
        finally:
            connection.close()

    threads = [Thread(target=attempt, args=(user,)) for user in (company.li, company.zhao)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=30)
    assert sorted(came) == ["got", "taken"]
    assert PoolMove.objects.get().to_owner_id == owner_of(free)


@pytest.mark.django_db(transaction=True)
def test_claiming_twice_at_once_does_not_pass_the_quota(company: Company) -> None:
    rule_for(company, daily_quota=1)
    free = [account(company, f"公海{n}") for n in range(2)]
    together, came = Barrier(2), []

    def attempt(key: int) -> None:
        record = Account.objects.get(pk=key)
        together.wait(timeout=20)
        try:
            services.claim(record=record, by=company.zhao, at=AT)
            came.append("got")
        except errors.PoolQuotaUsed:
            came.append("used")
        finally:
            connection.close()

    threads = [Thread(target=attempt, args=(each.pk,)) for each in free]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=30)
    assert sorted(came) == ["got", "used"]
    assert Account.objects.filter(owner=company.zhao).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_rule_made_twice_at_once_is_one(company: Company) -> None:
    together, failed = Barrier(2), []

    def attempt(days: int) -> None:
        together.wait(timeout=20)
        try:
            rule_for(company, days=days)
        except Exception as error:  # noqa: BLE001  (a thread would lose it)
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=attempt, args=(days,)) for days in (30, 40)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=30)
    assert not failed
    assert PoolRule.objects.get().days in (30, 40)


def test_purging_and_merging_take_the_moves_along(company: Company) -> None:
    keep, gone = (lead(company, name, email="q@example.com") for name in ("钱工", "钱工程师"))
    services.claim(record=gone, by=company.li, at=AT)
    services.claim(record=keep, by=company.li, at=AT)
    merge = services.merge_records(keep=keep, gone=[gone], by=None, at=AT)
    assert set(PoolMove.objects.values_list("record", flat=True)) == {keep.pk}
    services.undo_merge(merge=merge, by=None, at=AT)
    assert set(PoolMove.objects.values_list("record", flat=True)) == {keep.pk, gone.pk}
    gone.refresh_from_db()
    services.delete_record(record=gone, by=None, at=AT)
    services.purge_bin(at=AT + 91 * DAY)
    assert set(PoolMove.objects.values_list("record", flat=True)) == {keep.pk}
    assert not Contact.objects.exists()


def signed_in(user: User) -> Client:
    _, token = people.create_session(user=user, address="127.0.0.1", agent="test", at=clock.now())
    client = Client()
    client.cookies["foresail_session"] = token
    return client


@pytest.fixture
def zhao(company: Company) -> Client:
    return signed_in(company.zhao)


@pytest.fixture
def li(company: Company) -> Client:
    return signed_in(company.li)


@pytest.fixture
def ops(company: Company) -> Client:
    return signed_in(company.ops)
