"""The figures of a backtest have the keys agreed, and can be recomputed from the rows and the log."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from foresail.science.backtest import Backtest, backtest
from foresail.science.describe import guess_mapping
from foresail.science.errors import LogError
from foresail.science.log import DealLog, Outcome
from foresail.science.mapping import parse_mapping
from foresail.science.reading import read_log
from foresail.science.simulator import simulate
from foresail.science.time import DAY, to_datetime, to_instant

DATA = Path(__file__).parents[5] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not beside this checkout")
METRIC = {"value", "low", "high", "n"}
FINAL = {"auc", "ap", "brier", "brier_skill", "ece", "log_loss", "base_rate"}
SIDE = {"auc", "ap", "brier", "ece", "base_rate"}
STATE = {"log_loss": None, "accuracy": None, "won": SIDE, "lost": SIDE, "open": SIDE}
VERDICTS = {"coverage": None, "right": None, "won": {"share", "right"}, "lost": {"share", "right"}}
SHAPE: dict[str, Any] = {
    "final": FINAL | {"closed_share"},
    "state": STATE,
    "verdicts": VERDICTS,
    "swing": {"band50", "band80", "pinball", "pinball_no_change", "drift_mean", "drift_slope"},
    "alerts": {"precision", "recall", "median_lead_days", "base_rate"},
    "baselines": {
        name: {"final": FINAL, "state": STATE, "verdicts": VERDICTS}
        for name in ("prior", "stage_rate", "naive_bayes")
    },
}
"""Which metrics there are. None is a metric; a set, some of them by name."""
COLUMNS = [
    *["deal", "landmark", "p_won_final", "p_won", "p_lost", "p_open"],
    *["swing_low", "swing_mid", "swing_high", "verdict", "risk"],
]
HORIZON = 14


@pytest.fixture(scope="module")
def log() -> DealLog:
    return simulate(seed=4, deals=400).log()


@pytest.fixture(scope="module")
def result(log: DealLog, quick_trees: None) -> Backtest:  # noqa: ARG001
    return backtest(log, rejected=3, duplicates=2, read_seconds=1.5)


def assert_shape(figures: Any, shape: Any) -> None:
    if shape is None:
        assert set(figures) == METRIC
        value, low, high = figures["value"], figures["low"], figures["high"]
        assert value is None or low <= high
        return
    shape = dict.fromkeys(shape) if isinstance(shape, set) else shape
    assert set(figures) - {"target"} == set(shape)
    for name, inner in shape.items():
        assert_shape(figures[name], inner)


def test_the_keys_are_those_agreed(result: Backtest, log: DealLog) -> None:
    figures = result.figures
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    others = {"data", "rows", "skill", "seconds"}
    assert set(figures) == set(SHAPE) | others
    assert_shape({name: part for name, part in figures.items() if name not in others}, SHAPE)
    assert figures["verdicts"]["target"] == figures["baselines"]["prior"]["verdicts"]["target"] == 0.89
    number = np.bincount(log.deals.outcome, minlength=3).tolist()
    first, last = (to_datetime(t, zone=log.zone).isoformat() for t in (log.first, log.end))
    assert figures["data"] == {
        "deals": 400,
        "events": len(log.events),
        "rejected": 3,
        "duplicates": 2,
        "open": number[0],
        "won": number[1],
        "lost": number[2],
        "first": first,
        "last": last,
        "hindsight": [],
    }
    assert set(figures["seconds"]) == {"read", "features", "train", "score"}
    assert figures["seconds"]["read"] == 1.5
    assert all(isinstance(figures["skill"][part], bool) for part in ("final", "state"))


def test_the_last_quarter_is_tested_by_default(result: Backtest, log: DealLog) -> None:
    protocol = result.protocol
    assert protocol is not None
    last = to_datetime(log.end, zone=log.zone).date()
    first = to_datetime(log.first, zone=log.zone).date()
    assert protocol.until == last - timedelta(days=HORIZON - 1)
    assert protocol.cutoff == protocol.until - timedelta(days=(protocol.until - first).days // 4)


def instants(rows: pl.DataFrame) -> npt.NDArray[np.int64]:
    return rows["landmark"].dt.epoch("us").to_numpy()


def number_of(log: DealLog, rows: pl.DataFrame) -> npt.NDArray[np.int64]:
    return np.searchsorted(log.deals.ids.astype(str), rows["deal"].to_numpy().astype(str))


def state_of(log: DealLog, rows: pl.DataFrame) -> npt.NDArray[np.int64]:
    """Return what each row's deal is at the horizon, -1 where the log ends before. This zone has no summer time."""
    deal, ahead = number_of(log, rows), instants(rows) + HORIZON * DAY
    closed = log.deals.closed[deal]
    state = np.where(closed <= ahead, log.deals.outcome[deal], 0).astype(np.int64)
    return np.where((closed > log.end) & (ahead > log.end), -1, state)


def test_rows_are_the_open_deals_at_the_landmarks(result: Backtest, log: DealLog) -> None:
    rows, protocol = result.rows, result.protocol
    assert protocol is not None
    assert rows.columns == COLUMNS
    assert rows.equals(rows.sort("deal", "landmark"))
    assert len(rows) == result.figures["rows"]["test"]
    expected = set()
    day = protocol.cutoff
    while day < protocol.until:
        at = to_instant(day, zone=log.zone)
        still = (log.deals.opened <= at) & (log.deals.closed > at)
        expected |= {(str(deal), at) for deal in log.deals.ids[still]}
        day += timedelta(days=2)
    assert set(zip(rows["deal"], instants(rows).tolist(), strict=True)) == expected
    assert rows["landmark"].dtype == pl.Datetime("us", "Asia/Shanghai")


def test_figures_of_the_final_outcome_can_be_recomputed(result: Backtest, log: DealLog) -> None:
    rows, figures = result.rows, result.figures["final"]
    outcome = log.deals.outcome[number_of(log, rows)]
    followed = instants(rows) + 28 * DAY <= log.end
    judged = followed & (outcome != Outcome.OPEN)
    won, p = outcome[judged] == Outcome.WON, rows["p_won_final"].to_numpy()[judged]
    assert figures["auc"]["n"] == judged.sum()
    assert figures["auc"]["value"] == pytest.approx(roc_auc_score(won, p))
    assert figures["ap"]["value"] == pytest.approx(average_precision_score(won, p))
    assert figures["brier"]["value"] == pytest.approx(brier_score_loss(won, p))
    assert figures["log_loss"]["value"] == pytest.approx(log_loss(won, p))
    assert figures["base_rate"]["value"] == pytest.approx(won.mean())
    assert figures["closed_share"]["value"] == pytest.approx(judged.sum() / followed.sum())
    prior = result.figures["baselines"]["prior"]["final"]["brier"]["value"]
    assert figures["brier_skill"]["value"] == pytest.approx(1 - brier_score_loss(won, p) / prior)


def test_figures_of_states_and_verdicts_can_be_recomputed(result: Backtest, log: DealLog) -> None:
    state = state_of(log, result.rows)
    rows, state = result.rows.filter(pl.Series(state >= 0)), state[state >= 0]
    chances = rows.select("p_open", "p_won", "p_lost").to_numpy()
    figures = result.figures["state"]
    assert figures["log_loss"]["value"] == pytest.approx(log_loss(state, chances, labels=[0, 1, 2]))
    assert figures["accuracy"]["value"] == pytest.approx((chances.argmax(axis=1) == state).mean())
    for name, code in (("won", 1), ("lost", 2), ("open", 0)):
        assert figures[name]["auc"]["value"] == pytest.approx(roc_auc_score(state == code, chances[:, code]))
        assert figures[name]["base_rate"]["value"] == pytest.approx((state == code).mean())
    verdict = rows["verdict"].fill_null("none").to_numpy()
    said = result.figures["verdicts"]
    named = verdict != "none"
    right = ((verdict == "won") & (state == 1)) | ((verdict == "lost") & (state == 2))
    assert said["coverage"]["value"] == pytest.approx(named.mean())
    assert said["right"]["value"] == (pytest.approx(right[named].mean()) if named.any() else None)
    for name in ("won", "lost"):
        assert said[name]["share"]["value"] == pytest.approx((verdict == name).mean())


def test_figures_of_alerts_can_be_recomputed(result: Backtest, log: DealLog) -> None:
    state, figures = state_of(log, result.rows), result.figures["alerts"]
    rows = result.rows.with_columns(
        state=pl.Series(state),
        number=pl.Series(number_of(log, result.rows)),
        at=pl.Series(instants(result.rows)),
    )
    tenth = (pl.len().over("at") / 10).ceil()
    rows = rows.with_columns(alerted=pl.col("risk").rank("ordinal", descending=True).over("at") <= tenth)
    known = rows.filter(pl.col("state") >= 0)
    assert figures["base_rate"]["value"] == pytest.approx((known["state"] == Outcome.LOST).mean())
    alerted = known.filter("alerted")
    assert figures["precision"]["value"] == pytest.approx((alerted["state"] == Outcome.LOST).mean())
    lost = [d for d in rows["number"].unique() if log.deals.outcome[d] == Outcome.LOST]
    first = dict(rows.filter("alerted").group_by("number").agg(pl.col("at").min()).iter_rows())
    leads = [(log.deals.closed[d] - first[d]) / DAY for d in lost if d in first]
    assert figures["recall"]["value"] == pytest.approx(len(leads) / len(lost))
    assert figures["median_lead_days"]["value"] == pytest.approx(np.median(leads))
    assert figures["recall"]["n"] == len(lost)


def test_the_band_is_judged_by_what_the_forecast_reads_later(result: Backtest, log: DealLog) -> None:
    assert result.forecaster is not None
    rows = result.rows.with_columns(ahead=pl.col("landmark").dt.epoch("us") + HORIZON * DAY)
    rows = rows.filter(pl.Series(state_of(log, result.rows) == Outcome.OPEN))
    later = result.forecaster.predict(log, at=rows["ahead"].unique().to_list())
    later = later.select("deal", ahead=pl.col("at").dt.epoch("us"), then="p_won_final")
    both = rows.join(later, on=["deal", "ahead"], how="inner")
    assert len(both) == len(rows) == result.figures["swing"]["band80"]["n"]
    inside = both["then"].is_between(both["swing_low"], both["swing_high"])
    assert result.figures["swing"]["band80"]["value"] == pytest.approx(inside.mean())
    ended = result.rows.filter(pl.Series(state_of(log, result.rows) > 0))
    won = state_of(log, ended) == Outcome.WON
    change = np.concatenate([both["then"] - both["p_won_final"], won - ended["p_won_final"].to_numpy()])
    assert result.figures["swing"]["drift_mean"]["value"] == pytest.approx(change.mean())


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"cutoff": date(2020, 1, 1)}, "before the log begins"),
        ({"cutoff": date(2030, 1, 1), "until": date(2030, 2, 1)}, "after the log ends"),
        ({"cutoff": date(2025, 1, 1), "until": date(2025, 1, 1)}, "Nothing to test"),
        ({"every": 4}, "must divide the horizon"),
        ({"every": 0}, "must divide the horizon"),
    ],
)
def test_a_split_that_cannot_be_is_refused(asked: dict[str, Any], said: str, log: DealLog) -> None:
    with pytest.raises(LogError, match=said):
        backtest(log, **asked)


def test_without_dates_only_the_final_outcome_is_judged() -> None:
    random = np.random.default_rng(0)
    size = random.normal(size=60)
    outcome = np.where(size + random.normal(size=60) > 0, "won", "lost")
    deals = pl.DataFrame({"deal": [f"D{i:02}" for i in range(60)], "size": size, "outcome": outcome})
    result = backtest(DealLog.build(deals=deals))
    figures = result.figures
    assert set(figures) == set(SHAPE) | {"data", "rows", "skill", "seconds"}
    assert [name for name, part in figures.items() if part is None] == [
        "state",
        "verdicts",
        "swing",
        "alerts",
    ]
    assert_shape(figures["final"], SHAPE["final"])
    assert figures["skill"]["state"] is None
    assert result.rows.columns == COLUMNS
    assert result.rows["deal"].to_list() == deals["deal"].to_list()
    assert result.rows["landmark"].null_count() == result.rows["verdict"].null_count() == 60
    p = result.rows["p_won_final"].to_numpy()
    assert figures["final"]["auc"]["value"] == pytest.approx(roc_auc_score(outcome == "won", p))
    with pytest.raises(LogError, match="Fewer than five"):
        backtest(DealLog.build(deals=deals.head(4)))


@needs_data
@pytest.mark.usefixtures("quick_trees")
@pytest.mark.parametrize(
    ("path", "low", "high", "hindsight"),
    [
        ("salvirt_b2b/Salvirt_B2B_ML_dataset.csv", 0.76, 0.83, 0),
        ("telco_churn/telco_churn.csv.gz", 0.82, 0.87, 0),
        ("xeducation_leads/Leads.csv.gz", 0.85, 0.89, 9),
        pytest.param("ibm_win_loss/WA_Fn-UseC_-Sales-Win-Loss.csv.gz", 0.80, 0.86, 7, id="ibm_win_loss"),
    ],
)
def test_public_tables_are_told_honestly(path: str, low: float, high: float, hindsight: int) -> None:
    mapping = parse_mapping(guess_mapping(DATA / path).mapping_toml, folder=(DATA / path).parent)
    figures = backtest(read_log(mapping=mapping).log).figures
    assert len(figures["data"]["hindsight"]) == hindsight
    assert low <= figures["final"]["auc"]["value"] <= high
