"""What is in a log, and what is odd about it, before any forecast is made from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from foresail.science.log import Codes, DealLog, Outcome
from foresail.science.reading import Notice, Reading
from foresail.science.reading.columns import Question
from foresail.science.reading.guess import Guess, guess_mapping
from foresail.science.time import DAY, NEVER, Instants, days, to_datetime

__all__ = ["Description", "Finding", "Guess", "Question", "describe", "guess_mapping"]

FEW_CLOSED, TOO_FEW_CLOSED = 80, 10
"""Below so many closed deals a forecast leans on a prior, or gives stage rates only."""

RECENT = 28 * DAY
"""A kind of event first seen within this time before the end of the log is new."""

_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_ONE_SIDED = 0.02
_NEW_KIND_EVENTS = 10
_BULK_SHARE, _BULK_DEALS = 0.01, 20


@dataclass(frozen=True)
class Finding:
    """Something wrong or odd, with a stable code and the words for it."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Description:
    """What a log holds. Events are those before their deal's close; times are ISO 8601 in the log's zone.

    `kinds`, `stages`, `actors` count events and `owners` deals, most first; `durations` are quantiles in
    days from opening to close by outcome, None where there is none; `missing` is the share of deals
    without a value by attribute, owner and amount included where the log has them.
    """

    deals: int
    events: int
    open: int
    won: int
    lost: int
    first: str | None
    last: str | None
    zone: str
    kinds: dict[str, int]
    stages: dict[str, int]
    actors: dict[str, int]
    owners: dict[str, int]
    durations: dict[str, dict[str, float] | None]
    missing: dict[str, float]
    rejects: dict[str, int]
    duplicates: int
    notices: tuple[Notice, ...]
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        return asdict(self)


def describe(reading: Reading) -> Description:
    """Describe what was read."""
    log = reading.log
    deals, events = log.deals, log.events

    def moment(instant: int) -> str | None:
        known = log.dated and instant != NEVER
        return to_datetime(instant, zone=log.zone).isoformat() if known else None

    return Description(
        deals=len(deals),
        events=len(events),
        open=int(np.sum(deals.outcome == Outcome.OPEN)),
        won=int(np.sum(deals.outcome == Outcome.WON)),
        lost=int(np.sum(deals.outcome == Outcome.LOST)),
        first=moment(log.first),
        last=moment(log.end),
        zone=log.zone.key,
        kinds=_counts(events.kind, events.kinds),
        stages=_counts(events.stage, events.stages),
        actors=_counts(events.actor, events.actors),
        owners=_counts(deals.owner, deals.owners),
        durations={
            "won": _durations(log, Outcome.WON),
            "lost": _durations(log, Outcome.LOST),
        },
        missing=_missing(log),
        rejects=dict(reading.rejects["why"].value_counts(sort=True).iter_rows()),
        duplicates=reading.duplicates,
        notices=reading.notices,
        findings=tuple(_findings(log, duplicates=reading.duplicates)),
    )


def _counts(codes: Codes, names: tuple[str, ...]) -> dict[str, int]:
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    order = sorted(range(len(names)), key=lambda number: (-counts[number], names[number]))
    return {names[number]: int(counts[number]) for number in order if counts[number]}


def _durations(log: DealLog, outcome: Outcome) -> dict[str, float] | None:
    ended = (log.deals.outcome == outcome) & (log.deals.closed != NEVER) & (log.deals.opened != NEVER)
    if not ended.any():
        return None
    lasted = days(log.deals.closed[ended] - log.deals.opened[ended])
    return {f"{share:g}": float(np.quantile(lasted, share)) for share in _QUANTILES}


def _missing(log: DealLog) -> dict[str, float]:
    deals, n = log.deals, max(len(log.deals), 1)
    missing = {column.name: column.null_count() / n for column in deals.attributes}
    if deals.owners:
        missing["owner"] = float(np.mean(deals.owner < 0))
    if not np.isnan(deals.amount).all():
        missing["amount"] = float(np.mean(np.isnan(deals.amount)))
    return missing


def _findings(log: DealLog, *, duplicates: int) -> Iterator[Finding]:
    yield from _about_outcomes(log)
    if len(log.deals.owners) == 1:
        yield Finding(
            "one_owner",
            f"所有商机都属于同一负责人（{log.deals.owners[0]}），无法比较负责人之间的差异。",
            f"All deals have one owner ({log.deals.owners[0]}): owners cannot be compared.",
        )
    if duplicates:
        yield Finding(
            "duplicates",
            f"{duplicates:,} 行与其他行完全相同。",
            f"{duplicates:,} rows are identical to another row.",
        )
    if not log.dated:
        yield Finding(
            "undated",
            "没有日期：只能评估最终结果，且数字往往偏乐观。",
            "There are no dates: only the final outcome can be judged, and such figures flatter.",
        )
        return
    yield from _about_dates(log)
    if len(log.events):
        yield from _about_events(log)


def _about_outcomes(log: DealLog) -> Iterator[Finding]:
    outcome = log.deals.outcome
    closed = int(np.sum(outcome != Outcome.OPEN))
    if closed < FEW_CLOSED:
        few = closed < TOO_FEW_CLOSED
        yield Finding(
            "too_few_closed" if few else "few_closed",
            f"只有 {closed} 个商机已有结果，"
            + ("只能给出各阶段的赢率。" if few else "预测会偏向先验，区间也会更宽。"),
            f"Only {closed} deals have closed: "
            + (
                "only rates per stage can be given." if few else "forecasts lean on a prior, with wide bands."
            ),
        )
    rate = float(np.sum(outcome == Outcome.WON)) / max(closed, 1)
    if closed >= TOO_FEW_CLOSED and not _ONE_SIDED <= rate <= 1 - _ONE_SIDED:
        yield Finding(
            "one_sided",
            f"已有结果的商机赢率为 {rate:.1%}，几乎只有一种结果：请核对赢单与输单的映射。",
            f"{rate:.1%} of the closed deals are won, nearly all end alike: check what won and lost map to.",
        )


def _about_dates(log: DealLog) -> Iterator[Finding]:
    opened = log.deals.opened[log.deals.opened != NEVER]
    if len(opened) > 1 and opened.max() - opened.min() < DAY:
        yield Finding(
            "opened_in_one_day",
            "所有商机都在同一天创建：可能是批量导入的日期，而不是真实的创建日期。",
            "All deals opened within one day: the dates may be those of an import.",
        )
    limit, dead = _dead_but_open(log)
    if dead:
        yield Finding(
            "dead_but_open",
            f"{dead:,} 个未结商机的沉寂时间超过 {limit:.0f} 天（已结商机最长沉寂的 99% 分位）："
            "可能早已结束却没有登记。",
            f"{dead:,} open deals have been silent for more than {limit:.0f} days (the 99th percentile of "
            "the longest silence in closed deals): they may have ended unrecorded.",
        )


def _dead_but_open(log: DealLog) -> tuple[float, int]:
    """Return the longest silence, in days, of 99 % of closed deals, and how many open deals are past it."""
    deals, events = log.deals, log.events
    last = np.where(deals.opened == NEVER, log.end, deals.opened)
    longest = np.zeros(len(deals), dtype=np.int64)
    if len(events):
        again = np.append(False, events.deal[1:] == events.deal[:-1])
        before = np.where(again, np.roll(events.known, 1), last[events.deal])
        np.maximum.at(longest, events.deal, np.maximum(events.known - before, 0))
        np.maximum.at(last, events.deal, events.known)
    ended = (deals.closed != NEVER) & (deals.opened != NEVER)
    if np.sum(ended) < TOO_FEW_CLOSED:
        return 0.0, 0
    longest = np.maximum(longest, np.where(ended, deals.closed - last, 0))
    limit = float(np.quantile(longest[ended], 0.99))
    silent = (deals.outcome == Outcome.OPEN) & (log.end - last > limit)
    return float(days(limit)), int(np.sum(silent))


def _about_events(log: DealLog) -> Iterator[Finding]:
    events = log.events
    early = int(np.sum(events.known < log.deals.opened[events.deal]))
    if early:
        yield Finding(
            "events_before_opened",
            f"{early:,} 个事件早于其商机的创建时间。",
            f"{early:,} events are earlier than the opening of their deal.",
        )
    if _mostly_midnight(events.at, zone_offset=_offsets(log)):
        yield Finding(
            "dates_only",
            "事件只有日期，没有时刻：同一天内的先后次序无从得知。",
            "Events have a date and no time of day: their order within a day is not known.",
        )
    else:
        yield from _in_bulk(log)
    new = [name for name, count in _new_kinds(log).items() if count >= _NEW_KIND_EVENTS]
    if new:
        shown, more = "、".join(new[:5]), len(new) > 5
        yield Finding(
            "kinds_new",
            f"最近 28 天才出现的事件类型：{shown}{'等' if more else ''}。"
            "流程可能已改变，过去的规律未必适用。",
            f"First seen in the last 28 days: {', '.join(new[:5])}{' and more' if more else ''}. The process "
            "may have changed, so the past may mislead.",
        )


def _offsets(log: DealLog) -> Instants:
    moments = pl.Series(log.events.at).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(log.zone.key)
    offset = moments.dt.base_utc_offset() + moments.dt.dst_offset()
    return offset.dt.total_microseconds().to_numpy().astype(np.int64)


def _mostly_midnight(at: Instants, *, zone_offset: npt.NDArray[np.int64]) -> bool:
    return bool(np.mean((at + zone_offset) % DAY == 0) > 0.9)


def _in_bulk(log: DealLog) -> Iterator[Finding]:
    """Name the instant at which suspiciously many deals have an event: a batch job or an import."""
    instants, which, counts = np.unique(log.events.at, return_inverse=True, return_counts=True)
    top = int(np.argmax(counts))
    touched = len(np.unique(log.events.deal[which == top]))
    if touched >= _BULK_DEALS and counts[top] >= _BULK_SHARE * len(log.events):
        when = to_datetime(int(instants[top]), zone=log.zone).isoformat(sep=" ")
        yield Finding(
            "events_in_bulk",
            f"{counts[top]:,} 个事件（涉及 {touched:,} 个商机）的时间都是 {when}：可能来自批量处理或导入。",
            f"{counts[top]:,} events of {touched:,} deals share one instant, {when}: a batch or an import.",
        )


def _new_kinds(log: DealLog) -> dict[str, int]:
    """Return the kinds first known within the last weeks of a log twice as long, with their counts."""
    events = log.events
    if log.end - log.first < 2 * RECENT:
        return {}
    first = np.full(len(events.kinds), NEVER, dtype=np.int64)
    np.minimum.at(first, events.kind, events.known)
    counts = np.bincount(events.kind, minlength=len(events.kinds))
    new = (first > log.end - RECENT) & (first != NEVER)
    return {events.kinds[number]: int(counts[number]) for number in np.flatnonzero(new)}
