"""Point-in-time features: what was knowable of each open deal at each landmark."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from foresail.science.features import course, deal, dialogue, kinds, pace, people, pipeline
from foresail.science.features.registry import Family, Feature
from foresail.science.features.view import Column, View
from foresail.science.features.vocabulary import Vocabulary
from foresail.science.landmarks import Rows
from foresail.science.log import DealLog
from foresail.science.parallel import side_by_side

__all__ = ["FAMILIES", "Feature", "FeatureTable", "Vocabulary", "compute_features", "features_of"]

WITHIN_DEALS: tuple[Family, ...] = (
    pace.family,
    kinds.family,
    course.family,
    dialogue.family,
    people.handovers,
)
"""Families that see nothing but the row's own deal, so that deals can be taken in parts."""

ACROSS_DEALS: tuple[Family, ...] = (people.family, pipeline.queue, pipeline.family, deal.family)
"""Families that also see other deals."""

ACROSS_ROWS = pipeline.queue
"""That of `ACROSS_DEALS` which also sees the other rows."""

FAMILIES = WITHIN_DEALS + ACROSS_DEALS
"""Every family, in the order of their columns."""


Columns = list[tuple[Feature, Column]]


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Features of rows: `values` (n_rows, n_features) float64, NaN where there is nothing to say."""

    features: tuple[Feature, ...]
    values: npt.NDArray[np.float64]

    def column(self, name: str) -> npt.NDArray[np.float64]:
        """Return the column of the feature `name` (n_rows,)."""
        return self.values[:, [feature.name for feature in self.features].index(name)]

    def take(self, rows: npt.NDArray[np.bool_]) -> FeatureTable:
        """Return the table of the rows where the mask `rows` (n_rows,) is true."""
        return FeatureTable(self.features, self.values[rows])


def compute_features(
    log: DealLog, rows: Rows, *, vocabulary: Vocabulary, wanted: npt.NDArray[np.bool_] | None = None
) -> FeatureTable:
    """Compute every feature of `rows` from what `log` knew at each row's instant.

    With the mask `wanted` (n_rows,) only of the rows where it is true; the others are there all the same: a queue
    is as long as it is, whoever asks. In a log without dates only what was known when the deal opened counts.
    Time grows with events + rows x kinds; there is no loop over deals or landmarks.
    """
    whole = View(log, rows)
    return features_of(whole, whole if wanted is None else whole.only(wanted), vocabulary, wanted)


def features_of(
    whole: View, asked: View, vocabulary: Vocabulary, wanted: npt.NDArray[np.bool_] | None
) -> FeatureTable:
    """Compute the features of the rows that `asked` views: all rows of `whole`, or `whole.only(wanted)`."""
    if not whole.log.dated:
        table = _table([(slice(None), [])], _evaluate((deal.family,), whole, vocabulary), len(whole.rows))
        return table if wanted is None else table.take(wanted)
    parts = list(whole.parts()) if wanted is None else [(slice(None), asked)]
    across, *within = side_by_side(
        [partial(_across, whole, vocabulary, wanted)]
        + [partial(_evaluate, WITHIN_DEALS, part, vocabulary) for _, part in parts]
    )
    places = [place for place, _ in parts]
    return _table(zip(places, within, strict=True), across, len(asked.rows))


def _evaluate(families: tuple[Family, ...], view: View, vocabulary: Vocabulary) -> Columns:
    return [pair for family in families for pair in family(view, vocabulary)]


def _across(whole: View, vocabulary: Vocabulary, wanted: npt.NDArray[np.bool_] | None) -> Columns:
    if wanted is None:
        return _evaluate(ACROSS_DEALS, whole, vocabulary)
    some = replace(whole, rows=whole.rows.take(wanted), of_company=whole.clock)
    columns: Columns = []
    for family in ACROSS_DEALS:
        if family is ACROSS_ROWS:
            columns += [(feature, column[wanted]) for feature, column in family(whole, vocabulary)]
        else:
            columns += family(some, vocabulary)
    return columns


def _table(parts: Iterable[tuple[slice, Columns]], across: Columns, n_rows: int) -> FeatureTable:
    """Lay the columns of `parts` (some rows each) and of `across` (all rows) side by side."""
    values = np.empty((n_rows, 0))
    within: Columns = []
    for place, within in parts:
        if not values.shape[1]:
            values = np.empty((n_rows, len(within) + len(across)), order="F")
        for i, (_, column) in enumerate(within):
            values[place, i] = column
    for i, (_, column) in enumerate(across, start=len(within)):
        values[:, i] = column
    return FeatureTable(tuple(feature for feature, _ in [*within, *across]), values)
