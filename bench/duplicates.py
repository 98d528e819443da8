"""Duplicates among the 5,000 person records of FEBRL 3, found without labels, against equal rows and equal numbers."""

from __future__ import annotations

import gzip
from collections.abc import Collection, Iterator
from itertools import combinations
from pathlib import Path
from time import perf_counter

import polars as pl

from bench.figure import Figure, Skipped
from foresail.crm.matching import Comparison, Level, Spec, find
from foresail.crm.matching.spec import same

FEBRL = Path(__file__).parents[2] / "shared" / "data" / "febrl" / "febrl_dataset3.csv.gz"
Keys = tuple[int, int]


def _text(column: str, *, near: float = 0.88) -> Comparison:
    """What people type: mostly the same, else nearly. The same figures for every column, set beforehand."""
    close = f'jaro_winkler_similarity("{column}_l", "{column}_r") >= {near}'
    return Comparison(
        column=column,
        levels=(same(column, m=0.7, u=1e-4), Level(code="near", sql=close, m=0.2, u=1e-4)),
    )


def _digits(column: str) -> Comparison:
    close = f'levenshtein("{column}_l", "{column}_r") <= 1'
    return Comparison(
        column=column, levels=(same(column, m=0.8, u=1e-4), Level(code="near", sql=close, m=0.1, u=1e-4))
    )


PEOPLE = Spec(
    comparisons=(
        *(_text(column) for column in ("given_name", "surname", "address_1", "suburb")),
        *(_digits(column) for column in ("date_of_birth", "soc_sec_id", "street_number", "postcode")),
    ),
    blocks=(
        ("soc_sec_id",), ("date_of_birth",), ("given_name", "surname"), ("surname", "postcode"),
        ("given_name", "suburb"), ("address_1",), ("suburb", "street_number"),
    ),
)  # fmt: skip


def read() -> tuple[pl.DataFrame, set[Keys]]:
    """Return the records, and which pairs are of one person: what their names say, which nothing else is told."""
    if not FEBRL.exists():
        raise Skipped(f"{FEBRL} is not there")
    table = pl.read_csv(gzip.decompress(FEBRL.read_bytes()), infer_schema=False)
    table = table.rename({name: name.strip() for name in table.columns})
    table = table.with_columns(pl.all().str.strip_chars()).with_columns(
        pl.when(pl.all() != "").then(pl.all()).name.keep()
    )
    table = table.with_row_index("key").with_columns(pl.col("key").cast(pl.Int64))
    people: dict[str, list[int]] = {}
    for key, name in table.select("key", "rec_id").iter_rows():
        people.setdefault(name.split("-")[1], []).append(key)
    true = {pair for keys in people.values() for pair in combinations(sorted(keys), 2)}
    return table.drop("rec_id"), true


def equal(table: pl.DataFrame, columns: Collection[str]) -> set[Keys]:
    """Return the pairs that have the same in all of `columns`, none of it empty."""
    groups = table.drop_nulls(list(columns)).group_by(columns).agg(pl.col("key").sort())["key"]
    return {pair for keys in groups.to_list() for pair in combinations(keys, 2)}


def quality(found: Collection[Keys], true: Collection[Keys]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of pairs."""
    right = len(set(found) & set(true))
    precision, recall = right / max(len(found), 1), right / len(true)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def measure() -> Iterator[Figure]:
    table, true = read()
    began = perf_counter()
    found = {(pair.left, pair.right) for pair in find(table, PEOPLE)}
    seconds = perf_counter() - began
    precision, recall, f1 = quality(found, true)
    began = perf_counter()
    named = equal(table, ("given_name", "surname", "date_of_birth"))
    baseline_seconds = perf_counter() - began
    of_named = quality(named, true)
    by_number = quality(equal(table, ("soc_sec_id",)), true)
    against = "equal names and birthday"
    yield Figure("duplicates_f1", f1, "", of_named[2], against, at_least=0.95, bounds_value=True)
    yield Figure("duplicates_f1_number", f1, "", by_number[2], "equal social security number")
    yield Figure("duplicates_precision", precision, "", of_named[0], against)
    yield Figure("duplicates_recall", recall, "", of_named[1], against)
    yield Figure("duplicates_seconds", seconds, "s", baseline_seconds, against, at_most=30, bounds_value=True)
