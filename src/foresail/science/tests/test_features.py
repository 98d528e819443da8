"""Features: exact values on a log made by hand, and against plain loops on random logs."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from foresail.science.features import FeatureTable, Vocabulary, compute_features, view
from foresail.science.features.people import PRIOR_DEALS
from foresail.science.landmarks import Rows, open_rows
from foresail.science.log import DealLog, Outcome
from foresail.science.time import DAY, NEVER, to_datetime, to_instant

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2025, 3, 3, tzinfo=ZONE)  # a Monday


def after(days: float) -> datetime:
    return (START + timedelta(days=days)).astimezone(UTC)


def instant(days: float) -> int:
    return to_instant(after(days), zone=ZONE)


def make_log(deals: list[dict[str, Any]], events: list[dict[str, Any]]) -> DealLog:
    deal_types: dict[str, Any] = {
        "deal": pl.String, "opened": pl.Datetime("us", "UTC"), "closed": pl.Datetime("us", "UTC"),
        "outcome": pl.String, "owner": pl.String, "amount": pl.Float64, "size": pl.Float64, "colour": pl.String,
    }  # fmt: skip
    event_types: dict[str, Any] = {
        "deal": pl.String, "at": pl.Datetime("us", "UTC"), "known": pl.Datetime("us", "UTC"), "kind": pl.String,
        "actor": pl.String, "stage": pl.String,
    }  # fmt: skip
    return DealLog.build(
        deals=pl.DataFrame(deals, schema=deal_types),
        events=pl.DataFrame(events, schema=event_types),
        zone=ZONE,
    )


def everything(log: DealLog) -> Vocabulary:
    """A vocabulary that leaves nothing out, however small the log."""
    kinds = log.events.kinds
    return replace(
        Vocabulary.learn(log),
        kinds=kinds,
        slow=kinds,
        position={kind: i / 10 for i, kind in enumerate(kinds)},
        milestones=kinds[:2],
        levels=(("colour", "blue"),),
        asking=kinds[-2:],
        actors=True,
        owners=True,
        amount=True,
        dialogue=True,
        seasons=True,
    )


# --- by hand ----------------------------------------------------------------------------------------


def hand_made() -> DealLog:
    deal: dict[str, Any] = {
        "closed": None,
        "outcome": None,
        "owner": "Li",
        "amount": 5.0,
        "size": 3.0,
        "colour": "red",
    }
    event = {"known": None, "actor": None, "stage": None}
    return make_log(
        [
            deal | {"deal": "old", "opened": after(0), "closed": after(8), "outcome": "won"},
            deal | {"deal": "now", "opened": after(1), "amount": 7.5, "size": 4.0, "colour": "blue"},
            deal | {"deal": "twin", "opened": after(2.5), "owner": "Wu", "amount": None, "size": None},
        ],
        [
            event | {"deal": "old", "at": after(1), "kind": "call", "actor": "Li"},
            event | {"deal": "now", "at": after(1), "kind": "mail"},
            event | {"deal": "now", "at": after(3), "kind": "call", "actor": "Li", "stage": "offer"},
            event | {"deal": "now", "at": after(3.5), "kind": "call", "actor": "Bo"},
            event | {"deal": "now", "at": after(9), "kind": "mail"},
            # It happened before the landmark and was typed in after it.
            event | {"deal": "now", "at": after(9.5), "known": after(10.5), "kind": "call", "actor": "Bo"},
            event | {"deal": "twin", "at": after(6), "kind": "mail", "stage": "offer"},
        ],
    )


def test_the_features_of_one_deal_by_hand() -> None:
    log = hand_made()
    vocabulary = replace(everything(log), position={"call": 0.75, "mail": 0.25}, milestones=("mail",))
    table = compute_features(log, open_rows(log, landmarks=np.array([instant(10)])), vocabulary=vocabulary)
    assert table.values.shape == (2, len(table.features))
    now = {f.name: value for f, value in zip(table.features, table.values[0].tolist(), strict=True)}
    hour = math.log1p(24 * 60 * 0.5)
    general = 2 / 3
    li = (1 + PRIOR_DEALS * general) / (1 + PRIOR_DEALS)
    record = math.log(li / (1 - li)) - math.log(general / (1 - general))
    assert now == pytest.approx(
        {
            # pace
            "age": 9, "idle": 1, "events": 4, "events_1d": 0, "events_3d": 1, "events_7d": 2, "events_14d": 4,
            "events_30d": 4, "gap_1": 5.5, "gap_2": 0.5,
            # kinds; waiting longer than three days counts as three
            "n:call": 2, "n7:call": 1, "since:call": 6.5, "last_took:call": hour,
            "mean_took:call": (math.log1p(24 * 60 * 2) + hour) / 2,
            "n:mail": 2, "n7:mail": 1, "since:mail": 1, "last_took:mail": math.log1p(24 * 60 * 3),
            "mean_took:mail": math.log1p(24 * 60 * 3) / 2,
            # course
            "in_stage:offer": 1, "stage_days": 7, "stage_moves": 1, "novelty_days": 7, "novelties": 2,
            "novelty_place": 0.75, "place_1": 0.25, "place_2": 0.75, "place_3": 0.75, "milestone_1": 0.25,
            "milestone_2": 0.25, "milestone_3": math.nan, "milestone_days": 1, "since_milestone": 0,
            # dialogue
            "customer_silence": 1, "customer_7d": 1, "customer_14d": 2, "customer_30d": 2,
            "answer_mean": math.log1p(48), "answer_last": 2, "answers_slow": 1, "answers_slow_share": 1,
            "waiting_for_us": 1,
            # people
            "handovers": 2, "actor_record": 0, "owner_record": record, "owner_load": 1,
            # pipeline: one of three deals won and closed, three opened; 13 March 2025 is a Thursday
            "queue_ahead": 0, "queue_size": 2, "win_rate_7d": 0.5, "win_rate_30d": 0.5,
            "closing_pace_7d": math.log(2), "closing_pace_30d": math.log(2 / 4),
            "weekday": 4, "month_left": 18, "quarter_left": 18,
            # deal
            "amount": 7.5, "attribute:size": 4, "is:colour=blue": 1, "record:colour": 0,
            "opened_hour": 0, "opened_weekday": 2,
        },
        nan_ok=True, rel=1e-10, abs=1e-10,
    )  # fmt: skip


def test_nothing_known_yet_is_said_as_missing_not_as_zero_days() -> None:
    log = hand_made()
    rows = Rows(np.array([2], dtype=np.int32), np.array([instant(5)]))
    table = compute_features(log, rows, vocabulary=everything(log))
    for name in (
        "idle",
        "since:mail",
        "mean_took:mail",
        "last_took:mail",
        "stage_days",
        "place_1",
        "answer_mean",
    ):
        assert math.isnan(table.column(name)[0]), name
    assert [table.column(name)[0] for name in ("events", "n:mail", "in_stage:offer", "handovers")] == [
        0,
        0,
        0,
        0,
    ]


def test_a_log_without_dates_gives_what_was_known_at_the_opening() -> None:
    deals = pl.DataFrame(
        {"deal": ["a", "b"], "outcome": ["won", None], "size": [1.0, None], "colour": ["blue", None]}
    )
    log = DealLog.build(deals=deals)
    rows = Rows(np.arange(2, dtype=np.int32), np.zeros(2, dtype=np.int64))
    vocabulary = replace(Vocabulary.learn(log), levels=(("colour", "blue"),))
    table = compute_features(log, rows, vocabulary=vocabulary)
    assert [f.name for f in table.features] == ["attribute:size", "is:colour=blue"]
    np.testing.assert_array_equal(table.values, [[1.0, 1.0], [np.nan, 0.0]])


# --- against plain loops ----------------------------------------------------------------------------

QUARTER_DAYS = st.integers(0, 80).map(lambda n: n / 4)


@st.composite
def logs(draw: st.DrawFn) -> DealLog:
    """Small logs in which times meet often: events with landmarks, closes with events."""
    deals, events = [], []
    for i in range(draw(st.integers(1, 5))):
        opened = draw(QUARTER_DAYS)
        life = draw(st.none() | QUARTER_DAYS)
        deals.append(
            {
                "deal": f"d{i}",
                "opened": after(opened),
                "closed": None if life is None else after(opened + life),
                "outcome": None if life is None else draw(st.sampled_from(["won", "lost"])),
                "owner": draw(st.sampled_from([None, "Li", "Wu"])),
                "amount": draw(st.sampled_from([None, 1.0, 2.5])),
                "size": draw(st.sampled_from([None, 1.0, 2.0])),
                "colour": draw(st.sampled_from([None, "red", "blue"])),
            }
        )
        for _ in range(draw(st.integers(0, 8))):
            at = opened + draw(QUARTER_DAYS)
            events.append(
                {
                    "deal": f"d{i}",
                    "at": after(at),
                    "known": after(at + draw(st.sampled_from([0, 0, 0, 0.5, 3]))),
                    "kind": draw(st.sampled_from(["call", "mail", "visit"])),
                    "actor": draw(st.sampled_from([None, "Li", "Bo"])),
                    "stage": draw(st.sampled_from([None, None, "offer", "talk"])),
                }
            )
    return make_log(deals, events)


landmark_days = st.lists(st.integers(0, 25), min_size=1, max_size=4, unique=True)


def landmarks(days: list[int]) -> Any:
    return np.array([instant(day) for day in days], dtype=np.int64)


@settings(max_examples=150, deadline=None)
@given(log=logs(), days=landmark_days)
def test_features_equal_plain_loops(log: DealLog, days: list[int]) -> None:
    rows, vocabulary = open_rows(log, landmarks=landmarks(days)), everything(log)
    table = compute_features(log, rows, vocabulary=vocabulary)
    for i in range(len(rows)):
        expected = plain(log, rows, i, vocabulary)
        assert [f.name for f in table.features] == list(expected)
        got = dict(zip(expected, table.values[i].tolist(), strict=True))
        assert got == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(log=logs(), day=st.integers(0, 25))
def test_what_comes_later_changes_no_bit(log: DealLog, day: int) -> None:
    vocabulary, now = everything(log), landmarks([day])
    whole = compute_features(log, open_rows(log, landmarks=now), vocabulary=vocabulary)
    past = log.as_of(instant(day))
    assume(len(past.deals) > 0)
    cut = compute_features(past, open_rows(past, landmarks=now), vocabulary=vocabulary)
    assert_same(cut, whole)


@settings(max_examples=60, deadline=None)
@given(log=logs(), days=landmark_days, events=st.integers(1, 6))
def test_taking_deals_in_parts_changes_no_bit(log: DealLog, days: list[int], events: int) -> None:
    rows, vocabulary = open_rows(log, landmarks=landmarks(days)), everything(log)
    whole = compute_features(log, rows, vocabulary=vocabulary)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view, "PART", events)
        assert_same(compute_features(log, rows, vocabulary=vocabulary), whole)


@settings(max_examples=60, deadline=None)
@given(log=logs(), days=landmark_days, wanted=st.sets(st.integers(0, 9)))
def test_asking_of_some_rows_changes_no_bit(log: DealLog, days: list[int], wanted: set[int]) -> None:
    rows, vocabulary = open_rows(log, landmarks=landmarks(days)), everything(log)
    mask = np.isin(np.arange(len(rows)), list(wanted))
    whole = compute_features(log, rows, vocabulary=vocabulary)
    assert_same(compute_features(log, rows, vocabulary=vocabulary, wanted=mask), whole.take(mask))


def assert_same(one: FeatureTable, other: FeatureTable) -> None:
    assert one.features == other.features
    np.testing.assert_array_equal(one.values, other.values)


def plain(log: DealLog, rows: Rows, row: int, vocabulary: Vocabulary) -> dict[str, float]:
    """All features of one row, by the plainest loops over what it may know."""
    deal, now = int(rows.deal[row]), int(rows.at[row])
    e = log.events
    events = [
        {
            "at": int(e.at[i]),
            "known": int(e.known[i]),
            "kind": e.kinds[e.kind[i]],
            "actor": int(e.actor[i]),
            "stage": e.stages[e.stage[i]] if e.stage[i] >= 0 else None,
            "previous": i - 1 if i > 0 and e.deal[i - 1] == deal else None,
        }
        for i in range(len(e))
        if e.deal[i] == deal and e.known[i] <= now
    ]
    return (
        plain_pace(log, deal, now, events)
        | plain_kinds(log, now, events, vocabulary)
        | plain_course(now, events, vocabulary)
        | plain_dialogue(now, events, vocabulary)
        | plain_people(log, deal, now, events)
        | plain_pipeline(log, rows, row)
        | plain_deal(log, deal, now)
    )


Known = list[dict[str, Any]]


def since(now: int, events: Known, n: int = 1) -> float:
    return (now - events[-n]["known"]) / DAY if len(events) >= n else math.nan


def lately(now: int, events: Known, window: int) -> int:
    return sum(event["known"] > now - window * DAY for event in events)


def plain_pace(log: DealLog, deal: int, now: int, events: Known) -> dict[str, float]:
    return (
        {"age": (now - int(log.deals.opened[deal])) / DAY, "idle": since(now, events), "events": len(events)}
        | {f"events_{w}d": lately(now, events, w) for w in (1, 3, 7, 14, 30)}
        | {f"gap_{n}": since(now, events, n + 1) - since(now, events, n) for n in (1, 2)}
    )


def plain_kinds(log: DealLog, now: int, events: Known, vocabulary: Vocabulary) -> dict[str, float]:
    found: dict[str, float] = {}
    for kind in vocabulary.kinds:
        own = [event for event in events if event["kind"] == kind]
        took = [
            math.log1p(min((event["known"] - int(log.events.known[event["previous"]])) / 60e6, 3 * 24 * 60))
            if event["previous"] is not None
            else 0.0
            for event in own
        ]
        found |= {
            f"n:{kind}": len(own),
            f"n7:{kind}": lately(now, own, 7),
            f"since:{kind}": since(now, own),
            f"mean_took:{kind}": sum(took) / len(took) if took else math.nan,
            f"last_took:{kind}": took[-1] if took else math.nan,
        }
    return found


def plain_course(now: int, events: Known, vocabulary: Vocabulary) -> dict[str, float]:
    def place(found: Known, n: int) -> float:
        return vocabulary.position[found[-n]["kind"]] if len(found) >= n else math.nan

    named = [event for event in events if event["stage"] is not None]
    moves = [next(same) for _, same in groupby(named, key=itemgetter("stage"))]
    kinds = [event["kind"] for event in events]
    novel = [event for i, event in enumerate(events) if event["kind"] not in kinds[:i]]
    milestones = [event for event in events if event["kind"] in vocabulary.milestones]
    found: dict[str, float] = {}
    if vocabulary.stages:
        found |= {f"in_stage:{s}": float(bool(moves) and moves[-1]["stage"] == s) for s in vocabulary.stages}
        found |= {"stage_days": since(now, moves), "stage_moves": len(moves)}
    found |= {"novelty_days": since(now, novel), "novelties": len(novel), "novelty_place": place(novel, 1)}
    found |= {f"place_{n}": place(events, n) for n in (1, 2, 3)}
    if vocabulary.milestones:
        found |= {f"milestone_{n}": place(milestones, n) for n in (1, 2, 3)}
        found["milestone_days"] = since(now, milestones)
        last = max((i for i, event in enumerate(events) if event in milestones), default=None)
        found["since_milestone"] = math.nan if last is None else len(events) - 1 - last
    return found


def plain_dialogue(now: int, events: Known, vocabulary: Vocabulary) -> dict[str, float]:
    customer = [event for event in events if event["actor"] < 0]
    turns = [event for event in events if event["actor"] >= 0 or event["kind"] in vocabulary.asking]
    took = [
        max(answer["at"] - question["at"], 0) / DAY
        for question, answer in pairwise(turns)
        if question["actor"] < 0 <= answer["actor"]
    ]
    slow = sum(t > 1 for t in took)
    unanswered = turns if turns and turns[-1]["actor"] < 0 else []
    return (
        {"customer_silence": since(now, customer)}
        | {f"customer_{w}d": lately(now, customer, w) for w in (7, 14, 30)}
        | {
            "answer_mean": sum(math.log1p(24 * t) for t in took) / len(took) if took else math.nan,
            "answer_last": took[-1] if took else math.nan,
            "answers_slow": slow,
            "answers_slow_share": slow / len(took) if took else math.nan,
            "waiting_for_us": since(now, unanswered) if unanswered else 0.0,
        }
    )


def closed_by(log: DealLog, now: int, *, after: float = -math.inf) -> list[int]:
    return [i for i in range(len(log.deals)) if after < log.deals.closed[i] <= now]


def wins(log: DealLog, deals: list[int]) -> int:
    return sum(log.deals.outcome[i] == Outcome.WON for i in deals)


def record(log: DealLog, now: int, group: list[Any], mine: Any) -> float:
    everybody = closed_by(log, now)
    general = (wins(log, everybody) + 1) / (len(everybody) + 2)
    ours = [i for i in everybody if mine is not None and group[i] == mine]
    rate = (wins(log, ours) + PRIOR_DEALS * general) / (len(ours) + PRIOR_DEALS)
    return math.log(rate / (1 - rate)) - math.log(general / (1 - general))


def plain_people(log: DealLog, deal: int, now: int, events: Known) -> dict[str, float]:
    actors = [event["actor"] for event in events if event["actor"] >= 0]
    last: list[Any] = [None] * len(log.deals)
    for i in range(len(log.events)):
        if log.events.actor[i] >= 0:
            last[log.events.deal[i]] = log.events.actor[i]
    owner = [None if code < 0 else int(code) for code in log.deals.owner]
    mine = owner[deal]
    open_now = [
        i
        for i in range(len(log.deals))
        if owner[i] == mine and log.deals.opened[i] <= now and not log.deals.closed[i] <= now
    ]
    return {
        "handovers": sum(i == 0 or actors[i] != actors[i - 1] for i in range(len(actors))),
        "actor_record": record(log, now, last, actors[-1] if actors else None),
        "owner_record": record(log, now, owner, mine),
        "owner_load": math.nan if mine is None else len(open_now),
    }


def plain_pipeline(log: DealLog, rows: Rows, row: int) -> dict[str, float]:
    now = int(rows.at[row])

    def standing(i: int) -> tuple[int, float]:
        """The stage of row `i` and since when it has been there, later than all times if it has none."""
        named = [
            (int(log.events.stage[j]), int(log.events.known[j]))
            for j in range(len(log.events))
            if log.events.deal[j] == rows.deal[i] and log.events.known[j] <= now and log.events.stage[j] >= 0
        ]
        moves = [next(same) for _, same in groupby(named, key=itemgetter(0))]
        return moves[-1] if moves else (-1, math.inf)

    beside = [i for i in range(len(rows)) if rows.at[i] == now and standing(i)[0] == standing(row)[0]]
    queue = sorted(beside, key=lambda i: (standing(i)[1], rows.deal[i]))
    found: dict[str, float] = {}
    if log.events.stages:
        found |= {"queue_ahead": queue.index(row), "queue_size": len(queue)}
    for span in (7, 30):
        closed = closed_by(log, now, after=now - span * DAY)
        opened = sum(now - span * DAY < t <= now for t in log.deals.opened)
        found[f"win_rate_{span}d"] = (wins(log, closed) + 1) / (len(closed) + 3)
        found[f"closing_pace_{span}d"] = math.log((len(closed) + 1) / (opened + 1))
    today = to_datetime(now, zone=ZONE)
    left = ((today.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)).day - today.day
    return found | {
        "weekday": today.isoweekday(),
        "month_left": left,
        "quarter_left": left + 30 * (2 - (today.month - 1) % 3),
    }


def plain_deal(log: DealLog, deal: int, now: int) -> dict[str, float]:
    deals = log.deals
    size, colour = deals.attributes["size"].to_list(), deals.attributes["colour"].to_list()
    assert deals.opened[deal] != NEVER
    opened = to_datetime(int(deals.opened[deal]), zone=ZONE)
    return {
        "amount": float(deals.amount[deal]),
        "attribute:size": math.nan if size[deal] is None else size[deal],
        "is:colour=blue": float(colour[deal] == "blue"),
        # Deals of no colour are a group too.
        "record:colour": record(log, now, [c or "none" for c in colour], colour[deal] or "none"),
        "opened_hour": opened.hour,
        "opened_weekday": opened.isoweekday(),
    }
