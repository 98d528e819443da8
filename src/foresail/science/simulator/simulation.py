"""`simulate`: the log of a made-up sales organisation, and apart from it the truth behind the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain as join
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from foresail.science.log import DealLog
from foresail.science.simulator import events as happening
from foresail.science.simulator.calendar import make_calendar
from foresail.science.simulator.causes import CAUSES
from foresail.science.simulator.chain import STAGES, Ints
from foresail.science.simulator.company import (
    LINE_NAMES,
    Openings,
    People,
    attribute_names,
    hire,
    open_deals,
)
from foresail.science.simulator.course import Course, run
from foresail.science.simulator.events import Batch, Spells
from foresail.science.simulator.streams import stream
from foresail.science.simulator.truth import HORIZONS, Truth
from foresail.science.time import DAY, NEVER, SECOND, Instants

ATTRIBUTES: Final = ("team", "line", "product", "source", "region", "industry", "customer")
STALL_SHOWS_AFTER: Final = 10
"""Days of a stalled evaluation after which its length can be told from an ordinary one."""
LATE_ANSWER: Final = DAY
"""An answer later than this tells of slow follow-up, from the second one on."""

_MAPPING: Final = """\
# How Foresail reads this simulated log.
[log]
file = "events.csv.gz"
deal = "case_id"
at = "at"
known = "recorded_at"
kind = "kind"
actor = "actor"
tz = "{zone}"

[outcome]
won = ["won"]
lost = ["lost"]

[stage]
column = "stage"

[deals]
file = "deals.csv"
deal = "deal"
opened = "opened"
closed = "closed"
result = "result"
won = ["won"]
lost = ["lost"]
owner = "owner"
amount = "amount"
attributes = [{attributes}]
tz = "{zone}"
"""


@dataclass(frozen=True)
class Simulation:
    """A simulated company at the end of its last day.

    `events`, ordered by `recorded_at`: `case_id`, `kind`, `at`, `recorded_at` (when our side typed it in
    or learned of it), `actor` (who did it on our side; null for what customers do), `stage` (the stage
    that the event moves the deal to, or null).
    `deals`, a CRM export ordered by `deal`: `deal`, `opened`, `owner`, `team`, `line`, `product`,
    `source`, `region`, `industry`, `customer`, `amount` (yuan, as first entered), `result` (won, lost or
    null), `closed`. Times carry the zone.
    """

    events: pl.DataFrame
    deals: pl.DataFrame
    truth: Truth

    def log(self) -> DealLog:
        """Return the log, without any of the truth."""
        return DealLog.build(
            deals=self.deals.rename({"result": "outcome"}),
            events=self.events.rename({"case_id": "deal", "recorded_at": "known"}),
            zone=self.truth.zone,
        )

    def write(self, folder: Path) -> None:
        """Write events.csv.gz, deals.csv and mapping.toml into `folder`, which is made if need be.

        Read back by the mapping they give the same log; the same simulation gives the same bytes.
        """
        folder.mkdir(parents=True, exist_ok=True)
        packed = folder / "events.csv.gz"
        _as_text(self.events).write_csv(packed, compression="gzip", compression_level=5)
        _as_text(self.deals).write_csv(folder / "deals.csv")
        attributes = ", ".join(f'"{name}"' for name in ATTRIBUTES)
        text = _MAPPING.format(zone=self.truth.zone, attributes=attributes)
        (folder / "mapping.toml").write_text(text, encoding="utf-8")


def simulate(
    *,
    seed: int,
    deals: int,
    start: date = date(2024, 1, 1),
    months: int = 18,
    zone: str = "Asia/Shanghai",
) -> Simulation:
    """Simulate `deals` deals that open in `months` months from `start`; what is open then stays open.

    The same arguments give the same simulation everywhere. Raises ValueError where `deals` or `months`
    is below 1.

    `truth.causes.visible_at` says when the log could first tell of a cause: when its trace became known;
    for a stalled evaluation after `STALL_SHOWS_AFTER` days; for slow follow-up, which begins with the
    deal, at our second answer that came later than `LATE_ANSWER`.
    """
    if deals < 1 or months < 1:
        raise ValueError("A simulation needs at least one deal and one month.")
    where = ZoneInfo(zone)
    years, month = divmod(start.month - 1 + months, 12)
    days = (date(start.year + years, month + 1, 1) - start.replace(day=1)).days
    calendar = make_calendar(start=start, days=days + max(HORIZONS) + 1, zone=where)
    end = int(calendar.midnight[days])
    people = hire(seed=seed, deals=deals)
    openings = open_deals(seed=seed, deals=deals, people=people, calendar=calendar, days=days)
    course = run(seed=seed, openings=openings, people=people, calendar=calendar, days=days)
    found = happening.spells(seed=seed, course=course)
    batches = join(
        happening.milestones(seed=seed, course=course, openings=openings, calendar=calendar),
        happening.daily(seed=seed, course=course, openings=openings, people=people, calendar=calendar),
        happening.traces(seed=seed, found=found),
    )
    raw, kinds = _collect(batches, course, end)
    width = max(4, len(str(deals)))
    ids = [f"QM{number:0{width}d}" for number in range(1, deals + 1)]
    mails = raw.filter(pl.col("kind") == kinds.index("mail_in"))
    late = _second_late_answer(raw, mails, deals)
    causes = _causes(found, course, openings, late, end)
    truth = Truth(
        seed=seed,
        zone=where,
        causes=_named(causes, ids, where).sort("deal", "started_at", "cause"),
        _ids=np.array(ids),
        _course=course,
        _calendar=calendar,
    )
    events = _events_table(raw, kinds, ids, _actors(seed, raw, openings, people), where)
    return Simulation(events, _deals_table(ids, openings, people, course, where), truth)


def _collect(batches: Iterable[Batch], course: Course, end: int) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Put all events into one table of numbers, without those after a deal's close or the log's end.

    Returns the table (`deal`, `at`, `known`, `kind`, `who`, `stage`) and the names of the kinds.
    """
    numbers: dict[str, int] = {}
    frames = []
    for batch in batches:
        ends = batch.kind in ("won", "lost")
        keep = (batch.known < end) & (ends | (batch.at < course.closed[batch.deal]))
        n = int(keep.sum())
        stage = np.full(n, -1) if batch.stage is None else batch.stage[keep]
        frame = {
            "deal": batch.deal[keep].astype(np.int32),
            "at": batch.at[keep],
            "known": batch.known[keep],
            "kind": np.full(n, numbers.setdefault(batch.kind, len(numbers)), dtype=np.int8),
            "who": np.full(n, batch.who, dtype=np.int8),
            "stage": stage.astype(np.int8),
        }
        frames.append(pl.DataFrame(frame))
    return pl.concat(frames).sort("known", "deal", "at", "kind", "who"), tuple(numbers)


def _events_table(
    raw: pl.DataFrame, kinds: tuple[str, ...], ids: list[str], actor: pl.Series, zone: ZoneInfo
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "case_id": _pick(ids, raw["deal"].to_numpy()),
            "kind": _pick(kinds, raw["kind"].to_numpy()),
            "at": _moments(raw["at"].to_numpy(), zone),
            "recorded_at": _moments(raw["known"].to_numpy(), zone),
            "actor": actor,
            "stage": _pick(STAGES, raw["stage"].to_numpy()),
        }
    )


def _actors(seed: int, raw: pl.DataFrame, openings: Openings, people: People) -> pl.Series:
    """Return who acted in each event: the owner, or the presales engineer who serves the deal."""
    deal, who = raw["deal"].to_numpy(), raw["who"].to_numpy()
    sizes = np.array([len(names) for names in people.engineers])
    first = len(people.reps) + np.concatenate([[0], np.cumsum(sizes)[:-1]])
    pick = (stream(seed, "engineer").random(len(openings.line)) * sizes[openings.line]).astype(np.int64)
    engineer = (first[openings.line] + pick)[deal]
    names = [*people.reps, *(name for group in people.engineers for name in group)]
    return _pick(
        names,
        np.select([who == happening.OWNER, who == happening.ENGINEER], [openings.rep[deal], engineer], -1),
    )


def _deals_table(
    ids: list[str], openings: Openings, people: People, course: Course, zone: ZoneInfo
) -> pl.DataFrame:
    names = attribute_names()
    closed = course.closed != NEVER
    result = np.where(closed, np.where(course.won, 0, 1), -1)
    return pl.DataFrame(
        {
            "deal": ids,
            "opened": _moments(openings.opened, zone),
            "owner": _pick(people.reps, openings.rep),
            "team": _pick(people.team, openings.rep),
            "line": _pick(LINE_NAMES, openings.line),
            "product": _pick(names["product"], openings.product),
            "source": _pick(names["source"], openings.source_entered),
            "region": _pick(names["region"], openings.region),
            "industry": _pick(names["industry"], openings.industry),
            "customer": _pick(("新客户", "老客户"), openings.returning.astype(np.int64)),
            "amount": pl.Series(np.where(openings.amount_entered, openings.amount, np.nan)).fill_nan(None),
            "result": _pick(("won", "lost"), result),
            "closed": _moments(np.where(closed, course.closed, -1), zone),
        }
    )


def _causes(
    found: dict[str, Spells], course: Course, openings: Openings, late: Instants, end: int
) -> pl.DataFrame:
    """Return the planted causes in numbers; -1 for no instant."""
    frames = []
    for name, spell in found.items():
        visible = spell.trace
        if name == "evaluation_stalls":
            visible = spell.started + STALL_SHOWS_AFTER * DAY
            visible = np.where((spell.healed >= 0) & (spell.healed < visible), -1, visible)
        gone = (visible >= course.closed[spell.deal]) | (visible >= end)
        frames.append(_cause_rows(name, spell.deal, spell.started, np.where(gone, -1, visible), spell.healed))
    slow = np.flatnonzero(course.slow)
    visible = late[slow]
    visible = np.where(visible >= course.closed[slow], -1, visible)
    frames.append(
        _cause_rows("slow_followup", slow, openings.opened[slow], visible, np.full(len(slow), -1, np.int64))
    )
    return pl.concat(frames)


def _cause_rows(
    name: str, deal: Ints, started: Instants, visible: Instants, healed: Instants
) -> pl.DataFrame:
    return pl.DataFrame(
        {"deal": deal, "started_at": started, "visible_at": visible, "healed_at": healed}
    ).with_columns(cause=pl.lit(CAUSES[name].name))


def _named(causes: pl.DataFrame, ids: list[str], zone: ZoneInfo) -> pl.DataFrame:
    instants = ("started_at", "visible_at", "healed_at")
    columns = {name: _moments(causes[name].to_numpy(), zone) for name in instants}
    return pl.DataFrame({"deal": _pick(ids, causes["deal"].to_numpy()), "cause": causes["cause"], **columns})


def _second_late_answer(raw: pl.DataFrame, mails: pl.DataFrame, n_deals: int) -> Instants:
    """When the log knew of the second of a customer's `mails` that waited longer than LATE_ANSWER for
    anything from our side, (n_deals,); -1 where there was none.
    """
    ours = raw.filter(pl.col("who") != happening.NOBODY).sort("deal", "at")
    base = int(raw["at"].to_numpy().min())
    span = 1 + (int(raw["at"].to_numpy().max()) - base) // SECOND

    def key(frame: pl.DataFrame) -> Instants:
        """Deal and second in one sortable number."""
        second: Instants = (frame["at"].to_numpy() - base) // SECOND
        return frame["deal"].to_numpy() * np.int64(span) + second

    place = np.searchsorted(key(ours), key(mails), side="right")
    there = place < len(ours)
    place = np.where(there, place, 0)
    deal, asked = mails["deal"].to_numpy(), mails["at"].to_numpy()
    late = there & (ours["deal"].to_numpy()[place] == deal)
    late &= ours["at"].to_numpy()[place] - asked > LATE_ANSWER
    when, deal = ours["known"].to_numpy()[place[late]], deal[late]
    order = np.lexsort((when, deal))
    when, deal = when[order], deal[order]
    second = np.flatnonzero(np.diff(deal, prepend=-1) != 0) + 1
    second = second[second < len(deal)]
    second = second[deal[second] == deal[second - 1]]
    result = np.full(n_deals, -1, dtype=np.int64)
    result[deal[second]] = when[second]
    return result


def _pick(names: Iterable[str], number: npt.NDArray[np.integer]) -> pl.Series:
    """Return the names of numbers, null for -1."""
    return pl.Series(list(names), dtype=pl.String).gather(_or_null(number.astype(np.int32)))


def _moments(instants: Instants, zone: ZoneInfo) -> pl.Series:
    """Return instants as times with a zone, null for -1."""
    return _or_null(instants).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(str(zone))


def _or_null(numbers: npt.NDArray[np.integer]) -> pl.Series:
    column = pl.Series(numbers)
    return pl.select(pl.when(column >= 0).then(column)).to_series()


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the table with its times as ISO 8601 with offset."""
    return frame.with_columns(
        pl.col(name).dt.to_string("%Y-%m-%dT%H:%M:%S%:z")
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Datetime)
    )
