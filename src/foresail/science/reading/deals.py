"""The table of deals: when each opened and closed, how it ended, whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from foresail.science.mapping import DealColumns, Mapping
from foresail.science.reading.events import unseen_value
from foresail.science.reading.rows import (
    Check,
    Notice,
    amounts,
    attribute,
    attribute_columns,
    find_columns,
    rejects_of,
    repeated,
    sift,
)
from foresail.science.reading.table import ROW, Table
from foresail.science.reading.times import parse_times

_FIELDS = ("deal", "opened", "closed", "result", "owner", "amount")


@dataclass(frozen=True, eq=False)
class DealRows:
    """The readable deals [deal, opened, closed, outcome, owner, amount, …attributes].

    `refused` are the ids of the deals of which every row was set aside.
    """

    deals: pl.DataFrame
    refused: pl.Series
    rejects: pl.DataFrame
    duplicates: int
    notices: tuple[Notice, ...]


def read_deals(table: Table, *, mapping: Mapping, columns: DealColumns, with_events: pl.Series) -> DealRows:
    """Make deals of the rows of `table`. Raises MappingError where it lacks a column.

    `with_events` has the ids of the deals that open with an event: they need no opening date.
    A closing date without an outcome is a plan and is ignored. A deal that has no opening date, no event
    and no outcome has not opened yet: it is left out and counted in a notice.
    """
    wanted = {key: getattr(columns, key) for key in _FIELDS}
    find_columns(table, {f"[deals] {key}": name for key, name in wanted.items()})
    taken = [key for key in ("owner", "amount") if wanted[key] is not None]
    attributes = attribute_columns(table, names=columns.attributes, used=wanted.values(), reserved=taken)
    for name in attributes.values():
        find_columns(table, {"[deals] attributes": name})

    rows, notices = _rows(table, mapping=mapping, columns=columns)
    checks = _checks(columns, dated=mapping.dated, with_events=with_events)
    good, rejects = sift(rows, table, checks)
    again = repeated(table, good)
    if columns.deal is not None:
        good = good.join(again, on=ROW, how="anti", maintain_order="left")
        good, twice = _one_per_deal(good, table, column=columns.deal)
        rejects = pl.concat([rejects, twice])
    refused = rows.join(good, on="deal", how="anti")["deal"].drop_nulls().unique()
    if mapping.dated:
        unopened = good.filter(
            pl.col("opened").is_null()
            & pl.col("outcome").is_null()
            & ~pl.col("deal").is_in(with_events.implode())
        )
        if len(unopened):
            good = good.join(unopened, on=ROW, how="anti", maintain_order="left")
            notices.append(_not_opened(len(unopened)))
    cells = good.select(ROW).join(table.frame, on=ROW, how="left", maintain_order="left")
    found = [attribute(cells, column=column, name=name) for name, column in attributes.items()]
    kept = good.select("deal", "opened", "closed", "outcome", "owner", "amount")
    return DealRows(
        deals=kept.with_columns(found),
        refused=refused,
        rejects=rejects,
        duplicates=len(again),
        notices=tuple(notices),
    )


def _rows(table: Table, *, mapping: Mapping, columns: DealColumns) -> tuple[pl.DataFrame, list[Notice]]:
    zone = ZoneInfo(columns.tz) if columns.tz else mapping.zone
    frame = table.frame
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(frame))

    def text(column: str | None) -> pl.Series:
        return frame[column].cast(pl.String) if column else nothing

    def times(column: str | None) -> pl.Series:
        return parse_times(frame[column] if column else nothing, zone=zone)

    outcome = dict.fromkeys(columns.won, "won") | dict.fromkeys(columns.lost, "lost")
    result = text(columns.result)
    amount = amounts(frame[columns.amount]) if columns.amount else nothing.cast(pl.Float64)
    rows = pl.DataFrame(
        {
            ROW: frame[ROW],
            "deal": text(columns.deal) if columns.deal else (frame[ROW] + 1).cast(pl.String),
            "opened": times(columns.opened),
            "closed": times(columns.closed),
            "opened_given": text(columns.opened).is_not_null(),
            "closed_given": text(columns.closed).is_not_null(),
            "outcome": result.replace_strict(outcome, default=None, return_dtype=pl.String),
            "owner": text(columns.owner),
            "amount": amount,
        }
    ).with_columns(closed=pl.when(pl.col("outcome").is_not_null()).then("closed"))
    seen = set(result.unique()) if columns.result else set(outcome)
    notices = [unseen_value(name, known=seen - {None}) for name in outcome if name not in seen]
    unread = (amount.null_count() - frame[columns.amount].null_count()) if columns.amount else 0
    if unread:
        zh, en = (
            f"{unread} 行的金额无法识别，按未知处理。",
            f"{unread} amounts cannot be read: taken as unknown.",
        )
        notices.append(Notice("amount_unreadable", unread, zh, en))
    return rows, notices


def _checks(columns: DealColumns, *, dated: bool, with_events: pl.Series) -> list[Check]:
    checks = []
    if columns.deal:
        checks.append(Check("deal_missing", columns.deal, pl.col("deal").is_null()))
    if columns.opened:
        unreadable = pl.col("opened_given") & pl.col("opened").is_null()
        checks.append(Check("time_unreadable", columns.opened, unreadable))
    ended = pl.col("outcome").is_not_null()
    if columns.closed:
        missing = ended & pl.col("closed").is_null()
        checks.append(Check("time_unreadable", columns.closed, missing & pl.col("closed_given")))
        checks.append(Check("closed_missing", columns.closed, missing))
    if dated:
        unknown = ended & pl.col("opened").is_null() & ~pl.col("deal").is_in(with_events.implode())
        checks.append(Check("opened_missing", columns.opened or columns.deal, unknown))
    return checks or [Check("deal_missing", None, pl.lit(value=False))]


def _one_per_deal(rows: pl.DataFrame, table: Table, *, column: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Keep of each deal the row that sorts first by its text, whatever its place in the file."""
    several = rows.filter(pl.col("deal").is_duplicated()).select(ROW, "deal")
    texts = [pl.col(name).cast(pl.String) for name in table.columns]
    cells = table.frame.join(several, on=ROW, how="semi").select(ROW, *texts)
    cells = cells.sort(table.columns, nulls_last=True)
    kept = cells.unique(subset=column, keep="first", maintain_order=True)
    others = several.join(kept, on=ROW, how="anti")
    rejects = rejects_of(others, table, check=Check("duplicate_deal", column, pl.lit(value=True)))
    return rows.join(others, on=ROW, how="anti", maintain_order="left"), rejects


def _not_opened(count: int) -> Notice:
    return Notice(
        code="deals_not_opened",
        count=count,
        zh=f"{count} 个商机还没有创建日期，也没有结果，视为尚未启动，未计入。",
        en=f"{count} deals have no opening date and no outcome: not opened yet, left out.",
    )
