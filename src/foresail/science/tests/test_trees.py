"""Trees call LightGBM with one thread, always: another number, set beside a running fit, breaks it."""

import inspect
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import foresail
from foresail.science.forecaster.trees import ROWS_AT_ONCE, Trees, TreeShape
from foresail.science.hindsight import find_hindsight
from foresail.science.log import DealLog
from foresail.science.openmp import ensure_openmp

SHAPE = TreeShape(rounds=5, leaves=7, least_in_leaf=5, rate=0.1, feature_share=0.9)
VALUES = np.random.default_rng(0).normal(size=(200, 3))
WON = (VALUES[:, 0] > 0).astype(np.float64)
STATE = np.digitize(VALUES[:, 1], [-0.5, 0.5])

fit = partial(Trees.fit, VALUES, shape=SHAPE, seed=1)
MAKERS: dict[str, Callable[[], Trees]] = {
    "binary": partial(fit, WON, weight=np.ones(200)),
    "quantile": partial(fit, VALUES[:, 2], quantile=0.9),
    "multiclass": partial(fit, STATE, classes=3),
}
every_kind = pytest.mark.parametrize("kind", MAKERS)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int | None]]:
    """Return a list that fills with each call of LightGBM that takes a number of threads, and the number."""
    ensure_openmp()
    import lightgbm

    seen: list[tuple[str, int | None]] = []

    def watch(owner: Any, name: str) -> None:
        original = getattr(owner, name)
        signature = inspect.signature(original)

        def called(*args: Any, **kwargs: Any) -> Any:
            told = signature.bind(*args, **kwargs).arguments
            told = (told.get("params") or {}) | told.get("kwargs", {})
            seen.append((name, told.get("num_threads")))
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, called)

    watch(lightgbm.Dataset, "__init__")
    watch(lightgbm, "train")
    watch(lightgbm.Booster, "predict")
    return seen


@every_kind
def test_every_call_has_one_thread(kind: str, threads: list[tuple[str, int | None]]) -> None:
    made = MAKERS[kind]()
    made.raw(VALUES)
    made.contributions(VALUES)
    again = Trees.from_text(made.to_text(), classes=made.classes)
    again.raw(VALUES)
    again.contributions(VALUES)
    assert threads == [("__init__", 1), ("train", 1), *[("predict", 1)] * 4]


@every_kind
def test_many_rows_are_scored_in_parts_as_if_in_one(kind: str, threads: list[tuple[str, int | None]]) -> None:
    made = MAKERS[kind]()
    many = np.random.default_rng(1).normal(size=(2 * ROWS_AT_ONCE + 1, 3))
    whole = made.booster.predict(many, raw_score=True, num_threads=1)
    del threads[:]
    assert np.array_equal(made.raw(many), whole)
    assert threads == [("predict", 1)] * 3


@every_kind
def test_no_rows_give_no_scores(kind: str) -> None:
    made = MAKERS[kind]()
    assert made.raw(VALUES[:0]).shape == made.raw(VALUES)[:0].shape


@every_kind
def test_trees_read_back_score_the_same(kind: str) -> None:
    made = MAKERS[kind]()
    again = Trees.from_text(made.to_text(), classes=made.classes)
    assert np.array_equal(again.raw(VALUES), made.raw(VALUES))


def test_text_that_is_not_of_lightgbm_is_refused() -> None:
    with pytest.raises(ValueError, match="no trees can be read"):
        Trees.from_text("tree\nnothing of the kind\n", classes=1)


def test_so_has_every_call_of_the_hunt_for_hindsight(threads: list[tuple[str, int | None]]) -> None:
    random = np.random.default_rng(1)
    won = random.random(2000) < 0.5
    mood = won + random.normal(size=2000)
    table = pl.DataFrame(
        {
            "deal": [f"D{i:04}" for i in range(2000)],
            "outcome": np.where(won, "won", "lost"),
            "leak": won + 0.2 * mood,
            "mood": mood,
        }
    )
    found = find_hindsight(DealLog.build(deals=table))
    assert {h.column: h.code for h in found} == {"leak": "tells_the_result", "mood": "goes_with_others"}
    assert {name for name, _ in threads} == {"__init__", "train", "predict"}
    assert {number for _, number in threads} == {1}


CALLED = r"import lightgbm|load_lightgbm\(|import_module\(.lightgbm"


def test_nobody_else_calls_lightgbm() -> None:
    """Who does must be held to one thread here, or run alone, as the doctor does."""
    source = Path(foresail.__file__).parent
    callers = {
        str(file.relative_to(source))
        for file in source.rglob("*.py")
        if "tests" not in file.parts and re.search(CALLED, file.read_text(encoding="utf-8"))
    }
    assert callers == {
        "science/forecaster/trees.py",
        "science/hindsight/kinship.py",
        "science/openmp.py",  # only loads it
        "site/cli/doctor.py",
    }


STRESS = """
import numpy as np
from foresail.science.forecaster.trees import Trees, TreeShape
from foresail.science.parallel import side_by_side

shape = TreeShape(rounds=1, leaves=4, least_in_leaf=5, rate=0.1, feature_share=0.9)
random = np.random.default_rng(0)
values = np.where(random.random((4000, 40)) < 0.9, 0.0, random.normal(size=(4000, 40)))
won = values.sum(axis=1) > 0
made = Trees.fit(values, won, shape=shape, seed=1)
expected = made.raw(values)

def fit():
    return [Trees.fit(values, won, shape=shape, seed=1).raw(values) for _ in range(10)]

def score():
    return [made.raw(values[:500]) for _ in range(600)]

def both():
    fitted, scored = side_by_side([fit, score])
    assert all(np.array_equal(scores, expected) for scores in fitted)
    assert all(np.array_equal(scores, expected[:500]) for scores in scored)

side_by_side([both] * 4)
"""


def test_fits_and_scores_beside_each_other_do_not_break() -> None:
    """Mostly zeros, which LightGBM gathers per thread: without num_threads=1 in `raw` this crashed each time."""
    eight = os.environ | {"OMP_NUM_THREADS": "8"}  # what a call without a number of threads would set
    run = subprocess.run(
        [sys.executable, "-c", STRESS], capture_output=True, check=False, text=True, env=eight
    )
    assert run.returncode == 0, run.stderr
