"""Keeping a model: a folder of LightGBM text, arrays and JSON. Nothing in it is ever executed.

A model is written whole or not at all, and read back only if every part belongs to it.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from foresail.science.errors import ModelError
from foresail.science.features import Feature, Vocabulary
from foresail.science.forecaster.card import ModelCard
from foresail.science.forecaster.core import Core, Fitted, Past
from foresail.science.forecaster.horizon import STATES, HorizonModels
from foresail.science.forecaster.linear import arrays, from_arrays
from foresail.science.forecaster.outcome import OutcomeModel
from foresail.science.forecaster.sparse import SparseModel
from foresail.science.forecaster.swing import LEVELS, SwingModel
from foresail.science.forecaster.trees import Trees
from foresail.science.forecaster.verdict import Thresholds
from foresail.science.hindsight import Hindsight

FORMAT = 2
"""Raised whenever a folder of the former format could no longer be read."""


def save(forecaster: Core, folder: Path, *, card: ModelCard) -> None:
    """Write a fitted forecaster and its card to `folder`, in place of a model that is there.

    Raises ModelError if `folder` holds something else.
    """
    if folder.exists() and not _may_replace(folder):
        raise ModelError(f"{folder} holds something that is not a model. Choose another folder.")
    fitted = forecaster.fitted
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        files = _files(fitted)
        for name, content in files.items():
            (made / name).write_bytes(content)
        description = _description(forecaster) | {"files": {name: _digest(c) for name, c in files.items()}}
        description["digest"] = _digest(_canonical(description))
        (made / "model.json").write_text(json.dumps(description, ensure_ascii=False, indent=1))
        (made / "card.json").write_text(json.dumps(card.to_dict(), ensure_ascii=False, indent=1))
        for lang in ("zh", "en"):
            (made / f"card.{lang}.md").write_text(card.to_markdown(lang))
        made.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def load(folder: Path) -> tuple[dict[str, Any], Fitted]:
    """Return the settings of a forecaster and what it learnt. Raises ModelError where the folder holds none, or a damaged one."""
    try:
        told = json.loads((folder / "model.json").read_text())
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{folder} holds no model that can be read ({error}). Train one: foresail train."
        ) from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise ModelError(f"The model in {folder} was made by another version of Foresail. Train it again.")
    if told.pop("digest", None) != _digest(_canonical(told)):
        raise ModelError(f"The model in {folder} is damaged (model.json was changed). Train it again.")
    try:
        return _restore(_checked(folder, told["files"]), told)
    except (OSError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"The model in {folder} is damaged ({error}). Train it again.") from error


def _canonical(description: dict[str, Any]) -> bytes:
    return json.dumps(description, sort_keys=True).encode()


def _may_replace(folder: Path) -> bool:
    return folder.is_dir() and ((folder / "model.json").exists() or not any(folder.iterdir()))


def _horizons(fitted: Fitted) -> tuple[tuple[int, ...], tuple[Trees | None, ...]]:
    return (fitted.horizons.horizons, fitted.horizons.models) if fitted.horizons else ((), ())


def _files(fitted: Fitted) -> dict[str, bytes]:
    """Return what is kept beside the description: name of the file → its content."""
    texts = {}
    files = {}
    if fitted.outcome is not None:
        texts["outcome"] = fitted.outcome.trees
        linear = BytesIO()
        np.savez_compressed(linear, **arrays(fitted.outcome.linear))  # type: ignore[arg-type]
        files["linear.npz"] = linear.getvalue()
    for horizon, model in zip(*_horizons(fitted), strict=True):
        if model is not None:
            texts[f"horizon_{horizon}"] = model
    texts |= {f"swing_{level:.0%}"[:-1]: m for level, m in zip(LEVELS, fitted.swing.models, strict=False)}
    return files | {f"{name}.txt": trees.to_text().encode() for name, trees in texts.items()}


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _checked(folder: Path, digests: dict[str, str]) -> dict[str, bytes]:
    """Return the content of each file, if it is the one that was written.

    Nothing may parse it before: a text that is cut short makes LightGBM crash the whole process.
    """
    files = {name: (folder / name).read_bytes() for name in digests}
    for name, content in files.items():
        if _digest(content) != digests[name]:
            raise ValueError(f"{name} is not as it was written")
    return files


def _description(forecaster: Core) -> dict[str, Any]:
    fitted = forecaster.fitted
    horizons, models = _horizons(fitted)
    return {
        "format": FORMAT,
        "settings": {
            "horizon": forecaster.horizon,
            "every": forecaster.every,
            "seed": forecaster.seed,
            "target": forecaster.target,
        },
        "tier": fitted.tier,
        "as_of": fitted.as_of,
        "dated": fitted.dated,
        "past": asdict(fitted.past),
        "vocabulary": asdict(fitted.vocabulary),
        "features": [asdict(f) for f in fitted.features],
        "full": fitted.outcome is not None,
        "horizons": {
            "days": horizons,
            "modelled": [m is not None for m in models],
            "pace": fitted.horizons.pace,
        }
        if fitted.horizons
        else None,
        "sparse": asdict(fitted.sparse) if fitted.sparse else None,
        "calibration": fitted.calibration,
        "thresholds": asdict(fitted.thresholds),
        "swing": {
            "inputs": fitted.swing.inputs,
            "shifts": fitted.swing.shifts,
            "modelled": bool(fitted.swing.models),
        },
        "hindsight": [asdict(h) for h in fitted.hindsight],
    }


def _restore(files: dict[str, bytes], told: dict[str, Any]) -> tuple[dict[str, Any], Fitted]:
    def trees(name: str, classes: int = 1) -> Trees:
        return Trees.from_text(files[f"{name}.txt"].decode(), classes=classes)

    outcome = None
    if told["full"]:
        with np.load(BytesIO(files["linear.npz"]), allow_pickle=False) as stored:
            outcome = OutcomeModel(trees("outcome"), from_arrays(dict(stored)))
    horizons = None
    if told["horizons"]:
        days = tuple(told["horizons"]["days"])
        modelled = zip(days, told["horizons"]["modelled"], strict=True)
        models = tuple(trees(f"horizon_{day}", STATES) if there else None for day, there in modelled)
        horizons = HorizonModels(days, models, told["horizons"]["pace"])
    swing = told["swing"]
    return (
        told["settings"],
        Fitted(
            tier=told["tier"],
            as_of=told["as_of"],
            dated=told["dated"],
            past=Past(**told["past"]),
            vocabulary=Vocabulary.from_dict(told["vocabulary"]),
            features=tuple(Feature(**f) for f in told["features"]),
            outcome=outcome,
            horizons=horizons,
            sparse=SparseModel(**told["sparse"]) if told["sparse"] else None,
            calibration=(told["calibration"][0], told["calibration"][1]),
            thresholds=Thresholds(**told["thresholds"]),
            swing=SwingModel(
                tuple(swing["inputs"]),
                tuple(trees(f"swing_{level:.0%}"[:-1]) for level in LEVELS) if swing["modelled"] else (),
                tuple(swing["shifts"]),
            ),
            hindsight=tuple(Hindsight(**h) for h in told["hindsight"]),
        ),
    )
