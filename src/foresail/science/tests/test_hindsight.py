"""Hindsight columns are found by what they do, and honest ones are left alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from foresail.science.hindsight import find_hindsight, input_groups
from foresail.science.hindsight.evidence import ranks
from foresail.science.log import DealLog

_DATA = Path(__file__).parents[4].parent / "shared" / "data"
_START = datetime(2020, 1, 1)  # noqa: DTZ001 -- naive times are UTC in a table

Random = np.random.Generator
Bools = npt.NDArray[np.bool_]
Values = dict[str, npt.NDArray[Any]]


def found(log: DealLog) -> set[str]:
    return {hindsight.column for hindsight in find_hindsight(log)}


def disguised(deals: pl.DataFrame, seed: int = 0) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return the table with rows and columns in another order and every attribute renamed."""
    fixed = ("deal", "opened", "closed", "outcome", "owner", "amount")
    random = np.random.default_rng(seed)
    names = [name for name in deals.columns if name not in fixed]
    new = {name: f"x{number:03}" for name, number in zip(names, random.permutation(len(names)), strict=True)}
    mixed = deals.sample(fraction=1, shuffle=True, seed=seed).rename(new)
    mixed = mixed.with_columns(deal=pl.int_range(pl.len()).cast(pl.String))
    return mixed.select(random.permutation(np.array(mixed.columns)).tolist()), {v: k for k, v in new.items()}


# --- tables made here ---------------------------------------------------------------------------------


def _logistic(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return 1 / (1 + np.exp(-x))


def _only(where: Bools, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.array(
        [value if here else None for here, value in zip(where, values.tolist(), strict=True)], dtype=object
    )


def _plain(random: Random, n: int, rate: float = 0.4) -> tuple[Values, Bools]:
    segment = random.choice(["small", "middle", "large"], n, p=[0.5, 0.3, 0.2])
    source = random.choice(list("abcdefg"), n)
    size = random.lognormal(10, 1, n).round(0)
    z = 0.8 * (segment == "large") - 0.5 * (source == "b") + 0.4 * np.log(size / 22000)
    won = random.random(n) < _logistic(z + np.log(rate / (1 - rate)))
    return {
        "segment": segment,
        "source": source,
        "size": size,
        "staff": random.integers(1, 500, n) * 1.0,
    }, won


def _table(values: Values, won: Bools, still_open: Bools | None = None, **times: pl.Series) -> pl.DataFrame:
    outcome = np.where(won, "won", "lost").astype(object)
    if still_open is not None:
        outcome[still_open] = None
    return pl.DataFrame(
        {
            "deal": [f"d{i}" for i in range(len(won))],
            "outcome": pl.Series(outcome.tolist(), dtype=pl.String),
            **{name: pl.Series(column.tolist(), strict=False) for name, column in values.items()},
            **times,
        }
    )


def reasons_for_closing(random: Random) -> pl.DataFrame:
    values, won = _plain(random, 2000)
    reason = np.where(won, random.choice(["fit", "trust"], 2000), random.choice(["dear", "rival"], 2000))
    values["leak"] = np.where(random.random(2000) < 0.1, "other", reason)
    return _table(values, won)


def final_stage(random: Random) -> pl.DataFrame:
    values, won = _plain(random, 300)
    lost_in = random.choice([1, 2, 3, 4, 5], 300, p=[0.2, 0.25, 0.25, 0.2, 0.1])
    values["leak"] = np.where(won, random.choice([5, 6], 300, p=[0.2, 0.8]), lost_in) * 1.0
    return _table(values, won)


def discount_of_won_deals(random: Random) -> pl.DataFrame:
    values, won = _plain(random, 5000, 0.25)
    values["leak"] = _only(won & (random.random(5000) < 0.6), random.integers(1, 30, 5000) * 1.0)
    return _table(values, won)


def survey_afterwards(random: Random) -> pl.DataFrame:
    values, won = _plain(random, 20000, 0.3)
    answered = np.where(won, random.random(20000) < 0.7, random.random(20000) < 0.03)
    score = random.integers(1, 6, 20000)
    values["leak score"] = _only(answered, score * 1.0)
    values["leak mood"] = _only(answered, np.where(score + random.normal(size=20000) > 3, "happy", "cool"))
    return _table(values, won)


def reason_for_losing(random: Random) -> pl.DataFrame:
    values, won = _plain(random, 600, 0.5)
    values["leak"] = _only(~won & (random.random(600) < 0.7), random.choice(["dear", "rival", "late"], 600))
    return _table(values, won)


def booked_value(random: Random) -> pl.DataFrame:
    values, won = _plain(random, 3000)
    values["leak"] = np.where(won, values["size"] * random.uniform(0.8, 1, 3000), 0.0).round(2)
    return _table(values, won)


def probability_set_at_close(random: Random) -> pl.DataFrame:
    values, won = _plain(random, 400)
    early = random.random(400) < 0.15
    values["leak"] = np.where(early, random.choice([20.0, 40.0], 400), np.where(won, 100.0, 0.0))
    return _table(values, won)


def days_in_pipeline(random: Random) -> pl.DataFrame:
    n = 1500
    values, won = _plain(random, n)
    took = np.where(won, random.gamma(2, 20, n), random.gamma(2, 35, n)) + 1
    opened = [_START + timedelta(days=float(day)) for day in random.random(n) * 600]

    def after(days: npt.NDArray[np.float64]) -> list[datetime]:
        return [at + timedelta(days=float(day)) for at, day in zip(opened, days, strict=True)]

    values["leak days"] = took.round()
    values["leak last seen"] = np.array([f"{at:%Y-%m-%d}" for at in after(took * random.random(n) ** 0.3)])
    values["due"] = np.array([f"{at:%Y-%m-%d}" for at in after(random.gamma(3, 18, n))])
    values["planned"] = np.round(30 + 0.5 * took + random.normal(0, 20, n))
    return _table(values, won, opened=pl.Series(opened), closed=pl.Series(after(took)))


def customer_entered_at_close(random: Random, *, leak: bool = True) -> pl.DataFrame:
    n = 3000
    values, won = _plain(random, n)
    start, took = random.random(n) * 700, random.gamma(2, 40, n)
    still_open = start + took > 700
    opened = [_START + timedelta(days=float(day)) for day in start]
    closed = [
        None if o else at + timedelta(days=float(d))
        for at, d, o in zip(opened, took, still_open, strict=True)
    ]
    if leak:
        values["leak"] = _only(~still_open | (random.random(n) < 0.4), random.choice(list("uvwxyz"), n))
    values["field introduced lately"] = _only(start > 550, random.choice(["a", "b"], n))
    values["field given up"] = _only(start < 500, random.choice(["a", "b"], n))
    return _table(
        values, won, still_open, opened=pl.Series(opened), closed=pl.Series(closed, dtype=pl.Datetime("us"))
    )


def kin_of_a_leak(random: Random) -> pl.DataFrame:
    n = 6000
    values, won = _plain(random, n, 0.5)
    warmth = 2.2 * (won - 0.5) + random.normal(size=n)  # how the talks went: known once they are over
    rated = random.random(n) < 0.5
    values["leak mark"] = (2 * (won - 0.5) + 0.5 * warmth + 0.3 * random.normal(size=n)).round(1)
    values["leak mood"] = np.where(warmth + 0.7 * random.normal(size=n) > 0, "warm", "cold")
    rating = (warmth + random.normal(size=n)).round(1)
    values["leak rating"] = _only(rated, rating)
    values["leak form"] = _only(rated, random.choice(["by phone", "by mail"], n))
    return _table(values, won)


def one_strong_column(random: Random, n: int = 20000, rate: float = 0.4, slope: float = 1.9) -> pl.DataFrame:
    values, _ = _plain(random, n)
    x = random.normal(size=n)
    won = random.random(n) < _logistic(slope * x + np.log(rate / (1 - rate)))  # AUC of x alone about 0.85
    values |= {"fit": x.round(3), "grade": np.round(2 * x + random.normal(size=n))}
    return _table(values, won)


def few_deals_one_strong_column(random: Random) -> pl.DataFrame:
    return one_strong_column(random, 300)


def rare_wins(random: Random) -> pl.DataFrame:
    return one_strong_column(random, 20000, 0.03, 1.5)


def missing_at_opening(random: Random) -> pl.DataFrame:
    values, _ = _plain(random, 5000)
    unknown = random.random(5000) < 0.4
    won = random.random(5000) < _logistic(np.where(unknown, -2.2, 0.2))
    values["industry"] = _only(~unknown, random.choice(["a", "b", "c"], 5000))
    values["visits"] = _only(~unknown, random.integers(0, 9, 5000) * 1.0)
    return _table(values, won)


def tenure_times_price(random: Random) -> pl.DataFrame:
    n = 7000
    values, _ = _plain(random, n)
    tenure, price = random.integers(1, 73, n), random.uniform(20, 110, n).round(2)
    won = random.random(n) < _logistic(0.05 * (tenure - 20) - 0.02 * (price - 60))
    contract = np.where(tenure + 10 * random.normal(size=n) > 50, "2y", np.where(tenure > 25, "1y", "m"))
    total = (tenure * price * random.uniform(0.97, 1.03, n)).round(2)
    values |= {"tenure": tenure * 1.0, "price": price, "total": total, "contract": contract}
    return _table(values, won)


def shares_and_offers(random: Random) -> pl.DataFrame:
    n = 3000
    values, _ = _plain(random, n)
    mix = random.dirichlet([0.4, 0.4, 0.4], n).round(4)
    cut = np.where(random.random(n) < 0.6, 1, random.uniform(0.6, 1, n))
    won = random.random(n) < _logistic(2 * mix[:, 0] - 5 * (cut - 0.9))
    values |= {"a": mix[:, 0], "b": mix[:, 1], "c": mix[:, 2], "offer": (values["size"] * cut).round(0)}
    return _table(values, won)


def wide_and_empty_of_meaning(random: Random) -> pl.DataFrame:
    letters = list("abcdefghijklmnop")
    values: Values = {
        f"c{i}": random.normal(size=300) if i % 2 else random.choice(letters, 300) for i in range(40)
    }
    values["id"] = np.array([f"u{i}" for i in range(300)])
    return _table(values, random.random(300) < 0.4)


def fields_that_came_and_went(random: Random) -> pl.DataFrame:
    return customer_entered_at_close(random, leak=False)


Maker = Callable[[Random], pl.DataFrame]
LEAKY: list[Maker] = [
    reasons_for_closing,
    final_stage,
    discount_of_won_deals,
    survey_afterwards,
    reason_for_losing,
    booked_value,
    probability_set_at_close,
    days_in_pipeline,
    customer_entered_at_close,
    kin_of_a_leak,
]
HONEST: list[Maker] = [
    one_strong_column,
    few_deals_one_strong_column,
    rare_wins,
    missing_at_opening,
    tenure_times_price,
    shares_and_offers,
    wide_and_empty_of_meaning,
    fields_that_came_and_went,
]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("make", LEAKY)
def test_every_leak_is_found_and_nothing_else(make: Maker, seed: int) -> None:
    deals = make(np.random.default_rng(seed))
    assert found(DealLog.build(deals=deals)) == {name for name in deals.columns if name.startswith("leak")}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("make", HONEST)
def test_honest_tables_raise_no_alarm(make: Maker, seed: int) -> None:
    assert find_hindsight(DealLog.build(deals=make(np.random.default_rng(seed)))) == ()


@pytest.mark.parametrize("make", [final_stage, kin_of_a_leak, days_in_pipeline])
def test_names_and_order_play_no_part(make: Maker) -> None:
    deals = make(np.random.default_rng(5))
    mixed, old = disguised(deals, 5)
    plain = {(h.column, h.code) for h in find_hindsight(DealLog.build(deals=deals))}
    under_new_names = find_hindsight(DealLog.build(deals=mixed))
    assert {(old[h.column], h.code) for h in under_new_names} == plain
    assert [h.column for h in under_new_names] == sorted(h.column for h in under_new_names)
    assert plain


@pytest.mark.parametrize("make", [final_stage, reason_for_losing, booked_value])
def test_permuted_outcomes_convict_nobody(make: Maker) -> None:
    for seed in range(5):
        deals = make(np.random.default_rng(seed))
        shuffled = deals.with_columns(deals["outcome"].sample(fraction=1, shuffle=True, seed=seed))
        assert found(DealLog.build(deals=shuffled)) == set()


def test_the_reason_names_the_numbers() -> None:
    deals = pl.DataFrame(
        {
            "deal": [str(i) for i in range(1000)],
            "outcome": ["won" if i < 400 else "lost" for i in range(1000)],
            "bonus": [5.0 + i % 7 if i < 200 else None for i in range(1000)],
        }
    )
    [reason] = find_hindsight(DealLog.build(deals=deals))
    assert (reason.column, reason.code) == ("bonus", "tells_the_result")
    assert "Of the 200 deals where it is filled in, 100% were won, against 25% of the 800" in reason.why_en
    assert "200 个商机中 100% 赢单" in reason.why_zh
    assert "25%" in reason.why_zh


def test_kin_are_told_by_the_company_they_keep() -> None:
    reasons = {
        h.column: h for h in find_hindsight(DealLog.build(deals=kin_of_a_leak(np.random.default_rng(1))))
    }
    assert {name: reason.code for name, reason in reasons.items()} == {
        "leak mark": "tells_the_result",
        "leak mood": "goes_with_others",
        "leak rating": "goes_with_others",
        "leak form": "one_record",
    }
    assert "It moves with “leak mark”, known in hindsight" in reasons["leak mood"].why_en
    assert "与事后列“leak mark”同步变化" in reasons["leak mood"].why_zh
    assert "one record with “leak rating”" in reasons["leak form"].why_en


def test_logs_that_cannot_tell_are_answered_with_nothing() -> None:
    deals = reasons_for_closing(np.random.default_rng(1))
    for odd in (
        deals.head(0),
        deals.head(1),
        deals.head(20),
        deals.filter(pl.col("outcome") == "won"),
        deals.with_columns(outcome=pl.lit(None, dtype=pl.String)),
        deals.select("deal", "outcome"),
        deals.with_columns(leak=pl.lit(None, dtype=pl.String)),
    ):
        assert found(DealLog.build(deals=odd)) == set()


def test_attributes_of_an_event_log_raise_no_alarm() -> None:
    random = np.random.default_rng(3)
    deals = one_strong_column(random, 1500)
    at = [_START + timedelta(hours=int(hour)) for hour in random.integers(0, 9000, 1500)]
    took = random.integers(1, 60, 1500)
    closed = pl.Series([moment + timedelta(days=int(d)) for moment, d in zip(at, took, strict=True)])
    events = pl.DataFrame({"deal": deals["deal"], "at": at, "kind": ["made"] * 1500})
    log = DealLog.build(deals=deals.with_columns(closed=closed), events=events)
    assert log.dated
    assert found(log) == set()


# --- duplicates ---------------------------------------------------------------------------------------


def test_identical_inputs_share_a_group_whatever_became_of_them() -> None:
    deals = pl.DataFrame(
        {
            "deal": ["a", "b", "c", "d", "e", "f"],
            "outcome": ["won", "lost", "won", None, "lost", "won"],
            "owner": ["x", "x", "y", None, None, "x"],
            "amount": [1.0, 1.0, 1.0, None, None, 2.0],
            "city": ["p", "p", "p", None, None, "p"],
        }
    )
    a, b, c, d, e, f = input_groups(DealLog.build(deals=deals))
    assert a == b
    assert d == e
    assert len({a, c, d, f}) == 4


def test_without_inputs_every_deal_is_its_own_group() -> None:
    log = DealLog.build(deals=pl.DataFrame({"deal": ["a", "b", "c"]}))
    assert sorted(input_groups(log).tolist()) == [0, 1, 2]


# --- public data --------------------------------------------------------------------------------------


def _read(path: str, *, target: str, won: str, drop: tuple[str, ...] = (), **options: Any) -> pl.DataFrame:
    if not (_DATA / path).exists():
        pytest.skip(f"public data is not here: {path}")
    table = pl.read_csv(_DATA / path, infer_schema_length=None, **options)
    outcome = pl.when(pl.col(target).cast(pl.String) == won).then(pl.lit("won")).otherwise(pl.lit("lost"))
    table = table.with_columns(outcome=outcome).drop(target, *drop)
    return table.with_columns(deal=pl.int_range(pl.len()).cast(pl.String))


def _found_in_disguise(deals: pl.DataFrame) -> set[str]:
    mixed, old = disguised(deals, 11)
    return {old[name] for name in found(DealLog.build(deals=mixed))}


def test_sales_win_loss() -> None:
    deals = _read(
        "ibm_win_loss/WA_Fn-UseC_-Sales-Win-Loss.csv.gz",
        target="Opportunity Result",
        won="Won",
        drop=("Opportunity Number",),
    ).rename({"Opportunity Amount USD": "amount"})
    assert _found_in_disguise(deals) == {
        "Elapsed Days In Sales Stage",
        "Sales Stage Change Count",
        "Total Days Identified Through Closing",
        "Total Days Identified Through Qualified",
        "Ratio Days Identified To Total Days",
        "Ratio Days Validated To Total Days",
        "Ratio Days Qualified To Total Days",
    }


def test_education_leads() -> None:
    deals = _read(
        "xeducation_leads/Leads.csv.gz", target="Converted", won="1", drop=("Prospect ID", "Lead Number")
    )
    assert _found_in_disguise(deals) == {
        "Tags",
        "Lead Quality",
        "Lead Profile",
        "Last Activity",
        "Last Notable Activity",
        "Asymmetrique Activity Index",
        "Asymmetrique Profile Index",
        "Asymmetrique Activity Score",
        "Asymmetrique Profile Score",
    }


def test_crm_with_open_deals() -> None:
    path = _DATA / "maven_crm" / "sales_pipeline.csv"
    if not path.exists():
        pytest.skip("public data is not here: maven_crm")
    table = pl.read_csv(path, try_parse_dates=True)
    deals = table.select(
        deal="opportunity_id",
        opened="engage_date",
        closed="close_date",
        outcome=pl.col("deal_stage").replace_strict({"Won": "won", "Lost": "lost"}, default=None),
        owner="sales_agent",
        product="product",
        account="account",
    )
    [account] = find_hindsight(DealLog.build(deals=deals))
    assert (account.column, account.code) == ("account", "filled_at_close")
    assert "Empty in 68% of open deals and in 0% of closed ones" in account.why_en
    assert _found_in_disguise(deals) == {"account"}


@pytest.fixture(scope="module")
def opportunities() -> pl.DataFrame:
    path = "salvirt_b2b/Salvirt_B2B_ML_dataset.csv"
    return _read(path, target="Status", won="Won", separator=";")


@pytest.fixture(scope="module")
def customers() -> pl.DataFrame:
    return _read(
        "telco_churn/telco_churn.csv.gz", target="Churn", won="No", drop=("customerID",)
    ).with_columns(pl.col("TotalCharges").cast(pl.Float64, strict=False))


@pytest.mark.parametrize("name", ["opportunities", "customers"])
def test_clean_public_data_raises_no_alarm(name: str, request: pytest.FixtureRequest) -> None:
    deals: pl.DataFrame = request.getfixturevalue(name)
    assert found(DealLog.build(deals=deals)) == set()
    assert _found_in_disguise(deals) == set()
    for seed in range(5):
        assert found(DealLog.build(deals=deals.sample(fraction=0.5, seed=seed))) == set()
        shuffled = deals.with_columns(deals["outcome"].sample(fraction=1, shuffle=True, seed=seed))
        assert found(DealLog.build(deals=shuffled)) == set()


def test_duplicates_of_public_data_are_grouped(opportunities: pl.DataFrame) -> None:
    groups = input_groups(DealLog.build(deals=opportunities))
    assert len(opportunities) - len(np.unique(groups)) == 102


def test_equal_values_share_their_rank() -> None:
    assert ranks(np.array([3.0, -0.0, 7.0, 3.0, 0.0, 3.0])).tolist() == [4.0, 1.5, 6.0, 4.0, 1.5, 4.0]
