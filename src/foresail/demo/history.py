"""The simulated company as it stands at one moment: its deals, and what had become known of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from typing import Any, Final

import polars as pl

from foresail.core.clock import ZONE
from foresail.demo.writer import Trouble
from foresail.science.log import DealLog
from foresail.science.simulator import simulate
from foresail.science.simulator.company import LINE_NAMES

MONTHS: Final = 18
"""How long ago the history begins, in whole months before the current one."""

Event = tuple[str, datetime, datetime, str | None, str | None]
"""kind, at, known_at, who did it on our side, stage that the deal moves to"""


@dataclass(frozen=True, slots=True)
class Rep:
    name: str
    line: str
    team: str


@dataclass(frozen=True, eq=False)
class History:
    """`deals` and `events` are the simulation's tables as they stood at `at`; `place` in both is the deal's row."""

    at: datetime
    deals: pl.DataFrame
    events: pl.DataFrame
    troubles: Mapping[int, list[Trouble]]

    @cached_property
    def reps(self) -> list[Rep]:
        """Who owns a deal, by line and team."""
        found = self.deals.select("owner", "line", "team").unique().iter_rows()
        return [
            Rep(*row) for row in sorted(found, key=lambda row: (LINE_NAMES.index(row[1]), row[2], row[0]))
        ]

    @cached_property
    def engineers(self) -> dict[str, str]:
        """The line of each engineer."""
        reps = self.deals["owner"].unique()
        acted = self.events.filter(pl.col("actor").is_not_null() & ~pl.col("actor").is_in(reps.implode()))
        lines = acted.join(self.deals.select("place", "line"), on="place")
        return dict(lines.select("actor", "line").unique().sort("line", "actor").iter_rows())

    @cached_property
    def engineer_of(self) -> dict[int, str]:
        """Who helps in each deal, as far as somebody did."""
        acted = self.events.filter(pl.col("actor").is_in(pl.Series(list(self.engineers)).implode()))
        return dict(acted.group_by("place").agg(pl.col("actor").first()).iter_rows())

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the deals, in order."""
        return self.deals.iter_rows(named=True)

    def of_deals(self) -> Iterator[tuple[int, list[Event]]]:
        """Yield every deal's place and events, in the order in which they happened."""
        columns = ("place", "kind", "at", "recorded_at", "actor", "stage")
        rows = self.events.select(columns).iter_rows()
        for place, events in groupby(rows, key=lambda row: row[0]):
            yield int(place), [row[1:] for row in events]

    def last_stages(self) -> list[str]:
        """Return each deal's stage, by place."""
        moves = self.events.filter(pl.col("stage").is_not_null())
        last = moves.group_by("place", maintain_order=True).agg(pl.col("stage").last())
        return self.deals.join(last, on="place", how="left", maintain_order="left")["stage"].to_list()

    def departures(self) -> list[tuple[int, datetime]]:
        """Return in which deals a contact left, and when, in the order of time."""
        left = self.events.filter(pl.col("kind") == "contact_left").sort("at", "place")
        return list(left.select("place", "at").iter_rows())

    def log(self) -> DealLog:
        """Return what was known, as a log."""
        return DealLog.build(
            deals=self.deals.rename({"result": "outcome"}).drop("place"),
            events=self.events.rename({"case_id": "deal", "recorded_at": "known"}).drop("place"),
            zone=ZONE,
        )


def make_history(*, deals: int, seed: int, at: datetime) -> History:
    """Simulate `deals` deals that open from MONTHS before this month to its end, as far as known at `at`."""
    at = at.astimezone(ZONE)
    today = at.date()
    years, month = divmod(today.year * 12 + today.month - 1 - MONTHS, 12)
    made = simulate(
        seed=seed, deals=deals, start=date(years, month + 1, 1), months=MONTHS + 1, zone=str(ZONE)
    )
    known = made.deals.filter(pl.col("opened") <= at).with_row_index("place")
    later = pl.col("closed") > at
    known = known.with_columns(
        result=pl.when(~later.fill_null(value=False)).then("result"),
        closed=pl.when(~later.fill_null(value=False)).then("closed"),
    )
    places = known.select(pl.col("deal").alias("case_id"), "place")
    events = made.events.filter(pl.col("recorded_at") <= at).join(places, on="case_id")
    return History(
        at=at,
        deals=known,
        events=events.sort("place", "at", "recorded_at", maintain_order=True),
        troubles=_troubles(made.truth.causes.join(places, left_on="deal", right_on="case_id")),
    )


def _troubles(causes: pl.DataFrame) -> dict[int, list[Trouble]]:
    found: dict[int, list[Trouble]] = {}
    seen = causes.filter(pl.col("visible_at").is_not_null()).sort("visible_at")
    for place, cause, since, until in seen.select("place", "cause", "visible_at", "healed_at").iter_rows():
        found.setdefault(place, []).append(Trouble(cause, since, until))
    return found
