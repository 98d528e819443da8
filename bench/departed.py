"""Departed contacts planted in a simulated company: forecast and suggestions with the guard and without, side by side.

The deals looked at are those whose champion left, as the simulator planted it, and are still open. Without the
guard nobody noted that they left, and every second mail of ours is answered by the mail box of somebody who is
gone, which counts as an answer of the customer's. With it the departure is known and these answers do not count.
The forecaster is the same: fitted on what was known before.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import mean

import numpy as np
import numpy.typing as npt
import polars as pl

from bench.figure import Figure
from foresail.science.forecaster import DealForecaster
from foresail.science.log import DealLog
from foresail.science.simulator import simulate
from foresail.science.simulator.simulation import Simulation
from foresail.science.time import to_datetime, to_instant

SEED = 301
DEALS = 8_000
CUTOFF = date(2025, 4, 1)
LANDMARKS = 3
EVERY = 2
"""One of so many of our mails goes to somebody who is gone."""
AFTER = timedelta(minutes=2)
TOP = 3
VARIANTS = ("guarded", "answers_counted", "unguarded")


@dataclass(frozen=True)
class Seen:
    """What was said of the same deals at one landmark, by variant, beside the hidden chance."""

    deals: list[str]
    hidden: npt.NDArray[np.float64]
    said: Mapping[str, npt.NDArray[np.float64]]
    named: Mapping[str, float]
    answers: int


def measure() -> Iterator[Figure]:
    seen = look(SEED)
    hidden = np.concatenate([each.hidden for each in seen])
    said = {name: np.concatenate([each.said[name] for each in seen]) for name in VARIANTS}
    against = "without the guard"

    def off(name: str) -> float:
        return float(np.abs(said[name] - hidden).mean())

    def brier(name: str) -> float:
        return float(((said[name] - hidden) ** 2).mean())

    yield Figure("departed_looks", len(hidden), "deals whose champion left, at three landmarks")
    yield Figure("departed_hidden_chance", float(hidden.mean()), "planted truth, mean")
    yield Figure(
        "departed_said", float(said["guarded"].mean()), "mean", float(said["unguarded"].mean()), against
    )
    yield Figure("departed_off", off("guarded"), "mean distance", off("unguarded"), against, at_most=1)
    yield Figure(
        "departed_off_answers", off("guarded"), "mean distance", off("answers_counted"),
        "departure known, answers of its mail box counted",
    )  # fmt: skip
    yield Figure("departed_brier", brier("guarded"), "to the truth", brier("unguarded"), against)
    for name in ("guarded", "unguarded"):
        share = mean(each.named[name] for each in seen)
        yield Figure(f"departed_named_{name}", share, "departure among the top 3 drivers")
    deals = sorted({deal for each in seen for deal in each.deals})
    for name, asked in zip(("guarded", "unguarded"), suggested(len(deals)), strict=True):
        yield Figure(f"departed_suggested_{name}", asked, f"of {len(deals)} deals told to find a champion")


def look(seed: int) -> list[Seen]:
    """Simulate, fit on the past of CUTOFF, and forecast the same deals three times at each landmark."""
    simulation = simulate(seed=seed, deals=DEALS)
    log = simulation.log()
    forecaster = DealForecaster().fit(log, as_of=CUTOFF)
    return [
        _look(simulation, forecaster, to_instant(CUTOFF + timedelta(days=14 * place), zone=log.zone))
        for place in range(1, LANDMARKS + 1)
    ]


def _look(simulation: Simulation, forecaster: DealForecaster, instant: int) -> Seen:
    truth = simulation.truth
    now = to_datetime(instant, zone=truth.zone)
    active = truth.causes_at(instant).filter((pl.col("cause") == "champion_leaves") & pl.col("visible"))
    deals = sorted(set(active["deal"]))
    left = (
        truth.causes.filter((pl.col("cause") == "champion_leaves") & pl.col("deal").is_in(deals))
        .filter(pl.col("visible_at") <= now)
        .group_by("deal")
        .agg(left=pl.col("visible_at").max())
    )
    ghosts = _answers(simulation, left, now)
    without_notes = simulation.events.filter(
        ~((pl.col("kind") == "contact_left") & pl.col("case_id").is_in(deals))
    )
    variants = {
        "guarded": simulation.events,
        "answers_counted": pl.concat([simulation.events, ghosts]),
        "unguarded": pl.concat([without_notes, ghosts]),
    }
    said, named = {}, {}
    for name, events in variants.items():
        log = _log(simulation, events)
        table = forecaster.predict(log, at=instant).filter(pl.col("deal").is_in(deals)).sort("deal")
        said[name] = table["p_won_final"].to_numpy()
        told = forecaster.explain(log, at=instant, deals=table["deal"].to_list())
        found = [
            "kind:contact_left" in {d.code for d in each.drivers[:TOP] if d.log_odds < 0} for each in told
        ]
        named[name] = mean(found)
        deals = table["deal"].to_list()
    hidden = truth.at(deals=deals, instant=instant).p_won_final
    return Seen(deals=deals, hidden=hidden, said=said, named=named, answers=len(ghosts))


def _answers(simulation: Simulation, left: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Return what the mail boxes of those who are gone answer, up to `now`: for every second mail of ours, at once."""
    mails = simulation.events.filter(pl.col("kind") == "mail_out").join(
        left, left_on="case_id", right_on="deal"
    )
    mails = mails.filter((pl.col("at") > pl.col("left")) & (pl.col("at") < now))
    mails = mails.sort("case_id", "at").filter(pl.int_range(pl.len()).over("case_id") % EVERY == 0)
    return mails.with_columns(
        kind=pl.lit("mail_in"),
        at=pl.col("at") + AFTER,
        recorded_at=pl.max_horizontal("recorded_at", pl.col("at") + AFTER),
        actor=pl.lit(None, dtype=pl.String),
        stage=pl.lit(None, dtype=pl.String),
    ).select(simulation.events.columns)


def _log(simulation: Simulation, events: pl.DataFrame) -> DealLog:
    return DealLog.build(
        deals=simulation.deals.rename({"result": "outcome"}),
        events=events.rename({"case_id": "deal", "recorded_at": "known"}),
        zone=simulation.truth.zone,
    )


def suggested(deals: int) -> tuple[int, int]:
    """Return in how many of `deals`, each with all roles filled and its champion gone, a champion is asked for:
    as deals are judged, and as they would be if it counted who once had the role.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foresail.site.settings")
    import django

    django.setup()
    from foresail.crm.models import Contact, DealContact
    from foresail.crm.queries import missing_roles

    gone = datetime(CUTOFF.year, CUTOFF.month, CUTOFF.day, tzinfo=UTC)
    counts = []
    for left_at in (gone, None):
        people = [
            DealContact(contact=Contact(left_at=left_at if role == "champion" else None), role=role)
            for role in ("economic_buyer", "champion", "technical")
        ]
        counts.append(sum("champion" in missing_roles(people) for _ in range(deals)))
    return counts[0], counts[1]
