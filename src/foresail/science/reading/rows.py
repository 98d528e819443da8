"""What both tables share: finding their columns, setting bad rows aside, and telling numbers from words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from foresail.science.errors import MappingError
from foresail.science.mapping import EVERY_COLUMN, closest
from foresail.science.reading.table import ROW, Table
from foresail.science.reading.text import SURPLUS

REASONS = {
    "deal_missing": ("没有商机编号", "no deal id"),
    "duplicate_deal": ("编号与另一行相同，内容却不同", "another row has this id and says something else"),
    "kind_missing": ("没有说明发生了什么", "nothing says what happened"),
    "time_missing": ("没有发生时间", "no time"),
    "time_unreadable": ("时间无法识别", "the time cannot be read"),
    "opened_missing": ("已有结果，却没有创建日期", "an outcome but no opening date and no event"),
    "closed_missing": ("已有结果，却没有结束日期", "an outcome but no closing date"),
    "cells_surplus": ("单元格多于表头的列", "more cells than the header has columns"),
}
"""Why a row is set aside: code → (zh, en)."""

SHOWN = 100
"""A rejected value is cut to this many characters."""

RESERVED = frozenset({"deal", "opened", "closed", "outcome"})
"""Names that a deal's table uses itself; an attribute so called gets a trailing underscore.

An attribute called `owner` or `amount` is the deal's owner or amount, unless the mapping names another.
"""


@dataclass(frozen=True)
class Notice:
    """Something done or seen while reading that is no error: `code`, how often, and the words for it."""

    code: str
    count: int
    zh: str
    en: str


@dataclass(frozen=True)
class Check:
    """A row where `bad` holds is set aside because of `why`; `column` is the file's, None for the surplus."""

    why: str
    column: str | None
    bad: pl.Expr


def find_columns(table: Table, wanted: dict[str, str | None]) -> None:
    """Raise MappingError for the first of `wanted` (mapping key → column) that the file does not have."""
    for key, name in wanted.items():
        if name is not None and name not in table.columns:
            raise MappingError(
                f"{key} = {name!r}, but {table.name} has no such column.{closest(name, table.columns)} "
                f"Its columns are: {', '.join(table.columns)}."
            )


def attribute_columns(
    table: Table, *, names: Sequence[str], used: Iterable[str | None], reserved: Iterable[str] = ()
) -> dict[str, str]:
    """Return the attributes as name in the log → column of the file. `reserved` names are taken as well."""
    if tuple(names) == (EVERY_COLUMN,):
        taken = set(used)
        names = [name for name in table.columns if name not in taken]
    return {f"{name}_" if name in {*RESERVED, *reserved} else name: name for name in names}


def attribute(cells: pl.DataFrame, *, column: str, name: str) -> pl.Series:
    """Return the attribute `name` from its `column` of the cells."""
    values = cells[column]
    if name == "amount":
        return amounts(values).alias(name)
    return (values.cast(pl.String) if name == "owner" else number_or_text(values)).alias(name)


def sift(rows: pl.DataFrame, table: Table, checks: Sequence[Check]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part `rows` into the good and, by the first check each fails, rejects [ROW, column, value, why]."""
    if SURPLUS in table.frame.columns:
        surplus = table.frame.select(ROW, SURPLUS)
        rows = rows.join(surplus, on=ROW, how="left", maintain_order="left")
        checks = [Check("cells_surplus", None, pl.col(SURPLUS).is_not_null()), *checks]
    failed = pl.lit(None, dtype=pl.Int32)
    for number in reversed(range(len(checks))):
        failed = pl.when(checks[number].bad).then(pl.lit(number, dtype=pl.Int32)).otherwise(failed)
    failures = rows.select(failed.alias("failed"))["failed"]
    if failures.null_count() == len(rows):
        return rows, rejects_of(rows.head(0), table, check=checks[0])
    good = rows.filter(failures.is_null())
    parts = [
        rejects_of(rows.filter(failures == number), table, check=check) for number, check in enumerate(checks)
    ]
    return good.drop(SURPLUS, strict=False), pl.concat(parts)


def rejects_of(rows: pl.DataFrame, table: Table, *, check: Check) -> pl.DataFrame:
    """Return rejects [ROW, column, value, why] for all of `rows`, with the value as it stands in the file."""
    value = pl.col(check.column or SURPLUS).cast(pl.String).str.slice(0, SHOWN)
    cells = table.frame.select(ROW, value.alias("value")) if len(rows) else rows.select(ROW, value=pl.lit(""))
    return cells.join(rows.select(ROW), on=ROW, how="semi").select(
        ROW, column=pl.lit(check.column, dtype=pl.String), value="value", why=pl.lit(check.why)
    )


def repeated(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Return [ROW] of those of `rows` that equal an earlier one of them in every column of the file."""
    cells = table.frame.select(ROW, *table.columns)
    if len(rows) < len(cells):
        cells = cells.join(rows.select(ROW), on=ROW, how="semi")
    alike = cells.filter(cells.select(table.columns).hash_rows().is_duplicated())
    first = alike.unique(subset=table.columns, keep="first", maintain_order=True)
    return alike.join(first, on=ROW, how="anti").select(ROW)


def number_or_text(column: pl.Series) -> pl.Series:
    """Return `column` as Float64 if every value in it is a number, else as String."""
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return column.cast(pl.Float64).fill_nan(None)
    if column.dtype != pl.String:
        return column.cast(pl.String)
    numbers = column.str.strip_chars().cast(pl.Float64, strict=False)
    if numbers.null_count() > column.null_count() or numbers.is_infinite().any():
        return column
    return numbers.fill_nan(None)


def amounts(column: pl.Series) -> pl.Series:
    """Return sums of money as Float64: a currency sign and thousands commas are allowed, else null."""
    if column.dtype != pl.String:
        return column.cast(pl.Float64).fill_nan(None)
    plain = column.str.strip_chars().str.replace(r"^(-?)\s*(?:[¥￥$€£]|[A-Z]{3}\s)\s*", "${1}")
    grouped = plain.str.contains(r"^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
    plain = pl.select(pl.when(grouped).then(plain.str.replace_all(",", "")).otherwise(plain)).to_series()
    numbers = plain.cast(pl.Float64, strict=False)
    return pl.select(pl.when(numbers.is_finite()).then(numbers)).to_series()
