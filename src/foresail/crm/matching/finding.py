"""Finding pairs: splink blocks and weighs them (Fellegi and Sunter, 1969), in a DuckDB of its own in memory.

Nothing is learned from labels. How often records of one customer agree (m) is set by hand in the spec; how often
others do (u) is counted on random pairs of the records themselves, less those that are expected to be the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from foresail.crm.matching.spec import LIKELY, SHARE, Comparison, Spec

if TYPE_CHECKING:
    import duckdb

LEAST_TO_LEARN: Final = 200
"""With fewer records, how often others agree is not counted but taken from the spec."""
SAMPLED: Final = 2_000_000
"""So many random pairs are compared to learn from."""
SEED: Final = 1
DIFFERS: Final = "differs"
_CONFIG: Final[dict[str, Any]] = {
    "threads": 1,
    "memory_limit": "1GB",
    # Extensions would be fetched from the network; none is needed.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two records by their keys, `left` the lower; `outcomes` say by column how they compare, without empty sides."""

    left: int
    right: int
    chance: float
    weight: float
    outcomes: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Model:
    """What `learn` found among `records` records: u by column and outcome. As JSON it is `u` and `records`."""

    records: int
    u: Mapping[str, Mapping[str, float]]

    @property
    def prior(self) -> float:
        """The chance that two records, taken at random, are of the same customer."""
        return prior_of(self.records)


def prior_of(records: int) -> float:
    return min(2 * SHARE / max(records - 1, 1), 0.05)


def without_shared(rows: pl.DataFrame, spec: Spec) -> pl.DataFrame:
    """Return `rows` without values that so many have that they tell nobody apart."""
    limits = [(column, most) for column, most in spec.shared if column in rows.columns]
    return rows.with_columns(
        pl.when(pl.len().over(column) <= most).then(pl.col(column)).alias(column) for column, most in limits
    )


def learn(rows: pl.DataFrame, spec: Spec) -> Model:
    """Return how often different records agree. `rows` has `key` (int) and the columns of `spec` (text or null)."""
    if len(rows) < LEAST_TO_LEARN:
        return Model(records=len(rows), u={})
    linker = _linker(rows, spec, u={}, records=len(rows), known=False)
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED, seed=SEED)
    learned = linker.misc.save_model_to_json()
    expected = prior_of(len(rows))
    found: dict[str, dict[str, float]] = {}
    for comparison, told in zip(spec.comparisons, learned["comparisons"], strict=True):
        shares = {
            level["label_for_charts"]: level.get("u_probability") for level in told["comparison_levels"]
        }
        found[comparison.column] = {
            level.code: max(level.u, ((shares[level.code] or 0) - expected * level.m) / (1 - expected))
            for level in comparison.levels
        }
    return Model(records=len(rows), u=found)


def find(rows: pl.DataFrame, spec: Spec, *, model: Model | None = None, likely: float = LIKELY) -> list[Pair]:
    """Return the pairs among `rows` that are the same with a chance of at least `likely`, likeliest first.

    `rows` as `learn` takes them. The order of rows changes nothing.
    """
    if len(rows) < 2:
        return []
    rows = without_shared(rows.sort("key"), spec)
    model = model or learn(rows, spec)
    linker = _linker(rows, spec, u=model.u, records=model.records, known=True)
    found = linker.inference.predict(threshold_match_probability=likely, warning_mode="never")
    pairs = [_pair(row, spec) for row in found.as_record_list()]
    return sorted(pairs, key=lambda pair: (-pair.weight, pair.left, pair.right))


def weigh(
    new: Mapping[str, str | None],
    others: Sequence[Mapping[str, Any]],
    spec: Spec,
    *,
    model: Model,
    likely: float = LIKELY,
) -> list[Pair]:
    """Return which of `others` (rows with `key`) are the same as `new`, whose key is 0, as `find` would weigh them."""
    if not others:
        return []
    import duckdb  # noqa: PLC0415  (a large library, and most processes never match)

    columns = _all_columns(spec)
    schema: dict[str, Any] = dict.fromkeys(columns, pl.String)
    base = {"key": 0} | {column: new.get(column) for column in columns}
    left = pl.DataFrame([base], schema={"key": pl.Int64} | schema)
    right = pl.DataFrame(
        [{name: row.get(name) for name in ("key", *columns)} for row in others],
        schema={"key": pl.Int64} | schema,
    )
    with duckdb.connect(config=_CONFIG) as database:
        database.register("one", left.rename({name: f"{name}_l" for name in left.columns}).to_arrow())
        database.register("many", right.rename({name: f"{name}_r" for name in right.columns}).to_arrow())
        cases = ", ".join(f"{_case(each)} AS o_{each.column}" for each in spec.comparisons)
        rows = database.execute(f"SELECT key_r, {cases} FROM one CROSS JOIN many").fetchall()  # noqa: S608
    found = []
    for key, *outcomes in rows:
        told = {
            each.column: code
            for each, code in zip(spec.comparisons, outcomes, strict=True)
            if code is not None
        }
        weight = log2(model.prior / (1 - model.prior)) + sum(
            log2(m / u)
            for each in spec.comparisons
            if each.column in told
            for m, u in [_chances(each, model.u)[told[each.column]]]
        )
        chance = 1 / (1 + 2**-weight)
        if chance >= likely:
            found.append(Pair(left=0, right=key, chance=chance, weight=weight, outcomes=told))
    return sorted(found, key=lambda pair: (-pair.weight, pair.right))


def _chances(comparison: Comparison, u: Mapping[str, Mapping[str, float]]) -> dict[str, tuple[float, float]]:
    """Return m and u of each outcome of a comparison; what is left is "differs"."""
    learned = u.get(comparison.column, {})
    found = {level.code: (level.m, learned.get(level.code, level.u)) for level in comparison.levels}
    found[DIFFERS] = 1 - sum(m for m, _ in found.values()), 1 - sum(u for _, u in found.values())
    return found


def _empty(comparison: Comparison) -> str:
    return f'"{comparison.column}_l" IS NULL OR "{comparison.column}_r" IS NULL'


def _case(comparison: Comparison) -> str:
    whens = " ".join(f"WHEN {level.sql} THEN '{level.code}'" for level in comparison.levels)
    return f"CASE WHEN {_empty(comparison)} THEN NULL {whens} ELSE '{DIFFERS}' END"


def _all_columns(spec: Spec) -> list[str]:
    """Return every column that the spec names, also within conditions."""
    named = set(spec.columns)
    for comparison in spec.comparisons:
        for level in comparison.levels:
            named |= {part[:-2] for part in level.sql.split('"')[1::2] if part.endswith(("_l", "_r"))}
    return sorted(named)


def _linker(
    rows: pl.DataFrame, spec: Spec, *, u: Mapping[str, Mapping[str, float]], records: int, known: bool
) -> Any:
    import duckdb  # noqa: PLC0415  (large libraries, and most processes never match)
    from splink import Linker, block_on  # noqa: PLC0415
    from splink.backends.duckdb import DuckDBAPI  # noqa: PLC0415

    logging.getLogger("splink").setLevel(logging.ERROR)
    database: duckdb.DuckDBPyConnection = duckdb.connect(config=_CONFIG)
    api = DuckDBAPI(database)
    table = api.register(rows.select("key", *_all_columns(spec)).to_arrow())
    rules = [block_on(*block).create_blocking_rule_dict("duckdb") for block in spec.blocks]
    settings = {
        "link_type": "dedupe_only",
        "unique_id_column_name": "key",
        "probability_two_random_records_match": prior_of(records),
        "retain_matching_columns": True,  # else the outcomes are left out too
        "retain_intermediate_calculation_columns": False,
        "comparisons": [_comparison(each, u, known=known) for each in spec.comparisons],
        "blocking_rules_to_generate_predictions": rules,
    }
    return Linker(table, settings, log_level=None)


def _comparison(
    comparison: Comparison, u: Mapping[str, Mapping[str, float]], *, known: bool
) -> dict[str, Any]:
    chances = _chances(comparison, u)
    levels: list[dict[str, Any]] = [
        {"sql_condition": _empty(comparison), "label_for_charts": "empty", "is_null_level": True}
    ]
    conditions: Iterable[tuple[str, str]] = [
        *((each.code, each.sql) for each in comparison.levels),
        (DIFFERS, "ELSE"),
    ]
    for code, sql in conditions:
        m, of_others = chances[code]
        level: dict[str, Any] = {"sql_condition": sql, "label_for_charts": code}
        levels.append(level | ({"m_probability": m, "u_probability": of_others} if known else {}))
    return {"output_column_name": comparison.column, "comparison_levels": levels}


def _pair(row: Mapping[str, Any], spec: Spec) -> Pair:
    left, right = sorted((row["key_l"], row["key_r"]))
    outcomes = {}
    for comparison in spec.comparisons:
        place = row[f"gamma_{comparison.column}"]  # splink counts from "differs" (0) up, -1 is an empty side
        if place >= 0:
            outcomes[comparison.column] = comparison.codes[len(comparison.codes) - 1 - place]
    return Pair(
        left=left, right=right, chance=row["match_probability"], weight=row["match_weight"], outcomes=outcomes
    )
