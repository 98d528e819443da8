"""A file as a table of columns, whatever its format, with the line on which each row stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from foresail.science.errors import ReadError
from foresail.science.reading.source import Progress, opening, too_large
from foresail.science.reading.text import SURPLUS, Text, read_text
from foresail.science.reading.xes import read_xes

ROW = "\x00row"
"""The column with the number of the record in its file, from 0. No column of a file can be called so."""

_NESTED = (pl.List, pl.Array, pl.Struct, pl.Binary, pl.Object)


@dataclass(frozen=True, eq=False)
class Table:
    """The rows of one file. `frame` has the file's columns (text where the format has no types) and ROW.

    The line of a record is known from the `text` it stood in or from `lines` (n_records,).
    """

    name: str
    frame: pl.DataFrame
    text: Text | None = None
    lines: npt.NDArray[np.int64] | None = None

    @property
    def columns(self) -> list[str]:
        """The names of the file's own columns."""
        return [name for name in self.frame.columns if name not in (ROW, SURPLUS)]

    def line_of(self, rows: pl.Series) -> pl.Series:
        """Return the 1-based line where each of the records `rows` begins; in Parquet its number plus one."""
        records = rows.to_numpy().astype(np.int64)
        if self.lines is not None:
            return pl.Series(self.lines[records], dtype=pl.Int64)
        if self.text is not None and len(records):
            records = records + self.text.breaks[records] + self.text.header - 1
        return pl.Series(records + 2, dtype=pl.Int64)


def read_table(
    path: Path,
    *,
    separator: str | None,
    encoding: str | None,
    max_bytes: int,
    progress: Progress | None = None,
) -> Table:
    """Read `path`, its format judged by content. Raises ReadError."""
    head = opening(path, size=4096)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise ReadError(f"{path.name} is empty.")
    if head.startswith(b"PAR1"):
        table = _read_parquet(path, max_bytes=max_bytes)
    elif head.startswith(b"PK\x03\x04"):
        raise ReadError(f"{path.name} is a zip archive or an Excel workbook. Save the sheet as CSV (UTF-8).")
    elif start.startswith(b"<") or _is_utf16_xml(head):
        frame, lines = read_xes(path, max_bytes=max_bytes, progress=progress)
        table = Table(name=path.name, frame=frame, lines=lines)
    else:
        if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise ReadError(f"{path.name} is neither CSV, Parquet nor XES.")
        text = read_text(path, separator=separator, encoding=encoding, max_bytes=max_bytes, progress=progress)
        table = Table(name=path.name, frame=text.frame, text=text)
    return _tidy(table)


def _is_utf16_xml(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe<\x00", b"\xfe\xff\x00<"))


def _read_parquet(path: Path, *, max_bytes: int) -> Table:
    try:
        scan = pl.scan_parquet(path, glob=False)
        rows = scan.select(pl.len()).collect().item()
        width = len(scan.collect_schema())
        if max(rows * width, path.stat().st_size) > max_bytes:
            raise too_large(path, max_bytes=max_bytes)
        frame = scan.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ReadError(f"{path.name} is damaged: {_first_line(error)}") from error
    return Table(name=path.name, frame=frame)


def _tidy(table: Table) -> Table:
    """Number the records, leave out empty lines, and make plain types: an empty text is a null."""
    frame = table.frame.select(
        column for column in table.frame if not isinstance(column.dtype, _NESTED)
    ).with_row_index(ROW)
    names = [name for name in frame.columns if name not in (ROW, SURPLUS)]
    frame = frame.select(*names, *[name for name in (ROW, SURPLUS) if name in frame.columns])
    changes = []
    for name in names:
        column = frame[name]
        if column.dtype in (pl.Categorical, pl.Enum):
            changes.append(pl.col(name).cast(pl.String))
        elif isinstance(column.dtype, pl.Decimal):
            changes.append(pl.col(name).cast(pl.Float64))
        elif column.dtype == pl.Null:
            changes.append(pl.col(name).cast(pl.String))
        elif column.dtype == pl.String and (column == "").any():
            changes.append(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name))
    frame = frame.with_columns(changes)
    if not len(frame):
        raise ReadError(f"{table.name} has a header and no rows.")
    if names and frame[names[0]].null_count():
        frame = frame.filter(~pl.all_horizontal(pl.exclude(ROW).is_null()))
    if not len(frame):
        raise ReadError(f"{table.name} has no row with anything in it.")
    return replace(table, frame=frame)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
