"""`DealForecaster`: fit on a log's past, forecast its open deals, say why, and be kept.

>>> from datetime import date
>>> from foresail.science.forecaster import DealForecaster
>>> from foresail.science.simulator import simulate
>>> log = simulate(seed=7, deals=150).log()
>>> forecaster = DealForecaster().fit(log, as_of=date(2025, 3, 1))
>>> forecast = forecaster.predict(log, at=date(2025, 3, 1))
>>> bool((forecast["p_won"] + forecast["p_lost"] + forecast["p_open"]).is_between(0.999999, 1.000001).all())
True
>>> reason = forecaster.explain(log, at=date(2025, 3, 1))[0].drivers[0]
>>> isinstance(reason.en, str)
True
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Self

import polars as pl

from foresail.science.forecaster.card import ModelCard
from foresail.science.forecaster.core import Core, Moment
from foresail.science.forecaster.explain import Change, Explanation, WhatIf, explain, explained, what_if
from foresail.science.forecaster.storage import load, save
from foresail.science.growing import GrowingLog
from foresail.science.log import DealLog


class DealForecaster(Core):
    """Forecasts won, lost and open of every open deal, with the swing, verdicts and risk.

    `horizon` and `every` are days between a landmark and its verdict, and between landmarks; `target`
    is how often a verdict should be right. The same data and `seed` give the same forecast.
    """

    def explain(
        self, log: DealLog, *, at: Moment | None = None, deals: Sequence[str] | None = None
    ) -> tuple[Explanation, ...]:
        """Explain the forecast of `deals` (all open ones if None) at the instant `at`, in the order of their ids.

        Raises LogError for a deal that is not open then.
        """
        return explain(self, log, at=at, deals=deals)

    def predict_with_reasons(
        self,
        log: DealLog | GrowingLog,
        *,
        at: Moment | None,
        deals: Collection[str] | None = None,
    ) -> tuple[pl.DataFrame, tuple[Explanation, ...]]:
        """Return what `predict` and `explain` do, looking once. Of `deals`, those that are not open are left out."""
        look = self.look(log, at=at, deals=deals)
        scores = self.score(look.log, look.rows, look.table)
        return self.tabulate(look.log, look.rows, scores), explained(self, look, scores)

    def what_if(
        self, log: DealLog | GrowingLog, *, at: Moment, deal: str, changes: Sequence[Change]
    ) -> WhatIf:
        """Return p(won finally) of `deal` at `at` as it is, and as it would read with `changes` made.

        It tells what went with such facts in past deals: an association, not a promise. Raises
        LogError for an unknown deal, kind, stage or person.
        """
        return what_if(self, log, at=at, deal=deal, changes=changes)

    @property
    def card(self) -> ModelCard:
        """The model card. Raises ModelError before `fit`."""
        return ModelCard.of(self)

    def save(self, folder: Path) -> None:
        """Write the model and its card to `folder`, in place of a model there. Raises ModelError if it is no model."""
        save(self, folder, card=self.card)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a model back. Raises ModelError where the folder holds none, or a damaged one."""
        settings, fitted = load(folder)
        forecaster = cls(**settings)
        forecaster.restore(fitted)
        return forecaster
