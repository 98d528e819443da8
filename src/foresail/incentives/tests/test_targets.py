"""Targets are set by who may, and met by what was won."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from foresail.core import events
from foresail.core.changes import Change
from foresail.core.errors import NotFound, Refusal
from foresail.crm import services as crm
from foresail.crm.fields import DEAL
from foresail.incentives import errors, services
from foresail.incentives.models import Target
from foresail.incentives.queries import Attainment, attainment
from foresail.incentives.services import Goal
from foresail.people import services as people
from foresail.people.models import BusinessLine, Team, User
from foresail.people.roles import Role

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@dataclass
class Company:
    """East has a group below it; west is of the same line. Each team has a rep, east and the group a manager."""

    line: BusinessLine
    east: Team
    group: Team
    west: Team
    users: dict[str, User]


@pytest.fixture
def company(db: None, monkeypatch: pytest.MonkeyPatch) -> Company:  # noqa: ARG001
    monkeypatch.setattr(events, "_listeners", {})
    line = people.add_line(name="能源", by=None, at=AT)
    east = people.add_team(name="华东", line=line, by=None, at=AT)
    group = people.add_team(name="华东一组", line=line, parent=east, by=None, at=AT)
    west = people.add_team(name="华西", line=line, by=None, at=AT)
    users: dict[str, User] = {}
    for name, role, team in (
        ("boss", Role.MANAGER, east), ("chief", Role.MANAGER, group), ("li", Role.REP, east), ("wu", Role.REP, group),
        ("zhao", Role.REP, west), ("ops", Role.SALES_OPERATIONS, None), ("reader", Role.READ_ONLY, east),
    ):  # fmt: skip
        users[name] = people.add_user(email=f"{name}@example.com", name=name, team=team, by=None, at=AT)
        people.grant_role(user=users[name], role=role, by=None, at=AT)
    people.appoint_manager(team=east, manager=users["boss"], by=None, at=AT)
    people.appoint_manager(team=group, manager=users["chief"], by=None, at=AT)
    pipeline = crm.add_pipeline(
        name="直销", line=line, stages=[crm.StageSpec("a", "甲", "a")], by=None, at=AT
    )
    account = crm.add_account(name="晨光", line=line, by=None, at=AT)
    for who, team, amount, closed in (
        ("li", east, "0.10", AT), ("li", east, "0.20", AT), ("wu", group, "100.33", AT), ("zhao", west, "7", AT),
        # In China it is April already.
        ("wu", group, "50", datetime(2026, 3, 31, 16, 30, tzinfo=UTC)),
    ):  # fmt: skip
        deal = crm.open_deal(
            name="单",
            account=account,
            pipeline=pipeline,
            owner=users[who],
            team=team,
            amount=Decimal(amount),
            by=None,
            at=AT,
        )
        crm.close_deal(deal=deal, outcome="won", version=1, by=None, at=closed)
    lost = crm.open_deal(name="丢", account=account, pipeline=pipeline, amount=Decimal(999), by=None, at=AT)
    crm.close_deal(deal=lost, outcome="lost", version=1, by=None, at=AT)
    return Company(line, east, group, west, users)


def seen(company: Company, who: str) -> dict[tuple[str, int], Attainment]:
    return {(row.kind, row.scope): row for row in attainment(user=company.users[who], year=2026)}


def test_what_was_won_counts_for_everybody_above(company: Company) -> None:
    rows = seen(company, "ops")
    won = {key: (row.months[2].won, row.months[3].won) for key, row in rows.items()}
    users = company.users
    assert won == {
        ("all", 0): (Decimal("107.63"), Decimal(50)),
        ("line", company.line.pk): (Decimal("107.63"), Decimal(50)),
        ("team", company.east.pk): (Decimal("100.63"), Decimal(50)),
        ("team", company.group.pk): (Decimal("100.33"), Decimal(50)),
        ("team", company.west.pk): (Decimal(7), Decimal(0)),
        ("person", users["li"].pk): (Decimal("0.30"), Decimal(0)),
        ("person", users["wu"].pk): (Decimal("100.33"), Decimal(50)),
        ("person", users["zhao"].pk): (Decimal(7), Decimal(0)),
        **{("person", users[name].pk): (Decimal(0), Decimal(0)) for name in ("boss", "chief", "reader")},
    }
    assert rows["team", company.group.pk].above == ("team", company.east.pk)
    assert rows["person", users["wu"].pk].above == ("team", company.group.pk)


@pytest.mark.parametrize(
    ("who", "people_seen", "teams_seen"),
    [
        ("li", {"li"}, {"east", "group"}),
        ("boss", {"boss", "li", "chief", "wu", "reader"}, {"east", "group"}),
        ("chief", {"chief", "wu"}, {"group"}),
        ("reader", {"boss", "chief", "li", "wu", "zhao", "reader"}, {"east", "group", "west"}),
    ],
)
def test_everybody_sees_as_far_as_their_records(
    company: Company, who: str, people_seen: set[str], teams_seen: set[str]
) -> None:
    rows = seen(company, who)
    assert {key for kind, key in rows if kind == "person"} == {company.users[name].pk for name in people_seen}
    assert {key for kind, key in rows if kind == "team"} == {getattr(company, name).pk for name in teams_seen}
    assert ("all", 0) not in rows
    assert (("line", company.line.pk) in rows) == (who == "reader")


def test_targets_are_set_by_who_leads(company: Company) -> None:
    changes: list[Change] = []
    events.listen(Change, changes.append)
    goals = {MARCH: Goal(base=Decimal(100), stretch=Decimal("120.50")), APRIL: Goal(base=Decimal(90))}
    users = company.users
    allowed = [
        ("ops", "all", 0), ("ops", "line", company.line.pk), ("ops", "person", users["boss"].pk),
        ("boss", "team", company.group.pk), ("boss", "person", users["li"].pk), ("boss", "person", users["wu"].pk),
        ("chief", "person", users["wu"].pk),
    ]  # fmt: skip
    refused = [
        ("boss", "team", company.east.pk), ("boss", "person", users["boss"].pk), ("boss", "person", users["zhao"].pk),
        ("boss", "line", company.line.pk), ("boss", "all", 0), ("chief", "team", company.group.pk),
        ("li", "person", users["li"].pk), ("reader", "person", users["wu"].pk),
    ]  # fmt: skip
    for who, kind, key in refused:
        with pytest.raises(errors.NotYours):
            services.set_targets(kind=kind, scope=key, goals=goals, by=users[who], at=AT)
        assert (kind, key) not in seen(company, who) or not seen(company, who)[kind, key].may_set
    assert (Target.objects.count(), changes) == (0, [])
    for who, kind, key in allowed:
        assert seen(company, who)[kind, key].may_set
        services.set_targets(kind=kind, scope=key, goals=goals, by=users[who], at=AT)
    assert (Target.objects.count(), len(changes)) == (2 * 6, 7)
    march = seen(company, "li")["person", users["li"].pk].months[2]
    assert (march.base, march.stretch, march.won) == (Decimal(100), Decimal("120.50"), Decimal("0.30"))
    services.set_targets(kind="all", scope=0, goals={MARCH: None}, by=users["ops"], at=AT)
    assert [month.base for month in seen(company, "ops")["all", 0].months[2:4]] == [None, Decimal(90)]


@pytest.mark.parametrize(
    ("goals", "refusal"),
    [
        ({date(2026, 3, 2): Goal(base=Decimal(1))}, errors.TargetInvalid),
        ({MARCH: Goal(base=Decimal(-1))}, errors.TargetInvalid),
        ({MARCH: Goal(base=Decimal("1.001"))}, errors.TargetInvalid),
        ({MARCH: Goal(base=Decimal("NaN"))}, errors.TargetInvalid),
        (
            {MARCH: Goal(base=Decimal(2)), APRIL: Goal(base=Decimal(2), stretch=Decimal(1))},
            errors.TargetInvalid,
        ),
    ],
)
def test_what_is_no_target_sets_none(
    company: Company, goals: dict[date, Goal | None], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        services.set_targets(kind="all", scope=0, goals=goals, by=None, at=AT)
    with pytest.raises(NotFound):
        services.set_targets(kind="team", scope=0, goals={MARCH: Goal(base=Decimal(1))}, by=None, at=AT)
    assert not Target.objects.exists()
    assert company.users


def test_where_amounts_are_hidden_so_is_this(company: Company) -> None:
    for role in ("rep", "manager"):
        crm.set_field_rule(kind=DEAL, field="amount", role=role, level="own", by=None, at=AT)
    with pytest.raises(errors.AmountsHidden):
        attainment(user=company.users["li"], year=2026)
    assert seen(company, "ops")


def test_over_http(company: Company) -> None:
    client = Client()
    _, token = people.create_session(
        user=company.users["ops"], address="127.0.0.1", agent="test", at=datetime.now(UTC)
    )
    client.cookies["foresail_session"] = token
    goals = [{"month": "2026-03-01", "base": "100", "stretch": None}]
    body = {"kind": "team", "scope": company.east.pk, "goals": goals}
    assert client.put("/api/targets", body, content_type="application/json").status_code == 204
    rows = client.get("/api/targets?year=2026").json()["rows"]
    [east] = [row for row in rows if (row["kind"], row["scope"]) == ("team", company.east.pk)]
    assert east["above"] == f"line:{company.line.pk}"
    assert (east["months"][2]["base"], east["months"][2]["won"]) == ("100.00", "100.63")
