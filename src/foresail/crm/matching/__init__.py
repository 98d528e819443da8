"""Which records are of the same customer: tables in, pairs out. No labels, no Django, no database of ours, no network."""

from foresail.crm.matching.finding import Model, Pair, find, learn, weigh
from foresail.crm.matching.kinds import SPECS, keys_of, row_of
from foresail.crm.matching.reasons import Reason, reasons_of
from foresail.crm.matching.spec import LIKELY, Comparison, Level, Spec

__all__ = [
    "LIKELY",
    "SPECS",
    "Comparison",
    "Level",
    "Model",
    "Pair",
    "Reason",
    "Spec",
    "find",
    "keys_of",
    "learn",
    "reasons_of",
    "row_of",
    "weigh",
]
