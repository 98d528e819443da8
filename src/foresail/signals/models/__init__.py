"""Tables of signals. Only `services` writes them; migrations say how those of signals themselves are kept."""

from foresail.signals.models.files import FileBrought, Pseudonyms
from foresail.signals.models.intake import IntakeKey, Seen, Signal, Visitor
from foresail.signals.models.interest import Daily, Evidence, Fresh, Interest, KindWeight, Month, Tie, Topic
from foresail.signals.models.links import TrackedLink

__all__ = [
    "Daily",
    "Evidence",
    "FileBrought",
    "Fresh",
    "IntakeKey",
    "Interest",
    "KindWeight",
    "Month",
    "Pseudonyms",
    "Seen",
    "Signal",
    "Tie",
    "Topic",
    "TrackedLink",
    "Visitor",
]
