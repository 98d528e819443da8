"""`DealLog`: the one type that every other part of `science` takes.

A log holds deals and what happened in them. It is immutable and canonical: the same rows in any
order give the same log, byte for byte, so everything computed from it is reproducible.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from foresail.science.errors import LogError
from foresail.science.time import NEVER, Instants

Codes = npt.NDArray[np.int32]
"""Indices into a list of names; -1 where there is none."""
Mask = npt.NDArray[np.bool_]
Scalar = TypeVar("Scalar", bound=np.generic)


class Outcome(IntEnum):
    """How a deal stands. OPEN means censored: not known yet, never "lost"."""

    OPEN = 0
    WON = 1
    LOST = 2


@dataclass(frozen=True, eq=False)
class Deals:
    """One entry per deal, ordered by id. All arrays have shape (n_deals,).

    `opened` and `closed` are instants (`NEVER` where still open); in a log without dates both are
    `NEVER`. `amount` is NaN where unknown. `attributes` has one column per attribute, Float64 or
    String, known when the deal opens.
    """

    ids: npt.NDArray[np.object_]
    opened: Instants
    closed: Instants
    outcome: npt.NDArray[np.int8]
    owner: Codes
    owners: tuple[str, ...]
    amount: npt.NDArray[np.float64]
    attributes: pl.DataFrame

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Events:
    """One entry per event, ordered by (deal, known, at, kind, actor). Shapes are (n_events,).

    `at` is when it happened; `known` is when our side could know, never before `at`: the time from
    which an event counts. `stage` is the stage that the event moves its deal to, -1 for no move.
    """

    deal: Codes
    at: Instants
    known: Instants
    kind: Codes
    kinds: tuple[str, ...]
    actor: Codes
    actors: tuple[str, ...]
    stage: Codes
    stages: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.deal)


@dataclass(frozen=True, eq=False)
class DealLog:
    """Deals and their events, as known at one moment.

    `end` is the last instant the log knows of; a deal without an outcome by then is censored there.
    `zone` is where a day begins at midnight.
    """

    deals: Deals
    events: Events
    end: int
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    @classmethod
    def build(
        cls,
        *,
        deals: pl.DataFrame,
        events: pl.DataFrame | None = None,
        zone: ZoneInfo | None = None,
    ) -> DealLog:
        """Make a log from two tables in any row order.

        `deals`: `deal` (String, unique) and optionally `opened`, `closed` (Datetime), `outcome`
        ("won", "lost" or null), `owner` (String), `amount` (Float64); every further column is an
        attribute. `events`: `deal`, `at` (Datetime), `kind` (String) and optionally `known`
        (Datetime), `actor`, `stage` (String). Times need a zone or are taken as UTC.

        Events at or after a deal's close, and of deals not in `deals`, are dropped. A deal without
        `opened` opens with its first event. Raises LogError where the tables contradict themselves.
        """
        deals = deals.with_columns(pl.col("deal").cast(pl.String)).sort("deal")
        if deals["deal"].is_duplicated().any():
            raise LogError("Two deals share one id. Remove or merge the duplicate rows first.")
        ids = deals["deal"].to_numpy()
        built_events = _build_events(events, ids)
        n = len(ids)
        opened = _instants(deals, "opened", n)
        closed = _instants(deals, "closed", n)
        outcome = _outcomes(deals, n)
        if np.any((closed != NEVER) & (outcome == Outcome.OPEN)):
            raise LogError("A deal has a closing time but no outcome. Map its result to won or lost.")
        first = np.full(n, NEVER, dtype=np.int64)
        np.minimum.at(first, built_events.deal, built_events.known)
        opened = np.where(opened == NEVER, first, opened)
        if np.any((opened == NEVER) & (closed != NEVER)) and np.any(opened != NEVER):
            raise LogError("A deal has a closing time but no opening time and no event.")
        owner, owners = _codes(deals, "owner", n)
        known_columns = {"deal", "opened", "closed", "outcome", "owner", "amount"}
        built_deals = Deals(
            ids=ids,
            opened=opened,
            closed=np.maximum(closed, np.where(opened == NEVER, closed, opened)),
            outcome=outcome,
            owner=owner,
            owners=owners,
            amount=_floats(deals, "amount", n),
            attributes=deals.select(
                _as_attribute(deals[name]) for name in sorted(set(deals.columns) - known_columns)
            ),
        )
        keep = built_events.known < built_deals.closed[built_events.deal]
        end = max(_latest(built_deals.opened), _latest(built_deals.closed), _latest(built_events.known))
        return cls(built_deals, take_events(built_events, keep), end, zone or ZoneInfo("UTC"))

    @cached_property
    def dated(self) -> bool:
        """Whether the log knows when deals open. Without dates only the final outcome can be judged."""
        return bool(np.any(self.deals.opened != NEVER))

    @cached_property
    def first(self) -> int:
        """The earliest instant in the log."""
        return int(min((a.min() for a in (self.deals.opened, self.events.known) if len(a)), default=NEVER))

    def as_of(self, instant: int) -> DealLog:
        """Return the log as it stood at `instant`: later events, deals and outcomes are not there."""
        keep = self.deals.opened <= instant
        later = self.deals.closed > instant
        deals = _take_deals(self.deals, keep)
        deals = replace(
            deals,
            closed=np.where(later[keep], NEVER, deals.closed),
            outcome=np.where(later[keep], np.int8(Outcome.OPEN), deals.outcome),
        )
        kept_event = (self.events.known <= instant) & keep[self.events.deal]
        events = take_events(self.events, kept_event)
        number = np.cumsum(keep, dtype=np.int32) - 1
        events = replace(events, deal=number[events.deal].astype(np.int32))
        return DealLog(deals, events, min(self.end, instant), self.zone)

    def select(self, deals: Mask) -> DealLog:
        """Return the log of the deals where the mask `deals` (n_deals,) is true."""
        events = take_events(self.events, deals[self.events.deal])
        number = np.cumsum(deals, dtype=np.int32) - 1
        events = replace(events, deal=number[events.deal].astype(np.int32))
        return DealLog(_take_deals(self.deals, deals), events, self.end, self.zone)

    def between(self, first: int, stop: int) -> DealLog:
        """Return the log of the deals from number `first` up to, not including, `stop`, without a copy."""
        # Of the same type: else numpy would convert all events first.
        begin, end = np.searchsorted(self.events.deal, np.array([first, stop], dtype=np.int32))
        events = take_events(self.events, slice(begin, end))
        events = replace(events, deal=events.deal - np.int32(first))
        return DealLog(_take_deals(self.deals, slice(first, stop)), events, self.end, self.zone)

    def with_deals(self, fresh: DealLog) -> DealLog:
        """Return the log with the deals of `fresh`, known in full there, in the place of those of the same ids.

        The same as if all had been built anew, but for names that nothing bears any more, which stay. It takes
        a tenth of the time: what did not change is copied, not sorted.
        """
        place, known = _places(self.deals.ids, fresh.deals.ids)
        deals = _merged_deals(self.deals, fresh.deals, place, known)
        events = _merged_events(self.events, fresh.events, place, known)
        end = max(_latest(deals.opened), _latest(deals.closed), _latest(events.known))
        return DealLog(deals, events, end, self.zone)

    def with_outcomes(self, *, closed: Instants, outcome: npt.NDArray[np.int8]) -> DealLog:
        """Return the log with other outcomes, (n_deals,) each: for permutation tests."""
        deals = replace(self.deals, closed=closed, outcome=outcome)
        keep = self.events.known < closed[self.events.deal]
        return DealLog(deals, take_events(self.events, keep), self.end, self.zone)

    def without_kinds(self, names: Collection[str]) -> DealLog:
        """Return the log without the events of the kinds `names`. Its end stays where it is."""
        gone = [code for code, kind in enumerate(self.events.kinds) if kind in names]
        return replace(self, events=take_events(self.events, ~np.isin(self.events.kind, gone)))

    def without_attributes(self, names: Sequence[str]) -> DealLog:
        """Return the log without the attributes `names`."""
        return replace(self, deals=replace(self.deals, attributes=self.deals.attributes.drop(names)))


def places_of(ids: npt.NDArray[np.object_], asked: Iterable[str]) -> npt.NDArray[np.int64]:
    """Return where those of `asked` stand, ascending, that are among `ids`, which are ordered."""
    place, found = _places(ids, np.array(sorted(set(asked)), dtype=object))
    return place[found]


def _places(
    ids: npt.NDArray[np.object_], asked: npt.NDArray[np.object_]
) -> tuple[npt.NDArray[np.int64], Mask]:
    """Return where each of `asked` stands among `ids`, or would stand, and whether it does. Both are ordered."""
    place = np.searchsorted(ids, asked)
    found = np.zeros(len(asked), dtype=bool)
    inside = place < len(ids)
    found[inside] = ids[place[inside]] == asked[inside]
    return place, found


def _merged_deals(old: Deals, fresh: Deals, place: npt.NDArray[np.int64], known: Mask) -> Deals:
    """Return `old` with `fresh` at their `place` in it, instead of those that are `known` there."""
    kept = np.delete(np.arange(len(old)), place[known])
    order = np.insert(kept, np.searchsorted(kept, place), len(old) + np.arange(len(fresh)))
    owner, owners = _merged_codes(old.owner, old.owners, fresh.owner, fresh.owners)
    # A table without columns has no rows either.
    theirs = old.attributes if old.attributes.width else fresh.attributes.clear(len(old))
    mine = fresh.attributes if fresh.attributes.width else old.attributes.clear(len(fresh))
    attributes = pl.concat([theirs, mine], how="diagonal")
    if attributes.width:
        attributes = attributes.select(sorted(attributes.columns))[order]
    return Deals(
        ids=np.concatenate([old.ids, fresh.ids])[order],
        opened=np.concatenate([old.opened, fresh.opened])[order],
        closed=np.concatenate([old.closed, fresh.closed])[order],
        outcome=np.concatenate([old.outcome, fresh.outcome])[order],
        owner=np.concatenate(owner)[order],
        owners=owners,
        amount=np.concatenate([old.amount, fresh.amount])[order],
        attributes=attributes,
    )


def _merged_events(old: Events, fresh: Events, place: npt.NDArray[np.int64], known: Mask) -> Events:
    """Return the events of `old` without those of the deals `known` there, and all of `fresh`, by their new numbers."""
    # Of the same type: else numpy would convert all events first.
    first = np.searchsorted(old.deal, place.astype(np.int32)).tolist()
    after = np.searchsorted(old.deal, (place + known).astype(np.int32)).tolist()
    bounds = np.searchsorted(fresh.deal, np.arange(len(place) + 1, dtype=np.int32)).tolist()
    kept = [slice(*each) for each in zip([0, *after], [*first, len(old)], strict=True)]
    mine = [slice(*each) for each in pairwise(bounds)]

    def woven(theirs: npt.NDArray[Scalar], ours: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        pieces = [theirs[kept[0]]]
        for new, rest in zip(mine, kept[1:], strict=True):
            pieces += [ours[new], theirs[rest]]
        return np.concatenate(pieces)

    new = place[~known].astype(np.int32)
    number = (place + np.cumsum(~known) - ~known).astype(np.int32)
    shifted = (
        old.deal + np.searchsorted(new, old.deal, side="right").astype(np.int32) if len(new) else old.deal
    )
    kind, kinds = _merged_codes(old.kind, old.kinds, fresh.kind, fresh.kinds)
    actor, actors = _merged_codes(old.actor, old.actors, fresh.actor, fresh.actors)
    stage, stages = _merged_codes(old.stage, old.stages, fresh.stage, fresh.stages)
    return Events(
        deal=woven(shifted, number[fresh.deal]),
        at=woven(old.at, fresh.at),
        known=woven(old.known, fresh.known),
        kind=woven(*kind),
        kinds=kinds,
        actor=woven(*actor),
        actors=actors,
        stage=woven(*stage),
        stages=stages,
    )


def _merged_codes(
    old: Codes, old_names: tuple[str, ...], fresh: Codes, fresh_names: tuple[str, ...]
) -> tuple[tuple[Codes, Codes], tuple[str, ...]]:
    """Return the codes of either, and what they stand for in both."""
    names = tuple(sorted({*old_names, *fresh_names}))
    code = {name: i for i, name in enumerate(names)}

    def again(codes: Codes, meant: tuple[str, ...]) -> Codes:
        # The last of the new codes is that of nothing, -1.
        return np.array([*(code[name] for name in meant), -1], dtype=np.int32)[codes]

    return (old if names == old_names else again(old, old_names), again(fresh, fresh_names)), names


def _latest(instants: Instants) -> int:
    return int(instants[instants != NEVER].max(initial=0))


def _take_deals(deals: Deals, keep: Mask | slice) -> Deals:
    return replace(
        deals,
        ids=deals.ids[keep],
        opened=deals.opened[keep],
        closed=deals.closed[keep],
        outcome=deals.outcome[keep],
        owner=deals.owner[keep],
        amount=deals.amount[keep],
        attributes=_take_rows(deals.attributes, keep) if deals.attributes.width else deals.attributes,
    )


def _take_rows(frame: pl.DataFrame, keep: Mask | slice) -> pl.DataFrame:
    return frame[keep] if isinstance(keep, slice) else frame.filter(pl.Series(keep))


def take_events(events: Events, keep: Mask | slice) -> Events:
    return replace(
        events,
        deal=events.deal[keep],
        at=events.at[keep],
        known=events.known[keep],
        kind=events.kind[keep],
        actor=events.actor[keep],
        stage=events.stage[keep],
    )


def _build_events(frame: pl.DataFrame | None, ids: npt.NDArray[np.object_]) -> Events:
    if frame is None:
        frame = pl.DataFrame(schema={"deal": pl.String, "at": pl.Datetime("us", "UTC"), "kind": pl.String})
    index = pl.DataFrame({"deal": pl.Series(ids, dtype=pl.String)}).with_row_index("deal_index")
    frame = frame.with_columns(pl.col("deal").cast(pl.String)).join(index, on="deal", how="inner")
    n = len(frame)
    at = _instants(frame, "at", n)
    if np.any(at == NEVER):
        raise LogError("An event has no time. Set such rows aside before building the log.")
    known = _instants(frame, "known", n)
    known = np.where(known == NEVER, at, np.maximum(at, known))
    kind, kinds = _codes(frame, "kind", n)
    actor, actors = _codes(frame, "actor", n)
    stage, stages = _codes(frame, "stage", n)
    if np.any(kind < 0):
        raise LogError("An event has no kind. Set such rows aside before building the log.")
    deal = frame["deal_index"].cast(pl.Int32)
    columns = {"deal": deal, "known": known, "at": at, "kind": kind, "actor": actor, "stage": stage}
    ordered = pl.DataFrame(columns).sort(list(columns))
    return Events(
        deal=ordered["deal"].to_numpy(),
        at=ordered["at"].to_numpy(),
        known=ordered["known"].to_numpy(),
        kind=ordered["kind"].to_numpy(),
        kinds=kinds,
        actor=ordered["actor"].to_numpy(),
        actors=actors,
        stage=ordered["stage"].to_numpy(),
        stages=stages,
    )


def _instants(frame: pl.DataFrame, name: str, n: int) -> Instants:
    if name not in frame.columns or frame[name].dtype == pl.Null:
        return np.full(n, NEVER, dtype=np.int64)
    column = frame[name]
    if column.dtype == pl.Date:
        column = column.cast(pl.Datetime("us"))
    return column.dt.epoch("us").fill_null(NEVER).to_numpy().astype(np.int64)


def _codes(frame: pl.DataFrame, name: str, n: int) -> tuple[Codes, tuple[str, ...]]:
    if name not in frame.columns or frame[name].dtype == pl.Null:
        return np.full(n, -1, dtype=np.int32), ()
    column = frame[name].cast(pl.String)
    names = column.drop_nulls().unique().sort()
    codes = column.cast(pl.Enum(names)).to_physical().cast(pl.Int32).fill_null(-1)
    return codes.to_numpy(), tuple(names.to_list())


def _floats(frame: pl.DataFrame, name: str, n: int) -> npt.NDArray[np.float64]:
    if name not in frame.columns:
        return np.full(n, np.nan)
    return frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy().astype(np.float64)


def _outcomes(frame: pl.DataFrame, n: int) -> npt.NDArray[np.int8]:
    if "outcome" not in frame.columns:
        return np.zeros(n, dtype=np.int8)
    names = frame["outcome"].cast(pl.String)
    strange = names.drop_nulls().filter(~names.drop_nulls().is_in(["won", "lost"]))
    if len(strange):
        raise LogError(f"Outcome {strange[0]!r} is unknown: an outcome is won, lost or empty.")
    return names.replace_strict({"won": 1, "lost": 2}, default=0, return_dtype=pl.Int8).to_numpy()


def _as_attribute(column: pl.Series) -> pl.Series:
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return column.cast(pl.Float64).fill_nan(None)
    return column.cast(pl.String)
