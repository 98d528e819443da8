"""The columns of a log as codes, keyed by what they hold and never by what they are called."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from foresail.science.log import DealLog, Outcome

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
_Hashes = npt.NDArray[np.uint64]

FOLDS = 5
_BINS = 32
_NAMES_DEALS = 0.5  # a text with more distinct values than this share of its rows is an id, not a fact


@dataclass(frozen=True, eq=False)
class Column:
    """One input. Arrays have shape (n_deals,).

    `values` are the numbers of a numeric column (NaN where empty), None for text. `codes` number the
    distinct values from 0, -1 where empty; `labels` are those values. `accusable` is false for inputs
    that only stand by as context.
    """

    name: str
    values: Floats | None
    codes: Ints
    labels: tuple[str, ...]
    accusable: bool

    @property
    def filled(self) -> Mask:
        """Where the column holds a value, (n_deals,)."""
        return self.codes >= 0

    def binned(self, rows: Ints, *, bins: int = _BINS) -> Ints:
        """Return codes of `rows` with at most `bins` values and one more, the last, for empty."""
        codes = self.codes[rows]
        if self.values is not None and len(self.labels) > bins:
            values = self.values[rows]
            known = values[~np.isnan(values)]
            if len(known) == 0:
                return np.zeros(len(rows), dtype=np.int64)
            edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1], method="lower"))
            codes = np.where(codes < 0, -1, np.searchsorted(edges, values, side="left"))
        elif self.values is None and len(self.labels) > bins:
            counts = np.bincount(codes[codes >= 0], minlength=len(self.labels))
            rank = np.empty(len(counts), dtype=np.int64)
            rank[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
            codes = np.where(codes < 0, -1, np.minimum(rank[codes], bins - 1))
        return np.where(codes < 0, codes.max(initial=0) + 1, codes).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Table:
    """The inputs of closed and open deals. `columns` are ordered by content.

    `rows` are the closed deals in an order that depends on their content alone; `won` (n_rows,) says
    how they ended; `fold` (n_rows,) is 0 … FOLDS - 1, the same for identical inputs.
    """

    columns: tuple[Column, ...]
    rows: Ints
    won: Ints
    fold: Ints

    @classmethod
    def of(cls, log: DealLog) -> Table:
        """Code the attributes of `log`, its amount and its owner."""
        deals = log.deals
        columns = [_coded(deals.attributes[name], accusable=True) for name in deals.attributes.columns]
        amount = pl.Series("amount", deals.amount).fill_nan(None)
        owner = pl.Series("owner", [deals.owners[code] if code >= 0 else None for code in deals.owner])
        columns += [_coded(extra, accusable=False) for extra in (amount, owner.cast(pl.String))]
        columns = [column for column in columns if column.filled.any()]
        hashes = [_hashed(column) for column in columns]
        row_hash = np.zeros(len(deals), dtype=np.uint64)
        for hashed in hashes:
            row_hash += hashed
        row_hash = _mixed(row_hash)
        by_content = sorted(
            range(len(columns)), key=lambda i: int(_mixed(hashes[i] ^ row_hash).sum(dtype=np.uint64))
        )
        order = np.lexsort((deals.outcome, row_hash))
        rows = order[deals.outcome[order] != Outcome.OPEN].astype(np.int64)
        return cls(
            columns=tuple(columns[i] for i in by_content),
            rows=rows,
            won=(deals.outcome[rows] == Outcome.WON).astype(np.int64),
            fold=(row_hash[rows] % np.uint64(FOLDS)).astype(np.int64),
        )


def _coded(column: pl.Series, *, accusable: bool) -> Column:
    filled = column.is_not_null().to_numpy()
    distinct = column.drop_nulls().unique().sort()
    codes = np.full(len(column), -1, dtype=np.int64)
    codes[filled] = (column.drop_nulls().rank("dense").cast(pl.Int64) - 1).to_numpy()
    if column.dtype == pl.String:
        if len(distinct) > max(_NAMES_DEALS * filled.sum(), _BINS):
            return Column(column.name, None, np.where(filled, 0, -1), ("filled",), accusable)
        return Column(column.name, None, codes, tuple(distinct.to_list()), accusable)
    values = column.fill_null(np.nan).to_numpy().astype(np.float64)
    labels = tuple(f"{value + 0.0:g}" for value in distinct)  # minus zero reads as zero
    return Column(column.name, values, codes, labels, accusable)


def _hashed(column: Column) -> _Hashes:
    """Return a hash per deal of what the column holds there, the same on every machine."""
    seeds = np.array([zlib.crc32(label.encode()) + 1 for label in column.labels] + [0], dtype=np.uint64)
    return _mixed(seeds[column.codes])


def _mixed(x: _Hashes) -> _Hashes:
    """Scramble 64 bits (the finaliser of splitmix64: Steele, Lea and Flood, OOPSLA 2014)."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
