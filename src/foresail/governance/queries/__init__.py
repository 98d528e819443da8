"""The other door: read the audit trail, and prove that nobody has changed it."""

from foresail.governance.chain import GENESIS, Head
from foresail.governance.queries.entries import Entry, Unreadable, of_actor, trail
from foresail.governance.queries.reading import ITSELF, Audited, Filter, audit, audit_whole
from foresail.governance.queries.verification import Break, Verdict, head, verify
from foresail.governance.queries.verifications import last_ended, last_head, last_verification

__all__ = [
    "GENESIS", "ITSELF", "Audited", "Break", "Entry", "Filter", "Head", "Unreadable", "Verdict", "audit",
    "audit_whole", "head", "last_ended", "last_head", "last_verification", "of_actor", "trail", "verify",
]  # fmt: skip
