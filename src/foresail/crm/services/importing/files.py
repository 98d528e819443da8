"""Uploaded files, as they are kept for a while: as they came, and as the table of text that was read from them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl
from django.conf import settings

from foresail.core.sheets import FileUnreadable

TABLE: Final = "table.parquet"
ORIGINAL: Final = "original"


def folder(key: int) -> Path:
    """Return where the file of an import lies."""
    return Path(settings.HOME.folder) / "imports" / str(key)


def keep(columns: pl.DataFrame, original: Path, *, key: int) -> None:
    """Keep a file and what was read from it under the key of its import."""
    place = folder(key)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    keep_table(columns, key=key)
    shutil.move(original, place / ORIGINAL)


def keep_table(columns: pl.DataFrame, *, key: int) -> None:
    """Keep what was read from a file, in the place of what was read before."""
    part = folder(key) / f"{TABLE}.part"
    columns.write_parquet(part)
    part.replace(folder(key) / TABLE)


def forget(key: int) -> None:
    shutil.rmtree(folder(key), ignore_errors=True)


def is_kept(key: int) -> bool:
    return (folder(key) / TABLE).exists()


def rows_of(key: int, *, start: int = 0, count: int | None = None) -> list[list[str]]:
    """Return `count` rows from `start` on, an empty text for each empty cell. Raises FileUnreadable once it is gone."""
    frame = frame_of(key).slice(start, count).fill_null("")
    return [list(row) for row in frame.iter_rows()]


def batches(key: int, *, start: int, size: int) -> Iterator[tuple[int, list[list[str]]]]:
    """Yield the rows from `start` on, `size` at once, with the number of the first of them, from 0."""
    frame = frame_of(key)
    for begin in range(start, len(frame), size):
        yield begin, [list(row) for row in frame.slice(begin, size).fill_null("").iter_rows()]


def frame_of(key: int) -> pl.DataFrame:
    try:
        return pl.read_parquet(folder(key) / TABLE)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise FileUnreadable("gone") from error
