"""The other door: the library, what of it fits a deal and why, and what came of what was sent."""

from foresail.advice.queries.content import (
    Advised,
    Reason,
    SentRow,
    Tally,
    asset,
    assets,
    best_for,
    sent_in,
    tallies,
)
from foresail.advice.queries.results import Results, Side, results

__all__ = [
    "Advised",
    "Reason",
    "Results",
    "SentRow",
    "Side",
    "Tally",
    "asset",
    "assets",
    "best_for",
    "results",
    "sent_in",
    "tallies",
]
