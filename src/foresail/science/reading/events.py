"""The table of events: what happened, when we knew, what it did to the deal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from foresail.science.mapping import LogColumns, Mapping, closest
from foresail.science.reading.rows import (
    Check,
    Notice,
    attribute,
    attribute_columns,
    find_columns,
    repeated,
    sift,
)
from foresail.science.reading.table import ROW, Table
from foresail.science.reading.times import parse_times


@dataclass(frozen=True, eq=False)
class EventRows:
    """The readable events [deal, at, known, kind, actor, stage] and what they say of their deals.

    `outcomes` [deal, closed, outcome] has the deals with an outcome; `attributes` [deal, …] has every deal.
    """

    events: pl.DataFrame
    outcomes: pl.DataFrame
    attributes: pl.DataFrame
    rejects: pl.DataFrame
    duplicates: int
    notices: tuple[Notice, ...]


def read_events(table: Table, *, mapping: Mapping, columns: LogColumns) -> EventRows:
    """Make events of the rows of `table`. Raises MappingError where it lacks a column."""
    stage_column = mapping.stage.column if mapping.stage else None
    wanted = {f"[log] {key}": getattr(columns, key) for key in ("deal", "at", "known", "kind", "actor")}
    wanted |= {"[log] detail": None, "[stage] column": stage_column}
    find_columns(table, wanted)
    used = [*wanted.values(), *columns.detail]
    attributes = attribute_columns(table, names=columns.attributes, used=used)
    for key, names in (("detail", columns.detail), ("attributes", attributes.values())):
        for name in names:
            find_columns(table, {f"[log] {key}": name})

    rows = _rows(table, mapping=mapping, columns=columns)
    rows, rejects = sift(rows, table, _checks(columns))
    again = repeated(table, rows)
    if len(again):
        rows = rows.join(again, on=ROW, how="anti", maintain_order="left")
    rows = rows.with_columns(known=pl.max_horizontal("at", "known"))
    return EventRows(
        events=rows.select("deal", "at", "known", "kind", "actor", "stage"),
        outcomes=_outcomes(rows, mapping=mapping),
        attributes=_attributes(rows, table, attributes=attributes),
        rejects=rejects,
        duplicates=len(again),
        notices=tuple(_unseen(rows, mapping=mapping)),
    )


def _rows(table: Table, *, mapping: Mapping, columns: LogColumns) -> pl.DataFrame:
    zone = ZoneInfo(columns.tz) if columns.tz else mapping.zone
    frame = table.frame
    texts = {"deal": columns.deal, "bare": columns.kind, "actor": columns.actor}
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(frame))
    made = {name: frame[column].cast(pl.String) if column else nothing for name, column in texts.items()}
    made["at"] = parse_times(frame[columns.at], zone=zone)
    made["known"] = parse_times(frame[columns.known] if columns.known else nothing, zone=zone)
    made["at_given"] = frame[columns.at].is_not_null()
    made["known_given"] = frame[columns.known].is_not_null() if columns.known else made["at_given"]
    joined = pl.concat_str(
        [pl.col(columns.kind), *map(pl.col, columns.detail)], separator="|", ignore_nulls=True
    )
    made["kind"] = frame.select(joined)[columns.kind] if columns.detail else made["bare"]
    rows = pl.DataFrame({ROW: frame[ROW], **made})
    return rows.with_columns(stage=_stage(table, mapping=mapping))


def _checks(columns: LogColumns) -> list[Check]:
    checks = [
        Check("deal_missing", columns.deal, pl.col("deal").is_null()),
        Check("time_missing", columns.at, ~pl.col("at_given")),
        Check("time_unreadable", columns.at, pl.col("at").is_null()),
        Check("kind_missing", columns.kind, pl.col("bare").is_null()),
    ]
    if columns.known:
        unreadable = pl.col("known_given") & pl.col("known").is_null()
        checks.append(Check("time_unreadable", columns.known, unreadable))
    return checks


def _stage(table: Table, *, mapping: Mapping) -> pl.Expr | pl.Series:
    rule = mapping.stage
    if rule is None:
        return pl.lit(None, dtype=pl.String)
    if rule.column is not None:
        return table.frame[rule.column].cast(pl.String)
    if rule.prefix is not None:
        moves = pl.col("bare").str.starts_with(rule.prefix)
    else:
        moves = pl.col("bare").is_in(rule.kinds) | pl.col("kind").is_in(rule.kinds)
    return pl.when(moves).then(pl.col("bare"))


def _outcomes(rows: pl.DataFrame, *, mapping: Mapping) -> pl.DataFrame:
    """Return each deal's first outcome event, by when it was known; of two at once, the first by name."""
    if mapping.outcome is None:
        return rows.head(0).select("deal", closed="known", outcome=pl.lit(None, dtype=pl.String))
    outcome = pl.lit(None, dtype=pl.String)
    for name in ("bare", "kind"):  # the joined kind says more, so it has the last word
        for side in ("won", "lost"):
            named = pl.col(name).is_in(getattr(mapping.outcome, side))
            outcome = pl.when(named).then(pl.lit(side)).otherwise(outcome)
    closing = rows.with_columns(outcome=outcome).filter(pl.col("outcome").is_not_null())
    closing = closing.sort("deal", "known", "at", "kind", "outcome")
    first = closing.unique(subset="deal", keep="first", maintain_order=True)
    return first.select("deal", closed="known", outcome="outcome")


def _attributes(rows: pl.DataFrame, table: Table, *, attributes: dict[str, str]) -> pl.DataFrame:
    """What each deal's first event says; of several at once, the first by everything that they say."""
    if not attributes:
        return rows.select("deal").unique()
    earliest = rows.group_by("deal").agg(pl.col("at").min())
    first = rows.select(ROW, "deal", "at", "known", "kind", "actor").join(earliest, on=["deal", "at"])
    cells = first.join(table.frame.select(ROW, *attributes.values()), on=ROW, suffix="\x00")
    # A column of the file may be called like one of the rows; the join then marked it.
    inside = set(first.columns) - {ROW}
    names = {name: f"{column}\x00" if column in inside else column for name, column in attributes.items()}
    cells = cells.sort("deal", "known", "kind", "actor", *names.values(), nulls_last=True)
    cells = cells.unique(subset="deal", keep="first", maintain_order=True)
    return cells.select(
        "deal", *(attribute(cells, column=column, name=name) for name, column in names.items())
    )


def _unseen(rows: pl.DataFrame, *, mapping: Mapping) -> Iterable[Notice]:
    """Name what the mapping expects of kinds and never occurs: most often a slip of the pen."""
    kinds = set(rows["bare"].unique()) | set(rows["kind"].unique())
    expected: list[str] = []
    if mapping.outcome is not None:
        expected += [*mapping.outcome.won, *mapping.outcome.lost]
    if mapping.stage is not None:
        expected += mapping.stage.kinds
        prefix = mapping.stage.prefix
        if prefix is not None and not any(kind.startswith(prefix) for kind in kinds):
            expected.append(prefix)
    for name in expected:
        if name not in kinds:
            yield unseen_value(name, known=kinds)


def unseen_value(name: str, *, known: Iterable[str]) -> Notice:
    """Return the notice that the mapping names a value which the data do not have."""
    near = closest(name, known)
    return Notice(
        code="value_unseen",
        count=0,
        zh=f"映射里写的 {name!r} 在数据中从未出现。",
        en=f"The mapping names {name!r}, which never occurs in the data.{near}",
    )
