"""Tables of governance."""

from foresail.governance.models.audit import AuditRow, Leaving, PersonKey, Verification
from foresail.governance.models.collecting import (
    ConsentEntry,
    ConsentWording,
    GateCount,
    Guardian,
    ProposedBoundary,
)

__all__ = [
    "AuditRow",
    "ConsentEntry",
    "ConsentWording",
    "GateCount",
    "Guardian",
    "Leaving",
    "PersonKey",
    "ProposedBoundary",
    "Verification",
]
