"""The same sums on both engines, and as plain loops have them. Nothing here needs a database."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from django.core.exceptions import ImproperlyConfigured
from pyarrow import parquet
from pytest_django import Settings

from foresail.signals import scale
from foresail.signals.kinds import KINDS
from foresail.signals.services.months import _schema

LIVES = {key: kind.half_life for key, kind in KINDS.items()}
DAY = 86_400_000_000
END = 1_764_000_000_000_000
ROWS = 4_000
EXACT = 1e-9


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two files of evidence of half a year, to the microsecond, some of it ended."""
    rng = np.random.default_rng(7)
    folder = tmp_path_factory.mktemp("evidence")
    written = []
    for place, rows in enumerate((ROWS, ROWS // 4)):
        at = END - rng.integers(0, 180 * DAY, rows)
        known = np.minimum(at + rng.integers(0, 20 * DAY, rows), END)
        ended = np.where(rng.random(rows) < 0.2, known + rng.integers(0, 9 * DAY, rows), 0)
        table = pa.table(
            {
                "account": rng.integers(1, 40, rows),
                "topic": rng.integers(0, 4, rows),
                "kind": rng.choice(list(KINDS), rows),
                "signal": np.arange(rows) + place * ROWS,
                "at": at,
                "on": (at // DAY).astype(np.int32),
                "known_at": known,
                "ended_at": pa.array(ended, mask=ended == 0),
                "amount": rng.uniform(1e-3, 5.0, rows),
                "topics": rng.integers(1, 4, rows).astype(np.int16),
            },
            schema=_schema(),
        )
        written.append(folder / f"{place}.parquet")
        parquet.write_table(table, written[-1])
    return written


@pytest.fixture(scope="module")
def sail() -> Iterator[str]:
    """The address of a Spark Connect server: Sail's, on this machine."""
    spark = pytest.importorskip("pysail.spark", reason="pysail is not installed")
    server = spark.SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    _, port = server.listening_address
    yield f"sc://127.0.0.1:{port}"
    server.stop()


def computed(engine: scale.Engine, sums: Any, files: list[Path], to: Path, keys: int) -> dict[Any, Any]:
    engine.write(sums, files=files, to=to)
    rows = parquet.read_table(to).to_pylist()
    return {tuple(row.values())[:keys]: tuple(row.values())[keys:] for row in rows}


def looped(files: list[Path], as_of: int | None) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Return both sums as plain loops have them."""
    groups, days = defaultdict(list), defaultdict(list)
    for row in (row for file in files for row in parquet.read_table(file).to_pylist()):
        stands = (
            row["ended_at"] is None
            if as_of is None
            else max(row["at"], row["known_at"]) <= as_of and (row["ended_at"] or math.inf) > as_of
        )
        if stands:
            groups[row["account"], row["topic"], row["kind"]].append(row)
            days[row["account"], row["on"], row["topic"], row["kind"]].append(row)
    faded = {}
    for key, rows in groups.items():
        now = max(row["at"] for row in rows) if as_of is None else as_of
        kept = [2.0 ** ((row["at"] - now) / DAY / LIVES[key[2]]) for row in rows]
        value = math.fsum(row["amount"] * left for row, left in zip(rows, kept, strict=True))
        whole = math.fsum(row["amount"] / row["topics"] * left for row, left in zip(rows, kept, strict=True))
        faded[key] = (now, value, whole, len(rows))
    daily = {
        key: (math.fsum(row["amount"] for row in rows), math.fsum(row["amount"] / row["topics"] for row in rows), len(rows))
        for key, rows in days.items()
    }  # fmt: skip
    return faded, daily


def same(found: dict[Any, Any], wanted: dict[Any, Any], *, exact: float) -> None:
    assert found.keys() == wanted.keys()
    for key, values in wanted.items():
        for one, other in zip(found[key], values, strict=True):
            if isinstance(other, int):
                assert one == other, key
            else:
                assert math.isclose(one, other, rel_tol=exact, abs_tol=exact), key


@pytest.mark.parametrize("as_of", [None, END - 30 * DAY])
def test_both_engines_say_what_plain_loops_say(
    files: list[Path], sail: str, tmp_path: Path, as_of: int | None
) -> None:
    faded, daily = looped(files, as_of)
    assert len(faded) > 500
    for name, engine in (("duckdb", scale.DuckDB()), ("spark", scale.Spark(sail))):
        found = computed(engine, scale.interest_sums(LIVES, as_of=as_of), files, tmp_path / f"{name}1", 3)
        same(found, faded, exact=EXACT)
        found = computed(engine, scale.daily_sums(as_of=as_of), files, tmp_path / f"{name}2", 4)
        same(found, daily, exact=EXACT)


def test_the_environment_names_the_engine(settings: Settings) -> None:
    settings.ENGINE = ""
    assert isinstance(scale.engine(), scale.DuckDB)
    settings.ENGINE = "sc://spark.example.com:15002"
    assert isinstance(scale.engine(), scale.Spark)
    settings.ENGINE = "spark.example.com"
    with pytest.raises(ImproperlyConfigured):
        scale.engine()


def test_a_file_holds_numbers_and_kinds_alone() -> None:
    assert list(_schema().names) == list(scale.EVIDENCE)
    assert not {"visitor", "contact", "values"} & set(scale.EVIDENCE)
