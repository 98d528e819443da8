"""A kept model of any tier forecasts the same; a folder that is no such model is refused and left alone."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from foresail.science.errors import ModelError
from foresail.science.forecaster import DealForecaster
from foresail.science.log import DealLog
from foresail.science.simulator import simulate

AT = date(2024, 11, 4)


def undated(deals: int) -> DealLog:
    random = np.random.default_rng(1)
    size = random.normal(size=deals)
    return DealLog.build(
        deals=pl.DataFrame(
            {
                "deal": [f"D{i:03}" for i in range(deals)],
                "source": random.choice(["展会", "官网"], deals),
                "size": size,
                "outcome": np.where(size + random.normal(size=deals) > 0, "won", "lost"),
            }
        )
    )


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    log = simulate(seed=2, deals=50).log()
    DealForecaster(seed=3, target=0.8).fit(log, as_of=AT).save(tmp_path / "model")
    return tmp_path / "model"


@pytest.mark.parametrize(
    ("log", "tier"),
    [
        (simulate(seed=2, deals=10).log(), "stage_rates"),
        (simulate(seed=2, deals=50).log(), "hierarchical"),
        (undated(9), "stage_rates"),
        (undated(40), "hierarchical"),
        (undated(200), "full"),
    ],
)
def test_a_kept_model_forecasts_the_same(log: DealLog, tier: str, tmp_path: Path) -> None:
    made = DealForecaster(seed=3, target=0.8).fit(log, as_of=AT)
    made.save(tmp_path / "a" / "model")
    again = DealForecaster.load(tmp_path / "a" / "model")
    forecast = made.predict(log, at=AT)
    assert made.fitted.tier == tier
    assert len(forecast)
    assert again.predict(log, at=AT).equals(forecast)
    assert again.explain(log, at=AT) == made.explain(log, at=AT)
    assert again.card == made.card
    assert (again.horizon, again.every, again.seed, again.target) == (14, 2, 3, 0.8)
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["model"]  # nothing half-made is left behind


def test_the_same_model_is_kept_as_the_same_bytes(kept: Path, tmp_path: Path) -> None:
    DealForecaster.load(kept).save(tmp_path / "again")
    for file in kept.iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes()


def test_a_model_of_another_version_is_refused(kept: Path) -> None:
    told = json.loads((kept / "model.json").read_text())
    (kept / "model.json").write_text(json.dumps(told | {"format": told["format"] + 1}))
    with pytest.raises(ModelError, match="another version"):
        DealForecaster.load(kept)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "42", '{"format": 1}', "\udcff"])
def test_a_damaged_description_is_refused(kept: Path, text: str) -> None:
    (kept / "model.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ModelError):
        DealForecaster.load(kept)


@pytest.mark.parametrize("part", ["sparse", "vocabulary", "past", "swing", "thresholds", "calibration"])
@pytest.mark.parametrize("damage", [["x"], "x", {"no": 1}])
def test_a_damaged_part_is_refused(kept: Path, part: str, damage: object) -> None:
    told = json.loads((kept / "model.json").read_text())
    (kept / "model.json").write_text(json.dumps(told | {part: damage}))
    with pytest.raises(ModelError, match="damaged"):
        DealForecaster.load(kept)


def test_damaged_trees_are_refused(tmp_path: Path) -> None:
    DealForecaster().fit(undated(200)).save(tmp_path / "model")
    (tmp_path / "model" / "outcome.txt").write_text("tree\nnothing of the kind\n")
    with pytest.raises(ModelError, match="damaged"):
        DealForecaster.load(tmp_path / "model")


def test_a_file_in_the_way_is_refused(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear")
    with pytest.raises(ModelError, match="not a model"):
        DealForecaster.load(kept).save(tmp_path / "letter")
    assert (tmp_path / "letter").read_text() == "dear"
