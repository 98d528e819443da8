"""Three simple forecasts that ours has to beat on the same rows.

Each counts what became of past rows, as the past was known when it was fitted: of the deals that had
ended, which were won; of the rows a horizon old, what the deal was by then. `Prior` counts over all
rows, `StageRate` per stage, `NaiveBayes` per stage, owner, attribute and band of value.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from foresail.science.errors import ModelError
from foresail.science.features.view import View
from foresail.science.forecaster.horizon import STATES, reconcile
from foresail.science.forecaster.verdict import Thresholds
from foresail.science.landmarks import Rows, add_days, midnights_before, open_rows, undated_rows
from foresail.science.log import Codes, DealLog, Outcome
from foresail.science.time import to_datetime

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

ENDINGS = 2
"""How a deal can end, as classes: 0 lost, 1 won. The classes of a state are its `Outcome`."""

BANDS = 5
LAPLACE = 1.0
"""Added to each class where a rate is counted."""
SMOOTHING = 0.1
"""Added to each count of naive Bayes."""


@dataclass(frozen=True, eq=False)
class Values:
    """One property of rows: `code` (n_rows,) into `names`, -1 where the row has none."""

    code: Codes
    names: tuple[str, ...]


Property = Callable[[DealLog, Rows], Values]
"""What a baseline looks at."""


def everyone(_: DealLog, rows: Rows) -> Values:
    """Return nothing that would tell one row from another."""
    return Values(np.full(len(rows), -1, dtype=np.int32), ())


def stage(log: DealLog, rows: Rows) -> Values:
    """Return the stage of each row's deal at the row's instant."""
    return Values(View(log, rows).stage, log.events.stages)


def owner(log: DealLog, rows: Rows) -> Values:
    """Return the owner of each row's deal."""
    return Values(log.deals.owner[rows.deal], log.deals.owners)


def category(log: DealLog, rows: Rows, *, attribute: str) -> Values:
    """Return the value of a text attribute."""
    column = _attribute(log, attribute, pl.String)
    names = column.drop_nulls().unique().sort()
    code = column.cast(pl.Enum(names)).to_physical().cast(pl.Int32).fill_null(-1).to_numpy()
    return Values(code[rows.deal], tuple(names))


def band(log: DealLog, rows: Rows, *, attribute: str | None, edges: Vector) -> Values:
    """Return in which band between `edges` a number lies: an attribute, or the amount if `attribute` is None."""
    number = _numbers(log, attribute)[rows.deal]
    code = np.where(np.isnan(number), -1, np.searchsorted(edges, number, side="right"))
    return Values(code.astype(np.int32), tuple(str(i + 1) for i in range(len(edges) + 1)))


@dataclass(frozen=True, eq=False)
class Counts:
    """How many training rows of each class had each value of one property: value → (n_classes,).

    Values are kept by name, since another log numbers them in its own way; None is "has none".
    """

    of_value: dict[str | None, Vector]
    classes: int

    @classmethod
    def tally(cls, values: Values, label: npt.NDArray[np.int8], *, classes: int) -> Counts:
        """Count rows by value and `label` (n_rows,), 0 … classes − 1."""
        table = np.zeros((len(values.names) + 1, classes))
        np.add.at(table, (values.code, label), 1)
        named = zip((*values.names, None), table, strict=True)
        return cls({name: count for name, count in named if count.any()}, classes)

    def look_up(self, values: Values) -> Matrix:
        """Return the counts of each row's value (n_rows, n_classes): zeros for a value never seen."""
        unseen = np.zeros(self.classes)
        table = np.stack([self.of_value.get(name, unseen) for name in (*values.names, None)])
        return table[values.code]


Learnt = Sequence[tuple[Counts, Values]]
"""For each property, what training rows counted, and the values of the rows to be told about."""


def rate(properties: Learnt) -> Matrix:
    """Return the share of each class (n_rows, n_classes) among training rows with the row's one value."""
    ((counts, values),) = properties
    return _shares(counts.look_up(values) + LAPLACE)


def naive_bayes(properties: Learnt) -> Matrix:
    """Return P(class) ∏ P(value | class), made to sum to one (n_rows, n_classes).

    A property keeps one place for all values never seen. One that no training row had says nothing.
    """
    rows_of_class = sum(properties[0][0].of_value.values(), np.zeros(properties[0][0].classes))
    total = np.tile(np.log(rows_of_class + SMOOTHING), (len(properties[0][1].code), 1))
    for counts, values in properties:
        if counts.of_value.keys() <= {None}:
            continue
        places = len(counts.of_value) + 1
        total += np.log((counts.look_up(values) + SMOOTHING) / (rows_of_class + SMOOTHING * places))
    return _shares(np.exp(total - total.max(axis=1, keepdims=True)))


def _shares(parts: Matrix) -> Matrix:
    whole: Matrix = parts.sum(axis=1, keepdims=True)
    return parts / whole


class Baseline(ABC):
    """A forecast from counts. Each kind says which properties it looks at, and by which rule if not `rate`.

    `thresholds` make its verdicts; until they are set it names none.
    """

    rule = staticmethod(rate)

    def __init__(self, *, horizon: int = 14, every: int = 2) -> None:
        """Look `horizon` days ahead; learn from landmarks `every` days apart."""
        self.horizon = horizon
        self.every = every
        self.thresholds = Thresholds()
        self._properties: tuple[Property, ...] = ()
        self._final: tuple[Counts, ...] = ()
        self._state: tuple[Counts, ...] = ()

    @abstractmethod
    def properties(self, past: DealLog) -> tuple[Property, ...]:
        """Return what to look at, at least one property, as learnt from `past`."""

    def fit(self, log: DealLog, *, as_of: int) -> Self:
        """Learn from `log` as it stood just before `as_of`; a log without dates is taken whole.

        A row is a past open deal at a landmark stepping back from `as_of`. Those of deals closed by
        then say how deals end; those with landmark + horizon ≤ `as_of` what they are at the horizon.
        """
        past = log.as_of(as_of - 1) if log.dated else log
        rows = self._past_rows(past, as_of) if log.dated else undated_rows(past)
        closed, outcome = past.deals.closed[rows.deal], past.deals.outcome[rows.deal]
        self._properties = self.properties(past)
        ended = outcome != Outcome.OPEN
        self._final = self._tally(past, rows.take(ended), outcome[ended] == Outcome.WON, classes=ENDINGS)
        until = add_days(rows.at, self.horizon, zone=log.zone)
        known = (until <= as_of) & log.dated
        state = np.where(closed <= until, outcome, np.int8(Outcome.OPEN))
        self._state = self._tally(past, rows.take(known), state[known], classes=STATES)
        return self

    def chances(self, log: DealLog, rows: Rows) -> tuple[Vector, Matrix]:
        """Return p(won finally) (n_rows,) and the chances (n_rows, 3) of open, won, lost at the horizon.

        They agree: p_won ≤ p_won_final ≤ 1 − p_lost. Raises ModelError before `fit`.
        """
        if not self._properties:
            raise ModelError("This baseline has not been fitted yet. Call fit(log, as_of=…) first.")
        values = [look(log, rows) for look in self._properties]
        won_finally = self.rule(list(zip(self._final, values, strict=True)))[:, 1]
        state = self.rule(list(zip(self._state, values, strict=True)))
        return won_finally, reconcile(state[:, None, :], won_finally)[:, 0, :]

    def predict(self, log: DealLog, *, at: Sequence[int]) -> pl.DataFrame:
        """Return one line per deal open at each instant of `at`, ordered by deal and instant.

        Columns: `deal`, `at` (UTC), `p_won_final`, `p_won`, `p_lost`, `p_open`, `verdict` ("won", "lost"
        or null). A log without dates gives one line per deal, with `at`, state and verdict null.
        """
        instants = np.unique(np.array(at, dtype=np.int64))
        rows = open_rows(log, landmarks=instants) if log.dated else undated_rows(log)
        won_finally, state = self.chances(log, rows)
        frame = pl.DataFrame(
            {
                "deal": pl.Series(log.deals.ids[rows.deal], dtype=pl.String),
                "at": pl.Series(rows.at).cast(pl.Datetime("us", "UTC")),
                "p_won_final": won_finally,
                "p_won": state[:, Outcome.WON],
                "p_lost": state[:, Outcome.LOST],
                "p_open": state[:, Outcome.OPEN],
                "verdict": pl.Series(self.thresholds.decide(state).tolist(), dtype=pl.String),
            }
        )
        dated = pl.lit(log.dated)
        return frame.with_columns(pl.when(dated).then(pl.all().exclude("deal", "p_won_final")))

    def _past_rows(self, past: DealLog, as_of: int) -> Rows:
        start = to_datetime(as_of, zone=past.zone).date()
        first = min(past.first, as_of)  # a past without deals has no first instant
        landmarks = midnights_before(start=start, first=first, every=self.every, zone=past.zone)
        return open_rows(past, landmarks=landmarks)

    def _tally(
        self, past: DealLog, rows: Rows, label: npt.NDArray[Any], *, classes: int
    ) -> tuple[Counts, ...]:
        label = label.astype(np.int8)
        return tuple(Counts.tally(look(past, rows), label, classes=classes) for look in self._properties)


class Prior(Baseline):
    """Base rates: the same for every deal."""

    def properties(self, past: DealLog) -> tuple[Property, ...]:
        return (everyone,)


class StageRate(Baseline):
    """The rate of each stage, Laplace-smoothed: what most CRMs offer."""

    def properties(self, past: DealLog) -> tuple[Property, ...]:
        return (stage,)


class NaiveBayes(Baseline):
    """Stage, owner, text attributes and band of value, taken as independent of one another in each class."""

    rule = staticmethod(naive_bayes)

    def properties(self, past: DealLog) -> tuple[Property, ...]:
        attributes = past.deals.attributes
        texts = [name for name in attributes.columns if attributes[name].dtype == pl.String]
        return (stage, owner, *(partial(category, attribute=name) for name in texts), *_bands(past))


def _bands(past: DealLog) -> tuple[Property, ...]:
    """Return the band of the amount or, where no deal has one, of the first number that any has."""
    attributes = past.deals.attributes
    numbers = [name for name in attributes.columns if attributes[name].dtype == pl.Float64]
    for name in (None, *numbers):
        number = _numbers(past, name)
        seen = number[~np.isnan(number)]
        if len(seen):
            edges = np.quantile(seen, np.arange(1, BANDS) / BANDS)
            return (partial(band, attribute=name, edges=edges),)
    return ()


def _numbers(log: DealLog, attribute: str | None) -> Vector:
    if attribute is None:
        return log.deals.amount
    return _attribute(log, attribute, pl.Float64).fill_null(np.nan).to_numpy()


def _attribute(log: DealLog, name: str, dtype: type[pl.String | pl.Float64]) -> pl.Series:
    """Return an attribute (n_deals,), null where a deal, or the whole log, does not have it."""
    if name not in log.deals.attributes.columns:
        return pl.Series(name, [None] * len(log.deals), dtype=dtype)
    return log.deals.attributes[name].cast(dtype, strict=False)
