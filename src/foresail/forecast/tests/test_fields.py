"""Lists of deals show, filter, sort and weigh by what the forecast last said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from foresail.crm import services as crm
from foresail.crm.fields import DEAL, fields_of
from foresail.crm.models import Deal
from foresail.crm.queries.listing import grouped, record, records
from foresail.crm.queries.showing import shown
from foresail.crm.sight import Sight
from foresail.forecast.models import ForecastModel, Outlook, Pool, Score
from foresail.people import services as people
from foresail.people.models import User
from foresail.people.roles import Role

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHANCES = {"甲": 0.125, "乙": 0.9 / 3, "丙": 0.75, "丁": 0.75}


@pytest.fixture
def ops(db: None) -> User:  # noqa: ARG001  asks for the database
    """Sees six deals: four with an outlook, one that was never scored, and one that ended a moment ago."""
    line = people.add_line(name="运动控制", by=None, at=AT)
    user = people.add_user(email="ops@example.com", name="Ops", team=None, by=None, at=AT)
    people.grant_role(user=user, role=Role.SALES_OPERATIONS, by=None, at=AT)
    pipeline = crm.add_pipeline(
        name="直销", line=line, stages=[crm.StageSpec(k, k, k) for k in ("a", "b")], by=None, at=AT
    )
    account = crm.add_account(name="某公司", line=line, by=None, at=AT)
    pool = Pool.objects.create(name="全部")
    model = ForecastModel.objects.create(
        pool=pool, version=1, fitted_as_of=AT, created_at=AT, status="serving", folder="1"
    )
    for name in (*CHANCES, "无", "完"):
        deal = crm.open_deal(
            name=name, account=account, pipeline=pipeline, amount=Decimal("1000.10"), by=None, at=AT
        )
        if name != "无":
            score(deal, pool, model, CHANCES.get(name, 0.5))
        if name == "完":
            crm.close_deal(deal=deal, outcome="won", version=deal.version, by=None, at=AT)
    return user


def score(deal: Deal, pool: Pool, model: ForecastModel, chance: float) -> None:
    now = datetime.now(UTC)
    _, kept = (
        Score.objects.create(
            deal=deal, model=model, at=at, p_won_final=p, p_won=p, p_lost=0, p_open=1 - p,
            chances=[], verdict="lost" if p < 0.2 else None, risk=1 - p, tier="a",
        )
        for at, p in ((now - timedelta(days=8), 0.5), (now, chance))
    )  # fmt: skip
    Outlook.objects.create(
        deal=deal, pool=pool, score=kept, at=now, p_won_final=chance, p_won_7=0, p_won_14=0, p_won_30=0, p_won_90=0,
        verdict=kept.verdict, risk=1 - chance, alerted=chance < 0.2,
    )  # fmt: skip


def names(user: User, *conditions: dict[str, Any], sort: str = "name") -> str:
    where = {"all": list(conditions)}
    return "".join(each.name for each in records(DEAL, user=user, now=AT, where=where, sort=sort).items)


def test_lists_are_filtered_by_the_forecast(ops: User) -> None:
    def test(field: str, op: str, value: Any = None) -> dict[str, Any]:
        return {"field": field, "op": op} | ({} if value is None else {"value": value})

    found = {
        "likely": names(ops, test("win_chance", "gte", "0.5")),
        "unlikely": names(ops, test("win_chance", "lt", "0.5")),
        "unscored": names(ops, test("win_chance", "empty")),
        "verdict": names(ops, test("verdict", "in", ["lost"])),
        "alerted": names(ops, test("alerted", "is", True)),
        "fell": names(ops, test("win_change", "lte", "-0.2")),
        "at risk": names(ops, test("risk", "between", ["0.6", "0.8"])),
    }
    assert {name: set(value) for name, value in found.items()} == {
        "likely": {"丙", "丁"},
        "unlikely": {"甲", "乙"},
        "unscored": {"无", "完"},
        "verdict": {"甲"},
        "alerted": {"甲"},
        "fell": {"甲", "乙"},
        "at risk": {"乙"},
    }


@pytest.mark.parametrize(("sort", "order"), [("win_chance", "甲乙丙丁"), ("-win_chance", "丁丙乙甲")])
def test_pages_go_on_from_a_chance(ops: User, sort: str, order: str) -> None:
    """Two have the same chance; one is 0.3 as a double has it, whose digits do not end."""
    found, after = "", None
    for _ in range(6):
        page = records(DEAL, user=ops, now=AT, sort=sort, limit=1, after=after)
        found += page.items[0].name
        after = page.next
    assert after is None
    assert found[:4] == order
    assert set(found[4:]) == {"无", "完"}  # what has none comes last, either way


def test_a_record_tells_it_too(ops: User) -> None:
    fields, sight = fields_of(DEAL), Sight.of(ops)
    deal = record(DEAL, user=ops, key=Deal.objects.get(name="甲").pk)
    keys = ["win_chance", "win_change", "verdict", "risk", "alerted"]
    [values] = shown(DEAL, [deal], fields=fields, sight=sight, user=ops, only=keys)
    assert {key: values[key] for key in ("verdict", "alerted")} == {"verdict": "lost", "alerted": True}
    assert [float(str(values[key])) for key in ("win_chance", "win_change", "risk")] == [0.125, -0.375, 0.875]
    ended = record(DEAL, user=ops, key=Deal.objects.get(name="完").pk)
    [values] = shown(DEAL, [ended], fields=fields, sight=sight, user=ops, only=keys)
    assert values == dict.fromkeys(keys)


def test_sums_are_weighed_by_it(ops: User) -> None:
    [group] = grouped(DEAL, user=ops, now=AT, by="stage", sums=["amount"], weigh="win_chance")
    assert group.count == 6
    assert group.sums["amount"] == Decimal("6000.60")
    assert group.weighted == pytest.approx(Decimal("1000.10") * Decimal("1.925"))
