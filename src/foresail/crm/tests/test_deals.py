"""Deals open, change, move and end: what is told of it, who may, and that nothing happened when refused."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from foresail.core.changes import Change
from foresail.core.errors import Refusal
from foresail.core.search import keys_of
from foresail.crm import errors, services
from foresail.crm.events import DealAmended, DealEnded, DealMoved, DealOpened
from foresail.crm.models import Deal, DealContact, Stage
from foresail.crm.tests.conftest import AT, LATER, Company, begun
from foresail.people.models import User
from foresail.people.services import deactivate_user

Notices = Callable[[], list[tuple[str, int]]]


def stage(company: Company, key: str) -> Stage:
    return company.pipeline.stages.get(key=key)


def kept(deal: Deal) -> dict[str, Any]:
    return dict(Deal.objects.filter(pk=deal.pk).values().get())


def test_a_deal_opens_in_the_first_stage(
    company: Company, changes: list[Change], emitted: list[Any], notices: Notices
) -> None:
    notices()
    deal = services.open_deal(
        name=" 储能 \n 二期 ",
        account=company.account,
        pipeline=company.pipeline,
        owner=company.li,
        team=company.east,
        amount=Decimal(80000),
        expected_close_on=date(2026, 6, 30),
        facts={"product": "储能", "region": "江苏"},
        by=company.li,
        at=AT,
    )
    row = kept(deal)
    assert row == begun(at=AT, by=company.li) | {
        "keys": keys_of("储能 二期", deal.number, "上海晨光电力有限公司"),
        "category": "",
        "next_step": "",
        "id": deal.pk,
        "owner_id": company.li.pk,
        "team_id": company.east.pk,
        "line_id": company.line.pk,
        "number": f"SJ{deal.pk:06d}",
        "name": "储能 二期",
        "account_id": company.account.pk,
        "pipeline_id": company.pipeline.pk,
        "stage_id": stage(company, "qualified").pk,
        "status": "open",
        "amount": Decimal("80000.00"),
        "currency": "CNY",
        "opened_at": AT,
        "closed_at": None,
        "expected_close_on": date(2026, 6, 30),
        "close_reason": "",
        "facts": {
            "customer": "上海晨光电力有限公司",
            "industry": "电力",
            "region": "江苏",
            "team": "华东",
            "line": "能源",
            "product": "储能",
        },
    }
    assert emitted == [
        DealOpened(
            deal=deal.pk,
            pipeline=company.pipeline.pk,
            account=company.account.pk,
            owner=company.li.pk,
            team=company.east.pk,
            stage_key="qualified",
            amount=Decimal("80000.00"),
            facts=row["facts"],
            actor=company.li.pk,
            at=AT,
        )
    ]
    assert notices() == [("deal", deal.pk), ("deals", 0)]
    assert changes == [
        Change(
            actor=company.li.pk,
            verb="open_deal",
            subject="crm.Deal",
            key=str(deal.pk),
            at=AT,
            values={
                "number": deal.number,
                "name": "储能 二期",
                "account": company.account.pk,
                "pipeline": company.pipeline.pk,
                "stage": "qualified",
                "owner": company.li.pk,
                "team": company.east.pk,
                "amount": Decimal("80000.00"),
                "currency": "CNY",
                "expected_close_on": "2026-06-30",
            },
        )
    ]


def test_a_number_is_given_once(company: Company) -> None:
    def opened(number: str | None) -> str:
        return services.open_deal(
            name="二期", account=company.account, pipeline=company.pipeline, number=number, by=None, at=AT
        ).number

    key = int(opened(None).removeprefix("SJ"))
    assert opened(f"SJ{key + 2:06d}") == f"SJ{key + 2:06d}"  # with the key key + 1
    assert opened(None) == f"SJ{key + 3:06d}"
    with pytest.raises(errors.NumberTaken):
        opened(f"SJ{key + 2:06d}")


def test_a_deal_changes(
    company: Company, changes: list[Change], emitted: list[Any], notices: Notices
) -> None:
    notices()
    deal = company.deal
    services.change_deal(
        deal=deal,
        version=1,
        name="变电站监测系统",
        amount=Decimal(99),
        expected_close_on=date(2026, 5, 1),
        by=company.li,
        at=LATER,
    )
    row = kept(deal)
    assert (row["amount"], row["expected_close_on"], row["version"]) == (
        Decimal("99.00"),
        date(2026, 5, 1),
        2,
    )
    assert emitted == [
        DealAmended(
            deal=deal.pk,
            account=company.account.pk,
            changed=("amount", "expected_close_on"),
            actor=company.li.pk,
            at=LATER,
        )
    ]
    assert notices() == [("deal", deal.pk), ("deals", 0)]
    assert [(change.verb, change.values) for change in changes] == [
        ("change_deal", {"amount": "99.00", "expected_close_on": "2026-05-01"})
    ]
    services.change_deal(deal=deal, version=2, amount=None, by=company.li, at=LATER)
    assert kept(deal)["amount"] is None
    services.change_deal(deal=deal, version=3, amount=None, by=company.li, at=LATER)  # nothing to change
    assert (kept(deal)["version"], len(changes), len(emitted)) == (3, 2, 2)


def test_a_deal_moves_onward_and_back(
    company: Company, changes: list[Change], emitted: list[Any], notices: Notices
) -> None:
    notices()
    deal = company.deal
    services.move_deal(deal=deal, stage=stage(company, "negotiation"), version=1, by=company.li, at=AT)
    services.move_deal(deal=deal, stage=stage(company, "quote"), version=2, by=None, at=LATER)
    services.move_deal(deal=deal, stage=stage(company, "quote"), version=3, by=None, at=LATER)
    row = kept(deal)
    assert (row["stage_id"], row["version"]) == (stage(company, "quote").pk, 3)
    account = company.account.pk
    assert emitted == [
        DealMoved(deal=deal.pk, account=account, stage_key="negotiation", actor=company.li.pk, at=AT),
        DealMoved(deal=deal.pk, account=account, stage_key="quote", actor=None, at=LATER),
    ]
    assert notices() == [("deal", deal.pk), ("deals", 0)] * 2
    assert [(change.verb, change.values) for change in changes] == [
        ("move_deal", {"stage": "negotiation", "before": "qualified"}),
        ("move_deal", {"stage": "quote", "before": "negotiation"}),
    ]


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_deal_ends_and_stays_so(
    company: Company, changes: list[Change], emitted: list[Any], outcome: str
) -> None:
    deal = company.deal
    services.close_deal(
        deal=deal, outcome=outcome, reason="价格\n王总定的", version=1, by=company.li, at=LATER
    )
    row = kept(deal)
    assert (row["status"], row["closed_at"], row["close_reason"], row["version"]) == (
        outcome,
        LATER,
        "价格\n王总定的",
        2,
    )
    assert emitted == [
        DealEnded(
            deal=deal.pk,
            account=company.account.pk,
            outcome=outcome,
            reason="价格\n王总定的",
            actor=company.li.pk,
            at=LATER,
        )
    ]
    assert [(change.verb, change.values) for change in changes] == [
        ("close_deal", {"outcome": outcome, "stage": "qualified", "amount": Decimal("120000.50")})
    ]
    verbs: list[Callable[[], object]] = [
        lambda: services.close_deal(deal=deal, outcome="won", version=2, by=None, at=LATER),
        lambda: services.move_deal(deal=deal, stage=stage(company, "quote"), version=2, by=None, at=LATER),
        lambda: services.change_deal(deal=deal, amount=None, version=2, by=None, at=LATER),
    ]
    for verb in verbs:
        with pytest.raises(errors.DealClosed) as refused:
            verb()
        assert (refused.value.code, refused.value.status) == ("deal_closed", 409)
    assert kept(deal) == row
    assert len(changes) == len(emitted) == 1


def test_a_deal_is_assigned(company: Company, changes: list[Change], emitted: list[Any]) -> None:
    deal = company.deal
    services.assign_deal(deal=deal, owner=company.wang, team=company.east, by=company.boss, at=AT)
    services.assign_deal(deal=deal, owner=None, team=company.west, by=company.ops, at=AT)
    row = kept(deal)
    assert (row["owner_id"], row["team_id"], row["version"]) == (None, company.west.pk, 3)
    assert [each.changed for each in emitted] == [("owner",), ("owner", "team")]
    assert [(change.verb, change.values) for change in changes] == [
        ("assign_deal", {"owner": company.wang.pk}),
        ("assign_deal", {"owner": None, "team": company.west.pk}),
    ]


def test_contacts_have_roles(company: Company, changes: list[Change], notices: Notices) -> None:
    deal = company.deal
    wu = services.add_contact(account=company.account, name="吴敏", by=None, at=AT)
    notices()
    changes.clear()
    for role in ("champion", "champion", "economic_buyer"):
        services.set_deal_contact(deal=deal, contact=wu, role=role, by=company.li, at=AT)
    assert list(DealContact.objects.values_list("deal", "contact", "role")) == [
        (deal.pk, wu.pk, "economic_buyer")
    ]
    services.set_deal_contact(deal=deal, contact=wu, role=None, by=company.li, at=AT)
    services.set_deal_contact(deal=deal, contact=wu, role=None, by=company.li, at=AT)
    assert not DealContact.objects.exists()
    assert [change.values["role"] for change in changes] == ["champion", "economic_buyer", None]
    assert notices() == [("deal", deal.pk), ("deals", 0)] * 3


Verb = Callable[[Company, User], object]
CHANGES: dict[str, Verb] = {
    "change": lambda c, by: services.change_deal(deal=c.deal, version=1, amount=None, by=by, at=LATER),
    "move": lambda c, by: services.move_deal(
        deal=c.deal, stage=stage(c, "quote"), version=1, by=by, at=LATER
    ),
    "close": lambda c, by: services.close_deal(deal=c.deal, outcome="won", version=1, by=by, at=LATER),
    "task": lambda c, by: services.add_task(deal=c.deal, title="回访", assignee=c.li, by=by, at=LATER),
    "contact": lambda c, by: services.add_contact(account=c.account, name="吴敏", by=by, at=LATER),
    "account": lambda c, by: services.change_account(account=c.account, region="上海", by=by, at=LATER),
}


@pytest.mark.parametrize("verb", CHANGES)
@pytest.mark.parametrize(
    ("who", "allowed"),
    [("li", True), ("boss", True), ("ops", True), ("wang", False), ("zhao", False), ("reader", False)],
)
def test_who_may_change(
    company: Company, changes: list[Change], emitted: list[Any], verb: str, who: str, allowed: bool
) -> None:
    user = getattr(company, who)
    before = kept(company.deal)
    if allowed:
        CHANGES[verb](company, user)
        assert [change.actor for change in changes] == [user.pk]
        return
    with pytest.raises(errors.NotAllowed) as refused:
        CHANGES[verb](company, user)
    assert refused.value.zh.startswith(user.name)
    assert refused.value.status == 403
    assert kept(company.deal) == before
    assert (changes, emitted) == ([], [])


@pytest.mark.parametrize(
    ("who", "allowed"), [("boss", True), ("ops", True), ("li", False), ("reader", False), ("zhao", False)]
)
def test_who_may_assign(company: Company, changes: list[Change], who: str, allowed: bool) -> None:
    before = kept(company.deal)

    def assign() -> None:
        services.assign_deal(
            deal=company.deal, owner=company.wang, team=company.east, by=getattr(company, who), at=AT
        )

    if allowed:
        assign()
        assert kept(company.deal)["owner_id"] == company.wang.pk
        return
    with pytest.raises(errors.NotAllowed):
        assign()
    assert kept(company.deal) == before
    assert changes == []


def test_a_manager_gives_nothing_away_to_other_teams(company: Company) -> None:
    before = kept(company.deal)
    with pytest.raises(errors.NotAllowed):
        services.assign_deal(deal=company.deal, owner=company.zhao, team=company.west, by=company.boss, at=AT)
    assert kept(company.deal) == before


@pytest.mark.parametrize(
    ("who", "owner", "allowed"),
    [
        ("li", "li", True),
        ("boss", "li", True),
        ("ops", "zhao", True),
        ("li", "wang", False),  # for somebody else
        ("zhao", "zhao", False),  # at an account they may not see
        ("reader", "reader", False),
    ],
)
def test_who_may_open(
    company: Company, changes: list[Change], emitted: list[Any], who: str, owner: str, allowed: bool
) -> None:
    of: User = getattr(company, owner)

    def opened() -> Deal:
        return services.open_deal(
            name="二期",
            account=company.account,
            pipeline=company.pipeline,
            owner=of,
            team=of.team,
            by=getattr(company, who),
            at=AT,
        )

    if allowed:
        assert opened().owner_id == of.pk
        return
    with pytest.raises(errors.NotAllowed):
        opened()
    assert Deal.objects.count() == 1
    assert (changes, emitted) == ([], [])


REFUSED: dict[str, tuple[Callable[[Company], object], type[Refusal]]] = {
    "stale change": (
        lambda c: services.change_deal(deal=c.deal, version=2, amount=None, by=c.li, at=LATER),
        errors.ChangedMeanwhile,
    ),
    "stale move": (
        lambda c: services.move_deal(deal=c.deal, stage=stage(c, "quote"), version=0, by=c.li, at=LATER),
        errors.ChangedMeanwhile,
    ),
    "stale close": (
        lambda c: services.close_deal(deal=c.deal, outcome="won", version=9, by=c.li, at=LATER),
        errors.ChangedMeanwhile,
    ),
    "empty name": (
        lambda c: services.change_deal(deal=c.deal, version=1, name=" \n ", by=c.li, at=LATER),
        errors.ValueInvalid,
    ),
    "long name": (
        lambda c: services.change_deal(deal=c.deal, version=1, name="长" * 201, by=c.li, at=LATER),
        errors.ValueInvalid,
    ),
    "amount below 0": (
        lambda c: services.change_deal(deal=c.deal, version=1, amount=Decimal(-1), by=c.li, at=LATER),
        errors.ValueInvalid,
    ),
    "amount without an end": (
        lambda c: services.change_deal(deal=c.deal, version=1, amount=Decimal("NaN"), by=c.li, at=LATER),
        errors.ValueInvalid,
    ),
    "amount too large": (
        lambda c: services.change_deal(deal=c.deal, version=1, amount=Decimal("1e14"), by=c.li, at=LATER),
        errors.ValueInvalid,
    ),
    "amount of half a cent": (
        lambda c: services.change_deal(deal=c.deal, version=1, amount=Decimal("1.005"), by=c.li, at=LATER),
        errors.ValueInvalid,
    ),
    "long reason": (
        lambda c: services.close_deal(
            deal=c.deal, outcome="lost", reason="长" * 2001, version=1, by=c.li, at=LATER
        ),
        errors.TextTooLong,
    ),
    "currency": (
        lambda c: services.open_deal(
            name="二期", account=c.account, pipeline=c.pipeline, currency="元", by=None, at=AT
        ),
        errors.ValueInvalid,
    ),
    "facts": (
        lambda c: services.open_deal(
            name="二期", account=c.account, pipeline=c.pipeline, facts={" ": "x"}, by=None, at=AT
        ),
        errors.FactsInvalid,
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_changes_nothing(
    company: Company, changes: list[Change], emitted: list[Any], notices: Notices, case: str
) -> None:
    notices()
    before = list(Deal.objects.values())
    act, refusal = REFUSED[case]
    with pytest.raises(refusal) as refused:
        act(company)
    assert "{" not in refused.value.zh + refused.value.en
    assert list(Deal.objects.values()) == before
    assert (changes, emitted, notices()) == ([], [], [])


def test_a_stale_version_is_a_conflict() -> None:
    assert (errors.ChangedMeanwhile.code, errors.ChangedMeanwhile.status) == ("changed_meanwhile", 409)


def test_a_stage_is_of_the_deals_pipeline(company: Company, changes: list[Change]) -> None:
    other = services.add_pipeline(
        name="渠道",
        line=company.line,
        stages=[services.StageSpec("quote", "报价", "quote")],
        by=None,
        at=AT,
    )
    changes.clear()
    before = kept(company.deal)
    with pytest.raises(errors.StageElsewhere):
        services.move_deal(deal=company.deal, stage=other.stages.get(), version=1, by=company.li, at=LATER)
    assert kept(company.deal) == before
    assert changes == []


def test_nobody_who_left_gets_a_deal(company: Company, changes: list[Change]) -> None:
    deactivate_user(user=company.wang, by=None, at=AT)
    changes.clear()
    before = kept(company.deal)
    with pytest.raises(errors.OwnerInactive):
        services.assign_deal(deal=company.deal, owner=company.wang, team=company.east, by=company.boss, at=AT)
    with pytest.raises(errors.OwnerInactive):
        services.open_deal(
            name="二期",
            account=company.account,
            pipeline=company.pipeline,
            owner=company.wang,
            by=None,
            at=AT,
        )
    assert kept(company.deal) == before
    assert (Deal.objects.count(), changes) == (1, [])


def test_roles_are_for_contacts_of_the_account_who_are_there(company: Company, changes: list[Change]) -> None:
    other = services.add_account(name="北方钢铁", line=company.line, by=None, at=AT)
    stranger = services.add_contact(account=other, name="孙洋", by=None, at=AT)
    gone = services.add_contact(account=company.account, name="吴敏", by=None, at=AT)
    services.contact_left(contact=gone, by=None, at=AT)
    changes.clear()
    with pytest.raises(errors.ContactElsewhere):
        services.set_deal_contact(deal=company.deal, contact=stranger, role="user", by=company.li, at=AT)
    with pytest.raises(errors.ContactHasLeft):
        services.set_deal_contact(deal=company.deal, contact=gone, role="user", by=company.li, at=AT)
    with pytest.raises(errors.NotAllowed):
        services.set_deal_contact(deal=company.deal, contact=gone, role=None, by=company.wang, at=AT)
    assert not DealContact.objects.exists()
    assert changes == []
