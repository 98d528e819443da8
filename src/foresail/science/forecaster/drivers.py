"""Drivers: features gathered into the few things a seller would name, put into words.

A driver is a group of features whose contributions belong together. What is said of it depends on
the deal: a competitor that has been mentioned is one reason, that none has been is another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foresail.science.features import Feature, FeatureTable, Vocabulary
from foresail.science.features.view import View
from foresail.science.forecaster import names
from foresail.science.forecaster.trees import Matrix
from foresail.science.log import DealLog
from foresail.science.time import to_datetime

MOST_EVENTS = 3
"""Events named behind one driver."""

RECENT_DAYS = 7.0
"""A stage reached within these days has just been reached."""

SILENT_DAYS = 7.0
"""Silence is worth naming from here on."""

QUICK_HOURS = 24.0

QUIET = 2 / 3
"""Share of the usual events of a stage up to which a deal that overstays there is stalled."""


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


Told = tuple[str, str, str, tuple[EventRef, ...]]
"""The code of what is said, what is said in zh and en, and the events behind it."""


class Storyteller:
    """Puts the drivers of rows into words, with the events behind them."""

    def __init__(self, log: DealLog, table: FeatureTable, view: View, vocabulary: Vocabulary) -> None:
        self._log = log
        self._view = view
        self._vocabulary = vocabulary
        self._settled_by = vocabulary.settled_by
        self._values = {f.name: table.values[:, i] for i, f in enumerate(table.features)}

    def tell(self, driver: str, row: int, log_odds: float) -> Told:
        """Return (code, zh, en, events) of `driver` in `row`, which adds `log_odds`."""
        topic, _, name = driver.partition(":")
        teller = getattr(self, f"_{topic}", None)
        code, zh, en, events = self._plain(driver, row) if teller is None else teller(row, name, log_odds)
        theirs = topic == "attribute" or (topic == "kind" and name not in names.NAMES)
        return code, zh, en if theirs else en[:1].upper() + en[1:], events

    def _value(self, name: str, row: int) -> float:
        column = self._values.get(name)
        return float("nan") if column is None else float(column[row])

    def _events(
        self, row: int, kinds: set[str] | None = None, *, most: int = MOST_EVENTS, customers: bool = False
    ) -> tuple[EventRef, ...]:
        """Return the last events of the row's deal that were known by then, newest first.

        Of `kinds` if given, and only the `customers`' own if so asked.
        """
        events = self._log.events
        start, stop = int(self._view.all.start[row]), int(self._view.all.stop[row])
        found = []
        for i in range(stop - 1, start - 1, -1):
            if (kinds is None or events.kinds[events.kind[i]] in kinds) and not (
                customers and events.actor[i] >= 0
            ):
                found.append(self._ref(i))
            if len(found) == most:
                break
        return tuple(found)

    def _ago(self, row: int, events: tuple[EventRef, ...]) -> float:
        """Return how many calendar days ago the newest of `events` was, NaN without any."""
        if not events:
            return float("nan")
        zone = self._log.zone
        now, then = to_datetime(int(self._view.rows.at[row]), zone=zone), to_datetime(events[0].at, zone=zone)
        return float((now.date() - then.date()).days)

    def _opening(self, row: int, name: str, log_odds: float) -> Told:
        return "opening", "开启的时间点", "when it was opened", ()

    def _plain(self, driver: str, row: int) -> Told:
        zh, en = PLAIN.get(driver, (driver, driver))
        return driver, zh, en, self._events(row) if driver in EVENTFUL else ()

    def _kind(self, row: int, kind: str, log_odds: float) -> Told:
        times, events = self._value(f"n:{kind}", row), self._events(row, {kind})
        since = self._ago(row, events)
        zh, en = names.zh(kind), names.en(kind)
        if not times > 0:
            return f"without:{kind}", f"尚未出现“{zh}”", f"{en}: none so far", ()
        settled = self._settled_by.get(kind)
        since_zh, since_en = _ago_words(since)
        if settled is None and times == 1:
            return f"kind:{kind}", f"{since_zh}出现“{zh}”", f"{en} {since_en}", events
        if settled is None:
            return (
                f"kind:{kind}",
                f"“{zh}”共 {times:.0f} 次，最近一次：{since_zh}",
                f"{en}: {times:.0f} so far, the last {since_en}",
                events,
            )
        if self._value(f"open:{kind}", row) >= 0:
            return (
                f"kind:{kind}",
                f"{since_zh}出现“{zh}”，之后还没有“{names.zh(settled)}”",
                f"{en} {since_en}, not followed by {names.en(settled)}",
                events,
            )
        ago_zh, ago_en = _ago_words(self._ago(row, self._events(row, {settled}, most=1)))
        return (
            f"settled:{kind}",
            f"“{zh}”之后，{ago_zh}有了“{names.zh(settled)}”",
            f"{en}, followed by {names.en(settled)} {ago_en}",
            self._events(row, {kind, settled}),
        )

    def _stage_now(self, row: int) -> str | None:
        stage = int(self._view.stage[row])
        return self._log.events.stages[stage] if stage >= 0 else None

    def _last_move(self, row: int) -> tuple[EventRef, ...]:
        """Return the event that moved the row's deal to the stage it is in."""
        last = int(self._view.stage_moves.nth_last(1)[row])
        return (self._ref(last),) if last >= 0 else ()

    def _ref(self, event: int) -> EventRef:
        events = self._log.events
        return EventRef(events.kinds[events.kind[event]], int(events.at[event]))

    def _momentum(self, row: int, name: str, log_odds: float) -> Told:
        """Say what stands out of how things move: time in the stage, silence, or how much happens."""
        usual = self._vocabulary
        stage = self._stage_now(row) or ""
        moved = self._last_move(row)
        spent, within = self._ago(row, moved), usual.usual_days.get(stage, np.nan)
        who = ("客户", " from the customer") if usual.dialogue else ("", "")
        recent = self._value("customer_14d" if usual.dialogue else "events_14d", row)
        expected = usual.usual_events.get(stage, np.nan)
        pace_zh = f"{who[0]}近 14 天{f'有 {recent:.0f} 次' if recent else '没有'}动态"
        pace_en = f"{_count(recent, 'event')}{who[1]} in 14 days"
        if expected >= 1:
            pace_zh, pace_en = f"{pace_zh}（通常 {expected:.0f} 次）", f"{pace_en} (usually {expected:.0f})"
        if log_odds >= 0:
            if spent <= RECENT_DAYS:
                where = names.zh(stage), names.en(stage)
                ago = _ago_words(spent)
                return (
                    "moving",
                    f"{ago[0]}进入“{where[0]}”阶段",
                    f"reached the stage {where[1]} {ago[1]}",
                    moved,
                )
            quiet = recent <= QUIET * expected or not recent
            return "pace" if quiet else "active", pace_zh, pace_en, self._events(row)
        if spent > np.maximum(np.round(within), 1):
            long_zh = f"在“{names.zh(stage)}”阶段已 {spent:.0f} 天（通常 {max(within, 1):.0f} 天）"
            long_en = f"{_count(spent, 'day')} in the stage {names.en(stage)} (usually {max(within, 1):.0f})"
            if recent <= QUIET * expected:
                return (
                    f"stalled:{stage}",
                    f"停滞：{long_zh}，{pace_zh}",
                    f"stalled: {long_en}, {pace_en}",
                    moved,
                )
            return "slow_stage", long_zh, long_en, moved
        last = self._events(row, most=1, customers=usual.dialogue)
        silent = self._ago(row, last)
        if silent >= SILENT_DAYS:
            return (
                "silent",
                f"{who[0]}已 {silent:.0f} 天没有动态",
                f"no {'sign from the customer' if usual.dialogue else 'event'} for {_count(silent, 'day')}",
                last,
            )
        return "slow_pace", pace_zh, pace_en, self._events(row)

    def _answers(self, row: int, name: str, log_odds: float) -> Told:
        slow, waited = self._value("answers_slow", row), self._value("waiting_for_us", row)
        vocabulary = self._vocabulary
        events = self._events(row, {*vocabulary.asking, *vocabulary.answering}, most=2)
        if log_odds < 0 and slow > 0:
            return (
                "slow_answers",
                f"有 {slow:.0f} 次回复客户超过一天",
                f"{_count(slow, 'answer')} took us over a day",
                events,
            )
        asked = self._events(row, set(vocabulary.asking), most=1)
        days = self._ago(row, asked)
        if log_odds < 0 and waited > 1:
            return (
                "waiting",
                f"客户等我方回复已 {days:.0f} 天",
                f"the customer has waited {_count(days, 'day')} for us",
                asked,
            )
        hours = float(np.expm1(self._value("answer_mean", row)))
        if np.isnan(hours):
            return "contact", "与客户的往来", "our exchange with the customer", events
        code = "quick_answers" if log_odds >= 0 and hours <= QUICK_HOURS else "answers"
        return (
            code,
            f"平均 {hours:.0f} 小时回复客户",
            f"we answer within {_count(hours, 'hour')} on average",
            events,
        )

    def _age(self, row: int, name: str, log_odds: float) -> Told:
        days = self._value("age", row)
        if days < 1:
            return "age", "今天刚开启", "opened today", ()
        return "age", f"已开启 {days:.0f} 天", f"open for {_count(days, 'day')}", ()

    def _amount(self, row: int, name: str, log_odds: float) -> Told:
        amount = self._value("amount", row)
        if np.isnan(amount):
            return "amount", "金额还没有填", "no amount yet", ()
        return "amount", f"金额 {amount:,.0f}", f"the amount, {amount:,.0f}", ()

    def _attribute(self, row: int, name: str, log_odds: float) -> Told:
        column = self._log.deals.attributes[name]
        value = column[int(self._view.rows.deal[row])]
        shown = "—" if value is None else f"{value:,.10g}" if isinstance(value, float) else str(value)
        return f"attribute:{name}", f"{names.zh(name)}：{shown}", f"{names.en(name)}: {shown}", ()

    def _queue(self, row: int, name: str, log_odds: float) -> Told:
        ahead = self._value("queue_ahead", row)
        return (
            "queue",
            f"同阶段前面还有 {ahead:.0f} 单",
            f"{_count(ahead, 'deal')} ahead in the same stage",
            (),
        )


def _ago_words(days: float) -> tuple[str, str]:
    """Return how long ago that is, in zh and en."""
    if days < 2:
        return ("昨天", "yesterday") if days == 1 else ("今天", "today")
    return f"{days:.0f} 天前", f"{days:.0f} days ago"


def _count(number: float, what: str) -> str:
    """Return `number` of `what` in English."""
    shown = f"{number:.0f}"
    return f"no {what}s" if shown == "0" else f"{shown} {what}{'' if shown == '1' else 's'}"


PLAIN = {
    "people": ("经手人", "the people working on it"),
    "owner": ("负责人的战绩与负荷", "the owner's record and load"),
    "market": ("近期整体行情", "how the whole pipeline has fared lately"),
    "calendar": ("月末与季末节奏", "where we are in week, month and quarter"),
}
EVENTFUL = {"people"}
