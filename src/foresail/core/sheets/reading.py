"""Files of tables: taken in within bounds, and read as text whatever their format."""

from __future__ import annotations

import codecs
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from foresail.core.sheets import sheet
from foresail.core.sheets.errors import FileUnreadable
from foresail.science.errors import ReadError
from foresail.science.reading.text import SURPLUS, read_text

MOST_BYTES: Final = 100 << 20
MOST_ROWS: Final = 500_000
MOST_COLUMNS: Final = 200
MOST_UNPACKED: Final = 600 << 20
"""Bytes that a workbook, or a compressed file, may hold."""
LONGEST_CELL: Final = 10_000
LONGEST_HEADER: Final = 200
_PIECE: Final = 1 << 20


def name_of(name: str) -> str:
    """Return the name of a file as it is shown: its last part, one line, not too long. It never becomes a path."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = " ".join("".join(c if c.isprintable() else " " for c in last).split())
    return plain[-200:] or "file"


def take(pieces: Iterable[bytes], *, into: Path) -> int:
    """Write what is uploaded to the file `into`; return its size. Raises FileUnreadable beyond MOST_BYTES."""
    size = 0
    with into.open("wb") as file:
        for piece in pieces:
            size += len(piece)
            if size > MOST_BYTES:
                raise FileUnreadable("large")
            file.write(piece)
    if not size:
        raise FileUnreadable("empty")
    return size


OTHERS: Final = (b"\xd0\xcf\x11\xe0", b"PAR1", b"\x7fELF", b"%PDF", b"\x89PNG", b"<?xml", b"<log")
"""How files begin that hold no table of text."""


def read(path: Path) -> tuple[list[str], pl.DataFrame]:
    """Return the names of the columns, and the rows as text in the columns "0", "1" …; empty cells are null.

    Its format is judged by content. Raises FileUnreadable.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PK\x03\x04"):
        return _limited(*_workbook(path))
    if head.removeprefix(codecs.BOM_UTF8).startswith(OTHERS):
        raise FileUnreadable("format")
    return _limited(*_text(path))


def _text(path: Path) -> tuple[list[str], pl.DataFrame]:
    try:
        text = read_text(path, separator=None, encoding=None, max_bytes=MOST_UNPACKED)
    except ReadError as error:
        raise FileUnreadable("damaged") from error
    return [name for name in text.frame.columns if name != SURPLUS], text.frame.drop(SURPLUS, strict=False)


def _workbook(path: Path) -> tuple[list[str], pl.DataFrame]:
    _require_harmless(path)
    with tempfile.TemporaryDirectory(prefix="foresail-") as temporary:
        out = Path(temporary) / "sheet.csv"
        done = subprocess.run(  # noqa: S603  (our own program, and two paths that we made)
            [sys.executable, "-P", sheet.__file__, str(path), str(out), str(MOST_ROWS)],
            check=False,
            capture_output=True,
        )
        match done.returncode:
            case 0:
                return _text(out)
            case sheet.EMPTY:
                raise FileUnreadable("empty")
            case sheet.TOO_MANY_ROWS:
                raise FileUnreadable("rows", most=f"{MOST_ROWS:,}")
            case sheet.DAMAGED:
                raise FileUnreadable("damaged")
            case _:
                raise FileUnreadable("bomb")


def _require_harmless(path: Path) -> None:
    """Unpack every part of an archive, a piece at a time, without believing what it says of its own sizes."""
    left = MOST_UNPACKED
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names and "xl/workbook.bin" not in names:
                raise FileUnreadable("format")
            if len(parts) > 5_000 or any(part.flag_bits & 1 for part in parts):
                raise FileUnreadable("bomb")
            for part in parts:
                file.seek(part.header_offset + 26)
                lengths = file.read(4)
                file.seek(int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"), 1)
                for size in _unpacked(file, part):
                    left -= size
                    if left < 0:
                        raise FileUnreadable("bomb")
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError) as error:
        raise FileUnreadable("damaged") from error


def _unpacked(file: object, part: zipfile.ZipInfo) -> Iterator[int]:
    """Yield the sizes of the pieces that a part of an archive unpacks to."""
    assert hasattr(file, "read")
    if part.compress_type == zipfile.ZIP_STORED:
        yield part.compress_size
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise FileUnreadable("format")
    unpacker, packed = zlib.decompressobj(-15), part.compress_size
    while packed > 0 and not unpacker.eof:
        piece = file.read(min(_PIECE, packed))
        if not piece:
            return
        packed -= len(piece)
        yield len(unpacker.decompress(piece, _PIECE))
        while unpacker.unconsumed_tail:
            yield len(unpacker.decompress(unpacker.unconsumed_tail, _PIECE))


def _limited(names: Sequence[str], frame: pl.DataFrame) -> tuple[list[str], pl.DataFrame]:
    """Bound the table, and make its texts fit to be kept: no NUL, nothing endless, no row without anything."""
    if len(names) > MOST_COLUMNS:
        raise FileUnreadable("columns", most=MOST_COLUMNS)
    numbered = [str(place) for place in range(len(names))]
    frame = frame.select(names).rename(dict(zip(names, numbered, strict=True)))
    clean = [
        pl.col(name).cast(pl.String).str.replace_all("\x00", "", literal=True).str.slice(0, LONGEST_CELL).str.strip_chars()
        for name in numbered
    ]  # fmt: skip
    frame = frame.with_columns(clean)
    frame = frame.with_columns(
        pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in numbered
    )
    frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))
    if not len(frame):
        raise FileUnreadable("empty")
    if len(frame) > MOST_ROWS:
        raise FileUnreadable("rows", most=f"{MOST_ROWS:,}")
    return [_header(name) for name in names], frame


def _header(name: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:LONGEST_HEADER]
