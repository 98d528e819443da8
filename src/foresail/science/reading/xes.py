"""XES event logs (IEEE 1849), read as a stream: memory grows with the events, not with the XML.

Attributes of a trace and of its events become columns of text, named by their keys. The trace's name is
always `case:concept:name`; another key that traces and events share is `case:<key>` for the trace.
Attributes inside attributes are left out. A document type or an entity is refused: a log needs none,
and they are how an XML file does harm.
"""

from __future__ import annotations

from pathlib import Path
from xml.parsers import expat

import numpy as np
import numpy.typing as npt
import polars as pl

from foresail.science.errors import ReadError
from foresail.science.reading.source import Progress, stream

_VALUES = frozenset({"string", "date", "int", "float", "boolean", "id"})
_CHUNK = 100_000
_MOST_KEYS = 5_000
_LONGEST = 8 << 20
_TRACE = "\x00trace"


def read_xes(
    path: Path, *, max_bytes: int, progress: Progress | None = None
) -> tuple[pl.DataFrame, npt.NDArray[np.int64]]:
    """Return one row per event, all String, and the line of each event's element. Raises ReadError."""
    handler = _Handler(path.name)
    parser = expat.ParserCreate()
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.StartDoctypeDeclHandler = handler.refuse
    parser.EntityDeclHandler = handler.refuse
    handler.parser = parser
    fed = 0
    try:
        for piece in stream(path, max_bytes=max_bytes, progress=progress):
            parser.Parse(piece, False)
            fed += len(piece)
            if fed - parser.CurrentByteIndex > _LONGEST:
                raise ReadError(f"{path.name} has one value of more than {_LONGEST:,} bytes.")
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError) as error:
        line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber + 1
        raise ReadError(
            f"{path.name} is broken XML at line {line}, column {column}: {error}. Export the file again."
        ) from error
    return handler.table()


class _Rows:
    """Rows with any keys, gathered as columns and packed away by the chunk."""

    def __init__(self) -> None:
        self.columns: dict[str, list[str | None]] = {}
        self.keys: dict[str, None] = {}
        self.size = 0
        self.packed: list[pl.DataFrame] = []

    def add(self, row: dict[str, str]) -> None:
        for key, value in row.items():
            column = self.columns.get(key)
            if column is None:
                self.keys[key] = None
                column = self.columns[key] = []
            if len(column) < self.size:
                column.extend([None] * (self.size - len(column)))
            column.append(value)
        self.size += 1
        if self.size == _CHUNK:
            self._pack()

    def _pack(self) -> None:
        for column in self.columns.values():
            column.extend([None] * (self.size - len(column)))
        columns = {key: pl.Series(values, dtype=pl.String) for key, values in self.columns.items()}
        self.packed.append(pl.DataFrame(columns, height=self.size))
        self.columns, self.size = {}, 0

    def frame(self) -> pl.DataFrame:
        if self.size:
            self._pack()
        return pl.concat(self.packed, how="diagonal") if self.packed else pl.DataFrame()


class _Handler:
    """What expat calls: it follows the elements from log to trace to event to attribute."""

    parser: expat.XMLParserType

    def __init__(self, name: str) -> None:
        self.name = name
        self.events, self.traces = _Rows(), _Rows()
        self.trace_of: list[int | None] = []
        self.lines: list[int] = []
        self.n_traces = 0
        self.trace: dict[str, str] | None = None
        self.event: dict[str, str] | None = None
        self.elements: list[str] = []

    def refuse(self, *_: object) -> None:
        raise ReadError(
            f"{self.name} declares a document type or an entity at line {self.parser.CurrentLineNumber}. "
            "An XES log needs neither; take the declaration out if you trust the file."
        )

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        element = tag.rpartition(":")[2]
        parent = self.elements[-1] if self.elements else None
        self.elements.append(element)
        if parent is None and element != "log":
            raise ReadError(f"{self.name} is XML but not XES: its root is <{tag}>, not <log>.")
        if element == "trace" and parent == "log":
            self.trace = {}
        elif element == "event" and parent in ("trace", "log"):
            self.event = {}
            self.lines.append(self.parser.CurrentLineNumber)
        elif element in _VALUES and "key" in attributes and "value" in attributes:
            if parent == "event" and self.event is not None:
                self.event[attributes["key"]] = attributes["value"]
            elif parent == "trace" and self.trace is not None:
                self.trace[attributes["key"]] = attributes["value"]

    def end(self, tag: str) -> None:
        element = self.elements.pop()
        if element == "event" and self.event is not None:
            self.events.add(self.event)
            self.trace_of.append(None if self.trace is None else self.n_traces)
            self.event = None
        elif element == "trace" and self.trace is not None:
            self.traces.add(self.trace)
            self.n_traces += 1
            self.trace = None
        if len(self.events.keys) + len(self.traces.keys) > _MOST_KEYS:
            raise ReadError(f"{self.name} has more than {_MOST_KEYS:,} different attribute keys.")

    def table(self) -> tuple[pl.DataFrame, npt.NDArray[np.int64]]:
        """Join each event with its trace, and name the columns."""
        traces = self.traces.frame()
        shared = {"concept:name"} | self.events.keys.keys()
        traces = traces.rename({key: f"case:{key}" for key in traces.columns if key in shared})
        twice = self.events.keys.keys() & set(traces.columns)
        if twice:
            raise ReadError(
                f"{self.name}: {min(twice)!r} is a key of events and the name of a trace's column."
            )
        index = pl.Series(_TRACE, self.trace_of, dtype=pl.UInt32)
        events = self.events.frame().with_columns(index)
        frame = events.join(traces.with_row_index(_TRACE), on=_TRACE, how="left", maintain_order="left")
        return frame.drop(_TRACE), np.array(self.lines, dtype=np.int64)
