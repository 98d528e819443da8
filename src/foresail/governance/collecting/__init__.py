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
from foresail.governance.collecting.standing import CONTACT, Said, Standing, contact_subject, holds, standing

__all__ = [
    "BASES",
    "CONTACT",
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
    "Standing",
    "Treatment",
    "boundary_kept",
    "boundary_of",
    "contact_subject",
    "holds",
    "masked",
    "register",
    "source_of",
    "sources",
    "spelled",
    "standing",
]
