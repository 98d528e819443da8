"""Pipeline: the queue the deal stands in, how the whole pipeline has fared lately, and the calendar."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from foresail.science.features.registry import Feature
from foresail.science.features.view import ClosedBefore, Column, View
from foresail.science.features.vocabulary import Vocabulary
from foresail.science.time import DAY


def queue(view: View, vocabulary: Vocabulary) -> Iterator[tuple[Feature, Column]]:
    """Yield the queue in the stage: of all deals that have a row at the same landmark."""
    if not vocabulary.stages:
        return
    ahead, size = _queue(view)
    yield (
        Feature(
            "queue_ahead", "queue", "同阶段排在前面的商机数", "deals ahead in the same stage", "open_pipeline"
        ),
        ahead,
    )
    yield (
        Feature("queue_size", "queue", "同阶段在手商机数", "open deals in the same stage", "open_pipeline"),
        size,
    )


def family(view: View, vocabulary: Vocabulary) -> Iterator[tuple[Feature, Column]]:
    """Yield recent wins, closes and arrivals, and the landmark's place in week and month."""
    log, rows = view.log, view.rows
    if not vocabulary.seasons:
        return
    spans = (7, 30)
    asked = np.concatenate([rows.at, *(np.unique(rows.at) - span * DAY for span in spans)])
    everybody = ClosedBefore(log, np.zeros(len(log.deals), dtype=np.int64), asked=asked)
    opened = np.sort(log.deals.opened)
    nobody = np.zeros(len(rows), dtype=np.int64)
    for span in spans:
        wins, closes = everybody.rates(nobody, rows.at, days_back=span)
        yield (
            Feature(
                f"win_rate_{span}d",
                "market",
                f"近 {span} 天整体赢单率",
                f"everybody's win rate in the last {span} days",
                "other_outcomes",
            ),
            (wins + 1) / (closes + 3),
        )
        arrived = np.searchsorted(opened, rows.at, "right") - np.searchsorted(
            opened, rows.at - span * DAY, "right"
        )
        yield (
            Feature(
                f"closing_pace_{span}d",
                "market",
                f"近 {span} 天关闭与新增之比",
                f"closed to opened deals in the last {span} days",
                "open_pipeline",
            ),
            np.log((closes + 1) / (arrived + 1)),
        )
    local = pl.Series(rows.at).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(str(log.zone))
    month_left = (local.dt.month_end().dt.date() - local.dt.date()).dt.total_days()
    yield (
        Feature("weekday", "calendar", "星期几", "day of the week", "calendar"),
        local.dt.weekday().cast(pl.Float64).to_numpy(),
    )
    yield (
        Feature("month_left", "calendar", "距月底天数", "days left in the month", "calendar"),
        month_left.cast(pl.Float64).to_numpy(),
    )
    to_quarter = (2 - (local.dt.month() - 1) % 3).cast(pl.Float64) * 30.0
    yield (
        Feature("quarter_left", "calendar", "距季末天数", "days left in the quarter, about", "calendar"),
        (to_quarter + month_left.cast(pl.Float64)).to_numpy(),
    )


def _queue(view: View) -> tuple[Column, Column]:
    """Return how many rows of the same landmark and stage have been in it longer, and how many there are."""
    waited = np.nan_to_num(view.stage_moves.since_last, nan=-1.0)
    order = np.lexsort((view.rows.deal, -waited, view.stage, view.rows.at))
    at, stage, place = view.rows.at[order], view.stage[order], np.arange(len(order))
    starts = np.ones(len(order), dtype=bool)
    starts[1:] = (at[1:] != at[:-1]) | (stage[1:] != stage[:-1])
    begin = np.maximum.accumulate(np.where(starts, place, 0))
    group = np.cumsum(starts) - 1
    ahead, size = np.empty(len(order)), np.empty(len(order))
    ahead[order] = place - begin
    size[order] = np.bincount(group, minlength=1)[group] if len(order) else 0.0
    return ahead, size
