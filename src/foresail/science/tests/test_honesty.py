"""The forecast does not look ahead, sees nothing where there is nothing, and keeps its quality."""

import csv
import gzip
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from foresail.science.backtest import Backtest, backtest
from foresail.science.log import DealLog
from foresail.science.mapping import load_mapping
from foresail.science.reading import read_log
from tests.quick import with_quick_trees

DATA = Path(__file__).parents[5] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not beside this checkout")
CUTOFF, UNTIL = date(2011, 12, 15), date(2012, 1, 12)
CUT = datetime(2011, 12, 19, tzinfo=UTC)


@pytest.fixture(scope="module")
def whole() -> Backtest:
    log = read_log(mapping=load_mapping(DATA / "bpic12" / "mapping.toml")).log
    with with_quick_trees():  # the bench judges the whole ones
        return backtest(log, cutoff=CUTOFF, until=UNTIL)


@needs_data
def test_rows_do_not_change_when_the_future_is_cut_out(tmp_path: Path) -> None:
    """Of every eighth deal, which takes an eighth of the time."""

    def told(name: str, until: datetime) -> pl.DataFrame:
        with (
            gzip.open(DATA / "bpic12" / "events.csv.gz", "rt") as source,
            (tmp_path / name).open("w") as target,
        ):
            reader, writer = csv.DictReader(source), csv.writer(target)
            writer.writerow(reader.fieldnames or [])
            writer.writerows(
                row.values()
                for row in reader
                if int(row["case_id"]) % 8 == 0 and datetime.fromisoformat(row["timestamp"]) <= until
            )
        mapping = load_mapping(DATA / "bpic12" / "mapping.toml")
        log = read_log(mapping=mapping, path=tmp_path / name).log
        with with_quick_trees():
            return backtest(log, cutoff=CUTOFF, until=UNTIL).rows.filter(pl.col("landmark") <= CUT)

    whole = told("whole.csv", datetime.max.replace(tzinfo=UTC))
    assert whole["landmark"].n_unique() == 3
    # How sums are ordered, and with it their last bit, depends on how many rows there are.
    assert_frame_equal(told("cut.csv", CUT), whole, rel_tol=0.0, abs_tol=1e-12)


@needs_data
def test_quality_holds(whole: Backtest) -> None:
    figures = whole.figures
    assert figures["final"]["auc"]["value"] >= 0.775
    assert figures["final"]["brier"]["value"] <= 0.178
    assert figures["final"]["ece"]["value"] <= 0.05
    assert figures["state"]["log_loss"]["value"] <= 0.83
    assert figures["verdicts"]["right"]["value"] >= 0.87
    assert figures["verdicts"]["coverage"]["value"] >= 0.13
    assert 0.74 <= figures["swing"]["band80"]["value"] <= 0.87
    assert figures["skill"] == {"final": True, "state": True}


@needs_data
def test_no_skill_is_claimed_where_there_is_none() -> None:
    """Of every fifth deal, which takes a fifth of the time."""
    log = read_log(mapping=load_mapping(DATA / "maven_crm" / "mapping.toml")).log
    with with_quick_trees():
        result = backtest(log.select(np.arange(len(log.deals)) % 5 == 0))
    assert [h["column"] for h in result.figures["data"]["hindsight"]] == ["account"]
    assert result.figures["skill"]["final"] is False


def test_permuted_outcomes_give_a_coin() -> None:
    rng = np.random.default_rng(3)
    n = 900
    table = pl.DataFrame(
        {
            "deal": [f"D{i:04}" for i in range(n)],
            "source": rng.choice(["fair", "referral", "web"], n),
            "size": rng.normal(size=n),
        }
    )
    signal = table["size"].to_numpy() + (table["source"] == "referral").to_numpy()
    outcome = np.where(signal + rng.normal(size=n) > 0.4, "won", "lost")

    def auc(outcomes: np.ndarray[tuple[int], np.dtype[np.str_]]) -> float:
        log = DealLog.build(deals=table.with_columns(outcome=pl.Series(outcomes)))
        return float(backtest(log).figures["final"]["auc"]["value"])

    with with_quick_trees():
        assert auc(outcome) > 0.75
        assert np.mean([auc(rng.permutation(outcome)) for _ in range(10)]) == pytest.approx(0.5, abs=0.015)


def test_permuted_outcomes_of_dated_deals_give_a_coin() -> None:
    """Dates and events stay: neither ages nor what is done to a deal may tell an outcome drawn by lot."""
    rng = np.random.default_rng(0)
    n = 700
    size, asked = rng.normal(size=n), rng.random(n) < 0.5
    won = 1.5 * size + 1.5 * asked + rng.normal(size=n) > 0.8
    opened = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=0.4 * i) for i in range(n)]
    lasts = rng.uniform(6, 40, n).tolist()
    ids = [f"D{i:03}" for i in range(n)]
    log = DealLog.build(
        deals=pl.DataFrame(
            {
                "deal": ids,
                "opened": opened,
                "closed": [o + timedelta(days=d) for o, d in zip(opened, lasts, strict=True)],
                "outcome": np.where(won, "won", "lost"),
                "size": size,
            }
        ),
        events=pl.DataFrame(
            {
                "deal": ids,
                "at": [o + timedelta(days=2) for o in opened],
                "kind": np.where(asked, "price asked", "call"),
            }
        ),
    )

    def auc(outcome: np.ndarray[tuple[int], np.dtype[np.int8]]) -> float:
        drawn = log.with_outcomes(closed=log.deals.closed, outcome=outcome)
        return float(backtest(drawn, every=14).figures["final"]["auc"]["value"])

    with with_quick_trees():
        assert auc(log.deals.outcome) > 0.85
        # One draw on some 200 deals misses by 0.035, the mean of four by half of that.
        mean = np.mean([auc(rng.permutation(log.deals.outcome)) for _ in range(4)])
    assert mean == pytest.approx(0.5, abs=0.05)
