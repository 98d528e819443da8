"""One company and one fitted model for all tests of the room; each test gets the rows anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from django.db import transaction

from foresail.core import events
from foresail.forecast import logs, serving
from foresail.forecast.listening import listen_to_others
from foresail.forecast.models import ForecastModel, Pool
from foresail.forecast.services import add_pool, train
from foresail.forecast.tests.whole.making import AT, Company, keep
from foresail.science.forecaster import DealForecaster
from foresail.science.forecaster.verdict import Thresholds
from foresail.science.simulator import Simulation, simulate
from foresail.timeline.listening import listen_to_crm


@dataclass(kw_only=True)
class World:
    company: Company
    pool: Pool
    model: ForecastModel


@pytest.fixture(scope="session")
def simulation() -> Simulation:
    return simulate(seed=7, deals=250)


@pytest.fixture(scope="session")
def fitted() -> dict[str, DealForecaster]:
    """Models by what they are, each fitted once: "full"."""
    return {}


@pytest.fixture(scope="module")
def company(
    django_db_setup: None,  # noqa: ARG001  (the database must be there)
    django_db_blocker: pytest.FixtureRequest,
    simulation: Simulation,
    quick_trees: None,  # noqa: ARG001
) -> Iterator[Company]:
    """Keep the company once for a file of tests, in a transaction that is undone after the last of them."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        listeners = dict(events._listeners)
        events._listeners.clear()
        yield keep(simulation, at=AT)
        events._listeners.update(listeners)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _listening(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let only timeline and this room listen."""
    monkeypatch.setattr(events, "_listeners", {})
    listen_to_crm()
    listen_to_others()


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the process keeps of earlier tests: keys come again after a rollback, meaning something else."""
    logs.forget_logs()
    monkeypatch.setattr(serving, "_loaded", {})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FORESAIL_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def fit_once(monkeypatch: pytest.MonkeyPatch, fitted: dict[str, DealForecaster]) -> None:
    """Fit the first time only: deals and users have other keys in each file, but not so many that it matters here."""
    fit = DealForecaster.fit

    def once(self: DealForecaster, log: object, *, as_of: object = None) -> DealForecaster:
        if "full" not in fitted:
            made = fit(self, log, as_of=as_of)  # type: ignore[arg-type]
            # So few deals keep both sides silent; what is done with verdicts must show all the same.
            made.restore(replace(made.fitted, thresholds=Thresholds(won=0.25, lost=0.35)))
            fitted["full"] = made
        self.restore(fitted["full"].fitted)
        return self

    monkeypatch.setattr(DealForecaster, "fit", once)


@pytest.fixture
def world(db: None, home: Path, fit_once: None, company: Company) -> World:  # noqa: ARG001
    """The company with a model that has not seen the last six weeks."""
    pool = add_pool(name="启明", pipelines=company.pipelines)
    model = train(pool=pool, at=AT, unseen_days=42)
    return World(company=company, pool=pool, model=model)
