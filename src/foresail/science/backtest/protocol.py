"""The protocol of a backtest: which landmarks are tested, and what became of each row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from foresail.science.errors import LogError
from foresail.science.landmarks import Rows, add_days, midnights, open_rows, states
from foresail.science.log import DealLog, Outcome
from foresail.science.time import Instants, to_datetime, to_instant

FINAL_DAYS = 28
"""Days of log that must follow a landmark for its final outcomes to be judged."""
TESTED_SHARE = 4
"""Without a cutoff, the last quarter of the log that has known states is tested."""


@dataclass(frozen=True)
class Protocol:
    """When the model is fixed, which landmarks test it (from `cutoff`, before `until`), and how far ahead."""

    cutoff: date
    until: date
    every: int
    horizon: int

    @classmethod
    def of(
        cls, log: DealLog, *, cutoff: date | None, until: date | None, every: int, horizon: int
    ) -> Protocol:
        """Fill in what was not said. Raises LogError where nothing lies before or after the cutoff."""
        if every < 1 or horizon % every:
            raise LogError(
                f"The landmarks' distance ({every} days) must divide the horizon ({horizon} days)."
            )
        first = to_datetime(log.first, zone=log.zone).date()
        last = to_datetime(log.end, zone=log.zone).date()
        until = until or max(last - timedelta(days=horizon - 1), first + timedelta(days=1))
        cutoff = cutoff or until - timedelta(days=max(1, (until - first).days // TESTED_SHARE))
        if not first < cutoff:
            raise LogError(
                f"The cutoff {cutoff} lies before the log begins ({first}). Choose a later --cutoff."
            )
        if cutoff > last:
            raise LogError(
                f"The cutoff {cutoff} lies after the log ends ({last}). Choose an earlier --cutoff."
            )
        if until <= cutoff:
            raise LogError(f"Nothing to test: --until {until} does not lie after --cutoff {cutoff}.")
        return cls(cutoff, until, every, horizon)


@dataclass(frozen=True, eq=False)
class Trial:
    """The rows to judge, (n,) each: deals open at the test landmarks, and what became of them.

    `scored` are all rows forecast: those of the test and, for the swing, of a horizon more; `test`
    says which are the test's. `state` is that at the horizon, -1 where the log ends before. `judged`
    says which rows count for the final outcome.
    """

    scored: Rows
    test: npt.NDArray[np.bool_]
    ahead: Instants
    state: npt.NDArray[np.int8]
    outcome: npt.NDArray[np.int8]
    judged: npt.NDArray[np.bool_]
    followed: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, log: DealLog, protocol: Protocol) -> Trial:
        """Lay out the rows of `protocol` in `log`."""
        landmarks = midnights(
            start=protocol.cutoff,
            stop=protocol.until + timedelta(days=protocol.horizon),
            every=protocol.every,
            zone=log.zone,
        )
        # Test landmarks count even past the log's end, which may lie just before the last of them;
        # those that only tell where the swing went must have been seen.
        until = to_instant(protocol.until, zone=log.zone)
        rows = open_rows(log, landmarks=landmarks[(landmarks < until) | (landmarks <= log.end)])
        ahead = add_days(rows.at, protocol.horizon, zone=log.zone)
        outcome = log.deals.outcome[rows.deal]
        test = rows.at < until
        followed = test & (add_days(rows.at, FINAL_DAYS, zone=log.zone) <= log.end)
        state = states(log, rows, until=ahead)
        return cls(rows, test, ahead, state, outcome, followed & (outcome != Outcome.OPEN), followed)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which rows of the test have a known state at the horizon."""
        return self.test & (self.state >= 0)
