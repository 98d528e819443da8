"""The bytes of a file, decompressed a piece at a time, and never more of them than allowed."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from foresail.science.errors import ReadError

Progress = Callable[[float], None]
"""Called with the share that is done, 0 to 1."""

GZIP = b"\x1f\x8b"
_PIECE = 1 << 20


def opening(path: Path, *, size: int) -> bytes:
    """Return the first `size` bytes of the (decompressed) file. Raises ReadError."""
    pieces = _pieces(path, piece=min(size, _PIECE))
    opened = b""
    for piece in pieces:
        opened += piece
        if len(opened) >= size:
            break
    return opened[:size]


def stream(path: Path, *, max_bytes: int, progress: Progress | None = None) -> Iterator[bytes]:
    """Yield the (decompressed) bytes of the file. Raises ReadError where it is damaged or too large."""
    total = 0
    for piece in _pieces(path, piece=_PIECE, progress=progress):
        total += len(piece)
        if total > max_bytes:
            raise too_large(path, max_bytes=max_bytes)
        yield piece


def too_large(path: Path, *, max_bytes: int) -> ReadError:
    """Return the error that a file holds more than `max_bytes`."""
    return ReadError(
        f"{path.name} holds more than {max_bytes:,} bytes once decompressed. If that is meant, allow more; if "
        "not, the file may be damaged or made to do harm."
    )


def is_gzip(path: Path) -> bool:
    """Whether the content is compressed by gzip. Raises ReadError if the file cannot be opened."""
    try:
        with path.open("rb") as file:
            return file.read(2) == GZIP
    except OSError as error:
        raise ReadError(f"{path} cannot be opened: {error.strerror}.") from error


def _pieces(path: Path, *, piece: int, progress: Progress | None = None) -> Iterator[bytes]:
    compressed = is_gzip(path)
    size = max(path.stat().st_size, 1)
    done = 0
    try:
        with path.open("rb") as raw:
            file = gzip.GzipFile(fileobj=raw) if compressed else raw
            while data := file.read(piece):
                done += len(data)
                if progress is not None:
                    progress(min(raw.tell() / size, 1.0))
                yield data
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ReadError(
            f"{path.name} is damaged after {done:,} decompressed bytes: its gzip data is cut off or broken. "
            "Copy or export the file again."
        ) from error
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror}.") from error
