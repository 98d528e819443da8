"""The other door: what came in, and what accounts are interested in, for who may see that."""

from foresail.signals.queries.files import rows_shown, signal_file, signal_files, wrong_rows
from foresail.signals.queries.heat import (
    HeatMap,
    HeatRow,
    collected_since,
    heat_by_day,
    heat_by_topic,
    refused_accounts,
)
from foresail.signals.queries.interest import (
    AccountInterest,
    Contribution,
    Explanation,
    TopicInterest,
    explain_interest,
    interest_in,
    interest_of,
    last_signals,
)
from foresail.signals.queries.keys import Received, intake_key, intake_keys, latest
from foresail.signals.queries.links import Opening, openings
from foresail.signals.queries.topics import (
    PageRead,
    Suggestion,
    Trial,
    kept_weights,
    suggest_topics,
    topic,
    topics,
    try_topic,
    words_of,
)

__all__ = [
    "AccountInterest",
    "Contribution",
    "Explanation",
    "HeatMap",
    "HeatRow",
    "Opening",
    "PageRead",
    "Received",
    "Suggestion",
    "TopicInterest",
    "Trial",
    "collected_since",
    "explain_interest",
    "heat_by_day",
    "heat_by_topic",
    "intake_key",
    "intake_keys",
    "interest_in",
    "interest_of",
    "kept_weights",
    "last_signals",
    "latest",
    "openings",
    "refused_accounts",
    "rows_shown",
    "signal_file",
    "signal_files",
    "suggest_topics",
    "topic",
    "topics",
    "try_topic",
    "words_of",
    "wrong_rows",
]
