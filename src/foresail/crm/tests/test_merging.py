"""Two records become one and two again: each field and link as it was, and nothing where it is refused."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foresail.core.changes import Change
from foresail.core.errors import NotFound, Refusal
from foresail.crm import errors, queries, services
from foresail.crm.events import MergeUndone, RecordsMerged
from foresail.crm.fields import ACCOUNT, CONTACT, DEAL, LEAD, record_type
from foresail.crm.models import (
    Account,
    Contact,
    Deal,
    DealContact,
    DuplicatePair,
    FieldChange,
    Lead,
    MatchKey,
    Merge,
)
from foresail.crm.queries.listing import record, records, visible
from foresail.crm.services.binning import KEPT
from foresail.crm.tests.conftest import AT, LATER, Company

FREE = {"version", "changed_at"}
HISTORY = {"crm_fieldchange", "crm_merge"}


def tables() -> dict[str, list[dict[str, Any]]]:
    """Return all rows of crm and conversations, without versions, histories, and the numbers of match keys."""
    found: dict[str, list[dict[str, Any]]] = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names()):
            if table.split("_")[0] not in {"crm", "conversations"} or table in HISTORY:
                continue
            cursor.execute(f"SELECT row_to_json(t)::jsonb FROM {table} t")
            rows: list[dict[str, Any]] = []
            for (row,) in cursor.fetchall():
                kept = row if isinstance(row, dict) else json.loads(row)
                left_out = FREE | ({"id"} if table == "crm_matchkey" else set())
                rows.append({name: value for name, value in kept.items() if name not in left_out})
            found[table] = sorted(rows, key=repr)
    return found


def account(company: Company, name: str, **more: Any) -> Account:
    given = {"owner": company.li, "team": company.east} | more
    return services.add_account(name=name, line=company.line, by=None, at=AT, **given)


def merge(keep: Any, *gone: Any, by: Any = None, **choices: int) -> Merge:
    return services.merge_records(keep=keep, gone=gone, choices=choices, by=by, at=LATER)


def test_what_one_lacks_the_other_gives_and_links_follow(
    company: Company, emitted: list[Any], changes: list[Change]
) -> None:
    keep = company.account
    gone = account(
        company, "晨光电力", phone="021-65432100", industry="能源", tags=["重点", "老客户"], code="91110000600037341L",
    )  # fmt: skip
    services.change_record(record=keep, edits={"tags": services.Edit(["重点"])}, by=None, at=AT)
    person = services.add_contact(account=gone, name="王静", by=None, at=AT)
    deal = services.open_deal(account=gone, pipeline=company.pipeline, name="二期", by=None, at=AT)
    child = account(company, "晨光电力检修", parent=gone.pk)
    emitted.clear()
    changes.clear()
    done = merge(keep, gone, by=company.li)
    keep.refresh_from_db()
    assert (keep.name, keep.industry, keep.phone) == ("上海晨光电力有限公司", "电力", "021-65432100")
    assert (keep.tags, keep.code) == (["重点", "老客户"], "91110000600037341L")
    for each in (person, deal, child):
        each.refresh_from_db()
    assert (person.account_id, deal.account_id, child.parent_id) == (keep.pk, keep.pk, keep.pk)
    assert not Account.objects.filter(pk=gone.pk).exists()
    assert gone.pk not in visible(ACCOUNT, user=company.ops, deleted=True).values_list("pk", flat=True)
    told = [event for event in emitted if isinstance(event, RecordsMerged)]
    assert told == [
        RecordsMerged(
            merge=done.pk, record_type="account", kept=keep.pk, gone=(gone.pk,), deals=(deal.pk,),
            actor=company.li.pk, at=LATER,
        )
    ]  # fmt: skip
    assert {"merge_records", "merged_into"} == {each.verb for each in changes}
    assert queries.current(ACCOUNT, gone.pk) == keep.pk
    assert queries.aliases(ACCOUNT, keep.pk) == [keep.pk, gone.pk]
    kept = FieldChange.objects.filter(record_type="account", record=keep.pk, at=LATER)
    assert set(kept.values_list("field", flat=True)) == {"phone", "code", "tags"}
    found = records(DEAL, user=company.ops, now=LATER, q="上海晨光").items
    assert deal.pk in {each.pk for each in found}
    emitted.clear()
    services.undo_merge(merge=done, by=company.li, at=LATER)
    assert [type(event) for event in emitted if type(event) is MergeUndone] == [MergeUndone]
    for each in (person, deal, child, gone):
        each.refresh_from_db()
    assert (person.account_id, deal.account_id, child.parent_id) == (gone.pk, gone.pk, gone.pk)
    assert gone.deleted_at is None


def test_each_field_can_be_chosen(company: Company) -> None:
    gone = account(company, "晨光电力集团", industry="新能源", region="华北")
    merge(company.account, gone, by=company.li, name=gone.pk, region=gone.pk)
    company.account.refresh_from_db()
    assert (company.account.name, company.account.industry, company.account.region) == (
        "晨光电力集团",
        "电力",
        "华北",
    )


def test_own_fields_unite_and_what_names_the_other_names_the_kept_one(company: Company) -> None:
    for kind, key, type_, target in ((ACCOUNT, "grade", "text", ""), (DEAL, "partner", "record", "account")):
        services.add_custom_field(
            kind=kind, key=key, type=type_, target=target, name_zh=key, name_en=key, by=None, at=AT
        )
    gone = account(company, "晨光电力", grade="A")
    edits = {"partner": services.Edit(gone.pk)}
    services.change_record(record=company.deal, edits=edits, by=None, at=AT)
    before = tables()
    done = merge(company.account, gone)
    company.account.refresh_from_db()
    company.deal.refresh_from_db()
    assert (company.account.custom, company.deal.custom) == ({"grade": "A"}, {"partner": company.account.pk})
    services.undo_merge(merge=done, by=None, at=LATER)
    assert tables() == before


def test_where_both_are_in_a_deal_one_role_stays_and_comes_back(company: Company) -> None:
    one, other = (
        services.add_contact(account=company.account, name=name, by=None, at=AT) for name in ("王静", "王 静")
    )
    services.set_deal_contact(deal=company.deal, contact=one, role="champion", by=None, at=AT)
    services.set_deal_contact(deal=company.deal, contact=other, role="user", by=None, at=AT)
    before = tables()
    done = merge(one, other)
    assert list(DealContact.objects.values_list("contact", "role")) == [(one.pk, "champion")]
    services.undo_merge(merge=done, by=None, at=LATER)
    assert tables() == before


def test_a_company_between_the_two_makes_no_circle(company: Company) -> None:
    top = account(company, "晨光集团")
    between = account(company, "晨光华东", parent=top.pk)
    bottom = account(company, "晨光集团股份", parent=between.pk)
    before = tables()
    done = merge(bottom, top)
    for each in (bottom, between):
        each.refresh_from_db()
    assert (bottom.parent_id, between.parent_id) == (None, bottom.pk)
    services.undo_merge(merge=done, by=None, at=LATER)
    assert tables() == before


def test_what_was_changed_since_stays(company: Company) -> None:
    gone = account(company, "晨光电力", phone="021-65432100", domain="cg.com.cn")
    person = services.add_contact(account=gone, name="王静", by=None, at=AT)
    done = merge(company.account, gone)
    services.change_record(
        record=company.account, edits={"phone": services.Edit("010-1")}, by=company.li, at=LATER
    )
    later = services.add_contact(account=company.account, name="新人", by=company.li, at=LATER)
    services.undo_merge(merge=done, by=company.li, at=LATER)
    for each in (company.account, person, later):
        each.refresh_from_db()
    assert (company.account.phone, company.account.domain) == ("010-1", "")
    assert (person.account_id, later.account_id) == (gone.pk, company.account.pk)
    with pytest.raises(errors.NothingToUndo):
        services.undo_merge(merge=done, by=company.li, at=LATER)


def test_the_later_of_two_merges_is_undone_first(company: Company) -> None:
    second, third = account(company, "晨光二"), account(company, "晨光三")
    before = tables()
    first, then = merge(second, third), merge(company.account, second)
    assert queries.current(ACCOUNT, third.pk) == company.account.pk
    assert queries.aliases(ACCOUNT, company.account.pk) == [company.account.pk, second.pk, third.pk]
    with pytest.raises(errors.NothingToUndo):
        services.undo_merge(merge=first, by=None, at=LATER)
    services.undo_merge(merge=then, by=None, at=LATER)
    services.undo_merge(merge=first, by=None, at=LATER)
    assert tables() == before


def test_who_may_not_change_both_changes_neither(company: Company) -> None:
    theirs = account(company, "晨光西部", owner=company.zhao, team=company.west)
    mine = company.account
    before = tables()
    for by, keep, gone in (
        (company.li, mine, theirs),
        (company.li, theirs, mine),
        (company.reader, mine, theirs),
        (company.zhao, mine, theirs),
    ):
        with pytest.raises(errors.NotAllowed):
            merge(keep, gone, by=by)
    done = merge(mine, theirs, by=company.ops)
    with pytest.raises(errors.NotAllowed):
        services.undo_merge(merge=done, by=company.li, at=LATER)
    services.undo_merge(merge=done, by=company.ops, at=LATER)
    assert tables() == before


def test_a_hidden_field_is_neither_chosen_nor_told(company: Company) -> None:
    gone = account(company, "晨光电力", phone="021-65432100")
    services.set_field_rule(kind=ACCOUNT, field="phone", role="rep", level="hidden", by=None, at=AT)
    with pytest.raises(errors.FieldUnknown):
        merge(company.account, gone, by=company.li, phone=gone.pk)
    services.set_field_rule(kind=ACCOUNT, field="phone", role="rep", level="read", by=None, at=AT)
    with pytest.raises(errors.FieldReserved):
        merge(company.account, gone, by=company.li, phone=gone.pk)


def test_what_cannot_become_one(company: Company) -> None:
    other = account(company, "锐航机械")
    here = services.add_contact(account=company.account, name="王静", by=None, at=AT)
    there = services.add_contact(account=other, name="王静", by=None, at=AT)
    leads = [services.add_lead(line=company.line, name=f"线索{n}", by=None, at=AT) for n in range(2)]
    Lead.objects.filter(pk=leads[1].pk).update(status="converted", ended_at=AT)
    before = tables()
    refused: list[tuple[type[Refusal], Any, tuple[Any, ...]]] = [
        (errors.MergeElsewhere, here, (there,)),
        (errors.MergeImpossible, leads[0], (leads[1],)),
        (errors.MergeImpossible, company.account, (company.account,)),
        (errors.MergeImpossible, company.account, ()),
        (errors.MergeImpossible, company.account, (here,)),
        (errors.MergeImpossible, company.deal, (company.deal,)),
        (errors.MergeImpossible, company.account, (other, other)),
    ]
    for refusal, keep, gone in refused:
        with pytest.raises(refusal):
            merge(keep, *gone)
    services.delete_record(record=there, by=None, at=LATER)
    with pytest.raises(NotFound):
        merge(here, there)
    services.bring_back(kind=CONTACT, key=there.pk, by=None, at=LATER)
    assert tables() == before
    done = merge(leads[1], leads[0])
    services.undo_merge(merge=done, by=None, at=LATER)


def test_what_was_merged_stays_as_long_as_what_it_became(company: Company) -> None:
    keep, gone = account(company, "甲公司"), account(company, "甲有限公司")
    merge(keep, gone)
    long_after = LATER + 2 * KEPT
    with pytest.raises(NotFound):
        services.bring_back(kind=ACCOUNT, key=gone.pk, by=None, at=LATER)
    assert services.purge_bin(at=long_after) == 0
    services.delete_record(record=Account.objects.get(pk=keep.pk), by=None, at=LATER)
    assert services.purge_bin(at=long_after) == 2
    assert not Account.with_deleted.filter(pk__in=[keep.pk, gone.pk]).exists()
    assert not Merge.objects.exists()
    assert not MatchKey.objects.filter(record_type="account", record__in=[keep.pk, gone.pk]).exists()


def test_pairs_are_decided_by_the_merge_and_open_again_after_its_undoing(company: Company) -> None:
    gone = account(company, "晨光电力（上海）")
    services.find_duplicates(kind=ACCOUNT, at=LATER)
    (pair,) = queries.pairs(user=company.li, kind=ACCOUNT).items
    done = merge(company.account, gone, by=company.li)
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by, pair.decided_at) == ("merged", company.li, LATER)
    services.find_duplicates(kind=ACCOUNT, at=LATER)
    assert DuplicatePair.objects.get().state == "merged"
    services.undo_merge(merge=done, by=company.li, at=LATER)
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by, pair.decided_at) == ("open", None, None)


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000))
def test_an_undone_merge_leaves_nothing(company: Company, seed: int) -> None:
    """Whatever companies, people, deals, roles and parents there are, and whichever become one."""
    chance = Random(seed)
    with transaction.atomic():
        firms = [company.account] + [
            account(
                company, f"晨光{n}", owner=chance.choice([company.li, company.zhao, None]),
                **{key: f"{key}{n}" for key in ("industry", "region", "address") if chance.random() < 0.5},
            )
            for n in range(chance.randint(2, 4))
        ]  # fmt: skip
        for firm in firms[1:]:
            if chance.random() < 0.6:
                parent = firms[chance.randrange(firms.index(firm))]
                services.change_record(
                    record=firm, edits={"parent": services.Edit(parent.pk)}, by=None, at=AT
                )
        for n in range(chance.randint(2, 6)):
            firm = chance.choice(firms)
            person = services.add_contact(
                account=firm,
                name=f"联系人{n}",
                phone=chance.choice(["", "13800138000"]),
                tags=[f"t{n}"],
                by=None,
                at=AT,
            )
            deal = services.open_deal(
                account=firm, pipeline=company.pipeline, name=f"项目{n}", by=None, at=AT
            )
            for one in Contact.objects.filter(account=firm):
                if one == person or chance.random() < 0.5:
                    role = chance.choice(["champion", "user", "blocker"])
                    services.set_deal_contact(deal=deal, contact=one, role=role, by=None, at=AT)
            if chance.random() < 0.3:
                unused = services.open_deal(
                    account=firm, pipeline=company.pipeline, name="入回收站", by=None, at=AT
                )
                services.delete_record(record=unused, by=None, at=AT)
        services.find_duplicates(kind=CONTACT, at=AT)
        undone: list[tuple[Merge, dict[str, Any]]] = []
        for _ in range(chance.randint(1, 3)):
            kind = chance.choice(["account", "contact"])
            model: Any = record_type(kind).model
            groups = [list(model.objects.order_by("pk"))]
            if kind == "contact":
                groups = [[c for c in groups[0] if c.account_id == firm.pk] for firm in firms]
            groups = [group for group in groups if len(group) > 1]
            if groups:
                chosen = chance.sample(group := chance.choice(groups), chance.randint(2, min(3, len(group))))
                before = tables()
                choices = {"name": chance.choice(chosen).pk}
                done = services.merge_records(
                    keep=chosen[0], gone=chosen[1:], choices=choices, by=None, at=LATER
                )
                undone.append((done, before))
        assert all(tables() != before for _, before in undone)
        for done, before in reversed(undone):
            services.undo_merge(merge=done, by=None, at=LATER + timedelta(hours=1))
            assert tables() == before
        transaction.set_rollback(True)


def test_leads_become_one(company: Company) -> None:
    one = services.add_lead(line=company.line, owner=company.li, name="王静", company="锐航", by=None, at=AT)
    other = services.add_lead(
        line=company.line, owner=company.li, name="王静", phone="13800138000", by=None, at=AT
    )
    done = merge(one, other, by=company.li)
    kept = record(LEAD, user=company.li, key=one.pk)
    assert (kept.company, kept.phone) == ("锐航", "13800138000")
    assert Lead.objects.count() == 1
    services.undo_merge(merge=done, by=company.li, at=LATER)
    assert Lead.objects.count() == 2
    assert not Deal.objects.filter(account=None).exists()
