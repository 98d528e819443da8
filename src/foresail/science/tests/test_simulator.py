"""The simulator keeps its promises: exact chances, honest logs, causes that matter and can be seen."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from foresail.science.errors import LogError
from foresail.science.mapping import load_mapping
from foresail.science.reading import read_log
from foresail.science.simulator import CAUSES, Simulation, events, simulate
from foresail.science.simulator.chain import (
    CLASS_SHAPE,
    EVALUATION,
    LOST,
    NEGOTIATION,
    OPEN_STATES,
    QUALITIES,
    QUOTE,
    STAGES,
    STALLED,
    STATE_SHAPE,
    WON,
    chain,
    closed_within,
    won_finally,
)
from foresail.science.time import DAY, NEVER, Instants, to_instant

CUSTOMER_KINDS = {
    "mail_in", "web_visit", "web_visit_price",
    "contact_left", "competitor_mentioned", "budget_frozen", "budget_released", "price_objection",
}  # fmt: skip


@pytest.fixture(scope="module")
def company() -> Simulation:
    return simulate(seed=1, deals=4000)


@pytest.fixture(scope="module")
def crowd() -> Simulation:
    """Many deals over two years, for statistics."""
    return simulate(seed=2, deals=20_000, months=24)


Floats = npt.NDArray[np.float64]


def hours(spans: pl.Series) -> Floats:
    """Spans of time as hours, without those that are missing."""
    return spans.drop_nulls().dt.total_seconds().to_numpy() / 3600


def share(mask: pl.Series) -> float:
    return float(mask.to_numpy().mean())


def assert_near(observed: float, chances: Floats, *, errors: float = 4.0) -> None:
    """A sum of independent draws lies within `errors` standard errors of its chances."""
    assert abs(observed - chances.sum()) < errors * np.sqrt((chances * (1 - chances)).sum())


def dense_chain(cls: int) -> Floats:
    """The whole transition matrix of one class, written without the tricks of the module."""
    matrix = np.zeros((OPEN_STATES + 2, OPEN_STATES + 2))
    matrix[WON, WON] = matrix[LOST, LOST] = 1.0
    for state in range(OPEN_STATES):
        for move in range(7):
            matrix[state, chain().to[state, move]] += chain().p[cls, state, move]
        matrix[state, state] += 1.0 - matrix[state].sum()
    return matrix


# --- the mathematics --------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", [0, 40, 107])
def test_chances_are_those_of_the_matrix_powers(cls: int) -> None:
    matrix = dense_chain(cls)
    assert matrix.min() >= 0.0
    assert np.allclose(matrix.sum(axis=1), 1.0, atol=1e-12)
    power = np.linalg.matrix_power(matrix, 23)
    table = closed_within(30)
    np.testing.assert_allclose(table[23, cls, :, 0], power[:OPEN_STATES, WON], atol=1e-12)
    np.testing.assert_allclose(table[23, cls, :, 1], power[:OPEN_STATES, LOST], atol=1e-12)
    forever = np.linalg.matrix_power(matrix, 2**20)
    np.testing.assert_allclose(won_finally()[cls], forever[:OPEN_STATES, WON], atol=1e-10)
    np.testing.assert_allclose(forever[:OPEN_STATES, [WON, LOST]].sum(axis=1), 1.0, atol=1e-10)


def test_chances_are_coherent_over_horizons() -> None:
    table, final = closed_within(60), won_finally()
    assert np.all(np.diff(table, axis=0) >= -1e-15)
    assert np.all(table[..., 0] <= final + 1e-12)
    assert np.all(table[..., 1] <= 1.0 - final + 1e-12)
    assert np.all(table[0] == 0.0)


def test_drawn_outcomes_follow_the_hidden_chances_within_14_days(crowd: Simulation) -> None:
    """In every tenth of the hidden chance: the drawn outcomes are neither more nor fewer.

    The spans do not overlap, so that each outcome is drawn once; a horizon one day off is noticed.
    """
    result, closed = crowd.deals["result"].to_numpy(), _closed(crowd)
    first = to_instant(date(2024, 3, 6), zone=crowd.truth.zone)
    chances, drawn = [], []
    for now in range(first, first + 46 * 14 * DAY, 14 * DAY):
        ids = crowd.truth.open_deals(instant=now)
        hidden = crowd.truth.at(deals=ids, instant=now)
        index = np.searchsorted(crowd.deals["deal"].to_numpy(), ids)
        soon = closed[index] <= now + 14 * DAY
        chances.append(np.stack([hidden.p_won, hidden.p_lost]))
        drawn.append(np.stack([soon & (result[index] == "won"), soon & (result[index] == "lost")]))
    p, happened = np.concatenate(chances, axis=1), np.concatenate(drawn, axis=1)
    for chance, outcome in zip(p, happened, strict=True):
        assert_near(outcome.sum(), chance, errors=3.5)
        for tenth in np.array_split(np.argsort(chance, kind="stable"), 10):
            assert_near(outcome[tenth].sum(), chance[tenth])


@pytest.mark.parametrize("horizon", [7, 30, 90])
def test_other_horizons_are_as_exact(crowd: Simulation, horizon: int) -> None:
    now = to_instant(date(2025, 1, 15), zone=crowd.truth.zone)  # Spring Festival lies ahead
    ids = crowd.truth.open_deals(instant=now)
    hidden = crowd.truth.at(deals=ids, instant=now, horizon=horizon)
    soon = crowd.deals.filter(pl.Series(_closed(crowd) <= now + horizon * DAY) & pl.col("deal").is_in(ids))
    assert_near(len(soon.filter(result="won")), hidden.p_won)
    assert_near(len(soon.filter(result="lost")), hidden.p_lost)


def test_drawn_outcomes_follow_the_hidden_final_chance(crowd: Simulation) -> None:
    now = to_instant(date(2024, 6, 1), zone=crowd.truth.zone)
    ids = crowd.truth.open_deals(instant=now)
    result = crowd.deals.filter(pl.col("deal").is_in(ids))["result"]
    assert result.null_count() == 0  # 19 months later all are closed, so nothing is selected
    won = (result == "won").to_numpy()
    chance = crowd.truth.at(deals=ids, instant=now).p_won_final
    assert len(ids) > 1000
    for fifth in np.array_split(np.argsort(chance, kind="stable"), 5):
        assert_near(won[fifth].sum(), chance[fifth])


def test_seasons_change_the_speed_only(company: Simulation) -> None:
    closed = company.deals["closed"].drop_nulls()
    assert set(closed.dt.weekday()) == {1, 2, 3, 4, 5}
    festival = closed.is_between(pl.datetime(2025, 1, 28, time_zone="Asia/Shanghai"),
                                 pl.datetime(2025, 2, 4, time_zone="Asia/Shanghai"))  # fmt: skip
    assert festival.sum() == 0
    march = closed.filter((closed.dt.year() == 2025) & (closed.dt.month() == 3))
    assert share(march.dt.day() >= 25) > 1.3 * 5 / 21  # five of twenty-one working days


# --- hard enough, and worth it ----------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_best_possible_forecast_is_far_from_perfect(seed: int) -> None:
    simulation = simulate(seed=seed, deals=4000)
    rows = simulation.truth.probabilities().join(simulation.deals.select("deal", "result"), on="deal")
    rows = rows.filter(pl.col("result").is_not_null() & (pl.col("at").dt.ordinal_day() % 2 == 0))
    auc = roc_auc_score((rows["result"] == "won").to_numpy(), rows["p_won_final"].to_numpy())
    assert 0.79 <= auc <= 0.85
    assert 0.30 <= share(simulation.deals["result"].drop_nulls() == "won") <= 0.45
    length = simulation.deals.select(pl.col("closed") - pl.col("opened")).to_series()
    assert 35 <= np.median(hours(length)) / 24 <= 60
    events_per_deal = simulation.events.group_by("case_id").len()["len"].to_numpy()
    assert 15 <= np.median(events_per_deal) <= 60
    assert simulation.deals["result"].null_count() > 100  # censored at the end, not lost


def _log_odds(quality: int, slow: int, *flags: int) -> float:
    cls = np.ravel_multi_index((quality, slow, 1, 0), CLASS_SHAPE)
    p = won_finally()[cls, np.ravel_multi_index(flags, STATE_SHAPE)]
    return float(np.log(p / (1 - p)))


@pytest.mark.parametrize(
    ("cause", "without", "with_it"),
    [
        ("champion_leaves", (0, 1, 0, 0, 0, 0), (0, 1, 0, 0, 0, 1)),
        ("evaluation_stalls", (0, EVALUATION, 0, 0, 0, 0), (0, STALLED, 0, 0, 0, 0)),
        ("competitor_enters", (0, 1, 0, 0, 0, 0), (0, 1, 0, 0, 1, 0)),
        ("budget_freeze", (0, QUOTE, 0, 0, 0, 0), (0, QUOTE, 0, 1, 0, 0)),
        ("price_objection", (0, NEGOTIATION, 0, 0, 0, 0), (0, NEGOTIATION, 1, 0, 0, 0)),
        ("slow_followup", (0, 1, 0, 0, 0, 0), (1, 1, 0, 0, 0, 0)),
    ],
)
def test_a_cause_shifts_the_log_odds(cause: str, without: tuple[int, ...], with_it: tuple[int, ...]) -> None:
    assert cause in CAUSES
    middle = QUALITIES // 2
    assert -3.5 < _log_odds(middle, *with_it) - _log_odds(middle, *without) < -1.0


def test_an_answered_price_objection_no_longer_hurts() -> None:
    middle = QUALITIES // 2
    objected, answered = (_log_odds(middle, 0, NEGOTIATION, price, 0, 0, 0) for price in (1, 2))
    assert answered > objected + 1.0


# --- what can be seen -------------------------------------------------------------------------------


@pytest.mark.parametrize("cause", [name for name, cause in CAUSES.items() if cause.trace])
def test_nine_in_ten_causes_leave_a_trace_and_few_others_do(crowd: Simulation, cause: str) -> None:
    trace = CAUSES[cause].trace
    planted = crowd.truth.causes.filter(cause=cause)
    lived = planted.join(crowd.deals, on="deal").filter(
        (pl.col("closed") - pl.col("started_at") > pl.duration(days=6)) | pl.col("closed").is_null()
    )
    lived = lived.filter(pl.col("started_at") < pl.datetime(2025, 12, 20, time_zone="Asia/Shanghai"))
    assert share(lived["visible_at"].is_not_null()) == pytest.approx(0.9, abs=0.03)
    delay = hours(planted["visible_at"] - planted["started_at"])
    assert delay.min() > 1
    assert delay.max() <= 120
    seen = set(crowd.events.filter(kind=trace)["case_id"])
    carriers = set(planted["deal"])
    innocent = set(crowd.deals["deal"]) - carriers
    assert len(seen & innocent) / len(innocent) == pytest.approx(0.02, abs=0.008)
    # A visible cause is in the log at that very instant.
    known = crowd.events.filter(kind=trace).select(deal="case_id", visible_at="recorded_at")
    visible = planted.filter(pl.col("visible_at").is_not_null())
    assert len(visible.join(known, on=["deal", "visible_at"], how="semi")) == len(visible)


def test_slow_follow_up_shows_in_the_time_to_our_next_event(crowd: Simulation) -> None:
    slow = set(crowd.truth.causes.filter(cause="slow_followup")["deal"])
    assert 0.15 < len(slow) / len(crowd.deals) < 0.40
    ours = (
        crowd.events.filter(pl.col("actor").is_not_null()).select("case_id", "at", answered="at").sort("at")
    )
    mails = crowd.events.filter(kind="mail_in").select("case_id", "at").sort("at")
    waited = mails.join_asof(
        ours,
        on="at",
        by="case_id",
        strategy="forward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    waited = waited.drop_nulls()
    wait, by_slow = hours(waited["answered"] - waited["at"]), waited["case_id"].is_in(slow).to_numpy()
    assert np.median(wait[~by_slow]) < 8
    assert np.median(wait[by_slow]) > 20


def test_a_stalled_evaluation_is_silent_and_drags_on(crowd: Simulation) -> None:
    stalls = crowd.truth.causes.filter(cause="evaluation_stalls").join(crowd.deals, on="deal")
    until = pl.coalesce("healed_at", "closed", pl.col("started_at") + pl.duration(days=30))
    stalls = stalls.select("deal", "started_at", until=until)
    mails = crowd.events.filter(kind="mail_in").select(deal="case_id", at="at").join(stalls, on="deal")
    within = mails.filter((pl.col("at") > pl.col("started_at")) & (pl.col("at") < pl.col("until")))
    days = hours(stalls["until"] - stalls["started_at"]).sum() / 24
    whole = crowd.deals.join(stalls, on="deal", how="semi").drop_nulls("closed")
    all_days = hours(whole["closed"] - whole["opened"]).sum() / 24
    all_mails = crowd.events.filter(kind="mail_in").join(
        whole, left_on="case_id", right_on="deal", how="semi"
    )
    assert len(within) / days < 0.4 * len(all_mails) / all_days
    evaluations = crowd.events.filter(kind="stage_evaluation")["case_id"].n_unique()
    assert 0.2 < stalls["deal"].n_unique() / evaluations < 0.4
    assert np.median(hours(stalls["until"] - stalls["started_at"])) > 10 * 24


def test_causes_at_an_instant(company: Simulation) -> None:
    now = to_instant(date(2025, 1, 8), zone=company.truth.zone)
    found = company.truth.causes_at(now)
    assert set(found["deal"]) <= set(company.truth.open_deals(instant=now))
    assert set(found["cause"]) == set(CAUSES)
    assert 0 < found["visible"].sum() < len(found)
    assert found.select("deal", "cause").is_duplicated().sum() == 0
    moment = pl.datetime(2025, 1, 8, time_zone="Asia/Shanghai")
    healed = company.truth.causes.filter(
        (pl.col("healed_at") <= moment) & (pl.col("cause") == "price_objection")
    )
    again = found.filter(cause="price_objection").join(healed, on="deal", how="semi")
    assert len(healed) > 10
    assert len(again) == 0  # an answered objection does not come back


# --- the log is honest ------------------------------------------------------------------------------


def test_the_log_holds_nothing_of_the_truth(company: Simulation) -> None:
    assert company.events.columns == ["case_id", "kind", "at", "recorded_at", "actor", "stage"]
    assert company.deals.columns == [
        "deal", "opened", "owner", "team", "line", "product", "source", "region", "industry", "customer",
        "amount", "result", "closed",
    ]  # fmt: skip
    traces = {cause.trace for cause in CAUSES.values()}
    assert set(company.events["kind"]) & set(CAUSES) <= traces
    log = company.log()
    assert log.deals.attributes.columns == [
        "customer", "industry", "line", "product", "region", "source", "team",
    ]  # fmt: skip
    assert log.deals.attributes.filter(pl.col("source").is_null()).height == pytest.approx(120, abs=50)


def test_events_are_in_order_and_within_their_deal(company: Simulation) -> None:
    rows = company.events.join(company.deals.select("opened", "closed", case_id="deal"), on="case_id")
    end = pl.datetime(2025, 7, 1, time_zone="Asia/Shanghai")
    assert rows.filter(pl.col("recorded_at") < pl.col("at")).is_empty()
    assert rows.filter(pl.col("at") < pl.col("opened")).is_empty()
    assert rows.filter(pl.col("recorded_at") >= end).is_empty()
    assert rows.filter((pl.col("at") >= pl.col("closed")) & ~pl.col("kind").is_in(["won", "lost"])).is_empty()
    assert rows["recorded_at"].is_sorted()
    assert company.deals["closed"].drop_nulls().len() == company.events["kind"].is_in(["won", "lost"]).sum()
    visits = rows.filter(kind="visit")
    assert np.median(hours(visits["recorded_at"] - visits["at"])) > 8  # typed in later


def test_stages_are_walked_in_order(company: Simulation) -> None:
    moves = company.events.filter(pl.col("stage").is_not_null()).sort("case_id", "at")
    assert (moves["kind"] == "stage_" + moves["stage"]).all()
    walks = moves.group_by("case_id").agg("stage")["stage"].to_list()
    assert {tuple(walk) for walk in walks} == {STAGES[: n + 1] for n in range(len(STAGES))}
    won = company.deals.filter(result="won")["deal"]
    assert set(moves.filter(stage="negotiation")["case_id"]) >= set(won)


def test_customers_have_no_actor_and_our_people_are_a_small_firm(company: Simulation) -> None:
    nobody = company.events.filter(pl.col("actor").is_null())["kind"].unique()
    assert set(nobody) == CUSTOMER_KINDS
    assert not set(company.events.filter(pl.col("actor").is_not_null())["kind"]) & CUSTOMER_KINDS
    assert 36 <= company.events["actor"].n_unique() <= 46
    assert set(company.deals["owner"]) < set(company.events["actor"])
    assert set(company.deals["line"]) == {"运动控制", "机器视觉", "产线集成"}
    per_line = company.deals.group_by("owner").agg(pl.col("line").n_unique())
    assert set(per_line["line"]) == {1}


def test_log_drops_nothing_but_late_entries(company: Simulation) -> None:
    log = company.log()
    assert (len(log.deals), log.dated, str(log.zone)) == (4000, True, "Asia/Shanghai")
    assert 0.97 < len(log.events) / len(company.events) < 1.0
    assert set(log.events.stages) == set(STAGES)


# --- one seed, one company --------------------------------------------------------------------------


def test_same_seed_same_company() -> None:
    first, again, other = (simulate(seed=seed, deals=300) for seed in (5, 5, 6))
    assert first.events.equals(again.events)
    assert first.deals.equals(again.deals)
    assert first.truth.causes.equals(again.truth.causes)
    assert not first.deals.equals(other.deals)


def test_a_new_kind_of_event_changes_no_other_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    before = simulate(seed=5, deals=300)
    extra = events._Kind("chat", events.OWNER, (0.3,) * 6)
    monkeypatch.setattr(events, "_DAILY", (extra, *events._DAILY))
    after = simulate(seed=5, deals=300)
    assert after.events["kind"].is_in(["chat"]).sum() > 1000
    order = ["recorded_at", "case_id", "at", "kind", "actor"]
    kept = after.events.filter(pl.col("kind") != "chat").sort(order)
    assert kept.equals(before.events.sort(order))
    assert after.deals.equals(before.deals)


@pytest.mark.parametrize(("deals", "months"), [(1, 1), (3, 2), (40, 1)])
def test_tiny_companies_work(deals: int, months: int, tmp_path: Path) -> None:
    simulation = simulate(seed=0, deals=deals, months=months, start=date(2025, 11, 15), zone="UTC")
    assert len(simulation.log().deals) == deals
    simulation.truth.write(tmp_path / "truth.json")
    assert len(json.loads((tmp_path / "truth.json").read_text())["hidden"]) <= deals


@pytest.mark.parametrize(("deals", "months"), [(0, 18), (10, 0)])
def test_an_empty_company_is_refused(deals: int, months: int) -> None:
    with pytest.raises(ValueError, match="at least one deal"):
        simulate(seed=0, deals=deals, months=months)


# --- truth and files --------------------------------------------------------------------------------


def test_truth_knows_open_deals_only(company: Simulation) -> None:
    now = to_instant(date(2024, 9, 2), zone=company.truth.zone)
    every = company.deals["deal"].to_list()
    hidden = company.truth.at(deals=every, instant=now)
    opened = company.deals["opened"].dt.epoch("us").to_numpy()
    is_open = (opened < now) & (_closed(company) >= now)
    np.testing.assert_array_equal(~np.isnan(hidden.p_won_final), is_open)
    back = company.truth.at(deals=every[::-1], instant=now)
    np.testing.assert_array_equal(back.p_won, hidden.p_won[::-1])
    assert [deal for deal, there in zip(every, is_open, strict=True) if there] == company.truth.open_deals(
        instant=now
    )


def test_truth_refuses_what_it_does_not_know(company: Simulation) -> None:
    midnight = to_instant(date(2024, 9, 2), zone=company.truth.zone)
    for instant in (midnight + 1, midnight + 3650 * DAY, midnight - 3650 * DAY):
        with pytest.raises(LogError, match="midnights"):
            company.truth.at(deals=["QM0001"], instant=instant)
    with pytest.raises(LogError, match="QM9999"):
        company.truth.at(deals=["QM0001", "QM9999"], instant=midnight)
    with pytest.raises(LogError, match="horizon"):
        company.truth.at(deals=["QM0001"], instant=midnight, horizon=15)


def test_truth_file_holds_causes_and_daily_chances(tmp_path: Path) -> None:
    simulation = simulate(seed=8, deals=200, months=6)
    simulation.truth.write(tmp_path / "truth.json")
    written = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert (written["seed"], written["horizon_days"]) == (8, 14)
    assert len(written["causes"]) == len(simulation.truth.causes)
    assert set(written["causes"][0]) == {"deal", "cause", "started_at", "visible_at", "healed_at"}
    assert written["causes"][0]["started_at"].endswith("+08:00")
    for deal, hidden in list(written["hidden"].items())[:30]:
        first = to_instant(date.fromisoformat(hidden["first"]), zone=simulation.truth.zone)
        for day in (0, len(hidden["p_won_final"]) - 1):
            exact = simulation.truth.at(deals=[deal], instant=first + day * DAY)
            assert hidden["p_won_final"][day] == pytest.approx(exact.p_won_final[0], abs=6e-6)
            assert hidden["p_won_14"][day] == pytest.approx(exact.p_won[0], abs=6e-6)
            assert hidden["p_lost_14"][day] == pytest.approx(exact.p_lost[0], abs=6e-6)


def test_written_files_give_the_same_log(tmp_path: Path) -> None:
    simulation = simulate(seed=9, deals=150, months=6)
    for folder in ("a", "b"):
        simulation.write(tmp_path / folder)
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        "events.csv.gz",
        "deals.csv",
        "mapping.toml",
    }
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    reading = read_log(mapping=load_mapping(tmp_path / "a" / "mapping.toml"))
    assert (len(reading.rejects), reading.duplicates) == (0, 0)
    read = reading.log
    expected = simulation.log()
    assert read.deals.attributes.equals(expected.deals.attributes)
    assert (read.end, read.zone) == (expected.end, expected.zone)
    for name in ("ids", "opened", "closed", "outcome", "owner", "amount"):
        np.testing.assert_array_equal(getattr(read.deals, name), getattr(expected.deals, name))
    for name in ("deal", "at", "known", "kind", "actor", "stage", "kinds", "actors", "stages"):
        np.testing.assert_array_equal(getattr(read.events, name), getattr(expected.events, name))


def _closed(simulation: Simulation) -> Instants:
    return simulation.deals["closed"].dt.epoch("us").fill_null(NEVER).to_numpy().astype(np.int64)
