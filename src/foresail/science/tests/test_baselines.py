"""The baselines count what they say they count, know nothing of later days, and answer odd logs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from sklearn.naive_bayes import CategoricalNB

from foresail.science.backtest import backtest
from foresail.science.baselines import Baseline, NaiveBayes, Prior, StageRate
from foresail.science.errors import LogError, ModelError
from foresail.science.forecaster.verdict import Thresholds
from foresail.science.landmarks import open_rows
from foresail.science.log import DealLog
from foresail.science.time import to_instant

KINDS: list[type[Baseline]] = [Prior, StageRate, NaiveBayes]
TIME = pl.Datetime("us", "UTC")
START = datetime(2024, 3, 20, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
"""Its clocks change on 31 March, within the random logs."""

every_kind = pytest.mark.parametrize("kind", KINDS)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def instant(number: float) -> int:
    return to_instant(day(number), zone=ZoneInfo("UTC"))


def table(rows: list[dict[str, Any]], **types: Any) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"deal": pl.String, **types})


def a_log(deals: list[dict[str, Any]], events: list[dict[str, Any]] | None = None) -> DealLog:
    moves = table(events or [], at=TIME, kind=pl.String, stage=pl.String)
    return DealLog.build(deals=table(deals, opened=TIME, closed=TIME, outcome=pl.String), events=moves)


def move(deal: str, when: float, stage: str) -> dict[str, Any]:
    return {"deal": deal, "at": day(when), "kind": "move", "stage": stage}


@pytest.fixture
def tiny() -> DealLog:
    """Fitted on day 6 with landmarks on days 0, 2 and 4; c is won and d and e appear only then or later."""
    deals = [
        {"deal": "a", "opened": day(0), "closed": day(5), "outcome": "won"},
        {"deal": "b", "opened": day(0), "closed": day(3), "outcome": "lost"},
        {"deal": "c", "opened": day(1), "closed": day(9), "outcome": "won"},
        {"deal": "d", "opened": day(6), "closed": None, "outcome": None},
        {"deal": "e", "opened": day(6), "closed": None, "outcome": None},
    ]
    events = [
        move("a", 0, "new"), move("a", 3, "offer"), move("b", 0, "new"), move("c", 1, "new"),
        move("c", 7, "offer"), move("d", 6, "offer"), move("e", 6, "unheard of"),
    ]  # fmt: skip
    return a_log(deals, events)


def chances(frame: pl.DataFrame) -> list[list[float]]:
    return [list(row) for row in frame.select("p_won_final", "p_open", "p_won", "p_lost").rows()]


def test_prior_by_hand(tiny: DealLog) -> None:
    """Ended: a won at three landmarks, b lost at two. Two days later: five open, one won, one lost."""
    frame = Prior(horizon=2).fit(tiny, as_of=instant(6)).predict(tiny, at=[instant(6)])
    assert frame["deal"].to_list() == ["c", "d", "e"]
    assert chances(frame) == [pytest.approx([4 / 7, 0.6, 0.2, 0.2])] * 3


def test_only_rows_a_horizon_old_tell_of_the_state(tiny: DealLog) -> None:
    """Four days later: day 0 gives open and lost, day 2 won, lost and open; day 4 is too young."""
    frame = Prior(horizon=4).fit(tiny, as_of=instant(6)).predict(tiny, at=[instant(6)])
    assert chances(frame)[0] == pytest.approx([4 / 7, 3 / 8, 2 / 8, 3 / 8])


def test_stage_rate_by_hand(tiny: DealLog) -> None:
    frame = StageRate(horizon=2).fit(tiny, as_of=instant(6)).predict(tiny, at=[instant(8), instant(6)])
    assert frame["deal"].to_list() == ["c", "c", "d", "d", "e", "e"]
    assert frame["at"].to_list() == [day(6), day(8)] * 3
    new, offer, unseen = (
        [3 / 6, 6 / 9, 1 / 9, 2 / 9],
        [2 / 3, 1 / 4, 2 / 4, 1 / 4],
        [1 / 2, 1 / 3, 1 / 3, 1 / 3],
    )
    assert chances(frame) == [pytest.approx(row) for row in (new, offer, offer, offer, unseen, unseen)]


def test_landmarks_lie_every_so_many_days(tiny: DealLog) -> None:
    """On days 3 and 0 only: a won twice, b lost once (it closes on day 3 itself)."""
    frame = Prior(every=3).fit(tiny, as_of=instant(6)).predict(tiny, at=[instant(6)])
    assert frame["p_won_final"][0] == pytest.approx(3 / 5)


def test_the_table_is_as_promised(tiny: DealLog) -> None:
    frame = Prior().fit(tiny, as_of=instant(6)).predict(tiny, at=[])
    number = pl.Float64
    assert frame.schema == {
        "deal": pl.String, "at": TIME, "p_won_final": number, "p_won": number, "p_lost": number, "p_open": number,
        "verdict": pl.String,
    }  # fmt: skip
    assert len(frame) == 0


def test_verdicts_follow_the_thresholds(tiny: DealLog) -> None:
    baseline = StageRate(horizon=2).fit(tiny, as_of=instant(6))
    assert baseline.predict(tiny, at=[instant(6)])["verdict"].to_list() == [None] * 3
    baseline.thresholds = Thresholds(won=0.5, lost=0.3)
    assert baseline.predict(tiny, at=[instant(6)])["verdict"].to_list() == [None, "won", "lost"]


SOURCES = [
    ("w1", "web", "won"),
    ("w2", "fair", "won"),
    ("l", "web", "lost"),
    ("o", "radio", None),
    ("p", None, None),
]


def test_naive_bayes_by_hand() -> None:
    """Two won, one lost; the source has three places: web, fair, and any other."""
    log = DealLog.build(deals=pl.DataFrame(SOURCES, schema=["deal", "source", "outcome"], orient="row"))
    frame = NaiveBayes().fit(log, as_of=0).predict(log, at=())
    assert frame["deal"].to_list() == ["l", "o", "p", "w1", "w2"]

    def chance(won: float, lost: float) -> float:
        """From how many won and how many lost deals had the value."""
        yes, no = 2.1 * (won + 0.1) / 2.3, 1.1 * (lost + 0.1) / 1.3
        return yes / (yes + no)

    expected = [chance(1, 1), chance(0, 0), chance(0, 0), chance(1, 1), chance(1, 0)]
    assert frame["p_won_final"].to_list() == pytest.approx(expected)


@pytest.mark.parametrize("column", ["amount", "size"])
def test_value_bands_are_quintiles_of_the_amount_or_else_of_a_number(column: str) -> None:
    """Of 1 … 10 the smaller half is won: two deals in each band, five in each class, six places."""
    values = [*map(float, range(1, 11)), 0.1, 6.0, 1e9, None]
    outcomes = ["won"] * 5 + ["lost"] * 5 + [None] * 4
    deals = pl.DataFrame({"deal": [f"{i:02}" for i in range(14)], column: values, "outcome": outcomes})
    closed = DealLog.build(deals=deals.head(10))
    frame = NaiveBayes().fit(closed, as_of=0).predict(DealLog.build(deals=deals.tail(4)), at=())
    assert frame["p_won_final"].to_list() == pytest.approx([2.1 / 2.2, 0.5, 0.1 / 2.2, 0.5])


def test_naive_bayes_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    n = 300
    codes = np.column_stack([random.integers(0, k, size=n) for k in (3, 4, 6)])
    won = random.random(n) < 0.2 + 0.1 * codes[:, 0] + 0.08 * codes[:, 2]
    text = codes.astype(str).T
    deals = pl.DataFrame(
        {"deal": [f"{i:03}" for i in range(n)], "owner": text[0], "a": text[1], "b": text[2]}
    )
    outcome = pl.Series("outcome", np.where(won, "won", "lost"))
    log = DealLog.build(deals=deals.with_columns(outcome))
    rates = np.array([(~won).sum() + 0.1, won.sum() + 0.1]) / (n + 0.2)
    theirs = CategoricalNB(alpha=0.1, class_prior=rates, min_categories=[4, 5, 7]).fit(codes, won)
    mine = NaiveBayes().fit(log, as_of=0).predict(log, at=())["p_won_final"].to_numpy()
    np.testing.assert_allclose(mine, theirs.predict_proba(codes)[:, 1], rtol=1e-9)


@every_kind
def test_without_dates_only_the_end_is_told(kind: type[Baseline]) -> None:
    log = DealLog.build(deals=pl.DataFrame(SOURCES, schema=["deal", "source", "outcome"], orient="row"))
    frame = kind().fit(log, as_of=0).predict(log, at=())
    assert len(frame) == 5
    assert frame["p_won_final"].is_between(0, 1).all()
    for column in ("at", "p_won", "p_lost", "p_open", "verdict"):
        assert frame[column].null_count() == 5
    if kind is not NaiveBayes:
        assert frame["p_won_final"].to_list() == pytest.approx([3 / 5] * 5)


@every_kind
def test_an_unfitted_baseline_says_so(kind: type[Baseline], tiny: DealLog) -> None:
    with pytest.raises(ModelError, match="not been fitted"):
        kind().predict(tiny, at=[instant(6)])


@every_kind
def test_a_log_without_the_known_columns_is_still_answered(kind: type[Baseline]) -> None:
    deals = pl.DataFrame(SOURCES, schema=["deal", "source", "outcome"], orient="row")
    deals = deals.with_columns(size=pl.Series([1.0, 2.0, 3.0, 4.0, None]))
    fitted = kind().fit(DealLog.build(deals=deals), as_of=0)
    bare = fitted.predict(DealLog.build(deals=deals.select("deal", "outcome")), at=())
    assert bare["p_won_final"].is_between(0, 1).all()
    assert bare["p_won_final"].n_unique() == 1


# --- promises of every baseline on any log ----------------------------------------------------------

Tables = tuple[pl.DataFrame, pl.DataFrame]


def pick(random: np.random.Generator, values: list[Any], n: int) -> list[Any]:
    return [values[i] for i in random.integers(len(values), size=n)]


def random_tables(seed: int) -> Tables:
    """Some 60 days of deals with owners, sources, amounts and moves, some of them late or before the deal."""
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 50))
    opened, length = random.uniform(0, 40, size=n), random.exponential(15, size=n)
    closes = random.random(n) < random.random()
    wins = random.random(n) < random.random()
    deals = pl.DataFrame(
        {
            "deal": [f"deal {i}" for i in range(n)],
            "opened": [day(t) for t in opened],
            "closed": [day(t) if yes else None for t, yes in zip(opened + length, closes, strict=True)],
            "outcome": [("won" if w else "lost") if c else None for w, c in zip(wins, closes, strict=True)],
            "owner": pick(random, ["Ann", "王芳", "Bo", None], n),
            "source": pick(random, ["web", "fair", None], n),
            "amount": pick(random, [10.0, 20.0, 30.0, 1e6, None], n),
        },
        schema_overrides={
            "closed": TIME, "outcome": pl.String, "owner": pl.String, "source": pl.String, "amount": pl.Float64
        },
    )  # fmt: skip
    m = 3 * n
    whose = random.integers(n, size=m)
    at = opened[whose] + random.uniform(-2, 30, size=m)
    events = pl.DataFrame(
        {
            "deal": [f"deal {i}" for i in whose],
            "at": [day(t) for t in at],
            "known": [day(t + late) for t, late in zip(at, random.choice([0, 0, 5], size=m), strict=True)],
            "kind": ["move"] * m,
            "stage": pick(random, ["new", "offer", "contract", None], m),
        },
        schema_overrides={"stage": pl.String},
    )
    return deals, events


def random_log(seed: int) -> DealLog:
    deals, events = random_tables(seed)
    return DealLog.build(deals=deals, events=events, zone=BERLIN)


def midnight(number: int) -> int:
    return to_instant(day(number).date(), zone=BERLIN)


def assert_coherent(frame: pl.DataFrame) -> None:
    final, won, lost, still_open = (frame[c].to_numpy() for c in ("p_won_final", "p_won", "p_lost", "p_open"))
    np.testing.assert_allclose(won + lost + still_open, 1.0, atol=1e-12)
    assert np.all(np.minimum(np.minimum(won, lost), still_open) >= 0)
    assert np.all(won <= final)
    assert np.all(final <= 1 - lost + 1e-12)


seeds = st.integers(0, 100_000)
some = settings(max_examples=40, deadline=None)


@every_kind
@some
@given(seed=seeds, as_of=st.integers(0, 60))
def test_forecasts_are_coherent_and_cover_every_open_deal(
    kind: type[Baseline], seed: int, as_of: int
) -> None:
    log = random_log(seed)
    at = [midnight(as_of), midnight(as_of + 2), midnight(as_of + 9)]
    frame = kind().fit(log, as_of=at[0]).predict(log, at=[at[2], at[0], at[1], at[0]])
    rows = open_rows(log, landmarks=np.array(at))
    assert frame["deal"].to_list() == log.deals.ids[rows.deal].tolist()
    assert frame["at"].dt.epoch("us").to_list() == rows.at.tolist()
    assert_coherent(frame)


@every_kind
@some
@given(seed=seeds)
def test_the_order_of_rows_does_not_matter(kind: type[Baseline], seed: int) -> None:
    deals, events = random_tables(seed)
    shuffled = DealLog.build(
        deals=deals.sample(fraction=1, shuffle=True, seed=seed),
        events=events.sample(fraction=1, shuffle=True, seed=seed),
        zone=BERLIN,
    )
    frames = [
        kind().fit(log, as_of=midnight(40)).predict(log, at=[midnight(45)])
        for log in (random_log(seed), shuffled)
    ]
    assert_frame_equal(*frames, check_exact=True)


@every_kind
@some
@given(seed=seeds, as_of=st.integers(5, 45))
def test_what_comes_later_changes_nothing(kind: type[Baseline], seed: int, as_of: int) -> None:
    """The log is cut in its tables, so that not even a name of a later owner or stage is left."""
    deals, events = random_tables(seed)
    cut = midnight(as_of + 4)
    moment = pl.lit(cut).cast(TIME)
    known = pl.max_horizontal("at", "known")
    earlier = DealLog.build(
        deals=deals.filter(pl.col("opened") <= moment).with_columns(
            pl.when(pl.col("closed") <= moment).then(pl.col("closed", "outcome"))
        ),
        events=events.filter(known <= moment),
        zone=BERLIN,
    )
    at = [midnight(as_of), cut]
    frames = [kind().fit(log, as_of=at[0]).predict(log, at=at) for log in (random_log(seed), earlier)]
    assert_frame_equal(*frames, check_exact=True)


def odd_logs() -> dict[str, DealLog]:
    def deal(
        name: str, opened: float, closed: float | None, outcome: str | None, **more: Any
    ) -> dict[str, Any]:
        return {
            "deal": name,
            "opened": day(opened),
            "closed": None if closed is None else day(closed),
            "outcome": outcome,
            **more,
        }

    names = [str(i) for i in range(6)]
    moves = [move(name, 0.5, "new") for name in names]
    still_open = deal("x", 0, None, None)
    owned = table(
        [deal(n, 0, 10, "won" if n < "3" else "lost", owner="Ann") for n in names] + [still_open | {"owner": "Ann"}],
        opened=TIME, closed=TIME, outcome=pl.String, owner=pl.String,
    )  # fmt: skip
    return {
        "all won": a_log([*(deal(n, 0, 10, "won") for n in names), still_open], moves),
        "all lost": a_log([*(deal(n, 0, 10, "lost") for n in names), still_open], moves),
        "none closed": a_log([deal(n, 0, None, None) for n in names], moves),
        "one owner": DealLog.build(deals=owned),
        "one day": a_log([*(deal(n, 0.1, 0.9, "won") for n in names), still_open], moves),
        "an event before its deal": a_log([*(deal(n, 2, 10, "won") for n in names), still_open], moves),
        "no events": a_log([*(deal(n, 0, 10, "won") for n in names), still_open]),
        "no stages": DealLog.build(
            deals=table(
                [deal(n, 0, 10, "won") for n in names] + [still_open],
                opened=TIME,
                closed=TIME,
                outcome=pl.String,
            ),
            events=pl.DataFrame({"deal": names, "at": [day(1)] * 6, "kind": ["call"] * 6}),
        ),
        "one deal": a_log([still_open]),
        "no deals": a_log([]),
        "closed as it opens": a_log([*(deal(n, 1, 1, "won") for n in names), still_open], moves),
    }


@every_kind
@pytest.mark.parametrize("name", odd_logs())
@pytest.mark.parametrize("as_of", [-10, 0, 1, 20, 400])
def test_odd_logs_are_answered(kind: type[Baseline], name: str, as_of: int) -> None:
    log = odd_logs()[name]
    frame = kind().fit(log, as_of=instant(as_of)).predict(log, at=[instant(20), instant(0)])
    expected = len(open_rows(log, landmarks=np.array([instant(20), instant(0)])))
    assert len(frame) == expected
    assert_coherent(frame)


@every_kind
def test_a_class_that_never_came_is_unlikely_not_impossible(kind: type[Baseline]) -> None:
    logs = odd_logs()
    won, lost = (
        kind().fit(logs[n], as_of=instant(20)).predict(logs[n], at=[instant(20)])
        for n in ("all won", "all lost")
    )
    assert 0.85 < won["p_won_final"][0] < 1
    assert 0 < lost["p_won_final"][0] < 0.15


@every_kind
def test_where_nothing_has_closed_nothing_is_known_of_the_end(kind: type[Baseline]) -> None:
    log = odd_logs()["none closed"]
    frame = kind().fit(log, as_of=instant(20)).predict(log, at=[instant(20)])
    assert frame["p_won_final"].to_list() == pytest.approx([0.5] * 6)
    assert frame["p_open"].min() > 0.8  # type: ignore[operator]  # polars types a minimum widely


@every_kind
def test_before_the_first_deal_nothing_is_known(kind: type[Baseline], tiny: DealLog) -> None:
    frame = kind().fit(tiny, as_of=instant(0)).predict(tiny, at=[instant(2)])
    assert chances(frame) == [pytest.approx([1 / 2, 1 / 3, 1 / 3, 1 / 3])] * 3


def test_a_comparison_cannot_begin_before_the_first_deal(tiny: DealLog) -> None:
    with pytest.raises(LogError, match=r"cutoff 2024-03-20 lies before the log begins \(2024-03-20\)"):
        backtest(tiny, cutoff=START.date())


@every_kind
def test_who_acted_plays_no_part(kind: type[Baseline]) -> None:
    deals, events = random_tables(3)
    frames = [
        kind().fit(log, as_of=midnight(40)).predict(log, at=[midnight(45)])
        for log in (
            DealLog.build(deals=deals, events=events, zone=BERLIN),
            DealLog.build(deals=deals, events=events.with_columns(actor=pl.lit("王芳")), zone=BERLIN),
        )
    ]
    assert len(frames[0])
    assert_frame_equal(*frames, check_exact=True)


@pytest.mark.parametrize("empty", [True, False])
def test_without_stages_a_stage_rate_is_the_base_rate(empty: bool) -> None:
    deals, events = random_tables(3)
    events = events.with_columns(stage=pl.lit(None, dtype=pl.String)) if empty else events.drop("stage")
    log = DealLog.build(deals=deals, events=events, zone=BERLIN)
    frames = [
        kind().fit(log, as_of=midnight(40)).predict(log, at=[midnight(45)]) for kind in (Prior, StageRate)
    ]
    assert len(frames[0])
    assert_frame_equal(*frames, check_exact=True)


def test_one_outcome_only_by_hand() -> None:
    """Six deals at the landmarks of days 0, 2, 4, 6 and 8, all of one outcome."""
    logs = odd_logs()
    won, lost = (
        Prior().fit(logs[name], as_of=instant(20)).predict(logs[name], at=[instant(20)])
        for name in ("all won", "all lost")
    )
    assert won["p_won_final"].to_list() == pytest.approx([31 / 32])
    assert lost["p_won_final"].to_list() == pytest.approx([1 / 32])
