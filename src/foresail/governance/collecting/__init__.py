"""What may be collected: the rules, and what they make of a signal. Pure: no table, no clock."""

from foresail.governance.collecting.boundary import (
    BASES,
    LONGEST_DAYS,
    PURPOSES,
    Basis,
    Boundary,
    Passed,
    Purpose,
    Reason,
    Rule,
    Treatment,
    boundary_kept,
    boundary_of,
)
from foresail.governance.collecting.presets import PRESETS, Preset
from foresail.governance.collecting.sources import (
    Field,
    Source,
    masked,
    register,
    source_of,
    sources,
    spelled,
)
from foresail.governance.collecting.standing import Said, holds

__all__ = [
    "BASES",
    "LONGEST_DAYS",
    "PRESETS",
    "PURPOSES",
    "Basis",
    "Boundary",
    "Field",
    "Passed",
    "Preset",
    "Purpose",
    "Reason",
    "Rule",
    "Said",
    "Source",
    "Treatment",
    "boundary_kept",
    "boundary_of",
    "holds",
    "masked",
    "register",
    "source_of",
    "sources",
    "spelled",
]
