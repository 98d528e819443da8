"""Reasons add up, name events that were known, and ask "what if" without touching the log."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logit

from foresail.science.errors import LogError, ModelError
from foresail.science.features import Feature
from foresail.science.forecaster import AddEvent, DealForecaster, MoveStage, SetAmount
from foresail.science.log import DealLog
from foresail.science.simulator import simulate
from foresail.science.time import to_instant

AT = date(2024, 11, 4)


@pytest.fixture(scope="module")
def log() -> DealLog:
    return simulate(seed=9, deals=400).log()


@pytest.fixture(scope="module")
def forecaster(log: DealLog, quick_trees: None) -> DealForecaster:  # noqa: ARG001
    return DealForecaster().fit(log, as_of=AT)


def test_the_parts_add_up_and_calibration_is_small(forecaster: DealForecaster, log: DealLog) -> None:
    told = forecaster.explain(log, at=AT)
    assert len(told) == len(forecaster.predict(log, at=AT))
    shares = []
    for why in told:
        parts = [d.log_odds for d in why.drivers] + [why.rest, why.calibration]
        assert why.base + sum(parts) == pytest.approx(logit(why.p_won_final), abs=1e-9)
        shares.append(abs(why.calibration) / sum(abs(p) for p in parts))
        assert all(d.zh and d.en and d.code for d in why.drivers)
        sizes = [abs(d.log_odds) for d in why.drivers]
        assert sizes == sorted(sizes, reverse=True)
    assert np.median(shares) <= 0.10


def test_events_behind_a_driver_were_known(forecaster: DealForecaster, log: DealLog) -> None:
    now, number = to_instant(AT, zone=log.zone), {d: i for i, d in enumerate(log.deals.ids)}
    events = log.events
    named = 0
    for why in forecaster.explain(log, at=AT):
        mine = (events.deal == number[why.deal]) & (events.known <= now)
        known = {(events.kinds[k], int(a)) for k, a in zip(events.kind[mine], events.at[mine], strict=True)}
        for driver in why.drivers:
            assert {(e.kind, e.at) for e in driver.events} <= known
            named += len(driver.events)
    assert named > 0


def test_what_if_changes_one_deal_and_no_log(forecaster: DealForecaster, log: DealLog) -> None:
    before = forecaster.predict(log, at=AT)
    deal = str(before["deal"][0])
    answer = forecaster.what_if(log, at=AT, deal=deal, changes=[AddEvent("competitor_mentioned")])
    assert answer.before == pytest.approx(before["p_won_final"][0], abs=1e-12)
    assert answer.after < answer.before
    assert forecaster.what_if(log, at=AT, deal=deal, changes=[]).after == answer.before
    assert forecaster.predict(log, at=AT).equals(before)


@pytest.mark.parametrize(
    "change", [AddEvent("no such kind"), MoveStage("no such stage"), AddEvent("call", actor="nobody")]
)
def test_what_if_refuses_what_the_log_does_not_know(
    forecaster: DealForecaster, log: DealLog, change: AddEvent | MoveStage
) -> None:
    deal = str(forecaster.predict(log, at=AT)["deal"][0])
    with pytest.raises(LogError, match="There is no"):
        forecaster.what_if(log, at=AT, deal=deal, changes=[change])
    with pytest.raises(LogError, match="not open"):
        forecaster.what_if(log, at=AT, deal="no such deal", changes=[SetAmount(1.0)])


def test_a_kept_model_forecasts_the_same(forecaster: DealForecaster, log: DealLog, tmp_path: Path) -> None:
    forecaster.save(tmp_path / "model")
    again = DealForecaster.load(tmp_path / "model")
    assert again.predict(log, at=AT).equals(forecaster.predict(log, at=AT))
    assert again.explain(log, at=AT) == forecaster.explain(log, at=AT)
    assert {p.suffix for p in (tmp_path / "model").iterdir()} == {".txt", ".npz", ".json", ".md"}
    again.save(tmp_path / "model")  # a model may be replaced


def test_a_model_outlives_other_words_for_its_features_but_no_other_features(
    forecaster: DealForecaster, log: DealLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forecaster.save(tmp_path / "model")
    kept = DealForecaster.load(tmp_path / "model")
    first, *others = kept.fitted.features

    def was(before: Feature) -> None:
        monkeypatch.setattr(kept, "_fitted", replace(kept.fitted, features=(before, *others)))

    was(replace(first, zh="以前的叫法", en="what it was called before"))
    assert kept.predict(log, at=AT).equals(forecaster.predict(log, at=AT))
    was(replace(first, name="no such feature"))
    with pytest.raises(ModelError, match="another version"):
        kept.predict(log, at=AT)


def test_a_damaged_or_foreign_folder_is_refused(forecaster: DealForecaster, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("…")
    with pytest.raises(ModelError, match="not a model"):
        forecaster.save(tmp_path / "letters")
    assert (tmp_path / "letters" / "dear.txt").exists()
    forecaster.save(tmp_path / "model")
    (tmp_path / "model" / "linear.npz").write_bytes(b"PK")
    with pytest.raises(ModelError, match="damaged"):
        DealForecaster.load(tmp_path / "model")
    with pytest.raises(ModelError, match="no model"):
        DealForecaster.load(tmp_path / "nothing")
    with pytest.raises(ModelError, match="not been fitted"):
        DealForecaster().predict(simulate(seed=1, deals=5).log(), at=AT)


def test_the_card_says_what_it_was_made_from(forecaster: DealForecaster) -> None:
    card = forecaster.card
    assert card.past.deals == card.past.won + card.past.lost + card.past.open
    told = card.to_dict()
    assert told["limits"]
    assert len(told["features"]) == len(forecaster.fitted.features)
    assert "局限" in card.to_markdown("zh")
    assert "Limits" in card.to_markdown("en")
