"""By how much traces help the forecast: what the simulator's customers do on the website, and two planted effects.

The planted ones are the bench's own, named as such: traces that foretell the outcome, and traces that foretell nothing.
They show that the machinery finds an effect that is there, and claims none that is not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from bench.figure import Figure, once
from foresail.science.ablation import Ablation, ablate
from foresail.science.forecaster import DealForecaster
from foresail.science.log import DealLog, Outcome
from foresail.science.simulator import Simulation, simulate
from foresail.science.time import DAY

DEALS = 2_000
WEEKS = 8
"""Unseen by both models; those of the last two weeks whose state is not known yet do not count."""
WEB = ("web_visit", "web_visit_price")
PLANTED = "planted"
SEEDS = (1, 2, 3)
"""Of traces that foretell nothing: how often they are said to help."""


def measure() -> Iterator[Figure]:
    simulation = simulate(seed=7, deals=DEALS)
    log = simulation.log()
    as_of, stop = unseen(simulation)
    forecaster = DealForecaster().fit(log, as_of=as_of)
    web, seconds = once(lambda: judged(forecaster, log, WEB, as_of=as_of, stop=stop))
    yield from told("signals_simulator", web, "the website of the simulator's customers, left out and not")
    yield Figure("signals_seconds", seconds, "s", against="a second fit, and both judged")
    foretelling = planted(simulation, seed=1, foretell=True)
    yield from told("signals_planted", trained(foretelling, as_of=as_of, stop=stop), "planted: won deals have twice as many", least=0.0)  # fmt: skip
    claims = 0
    for seed in SEEDS:
        nothing = trained(planted(simulation, seed=seed, foretell=False), as_of=as_of, stop=stop)
        claims += nothing.helps
        if seed == SEEDS[0]:
            yield from told("signals_nothing", nothing, "planted: whatever becomes of a deal")
    yield Figure("signals_nothing_claims", claims / len(SEEDS), "share", against=f"of {len(SEEDS)} draws of planted nothing", at_most=0.0)  # fmt: skip


def told(name: str, found: Ablation, against: str, *, least: float | None = None) -> Iterator[Figure]:
    """Yield what a card would say: log loss of the state in 14 days with and without, and the interval of the gain."""
    state, final = found.state, found.final
    yield Figure(
        f"{name}_log_loss", state.with_them.value, "nats", state.without.value, f"without; {against}"
    )
    yield Figure(f"{name}_gain_low", state.gain.low, "nats", against=against, at_least=least)
    yield Figure(f"{name}_gain", state.gain.value, "nats", against=against)
    yield Figure(f"{name}_gain_high", state.gain.high, "nats", against=against)
    if final is not None:
        yield Figure(f"{name}_final_gain_low", final.gain.low, "nats", against=f"p(won finally); {against}")
        yield Figure(f"{name}_final_gain", final.gain.value, "nats", against=f"p(won finally); {against}")
        yield Figure(f"{name}_final_gain_high", final.gain.high, "nats", against=f"p(won finally); {against}")


def unseen(simulation: Simulation) -> tuple[date, date]:
    """Return from which day on, and until before which, the models forecast what they have not seen."""
    last = simulation.events["recorded_at"].max()
    assert isinstance(last, date)  # a datetime is one
    stop = date(last.year, last.month, last.day)
    return stop - timedelta(weeks=WEEKS), stop


def trained(log: DealLog, *, as_of: date, stop: date) -> Ablation:
    return judged(DealForecaster().fit(log, as_of=as_of), log, [PLANTED], as_of=as_of, stop=stop)


def judged(
    forecaster: DealForecaster, log: DealLog, kinds: Collection[str], *, as_of: date, stop: date
) -> Ablation:
    found = ablate(forecaster, log, kinds, as_of=as_of, stop=stop)
    assert found is not None
    return found


def planted(simulation: Simulation, *, seed: int, foretell: bool) -> DealLog:
    """Return the log without the website, with traces instead: one a fortnight and deal on average, whatever becomes
    of it; if they `foretell`, two where it was won.
    """
    whole = simulation.log()
    opened, until = whole.deals.opened, np.minimum(whole.deals.closed, whole.end)
    won = (whole.deals.outcome == Outcome.WON) & foretell
    random = np.random.default_rng(seed)
    count = random.poisson((1 + won) * (until - opened) / (14 * DAY))
    deal = np.repeat(np.arange(len(opened)), count)
    at = opened[deal] + (random.random(len(deal)) * (until - opened)[deal]).astype(np.int64)
    traces = pl.DataFrame({"case_id": whole.deals.ids[deal].astype(str), "at": at, "kind": PLANTED})
    events = simulation.events.filter(~pl.col("kind").is_in(WEB))
    instant = pl.from_epoch("at", "us").dt.replace_time_zone("UTC")
    times = {name: instant.cast(events.schema[name]) for name in ("at", "recorded_at")}
    both = pl.concat([events, traces.with_columns(**times)], how="diagonal")
    return replace(simulation, events=both).log()
