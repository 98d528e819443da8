"""What only the simulator knows: planted causes and hidden chances. Kept strictly apart from the log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from foresail.science.errors import LogError
from foresail.science.simulator.calendar import Calendar
from foresail.science.simulator.chain import Floats, Ints, closed_within, won_finally
from foresail.science.simulator.course import Course
from foresail.science.time import to_datetime

HORIZONS = (7, 14, 30, 90)
"""Days ahead for which the calendar knows its steps."""


@dataclass(frozen=True, eq=False)
class Hidden:
    """Exact chances of deals at one midnight, given everything hidden. Arrays have the shape of the deals
    asked for; NaN where a deal is not open then. `p_won` and `p_lost` are within the horizon.
    """

    p_won_final: Floats
    p_won: Floats
    p_lost: Floats


@dataclass(frozen=True, eq=False)
class Truth:
    """Planted causes and hidden chances of one simulation.

    `causes` has one row per time that a cause began: `deal`, `cause` (a key of `CAUSES`), `started_at`,
    `visible_at` (when the log could first tell: see `simulation`; null if never) and `healed_at` (null
    where it lasted until the deal closed or the log ended).
    """

    seed: int
    zone: ZoneInfo
    causes: pl.DataFrame
    _ids: npt.NDArray[np.str_] = field(repr=False)
    _course: Course = field(repr=False)
    _calendar: Calendar = field(repr=False)

    def at(self, *, deals: Sequence[str], instant: int, horizon: int = 14) -> Hidden:
        """Return the chances of `deals` at the midnight `instant`, `horizon` (7, 14, 30 or 90) days ahead.

        Raises LogError for a deal that does not exist and an instant that is no midnight of the log.
        """
        asked = np.asarray(deals, dtype=np.str_)
        index = np.minimum(np.searchsorted(self._ids, asked), len(self._ids) - 1)
        if np.any(self._ids[index] != asked):
            raise LogError(f"Deal {asked[self._ids[index] != asked][0]!r} is not in this simulation.")
        rows = self._rows(instant)
        open_deals = self._course.row_deal[rows]
        place = np.searchsorted(open_deals, index)
        found = place < len(open_deals)
        found[found] = open_deals[place[found]] == index[found]
        chances = np.full((3, len(asked)), np.nan)
        chances[:, found] = self._chances(np.arange(rows.start, rows.stop)[place[found]], horizon)
        return Hidden(*chances)

    def open_deals(self, *, instant: int) -> list[str]:
        """Return the ids of the deals that are open at the midnight `instant`, in order."""
        ids: list[str] = self._ids[self._course.row_deal[self._rows(instant)]].tolist()
        return ids

    def causes_at(self, instant: int) -> pl.DataFrame:
        """Return the causes active in open deals at `instant`: `deal`, `cause`, `visible` (Boolean)."""
        now = to_datetime(instant, zone=self.zone)
        closed = self._course.closed
        over = self._ids[closed <= instant]
        return (
            self.causes.filter(
                (pl.col("started_at") <= now)
                & (pl.col("healed_at").is_null() | (pl.col("healed_at") > now))
                & ~pl.col("deal").is_in(over.tolist())
            )
            .select("deal", "cause", visible=(pl.col("visible_at") <= now).fill_null(False))
            .sort("deal", "cause")
        )

    def probabilities(self, *, horizon: int = 14) -> pl.DataFrame:
        """Return every deal at every midnight of its life: `deal`, `at` and the three chances of `Hidden`,
        ordered by deal and time.
        """
        course = self._course
        order = np.argsort(course.row_deal, kind="stable")
        day = np.repeat(np.arange(len(course.day_rows) - 1), np.diff(course.day_rows))[order]
        final, won, lost = self._chances(order, horizon)
        at = pl.Series(self._calendar.midnight[day]).cast(pl.Datetime("us", "UTC"))
        return pl.DataFrame(
            {
                "deal": pl.Series(self._ids.tolist(), dtype=pl.String).gather(course.row_deal[order]),
                "at": at.dt.convert_time_zone(str(self.zone)),
                "p_won_final": final,
                "p_won": won,
                "p_lost": lost,
            }
        )

    def write(self, path: Path) -> None:
        """Write the truth as JSON, deal by deal so that memory stays bounded.

        `{"seed", "horizon_days": 14, "causes": [{deal, cause, started_at, visible_at, healed_at}],
        "hidden": {deal: {"first": date, "p_won_final": [...], "p_won_14": [...], "p_lost_14": [...]}}}`:
        the lists have one number per midnight from `first` on.
        """
        iso = [pl.col(name).dt.to_string("iso:strict") for name in ("started_at", "visible_at", "healed_at")]
        causes = self.causes.with_columns(iso).to_dicts()
        course = self._course
        order = np.argsort(course.row_deal, kind="stable")
        deals, starts = np.unique(course.row_deal[order], return_index=True)
        ends = np.append(starts[1:], len(order))
        day = np.searchsorted(course.day_rows, order[starts], side="right") - 1
        with path.open("w", encoding="utf-8") as file:
            file.write(f'{{"seed": {self.seed}, "horizon_days": 14, "causes": [\n')
            file.write(",\n".join(json.dumps(cause) for cause in causes))
            file.write('\n], "hidden": {')
            for number, (deal, low, high) in enumerate(zip(deals, starts, ends, strict=True)):
                final, won, lost = (part.tolist() for part in self._chances(order[low:high], 14).round(5))
                midnight = to_datetime(int(self._calendar.midnight[day[number]]), zone=self.zone)
                hidden = {
                    "first": midnight.date().isoformat(),
                    "p_won_final": final,
                    "p_won_14": won,
                    "p_lost_14": lost,
                }
                file.write(",\n" if number else "\n")
                file.write(f"{json.dumps(str(self._ids[deal]))}: {json.dumps(hidden)}")
            file.write("\n}}\n")

    def _rows(self, instant: int) -> slice:
        day = int(np.searchsorted(self._calendar.midnight, instant))
        n_days = len(self._course.day_rows) - 1
        if day >= n_days or self._calendar.midnight[day] != instant:
            raise LogError("The hidden chances are known at the midnights of the simulated days only.")
        return slice(int(self._course.day_rows[day]), int(self._course.day_rows[day + 1]))

    def _chances(self, rows: Ints, horizon: int) -> Floats:
        """Return final, won and lost chances of path rows, (3, n)."""
        if horizon not in HORIZONS:
            raise LogError(f"The horizon must be one of {HORIZONS} days, not {horizon}.")
        course, steps = self._course, self._calendar.steps
        total = np.concatenate([[0], np.cumsum(steps)])
        day = np.searchsorted(course.day_rows, rows, side="right") - 1
        table = closed_within(self._calendar.most_steps(horizon))
        cls, state = course.cls[course.row_deal[rows]], course.row_state[rows]
        closed = table[total[day + horizon] - total[day], cls, state]
        return np.stack([won_finally()[cls, state], closed[:, 0], closed[:, 1]])
