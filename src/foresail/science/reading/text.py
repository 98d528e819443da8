"""Delimited text: which encoding and separator it has, and its cells as columns of text."""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from foresail.science.errors import ReadError
from foresail.science.reading.source import Progress, is_gzip, opening, stream, too_large

SEPARATORS = (",", ";", "\t", "|")

SURPLUS = "\x00surplus"
"""The column with what stands in a row beyond the last column of the header. No file has one so called."""

_HEAD = 1 << 18
_SNIFFED_ROWS = 50
_UTF8 = ("utf-8", "utf8", "utf-8-sig", "ascii")


@dataclass(frozen=True, eq=False)
class Text:
    """The cells of a text file, all String. `header` counts the lines above the first record."""

    frame: pl.DataFrame
    header: int

    @cached_property
    def breaks(self) -> npt.NDArray[np.int64]:
        """How many line breaks inside quotes stand above each record, (n_records,)."""
        per_row = np.zeros(len(self.frame), dtype=np.int64)
        for column in self.frame:
            per_row += column.str.count_matches("\n", literal=True).fill_null(0).to_numpy()
        return np.cumsum(per_row) - per_row


def read_text(
    path: Path,
    *,
    separator: str | None,
    encoding: str | None,
    max_bytes: int,
    progress: Progress | None = None,
) -> Text:
    """Read the delimited text at `path`; what is None is found out from the content. Raises ReadError.

    A row with too few cells is filled up with empty ones; what a row has too many lies in the last
    column, SURPLUS, which is there only in such a file.
    """
    with _as_utf8(path, encoding=encoding, max_bytes=max_bytes, progress=progress) as plain:
        head = opening(plain, size=_HEAD).decode("utf-8", errors="ignore").removeprefix("\ufeff")
        separator = separator or sniff_separator(head)
        names, header = _header(head, separator=separator, name=path.name)
        frame = _read_cells(plain, names=names, header=header, separator=separator, name=path.name)
    return Text(frame=frame, header=header)


def sniff_separator(head: str) -> str:
    """Return the separator under which most of the first rows have as many cells as the header."""
    best, best_score = SEPARATORS[0], (0.0, 0)
    for separator in SEPARATORS:
        reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
        try:
            widths = [len(row) for row, _ in zip(reader, range(_SNIFFED_ROWS), strict=False) if row]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            rows = widths[1:-1] or widths[1:] or widths
            score = (sum(width == widths[0] for width in rows) / len(rows), widths[0])
            if score > best_score:
                best, best_score = separator, score
    return best


@contextmanager
def _as_utf8(
    path: Path, *, encoding: str | None, max_bytes: int, progress: Progress | None
) -> Iterator[Path]:
    """Yield the path of the file in plain UTF-8: itself, or a temporary copy that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="foresail-") as folder:
        plain = path
        if is_gzip(path):
            plain = Path(folder) / "plain"
            with plain.open("wb") as file:
                file.writelines(stream(path, max_bytes=max_bytes, progress=progress))
            progress = None
        elif path.stat().st_size > max_bytes:
            raise too_large(path, max_bytes=max_bytes)
        pieces = stream(plain, max_bytes=max_bytes, progress=progress)
        encoding = encoding or _sniff_encoding(pieces)
        if encoding.lower().replace("_", "-") in _UTF8:
            yield plain
            return
        copy = Path(folder) / "copy"
        _transcode(plain, copy, encoding=encoding, name=path.name, max_bytes=max_bytes)
        yield copy


def _sniff_encoding(pieces: Iterable[bytes]) -> str:
    """Return utf-16 by its mark, utf-8 if every byte is valid as such, else gb18030."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    first = True
    try:
        for piece in pieces:
            if first and piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return "utf-16"
            first = False
            if decoder.getstate()[0] or not piece.isascii():
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _transcode(path: Path, copy: Path, *, encoding: str, name: str, max_bytes: int) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    try:
        with copy.open("wb") as file:
            for piece in stream(path, max_bytes=max_bytes):
                file.write(decoder.decode(piece).encode("utf-8"))
                done += len(piece)
            file.write(decoder.decode(b"", final=True).encode("utf-8"))
    except UnicodeError as error:
        raise ReadError(
            f"{name} is not text in {encoding}: see the bytes after {done:,}. Save it as UTF-8, or name its "
            "encoding in the mapping."
        ) from error


def _header(head: str, *, separator: str, name: str) -> tuple[list[str], int]:
    """Return the column names, made unique, and the number of lines they take."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
    try:
        cells = next(row for row in reader if row)
    except (csv.Error, StopIteration) as error:
        raise ReadError(f"{name} has no header: its first line must name the columns.") from error
    names: list[str] = []
    for number, cell in enumerate(cells, start=1):
        wanted = cell.strip() or f"column {number}"
        again = sum(1 for other in cells[: number - 1] if other.strip() == wanted)
        names.append(f"{wanted} ({again + 1})" if again else wanted)
    if len(set(names)) < len(names):
        raise ReadError(f"{name} names a column twice in its header. Give each its own name.")
    return names, reader.line_num


def _read_cells(path: Path, *, names: list[str], header: int, separator: str, name: str) -> pl.DataFrame:
    try:
        frame = pl.read_csv(
            path,
            has_header=False,
            skip_lines=header,
            separator=separator,
            schema=dict.fromkeys([*names, SURPLUS], pl.String),
            missing_columns="insert",
            extra_columns="ignore",
            truncate_ragged_lines=True,
            glob=False,
        )
    except pl.exceptions.PolarsError as error:
        where = _open_quote(path)
        cause = f"look for a stray quotation mark near line {where}" if where else str(error).splitlines()[0]
        raise ReadError(f"{name} is not well-formed: {cause}.") from error
    return frame.drop(SURPLUS) if frame[SURPLUS].null_count() == len(frame) else frame


def _open_quote(path: Path) -> int | None:
    """Return the first line with an odd number of quotation marks, where a broken cell most likely is."""
    with path.open("rb") as file:
        return next((number for number, line in enumerate(file, start=1) if line.count(b'"') % 2), None)
