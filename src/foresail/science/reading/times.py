"""Times as people and machines write them, a whole column at once.

Read are ISO 8601 with an offset or without (extended or basic; `T` or a space; seconds and fraction
optional), dates, and the forms of spreadsheets in China: `2011/10/1 0:38`, `2011.10.1`, `2011年10月1日
0时38分`. A fraction may have any number of digits; the microseconds are kept. Offsets may differ from
row to row. Numbers since an epoch and day-first or month-first dates are not read: they are ambiguous.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl

INSTANT = pl.Datetime("us", "UTC")

_NAIVE = pl.Datetime("us")
_QUICK_ZONED = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z")
_QUICK_NAIVE = (
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y/%m/%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d",
)
_QUICK = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$"
_SAMPLE = 1_000

_ZONE = r"\s*([Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?)?\s*$"
_EXTENDED = (
    r"^\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[Tt\s]\s*(\d{1,2})[:时点](\d{1,2})(?:分|[:分](\d{1,2})(?:[.,](\d+))?秒?)?)?" + _ZONE
)
_BASIC = r"^\s*(\d{4})(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(?:(\d\d)(?:[.,](\d+))?)?)?" + _ZONE
_PARTS = ("year", "month", "day", "hour", "minute", "second", "fraction", "zone")
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_LONGEST_GAP = pl.duration(hours=26)


def parse_times(column: pl.Series, *, zone: ZoneInfo) -> pl.Series:
    """Return `column` as instants, Datetime("us", "UTC"), null where it is no time.

    Naive times are local in `zone`. A local time that the clocks skip is read with the offset before
    the change, one that comes twice is the first: as datetime does with fold 0. Instants before 1900
    and from 2100 on stand for "none" in many systems ("9999-12-31") and are read as no time.
    """
    instants = _convert(column, zone=zone)
    return pl.select(pl.when(instants.is_between(_FIRST, _LAST, closed="left")).then(instants)).to_series()


def _convert(column: pl.Series, *, zone: ZoneInfo) -> pl.Series:
    if isinstance(column.dtype, pl.Datetime):
        if column.dtype.time_zone is not None:
            return column.dt.convert_time_zone("UTC").cast(INSTANT)
        return _localise(column.cast(_NAIVE), zone=zone)
    if column.dtype == pl.Date:
        return _localise(column.cast(_NAIVE), zone=zone)
    return _parse_texts(column.cast(pl.String), zone=zone)


def _parse_texts(texts: pl.Series, *, zone: ZoneInfo) -> pl.Series:
    """Try the common forms in bulk where a sample shows them; what is left goes through the full grammar.

    The bulk parser also takes strange things ("+2024- 1-05"). Only texts that the grammar knows are given
    to it, so what is read does not depend on the sample.
    """
    quick = pl.select(pl.when(texts.str.contains(_QUICK)).then(texts)).to_series()
    sample = quick.drop_nulls().head(_SAMPLE)
    instants = pl.Series([None], dtype=INSTANT).new_from_index(0, len(texts))
    for form in (*_QUICK_ZONED, *_QUICK_NAIVE):
        if _in_form(sample, form, zone=zone).null_count() < len(sample):
            instants = instants.zip_with(instants.is_not_null(), _in_form(quick, form, zone=zone))
    frame = pl.DataFrame({"text": texts})
    left = frame.filter(instants.is_null() & texts.is_not_null()).unique()
    if not len(left):
        return instants
    left = left.with_columns(_in_full(left["text"], zone=zone).alias("full"))
    full = frame.join(left, on="text", how="left", maintain_order="left")["full"]
    return instants.zip_with(instants.is_not_null(), full)


def _in_form(texts: pl.Series, form: str, *, zone: ZoneInfo) -> pl.Series:
    parsed = texts.str.to_datetime(form, time_unit="us", strict=False)
    return parsed.cast(INSTANT) if form in _QUICK_ZONED else _localise(parsed, zone=zone)


def _in_full(texts: pl.Series, *, zone: ZoneInfo) -> pl.Series:
    """Take the texts apart by the grammar and put them together in the one form polars reads strictly."""
    extended = texts.str.extract_groups(_EXTENDED).struct.rename_fields(list(_PARTS)).struct.unnest()
    basic = texts.str.extract_groups(_BASIC).struct.rename_fields(list(_PARTS)).struct.unnest()
    parts = extended.select(pl.coalesce(pl.col(name), basic[name].alias(f"basic_{name}")) for name in _PARTS)
    two = {
        name: pl.col(name).fill_null("00").str.zfill(2)
        for name in ("month", "day", "hour", "minute", "second")
    }
    text = pl.format(
        "{}-{}-{}T{}:{}:{}.{}",
        pl.col("year"),
        *two.values(),
        pl.col("fraction").fill_null("0").str.slice(0, 6),
    )
    zoned = pl.format("{}{}", text, pl.col("zone").str.to_uppercase().replace({"UTC": "Z", "GMT": "Z"}))
    written = parts.select(naive=pl.when(pl.col("zone").is_null()).then(text), zoned=zoned)
    naive = _in_form(written["naive"], _QUICK_NAIVE[0], zone=zone)
    return naive.zip_with(naive.is_not_null(), _in_form(written["zoned"], _QUICK_ZONED[0], zone=zone))


def _localise(naive: pl.Series, *, zone: ZoneInfo) -> pl.Series:
    def to_utc(local: pl.Expr) -> pl.Expr:
        placed = local.dt.replace_time_zone(zone.key, ambiguous="earliest", non_existent="null")
        return placed.dt.convert_time_zone("UTC")

    local = pl.col("local")
    # A skipped time lies inside a change of the clocks: count from the day before, whose offset is known.
    before = to_utc(local - _LONGEST_GAP) + _LONGEST_GAP
    return pl.DataFrame({"local": naive}).select(pl.coalesce(to_utc(local), before)).to_series()
