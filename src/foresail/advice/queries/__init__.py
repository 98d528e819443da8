"""The other door: what is suggested and by which triggers; the library, what of it fits a deal, and what came of it."""

from foresail.advice.past import STEPS
from foresail.advice.queries.content import SentRow, Tally, asset, assets, sent_in, tallies
from foresail.advice.queries.fitting import Advised, Reason, best_for
from foresail.advice.queries.results import Results, Side, results
from foresail.advice.queries.suggestions import (
    Grouped,
    OfSeller,
    Shown,
    Today,
    of_account,
    of_deal,
    shown,
    today,
)
from foresail.advice.queries.trials import Trial, try_trigger
from foresail.advice.queries.triggers import Share, shares, trigger, triggers

__all__ = [
    "STEPS",
    "Advised",
    "Grouped",
    "OfSeller",
    "Reason",
    "Results",
    "SentRow",
    "Share",
    "Shown",
    "Side",
    "Tally",
    "Today",
    "Trial",
    "asset",
    "assets",
    "best_for",
    "of_account",
    "of_deal",
    "results",
    "sent_in",
    "shares",
    "shown",
    "tallies",
    "today",
    "trigger",
    "triggers",
    "try_trigger",
]
