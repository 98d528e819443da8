"""Saved views: whose they are, who reads and changes them, and that they show nobody more than their reader sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foresail.core.changes import Change
from foresail.core.conditions import ConditionInvalid
from foresail.core.errors import NotFound
from foresail.crm import errors, queries, services
from foresail.crm.fields import ACCOUNT, DEAL
from foresail.crm.models import SavedView, ViewPin
from foresail.crm.tests.conftest import AT, LATER, Company
from foresail.people import services as people
from foresail.people.models import User
from foresail.people.roles import Role

BIG = {"all": [{"field": "amount", "op": "gte", "value": "100000"}]}


def save(by: User, name: str = "大单", shared: str = "nobody", **settings: Any) -> SavedView:
    return services.add_view(kind=DEAL, name=name, settings=settings, shared=shared, by=by, at=AT)


def read(user: User) -> dict[str, queries.Readable]:
    return {each.view.name: each for each in queries.views(user=user)}


def test_a_view_keeps_what_it_chooses(
    company: Company, changes: list[Change], notices: Callable[[], list[tuple[str, int]]]
) -> None:
    notices()
    wanted: dict[str, Any] = {
        "where": BIG,
        "q": "监测",
        "sort": "-amount",
        "columns": ["name", "amount"],
        "group": "stage",
        "widths": {"amount": 150},
    }
    view = save(company.li, **wanted, layout="board", density="compact", pipeline=company.pipeline.pk)
    [found] = queries.views(user=company.li, kind=DEAL)
    assert found.view == view
    assert found.settings == wanted | {
        "layout": "board",
        "density": "compact",
        "pipeline": company.pipeline.pk,
    }
    assert (found.usable, found.pinned, found.may_change) == (True, False, True)
    assert queries.views(user=company.li, kind=ACCOUNT) == []
    assert notices() == [("views", 0)]
    [told] = [each for each in changes if each.verb == "add_view"]
    assert (told.actor, told.subject, told.key) == (company.li.pk, "crm.SavedView", str(view.pk))
    assert told.values["settings"] == sorted([*wanted, "layout", "density", "pipeline"])
    assert "监测" not in str(told.values)
    assert "大单" not in str(told.values)


@pytest.mark.parametrize(
    ("settings", "refusal", "named"),
    [
        ({"where": {"all": [{"field": "secret", "op": "eq", "value": 1}]}}, ConditionInvalid, "secret"),
        ({"where": {"all": [{"field": "amount", "op": "starts", "value": "1"}]}}, ConditionInvalid, "starts"),
        ({"where": {"nonsense": []}}, ConditionInvalid, ""),
        ({"sort": "-secret"}, errors.FieldUnknown, "secret"),
        ({"sort": "tags"}, errors.FieldUnknown, "tags"),
        ({"group": "name"}, errors.FieldUnknown, "name"),
        ({"columns": ["name", "secret"]}, errors.FieldUnknown, "secret"),
        ({"columns": ["name", "name"]}, errors.ViewInvalid, ""),
        ({"widths": {"secret": 100}}, errors.FieldUnknown, "secret"),
        ({"widths": {"amount": 5000}}, errors.ViewInvalid, ""),
        ({"pipeline": 0x7FFFFFFF}, errors.ViewInvalid, ""),
        ({"q": "x" * 201}, errors.ViewInvalid, ""),
    ],
)
def test_what_no_list_can_be_asked_is_refused(
    company: Company, settings: dict[str, Any], refusal: type[Exception], named: str
) -> None:
    with pytest.raises(refusal, match=named or None):
        save(company.li, **settings)
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", " \n ", "长" * 61])
def test_a_view_has_a_name(company: Company, name: str) -> None:
    with pytest.raises(errors.ViewInvalid):
        save(company.li, name)


def test_only_deals_have_a_board(company: Company) -> None:
    with pytest.raises(errors.ViewInvalid):
        services.add_view(kind=ACCOUNT, name="客户", settings={"layout": "board"}, by=company.li, at=AT)


def test_a_name_is_used_once_by_each(company: Company) -> None:
    save(company.li)
    save(company.wang)
    with pytest.raises(errors.ViewNameTaken):
        save(company.li)
    services.add_view(kind=ACCOUNT, name="大单", settings={}, by=company.li, at=AT)
    assert SavedView.objects.count() == 3


def test_who_reads_what(company: Company, hire: Callable[..., User]) -> None:
    below = people.add_team(name="华东一组", line=company.line, parent=company.east, by=None, at=AT)
    low = hire("Low", Role.REP, team=below)
    for shared in ("nobody", "team", "all"):
        save(company.li, shared, shared)
    readers = {
        "li": company.li,
        "wang": company.wang,
        "low": low,
        "boss": company.boss,
        "zhao": company.zhao,
        "ops": company.ops,
    }
    assert {who: set(read(user)) for who, user in readers.items()} == {
        "li": {"nobody", "team", "all"},
        "wang": {"team", "all"},
        "low": {"team", "all"},
        "boss": {"team", "all"},
        "zhao": {"all"},
        "ops": {"team", "all"},
    }
    private = SavedView.objects.get(name="nobody")
    with pytest.raises(NotFound):
        queries.view(user=company.ops, key=private.pk)
    people.deactivate_user(user=company.wang, by=None, at=LATER)
    assert read(company.wang) == {}


def test_the_team_is_the_one_at_the_time_of_sharing(company: Company) -> None:
    view = save(company.li, shared="team")
    people.change_user(user=company.li, team=company.west, by=None, at=LATER)
    assert "大单" in read(company.wang)
    company.li.refresh_from_db()
    services.change_view(view=view, shared="team", by=company.li, at=LATER)
    assert "大单" not in read(company.wang)
    with pytest.raises(errors.ViewInvalid):
        save(company.ops, shared="team")  # is in no team


def test_only_its_owner_and_sales_operations_change_it(company: Company, changes: list[Change]) -> None:
    view = save(company.li, shared="all", sort="amount")
    changes.clear()
    verbs: tuple[Callable[[], object], ...] = (
        lambda: services.change_view(view=view, name="我的", by=company.wang, at=LATER),
        lambda: services.delete_view(view=view, by=company.boss, at=LATER),
    )
    for verb in verbs:
        with pytest.raises(errors.NotYourView, match="Li"):
            verb()
    assert changes == []
    assert not read(company.wang)["大单"].may_change
    assert read(company.ops)["大单"].may_change
    services.change_view(view=view, name="全部大单", settings={"where": BIG}, by=company.ops, at=LATER)
    view.refresh_from_db()
    assert (view.name, view.settings, view.owner, view.changed_at) == (
        "全部大单",
        {"where": BIG},
        company.li,
        LATER,
    )
    services.change_view(view=view, shared="nobody", by=company.ops, at=LATER)
    with pytest.raises(errors.NotYourView):  # no longer shared, no longer theirs to change
        services.delete_view(view=view, by=company.ops, at=LATER)
    services.delete_view(view=view, by=company.li, at=LATER)
    assert [each.verb for each in changes] == ["change_view", "change_view", "delete_view"]
    assert not SavedView.objects.exists()


def test_a_pin_is_each_ones_own(company: Company) -> None:
    view = save(company.li, shared="all")
    services.pin_view(view=view, pinned=True, by=company.wang)
    services.pin_view(view=view, pinned=True, by=company.wang)
    assert (read(company.wang)["大单"].pinned, read(company.li)["大单"].pinned) == (True, False)
    assert ViewPin.objects.count() == 1
    services.pin_view(view=view, pinned=False, by=company.wang)
    assert not read(company.wang)["大单"].pinned
    services.pin_view(view=view, pinned=True, by=company.wang)
    services.delete_view(view=view, by=company.li, at=LATER)
    assert not ViewPin.objects.exists()


def test_a_view_tells_nobody_of_fields_they_do_not_see(company: Company) -> None:
    save(company.ops, "按金额", "all", where=BIG, sort="-amount", columns=["name", "amount"])
    save(company.ops, "列", "all", columns=["name", "amount"], widths={"name": 300, "amount": 90})
    services.set_field_rule(kind=DEAL, field="amount", role=Role.REP, level="hidden", by=None, at=AT)
    seen = read(company.li)
    assert (seen["按金额"].usable, seen["按金额"].settings) == (False, {})
    assert (seen["列"].usable, seen["列"].settings) == (True, {"columns": ["name"], "widths": {"name": 300}})
    assert read(company.ops)["按金额"].usable
    with pytest.raises(ConditionInvalid):
        save(company.li, "我的", where=BIG)
    with pytest.raises(errors.FieldUnknown):
        save(company.li, "我的", columns=["amount"])


def test_reading_many_costs_as_much_as_reading_one(company: Company) -> None:
    save(company.li, "一", where=BIG)
    with CaptureQueriesContext(
        connection,
    ) as one:
        queries.views(user=company.li)
    for number in range(10):
        save(company.li, f"二{number}", where=BIG, columns=["name"])
    with CaptureQueriesContext(connection) as many:
        queries.views(user=company.li)
    assert len(many) == len(one)


def test_many_are_deleted_and_come_back(company: Company) -> None:
    free = services.add_account(
        name="空", line=company.line, owner=company.li, team=company.east, by=None, at=AT
    )
    found = queries.visible_records(ACCOUNT, user=company.li)
    batch = services.delete_many(found=found, by=company.li, at=LATER)
    assert batch.changed == [free.pk]
    assert {key: type(why) for key, why in batch.refused.items()} == {company.account.pk: errors.RecordInUse}
    back = services.bring_back_many(kind=ACCOUNT, keys=[free.pk, company.account.pk], by=company.li, at=LATER)
    assert back.changed == [free.pk]
    assert set(back.refused) == {company.account.pk}  # was never in the bin
    free.refresh_from_db()
    assert free.deleted_at is None
