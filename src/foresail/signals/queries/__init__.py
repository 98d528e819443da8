"""The other door: what came in, and what accounts are interested in, for who may see that."""

from foresail.signals.queries.interest import (
    AccountInterest,
    Contribution,
    Explanation,
    HeatMap,
    HeatRow,
    TopicInterest,
    explain_interest,
    heat_by_day,
    heat_by_topic,
    interest_in,
)
from foresail.signals.queries.keys import Received, intake_key, intake_keys, latest

__all__ = [
    "AccountInterest",
    "Contribution",
    "Explanation",
    "HeatMap",
    "HeatRow",
    "Received",
    "TopicInterest",
    "explain_interest",
    "heat_by_day",
    "heat_by_topic",
    "intake_key",
    "intake_keys",
    "interest_in",
    "latest",
]
