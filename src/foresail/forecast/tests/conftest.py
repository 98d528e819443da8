"""A small simulated company in the database, and a model fitted once for all tests."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from conftest import prepared
from foresail.crm import services as crm
from foresail.crm.models import Pipeline
from foresail.forecast import logs, serving
from foresail.forecast.models import ForecastModel, Pool
from foresail.forecast.services import add_pool
from foresail.people import services as people
from foresail.people.models import Team, User
from foresail.people.roles import Role
from foresail.science.forecaster import DealForecaster
from foresail.science.simulator import Simulation, simulate
from foresail.timeline.services import append
from foresail.timeline.tests.making import entries_of
from tests.quick import with_quick_trees

DEALS = 200
UNSEEN = timedelta(days=56)


@dataclass(kw_only=True)
class Company:
    """`now` is the end of what is known; `model` was fitted 56 days before."""

    now: datetime
    pool: Pool
    model: ForecastModel
    pipeline: Pipeline
    deals: dict[int, int]
    rep: User
    boss: User
    ops: User
    team: Team


@pytest.fixture(scope="session")
def simulation() -> Simulation:
    return simulate(seed=7, deals=DEALS)


@pytest.fixture(scope="session")
def fitted(simulation: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    last: Any = simulation.events["recorded_at"].max()
    as_of = (last - UNSEEN).date()

    def make(folder: Path) -> None:
        with with_quick_trees():
            DealForecaster(seed=0).fit(simulation.log(), as_of=as_of).save(folder)

    return prepared(tmp_path_factory, "fitted", make)


@pytest.fixture(scope="module", autouse=True)
def _quick(quick_trees: None) -> None:
    pass


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORESAIL_HOME", str(tmp_path))
    logs.forget_logs()
    monkeypatch.setattr(serving, "_loaded", {})


@pytest.fixture
def company(db: None, simulation: Simulation, fitted: Path) -> Company:  # noqa: ARG001  asks for the database
    now: Any = simulation.events["recorded_at"].max()
    line = people.add_line(name="运动控制", by=None, at=now)
    east, west = (people.add_team(name=name, line=line, by=None, at=now) for name in ("一组", "二组"))

    def hire(name: str, role: Role, team: Team | None) -> User:
        user = people.add_user(email=f"{name}@example.com", name=name, team=team, by=None, at=now)
        people.grant_role(user=user, role=role, by=None, at=now)
        return user

    rep, other = hire("li", Role.REP, east), hire("zhao", Role.REP, west)
    boss, ops = hire("boss", Role.MANAGER, east), hire("ops", Role.SALES_OPERATIONS, None)
    people.appoint_manager(team=east, manager=boss, by=None, at=now)
    stages = [
        crm.StageSpec(key, key, key)
        for key in ("qualified", "solution", "evaluation", "quote", "negotiation")
    ]
    pipeline = crm.add_pipeline(name="直销", line=line, stages=stages, by=None, at=now)
    keys = dict(pipeline.stages.values_list("key", "pk"))
    [account] = crm.add_accounts([crm.NewAccount(name="某公司", line=line.pk)], by=None, at=now)
    rows = [
        crm.NewDeal(
            name=row["deal"], number=row["deal"], account=account, pipeline=pipeline.pk, stage=keys["qualified"],
            owner=(rep if n % 2 else other).pk, team=(east if n % 2 else west).pk, opened_at=row["opened"],
            amount=None if row["amount"] is None else Decimal(str(row["amount"])), status=row["result"] or "open", closed_at=row["closed"],
        )
        for n, row in enumerate(simulation.deals.iter_rows(named=True))
    ]  # fmt: skip
    with connection.cursor() as cursor:
        # Keys of one length: as texts they then stand in the order of the simulation's names, as `fitted` saw them.
        cursor.execute(
            "SELECT setval('crm_deal_id_seq', greatest(1000000, (SELECT last_value FROM crm_deal_id_seq)))"
        )
    made = crm.add_deals(rows, by=None, at=now)
    deals = dict(enumerate(made, start=1))
    append(entries_of(simulation, deals=deals, pipeline=pipeline.pk), at=now, quiet=True)
    pool = add_pool(name="全部", pipelines=[pipeline.pk])
    as_of = (now - UNSEEN).replace(hour=0, minute=0, second=0, microsecond=0)
    model = ForecastModel.objects.create(
        pool=pool, version=1, fitted_as_of=as_of, created_at=now, status="serving", folder=f"{pool.pk}/1"
    )
    place = Path(os.environ["FORESAIL_HOME"]) / "models" / str(pool.pk)
    place.mkdir(parents=True)
    shutil.copytree(fitted, place / "1")
    return Company(
        now=now,
        pool=pool,
        model=model,
        pipeline=pipeline,
        deals=deals,
        rep=rep,
        boss=boss,
        ops=ops,
        team=east,
    )
