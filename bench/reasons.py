"""Simulated companies whose causes and chances are known: are the reasons right, and the chances?

The seeds are not used anywhere else in this repository, so nothing has been fitted to them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

import numpy as np
import polars as pl

from bench.figure import Figure
from foresail.science import metrics
from foresail.science.forecaster import DealForecaster
from foresail.science.simulator import CAUSES, simulate
from foresail.science.simulator.truth import Truth
from foresail.science.time import to_instant

SEEDS = (201, 202, 203)
DEALS = 12_000
CUTOFF = date(2025, 4, 1)
LANDMARKS = 4
HORIZON = 14

TOP = 3
NAMED_BY = {
    "champion_leaves": {"kind:contact_left"},
    "evaluation_stalls": {"stalled:evaluation"},
    "competitor_enters": {"kind:competitor_mentioned"},
    "budget_freeze": {"kind:budget_frozen"},
    "price_objection": {"kind:price_objection"},
    "slow_followup": {"slow_answers", "waiting"},
}
"""The drivers (their codes) that name a planted cause."""

LEVELS = ("swing_low", "swing_low50", "swing_mid", "swing_high50", "swing_high")
SHARES = (0.10, 0.25, 0.50, 0.75, 0.90)


@dataclass(frozen=True)
class Company:
    """What one seed shows: which causes were named, errors of calibration by name, and how often the
    80 % band of the swing held the hidden chance.
    """

    named: pl.DataFrame
    errors: dict[str, float]
    hidden_in_band: float

    def share(self, *, active: bool, cause: str | None = None) -> float:
        """Return the share of (deal, landmark, cause) named, among those whose cause is `active` or not."""
        of = self.named.filter(pl.col("active") == active)
        return float((of if cause is None else of.filter(pl.col("cause") == cause))["named"].mean())  # type: ignore[arg-type]


def measure() -> Iterator[Figure]:
    yield from _figures([look(seed) for seed in SEEDS])


def _figures(companies: list[Company]) -> Iterator[Figure]:
    """Yield the worst of the companies for what is asked, and each cause's median."""

    def worst(of: Callable[[Company], float], *, pick: Callable[[list[float]], float]) -> float:
        return pick([of(company) for company in companies])

    yield Figure("reasons_hit", worst(lambda c: c.share(active=True), pick=min), "", at_least=0.75)
    yield Figure("reasons_false", worst(lambda c: c.share(active=False), pick=max), "", at_most=0.10)
    for cause in CAUSES:
        hit = median(c.share(active=True, cause=cause) for c in companies)
        false = median(c.share(active=False, cause=cause) for c in companies)
        yield Figure(f"reasons_hit_{cause}", hit, "")
        yield Figure(f"reasons_false_{cause}", false, "", at_most=0.10)
    for name in companies[0].errors:
        yield Figure(f"truth_{name}", max(c.errors[name] for c in companies), "worst seed", at_most=0.03)
    yield Figure("truth_in_band80", median(c.hidden_in_band for c in companies), "")


def look(seed: int) -> Company:
    """Simulate, fit on the past of CUTOFF, and compare reasons and chances of later days with the truth.

    A cause that the log cannot tell of yet counts neither as carried nor as absent.
    """
    simulation = simulate(seed=seed, deals=DEALS)
    log, truth = simulation.log(), simulation.truth
    forecaster = DealForecaster().fit(log, as_of=CUTOFF)
    named: list[pl.DataFrame] = []
    shown: list[pl.DataFrame] = []
    days = [CUTOFF + timedelta(days=HORIZON * i) for i in range(LANDMARKS)]
    for day in days:
        instant = to_instant(day, zone=log.zone)
        codes = {
            e.deal: {d.code for d in e.drivers[:TOP] if d.log_odds < 0}
            for e in forecaster.explain(log, at=instant)
        }
        named.append(_named(truth, instant, codes))
        shown.append(_with_truth(forecaster.predict(log, at=instant), truth, instant))
    return Company(pl.concat(named), _errors(shown), _hidden_in_band(shown))


def _named(truth: Truth, instant: int, codes: dict[str, set[str]]) -> pl.DataFrame:
    """Return deal, cause, active, named of every open deal and cause that can be told."""
    causes = pl.DataFrame({"cause": list(CAUSES)})
    everything = pl.DataFrame({"deal": sorted(codes)}).join(causes, how="cross")
    told = everything.join(truth.causes_at(instant), on=["deal", "cause"], how="left").filter(
        pl.col("visible").is_null() | pl.col("visible")
    )
    return told.select(
        "deal",
        "cause",
        active=pl.col("visible").is_not_null(),
        named=pl.Series(
            [bool(codes[deal] & NAMED_BY[cause]) for deal, cause in told.select("deal", "cause").iter_rows()],
            dtype=pl.Boolean,
        ),
    )


def _with_truth(forecast: pl.DataFrame, truth: Truth, instant: int) -> pl.DataFrame:
    hidden = truth.at(deals=forecast["deal"].to_list(), instant=instant, horizon=HORIZON)
    return forecast.with_columns(
        truth_final=hidden.p_won_final, truth_won=hidden.p_won, truth_lost=hidden.p_lost
    )


def _errors(shown: list[pl.DataFrame]) -> dict[str, float]:
    """Return ECE of the chances against the hidden ones, and of the swing against the next landmark.

    The swing says where the forecast itself will stand: `swing_bands` is the mean difference between the
    levels of its five quantiles and the shares of later forecasts below them.
    """
    rows, pairs = pl.concat(shown), _pairs(shown)
    below = [float((pairs["later"] <= pairs[level]).mean()) for level in LEVELS]  # type: ignore[arg-type]
    return {
        "final": _ece(rows["truth_final"], rows["p_won_final"]),
        "won_14d": _ece(rows["truth_won"], rows["p_won"]),
        "lost_14d": _ece(rows["truth_lost"], rows["p_lost"]),
        "swing_bands": float(np.abs(np.array(below) - SHARES).mean()),
    }


def _hidden_in_band(shown: list[pl.DataFrame]) -> float:
    """Return how often the 80 % band holds the hidden chance of the next landmark, which swings further."""
    pairs = _pairs(shown)
    inside = (pairs["hidden"] >= pairs["swing_low"]) & (pairs["hidden"] <= pairs["swing_high"])
    return float(inside.mean())  # type: ignore[arg-type]


def _pairs(shown: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the forecasts of deals still open at the next landmark, with what was `later` said, and `hidden`."""
    return pl.concat(
        [
            now.join(after.select("deal", later=pl.col("p_won_final"), hidden="truth_final"), on="deal")
            for now, after in pairwise(shown)
        ]
    )


def _ece(truth: pl.Series, chance: pl.Series) -> float:
    return float(metrics.ece(truth.to_numpy(), chance.to_numpy()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Look at simulated companies of your own seeds.")
    parser.add_argument("seeds", nargs="+", type=int)
    for figure in _figures([look(seed) for seed in parser.parse_args().seeds]):
        print(f"{figure.name:32} {figure.value:.3f}  {figure.goal or ''}  {'' if figure.met else 'MISSED'}")
