"""Files that a command writes: checked before the work begins, complete or not there at all."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foresail.site.cli.door import CommandError, Misuse
from foresail.site.cli.language import t

if TYPE_CHECKING:
    import polars as pl

STDOUT = Path("-")
"""Stands for stdout where JSON is asked for."""

TABLE_ENDINGS = (".csv", ".parquet")


def check_files(*files: Path | None, inputs: Iterable[Path | None] = ()) -> None:
    """Raise CommandError unless each of `files` can be written, and none stands for another or an input."""
    taken = {path.resolve() for path in inputs if path is not None}
    for path in files:
        if path is None or path == STDOUT:
            continue
        if path.is_dir():
            raise CommandError(t("error.is_folder", path=path))
        if path.resolve() in taken:
            raise Misuse(t("error.same_file", path=path))
        taken.add(path.resolve())
        if not path.parent.is_dir():
            raise CommandError(t("error.no_folder", folder=path.parent))
        if _is_special(path):
            continue
        probe = _beside(path.resolve())
        with explained(path):
            probe.touch(exist_ok=False)
            probe.unlink()


def check_table(path: Path | None) -> None:
    """Raise Misuse unless `path` ends as a table that can be written."""
    if path is not None and path.suffix.lower() not in TABLE_ENDINGS:
        raise Misuse(t("error.ending", path=path, endings=" / ".join(TABLE_ENDINGS)))


def make_folder(folder: Path) -> None:
    """Make `folder` and prove that it can be written to. Raises CommandError."""
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        probe = _beside(folder.resolve() / "probe")
        probe.touch(exist_ok=False)
        probe.unlink()


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Give a file to write in the place of `path`, and move it there once the work inside has succeeded."""
    if _is_special(path):
        yield path
        return
    target = path.resolve()  # a link stays a link
    part = _beside(target)
    try:
        with explained(path):
            yield part
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8."""
    with atomic(path) as part:
        part.write_text(text, encoding="utf-8")


def write_table(path: Path, table: pl.DataFrame) -> None:
    """Write `table` as CSV or Parquet by the ending. CSV has a mark, so that spreadsheets show Chinese."""
    writers: dict[str, Callable[[Path], None]] = {
        ".csv": lambda part: table.write_csv(part, include_bom=True),
        ".parquet": table.write_parquet,
    }
    with atomic(path) as part:
        writers[path.suffix.lower()](part)


def write_json(path: Path, value: object) -> None:
    """Write `value` as JSON to `path`, or to stdout for `-`. What is no number becomes null."""
    text = json.dumps(plain(value), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    if path == STDOUT:
        sys.stdout.write(text)
    else:
        write_text(path, text)


def plain(value: Any) -> Any:
    """Return `value` in the types of JSON: dates as ISO 8601, NaN and infinity as None."""
    match value:
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case date():
            return value.isoformat()
        case float() if not math.isfinite(value):
            return None
        case _:
            return value


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def _is_special(path: Path) -> bool:
    """Whether `path` is a device or a pipe, which nothing can be moved onto."""
    return path.exists() and not path.is_file() and not path.is_dir()


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn a refusal of the system to write at `path` into a sentence: CommandError."""
    try:
        yield
    except OSError as error:
        raise CommandError(t("error.write", path=path, why=error.strerror or str(error))) from error
