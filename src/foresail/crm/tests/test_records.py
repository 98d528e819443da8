"""Records of every kind: changed field by field, kept in a history, deleted and brought back, listed by conditions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foresail.core.changes import Change
from foresail.core.conditions import ConditionInvalid
from foresail.core.errors import NotFound, Refusal
from foresail.crm import errors, services
from foresail.crm.events import DealAmended, DealBinned, RecordsPurged
from foresail.crm.fields import ACCOUNT, CONTACT, DEAL, LEAD, PRODUCT, fields_of
from foresail.crm.models import Account, Contact, CustomField, Deal, FieldChange, Lead
from foresail.crm.queries.listing import grouped, record, records
from foresail.crm.queries.showing import shown
from foresail.crm.services import Edit
from foresail.crm.sight import Sight
from foresail.crm.tests.conftest import AT, LATER, Company
from foresail.people.models import User
from foresail.people.roles import Role


def change(record: Any, by: User | None, **values: Any) -> None:
    services.change_record(
        record=record, edits={name: Edit(value) for name, value in values.items()}, by=by, at=LATER
    )


def own_field(key: str, type: str, **more: Any) -> CustomField:  # noqa: A002
    return services.add_custom_field(
        kind=DEAL, key=key, type=type, name_zh=key, name_en=key, by=None, at=AT, **more
    )


def names(company: Company, who: str = "ops", **asked: Any) -> list[str]:
    page = records(DEAL, user=getattr(company, who), now=LATER, sort="name", **asked)
    return [each.name for each in page.items]


def test_a_change_is_kept_with_what_was(company: Company, changes: list[Change], emitted: list[Any]) -> None:
    deal = company.deal
    before = deal.amount
    changes.clear()
    emitted.clear()
    change(deal, company.li, amount="70000.50", next_step="约技术总监", name=deal.name)
    deal.refresh_from_db()
    assert (deal.amount, deal.next_step, deal.version, deal.changed_at) == (
        Decimal("70000.50"),
        "约技术总监",
        2,
        LATER,
    )
    kept = FieldChange.objects.order_by("field").values_list(
        "record_type", "record", "field", "before", "after", "actor"
    )
    assert list(kept) == [
        ("deal", deal.pk, "amount", None if before is None else str(before), "70000.50", company.li.pk),
        ("deal", deal.pk, "next_step", None, "约技术总监", company.li.pk),
    ]
    assert len(set(FieldChange.objects.values_list("batch", flat=True))) == 1
    assert emitted == [
        DealAmended(
            deal=deal.pk,
            account=deal.account_id,
            changed=("amount", "next_step"),
            actor=company.li.pk,
            at=LATER,
        )
    ]
    assert [(each.verb, each.values) for each in changes] == [
        ("change_deal", {"amount": "70000.50", "next_step": "约技术总监"})
    ]


def test_what_one_did_not_see_is_not_overwritten(company: Company) -> None:
    deal = company.deal
    change(deal, company.li, next_step="送样")
    mine = {"next_step": Edit("报价", known=None), "amount": Edit("5", known="50000.00")}
    with pytest.raises(errors.FieldConflict) as refused:
        services.change_record(record=deal, edits=mine, by=company.boss, at=LATER)
    assert set(refused.value.fields) == {"next_step"} | (
        {"amount"} if deal.amount != Decimal(50000) else set()
    )
    assert company.li.name in refused.value.zh
    deal.refresh_from_db()
    assert deal.next_step == "送样"
    # Another field of the same record, and the same value that the other typed, are no conflict.
    services.change_record(
        record=deal,
        edits={"expected_close_on": Edit("2026-05-01", known=None), "next_step": Edit("送样", known="")},
        by=company.boss,
        at=LATER,
    )
    deal.refresh_from_db()
    assert deal.expected_close_on == date(2026, 5, 1)


@pytest.mark.parametrize(
    ("kind", "field", "value", "reason"),
    [
        ("deal", "amount", "12.345", "money"),
        ("deal", "amount", "-1", "money"),
        ("deal", "amount", True, "money"),
        ("deal", "amount", "NaN", "money"),
        ("deal", "name", "  ", "required"),
        ("deal", "name", "x" * 201, "longer"),
        ("deal", "expected_close_on", "2026-02-30", "date"),
        ("deal", "expected_close_on", 20260301, "date"),
        ("deal", "category", "sure", "choice"),
        ("deal", "currency", "rmb", "currency"),
        ("deal", "tags", ["x" * 31], "tags"),
        ("deal", "tags", "重点", "tags"),
        ("account", "code", "91310000MA1FL0000X", "uscc"),
        ("account", "parent", 0, "unknown"),
        ("account", "parent", "me", "record"),
    ],
)
def test_what_does_not_fit_is_refused(
    company: Company, kind: str, field: str, value: Any, reason: str
) -> None:
    found = getattr(company, kind)
    before = type(found).objects.filter(pk=found.pk).values().get()
    with pytest.raises(errors.ValueInvalid) as refused:
        change(found, company.li, **{field: value})
    assert refused.value.reason == reason
    assert set(refused.value.fields) == {field}
    assert type(found).objects.filter(pk=found.pk).values().get() == before
    assert not FieldChange.objects.exists()


def test_companies_form_no_circle(company: Company) -> None:
    mother = services.add_account(
        name="母公司", line=company.line, owner=company.li, team=company.east, by=None, at=AT
    )
    change(company.account, company.li, parent=mother.pk, code="91110000600037341L")
    with pytest.raises(errors.ValueInvalid, match="below itself"):
        change(mother, company.li, parent=company.account.pk)
    with pytest.raises(errors.ValueInvalid, match="below itself"):
        change(mother, company.li, parent=mother.pk)


def test_a_value_comes_back_and_that_can_be_undone(company: Company) -> None:
    deal = company.deal
    change(deal, company.li, next_step="送样")
    change(deal, company.boss, next_step="报价")
    first = FieldChange.objects.get(after="送样")
    with pytest.raises(errors.NotAllowed):
        services.restore_value(change=first, by=company.reader, at=LATER)
    services.restore_value(change=FieldChange.objects.get(after="报价"), by=company.li, at=LATER)
    deal.refresh_from_db()
    assert deal.next_step == "送样"
    last = FieldChange.objects.latest("pk")
    assert last.undoes == FieldChange.objects.get(before="送样", after="报价")
    services.undo_batch(batch=last.batch, by=company.li, at=LATER)
    deal.refresh_from_db()
    assert deal.next_step == "报价"
    with pytest.raises(errors.NothingToUndo):
        services.undo_batch(batch=last.batch, by=company.li, at=LATER)


def test_many_change_at_once_and_back(company: Company) -> None:
    others = [
        services.open_deal(
            name=f"第{n}单",
            account=company.account,
            pipeline=company.pipeline,
            owner=owner,
            team=team,
            by=None,
            at=AT,
        )
        for n, (owner, team) in enumerate([(company.li, company.east), (company.zhao, company.west)])
    ]
    change(company.deal, company.li, next_step="已有")
    found = Deal.objects.all()
    batch = services.change_many(
        kind=DEAL, found=found, edits={"next_step": Edit("统一回访")}, by=company.li, at=LATER
    )
    assert sorted(batch.changed) == sorted([company.deal.pk, others[0].pk])
    assert {key: type(refusal) for key, refusal in batch.refused.items()} == {others[1].pk: errors.NotAllowed}
    change(others[0], company.li, next_step="又改了")
    undone = services.undo_batch(batch=batch.id, by=company.li, at=LATER)
    assert (undone.changed, list(undone.refused)) == ([company.deal.pk], [others[0].pk])
    assert dict(Deal.objects.values_list("pk", "next_step")) == {
        company.deal.pk: "已有",
        others[0].pk: "又改了",
        others[1].pk: "",
    }


def test_own_fields_hold_what_they_should(company: Company) -> None:
    own_field("budget", "number")
    own_field(
        "kind",
        "choice",
        choices=[{"key": "new", "zh": "新建", "en": "new"}, {"key": "old", "zh": "改造", "en": "old"}],
    )
    own_field("sites", "choices", choices=[{"key": c, "zh": c, "en": c} for c in "abc"])
    own_field("presales", "person")
    own_field("due", "date")
    own_field("sister", "record", target="account")
    deal = company.deal
    change(
        deal, company.li, budget="1.5", kind="old", sites=["c", "a", "c"], presales=company.li.pk, due="2026-04-01",
        sister=company.account.pk,
    )  # fmt: skip
    deal.refresh_from_db()
    assert deal.custom == {
        "budget": "1.5", "kind": "old", "sites": ["a", "c"], "presales": company.li.pk, "due": "2026-04-01",
        "sister": company.account.pk,
    }  # fmt: skip
    wrong: dict[str, Any]
    for wrong, reason in (
        ({"kind": "else"}, "choice"),
        ({"sites": ["z"]}, "choices"),
        ({"budget": "x"}, "number"),
    ):
        with pytest.raises(errors.ValueInvalid) as refused:
            change(deal, company.li, **wrong)
        assert refused.value.reason == reason
    [values] = shown(DEAL, [deal], fields=fields_of(DEAL), sight=Sight.of(company.li), user=company.li)
    assert (values["presales"].name, values["sister"].name) == (company.li.name, company.account.name)  # type: ignore[union-attr]
    change(deal, company.li, budget=None)
    assert "budget" not in Deal.objects.get(pk=deal.pk).custom
    assert names(company, where={"field": "due", "op": "before", "value": "2026-04-02"}) == [deal.name]
    assert names(company, where={"field": "sites", "op": "has_all", "value": ["a", "c"]}) == [deal.name]
    assert names(company, where={"field": "presales", "op": "in", "value": ["me"]}) == []
    assert names(company, "li", where={"field": "presales", "op": "in", "value": ["me"]}) == [deal.name]


def test_sales_operations_alone_shapes_records(company: Company) -> None:
    with pytest.raises(errors.NotAllowed):
        services.add_custom_field(
            kind=DEAL, key="x", type="text", name_zh="甲", name_en="a", by=company.boss, at=AT
        )
    for bad in ({"key": "X"}, {"key": "amount"}, {"type": "colour"}, {"name_en": " "}, {"type": "choice"}):
        with pytest.raises((errors.FieldInvalid, errors.FieldKeyTaken)):
            services.add_custom_field(
                **{"kind": DEAL, "key": "x", "type": "text", "name_zh": "甲", "name_en": "a", **bad},  # type: ignore[arg-type]
                by=company.ops, at=AT,
            )  # fmt: skip
    field = own_field("size", "choice", choices=[{"key": "s", "zh": "小", "en": "small"}])
    with pytest.raises(errors.FieldInvalid, match="in use"):
        services.change_custom_field(
            field=field, choices=[{"key": "l", "zh": "大", "en": "large"}], by=company.ops, at=AT
        )
    change(company.deal, company.li, size="s")
    services.change_custom_field(field=field, retired=True, by=company.ops, at=AT)
    assert "size" not in fields_of(DEAL)
    with pytest.raises(errors.FieldUnknown):
        change(company.deal, company.li, size="s")
    services.change_custom_field(field=field, retired=False, by=company.ops, at=AT)
    assert Deal.objects.get(pk=company.deal.pk).custom == {"size": "s"}


@pytest.mark.parametrize("level", ["hidden", "own", "read"])
def test_a_field_is_hidden_wherever_it_could_show(
    company: Company, hire: Callable[..., User], level: str
) -> None:
    colleague = services.open_deal(
        name="别人的", account=company.account, pipeline=company.pipeline, owner=company.zhao, team=company.east,
        amount=Decimal(9), by=None, at=AT,
    )  # fmt: skip
    change(company.deal, None, amount="8")
    services.set_field_rule(kind=DEAL, field="amount", role="manager", level=level, by=company.ops, at=AT)
    mine = services.open_deal(
        name="我的", account=company.account, pipeline=company.pipeline, owner=company.boss, team=company.east,
        amount=Decimal(7), by=None, at=AT,
    )  # fmt: skip
    boss = company.boss
    fields, sight = fields_of(DEAL), Sight.of(boss)
    seen = [
        each.name
        for each in Deal.objects.all()
        if "amount" in shown(DEAL, [each], fields=fields, sight=sight, user=boss)[0]
    ]
    asks: list[dict[str, Any]] = [
        {"where": {"field": "amount", "op": "gt", "value": "1"}},
        {"sort": "amount"},
    ]
    if level == "read":
        assert len(seen) == Deal.objects.count()
        for asked in asks:
            assert records(DEAL, user=boss, now=LATER, **asked).total == 3
        with pytest.raises(errors.FieldReserved):
            change(mine, boss, amount="1")
        return
    assert seen == ([] if level == "hidden" else ["我的"])
    for asked in asks:
        with pytest.raises((ConditionInvalid, errors.FieldUnknown)):
            records(DEAL, user=boss, now=LATER, **asked)
    with pytest.raises(errors.FieldUnknown):
        grouped(DEAL, user=boss, now=LATER, by="stage", sums=["amount"])
    with pytest.raises(errors.FieldUnknown):
        change(colleague, boss, amount="1")
    if level == "own":
        change(mine, boss, amount="1")
        assert Deal.objects.get(pk=mine.pk).amount == 1
    # Who also is something else sees what that role sees.
    both = hire("both", Role.MANAGER, Role.SALES_OPERATIONS)
    assert "amount" in shown(DEAL, [colleague], fields=fields, sight=Sight.of(both), user=both)[0]


def test_deleted_it_is_nowhere_and_comes_back_as_it_was(
    company: Company, emitted: list[Any], changes: list[Change]
) -> None:
    deal = company.deal
    was = Deal.objects.filter(pk=deal.pk).values().get()
    with pytest.raises(errors.RecordInUse):
        services.delete_record(record=company.account, by=company.li, at=LATER)
    with pytest.raises(errors.NotAllowed):
        services.delete_record(record=deal, by=company.reader, at=LATER)
    emitted.clear()
    services.delete_record(record=deal, by=company.li, at=LATER)
    assert names(company) == []
    with pytest.raises(NotFound):
        record(DEAL, user=company.ops, key=deal.pk)
    with pytest.raises(NotFound):
        change(deal, company.li, name="x")
    binned = records(DEAL, user=company.li, now=LATER, deleted=True)
    assert [each.name for each in binned.items] == [deal.name]
    assert records(DEAL, user=company.zhao, now=LATER, deleted=True).total == 0
    services.bring_back(kind=DEAL, key=deal.pk, by=company.li, at=LATER)
    now = Deal.objects.filter(pk=deal.pk).values().get()
    assert now == was | {"version": was["version"] + 2}
    assert [type(each) for each in emitted] == [DealBinned, DealBinned]
    assert [each.binned for each in emitted] == [True, False]
    assert [each.verb for each in changes][-2:] == ["delete_deal", "bring_back_deal"]


def test_after_ninety_days_the_bin_is_emptied(company: Company, emitted: list[Any]) -> None:
    contact = services.add_contact(account=company.account, name="吴敏", by=None, at=AT)
    services.set_deal_contact(deal=company.deal, contact=contact, role="champion", by=None, at=AT)
    with pytest.raises(errors.RecordInUse):
        services.delete_record(record=contact, by=None, at=AT)
    services.delete_record(record=company.deal, by=None, at=AT)
    services.delete_record(record=contact, by=None, at=AT)
    services.delete_record(record=company.account, by=None, at=AT)
    assert services.purge_bin(at=AT + timedelta(days=90)) == 0
    emitted.clear()
    assert services.purge_bin(at=AT + timedelta(days=90, seconds=1)) == 3
    assert [(each.record_type, *each.records) for each in emitted if isinstance(each, RecordsPurged)] == [
        ("deal", company.deal.pk),
        ("contact", contact.pk),
        ("account", company.account.pk),
    ]
    assert not any(model.with_deleted.exists() for model in (Deal, Contact, Account))


def test_lists_filter_sort_and_page_by_any_field(company: Company) -> None:
    for n in range(7):
        services.open_deal(
            name=f"单{n}", account=company.account, pipeline=company.pipeline, owner=company.li, team=company.east,
            amount=Decimal(n * 10) if n else None, by=None, at=AT + timedelta(minutes=n), next_step="" if n % 2 else f"步{9 - n}",
        )  # fmt: skip
    services.delete_record(record=company.deal, by=None, at=AT)
    everything = [f"单{n}" for n in range(7)]
    assert names(company) == everything
    assert names(company, where={"field": "amount", "op": "between", "value": ["20", "40"]}) == [
        "单2",
        "单3",
        "单4",
    ]
    assert names(company, where={"not": {"field": "amount", "op": "gt", "value": "0"}}) == ["单0"]
    for sort, wanted in (
        ("-amount", [6, 5, 4, 3, 2, 1, 0]),
        ("amount", [1, 2, 3, 4, 5, 6, 0]),
        ("next_step", [6, 4, 2, 0, 1, 3, 5]),
        ("-opened_at", [6, 5, 4, 3, 2, 1, 0]),
        ("owner", [0, 1, 2, 3, 4, 5, 6]),
        ("stage", [0, 1, 2, 3, 4, 5, 6]),
    ):
        found: list[str] = []
        after: str | None = None
        while True:
            page = records(DEAL, user=company.li, now=LATER, sort=sort, after=after, limit=2)
            assert page.total == 7
            found += [each.name for each in page.items]
            if (after := page.next) is None:
                break
        assert found == [f"单{n}" for n in wanted], sort
    with pytest.raises(errors.FieldUnknown):
        records(DEAL, user=company.li, now=LATER, sort="tags")


def test_groups_add_up_to_the_cent(company: Company) -> None:
    quote = company.pipeline.stages.get(key="quote")
    for amount in ("0.10", "0.20", "33.33"):
        deal = services.open_deal(
            name=amount,
            account=company.account,
            pipeline=company.pipeline,
            amount=Decimal(amount),
            by=None,
            at=AT,
        )
        services.move_deal(deal=deal, stage=quote, version=1, by=None, at=AT)
    found = grouped(DEAL, user=company.ops, now=LATER, by="stage", sums=["amount"])
    assert {(each.value, each.count, each.sums["amount"]) for each in found} == {
        (company.deal.stage_id, 1, company.deal.amount or Decimal(0)),
        (quote.pk, 3, Decimal("33.63")),
    }
    assert sum(each.count for each in grouped(DEAL, user=company.li, now=LATER, by="stage")) == 1


def test_texts_that_differ_in_case_alone_are_one_group(company: Company) -> None:
    for name, industry in (("甲", "Power"), ("乙", "power"), ("丙", "电力"), ("丁", "")):
        services.add_account(name=name, line=company.line, industry=industry, by=None, at=AT)
    found = grouped(ACCOUNT, user=company.ops, now=LATER, by="industry")
    assert {(each.value, each.count) for each in found} == {("Power", 2), ("电力", 2), (None, 1)}
    for each in found:
        test = {"op": "empty"} if each.value is None else {"op": "is", "value": each.value}
        page = records(ACCOUNT, user=company.ops, now=LATER, where={"field": "industry", **test})
        assert page.total == each.count


def test_queries_do_not_grow_with_rows(company: Company) -> None:
    own_field("presales", "person")
    counts = []
    for more in (1, 20):
        for n in range(more):
            services.open_deal(
                name=f"单{more}-{n}",
                account=company.account,
                pipeline=company.pipeline,
                owner=company.li,
                by=None,
                at=AT,
            )
        Deal.objects.update(custom={"presales": company.li.pk})
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = records(DEAL, user=company.ops, now=LATER, limit=100)
            shown(DEAL, page.items, fields=fields_of(DEAL), sight=Sight.of(company.ops), user=company.ops)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_leads_and_products_begin(company: Company) -> None:
    lead = services.add_lead(
        line=company.line, owner=company.li, team=company.east, name="周涛", company="远景", email="Zhou@Example.com",
        source="web", by=company.li, at=AT,
    )  # fmt: skip
    assert (Lead.objects.get().email, lead.created_by) == ("zhou@example.com", company.li)
    assert records(LEAD, user=company.zhao, now=LATER).total == 0
    for bad in ({"source": "rumour"}, {"email": "nobody"}, {"status": "converted"}, {"name": ""}):
        values: dict[str, Any] = {"name": "甲", **bad}
        with pytest.raises(Refusal):
            services.add_lead(line=company.line, owner=company.li, by=company.li, at=AT, **values)
    with pytest.raises(errors.NotAllowed):
        services.add_product(name="伺服", code="S1", by=company.boss, at=AT)
    services.add_product(name="伺服", code="S1", price="12.5", by=company.ops, at=AT)
    with pytest.raises(errors.CodeTaken):
        services.add_product(name="伺服二", code="S1", by=company.ops, at=AT)
    assert [each.name for each in records(PRODUCT, user=company.li, now=LATER).items] == ["伺服"]
    assert records(ACCOUNT, user=company.li, now=LATER).total == 1
    assert records(CONTACT, user=company.li, now=LATER).total == 0


def test_a_stage_asks_for_what_it_needs(company: Company) -> None:
    quote = company.pipeline.stages.get(key="quote")
    quote.requires = ["amount", "next_step"]
    quote.save()
    Deal.objects.filter(pk=company.deal.pk).update(amount=None)
    with pytest.raises(errors.StageAsks) as refused:
        services.move_deal(deal=company.deal, stage=quote, version=1, by=company.li, at=LATER)
    assert set(refused.value.fields) == {"amount", "next_step"}
    change(company.deal, company.li, amount="1", next_step="报价")
    company.deal.refresh_from_db()
    services.move_deal(deal=company.deal, stage=quote, version=company.deal.version, by=company.li, at=LATER)
    assert Deal.objects.get(pk=company.deal.pk).stage == quote
