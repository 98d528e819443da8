"""From files and their mapping to a `DealLog`, with an account of what was left out and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from foresail.science.errors import MappingError, ReadError, TooManyRejects
from foresail.science.log import DealLog
from foresail.science.mapping import DealColumns, LogColumns, Mapping
from foresail.science.reading.deals import DealRows, read_deals
from foresail.science.reading.events import EventRows, read_events
from foresail.science.reading.rows import REASONS, Notice
from foresail.science.reading.source import Progress
from foresail.science.reading.table import ROW, Table, read_table

MOST_BYTES = 4 << 30
"""How much data a file may hold once decompressed, unless the caller says otherwise: 4 GiB."""

MOST_REJECTS = 0.05
"""The share of a table's rows that may be set aside before reading is refused."""


@dataclass(frozen=True, eq=False)
class Reading:
    """A log, and what became of the rows that are not in it.

    `rejects` has one line per row set aside: `line` (1-based, the header being line 1; where a record
    spans lines, its first; in Parquet the row's number plus one), `column` (null for surplus cells),
    `value` (cut to 100 characters), `why` (a code of `REASONS`) and `file`. `duplicates` counts rows
    identical to another in every column; they are dropped, except in a table of deals without ids.
    """

    log: DealLog
    rejects: pl.DataFrame
    duplicates: int
    notices: tuple[Notice, ...]

    def write_rejects(self, path: Path) -> None:
        """Write the rejects as CSV in UTF-8 with a mark, so that spreadsheets show Chinese."""
        self.rejects.write_csv(path, include_bom=True)


def read_log(
    *,
    mapping: Mapping,
    path: Path | None = None,
    allow_rejects: bool = False,
    max_bytes: int = MOST_BYTES,
    progress: Progress | None = None,
) -> Reading:
    """Read the files that `mapping` describes: CSV or XES, gzipped or not, or Parquet, told by content.

    `path` stands in for the file of [log], or of [deals] where there is no [log]. `max_bytes` limits each
    file after decompression. `progress` is called with the share done, 0 to 1.

    Raises MappingError where a column is missing, ReadError where a file is absent, damaged, too large
    or empty, and TooManyRejects where more than 5 % of a table's rows are set aside without
    `allow_rejects`.
    """
    steps = _Steps(progress, parts=2 if mapping.log and mapping.deals else 1)
    events, deals = None, None
    tables: list[Table] = []
    if mapping.log is not None:
        table = _open(mapping, mapping.log, key="log", path=path, max_bytes=max_bytes, steps=steps)
        events = read_events(table, mapping=mapping, columns=mapping.log)
        _check_share(events.rejects, table, allow=allow_rejects)
        tables.append(table)
    if mapping.deals is not None:
        own = path if mapping.log is None else None
        table = _open(mapping, mapping.deals, key="deals", path=own, max_bytes=max_bytes, steps=steps)
        empty = pl.Series("deal", [], dtype=pl.String)
        active = events.events["deal"].unique() if events else empty
        deals = read_deals(table, mapping=mapping, columns=mapping.deals, with_events=active)
        _check_share(deals.rejects, table, allow=allow_rejects)
        tables.append(table)
    parts = [part for part in (events, deals) if part is not None]
    rejects = [_located(part.rejects, table) for part, table in zip(parts, tables, strict=True)]
    frame, notices = _combine(events, deals)
    if not len(frame):
        raise ReadError(f"No row of {tables[-1].name} tells of a deal that has opened.")
    log = DealLog.build(deals=frame, events=events.events if events else None, zone=mapping.zone)
    steps(1.0)
    return Reading(
        log=log,
        rejects=pl.concat(rejects),
        duplicates=sum(part.duplicates for part in parts),
        notices=(*(notice for part in parts for notice in part.notices), *notices),
    )


class _Steps:
    """Turns the progress of one file into that of the whole: opening a file is most of its work."""

    def __init__(self, progress: Progress | None, *, parts: int) -> None:
        self.progress, self.parts, self.done = progress, parts, 0

    def __call__(self, share: float) -> None:
        if self.progress is not None:
            self.progress(share if share == 1.0 else (self.done + 0.5 * share) / self.parts)

    def inside(self, share: float) -> None:
        """Report `share` of the file at hand."""
        self(min(share, 0.999))

    def next(self) -> None:
        """Report that the file at hand is read."""
        self.done += 1


def _open(
    mapping: Mapping,
    columns: LogColumns | DealColumns,
    *,
    key: str,
    path: Path | None,
    max_bytes: int,
    steps: _Steps,
) -> Table:
    if path is None:
        if columns.file is None:
            raise MappingError(f'[{key}] file: is missing. Write file = "…", or name the file to read.')
        path = mapping.folder / columns.file
    if not path.is_file():
        raise ReadError(f"There is no file {path}.")
    table = read_table(
        path,
        separator=columns.separator,
        encoding=columns.encoding,
        max_bytes=max_bytes,
        progress=steps.inside,
    )
    steps.next()
    return table


def _located(rejects: pl.DataFrame, table: Table) -> pl.DataFrame:
    located = rejects.with_columns(line=table.line_of(rejects[ROW]), file=pl.lit(table.name))
    return located.select("line", "column", "value", "why", "file").sort("line")


def _check_share(rejects: pl.DataFrame, table: Table, *, allow: bool) -> None:
    rows = len(table.frame)
    if allow or len(rejects) <= MOST_REJECTS * rows:
        return
    counts = rejects["why"].value_counts(sort=True)
    reasons = ", ".join(f"{count:,} × {why} ({REASONS[why][1]})" for why, count in counts.iter_rows())
    first = _located(rejects, table).row(0, named=True)
    raise TooManyRejects(
        f"{len(rejects):,} of {rows:,} rows of {table.name} cannot be read: {reasons}. The first is line "
        f"{first['line']}, column {first['column']!r}, value {first['value']!r}. Mend the mapping or the "
        "file, or allow rejects to go on without these rows."
    )


def _combine(events: EventRows | None, deals: DealRows | None) -> tuple[pl.DataFrame, list[Notice]]:
    """Make one row per deal. Of two closings the earlier holds: nothing after it may be used."""
    if events is None:
        assert deals is not None
        return _clamped(deals.deals)
    seen = events.attributes.join(events.outcomes, on="deal", how="left")
    if deals is None:
        return seen, []
    refused = seen["deal"].is_in(deals.refused.implode())
    seen = seen.filter(~refused)
    joined = seen.join(deals.deals, on="deal", how="full", coalesce=True, suffix="\x00")
    from_table = pl.col("closed").is_null() | (pl.col("closed\x00") < pl.col("closed")).fill_null(value=False)
    chosen = {
        name: pl.when(from_table).then(pl.col(f"{name}\x00")).otherwise(pl.col(name))
        for name in ("closed", "outcome")
    }
    notices = []
    disagree = int((joined["outcome"] != joined["outcome\x00"]).sum())
    if disagree:
        zh = f"{disagree} 个商机在事件与商机表中的结果不一致，以较早的一个为准。"
        en = f"{disagree} deals ended otherwise in the events than in the table: the earlier one holds."
        notices.append(Notice("outcomes_disagree", disagree, zh, en))
    absent = len(seen) - len(seen.join(deals.deals, on="deal", how="semi"))
    if absent:
        zh = f"{absent} 个商机只出现在事件中，商机表里没有。"
        en = f"{absent} deals are in the events and not in the table: they open with their first event."
        notices.append(Notice("deals_absent", absent, zh, en))
    # Where both tables have an attribute of one name, the table of deals has the last word.
    frame = joined.with_columns(**chosen)
    doubled = [name for name in frame.columns if f"{name}\x00" in frame.columns and name not in chosen]
    own = {name: pl.col(f"{name}\x00") for name in doubled}
    own |= {name: pl.coalesce(own[name], name) for name in ("owner", "amount") if name in own}
    frame = frame.with_columns(**own)
    frame, clamped = _clamped(frame.drop(name for name in frame.columns if name.endswith("\x00")))
    return frame, notices + clamped


def _clamped(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Notice]]:
    """Count the deals that close before they open; `DealLog.build` lets them close as they open."""
    count = int((frame["closed"] < frame["opened"]).sum())
    if not count:
        return frame, []
    zh = f"{count} 个商机的结束早于创建，按创建时即结束处理。"
    en = f"{count} deals close before they open: taken as closed when they opened."
    return frame, [Notice("closed_before_opened", count, zh, en)]
