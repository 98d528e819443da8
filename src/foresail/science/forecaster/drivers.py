"""Drivers: features gathered into the few things a seller would name, put into words.

A driver is a group of features whose contributions belong together. What is said of it depends on
the deal: a competitor that has been mentioned is one reason, that none has been is another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foresail.science.features import Feature, FeatureTable
from foresail.science.features.view import View
from foresail.science.forecaster.trees import Matrix
from foresail.science.log import DealLog

MOST_EVENTS = 3
"""Events named behind one driver."""


@dataclass(frozen=True)
class EventRef:
    """An event behind a driver: its kind, and when it happened (microseconds since 1970, UTC)."""

    kind: str
    at: int


@dataclass(frozen=True)
class Driver:
    """One reason. `code` is stable: what is said, not of whom; `log_odds` is what it adds.

    `points` is what p(won finally) would lose without it, as a fraction.
    """

    code: str
    zh: str
    en: str
    log_odds: float
    points: float
    events: tuple[EventRef, ...]


@dataclass(frozen=True, eq=False)
class Groups:
    """Drivers and the features (columns) that belong to each."""

    names: tuple[str, ...]
    columns: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, features: tuple[Feature, ...]) -> Groups:
        """Gather features by driver, in the order in which the drivers first appear."""
        columns: dict[str, list[int]] = {}
        for i, feature in enumerate(features):
            columns.setdefault(feature.driver, []).append(i)
        return cls(tuple(columns), tuple(tuple(c) for c in columns.values()))

    def sum(self, contributions: Matrix) -> Matrix:
        """Return what each driver adds (n, n_drivers), of `contributions` (n, d + 1) by feature."""
        return np.column_stack([contributions[:, list(c)].sum(axis=1) for c in self.columns])


class Storyteller:
    """Puts the drivers of rows into words, with the events behind them."""

    def __init__(self, log: DealLog, table: FeatureTable, view: View) -> None:
        self._log = log
        self._view = view
        self._values = {f.name: table.values[:, i] for i, f in enumerate(table.features)}

    def tell(self, driver: str, row: int, log_odds: float) -> tuple[str, str, str, tuple[EventRef, ...]]:
        """Return (code, zh, en, events) of `driver` in `row`, which adds `log_odds`."""
        topic, _, name = driver.partition(":")
        teller = getattr(self, f"_{topic}", None)
        if teller is None:
            return self._plain(driver, row)
        code, zh, en, events = teller(row, name, log_odds)
        return code, zh, en, events

    def _value(self, name: str, row: int) -> float:
        column = self._values.get(name)
        return float("nan") if column is None else float(column[row])

    def _events(
        self, row: int, kinds: set[str] | None = None, *, most: int = MOST_EVENTS
    ) -> tuple[EventRef, ...]:
        """Return the last events of the row's deal that were known by then, of `kinds` if given, newest first."""
        events = self._log.events
        start, stop = int(self._view.all.start[row]), int(self._view.all.stop[row])
        found = []
        for i in range(stop - 1, start - 1, -1):
            if kinds is None or events.kinds[events.kind[i]] in kinds:
                found.append(EventRef(events.kinds[events.kind[i]], int(events.at[i])))
            if len(found) == most:
                break
        return tuple(found)

    def _opening(self, row: int, name: str, log_odds: float) -> tuple[str, str, str, tuple[EventRef, ...]]:
        return "opening", "开启的时间点", "when it was opened", ()

    def _plain(self, driver: str, row: int) -> tuple[str, str, str, tuple[EventRef, ...]]:
        zh, en = PLAIN.get(driver, (driver, driver))
        return driver, zh, en, self._events(row) if driver in EVENTFUL else ()

    def _kind(self, row: int, kind: str, log_odds: float) -> tuple[str, str, str, tuple[EventRef, ...]]:
        times, since = self._value(f"n:{kind}", row), self._value(f"since:{kind}", row)
        if not times > 0:
            return f"without:{kind}", f"尚未出现「{kind}」", f"no {kind} so far", ()
        events = self._events(row, {kind})
        days = f"{since:.0f}"
        return (
            f"kind:{kind}",
            f"「{kind}」{times:.0f} 次，最近在 {days} 天前",
            f"{kind}: {times:.0f} so far, the last {days} days ago",
            events,
        )

    def _stage_time(self, row: int, name: str, log_odds: float) -> tuple[str, str, str, tuple[EventRef, ...]]:
        days, last = self._value("stage_days", row), self._events(row, self._moving(), most=1)
        if np.isnan(days):
            return "stage_time", "还没有进入任何阶段", "no stage reached yet", ()
        if log_odds < 0:
            return (
                "stalled",
                f"在当前阶段停滞 {days:.0f} 天",
                f"stalled in its stage for {days:.0f} days",
                last,
            )
        return "moving", f"{days:.0f} 天前刚推进阶段", f"moved on {days:.0f} days ago", last

    def _moving(self) -> set[str]:
        events = self._log.events
        return {events.kinds[k] for k in np.unique(events.kind[events.stage >= 0])}

    def _stage(self, row: int, name: str, log_odds: float) -> tuple[str, str, str, tuple[EventRef, ...]]:
        stage = int(self._view.stage[row])
        known = self._log.events.stages[stage] if stage >= 0 else None
        zh = "还没有进入任何阶段" if known is None else f"处于「{known}」阶段"
        en = "no stage reached yet" if known is None else f"it is in the stage {known}"
        return "stage", zh, en, self._events(row, self._moving(), most=1)

    def _progress(self, row: int, name: str, log_odds: float) -> tuple[str, str, str, tuple[EventRef, ...]]:
        days = self._value("novelty_days", row)
        last = self._events(row, most=1)
        if np.isnan(days):
            return "progress", "尚无进展", "no progress yet", ()
        if log_odds < 0:
            return "no_progress", f"{days:.0f} 天没有新进展", f"nothing new for {days:.0f} days", last
        return "progress", f"{days:.0f} 天前有新进展", f"something new {days:.0f} days ago", last

    def _silence(self, row: int, name: str, log_odds: float) -> tuple[str, str, str, tuple[EventRef, ...]]:
        customer, idle = self._value("customer_silence", row), self._value("idle", row)
        last = self._events(row, most=1)
        if np.isnan(customer):
            code = "silent" if log_odds < 0 else "recent"
            return code, f"距最近动态 {idle:.0f} 天", f"last event {idle:.0f} days ago", last
        code = "silent" if log_odds < 0 else "recent"
        return (
            code,
            f"客户 {customer:.0f} 天前有过动作",
            f"the customer last acted {customer:.0f} days ago",
            last,
        )

    def _answers(self, row: int, name: str, log_odds: float) -> tuple[str, str, str, tuple[EventRef, ...]]:
        slow, waiting = self._value("answers_slow", row), self._value("waiting_for_us", row)
        events = self._events(row, most=2)
        if log_odds < 0 and slow > 0:
            return (
                "slow_answers",
                f"回复客户超过一天 {slow:.0f} 次",
                f"{slow:.0f} answers took us over a day",
                events,
            )
        if log_odds < 0 and waiting > 1:
            return (
                "waiting",
                f"客户等我方回复 {waiting:.0f} 天",
                f"the customer has waited {waiting:.0f} days for us",
                events,
            )
        code = "quick_answers" if log_odds >= 0 else "answers"
        return code, "我方回复节奏", "how quickly we answer", events

    def _age(self, row: int, name: str, log_odds: float) -> tuple[str, str, str, tuple[EventRef, ...]]:
        days = self._value("age", row)
        return "age", f"已开启 {days:.0f} 天", f"open for {days:.0f} days", ()

    def _pace(self, row: int, name: str, log_odds: float) -> tuple[str, str, str, tuple[EventRef, ...]]:
        recent = self._value("events_14d", row)
        code = "slow_pace" if log_odds < 0 else "busy"
        return code, f"近 14 天 {recent:.0f} 条动态", f"{recent:.0f} events in 14 days", self._events(row)

    def _customer_pace(
        self, row: int, name: str, log_odds: float
    ) -> tuple[str, str, str, tuple[EventRef, ...]]:
        recent = self._value("customer_14d", row)
        code = "customer_cooling" if log_odds < 0 else "customer_active"
        return (
            code,
            f"客户近 14 天 {recent:.0f} 次主动",
            f"the customer acted {recent:.0f} times in 14 days",
            self._events(row),
        )

    def _amount(self, row: int, name: str, log_odds: float) -> tuple[str, str, str, tuple[EventRef, ...]]:
        amount = self._value("amount", row)
        return "amount", f"金额 {amount:,.0f}", f"the amount, {amount:,.0f}", ()

    def _attribute(self, row: int, name: str, log_odds: float) -> tuple[str, str, str, tuple[EventRef, ...]]:
        column = self._log.deals.attributes[name]
        value = column[int(self._view.rows.deal[row])]
        shown = "—" if value is None else f"{value:,.10g}" if isinstance(value, float) else str(value)
        return f"attribute:{name}", f"{name}：{shown}", f"{name}: {shown}", ()

    def _queue(self, row: int, name: str, log_odds: float) -> tuple[str, str, str, tuple[EventRef, ...]]:
        ahead = self._value("queue_ahead", row)
        return "queue", f"同阶段前面还有 {ahead:.0f} 单", f"{ahead:.0f} deals ahead in the same stage", ()


PLAIN = {
    "people": ("经手人", "the people working on it"),
    "owner": ("负责人的战绩与负荷", "the owner's record and load"),
    "market": ("近期整体行情", "how the whole pipeline has fared lately"),
    "calendar": ("月末与季末节奏", "where we are in week, month and quarter"),
}
EVENTFUL = {"people"}
