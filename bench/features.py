"""Features of 200,000 open deals with 10 million events, against DuckDB counting the same events."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa

from bench.figure import Figure, once, timed
from bench.sales import LANDMARK, Tables, draw
from foresail.science.features import FeatureTable, Vocabulary, compute_features
from foresail.science.features.view import WINDOWS
from foresail.science.landmarks import open_rows
from foresail.science.log import DealLog
from foresail.science.time import DAY

EVENTS = 10_000_000


def measure() -> Iterator[Figure]:
    tables = draw(events=EVENTS)
    log, build_seconds = once(lambda: DealLog.build(deals=tables.deals, events=tables.events))
    vocabulary, learn_seconds = once(lambda: Vocabulary.learn(log))
    small = draw(events=EVENTS // 10)
    small_log = DealLog.build(deals=small.deals, events=small.events)
    small_vocabulary = Vocabulary.learn(small_log)
    duck = load(tables, log)
    ours = features(log, vocabulary)
    count = wide(log.events.kinds)
    same_answers(ours, duck.sql(count).to_arrow_table())
    seconds = timed(
        ours=lambda: features(log, vocabulary),
        small=lambda: features(small_log, small_vocabulary),
        duckdb=lambda: duck.sql(count).to_arrow_table(),
        duckdb_in_two_steps=lambda: duck.sql(two_steps(log.events.kinds)).to_arrow_table(),
    )
    yield Figure(
        "features_10m",
        seconds["ours"],
        "s",
        seconds["duckdb"],
        "DuckDB's GROUP BY of the same counts",
        at_most=3,
    )
    yield Figure(
        "features_10m_two_steps", seconds["ours"], "s", seconds["duckdb_in_two_steps"],
        "DuckDB grouping by deal and kind, then by deal",
    )  # fmt: skip
    yield Figure(
        "features_growth", seconds["ours"], "s", seconds["small"], "a tenth of the events", at_most=11
    )
    yield Figure("features_10m_memory", peak_gib(log, vocabulary), "GiB", at_most=3)
    yield Figure("log_build_10m", build_seconds, "s")
    yield Figure("vocabulary_10m", learn_seconds, "s")


def features(log: DealLog, vocabulary: Vocabulary) -> FeatureTable:
    """Compute all features of the deals open at the landmark."""
    rows = open_rows(log, landmarks=np.array([LANDMARK]))
    return compute_features(log, rows, vocabulary=vocabulary)


def peak_gib(log: DealLog, vocabulary: Vocabulary) -> float:
    """Return the most memory that arrays take while features are computed, besides the log."""
    tracemalloc.start()
    features(log, vocabulary)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**30


def load(tables: Tables, log: DealLog) -> duckdb.DuckDBPyConnection:
    """Return a database with the events of the open deals in a native table, all names as numbers."""
    of_open = log.events.deal < tables.open
    frame = pl.DataFrame({name: getattr(log.events, name)[of_open] for name in ("deal", "kind", "known")})
    database = duckdb.connect()
    database.register("drawn", frame.to_arrow())
    database.execute("CREATE TABLE events AS SELECT * FROM drawn")
    database.unregister("drawn")
    return database


def wide(kinds: tuple[str, ...]) -> str:
    """The plain query: one GROUP BY, a filtered aggregate per count."""
    columns = ["deal", "count(*) AS events", "max(known) AS last"]
    columns += [f"count(*) FILTER (known > {since(w)}) AS events_{w}d" for w in WINDOWS]
    for k in range(len(kinds)):
        columns += [
            f"count(*) FILTER (kind = {k}) AS n_{k}",
            f"count(*) FILTER (kind = {k} AND known > {since(7)}) AS n7_{k}",
            f"max(known) FILTER (kind = {k}) AS last_{k}",
        ]
    return f"SELECT {', '.join(columns)} FROM events WHERE known <= {LANDMARK} GROUP BY deal"


def two_steps(kinds: tuple[str, ...]) -> str:
    """The same counts the way an expert would ask for them."""
    recent = [f"count(*) FILTER (known > {since(w)}) AS events_{w}d" for w in WINDOWS]
    inner = (
        f"SELECT deal, kind, count(*) AS events, max(known) AS last, {', '.join(recent)} "
        f"FROM events WHERE known <= {LANDMARK} GROUP BY deal, kind"
    )
    columns = ["deal", "sum(events) AS events", "max(last) AS last"]
    columns += [f"sum(events_{w}d) AS events_{w}d" for w in WINDOWS]
    for k in range(len(kinds)):
        columns += [
            f"coalesce(max(events) FILTER (kind = {k}), 0) AS n_{k}",
            f"coalesce(max(events_7d) FILTER (kind = {k}), 0) AS n7_{k}",
            f"max(last) FILTER (kind = {k}) AS last_{k}",
        ]
    return f"SELECT {', '.join(columns)} FROM ({inner}) GROUP BY deal"


def since(days: int) -> int:
    return LANDMARK - days * DAY


def same_answers(ours: FeatureTable, theirs: pa.Table) -> None:
    """Raise AssertionError unless both counted the same."""
    counted: pl.DataFrame = pl.DataFrame(pl.from_arrow(theirs)).sort("deal")
    kinds = [f.kind for f in ours.features if f.name.startswith("n:")]
    pairs = {"events": "events", "idle": "last"} | {f"events_{w}d": f"events_{w}d" for w in WINDOWS}
    for k, kind in enumerate(kinds):
        pairs |= {f"n:{kind}": f"n_{k}", f"n7:{kind}": f"n7_{k}", f"since:{kind}": f"last_{k}"}
    for name, column in pairs.items():
        values = counted[column].cast(pl.Float64).fill_null(np.nan).to_numpy()
        if column.startswith("last"):
            values = (LANDMARK - values) / DAY
        np.testing.assert_array_equal(ours.column(name), values, err_msg=name)
