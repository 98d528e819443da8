"""Deal: what was known when it opened, as numbers or as the record of similar deals."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from foresail.science.features.people import record_of
from foresail.science.features.registry import Feature
from foresail.science.features.view import Column, Groups, View
from foresail.science.features.vocabulary import Vocabulary


def family(view: View, vocabulary: Vocabulary) -> Iterator[tuple[Feature, Column]]:
    """Yield the amount, the attributes, and when in day and week the deal opened."""
    log, rows = view.log, view.rows
    numbers, row_of = np.unique(rows.deal, return_inverse=True)
    asked = log.deals.attributes[numbers] if log.deals.attributes.width else log.deals.attributes
    if vocabulary.amount:
        yield Feature("amount", "amount", "金额", "the amount", "deal_as_opened"), log.deals.amount[rows.deal]
    for name in vocabulary.numbers:
        values = asked[name].cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
        yield (
            Feature(f"attribute:{name}", f"attribute:{name}", name, name, "deal_as_opened"),
            values[row_of],
        )
    for name, value in vocabulary.levels:
        yield (
            Feature(
                f"is:{name}={value}",
                f"attribute:{name}",
                f"{name}为“{value}”",
                f"{name} is {value}",
                "deal_as_opened",
            ),
            (asked[name] == value).fill_null(value=False).cast(pl.Float64).to_numpy()[row_of],
        )
    for name in vocabulary.categories if log.dated else ():
        group = _groups(log.deals.attributes[name])
        yield (
            Feature(
                f"record:{name}",
                f"attribute:{name}",
                f"同“{name}”商机的历史赢单率",
                f"past win rate of deals with the same {name}",
                "other_outcomes",
            ),
            record_of(log, group, group[rows.deal], rows),
        )
    if log.dated:
        opened = pl.Series(log.deals.opened[numbers]).cast(pl.Datetime("us", "UTC"))
        local = opened.dt.convert_time_zone(str(log.zone))
        yield (
            Feature("opened_hour", "opening", "开启时刻(时)", "hour of the day it opened", "deal_as_opened"),
            local.dt.hour().cast(pl.Float64).to_numpy()[row_of],
        )
        yield (
            Feature(
                "opened_weekday", "opening", "开启于星期几", "day of the week it opened", "deal_as_opened"
            ),
            local.dt.weekday().cast(pl.Float64).to_numpy()[row_of],
        )


def _groups(values: pl.Series) -> Groups:
    """Return a code for each value, 0 where there is none."""
    codes = values.cast(pl.String).cast(pl.Categorical).to_physical()
    return (codes.cast(pl.Int64) + 1).fill_null(0).to_numpy()
