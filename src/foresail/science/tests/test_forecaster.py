"""The parts of the forecaster do by hand-made numbers what they say, and each tier says which it is."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from foresail.science.errors import LogError, ModelError
from foresail.science.forecaster import DealForecaster
from foresail.science.forecaster.horizon import reconcile
from foresail.science.forecaster.linear import KNOTS, RankLinear, RankScale
from foresail.science.forecaster.outcome import labelled
from foresail.science.forecaster.swing import SwingModel
from foresail.science.forecaster.training import Training
from foresail.science.forecaster.verdict import SILENT, Thresholds
from foresail.science.log import DealLog, Outcome
from foresail.science.time import DAY

START = datetime(2024, 1, 1, tzinfo=UTC)
NAUGHT = int(START.timestamp() * 1e6)
TARGET = 0.89


def many(ended: int) -> DealLog:
    """Return a log of `ended` closed deals (two in three won) and five open ones, a day apart."""
    n = ended + 5
    opened = [START + timedelta(days=i / 4) for i in range(n)]
    return DealLog.build(
        deals=pl.DataFrame(
            {
                "deal": [f"D{i:03}" for i in range(n)],
                "opened": opened,
                "closed": [o + timedelta(days=9) if i < ended else None for i, o in enumerate(opened)],
                "outcome": [("won" if i % 3 else "lost") if i < ended else None for i in range(n)],
            }
        )
    )


@pytest.mark.parametrize(
    ("ended", "tier"),
    [(0, "stage_rates"), (9, "stage_rates"), (10, "hierarchical"), (79, "hierarchical"), (80, "full")],
)
def test_the_number_of_closed_deals_decides_the_tier(ended: int, tier: str) -> None:
    log = many(ended)
    as_of = log.end + DAY
    forecaster = DealForecaster().fit(log, as_of=as_of)
    forecast = forecaster.predict(log, at=as_of)
    assert forecaster.fitted.past.closed == ended
    assert forecast["tier"].to_list() == [tier] * 5
    assert forecaster.card.tier == tier


def test_with_few_deals_everybody_gets_the_smoothed_rate_and_a_wide_swing() -> None:
    log = many(8)  # 5 won, 3 lost
    forecast = DealForecaster().fit(log, as_of=log.end + DAY).predict(log, at=log.end + DAY)
    assert forecast["p_won_final"].to_list() == pytest.approx([6 / 10] * 5)
    spread = logit(forecast["swing_high"].to_numpy()) - logit(forecast["swing_low"].to_numpy())
    assert spread == pytest.approx(2.4)
    assert forecast["verdict"].to_list() == [None] * 5


def test_questions_that_cannot_be_answered_are_refused() -> None:
    log = many(20)
    with pytest.raises(ValueError, match="divide"):
        DealForecaster(horizon=14, every=4)
    with pytest.raises(LogError, match="as of which day"):
        DealForecaster().fit(log)
    with pytest.raises(LogError, match="no deal before the cutoff"):
        DealForecaster().fit(log, as_of=log.first - DAY)
    with pytest.raises(ModelError, match="not been fitted"):
        _ = DealForecaster().card
    fitted = DealForecaster().fit(log, as_of=log.end)
    with pytest.raises(LogError, match="for which day"):
        fitted.predict(log)
    with pytest.raises(LogError, match="with dates"):
        fitted.predict(DealLog.build(deals=pl.DataFrame({"deal": ["a"], "outcome": ["won"]})))


def learn(chance: list[float], right: list[bool], deal: list[int]) -> Thresholds:
    """Learn from rows said to be won with `chance`, else open; nothing is ever said to be lost."""
    won = np.array(chance)
    state = np.where(right, Outcome.WON, Outcome.OPEN).astype(np.int8)
    chances = np.column_stack([1 - won, won, np.zeros(len(won))])
    return Thresholds.learn(chances, state, np.array(deal, dtype=np.int32), target=TARGET)


def test_a_threshold_is_the_lowest_that_holds_the_target_with_one_more_error() -> None:
    chance = [0.99 - 0.01 * i for i in range(30)]
    right = [i < 25 for i in range(30)]
    deals = list(range(30))
    # (2 + 1) / (27 + 1) = 0.107 still holds 0.11; (3 + 1) / (28 + 1) = 0.138 does not.
    assert learn(chance, right, deals) == Thresholds(won=chance[26], lost=SILENT)
    # The 27th cannot be named without the 28th, which reads the same.
    tied = [*chance[:27], chance[26], *chance[28:]]
    assert learn(tied, right, deals).won == chance[25]
    # The order of rows does not matter.
    assert learn(chance[::-1], right[::-1], deals).won == chance[26]


def test_a_side_is_silent_without_enough_deals_or_rightness() -> None:
    assert learn([0.9] * 19, [True] * 19, list(range(19))).won == SILENT
    assert learn([0.9] * 20, [True] * 20, list(range(20))).won == 0.9
    assert learn([0.9] * 60, [True] * 60, [i % 15 for i in range(60)]).won == SILENT
    assert learn([0.9] * 40, [i % 2 == 0 for i in range(40)], list(range(40))).won == SILENT
    assert learn([], [], []) == Thresholds()


def test_the_likelier_of_two_sides_is_named() -> None:
    chances = np.array([[0.2, 0.5, 0.3], [0.2, 0.3, 0.5], [0.9, 0.05, 0.05], [0.2, 0.4, 0.4]])
    assert Thresholds(won=0.3, lost=0.3).decide(chances).tolist() == ["won", "lost", None, "lost"]
    assert Thresholds().decide(chances).tolist() == [None] * 4


def test_states_are_bent_to_the_final_chance() -> None:
    direct = np.array([[[0.2, 0.7, 0.1], [0.1, 0.5, 0.4]], [[0.8, 0.1, 0.1], [0.5, 0.2, 0.3]]])
    agreed = reconcile(direct, np.array([0.6, 0.75]))
    expected = [[[0.3, 0.6, 0.1], [0.0, 0.6, 0.4]], [[0.8, 0.1, 0.1], [0.55, 0.2, 0.25]]]
    assert agreed == pytest.approx(np.array(expected), abs=1e-12)


def test_the_wide_swing_is_five_steps_in_log_odds() -> None:
    swing = SwingModel.wide().predict(np.zeros((2, 0)), np.array([0.5, 0.9]))
    steps = [-1.2, -0.5, 0.0, 0.5, 1.2]
    assert logit(swing) == pytest.approx(np.array([steps, [logit(0.9) + s for s in steps]]))


@pytest.mark.parametrize("rows", [0, 1, 2, 1_000])
def test_ranks_are_learned_from_the_quantiles_of_what_is_there(rows: int) -> None:
    rng = np.random.default_rng(rows)
    values = rng.normal(size=(rows, 30)).round(1)
    values[rng.random(values.shape) < 0.3] = np.nan
    values[:, 5] = np.nan
    plain = np.zeros((30, KNOTS))
    for column, knots in zip(values.T, plain, strict=True):
        if not np.isnan(column).all():
            knots[:] = np.quantile(column[~np.isnan(column)], np.linspace(0, 1, KNOTS))
    np.testing.assert_array_equal(RankScale.fit(values).knots, plain)


def test_the_linear_model_is_a_ridge_logistic_regression() -> None:
    random = np.random.default_rng(0)
    values = random.lognormal(size=(400, 3))
    values[random.random((400, 3)) < 0.2] = np.nan
    won = (np.nan_to_num(values[:, 0]) + random.normal(size=400) > 1).astype(np.float64)
    weight = random.uniform(0.2, 2, 400)
    ours = RankLinear.fit(values, won, weight=weight, ridge=0.02)
    scores = ours.scale.transform(values)
    theirs = LogisticRegression(C=1 / 0.02, tol=1e-10, max_iter=1000)
    theirs.fit(scores, won, sample_weight=weight / weight.sum())
    assert ours.raw(values) == pytest.approx(theirs.decision_function(scores), abs=1e-4)
    assert ours.contributions(values).sum(axis=1) == pytest.approx(ours.raw(values))
    far = RankLinear.fit(values[:200], 1 - won[:200], weight=weight[:200], ridge=0.02)
    again = RankLinear.fit(values, won, weight=weight, ridge=0.02, near=far)
    assert again.raw(values) == pytest.approx(ours.raw(values), abs=1e-9)  # wherever it began


def test_open_deals_are_labelled_both_ways() -> None:
    def day(number: float) -> datetime:
        return START + timedelta(days=number)

    log = DealLog.build(
        deals=pl.DataFrame(
            {
                "deal": ["a", "b", "c", "d"],
                "opened": [day(0), day(0), day(1), day(5)],
                "closed": [day(5), day(3), day(9), None],  # c ends after the day of fitting
                "outcome": ["won", "lost", "won", None],
            }
        )
    )
    training = Training.collect(log, as_of=NAUGHT + 6 * DAY, every=2, horizon=4)
    ids = [str(training.past.deals.ids[d]) for d in training.rows.deal]
    assert list(zip(ids, ((training.rows.at - NAUGHT) // DAY).tolist(), strict=True)) == [
        *[("a", 0), ("a", 2), ("a", 4)],
        *[("b", 0), ("b", 2)],
        *[("c", 2), ("c", 4)],
    ]
    assert [str(training.past.deals.ids[d]) for d in training.now.deal] == ["c", "d"]
    assert training.state_at(4).tolist() == [0, 1, 1, 2, 2, 0, -1]
    rows, target, weight = labelled(training, np.array([0.3, 0.9]))
    assert rows.tolist() == [0, 1, 2, 3, 4, 5, 6, 5, 6]
    assert target.tolist() == [1, 1, 1, 0, 0, 1, 1, 0, 0]
    assert weight.tolist() == pytest.approx([1, 1, 1, 1, 1, 0.3, 0.3, 0.7, 0.7])


@pytest.fixture(scope="module")
def planted() -> DealLog:
    """Return a log in which a rival's name, on the third day of every other deal, takes most wins away."""
    random = np.random.default_rng(0)
    n = 300
    opened = [START + timedelta(days=i) for i in range(n)]
    rival = np.arange(n) % 2 == 0
    won = random.random(n) < np.where(rival, 0.15, 0.75)
    calls = [o + timedelta(days=float(d)) for o, d in zip(opened, random.uniform(1, 6, n), strict=True)]
    ids = np.array([f"D{i:03}" for i in range(n)])
    named = [o + timedelta(days=3) for o in np.array(opened, dtype=object)[rival]]
    return DealLog.build(
        deals=pl.DataFrame(
            {
                "deal": ids,
                "opened": opened,
                "closed": [o + timedelta(days=20) for o in opened],
                "outcome": np.where(won, "won", "lost"),
            }
        ),
        events=pl.DataFrame(
            {
                "deal": [*ids, *ids[rival]],
                "at": [*calls, *named],
                "kind": ["call"] * n + ["rival named"] * int(rival.sum()),
            }
        ),
    )


def test_what_decides_is_named_first(planted: DealLog) -> None:
    at = NAUGHT + 280 * DAY
    forecaster = DealForecaster().fit(planted, as_of=at)
    told = {why.deal: why for why in forecaster.explain(planted, at=at)}
    hit = [why for deal, why in told.items() if int(deal[1:]) % 2 == 0 and int(deal[1:]) < 277]
    assert len(hit) >= 7
    for why in hit:
        [driver] = [d for d in why.drivers[:3] if d.code == "kind:rival named"]
        assert [e.kind for e in driver.events] == ["rival named"]
        assert driver.log_odds < 0
        assert driver.points < 0
    spared = [why.p_won_final for deal, why in told.items() if int(deal[1:]) % 2 and int(deal[1:]) < 270]
    assert max(why.p_won_final for why in hit) < min(spared)


def test_kinds_stages_and_people_never_seen_are_no_obstacle(planted: DealLog) -> None:
    at = NAUGHT + 280 * DAY
    forecaster = DealForecaster().fit(planted, as_of=at)
    new = DealLog.build(
        deals=pl.DataFrame(
            {"deal": ["新"], "opened": [START], "owner": ["李雷"], "amount": [1e9], "segment": ["未知"]}
        ),
        events=pl.DataFrame(
            {"deal": ["新"], "at": [START], "kind": ["吃饭"], "actor": ["韩梅梅"], "stage": ["意向"]}
        ),
    )
    forecast = forecaster.predict(new, at=at)
    assert len(forecast) == 1
    assert 0 < forecast["p_won_final"][0] < 1
