"""Figures agree with scikit-learn where it has them and with arithmetic where not; intervals are those of deals."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as theirs

from foresail.science import metrics as ours
from foresail.science.metrics import DealBootstrap, Metric, Statistic, Vector

Case = tuple[npt.NDArray[np.bool_], Vector, Vector]

BINARY: dict[str, tuple[Callable[..., Vector], Callable[..., Any]]] = {
    "auc": (ours.auc, theirs.roc_auc_score),
    "average_precision": (ours.average_precision, theirs.average_precision_score),
    "brier": (ours.brier, theirs.brier_score_loss),
    "log_loss": (ours.log_loss, theirs.log_loss),
}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Truths of both classes, predictions that tie often and reach 0 and 1, and uneven weights, some of them 0."""
    n = draw(st.integers(2, 40))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    y = random.random(n) < 0.5
    y[:2] = True, False
    p = random.integers(0, draw(st.integers(1, 50)) + 1, size=n) / 50
    weight = random.integers(0, 4, size=n) * random.random(n)
    weight[:2] = 0.3, 0.7
    return y, p, weight


@pytest.mark.parametrize("name", BINARY)
@given(case=cases())
def test_binary_figures_are_those_of_scikit_learn(name: str, case: Case) -> None:
    mine, reference = BINARY[name]
    y, p, weight = case
    assert float(mine(y, p)) == pytest.approx(reference(y, p), rel=1e-12, abs=1e-12)
    weighted = reference(y, p, sample_weight=weight)
    assert float(mine(y, p, weight=weight)) == pytest.approx(weighted, rel=1e-12, abs=1e-12)


@given(case=cases())
def test_figures_of_three_states_are_those_of_scikit_learn(case: Case) -> None:
    _, p, weight = case
    state = np.arange(len(p)) % 3
    chances = np.column_stack([1 - p, p * 0.75, p * 0.25])
    loss = theirs.log_loss(state, chances, sample_weight=weight, labels=[0, 1, 2])
    assert float(ours.multiclass_log_loss(state, chances, weight=weight)) == pytest.approx(loss, rel=1e-12)
    right = theirs.accuracy_score(state, chances.argmax(axis=1), sample_weight=weight)
    assert float(ours.accuracy(state, chances, weight=weight)) == pytest.approx(right, rel=1e-12)


@given(case=cases(), level=st.floats(0.05, 0.95))
def test_pinball_is_that_of_scikit_learn(case: Case, level: float) -> None:
    y, p, weight = case
    truth = np.where(y, 0.8, 0.0)
    loss = theirs.mean_pinball_loss(truth, p, sample_weight=weight, alpha=level)
    assert float(ours.pinball(truth, p[:, None], levels=[level], weight=weight)) == pytest.approx(
        loss, abs=1e-12
    )


def test_pinball_is_the_mean_over_levels() -> None:
    # level 0.1: 1 below the quantile costs 0.9; level 0.9: 2 above it costs 1.8
    assert float(ours.pinball(np.array([4.0]), np.array([[5.0, 2.0]]), levels=[0.1, 0.9])) == pytest.approx(
        1.35
    )


@given(case=cases())
def test_many_sets_of_weights_at_once_are_each_of_them_alone(case: Case) -> None:
    y, p, weight = case
    state = np.arange(len(p)) % 3
    chances = np.column_stack([1 - p, p / 2, p / 2])
    sets = np.stack([weight, np.ones(len(p)), weight[::-1] + 0.1])
    statistics: tuple[Statistic, ...] = (
        lambda w: ours.auc(y, p, weight=w),
        lambda w: ours.average_precision(y, p, weight=w),
        lambda w: ours.brier(y, p, weight=w),
        lambda w: ours.log_loss(y, p, weight=w),
        lambda w: ours.multiclass_log_loss(state, chances, weight=w),
        lambda w: ours.accuracy(state, chances, weight=w),
        lambda w: ours.ece(y, p, weight=w),
        lambda w: ours.pinball(p, chances, levels=[0.2, 0.5, 0.8], weight=w),
        lambda w: ours.mean(p, among=y, weight=w),
        lambda w: ours.median(p, weight=w),
        lambda w: ours.slope(p, chances[:, 1] + y, weight=w),
    )
    for statistic in statistics:
        together = statistic(sets)
        assert together.shape == (3,)
        alone = [float(statistic(w)) for w in sets]
        np.testing.assert_allclose(together, alone, rtol=1e-9, atol=1e-12)


def test_ece_by_hand() -> None:
    p = np.array([0.1, 0.2, 0.6, 0.9])
    y = np.array([0, 1, 1, 1])
    # bins {0.1, 0.2} and {0.6, 0.9}: |0.5 - 0.15| and |1 - 0.75|, half of the rows each
    assert float(ours.ece(y, p, bins=2)) == pytest.approx((0.35 + 0.25) / 2)
    # weights 3, 1, 2, 2: |1/4 - 0.5/4| and |1 - 3/4|, half of the weight each
    weight = np.array([3.0, 1.0, 2.0, 2.0])
    assert float(ours.ece(y, p, weight=weight, bins=2)) == pytest.approx((0.125 + 0.25) / 2)


def test_ece_of_one_prediction_is_its_distance_from_the_rate() -> None:
    y = np.arange(100) < 30
    assert float(ours.ece(y, np.full(100, 0.3))) == pytest.approx(0.0, abs=1e-12)
    assert float(ours.ece(y, np.full(100, 0.42))) == pytest.approx(0.12)


def test_bins_are_equal_and_never_split_a_tie() -> None:
    distinct = np.random.default_rng(0).permutation(150) / 150
    assert np.bincount(ours.equal_mass_bins(distinct)).tolist() == [10] * 15
    assert ours.equal_mass_bins(np.array([0.5, 0.1, 0.9]), bins=3).tolist() == [1, 0, 2]
    # A tie of four spans both halves; its middle lies in the first, or in the second.
    assert ours.equal_mass_bins(np.array([0.2, 0.2, 0.2, 0.2, 0.9, 0.9, 0.9]), bins=2).tolist() == [
        0,
        0,
        0,
        0,
        1,
        1,
        1,
    ]
    assert ours.equal_mass_bins(np.array([0.1, 0.2, 0.2, 0.2, 0.2, 0.9]), bins=2).tolist() == [
        0,
        1,
        1,
        1,
        1,
        1,
    ]


@given(case=cases(), bins=st.integers(1, 20))
def test_bins_follow_the_prediction(case: Case, bins: int) -> None:
    _, p, _ = case
    found = ours.equal_mass_bins(p, bins=bins)
    assert found.min() >= 0
    assert found.max() < bins
    assert np.all(np.diff(found[np.argsort(p, kind="stable")]) >= 0)
    assert all(len(set(found[p == value])) == 1 for value in p)


def test_mean_median_slope_and_skill_by_hand() -> None:
    x = np.array([1.0, 2.0, 4.0, 8.0])
    assert float(ours.mean(x, weight=np.array([1.0, 0.0, 1.0, 2.0]))) == pytest.approx(21 / 4)
    assert float(ours.mean(x, among=x > 3)) == 6.0
    assert float(ours.mean(np.array([True, False, True, True]), among=x > 1)) == pytest.approx(2 / 3)
    assert float(ours.median(x)) == 3.0
    assert float(ours.median(x, weight=np.array([0.0, 0.0, 1.0, 2.0]))) == 8.0
    assert float(ours.slope(x, 5 - 2 * x)) == pytest.approx(-2.0)
    np.testing.assert_allclose(
        ours.skill(np.array([0.2, 0.0, 0.3]), np.array([0.25, 0.1, 0.2])), [0.2, 1.0, -0.5]
    )


@given(times=st.lists(st.integers(0, 4), min_size=5, max_size=5).filter(any))
def test_a_weighted_median_is_that_of_repeated_values(times: list[int]) -> None:
    values = np.array([3.0, -1.0, 7.0, 7.0, 2.0])
    expected = np.median(np.repeat(values, times))
    assert float(ours.median(values, weight=np.array(times, dtype=float))) == expected


def test_a_weighted_slope_is_that_of_repeated_rows() -> None:
    x, y = np.array([1e6, 1e6 + 1, 1e6 + 4]), np.array([0.3, 0.1, 0.7])
    expected = np.polyfit(np.repeat(x - 1e6, [1, 2, 3]), np.repeat(y, [1, 2, 3]), 1)[0]
    assert float(ours.slope(x, y, weight=np.array([1.0, 2.0, 3.0]))) == pytest.approx(expected)


NO_ROWS = np.zeros(0)


@pytest.mark.parametrize(
    "undefined",
    [
        ours.auc(np.ones(3), np.array([0.1, 0.2, 0.3])),
        ours.auc(np.zeros(3), np.array([0.1, 0.2, 0.3])),
        ours.average_precision(np.zeros(3), np.array([0.1, 0.2, 0.3])),
        ours.auc(NO_ROWS, NO_ROWS),
        ours.average_precision(NO_ROWS, NO_ROWS),
        ours.brier(NO_ROWS, NO_ROWS),
        ours.log_loss(NO_ROWS, NO_ROWS),
        ours.ece(NO_ROWS, NO_ROWS),
        ours.median(NO_ROWS),
        ours.slope(NO_ROWS, NO_ROWS),
        ours.slope(np.full(3, 0.1), np.array([1.0, 2.0, 3.0])),
        ours.multiclass_log_loss(np.zeros(0, dtype=np.int8), np.zeros((0, 3))),
        ours.accuracy(np.zeros(0, dtype=np.int8), np.zeros((0, 3))),
        ours.pinball(NO_ROWS, np.zeros((0, 2)), levels=[0.1, 0.9]),
        ours.mean(np.ones(3), among=np.zeros(3, dtype=bool)),
        ours.brier(np.ones(2), np.ones(2), weight=np.zeros(2)),
        ours.median(np.ones(2), weight=np.zeros(2)),
        ours.skill(np.array(0.1), np.array(0.0)),
    ],
)
def test_what_is_undefined_is_nan(undefined: Vector) -> None:
    assert np.isnan(undefined)


def test_a_bootstrap_takes_deals_whole() -> None:
    """Two deals of two and one rows: a draw holds one of them twice, or each once."""
    deal = np.array([7, 7, 3])
    seen: set[tuple[float, ...]] = set()

    def statistic(weight: Vector) -> Vector:
        seen.update(tuple(row) for row in weight)
        return ours.mean(np.array([0.0, 0.0, 1.0]), weight=weight)

    metric = DealBootstrap(deal, draws=100, seed=1).metric(statistic)
    assert seen == {(1, 1, 1), (2, 2, 0), (0, 0, 2)}
    assert metric == Metric(1 / 3, 0.0, 1.0, 3)


def test_an_interval_is_that_of_a_plain_loop_over_the_resampled_rows() -> None:
    random = np.random.default_rng(4)
    deal = random.integers(60, size=400)
    p = random.random(400)
    y = random.random(400) < (p + (deal % 2)) / 2
    drawn: list[Vector] = []

    def statistic(weight: Vector) -> Vector:
        drawn.extend(weight)
        return ours.auc(y, p, weight=weight)

    metric = DealBootstrap(deal, seed=0).metric(statistic)
    first, *draws = (np.repeat(np.arange(400), weight.astype(int)) for weight in drawn)
    plain = [theirs.roc_auc_score(y[rows], p[rows]) for rows in draws]
    assert len(plain) == 200
    assert metric.value == pytest.approx(theirs.roc_auc_score(y[first], p[first]), abs=1e-12)
    assert [metric.low, metric.high] == pytest.approx(np.quantile(plain, [0.025, 0.975]), abs=1e-12)
    assert metric.n == 400


def test_draws_are_as_wide_as_the_error_of_a_mean() -> None:
    """The mean of 1,000 independent values of spread 1 has the standard error 1 / sqrt(1000)."""
    values = np.random.default_rng(8).normal(size=1000)
    metric = DealBootstrap(np.arange(1000), draws=4000, seed=0).metric(lambda w: ours.mean(values, weight=w))
    assert (metric.high - metric.low) / (2 * 1.96 * values.std()) == pytest.approx(1000**-0.5, rel=0.05)


def test_an_interval_repeats_by_seed_and_whatever_the_order_of_rows() -> None:
    random = np.random.default_rng(5)
    deal, values = random.integers(40, size=300), random.random(300)
    order = random.permutation(300)

    def judge(deal: npt.NDArray[np.int64], values: Vector, seed: int) -> Metric:
        return DealBootstrap(deal, seed=seed).metric(lambda w: ours.mean(values, weight=w))

    first = judge(deal, values, 1)
    again = judge(deal[order], values[order], 1)
    assert judge(deal, values, 1) == first
    assert [again.value, again.low, again.high] == pytest.approx(
        [first.value, first.low, first.high], abs=1e-12
    )
    assert judge(deal, values, 2).low != first.low


def test_chunks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.arange(50.0)
    whole = DealBootstrap(np.arange(50), seed=3).metric(lambda w: ours.median(values, weight=w))
    monkeypatch.setattr(ours, "_CHUNK", 70)
    assert DealBootstrap(np.arange(50), seed=3).metric(lambda w: ours.median(values, weight=w)) == whole


def test_a_paired_difference_is_surer_than_its_sides() -> None:
    noise = np.random.default_rng(6).normal(size=500)
    boot = DealBootstrap(np.arange(500), seed=0)
    gain = boot.paired(lambda w: ours.mean(noise + 0.1, weight=w), lambda w: ours.mean(noise, weight=w))
    assert [gain.value, gain.low, gain.high] == pytest.approx([0.1, 0.1, 0.1])


def test_draws_without_a_class_are_left_out_of_the_interval() -> None:
    y, p = np.array([True, False, False]), np.array([0.9, 0.2, 0.3])
    metric = DealBootstrap(np.arange(3), seed=0).metric(lambda w: ours.auc(y, p, weight=w))
    assert metric == Metric(1.0, 1.0, 1.0, 3)


def test_a_metric_of_nothing_is_null_in_json() -> None:
    nobody = np.zeros(0, dtype=np.int64)
    metric = DealBootstrap(nobody, seed=0).metric(lambda w: ours.auc(NO_ROWS, NO_ROWS, weight=w))
    assert json.dumps(metric.to_dict()) == '{"value": null, "low": null, "high": null, "n": 0}'
    assert Metric(0.5, 0.25, 0.75, 8).to_dict() == {"value": 0.5, "low": 0.25, "high": 0.75, "n": 8}
