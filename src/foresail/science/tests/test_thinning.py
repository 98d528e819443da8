"""Of a large log a model learns from fewer rows: first of fewer days of each deal, then of fewer deals."""

from datetime import date

import pytest

from foresail.science.forecaster import training
from foresail.science.simulator import simulate
from foresail.science.time import to_instant

LOG = simulate(seed=3, deals=600).log()
AS_OF = to_instant(date(2025, 6, 1), zone=LOG.zone)


def rows(monkeypatch: pytest.MonkeyPatch, *, most: int) -> set[tuple[int, int]]:
    monkeypatch.setattr(training, "ENOUGH_ROWS", 500)
    monkeypatch.setattr(training, "MOST_ROWS", most)
    found = training.Training.collect(LOG, as_of=AS_OF, every=2, horizon=14).rows
    return set(zip(found.deal.tolist(), found.at.tolist(), strict=True))


def test_deals_are_left_out_by_lot_and_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    once_a_horizon = rows(monkeypatch, most=1_000_000)
    fewer = rows(monkeypatch, most=len(once_a_horizon) // 2)
    assert 0.4 < len(fewer) / len(once_a_horizon) < 0.6
    stay = {deal for deal, _ in fewer}
    assert fewer == {(deal, at) for deal, at in once_a_horizon if deal in stay}
    assert rows(monkeypatch, most=len(once_a_horizon) // 2) == fewer


def test_nobody_is_left_out_of_a_log_that_is_not_so_large(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = rows(monkeypatch, most=1_000_000)
    assert rows(monkeypatch, most=len(kept)) == kept
