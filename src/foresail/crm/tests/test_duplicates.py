"""Pairs found among all records, and what a new one looks like: without telling of what one may not see."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foresail.core.changes import Change
from foresail.core.errors import NotFound
from foresail.crm import errors, queries, services
from foresail.crm.fields import ACCOUNT, CONTACT, fields_of
from foresail.crm.models import Account, DuplicatePair, MatchKey, MatchModel
from foresail.crm.services import Edit
from foresail.crm.tests.conftest import AT, LATER, Company


def account(company: Company, name: str, **more: Any) -> Account:
    given = {"owner": company.li, "team": company.east} | more
    return services.add_account(name=name, line=company.line, by=None, at=AT, **given)


def looks_like(company: Company, who: str, **texts: str) -> Any:
    user = getattr(company, who)
    return queries.lookalikes(ACCOUNT, user=user, texts=texts, fields=fields_of(ACCOUNT))


def test_pairs_are_found_dismissed_and_let_go(company: Company, changes: list[Change]) -> None:
    twin = account(company, "晨光电力股份有限公司")
    other = account(company, "上海锐航精密机械有限公司", phone="021-65432100")
    assert services.find_duplicates(kind=ACCOUNT, at=AT) == 1
    (pair,) = queries.pairs(user=company.li, kind=ACCOUNT).items
    assert (pair.low, pair.high, pair.state) == (company.account.pk, twin.pk, "open")
    assert pair.outcomes == {"name": "form"}
    assert pair.chance > 0.95
    changes.clear()
    services.dismiss_pair(pair=pair, by=company.li, at=LATER)
    with pytest.raises(errors.PairDecided):
        services.dismiss_pair(pair=pair, by=company.li, at=LATER)
    assert services.find_duplicates(kind=ACCOUNT, at=LATER) == 0
    assert queries.pairs(user=company.li, kind=ACCOUNT, state="dismissed").total == 1
    services.reopen_pair(pair=pair, by=company.li, at=LATER)
    assert queries.pairs(user=company.li, kind=ACCOUNT).total == 1
    assert [each.verb for each in changes] == ["dismiss_duplicate", "reopen_duplicate"]
    services.change_record(record=twin, edits={"name": Edit("锐航（常州）")}, by=None, at=LATER)
    assert services.find_duplicates(kind=ACCOUNT, at=LATER) == 0
    assert not DuplicatePair.objects.exists()
    assert other.pk


def test_who_may_not_see_both_sees_no_pair(company: Company) -> None:
    account(company, "晨光电力股份有限公司", owner=company.zhao, team=company.west)
    services.find_duplicates(kind=ACCOUNT, at=AT)
    (pair,) = queries.pairs(user=company.ops, kind=ACCOUNT).items
    for who in (company.li, company.zhao, company.boss):
        assert queries.pairs(user=who, kind=ACCOUNT).items == []
        assert queries.open_pairs(user=who)["account"] == 0
        with pytest.raises(NotFound):
            queries.pair(user=who, key=pair.pk)
        with pytest.raises(errors.NotAllowed):
            services.dismiss_pair(pair=pair, by=who, at=LATER)


def test_a_new_record_looks_like_one_that_is_there(company: Company) -> None:
    found = looks_like(company, "li", name="晨光电力（上海）有限责任公司")
    (match,) = found.seen
    assert match.record == company.account
    assert [(reason.field, reason.zh) for reason in match.reasons] == [
        ("name", "名称仅差公司后缀或地名"),
        ("name", "名称中地名相同"),
    ]
    assert (found.teams, found.hidden) == ([], 0)
    assert looks_like(company, "li", name="苏州锐航机械").seen == []


@pytest.mark.parametrize(("setting", "teams"), [("team", ["华东"]), ("exists", [None]), ("nothing", [])])
def test_of_a_colleagues_customer_only_the_team_is_told(
    company: Company, setting: str, teams: list[str | None]
) -> None:
    services.set_quality(hidden_matches=setting, departs_from=None, by=company.ops, at=AT)
    found = looks_like(company, "zhao", name="晨光电力", industry="电力")
    assert found.seen == []
    assert (found.teams, found.hidden) == (teams, 1)


def test_a_field_that_is_hidden_matches_nothing(company: Company) -> None:
    """Else a phone number could be guessed, digit by digit."""
    services.change_record(record=company.account, edits={"phone": Edit("021-65432100")}, by=None, at=AT)
    asked = {"name": "上海晨光电力", "phone": "02165432100"}
    (match,) = looks_like(company, "li", **asked).seen
    assert "phone" in {reason.field for reason in match.reasons}
    services.set_field_rule(kind=ACCOUNT, field="phone", role="rep", level="own", by=None, at=AT)
    (match,) = looks_like(company, "li", **asked).seen
    assert {reason.field for reason in match.reasons} == {"name"}
    assert looks_like(company, "li", name="别的公司", phone="02165432100").seen == []


def test_contacts_are_looked_up_within_their_company(company: Company) -> None:
    person = services.add_contact(account=company.account, name="王静", phone="138 0013 8000", by=None, at=AT)
    own = fields_of(CONTACT)

    def seen(itself: int | None = None, **texts: str) -> list[int]:
        found = queries.lookalikes(
            CONTACT, user=company.li, texts=texts, fields=own, account=company.account, itself=itself
        )
        return [match.record.pk for match in found.seen]

    assert seen(name="Jing Wang") == [person.pk]
    assert seen(name="王女士", phone="13800138000") == [person.pk]
    assert seen(name="王静", itself=person.pk) == []
    services.change_record(record=company.account, edits={"name": Edit("锐航机械")}, by=None, at=LATER)
    assert seen(name="Jing Wang") == [person.pk]


def test_keys_follow_records_and_are_made_anew_at_night(company: Company) -> None:
    keys = MatchKey.objects.filter(record_type="account", record=company.account.pk)
    assert set(keys.values_list("key", flat=True)) == {"core=晨光电力", "head=晨光电力"}
    services.change_record(record=company.account, edits={"domain": Edit("cg.com.cn")}, by=None, at=LATER)
    before = set(keys.values_list("key", flat=True))
    assert "domain=cg.com.cn" in before
    MatchKey.objects.all().delete()
    services.find_duplicates(kind=ACCOUNT, at=LATER)
    assert set(keys.values_list("key", flat=True)) == before
    (row,) = services.add_accounts(
        [services.NewAccount(name="晨光电力集团", line=company.line.pk)], by=None, at=LATER
    )
    assert MatchKey.objects.filter(record=row, key="core=晨光电力").exists()
    assert MatchModel.objects.get(record_type="account").records == 1


def test_a_check_and_a_page_of_pairs_ask_little(company: Company) -> None:
    for n in range(12):
        account(company, f"晨光电力{'分公司' if n % 2 else ''}", phone=f"021-6543210{n % 10}")
    services.find_duplicates(kind=ACCOUNT, at=AT)
    with CaptureQueriesContext(connection) as asked:
        assert len(looks_like(company, "li", name="晨光电力", phone="021-65432101").seen) == 5
    assert len(asked) <= 13
    with CaptureQueriesContext(connection) as asked:
        assert len(queries.pairs(user=company.li, kind=ACCOUNT, limit=10).items) == 10
    assert len(asked) <= 4
    page = queries.pairs(user=company.li, kind=ACCOUNT, limit=10)
    following = queries.pairs(user=company.li, kind=ACCOUNT, limit=100, after=page.next)
    assert len({pair.pk for pair in (*page.items, *following.items)}) == page.total


def test_only_sales_operations_sets_what_is_told(company: Company) -> None:
    for who in (company.li, company.boss, company.reader):
        with pytest.raises(errors.NotAllowed):
            services.set_quality(hidden_matches="nothing", departs_from=None, by=who, at=AT)
    assert services.quality().hidden_matches == "team"
