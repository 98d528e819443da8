"""Tables of signals. Only `services` writes them; migrations say how those of signals themselves are kept."""

from foresail.signals.models.intake import IntakeKey, Seen, Signal, Visitor
from foresail.signals.models.interest import Daily, Evidence, Fresh, Interest, KindWeight, Month, Tie, Topic

__all__ = [
    "Daily",
    "Evidence",
    "Fresh",
    "IntakeKey",
    "Interest",
    "KindWeight",
    "Month",
    "Seen",
    "Signal",
    "Tie",
    "Topic",
    "Visitor",
]
