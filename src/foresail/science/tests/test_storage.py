"""A kept model of any tier forecasts the same; a folder that is no such model is refused and left alone."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from foresail.science.errors import ModelError
from foresail.science.forecaster import DealForecaster
from foresail.science.forecaster.horizon import HORIZONS
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


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "42", '{"format": 1}', '{"format": 2}', "\udcff"])
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


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a model with files of every kind: enough deals that take long enough, no events."""
    n = 220
    opened = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=i / 4) for i in range(n)]
    log = DealLog.build(
        deals=pl.DataFrame(
            {
                "deal": [f"D{i:03}" for i in range(n)],
                "opened": opened,
                "closed": [o + timedelta(days=20 + i % 40) for i, o in enumerate(opened)],
                "outcome": ["won" if i % 3 else "lost" for i in range(n)],
            }
        )
    )
    folder = tmp_path_factory.mktemp("kept") / "model"
    DealForecaster().fit(log, as_of=log.end).save(folder)
    return folder


FILES = [
    "linear.npz", "outcome.txt", *(f"horizon_{day}.txt" for day in HORIZONS),
    *(f"swing_{share}.txt" for share in (10, 25, 50, 75, 90)),
]  # fmt: skip
CARDS = ["card.json", "card.en.md", "card.zh.md"]


def test_every_file_but_the_cards_is_vouched_for(whole: Path) -> None:
    told = json.loads((whole / "model.json").read_text())
    assert sorted(told["files"]) == sorted(FILES)
    assert sorted(p.name for p in whole.iterdir()) == sorted([*FILES, *CARDS, "model.json"])


def changed(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_refused_by_name(name: str, whole: Path, tmp_path: Path) -> None:
    """LightGBM would crash the process on some of these."""
    shutil.copytree(whole, tmp_path / "model")
    file = tmp_path / "model" / name
    content = file.read_bytes()
    for damaged in (content[: len(content) // 2], content[:-1], b"", changed(content), content + b"\n"):
        file.write_bytes(damaged)
        with pytest.raises(ModelError, match=rf"damaged .*\b{name}"):
            DealForecaster.load(tmp_path / "model")
    file.unlink()
    with pytest.raises(ModelError, match=rf"damaged .*\b{name}"):
        DealForecaster.load(tmp_path / "model")
    file.write_bytes(content)
    assert DealForecaster.load(tmp_path / "model").fitted.tier == "full"


@pytest.mark.parametrize("files", [{}, [], None, "x", {"outcome.txt": None}])
def test_files_that_nobody_vouches_for_are_not_read(files: object, whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "model")
    told = json.loads((whole / "model.json").read_text())
    (tmp_path / "model" / "model.json").write_text(json.dumps(told | {"files": files}))
    with pytest.raises(ModelError, match="damaged"):
        DealForecaster.load(tmp_path / "model")


def test_a_changed_description_is_refused(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "model")
    path = tmp_path / "model" / "model.json"
    told = json.loads(path.read_text())
    told["calibration"] = [-told["calibration"][0], told["calibration"][1]]
    path.write_text(json.dumps(told))
    with pytest.raises(ModelError, match=r"model\.json was changed"):
        DealForecaster.load(tmp_path / "model")


def test_a_file_in_the_way_is_refused(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear")
    with pytest.raises(ModelError, match="not a model"):
        DealForecaster.load(kept).save(tmp_path / "letter")
    assert (tmp_path / "letter").read_text() == "dear"
